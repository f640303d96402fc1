/* web/admin_register.c - keeping a register: its entries, and the forms that put and end one.
 *
 * The form is made from the register's fields, as an act's is from the act's; what it sends goes
 * through the desk like everything else, which asks again whether its sender keeps the
 * register. */
#include "account/secret.h"
#include "projection/register_read.h"
#include "web/admin.h"
#include "web/door.h"
#include "web/form.h"
#include "web/route.h"
#include "web/work.h"

#define KEY_BYTES 18u
#define BASE      "/work/admin/registers/"

struct keeping {
        struct visit *visit;
        const struct reg *reg;
        struct str url, entry, key; /* of the register; the entry's key; of idempotency */
        int64_t stands;             /* the event that wrote the entry; SUBMISSION_NONE_SEEN */
        struct version version;     /* the register's fields, as a form wants them */
        struct act act;
        struct matter *matter; /* what the entry has now, likewise; NULL: a new one */
        struct form form;
        struct submission submission;
        struct desk_answer answer;
};

/* ---- A register as a form sees it ---- */

static size_t key_index(const struct reg *reg)
{
        size_t i = 0;
        while (i < reg->n_fields && !str_eq(reg->fields[i].name, reg->key))
                i++;
        return i;
}

/* One whose definition names no field for the key gets one. */
static void make_fields(struct keeping *k)
{
        static const struct field key_field = {
                .label = { "编号", sizeof("编号") - 1 }, .type = FIELD_TEXT, .max_length = 100
        };
        static const struct field until_field = { .name = { "$until", 6 },
                .label = { "最后一日（不填为长期）", sizeof("最后一日（不填为长期）") - 1 },
                .type = FIELD_DATE };
        static const struct field from_field = { .name = { "$from", 5 },
                .label = { "自何日起（不填为今天）", sizeof("自何日起（不填为今天）") - 1 },
                .type = FIELD_DATE };
        const struct reg *reg = k->reg;
        struct arena *arena = k->visit->arena;
        struct field *fields = arena_new_array(arena, reg->n_fields + 3, struct field);
        size_t *takes = arena_new_array(arena, reg->n_fields + 3, size_t);
        size_t *needs = arena_new(arena, size_t);
        size_t n = 0, key = key_index(reg);
        for (; n < reg->n_fields; n++)
                fields[n] = reg->fields[n];
        if (key == reg->n_fields) {
                fields[n] = key_field;
                fields[n++].name = reg->key;
        }
        fields[n++] = from_field;
        fields[n++] = until_field;
        *needs = key;
        for (size_t i = 0; i < n; i++)
                if (i != key && fields[i].type != FIELD_ANY)
                        takes[k->act.n_takes++] = i;
        k->version.fields = fields;
        k->version.n_fields = n;
        k->act.name = STR_LIT("put");
        k->act.label = STR_LIT("登记");
        k->act.needs = needs;
        k->act.n_needs = 1;
        k->act.takes = takes;
}

