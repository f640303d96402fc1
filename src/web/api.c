/* web/api.c - acts by programs: /api/matters, with a bearer token and an idempotency key.
 *
 * The same desk, the same checks: a program is a member of staff who sends JSON. The key is
 * asked for, because a program repeats what it got no answer to; If-Match names the newest event
 * that it knows of the matter, so that it does not act on what has changed meanwhile. */
#include "base/limits.h"
#include "web/disclosure.h"
#include "web/door.h"
#include "web/files.h"
#include "web/matter_view.h"
#include "web/route.h"

struct api_act {
        struct submission submission;
        struct desk_answer answer;
};

/* ---- What was sent ---- */

static bool take_key(struct visit *visit, struct str *ret, struct err *err)
{
        struct str key = http_header(visit->request, "Idempotency-Key");
        if (key.n >= 2 && key.p[0] == '"' && key.p[key.n - 1] == '"') /* a structured field */
                key = str_slice(key, 1, key.n - 1);
        if (key.n == 0 || key.n > LIMIT_KEY_BYTES - 40)
                return err_field(err, E_HTTP_FORM, STR_LIT("Idempotency-Key"),
                                "请给每次办理一个不重复的键，最多 %u 字节", LIMIT_KEY_BYTES - 40);
        /* Another program's keys are its own. */
        *ret = str_format(visit->arena, "api:%.*s:%.*s", STR_FMT(visit->viewer.actor.id),
                        STR_FMT(key));
        return ret->n <= LIMIT_KEY_BYTES ||
               err_field(err, E_HTTP_FORM, STR_LIT("Idempotency-Key"), "这个键太长");
}

/* If-Match: "POSITION"; none = whatever was done meanwhile. */
static bool take_seen(struct visit *visit, int64_t *ret, struct err *err)
{
        struct str match = str_trim(http_header(visit->request, "If-Match"));
        *ret = 0;
        if (match.n == 0)
                return true;
        if (match.n >= 2 && match.p[0] == '"' && match.p[match.n - 1] == '"' &&
                        str_to_int(str_slice(match, 1, match.n - 1), ret) && *ret > 0)
                return true;
        return err_field(err, E_HTTP_FORM, STR_LIT("If-Match"),
                        "应当是办件答复里的 ETag，例如 \"1024\"");
}

static bool take_body(struct visit *visit, struct value *ret, struct err *err)
{
        struct err why;
        if (!value_parse_json(visit->arena, visit->request->body, ret, &why) ||
                        ret->kind != VALUE_CONTEXT)
                return err_set(err, E_HTTP_FORM, "请求的内容不是 JSON 对象：%s", why.detail);
        return true;
}

/* A text of the body; empty = not there. */
static bool take_text(const struct value *body, const char *name, struct str *ret, struct err *err)
{
        const struct value *value = value_get(body, str_of(name));
        *ret = STR_LIT("");
        if (value == NULL || value_is_null(*value))
                return true;
        if (value->kind != VALUE_STRING)
                return err_field(err, E_HTTP_FORM, str_of(name), "应当是文字");
        *ret = value->string;
        return true;
}

static bool take_fields(const struct value *body, struct value *ret, struct err *err)
{
        const struct value *value = value_get(body, STR_LIT("fields"));
        *ret = value != NULL ? *value : value_context(NULL, 0);
        return ret->kind == VALUE_CONTEXT ||
               err_field(err, E_HTTP_FORM, STR_LIT("fields"), "应当是各字段组成的对象");
}

static bool has_only(const struct value *body, const char *const *names, struct err *err)
{
        for (size_t i = 0; i < body->context.n; i++) {
                size_t k = 0;
                while (names[k] != NULL && !str_is(body->context.members[i].name, names[k]))
                        k++;
                if (names[k] == NULL)
                        return err_field(err, E_HTTP_FORM, body->context.members[i].name,
                                        "不收这一项");
        }
        return true;
}

/* ---- Files: who knows a hash has no right to the file by that, nor to one that is uploaded later
 * and has that hash ---- */

struct naming {
        const struct version *version;
        const struct matter *matter; /* NULL: not begun yet */
};

