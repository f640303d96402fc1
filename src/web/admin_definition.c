/* web/admin_definition.c - /work/admin/definitions: a definition read and linted before anybody
 * brings it into force.
 *
 * What is pasted or uploaded is checked together with all that is in force, drawn, and compared
 * with what it would replace: its text, its picture, and what becomes of the matters that run.
 * Looking stores nothing. What passes may then be brought into force, by the act of `plumbline
 * definition activate` and in the name of who signed in: only the very text that was checked, in
 * the place of the very text that it was compared with, and after he ticked that he looked. */
#include <string.h>

#include "base/limits.h"
#include "desk/compat.h"
#include "desk/definitions.h"
#include "ledger/hash.h"
#include "procedure/diagram.h"
#include "procedure/problem.h"
#include "procedure/yaml.h"
#include "projection/docket.h"
#include "web/admin.h"
#include "web/difference_view.h"
#include "web/door.h"
#include "web/route.h"
#include "web/work.h"

#define HERE         "/work/admin/definitions"
#define AROUND       2   /* lines shown around one with a finding */
#define OTHERS_SHOWN 50u /* findings in other files */

struct checking {
        struct site *site;
        struct str name, text;  /* as chosen and as pasted */
        bool activate;          /* else only looked at */
        bool sure;              /* he ticked that he looked */
        struct str seen, stood; /* digests of what was checked, and of what it would replace */
        struct str actor;
        /* What came of it: */
        bool ok;
        struct err err;     /* it could not be checked at all */
        struct err why_not; /* ... or not be brought into force; E_NONE */
        bool activated;
        struct str file, old_text;
        const struct definition_source *all; /* in force with it; it is the last */
        size_t n_all;
        bool passes;
        struct problems problems;
        const struct procedure *old, *procedure; /* of a procedure */
        const struct version_change *changes;
        size_t n_changes;
        const struct docket_version *open;
        size_t n_open;
        const struct version *from, *to; /* drawn beside each other; from may be NULL */
        struct str from_svg, to_svg;
};

/* ---- In whose place would it stand? ---- */

static bool shares_a_key(const struct yaml *a, const struct yaml *b)
{
        for (size_t i = 0; i < a->n; i++)
                for (size_t k = 0; k < b->n; k++)
                        if (str_eq(a->pairs[i].key, b->pairs[k].key))
                                return true;
        return false;
}

/* The same kind (first key) and the same name, or maps that name something alike. */
static bool is_about_the_same(const struct yaml *a, const struct yaml *b)
{
        if (a->kind != YAML_MAP || b->kind != YAML_MAP || a->n == 0 || b->n == 0 ||
                        !str_eq(a->pairs[0].key, b->pairs[0].key))
                return false;
        const struct yaml *x = &a->pairs[0].value, *y = &b->pairs[0].value;
        if (x->kind == YAML_TEXT && y->kind == YAML_TEXT)
                return str_eq(x->text, y->text);
        return x->kind == YAML_MAP && y->kind == YAML_MAP && shares_a_key(x, y);
}

static struct str name_for(struct arena *arena, const struct yaml *root)
{
        const struct yaml_pair *first = root->kind == YAML_MAP && root->n != 0 ? root->pairs : NULL;
        if (first == NULL)
                return STR_LIT("new.yaml");
        if (first->value.kind == YAML_TEXT)
                return str_format(arena, "%.*ss/%.*s.yaml", STR_FMT(first->key),
                                STR_FMT(first->value.text));
        return str_format(arena, "%.*s/new.yaml", STR_FMT(first->key));
}

/* A new file does not drive another out that has its name by chance. */
static struct str free_name(struct arena *arena, struct str name,
                const struct definition_source *in_force, size_t n)
{
        struct str stem = str_cut(name, name.n - strlen(".yaml")), free = name;
        for (size_t k = 2, i = 0; i < n; i++)
                if (str_eq(in_force[i].name, free)) {
                        free = str_format(arena, "%.*s-%zu.yaml", STR_FMT(stem), k++);
                        i = SIZE_MAX; /* from the beginning again */
                }
        return free;
}

