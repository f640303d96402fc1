#include "web/holders.h"

#include "base/limits.h"
#include "projection/entries.h"
#include "projection/register_read.h"
#include "web/remit.h"

#define LINE_MAX_UNITS 32u  /* units above each other */
#define PEOPLE_MAX     400u /* of one post that are counted */

struct holders {
        struct visit *visit;
        struct str line[LINE_MAX_UNITS]; /* the unit, the one above it, ... */
        size_t n_line;
        struct buf text;
};

static bool covers(const struct holders *h, struct str unit)
{
        for (size_t i = 0; i < h->n_line; i++)
                if (str_eq(h->line[i], unit))
                        return true;
        return false;
}

static bool climb(struct holders *h, struct str unit, struct err *err)
{
        while (unit.n != 0 && h->n_line < LINE_MAX_UNITS && !covers(h, unit)) {
                struct value entry;
                bool found;
                h->line[h->n_line++] = unit;
                if (!world_entry(&h->visit->world, h->visit->arena, STR_LIT("units"), unit,
                                    h->visit->today, &entry, &found, err))
                        return false;
                unit = found ? entry_text(&entry, "parent") : STR_LIT("");
        }
        return true;
}

static void add_line(struct holders *h, struct str role, struct str id, struct str name)
{
        buf_format(&h->text, "%.*s\t%.*s\t%.*s\n", STR_FMT(role), STR_FMT(id), STR_FMT(name));
}

/* The posts of an entry of `staff`, as those of the person `id`; `only`: no other (empty = all). */
static void add_posts(struct holders *h, const struct value *entry, struct str only, struct str id,
                struct str name)
{
        const struct value *roles = value_get(entry, STR_LIT("roles"));
        const struct value *grants = value_get(entry, STR_LIT("grants"));
        bool here = covers(h, entry_text(entry, "unit"));
        for (size_t i = 0; here && roles != NULL && roles->kind == VALUE_LIST && i < roles->list.n;
                        i++)
                if (roles->list.items[i].kind == VALUE_STRING &&
                                (only.n == 0 || str_eq(only, roles->list.items[i].string)))
                        add_line(h, roles->list.items[i].string, id, name);
        for (size_t i = 0; grants != NULL && grants->kind == VALUE_LIST && i < grants->list.n;
                        i++) {
                const struct value *grant = &grants->list.items[i];
                struct str role = entry_text(grant, "role");
                if (grant->kind == VALUE_CONTEXT && remit_is_in_force(grant, h->visit->today) &&
                                (only.n == 0 || str_eq(only, role)) &&
                                covers(h, entry_text(grant, "unit")))
                        add_line(h, role, id, name);
        }
}

static bool add_staff(struct holders *h, const struct register_row *row, struct err *err)
{
        (void)err;
        add_posts(h, &row->entry, STR_LIT(""), row->key, entry_text(&row->entry, "name"));
        return true;
}

static bool add_delegation(struct holders *h, const struct register_row *row, struct err *err)
{
        struct visit *visit = h->visit;
        struct str to = entry_text(&row->entry, "to_staff"), unit = entry_text(&row->entry, "unit");
        struct value from, whom;
        bool found, known;
        if (unit.n != 0 && !covers(h, unit))
                return true;
        if (!world_entry(&visit->world, visit->arena, STR_LIT("staff"),
                            entry_text(&row->entry, "from_staff"), visit->today, &from, &found,
                            err) ||
                        !world_entry(&visit->world, visit->arena, STR_LIT("staff"), to,
                                        visit->today, &whom, &known, err))
                return false;
        if (found && known)
                add_posts(h, &from, entry_text(&row->entry, "role"), to, entry_text(&whom, "name"));
        return true;
}

static bool each_entry(struct holders *h, const char *reg,
                bool (*add)(struct holders *h, const struct register_row *row, struct err *err),
                struct err *err)
{
        struct visit *visit = h->visit;
        const struct register_row *rows;
        struct str after = STR_LIT("");
        size_t n;
        if (catalogue_register(visit->catalogue, str_of(reg)) == NULL)
                return true;
        do {
                if (!register_rows(visit->arena, visit->snapshot, visit->catalogue, str_of(reg),
                                    visit->today, after, LIMIT_PAGE_ROWS, &rows, &n, err))
                        return false;
                for (size_t i = 0; i < n; i++)
                        if (!add(h, &rows[i], err))
                                return false;
                if (n != 0)
                        after = rows[n - 1].key;
        } while (n == LIMIT_PAGE_ROWS);
        return true;
}

bool holders_read(struct visit *visit, struct str unit, struct str *ret, struct err *err)
{
        struct remits *kept = visit->portal->remits;
        struct holders h = { .visit = visit, .text = BUF(visit->arena) };
        struct str key;
        if (!remit_key(visit, str_format(visit->arena, "holders of %.*s", STR_FMT(unit)), &key,
                            err))
                return false;
        if (key.n != 0 && remits_find(kept, visit->arena, key, ret))
                return true;
        if (!climb(&h, unit, err) || !each_entry(&h, "staff", add_staff, err) ||
                        !each_entry(&h, "delegations", add_delegation, err))
                return false;
        *ret = buf_str(&h.text);
        if (key.n != 0)
                remits_note(kept, key, *ret);
        return true;
}

/* ---- Of an act ---- */

static bool is_out(struct visit *visit, const struct matter *matter, const struct act *act,
                struct str id)
{
        const struct lookups *lookups = &visit->world.lookups;
        const struct actor actor = { .id = id, .is_staff = true };
        for (size_t i = 0; i < matter->n_recused; i++)
                if (str_eq(matter->recused[i], id))
                        return true;
        for (size_t i = 0; i < matter->n_deeds; i++)
                for (size_t k = 0; k < act->n_differs_from; k++)
                        if (matter->deeds[i].act == act->differs_from[k] &&
                                        str_eq(matter->deeds[i].actor, id))
                                return true;
        return lookups->is_recused != NULL &&
               lookups->is_recused(lookups->user, &actor, matter, visit->today);
}

static bool is_of(const struct act *act, struct str role)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (str_eq(act->roles[i], role))
                        return true;
        return false;
}

static bool is_known(const struct str *ids, size_t n, struct str id)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(ids[i], id))
                        return true;
        return false;
}

struct str holders_names(struct visit *visit, struct str holders, const struct matter *matter,
                const struct act *act)
{
        struct str ids[PEOPLE_MAX], rest = holders;
        struct buf buf = BUF(visit->arena);
        size_t n = 0;
        while (rest.n != 0 && n < PEOPLE_MAX) {
                struct str line = str_split(&rest, '\n');
                struct str role = str_split(&line, '\t'), id = str_split(&line, '\t');
                if (!is_of(act, role) || is_known(ids, n, id) || is_out(visit, matter, act, id))
                        continue;
                if (n < HOLDERS_NAMED)
                        buf_format(&buf, "%s%.*s", n == 0 ? "" : "、", STR_FMT(line));
                ids[n++] = id;
        }
        if (n > HOLDERS_NAMED)
                buf_format(&buf, "等 %zu 人", n);
        return buf_str(&buf);
}