/* Does the matter name it already, where its reader sees it? */
static bool has_file(const struct naming *n, struct str hex)
{
        for (size_t i = 0; n->matter != NULL && i < n->version->n_fields; i++)
                if (disclosure_sees(SIGHT_ALL, &n->version->fields[i]) &&
                                files_named(&n->version->fields[i], &n->matter->fields[i], hex))
                        return true;
        return false;
}

static bool may_name(const struct naming *n, const struct field *field, const struct value *value,
                struct err *err)
{
        if (field->type == FIELD_FILE)
                return value->kind != VALUE_STRING || str_trim(value->string).n == 0 ||
                       has_file(n, value->string) ||
                       err_field(err, E_FIELD_VALUE, field->label,
                                       "附件请在网页的表单里上传；程序只能写本办件已有的附件");
        for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.n; i++) {
                const struct value *row = &value->list.items[i];
                for (size_t k = 0; row->kind == VALUE_CONTEXT && k < field->n_items; k++) {
                        const struct value *cell = value_get(row, field->items[k].name);
                        if (cell != NULL && !may_name(n, &field->items[k], cell, err))
                                return false;
                }
        }
        return true;
}

static bool may_name_files(const struct naming *n, const struct value *fields, struct err *err)
{
        for (size_t i = 0; n->version != NULL && i < fields->context.n; i++) {
                int index = version_field(n->version, fields->context.members[i].name);
                if (index >= 0 && !may_name(n, &n->version->fields[index],
                                                  &fields->context.members[i].value, err))
                        return false;
        }
        return true;
}

/* ---- What is answered ---- */

static struct value lines_view(struct visit *visit, const struct receipt_line *lines, size_t n)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < n; i++) {
                struct view view = VIEW(visit->arena);
                view_text(&view, "name", lines[i].name);
                view_text(&view, "label", lines[i].label);
                view_text(&view, "text", lines[i].text);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static void send_json(struct visit *visit, const struct view *view, int64_t position)
{
        struct buf out = BUF(visit->arena);
        struct value value = view_end(view);
        value_write_json(&out, &value);
        visit_send(visit, "application/json; charset=utf-8", buf_str(&out));
        visit->answer->keeping = HTTP_STORE_NEVER;
        visit->answer->etag = str_format(visit->arena, "\"%lld\"", (long long)position);
}

static bool done(struct visit *visit, void *user, struct err *err)
{
        const struct api_act *a = user;
        const struct receipt *receipt = &a->answer.receipt;
        struct view view = VIEW(visit->arena);
        if (!a->answer.done && a->answer.err.code == E_DESK_SEEN) /* RFC 9110 section 13.1.1 */
                return err_set(err, E_HTTP_MATCH, "%s", a->answer.err.detail);
        if (!a->answer.done) {
                *err = a->answer.err;
                return false;
        }
        struct str url = visit_url(visit, "/api/matters/", receipt->number);
        view_int(&view, "position", receipt->seq);
        view_moment(&view, "time", receipt->time);
        view_text(&view, "matter", receipt->number);
        view_text(&view, "url", url);
        view_text(&view, "state", receipt->state);
        view_text(&view, "state_label", receipt->state_label);
        view_put(&view, "documents", lines_view(visit, receipt->documents, receipt->n_documents));
        view_put(&view, "clocks", lines_view(visit, receipt->clocks, receipt->n_clocks));
        view_yes(&view, "repeated", receipt->repeated);
        send_json(visit, &view, receipt->seq);
        if (receipt->begins && !receipt->repeated) {
                visit->answer->status = 201;
                visit->answer->location = url;
        }
        return true;
}

static bool submit(struct visit *visit, struct door *door, struct api_act *a, struct err *err)
{
        a->submission.by = BY_STAFF;
        a->submission.actor = visit->viewer.actor.id;
        return take_key(visit, &a->submission.key, err) &&
               take_seen(visit, &a->submission.seen, err) &&
               door_submit(door, visit, &a->submission, &a->answer, done, a);
}

/* ---- POST /api/matters: {"procedure", "act", "unit"?, "fields"} ---- */

bool api_begin(struct visit *visit, struct door *door, struct err *err)
{
        static const char *const names[] = { "procedure", "act", "unit", "fields", NULL };
        struct api_act *a = arena_new(visit->arena, struct api_act);
        struct submission *s = &a->submission;
        struct value body;
        if (!take_body(visit, &body, err) || !has_only(&body, names, err) ||
                        !take_text(&body, "procedure", &s->procedure, err) ||
                        !take_text(&body, "act", &s->act, err) ||
                        !take_text(&body, "unit", &s->unit, err) ||
                        !take_fields(&body, &s->fields, err))
                return false;
        if (s->procedure.n == 0 || s->act.n == 0)
                return err_field(err, E_HTTP_FORM,
                                s->procedure.n == 0 ? STR_LIT("procedure") : STR_LIT("act"),
                                "缺少这一项");
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, s->procedure);
        const struct naming naming = {
                procedure != NULL ? procedure_version_on(procedure, visit->today) : NULL, NULL
        };
        return may_name_files(&naming, &s->fields, err) && submit(visit, door, a, err);
}