static struct str find_file(struct arena *arena, const struct checking *c,
                const struct definition_source *in_force, size_t n)
{
        const struct yaml *root, *other;
        struct err why;
        int line;
        for (size_t i = 0; i < n; i++)
                if (c->name.n != 0 && str_eq(in_force[i].name, c->name))
                        return c->name;
        if (!yaml_parse(arena, c->text, &root, &line, &why))
                return STR_LIT("new.yaml");
        for (size_t i = 0; i < n; i++)
                if (yaml_parse(arena, in_force[i].text, &other, &line, &why) &&
                                is_about_the_same(root, other))
                        return in_force[i].name;
        return free_name(arena, name_for(arena, root), in_force, n);
}

/* ---- The check, on the worker's thread ---- */

static const struct procedure *of_source(const struct catalogue *catalogue, struct str text)
{
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                if (str_eq(catalogue->procedures[i]->source, text))
                        return catalogue->procedures[i];
        return NULL;
}

static bool draw(struct arena *arena, const struct version *version, const char *id,
                struct str *ret, struct err *err)
{
        struct buf buf = BUF(arena);
        *ret = STR_LIT("");
        if (version == NULL)
                return true;
        if (!diagram_write(&buf, version, id, err))
                return false;
        *ret = buf_str(&buf);
        return true;
}

/* The last version that is not as it was, and what stood before it. */
static void choose_versions(struct checking *c)
{
        struct str name = STR_LIT("");
        for (size_t i = 0; i < c->n_changes; i++)
                if (c->changes[i].kind == VERSION_CHANGED || c->changes[i].kind == VERSION_NEW)
                        name = c->changes[i].version->name;
        const struct procedure *p = c->procedure;
        c->to = name.n != 0 ? procedure_version(p, name) : p->versions[p->n_versions - 1];
        if (c->old == NULL)
                return;
        c->from = procedure_version(c->old, c->to->name);
        if (c->from == NULL)
                c->from = c->old->versions[c->old->n_versions - 1];
}

static bool compare(struct arena *arena, struct snapshot *snapshot, struct checking *c,
                const struct catalogue *fresh, struct err *err)
{
        c->procedure = of_source(fresh, c->text);
        if (c->procedure == NULL)
                return true;
        c->old = catalogue_procedure(site_catalogue(c->site), c->procedure->name);
        if (!definitions_changes(arena, snapshot, c->old, c->procedure, &c->changes, &c->n_changes,
                            err) ||
                        !docket_versions(arena, snapshot, c->procedure->name, &c->open, &c->n_open,
                                        err))
                return false;
        choose_versions(c);
        return draw(arena, c->from, "before", &c->from_svg, err) &&
               draw(arena, c->to, "after", &c->to_svg, err);
}

static bool check(struct arena *arena, struct checking *c, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        const struct definition_source *in_force;
        struct catalogue *fresh = arena_new(arena, struct catalogue);
        size_t n;
        if (!snapshot_open(site_store(c->site), &snapshot, err) ||
                        !definitions_in_force(arena, snapshot, &in_force, &n, err))
                return false;
        c->file = find_file(arena, c, in_force, n);
        for (size_t i = 0; i < n; i++)
                if (str_eq(in_force[i].name, c->file))
                        c->old_text = in_force[i].text;
        const struct definition_source own = { .name = c->file, .text = c->text };
        c->all = definitions_with(arena, in_force, n, &own, &c->n_all);
        c->passes = catalogue_lint(arena, c->all, c->n_all, fresh, &c->problems);
        return !c->passes || compare(arena, snapshot, c, fresh, err);
}

static bool is_pinned(const struct checking *c)
{
        for (size_t i = 0; i < c->n_changes; i++)
                if (c->changes[i].is_used)
                        return true;
        return false;
}

static bool may_activate(const struct checking *c)
{
        return c->passes && !is_pinned(c) && !str_eq(c->text, c->old_text);
}

