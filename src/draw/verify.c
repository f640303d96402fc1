#include "draw/verify.h"

#include <assert.h>

#include "base/limits.h"
#include "draw/ticket.h"

#define SHOWN_BYTES 120

static struct str shown(struct arena *arena, const struct value *value)
{
        if (value == NULL)
                return STR_LIT("");
        if (value->kind == VALUE_LIST || value->kind == VALUE_CONTEXT)
                return value->kind == VALUE_LIST ? STR_LIT("[…]") : STR_LIT("{…}");
        struct buf buf = BUF(arena);
        value_write_json(&buf, value);
        size_t n = buf.n < SHOWN_BYTES ? buf.n : SHOWN_BYTES;
        while (n < buf.n && n > 0 && ((unsigned char)buf.p[n] & 0xC0) == 0x80)
                n--;
        return (struct str){ buf.p, n };
}

static void add_problem(struct arena *arena, struct draw_report *report, struct str path,
                const struct value *expected, const struct value *found)
{
        if (report->n_problems < DRAW_PROBLEMS_MAX)
                report->problems[report->n_problems] = (struct draw_problem){
                        path,
                        shown(arena, expected),
                        shown(arena, found),
                };
        report->n_problems++;
}

static void compare(struct arena *arena, struct draw_report *report, struct str path,
                const struct value *expected, const struct value *found);

static void compare_lists(struct arena *arena, struct draw_report *report, struct str path,
                const struct value *expected, const struct value *found)
{
        size_t n = expected->list.n > found->list.n ? expected->list.n : found->list.n;
        for (size_t i = 0; i < n; i++)
                compare(arena, report, str_format(arena, "%.*s[%zu]", STR_FMT(path), i),
                                i < expected->list.n ? &expected->list.items[i] : NULL,
                                i < found->list.n ? &found->list.items[i] : NULL);
}

/* Both are sorted by name: one walk sees what either has. */
static void compare_contexts(struct arena *arena, struct draw_report *report, struct str path,
                const struct value *expected, const struct value *found)
{
        size_t e = 0, f = 0;
        while (e < expected->context.n || f < found->context.n) {
                const struct member *x =
                                e < expected->context.n ? &expected->context.members[e] : NULL;
                const struct member *y = f < found->context.n ? &found->context.members[f] : NULL;
                assert(x != NULL || y != NULL);
                int order = x == NULL ? 1 : y == NULL ? -1 : str_cmp(x->name, y->name);
                struct str name = order <= 0 ? x->name : y->name;
                compare(arena, report,
                                path.n == 0 ? name
                                            : str_format(arena, "%.*s.%.*s", STR_FMT(path),
                                                              STR_FMT(name)),
                                order <= 0 ? &x->value : NULL, order >= 0 ? &y->value : NULL);
                e += order <= 0;
                f += order >= 0;
        }
}

static void compare(struct arena *arena, struct draw_report *report, struct str path,
                const struct value *expected, const struct value *found)
{
        if (expected == NULL || found == NULL || expected->kind != found->kind) {
                add_problem(arena, report, path, expected, found);
        } else if (expected->kind == VALUE_LIST) {
                compare_lists(arena, report, path, expected, found);
        } else if (expected->kind == VALUE_CONTEXT) {
                compare_contexts(arena, report, path, expected, found);
        } else {
                report->n_compared++;
                if (!value_eq(expected, found))
                        add_problem(arena, report, path, expected, found);
        }
}

static size_t n_items(const struct value *context, const char *name)
{
        const struct value *list = value_get(context, str_of(name));
        return list != NULL && list->kind == VALUE_LIST ? list->list.n : 0;
}

