/* web/openapi.c - /openapi.json: what programs may ask of the portal (OpenAPI 3.1).
 *
 * Made from the table of routes, from pages/schemas.json (the views, each page being one) and
 * from the definitions: every act of every procedure is a schema, by its fields' types and
 * limits, so that a line of business that is added is described by itself. */
#include <assert.h>

#include "web/apply.h"
#include "web/field_schema.h"
#include "web/problem.h"
#include "web/route.h"
#include "web/track.h"

#define COMPONENTS "#/components/schemas/"

/* Which view a route answers with; a row that is missing here fails test_openapi. */
static const struct described {
        const char *pattern, *view;
        const char *by; /* the cookie that it asks for besides (schemes_of()); NULL: none */
} described[] = {
        { "/", "view.home" },
        { "/services", "view.services" },
        { "/services/{}", "view.service" },
        { "/apply/{}", "view.apply-start" },
        { "/apply/{}/form", "view.apply-form", "draft" },
        { "/apply/{}/check", "view.apply-check", "draft" },
        { "/resume", "view.resume" },
        { "/track", "view.track-form" },
        { "/track/{}", "view.track", "party" },
        { "/track/{}/documents/{}", "view.document", "party" },
        { "/track/{}/{}", "view.track-act", "party" },
        { "/columns", "view.index" },
        { "/columns/{}/{}", "view.column" },
        { "/calculator", "view.calculator" },
        { "/sitemap", "view.index" },
        { "/reports", "view.index" },
        { "/report/{}", "view.report" },
        { "/figures/{}", "view.figure" },
        { "/matters", "view.docket" },
        { "/matters/{}", "view.matter" },
        { "/matters/{}/documents/{}", "view.document" },
        { "/ledger/{}", "view.proof" },
        { "/ledger/{}/qr", "view.qr" },
        { "/checkpoints", "view.heads" },
        { "/procedures", "view.index" },
        { "/procedures/{}", "view.procedure" },
        { "/procedures/{}/compare", "view.compare" },
        { "/draws", "view.draws" },
        { "/draws/{}", "view.draw" },
        { "/registers", "view.index" },
        { "/registers/{}", "view.register" },
        { "/calendar", "view.calendar" },
        { "/help/errors", "view.index" },
        { "/openapi", "view.openapi" },
        { "/work", "view.work-home" },
        { "/work/matters", "view.work-docket" },
        { "/work/matters/{}", "view.work-matter" },
        { "/work/matters/{}/documents/{}", "view.document" },
        { "/work/matters/{}/proofs/{}", "view.proof" },
        { "/work/draws", "view.work-draws" },
        { "/work/draws/{}", "view.work-draw" },
        { "/work/new", "view.work-new" },
        { "/work/new/{}/{}", "view.work-act" },
        { "/work/matters/{}/acts/{}", "view.work-act" },
        { "/work/matters/{}/code", "view.work-code" },
        { "/work/password", "view.password", "session" },
        { "/work/second-factor", "view.second-factor" },
        { "/work/dashboard", "view.work-dashboard" },
        { "/work/admin", "view.index" },
        { "/work/admin/registers/{}", "view.work-register" },
        { "/work/admin/registers/{}/entry", "view.work-entry" },
        { "/work/admin/accounts", "view.work-accounts" },
        { "/work/admin/tokens", "view.work-tokens" },
        { "/work/admin/webhooks", "view.work-webhooks" },
        { "/work/admin/parameters", "view.work-facts" },
        { "/work/admin/definitions", "view.work-definition" },
        { "/work/admin/templates", "view.work-templates" },
        { "/work/admin/standing", "view.work-standing" },
        { "/work/admin/access", "view.work-access" },
        { "/work/admin/calendar", "view.work-calendar" },
};

/* ---- A context of any size ---- */

struct bag {
        struct arena *arena;
        struct member *members;
        size_t n;
};

#define BAG(in_arena) ((struct bag){ .arena = (in_arena) })

static void bag_put(struct bag *bag, struct str name, struct value value)
{
        bag->members = arena_push(bag->arena, bag->members, bag->n, sizeof(*bag->members));
        bag->members[bag->n++] = (struct member){ name, value };
}

static struct value bag_end(struct bag *bag)
{
        bool unique = value_sort_members(bag->members, bag->n);
        assert(unique); /* names of procedures, acts and routes are */
        return value_context(bag->members, bag->n);
}

/* ---- Pieces ---- */

static struct value reference(struct arena *arena, struct str name)
{
        struct view view = VIEW(arena);
        view_text(&view, "$ref", str_format(arena, COMPONENTS "%.*s", STR_FMT(name)));
        return view_end(&view);
}