static struct str digest(struct arena *arena, struct str text)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, text);
        char *hex = arena_alloc(arena, HASH_HEX);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        return (struct str){ hex, HASH_HEX };
}

/* The desk checks it all once more, with what is in force by then. */
static bool activate(struct arena *arena, struct desk *desk, struct checking *c, struct err *err)
{
        const struct definition_source own = { .name = c->file, .text = c->text };
        if (!may_activate(c))
                return err_set(err, E_DEFINITION_HELD, "%s", "没有通过检查，或者与现行的一字不差");
        if (!str_eq(digest(arena, c->text), c->seen))
                return err_set(err, E_DEFINITION_HELD, "%s", "内容在检查以后改过");
        if (!str_eq(digest(arena, c->old_text), c->stood))
                return err_set(err, E_DEFINITION_HELD, "%s", "现行的定义在检查以后换过");
        if (!c->sure)
                return err_set(err, E_DEFINITION_HELD, "%s", "没有勾选「已经核对」");
        return definitions_activate(desk, &own, c->actor, err) && definitions_settle(desk, err);
}

static void work_check(struct arena *arena, struct desk *desk, void *user)
{
        struct checking *c = user;
        c->ok = check(arena, c, &c->err);
        if (c->ok && c->activate)
                c->activated = activate(arena, desk, c, &c->why_not);
}

/* ---- What was found ---- */

static bool is_own(const struct checking *c, const struct problem *problem)
{
        return problem->source == c->n_all - 1;
}