/* What stands in the recomputed file and was therefore compared. */
static void count(const struct value *expected, struct draw_report *report)
{
        const struct value *strata = value_get(expected, STR_LIT("strata"));
        const struct value *tasks = value_get(expected, STR_LIT("tasks"));
        report->n_objects = n_items(value_get(expected, STR_LIT("pool")), "objects");
        for (size_t i = 0; i < strata->list.n; i++)
                report->n_picks += n_items(&strata->list.items[i], "picks") +
                                   n_items(&strata->list.items[i], "substitutes");
        for (size_t i = 0; i < tasks->list.n; i++)
                report->n_officers += n_items(&tasks->list.items[i], "officers") +
                                      n_items(&tasks->list.items[i], "guests") +
                                      n_items(&tasks->list.items[i], "substitutes") +
                                      n_items(&tasks->list.items[i], "guest_substitutes");
}

bool draw_verify(struct arena *arena, struct str json, struct draw_report *report, struct err *err)
{
        struct value found, expected;
        struct draw_publication publication;
        *report = (struct draw_report){ 0 };
        if (json.n > LIMIT_PUBLICATION_BYTES)
                return err_set(err, E_LIMIT, "公示文件超过%u字节", LIMIT_PUBLICATION_BYTES);
        if (!value_parse_json(arena, json, &found, err) ||
                        !draw_publication_read(arena, &found, &publication, err) ||
                        !draw_publication_write(arena, &publication, &expected, err))
                return false;
        count(&expected, report);
        if (report->n_picks == 0)
                return err_set(err, E_DRAW_NOTHING, "文件中没有抽取结果");
        compare(arena, report, STR_LIT(""), &expected, &found);
        if (report->n_problems == 0)
                return true;
        const struct draw_problem *first = &report->problems[0];
        return err_field(err, E_DRAW_DIFFERS, first->path,
                        "共%zu处；重新计算得%.*s，文件写的是%.*s", report->n_problems,
                        STR_FMT(first->expected), STR_FMT(first->found));
}

static bool parse_file(struct arena *arena, struct str json, const char *format, struct value *ret,
                struct err *err)
{
        if (json.n > LIMIT_PUBLICATION_BYTES)
                return err_set(err, E_LIMIT, "公示文件超过%u字节", LIMIT_PUBLICATION_BYTES);
        if (!value_parse_json(arena, json, ret, err))
                return false;
        const struct value *is =
                        ret->kind == VALUE_CONTEXT ? value_get(ret, STR_LIT("format")) : NULL;
        return (is != NULL && is->kind == VALUE_STRING && str_is(is->string, format)) ||
               err_field(err, E_DRAW_FORMAT, STR_LIT("format"), "应为 %s", format);
}

/* Nothing of the pool is believed: its hash is made again from its rows. */
static bool check_pool(struct arena *arena, const struct value *pool, struct err *err)
{
        struct pool read;
        if (!draw_publication_read_pool(arena, pool, &read, err))
                return false;
        struct pool_hash hash = pool_hash(arena, &read);
        const struct value *told = value_get(pool, STR_LIT("sha256"));
        struct str expected = hex_format(arena, hash.bytes, sizeof(hash.bytes));
        return (told != NULL && told->kind == VALUE_STRING && str_eq(told->string, expected)) ||
               err_field(err, E_DRAW_DIFFERS, STR_LIT("pool.sha256"), "重新计算得%.*s",
                               STR_FMT(expected));
}

bool draw_verify_announced(
                struct arena *arena, struct str json, struct str announced, struct err *err)
{
        static const char *const told_before[] = { "batch", "announcement", "pool" };
        struct value file, before;
        if (!parse_file(arena, json, DRAW_FORMAT, &file, err) ||
                        !parse_file(arena, announced, DRAW_ANNOUNCEMENT_FORMAT, &before, err))
                return false;
        for (size_t i = 0; i < N_ELEMENTS(told_before); i++) {
                const struct value *now = value_get(&file, str_of(told_before[i]));
                const struct value *then = value_get(&before, str_of(told_before[i]));
                if (now == NULL || then == NULL || !value_eq(now, then))
                        return err_field(err, E_DRAW_DIFFERS, str_of(told_before[i]),
                                        "与预告时公布的不同");
        }
        return check_pool(arena, value_get(&before, STR_LIT("pool")), err);
}