static struct value content(struct arena *arena, const char *type, struct value schema)
{
        struct view media = VIEW(arena), types = VIEW(arena);
        view_put(&media, "schema", schema);
        view_put(&types, type, view_end(&media));
        return view_end(&types);
}

static struct value answer(
                struct arena *arena, const char *says, const char *type, struct value schema)
{
        struct view view = VIEW(arena);
        view_c(&view, "description", says);
        view_put(&view, "content", content(arena, type, schema));
        return view_end(&view);
}

static struct value refusal(struct arena *arena)
{
        return answer(arena, "不能办理：原因和下一步（RFC 9457）", "application/problem+json",
                        reference(arena, STR_LIT("problem")));
}

/* ---- Paths ---- */

/* "/matters/{}/documents/{}" -> "/matters/{matter}/documents/{document}.json"; each name is
 * that of the segment before it, in the singular. */
static struct str path_of(
                struct arena *arena, const struct route *route, struct view_list *ret_names)
{
        struct buf path = BUF(arena);
        struct str rest = str_of(route->pattern + 1), before = { NULL, 0 };
        while (rest.n != 0) {
                struct str segment = str_split(&rest, '/');
                buf_char(&path, '/');
                if (str_is(segment, "{}")) {
                        struct str name = str_ends(before, STR_LIT("s"))
                                                          ? str_slice(before, 0, before.n - 1)
                                                          : before;
                        if (str_is(before, "{}"))
                                name = STR_LIT("name");
                        buf_format(&path, "{%.*s}", STR_FMT(name));
                        view_add_text(ret_names, name);
                } else {
                        buf_str_add(&path, segment);
                }
                before = segment;
        }
        if (route->who != WHO_PROGRAM)
                buf_c(&path, path.n == 0 ? "/home.json" : ".json");
        return buf_str(&path);
}

static const struct described *described_as(const char *pattern)
{
        for (size_t i = 0; i < N_ELEMENTS(described); i++)
                if (strcmp(described[i].pattern, pattern) == 0)
                        return &described[i];
        return NULL;
}

static struct value view_schema(struct arena *arena, const struct described *row)
{
        struct view any = VIEW(arena);
        if (row != NULL)
                return reference(arena, str_of(row->view));
        view_c(&any, "type", "object");
        return view_end(&any);
}

static struct value parameter(struct arena *arena, struct str name, const char *in)
{
        struct view view = VIEW(arena), schema = VIEW(arena);
        view_text(&view, "name", name);
        view_c(&view, "in", in);
        view_put(&view, "required", value_bool(strcmp(in, "path") == 0));
        view_c(&schema, "type", "string");
        view_int(&schema, "maxLength", ROUTE_FIELD_BYTES);
        view_put(&view, "schema", view_end(&schema));
        return view_end(&view);
}

static struct value secured(struct arena *arena, const char *by)
{
        struct view scheme = VIEW(arena);
        struct view_list list = VIEW_LIST(arena);
        view_put(&scheme, by, value_list(NULL, 0));
        view_add(&list, view_end(&scheme));
        return view_list_end(&list);
}

static struct value get_operation(
                struct visit *visit, const struct route *route, const struct view_list *names)
{
        struct arena *arena = visit->arena;
        const struct described *row = described_as(route->pattern);
        struct view view = VIEW(arena), answers = VIEW(arena);
        struct view_list parameters = VIEW_LIST(arena);
        for (size_t i = 0; i < names->n; i++)
                view_add(&parameters, parameter(arena, names->items[i].string, "path"));
        for (size_t i = 0; route->fields != NULL && route->fields[i] != NULL; i++)
                view_add(&parameters, parameter(arena, str_of(route->fields[i]), "query"));
        view_put(&answers, "200",
                        answer(arena, "与网页相同的内容", "application/json",
                                        view_schema(arena, row)));
        view_put(&answers, "default", refusal(arena));
        view_put(&view, "responses", view_end(&answers));
        view_some(&view, "summary", str_of(route->says));
        if (parameters.n != 0)
                view_put(&view, "parameters", view_list_end(&parameters));
        if (route->who == WHO_STAFF || (row != NULL && row->by != NULL))
                view_put(&view, "security",
                                secured(arena, route->who == WHO_STAFF ? "session" : row->by));
        return view_end(&view);
}

/* ---- What programs send (api.c) ---- */

static struct value header_view(
                struct arena *arena, const char *name, bool required, const char *says)
{
        struct view view = VIEW(arena), schema = VIEW(arena);
        view_c(&schema, "type", "string");
        view_c(&view, "name", name);
        view_c(&view, "in", "header");
        view_c(&view, "description", says);
        view_put(&view, "required", value_bool(required));
        view_put(&view, "schema", view_end(&schema));
        return view_end(&view);
}

