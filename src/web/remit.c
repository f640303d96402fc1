#include "web/remit.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "ledger/hash.h"
#include "projection/register_read.h"

#define SLOTS      256u
#define TEXT_BYTES (64u << 10) /* longer ones are worked out each time */

/* ---- What was worked out before ---- */

struct remits {
        pthread_mutex_t mutex;
        struct kept {
                struct hash key;
                char *text; /* NULL: nothing is kept here */
                size_t n;
        } slots[SLOTS];
};

struct remits *remits_open(void)
{
        struct remits *remits = calloc(1, sizeof(*remits));
        if (remits == NULL)
                abort();
        pthread_mutex_init(&remits->mutex, NULL);
        return remits;
}

void remits_close(struct remits **closing)
{
        struct remits *remits = *closing;
        if (remits == NULL)
                return;
        *closing = NULL;
        for (size_t i = 0; i < SLOTS; i++)
                free(remits->slots[i].text);
        pthread_mutex_destroy(&remits->mutex);
        free(remits);
}

static struct kept *slot_of(struct remits *remits, const struct hash *key)
{
        uint32_t at;
        memcpy(&at, key->b, sizeof(at));
        return &remits->slots[at % SLOTS];
}

bool remits_find(struct remits *remits, struct arena *arena, struct str key, struct str *ret)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, key);
        pthread_mutex_lock(&remits->mutex);
        const struct kept *slot = slot_of(remits, &hash);
        bool found = slot->text != NULL && memcmp(slot->key.b, hash.b, HASH_BYTES) == 0;
        if (found)
                *ret = str_copy(arena, (struct str){ slot->text, slot->n });
        pthread_mutex_unlock(&remits->mutex);
        return found;
}

void remits_note(struct remits *remits, struct str key, struct str text)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, key);
        char *copy = text.n != 0 && text.n <= TEXT_BYTES ? malloc(text.n) : NULL;
        if (copy == NULL)
                return;
        memcpy(copy, text.p, text.n);
        pthread_mutex_lock(&remits->mutex);
        struct kept *slot = slot_of(remits, &hash);
        free(slot->text);
        *slot = (struct kept){ hash, copy, text.n };
        pthread_mutex_unlock(&remits->mutex);
}

/* The definitions held in memory follow the ledger a moment later; each set keeps its own address
 * for good. */
bool remit_key(struct visit *visit, struct str about, struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret = STR_LIT("");
        if (!snapshot_rows(visit->snapshot, Q_LEDGER_MARK, PARAMS(param_int(0)), &rows, err))
                return false;
        if (rows_next(&rows) && !str_is(rows_text(&rows, 1), "1"))
                *ret = str_format(visit->arena, "%lld %d %p %.*s", (long long)rows_int(&rows, 0),
                                visit->today.day, (const void *)visit->catalogue, STR_FMT(about));
        return rows_end(&rows, err);
}

/* ---- Working it out ---- */

/* Who holds many posts has few different ones, in few different units: each is looked up once. */
struct known_role {
        struct str role;
        const struct procedure **procedures; /* in which it does something */
        size_t n;
};

struct known_unit {
        struct str unit;
        const struct str *units; /* it and those below it */
        size_t n;
};

struct remit {
        struct visit *visit;
        struct str *pairs; /* "procedure|unit", some more than once */
        size_t n;
        struct known_role *roles;
        size_t n_roles;
        struct known_unit *units;
        size_t n_units;
        struct err *err;
};

static bool has_role(const struct procedure *procedure, struct str role)
{
        for (size_t v = 0; v < procedure->n_versions; v++) {
                const struct version *version = procedure->versions[v];
                for (size_t i = 0; i < version->n_acts; i++)
                        for (size_t k = 0; k < version->acts[i].n_roles; k++)
                                if (str_eq(version->acts[i].roles[k], role))
                                        return true;
        }
        return false;
}

static const struct known_role *role_of(struct remit *remit, struct str role)
{
        struct arena *arena = remit->visit->arena;
        const struct catalogue *catalogue = remit->visit->catalogue;
        for (size_t i = 0; i < remit->n_roles; i++)
                if (str_eq(remit->roles[i].role, role))
                        return &remit->roles[i];
        struct known_role known = { .role = role,
                .procedures = arena_new_array(
                                arena, catalogue->n_procedures, const struct procedure *) };
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                if (has_role(catalogue->procedures[i], role))
                        known.procedures[known.n++] = catalogue->procedures[i];
        remit->roles = arena_grow(arena, remit->roles, remit->n_roles, 1, sizeof(known));
        remit->roles[remit->n_roles] = known;
        return &remit->roles[remit->n_roles++];
}

static bool unit_of(struct remit *remit, struct str unit, const struct known_unit **ret)
{
        struct visit *visit = remit->visit;
        struct known_unit known = { .unit = unit };
        struct str json;
        for (size_t i = 0; i < remit->n_units; i++)
                if (str_eq(remit->units[i].unit, unit)) {
                        *ret = &remit->units[i];
                        return true;
                }
        if (!world_units(visit->arena, visit->snapshot, unit, visit->today, &json, &known.units,
                            &known.n, remit->err))
                return false;
        remit->units = arena_grow(visit->arena, remit->units, remit->n_units, 1, sizeof(known));
        remit->units[remit->n_units] = known;
        *ret = &remit->units[remit->n_units++];
        return true;
}