static struct value findings_view(struct arena *arena, const struct checking *c)
{
        struct view_list list = VIEW_LIST(arena);
        for (size_t i = 0; i < c->problems.n; i++) {
                const struct problem *problem = &c->problems.rows[i];
                struct view view = VIEW(arena);
                if (!is_own(c, problem))
                        continue;
                view_int(&view, "line", problem->line);
                view_text(&view, "say", problem->text);
                view_text(&view, "target", str_format(arena, "#line-%d", problem->line));
                view_yes(&view, "remark", problem->remark);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* What it would break elsewhere. */
static struct value others_view(struct arena *arena, const struct checking *c)
{
        struct view_list list = VIEW_LIST(arena);
        for (size_t i = 0; i < c->problems.n && list.n < OTHERS_SHOWN; i++) {
                const struct problem *problem = &c->problems.rows[i];
                if (is_own(c, problem) || problem->remark)
                        continue;
                view_add_text(&list, str_format(arena, "%.*s 第 %d 行：%.*s",
                                                     STR_FMT(c->all[problem->source].name),
                                                     problem->line, STR_FMT(problem->text)));
        }
        return view_list_end(&list);
}

/* Lines are asked for in their order, and so are the findings sorted. */
static bool is_near_finding(const struct checking *c, int line, size_t *at)
{
        const struct problem *rows = c->problems.rows;
        while (*at < c->problems.n && (!is_own(c, &rows[*at]) || rows[*at].line + AROUND < line))
                ++*at;
        return *at < c->problems.n && rows[*at].line - AROUND <= line;
}

static struct value line_view(
                struct arena *arena, const struct checking *c, int number, struct str text)
{
        struct view view = VIEW(arena);
        struct view_list says = VIEW_LIST(arena);
        for (size_t i = 0; i < c->problems.n; i++) {
                const struct problem *problem = &c->problems.rows[i];
                if (is_own(c, problem) && problem->line == number)
                        view_add_text(&says,
                                        problem->remark ? str_format(arena, "提醒：%.*s",
                                                                          STR_FMT(problem->text))
                                                        : problem->text);
        }
        view_int(&view, "number", number);
        view_text(&view, "text", str_is_utf8(text) ? text : STR_LIT("（不是 UTF-8 文字）"));
        view_c(&view, "kind", says.n != 0 ? "gone" : "same");
        if (says.n != 0)
                view_text(&view, "id", str_format(arena, "line-%d", number));
        view_put(&view, "says", view_list_end(&says));
        return view_end(&view);
}

/* The text around what was found, with what was found beside it. */
static struct value lines_view(struct arena *arena, const struct checking *c)
{
        struct view_list list = VIEW_LIST(arena);
        struct str rest = c->text;
        size_t at = 0;
        bool gap = true;
        for (int number = 1; rest.n != 0; number++) {
                struct str text = str_split(&rest, '\n');
                bool near = is_near_finding(c, number, &at);
                if (near && gap && list.n != 0) {
                        struct view view = VIEW(arena);
                        view_c(&view, "kind", "gap");
                        view_c(&view, "text", "⋯");
                        view_put(&view, "says", value_list(NULL, 0));
                        view_add(&list, view_end(&view));
                }
                if (near)
                        view_add(&list, line_view(arena, c, number, text));
                gap = !near;
        }
        return view_list_end(&list);
}

/* ---- What becomes of running matters ---- */

static int64_t open_of(const struct checking *c, const struct version *version)
{
        for (size_t i = 0; i < c->n_open; i++)
                if (str_eq(c->open[i].version, version->name))
                        return c->open[i].n;
        return 0;
}

static struct value versions_view(struct arena *arena, const struct checking *c)
{
        static const struct {
                const char *label, *tone, *say;
        } words[] = {
                [VERSION_SAME] = { "不变", "grey", "在办的照原样办完" },
                [VERSION_CHANGED] = { "有改动", "yellow", "还没有办件用过，可以启用" },
                [VERSION_GONE] = { "去掉", "yellow", "还没有办件用过，可以去掉" },
                [VERSION_NEW] = { "新版本", "green",
                                "自施行之日起新建的办件用它；在办的仍按原来的版本办完" },
        };
        struct view_list list = VIEW_LIST(arena);
        for (size_t i = 0; i < c->n_changes; i++) {
                const struct version_change *change = &c->changes[i];
                struct view view = VIEW(arena);
                view_text(&view, "name", change->version->name);
                view_text(&view, "from", date_format(arena, change->version->effective));
                view_int(&view, "n_open", open_of(c, change->version));
                view_put(&view, "tag",
                                view_tag(arena, str_of(words[change->kind].label),
                                                change->is_used ? "red"
                                                                : words[change->kind].tone));
                view_c(&view, "say",
                                change->is_used ? "已有办件在用，不能启用：请保留原版本，改动写成施行"
                                                  "日期更晚的新版本"
                                                : words[change->kind].say);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static void add_diagram(struct view_list *list, const char *when, const struct version *version,
                struct str svg)
{
        struct view view = VIEW(list->arena);
        if (version == NULL)
                return;
        view_text(&view, "caption",
                        str_format(list->arena, "%s：%.*s", when, STR_FMT(version->name)));
        view_text(&view, "law", version->law);
        view_text(&view, "diagram_html", svg);
        view_add(list, view_end(&view));
}

static struct value verdict_view(struct arena *arena, const struct checking *c)
{
        if (c->activated)
                return view_tag(arena, STR_LIT("已启用"), "green");
        if (!c->passes)
                return view_tag(arena, STR_LIT("有问题，不能启用"), "red");
        if (is_pinned(c))
                return view_tag(arena, STR_LIT("改动了在用的版本，不能启用"), "red");
        if (str_eq(c->text, c->old_text))
                return view_tag(arena, STR_LIT("与现行的一字不差"), "grey");
        return view_tag(arena, STR_LIT("没有问题，可以启用"), "green");
}

static struct value checked_view(struct arena *arena, const struct checking *c)
{
        struct view view = VIEW(arena);
        struct view_list diagrams = VIEW_LIST(arena);
        add_diagram(&diagrams, "现行", c->from, c->from_svg);
        add_diagram(&diagrams, c->from != NULL ? "改后" : "新的", c->to, c->to_svg);
        view_text(&view, "file", c->file);
        view_yes(&view, "activated", c->activated);
        if (may_activate(c) && !c->activated) {
                view_text(&view, "seen", digest(arena, c->text));
                view_text(&view, "stood", digest(arena, c->old_text));
        }
        view_yes(&view, "fresh", c->old_text.n == 0);
        view_put(&view, "verdict", verdict_view(arena, c));
        view_put(&view, "findings", findings_view(arena, c));
        view_put(&view, "texts", lines_view(arena, c));
        view_put(&view, "others", others_view(arena, c));
        view_put(&view, "versions", versions_view(arena, c));
        view_put(&view, "diagrams", view_list_end(&diagrams));
        if (c->old_text.n != 0 && str_is_utf8(c->text))
                difference_add(&view, c->old_text, c->text);
        return view_end(&view);
}

/* ---- The page ---- */

static bool send_definitions(struct visit *visit, const struct checking *c, const struct err *why,
                struct err *err)
{
        struct page page = admin_begin(visit, "work-definition", STR_LIT("检查和启用定义"));
        struct view_list names = VIEW_LIST(visit->arena);
        const struct definition_source *in_force;
        size_t n;
        if (!definitions_in_force(visit->arena, visit->snapshot, &in_force, &n, err))
                return false;
        page_crumb(&page, page.title, STR_LIT(""));
        for (size_t i = 0; i < n; i++) {
                struct view view = VIEW(visit->arena);
                view_text(&view, "value", in_force[i].name);
                view_yes(&view, "selected", str_eq(in_force[i].name, c->name));
                view_add(&names, view_end(&view));
        }
        view_put(&page.view, "names", view_list_end(&names));
        view_text(&page.view, "text",
                        str_is_utf8(c->text) && !c->activated ? c->text : STR_LIT(""));
        view_yes(&page.view, "forged", visit->is_forged);
        if (c->ok)
                view_put(&page.view, "checked", checked_view(visit->arena, c));
        if (!work_send(&page, why, err))
                return false;
        if (visit->is_forged)
                visit->answer->status = 403;
        return true;
}

/* With the text of one that is in force, to begin from. */
bool definitions_show(struct visit *visit, struct err *err)
{
        struct checking c = { .name = visit_field(visit, "name") };
        const struct definition_source *in_force;
        size_t n;
        if (!admin_is_let_in(visit, err) ||
                        !definitions_in_force(visit->arena, visit->snapshot, &in_force, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (str_eq(in_force[i].name, c.name))
                        c.text = in_force[i].text;
        if (c.name.n != 0 && c.text.n == 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        return send_definitions(visit, &c, NULL, err);
}

static bool checked(struct visit *visit, void *user, struct err *err)
{
        struct checking *c = user;
        bool held = c->activate && c->ok && !c->activated;
        return send_definitions(visit, c, held ? &c->why_not : c->ok ? NULL : &c->err, err);
}

bool definitions_check(struct visit *visit, struct door *door, struct err *err)
{
        struct checking *c = arena_new(visit->arena, struct checking);
        struct err why;
        if (!admin_is_let_in(visit, err))
                return false;
        c->site = visit->portal->site;
        c->name = visit_posted(visit, "name");
        c->text = admin_pasted(visit);
        c->activate = str_is(visit_posted(visit, "do"), "activate");
        c->sure = str_is(visit_posted(visit, "sure"), "yes");
        c->seen = visit_posted(visit, "seen");
        c->stood = visit_posted(visit, "stood");
        c->actor = visit->viewer.actor.id;
        if (visit->is_forged)
                return send_definitions(visit, c, NULL, err);
        if (str_trim(c->text).n == 0) {
                err_set(&why, E_FIELD_MISSING, "请粘贴定义的全文，或者选一个文件");
                return send_definitions(visit, c, &why, err);
        }
        if (c->text.n > LIMIT_DEFINITION_BYTES) {
                err_set(&why, E_LIMIT, "一个定义最多 %u 字节，这个有 %zu 字节",
                                LIMIT_DEFINITION_BYTES, c->text.n);
                c->text.n = 0;
                return send_definitions(visit, c, &why, err);
        }
        return door_do(door, visit, work_check, checked, c);
}