static struct value parameters_of(
                struct visit *visit, const struct route *route, const struct view_list *names)
{
        struct arena *arena = visit->arena;
        struct view_list list = VIEW_LIST(arena);
        for (size_t i = 0; i < names->n; i++)
                view_add(&list, parameter(arena, names->items[i].string, "path"));
        for (size_t i = 0; route->fields != NULL && route->fields[i] != NULL; i++)
                view_add(&list, parameter(arena, str_of(route->fields[i]), "query"));
        if (route->method == HTTP_POST) {
                view_add(&list, header_view(arena, "Idempotency-Key", true,
                                                "每次办理一个不重复的键；重发时用原来的键"));
                view_add(&list, header_view(arena, "If-Match", false,
                                                "办件答复里的 ETag：已有新的办理时不办"));
        }
        return view_list_end(&list);
}

static struct value program_operation(
                struct visit *visit, const struct route *route, const struct view_list *names)
{
        struct arena *arena = visit->arena;
        struct view view = VIEW(arena), answers = VIEW(arena), body = VIEW(arena);
        bool begins = route->act == api_begin, posts = route->method == HTTP_POST;
        const char *schema = posts                       ? "api.receipt"
                             : route->show == api_docket ? "api.docket"
                                                         : "api.matter";
        struct value done = answer(arena, posts ? "已办理，可以放心" : "现在的情况",
                        "application/json", reference(arena, str_of(schema)));
        view_put(&answers, "200", done);
        if (begins)
                view_put(&answers, "201", done);
        view_put(&answers, "default", refusal(arena));
        view_put(&view, "responses", view_end(&answers));
        view_put(&view, "parameters", parameters_of(visit, route, names));
        view_c(&view, "summary", route->says);
        view_put(&view, "security", secured(arena, "bearer"));
        view_put(&body, "required", value_bool(true));
        view_put(&body, "content",
                        content(arena, "application/json",
                                        reference(arena, begins ? STR_LIT("api.begin")
                                                                : STR_LIT("api.act"))));
        if (posts)
                view_put(&view, "requestBody", view_end(&body));
        return view_end(&view);
}

/* ---- All paths ---- */

static bool is_described(const struct route *route)
{
        return route->json || route->who == WHO_PROGRAM;
}

/* The next row that is described under the same address; NULL = none. */
static const struct route *next_of(const struct route *route, const char *pattern)
{
        for (; route->pattern != NULL; route++)
                if (is_described(route) && strcmp(route->pattern, pattern) == 0)
                        return route;
        return NULL;
}

static struct value paths_of(struct visit *visit)
{
        struct bag paths = BAG(visit->arena);
        for (const struct route *first = routes; first->pattern != NULL; first++) {
                struct view item = VIEW(visit->arena);
                struct str path = STR_LIT("");
                if (next_of(routes, first->pattern) != first)
                        continue;
                for (const struct route *route = first; route != NULL;
                                route = next_of(route + 1, first->pattern)) {
                        struct view_list names = VIEW_LIST(visit->arena);
                        path = path_of(visit->arena, route, &names);
                        view_put(&item, route->method == HTTP_POST ? "post" : "get",
                                        route->who == WHO_PROGRAM
                                                        ? program_operation(visit, route, &names)
                                                        : get_operation(visit, route, &names));
                }
                bag_put(&paths, path, view_end(&item));
        }
        return bag_end(&paths);
}

/* ---- Acts ---- */

static struct value roles_of(struct visit *visit, const struct act *act)
{
        struct view_list roles = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < act->n_roles; i++)
                view_add_text(&roles, act->roles[i]);
        return view_list_end(&roles);
}

/* The schema of an act's fields, with its name, who may and from which states. */
static struct value act_view(
                struct visit *visit, const struct version *version, const struct act *act)
{
        struct value schema = act_schema(visit->arena, version, act);
        struct bag bag = BAG(visit->arena);
        struct view_list states = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < schema.context.n; i++)
                bag_put(&bag, schema.context.members[i].name, schema.context.members[i].value);
        for (size_t i = 0; i < act->n_from; i++)
                view_add_text(&states, version->states[act->from[i]].name);
        bag_put(&bag, STR_LIT("title"), value_string(act->label));
        if (act->hint.n != 0)
                bag_put(&bag, STR_LIT("description"), value_string(act->hint));
        bag_put(&bag, STR_LIT("x-roles"), roles_of(visit, act));
        bag_put(&bag, STR_LIT("x-begins"), value_bool(act->from_new));
        bag_put(&bag, STR_LIT("x-from"), view_list_end(&states));
        return bag_end(&bag);
}