/* All procedures in which the role does something, in the unit and those below it. */
static bool add_role(struct remit *remit, struct str role, struct str unit)
{
        const struct known_role *known = role_of(remit, role);
        const struct known_unit *where;
        if (known->n == 0)
                return true;
        if (!unit_of(remit, unit, &where))
                return false;
        remit->pairs = arena_grow(remit->visit->arena, remit->pairs, remit->n, known->n * where->n,
                        sizeof(*remit->pairs));
        for (size_t i = 0; i < known->n; i++)
                for (size_t u = 0; u < where->n; u++)
                        remit->pairs[remit->n++] = str_format(remit->visit->arena, "%.*s|%.*s",
                                        STR_FMT(known->procedures[i]->name),
                                        STR_FMT(where->units[u]));
        return true;
}

static struct str text_of(const struct value *context, const char *name)
{
        const struct value *value = value_get(context, str_of(name));
        return value != NULL && value->kind == VALUE_STRING ? value->string : STR_LIT("");
}

bool remit_is_in_force(const struct value *grant, struct date today)
{
        const struct value *from = value_get(grant, STR_LIT("from"));
        const struct value *until = value_get(grant, STR_LIT("until"));
        return (from == NULL || from->kind != VALUE_DATE || date_cmp(from->date, today) <= 0) &&
               (until == NULL || until->kind != VALUE_DATE || date_cmp(today, until->date) <= 0);
}

/* Of an entry of `staff`; `only`: no other role; `within`: instead of the entry's own units
 * (both of a delegation; empty = all). What is too much here is refused again where an act is
 * done: there each role is asked for one by one. */
static bool add_entry(
                struct remit *remit, const struct value *entry, struct str only, struct str within)
{
        const struct value *roles = value_get(entry, STR_LIT("roles"));
        const struct value *grants = value_get(entry, STR_LIT("grants"));
        struct str unit = text_of(entry, "unit");
        for (size_t i = 0; roles != NULL && roles->kind == VALUE_LIST && i < roles->list.n; i++) {
                const struct value *role = &roles->list.items[i];
                if (role->kind == VALUE_STRING && (only.n == 0 || str_eq(only, role->string)) &&
                                !add_role(remit, role->string, within.n != 0 ? within : unit))
                        return false;
        }
        for (size_t i = 0; grants != NULL && grants->kind == VALUE_LIST && i < grants->list.n;
                        i++) {
                const struct value *grant = &grants->list.items[i];
                struct str role = text_of(grant, "role");
                if (remit_is_in_force(grant, remit->visit->today) &&
                                (only.n == 0 || str_eq(only, role)) &&
                                !add_role(remit, role,
                                                within.n != 0 ? within : text_of(grant, "unit")))
                        return false;
        }
        return true;
}

static bool add_delegations(struct remit *remit, struct str staff)
{
        struct visit *visit = remit->visit;
        const struct register_row *rows;
        struct str after = STR_LIT("");
        size_t n;
        do {
                if (!register_rows(visit->arena, visit->snapshot, visit->catalogue,
                                    STR_LIT("delegations"), visit->today, after, LIMIT_PAGE_ROWS,
                                    &rows, &n, remit->err))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        struct value entry;
                        bool found;
                        after = rows[i].key;
                        if (!str_eq(text_of(&rows[i].entry, "to_staff"), staff))
                                continue;
                        if (!world_entry(&visit->world, visit->arena, STR_LIT("staff"),
                                            text_of(&rows[i].entry, "from_staff"), visit->today,
                                            &entry, &found, remit->err))
                                return false;
                        if (found && !add_entry(remit, &entry, text_of(&rows[i].entry, "role"),
                                                     text_of(&rows[i].entry, "unit")))
                                return false;
                }
        } while (n == LIMIT_PAGE_ROWS);
        return true;
}

static int compare(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Each pair once: the database looks through them for every row. */
static struct str remit_text(struct remit *remit)
{
        struct buf json = BUF(remit->visit->arena);
        if (remit->n != 0)
                qsort(remit->pairs, remit->n, sizeof(*remit->pairs), compare);
        buf_char(&json, '[');
        for (size_t i = 0; i < remit->n; i++) {
                if (i != 0 && str_eq(remit->pairs[i], remit->pairs[i - 1]))
                        continue;
                buf_c(&json, i == 0 ? "" : ",");
                value_write_json_string(&json, remit->pairs[i]);
        }
        buf_char(&json, ']');
        return buf_str(&json);
}

bool remit_of(struct visit *visit, struct str staff, const struct value *entry, struct str *ret,
                struct err *err)
{
        struct remits *remits = visit->portal->remits;
        struct remit remit = { .visit = visit, .err = err };
        struct str key;
        if (!remit_key(visit, staff, &key, err))
                return false;
        if (key.n != 0 && remits_find(remits, visit->arena, key, ret))
                return true;
        if (!add_entry(&remit, entry, STR_LIT(""), STR_LIT("")) || !add_delegations(&remit, staff))
                return false;
        *ret = remit_text(&remit);
        if (key.n != 0)
                remits_note(remits, key, *ret);
        return true;
}