/* Which event the form that is now made knows of. */
static bool read_stands(struct keeping *k, struct err *err)
{
        struct visit *visit = k->visit;
        const struct register_row *rows;
        size_t n;
        k->stands = SUBMISSION_NONE_SEEN;
        if (!register_history(visit->arena, visit->snapshot, visit->catalogue, k->reg->name,
                            k->entry, &rows, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if ((date_is_none(rows[i].until) || date_cmp(visit->today, rows[i].until) < 0) &&
                                rows[i].id > k->stands)
                        k->stands = rows[i].id;
        return true;
}

static bool read_entry(struct keeping *k, struct err *err)
{
        struct visit *visit = k->visit;
        struct value entry;
        bool found;
        if (!read_stands(k, err))
                return false;
        if (k->entry.n == 0)
                return true;
        if (!register_entry(visit->arena, visit->snapshot, visit->catalogue, k->reg->name, k->entry,
                            visit->today, &entry, &found, err))
                return false;
        if (!found)
                return err_set(err, E_NOT_FOUND, "%s", "");
        k->matter = arena_new(visit->arena, struct matter);
        k->matter->version = &k->version;
        k->matter->fields = arena_new_array(visit->arena, k->version.n_fields, struct value);
        for (size_t i = 0; i < k->version.n_fields; i++) {
                const struct value *value = value_get(&entry, k->version.fields[i].name);
                if (value != NULL)
                        k->matter->fields[i] = *value;
        }
        return true;
}

/* A register that the viewer does not keep is answered as none. */
static bool open_register(struct keeping *k, struct visit *visit, struct err *err)
{
        *k = (struct keeping){ .visit = visit,
                .reg = catalogue_register(visit->catalogue, visit->parts[0]) };
        if (!admin_keeps(visit, k->reg))
                return err_set(err, E_NOT_FOUND, "%s", "");
        k->url = visit_url(visit, BASE, k->reg->name);
        make_fields(k);
        return true;
}

static struct str entry_url(struct keeping *k, struct str key)
{
        struct buf url = BUF(k->visit->arena);
        buf_str_add(&url, k->url);
        buf_c(&url, "/entry");
        visit_query(&url, "key", key);
        return buf_str(&url);
}

/* ---- The entries ---- */

static struct str entry_name(const struct register_row *row)
{
        const struct value *name = value_get(&row->entry, STR_LIT("name"));
        return name != NULL && name->kind == VALUE_STRING ? name->string : STR_LIT("");
}

static struct value row_view(struct keeping *k, const struct register_row *row)
{
        struct view view = VIEW(k->visit->arena);
        view_text(&view, "no", row->key);
        view_text(&view, "url", entry_url(k, row->key));
        view_text(&view, "name", entry_name(row));
        view_text(&view, "from", date_format(k->visit->arena, row->from));
        view_text(&view, "until",
                        date_is_none(row->until) ? STR_LIT("长期")
                                                 : date_format(k->visit->arena,
                                                                   date_add_days(row->until, -1)));
        return view_end(&view);
}

bool admin_register_show(struct visit *visit, struct err *err)
{
        struct keeping k;
        struct view view = VIEW(visit->arena);
        struct view_list list = VIEW_LIST(visit->arena);
        const struct register_row *rows;
        size_t n;
        if (!open_register(&k, visit, err) ||
                        !register_rows(visit->arena, visit->snapshot, visit->catalogue, k.reg->name,
                                        visit->today, visit_field(visit, "after"),
                                        VISIT_PAGE_ROWS + 1, &rows, &n, err))
                return false;
        struct page page = admin_begin(visit, "work-register", k.reg->label);
        page_crumb(&page, page.title, STR_LIT(""));
        for (size_t i = 0; i < n && i < VISIT_PAGE_ROWS; i++)
                view_add(&list, row_view(&k, &rows[i]));
        view_text(&view, "label", k.reg->label);
        view_text(&view, "new_url", entry_url(&k, STR_LIT("")));
        view_put(&view, "rows", view_list_end(&list));
        if (n > VISIT_PAGE_ROWS) {
                struct buf next = BUF(visit->arena);
                buf_str_add(&next, k.url);
                visit_query(&next, "after", rows[VISIT_PAGE_ROWS - 1].key);
                view_text(&view, "next_url", buf_str(&next));
        }
        view_put(&page.view, "kept", view_end(&view));
        return page_send(&page, err);
}

/* ---- The form ---- */

static bool send_form(struct keeping *k, int status, struct err *err)
{
        struct visit *visit = k->visit;
        struct page page = admin_begin(visit, "work-entry", k->reg->label);
        struct view view = VIEW(visit->arena);
        struct value form;
        if (!form_view(&k->form, &form, err))
                return false;
        page_crumb(&page, k->reg->label, k->url);
        page_crumb(&page, k->entry.n != 0 ? k->entry : STR_LIT("新的一条"), STR_LIT(""));
        view_text(&view, "label", k->reg->label);
        visit_carry(visit, &view, "key", k->key);
        view_int(&view, "seen", k->stands);
        view_text(&view, "action", entry_url(k, k->entry));
        view_text(&view, "back_url", k->url);
        if (k->entry.n != 0) {
                view_text(&view, "no", k->entry);
                view_text(&view, "end_url", str_format(visit->arena, "%.*s/end", STR_FMT(k->url)));
        }
        view_put(&page.view, "kept", view_end(&view));
        view_put(&page.view, "form", form);
        view_yes(&page.view, "forged", visit->is_forged);
        if (!page_send(&page, err))
                return false;
        visit->answer->status = status;
        return true;
}

bool admin_entry_show(struct visit *visit, struct err *err)
{
        struct keeping k;
        if (!open_register(&k, visit, err))
                return false;
        k.entry = visit_field(visit, "key");
        if (!read_entry(&k, err) || !secret_text(visit->arena, KEY_BYTES, &k.key, err))
                return false;
        k.form = form_new(visit, &k.version, &k.act, k.matter, NULL);
        return send_form(&k, 200, err);
}

/* ---- The desk ---- */

static bool entry_done(struct visit *visit, void *user, struct err *err)
{
        struct keeping *k = user;
        const struct err *why = &k->answer.err;
        if (k->answer.done) {
                visit_go(visit, k->url);
                return true;
        }
        enum err_kind kind = err_text(why->code)->kind;
        if (kind == ERR_BROKEN || kind == ERR_BUSY || k->act.n_takes == 0) {
                *err = *why;
                return false;
        }
        form_add_refusal(&k->form, why);
        /* A new one whose key is taken is not the taken one: it stays refused. */
        return (k->entry.n == 0 || read_stands(k, err)) && send_form(k, http_status(why), err);
}

static bool submit(struct keeping *k, struct door *door)
{
        k->submission.reg = k->reg->name;
        k->submission.by = BY_STAFF;
        k->submission.actor = k->visit->viewer.actor.id;
        k->submission.key = k->key;
        return door_submit(door, k->visit, &k->submission, &k->answer, entry_done, k);
}

/* Under another key it is another entry, of which there should be none. */
static int64_t seen_of(struct keeping *k)
{
        const struct value *key = value_get(&k->form.given, k->reg->key);
        int64_t seen;
        if (!str_to_int(visit_posted(k->visit, "seen"), &seen) || key == NULL ||
                        key->kind != VALUE_STRING)
                return 0;
        return str_eq(key->string, k->entry) ? seen : SUBMISSION_NONE_SEEN;
}

bool admin_entry_do(struct visit *visit, struct door *door, struct err *err)
{
        struct keeping *k = arena_new(visit->arena, struct keeping);
        if (!open_register(k, visit, err))
                return false;
        k->entry = visit_field(visit, "key");
        k->key = visit_posted(visit, "key");
        if (!read_entry(k, err) ||
                        (k->key.n != KEY_BYTES / 3 * 4 &&
                                        !secret_text(visit->arena, KEY_BYTES, &k->key, err)))
                return false;
        bool pressed = form_press(visit, visit_posted(visit, "do"));
        k->form = form_new(visit, &k->version, &k->act, k->matter, &visit->posted);
        if (pressed)
                return send_form(k, visit->is_forged ? 403 : 200, err);
        k->form.is_whole = true;
        form_read(&k->form);
        if (visit->is_forged || k->form.n_problems != 0)
                return send_form(k, visit->is_forged ? 403 : 422, err);
        k->submission.act = STR_LIT("put");
        k->submission.fields = k->form.given;
        k->submission.seen = seen_of(k);
        return submit(k, door);
}

/* Ends one: `no` the entry, `day` the first day it no longer holds. */
bool admin_entry_end(struct visit *visit, struct door *door, struct err *err)
{
        struct keeping *k = arena_new(visit->arena, struct keeping);
        struct member *members = arena_new_array(visit->arena, 2, struct member);
        struct str day = visit_posted(visit, "day");
        size_t n = 0;
        if (!open_register(k, visit, err))
                return false;
        if (visit->is_forged)
                return err_set(err, E_FORM_TOKEN, "%s", "");
        k->key = visit_posted(visit, "key");
        if (day.n != 0)
                members[n++] = (struct member){ STR_LIT("$end"), value_string(day) };
        members[n++] = (struct member){ k->reg->key, value_string(visit_posted(visit, "no")) };
        k->act.n_takes = 0; /* there is no form to come back to */
        k->submission.act = STR_LIT("end");
        k->submission.fields = value_context(members, n);
        return submit(k, door);
}