/* "permit.accept", in the version that is in force today. */
static void add_acts(struct visit *visit, struct bag *schemas)
{
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *procedure = visit->catalogue->procedures[i];
                const struct version *version = procedure_version_on(procedure, visit->today);
                for (size_t k = 0; version != NULL && k < version->n_acts; k++)
                        bag_put(schemas,
                                        str_format(visit->arena, "%.*s.%.*s",
                                                        STR_FMT(procedure->name),
                                                        STR_FMT(version->acts[k].name)),
                                        act_view(visit, version, &version->acts[k]));
        }
}

static void add_views(struct visit *visit, struct bag *schemas)
{
        const struct value *views = pages_schemas(visit->portal->pages);
        for (size_t i = 0; i < views->context.n; i++)
                bag_put(schemas, views->context.members[i].name, views->context.members[i].value);
}

/* ---- What we send: the event that a subscriber is told of (hook/message.h) ---- */

static struct value webhooks_of(struct arena *arena)
{
        static const struct {
                const char *name, *says;
        } headers[] = {
                { "webhook-id", "同一条每次相同：用来识别重复" },
                { "webhook-timestamp", "发出的时刻，秒" },
                { "webhook-signature", "v1, 加 HMAC-SHA-256（Standard Webhooks 1.0）" },
                { "Plumbline-Log-Position", "在存证账本里的位置" },
        };
        struct view received = VIEW(arena), answers = VIEW(arena), body = VIEW(arena);
        struct view post = VIEW(arena), item = VIEW(arena), all = VIEW(arena);
        struct view_list parameters = VIEW_LIST(arena);
        for (size_t i = 0; i < N_ELEMENTS(headers); i++)
                view_add(&parameters, header_view(arena, headers[i].name, true, headers[i].says));
        view_c(&received, "description", "收下了；其他答复都会再送");
        view_put(&answers, "2XX", view_end(&received));
        view_put(&body, "required", value_bool(true));
        view_put(&body, "content",
                        content(arena, "application/json", reference(arena, STR_LIT("api.event"))));
        view_c(&post, "summary", "一项公开的办理");
        view_put(&post, "parameters", view_list_end(&parameters));
        view_put(&post, "requestBody", view_end(&body));
        view_put(&post, "responses", view_end(&answers));
        view_put(&item, "post", view_end(&post));
        view_put(&all, "event", view_end(&item));
        return view_end(&all);
}

/* ---- The document ---- */

static struct value info_of(struct visit *visit)
{
        struct view info = VIEW(visit->arena);
        view_text(&info, "title",
                        str_format(visit->arena, "%.*s办件接口",
                                        STR_FMT(site_config(visit->portal->site)->organ)));
        view_c(&info, "version", "1");
        view_c(&info, "description",
                        "与网页相同的内容和权限。字段的校验、期限和回避由办理时判断，见各程序的定义。");
        return view_end(&info);
}

static void add_cookie(struct visit *visit, struct view *to, const char *by, const char *name,
                const char *says)
{
        struct view scheme = VIEW(visit->arena);
        view_c(&scheme, "type", "apiKey");
        view_c(&scheme, "in", "cookie");
        view_c(&scheme, "name", visit_cookie_name(visit, name));
        view_c(&scheme, "description", says);
        view_put(to, by, view_end(&scheme));
}

static struct value schemes_of(struct visit *visit)
{
        struct arena *arena = visit->arena;
        struct view bearer = VIEW(arena), schemes = VIEW(arena);
        view_c(&bearer, "type", "http");
        view_c(&bearer, "scheme", "bearer");
        view_c(&bearer, "description", "由系统管理员在「管理 - 程序令牌」生成");
        view_put(&schemes, "bearer", view_end(&bearer));
        add_cookie(visit, &schemes, "session", SESSION_COOKIE, "工作人员登录以后的浏览器");
        add_cookie(visit, &schemes, "party", TRACK_COOKIE,
                        "当事人输入办件编号和查询码以后的浏览器");
        add_cookie(visit, &schemes, "draft", APPLY_COOKIE,
                        "正在填写申请、或者输入续办码以后的浏览器");
        return view_end(&schemes);
}

bool openapi_show(struct visit *visit, struct err *err)
{
        (void)err;
        struct view document = VIEW(visit->arena), components = VIEW(visit->arena);
        struct bag schemas = BAG(visit->arena);
        struct buf out = BUF(visit->arena);
        add_views(visit, &schemas);
        add_acts(visit, &schemas);
        view_put(&components, "schemas", bag_end(&schemas));
        view_put(&components, "securitySchemes", schemes_of(visit));
        view_c(&document, "openapi", "3.1.0");
        view_put(&document, "info", info_of(visit));
        view_put(&document, "paths", paths_of(visit));
        view_put(&document, "webhooks", webhooks_of(visit->arena));
        view_put(&document, "components", view_end(&components));
        struct value value = view_end(&document);
        value_write_json(&out, &value);
        visit_send(visit, "application/json; charset=utf-8", buf_str(&out));
        return true;
}