/* ---- POST /api/matters/{}/acts/{}: {"fields"} ---- */

/* As on a page: whoever does not see the matter is told that there is none. */
static bool sees(struct visit *visit, struct matter **ret, struct err *err)
{
        enum sight sight;
        return disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                               visit->parts[0], visit->today, ret, &sight, err) &&
               (sight == SIGHT_ALL || err_set(err, E_NOT_FOUND, "%s", ""));
}

bool api_act(struct visit *visit, struct door *door, struct err *err)
{
        static const char *const names[] = { "fields", NULL };
        struct api_act *a = arena_new(visit->arena, struct api_act);
        struct matter *matter;
        struct value body;
        if (!sees(visit, &matter, err) || !take_body(visit, &body, err) ||
                        !has_only(&body, names, err) ||
                        !take_fields(&body, &a->submission.fields, err))
                return false;
        a->submission.matter = matter->number;
        a->submission.act = visit->parts[1];
        const struct naming naming = { matter->version, matter };
        return may_name_files(&naming, &a->submission.fields, err) && submit(visit, door, a, err);
}

/* ---- GET /api/matters/{}: where it stands, and what may be done ---- */

static struct value acts_view(struct visit *visit, const struct matter *matter)
{
        struct view_list list = VIEW_LIST(visit->arena);
        const struct version *version = matter->version;
        struct err *errs = arena_new_array(visit->arena, version->n_acts, struct err);
        procedure_offer(visit->arena, matter, &visit->viewer.actor, &visit->world.circumstances,
                        errs);
        for (size_t i = 0; i < version->n_acts; i++)
                if (errs[i].code == E_NONE)
                        view_add_text(&list, version->acts[i].name);
        return view_list_end(&list);
}

static struct value fields_view(struct visit *visit, const struct matter *matter)
{
        const struct version *version = matter->version;
        struct member *members = arena_new_array(visit->arena, version->n_fields, struct member);
        size_t n = 0;
        for (size_t i = 0; i < version->n_fields; i++)
                if (!value_is_null(matter->fields[i]) && version->fields[i].class != CLASS_PERSONAL)
                        members[n++] = (struct member){ version->fields[i].name,
                                matter->fields[i] };
        return value_sort_members(members, n) ? value_context(members, n) : value_null();
}

bool api_matter(struct visit *visit, struct err *err)
{
        struct matter *matter;
        struct view view = VIEW(visit->arena);
        if (!sees(visit, &matter, err))
                return false;
        view_int(&view, "position", matter->last_seq);
        view_text(&view, "matter", matter->number);
        view_text(&view, "procedure", matter->version->procedure->name);
        view_text(&view, "version", matter->version->name);
        view_text(&view, "unit", matter->unit);
        view_text(&view, "state", matter->version->states[matter->state].name);
        view_yes(&view, "final", matter->version->states[matter->state].final);
        view_put(&view, "acts", acts_view(visit, matter));
        view_put(&view, "fields", fields_view(visit, matter));
        send_json(visit, &view, matter->last_seq);
        if (str_eq(str_trim(http_header(visit->request, "If-None-Match")), visit->answer->etag)) {
                visit->answer->status = 304;
                visit->answer->body.n = 0;
        }
        return true;
}
