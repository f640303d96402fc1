#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "rules/feel_builtin.h"
#include "rules/feel_parser.h"

struct node *parse_refuse(struct parser *p, enum err_code code, size_t at, const char *format, ...)
{
        char detail[2048];
        va_list args;
        va_start(args, format);
        vsnprintf(detail, sizeof(detail), format, args);
        va_end(args);
        err_set(p->err, code, "第 %zu 字节：%.*s", at + 1, STR_FMT(scan_cut(str_of(detail), 400)));
        return NULL;
}

struct str build_type_label(struct parser *p, const struct feel_type *type)
{
        static const char *const labels[N_FEEL_KINDS] = {
                "任意值",
                "空值",
                "真假值",
                "数值",
                "文字",
                "日期",
                "时刻",
                "日期时间",
                "日时时长",
                "年月时长",
                "列表",
                "上下文",
                "区间",
                "函数",
        };
        return str_format(p->arena, "%s（%.*s）", labels[type->kind],
                        STR_FMT(feel_type_format(p->arena, type)));
}

/* ---- Nodes ---- */

struct node *build(struct parser *p, enum op op, size_t at, const struct feel_type *type)
{
        (void)at;
        struct node *node = arena_new(p->arena, struct node);
        node->op = (uint8_t)op;
        node->type = type;
        node->height = 1;
        return node;
}

/* Raises node above its part; NULL (refused) if the tree becomes too high. */
static struct node *above(struct parser *p, size_t at, struct node *node, const struct node *part)
{
        if (node == NULL || part == NULL || part->height < node->height)
                return node;
        if (part->height >= FEEL_HEIGHT_MAX)
                return parse_refuse(p, E_FEEL_LIMIT, at, "运算超过 %u 层", FEEL_HEIGHT_MAX);
        node->height = (uint16_t)(part->height + 1);
        return node;
}

struct node *build_literal(struct parser *p, size_t at, struct value v)
{
        static const enum feel_kind kinds[] = {
                [VALUE_NULL] = FEEL_NULL,
                [VALUE_BOOL] = FEEL_BOOLEAN,
                [VALUE_NUMBER] = FEEL_NUMBER,
                [VALUE_STRING] = FEEL_STRING,
                [VALUE_DATE] = FEEL_DATE,
                [VALUE_TIME] = FEEL_TIME,
                [VALUE_MOMENT] = FEEL_DATE_TIME,
                [VALUE_DURATION] = FEEL_DURATION,
                [VALUE_MONTHS] = FEEL_MONTHS,
        };
        enum feel_kind kind = kind_of(&v) == KIND_OFFSET_TIME     ? FEEL_TIME
                              : kind_of(&v) == KIND_OFFSET_MOMENT ? FEEL_DATE_TIME
                                                                  : kinds[v.kind];
        struct node *node = build(p, N_LITERAL, at, feel_type_of(kind));
        node->literal = v;
        return node;
}

static const struct feel_type *type_with(
                struct parser *p, enum feel_kind kind, const struct feel_type *item)
{
        struct feel_type *type = arena_new(p->arena, struct feel_type);
        *type = (struct feel_type){ .kind = kind, .item = item };
        return type;
}

/* The one type that both have, or FEEL_ANY. */
static const struct feel_type *common(const struct feel_type *a, const struct feel_type *b)
{
        if (a->kind == FEEL_NULL)
                return b;
        if (b->kind == FEEL_NULL)
                return a;
        if (a->kind == FEEL_ANY || b->kind == FEEL_ANY || a->kind != b->kind)
                return feel_type_of(FEEL_ANY);
        return feel_type_fits(a, b) && feel_type_fits(b, a) ? a : feel_type_of(a->kind);
}

static bool is_unknown(const struct feel_type *type)
{
        return type->kind == FEEL_ANY || type->kind == FEEL_NULL;
}

/* ---- Types of operators ---- */

struct rule {
        enum op op;
        enum feel_kind a, b, result;
};

/* DMN 1.5 tables 54 and 57: everything else is null when evaluated. */
static const struct rule arithmetic[] = {
        { N_ADD, FEEL_NUMBER, FEEL_NUMBER, FEEL_NUMBER },
        { N_ADD, FEEL_STRING, FEEL_STRING, FEEL_STRING },
        { N_ADD, FEEL_DATE, FEEL_DURATION, FEEL_DATE },
        { N_ADD, FEEL_DATE, FEEL_MONTHS, FEEL_DATE },
        { N_ADD, FEEL_DATE_TIME, FEEL_DURATION, FEEL_DATE_TIME },
        { N_ADD, FEEL_DATE_TIME, FEEL_MONTHS, FEEL_DATE_TIME },
        { N_ADD, FEEL_TIME, FEEL_DURATION, FEEL_TIME },
        { N_ADD, FEEL_DURATION, FEEL_DATE, FEEL_DATE },
        { N_ADD, FEEL_MONTHS, FEEL_DATE, FEEL_DATE },
        { N_ADD, FEEL_DURATION, FEEL_DATE_TIME, FEEL_DATE_TIME },
        { N_ADD, FEEL_MONTHS, FEEL_DATE_TIME, FEEL_DATE_TIME },
        { N_ADD, FEEL_DURATION, FEEL_TIME, FEEL_TIME },
        { N_ADD, FEEL_DURATION, FEEL_DURATION, FEEL_DURATION },
        { N_ADD, FEEL_MONTHS, FEEL_MONTHS, FEEL_MONTHS },
        { N_SUB, FEEL_NUMBER, FEEL_NUMBER, FEEL_NUMBER },
        { N_SUB, FEEL_DATE, FEEL_DATE, FEEL_DURATION },
        { N_SUB, FEEL_DATE_TIME, FEEL_DATE_TIME, FEEL_DURATION },
        { N_SUB, FEEL_DATE, FEEL_DATE_TIME, FEEL_DURATION },
        { N_SUB, FEEL_DATE_TIME, FEEL_DATE, FEEL_DURATION },
        { N_SUB, FEEL_TIME, FEEL_TIME, FEEL_DURATION },
        { N_SUB, FEEL_DATE, FEEL_DURATION, FEEL_DATE },
        { N_SUB, FEEL_DATE, FEEL_MONTHS, FEEL_DATE },
        { N_SUB, FEEL_DATE_TIME, FEEL_DURATION, FEEL_DATE_TIME },
        { N_SUB, FEEL_DATE_TIME, FEEL_MONTHS, FEEL_DATE_TIME },
        { N_SUB, FEEL_TIME, FEEL_DURATION, FEEL_TIME },
        { N_SUB, FEEL_DURATION, FEEL_DURATION, FEEL_DURATION },
        { N_SUB, FEEL_MONTHS, FEEL_MONTHS, FEEL_MONTHS },
        { N_MUL, FEEL_NUMBER, FEEL_NUMBER, FEEL_NUMBER },
        { N_MUL, FEEL_DURATION, FEEL_NUMBER, FEEL_DURATION },
        { N_MUL, FEEL_MONTHS, FEEL_NUMBER, FEEL_MONTHS },
        { N_MUL, FEEL_NUMBER, FEEL_DURATION, FEEL_DURATION },
        { N_MUL, FEEL_NUMBER, FEEL_MONTHS, FEEL_MONTHS },
        { N_DIV, FEEL_NUMBER, FEEL_NUMBER, FEEL_NUMBER },
        { N_DIV, FEEL_DURATION, FEEL_NUMBER, FEEL_DURATION },
        { N_DIV, FEEL_MONTHS, FEEL_NUMBER, FEEL_MONTHS },
        { N_DIV, FEEL_DURATION, FEEL_DURATION, FEEL_NUMBER },
        { N_DIV, FEEL_MONTHS, FEEL_MONTHS, FEEL_NUMBER },
        { N_POW, FEEL_NUMBER, FEEL_NUMBER, FEEL_NUMBER },
};

/* The result of a op b; NULL if no rule fits. Several fits: FEEL_ANY. */
static const struct feel_type *arithmetic_type(
                enum op op, const struct feel_type *a, const struct feel_type *b)
{
        const struct feel_type *result = NULL;
        for (size_t i = 0; i < N_ELEMENTS(arithmetic); i++) {
                const struct rule *rule = &arithmetic[i];
                if (rule->op != op || (!is_unknown(a) && a->kind != rule->a) ||
                                (!is_unknown(b) && b->kind != rule->b))
                        continue;
                if (result != NULL && result->kind != rule->result)
                        return feel_type_of(FEEL_ANY);
                result = feel_type_of(rule->result);
        }
        return result;
}

static bool has_order(const struct feel_type *type)
{
        return type->kind >= FEEL_NUMBER && type->kind <= FEEL_MONTHS;
}

static bool can_compare(enum op op, const struct feel_type *a, const struct feel_type *b)
{
        bool equality = op == N_EQ || op == N_NE;
        if (!equality && ((!is_unknown(a) && !has_order(a)) || (!is_unknown(b) && !has_order(b))))
                return false;
        return is_unknown(a) || is_unknown(b) || feel_type_fits(a, b) || feel_type_fits(b, a);
}

static struct node *refuse_pair(struct parser *p, size_t at, const char *what,
                const struct feel_type *a, const struct feel_type *b)
{
        return parse_refuse(p, E_FEEL_TYPE, at, "%.*s与%.*s不能%s", STR_FMT(build_type_label(p, a)),
                        STR_FMT(build_type_label(p, b)), what);
}

struct node *build_binary(
                struct parser *p, enum op op, size_t at, const struct node *a, const struct node *b)
{
        const struct feel_type *type = feel_type_of(FEEL_BOOLEAN);
        if (op >= N_EQ && op <= N_GE) {
                if (p->strict && !can_compare(op, a->type, b->type))
                        return refuse_pair(p, at, "比较", a->type, b->type);
        } else {
                type = arithmetic_type(op, a->type, b->type);
                if (type == NULL && p->strict)
                        return refuse_pair(p, at, "这样运算", a->type, b->type);
                if (type == NULL)
                        type = feel_type_of(FEEL_NULL);
        }
        struct node *node = build(p, op, at, type);
        node->a = a;
        node->b = b;
        return above(p, at, above(p, at, node, a), b);
}

struct node *build_unary(struct parser *p, enum op op, size_t at, const struct node *a)
{
        const struct feel_type *type = op == N_NEG         ? a->type
                                       : op == N_ITEM_NAME ? feel_type_of(FEEL_ANY)
                                                           : feel_type_of(FEEL_BOOLEAN);
        enum feel_kind kind = a->type->kind;
        if (op == N_NEG && p->strict && !is_unknown(a->type) && kind != FEEL_NUMBER &&
                        kind != FEEL_DURATION && kind != FEEL_MONTHS)
                return parse_refuse(p, E_FEEL_TYPE, at, "%.*s不能取负",
                                STR_FMT(build_type_label(p, a->type)));
        if (op == N_NEG && a->op == N_LITERAL && kind == FEEL_NUMBER)
                return build_literal(p, at, value_number(decimal_neg(a->literal.number)));
        struct node *node = build(p, op, at, type);
        node->a = a;
        return above(p, at, node, a);
}

struct node *build_between(struct parser *p, size_t at, const struct node *a, const struct node *b,
                const struct node *c)
{
        if (p->strict && !can_compare(N_LE, a->type, b->type))
                return refuse_pair(p, at, "比较", a->type, b->type);
        if (p->strict && !can_compare(N_LE, a->type, c->type))
                return refuse_pair(p, at, "比较", a->type, c->type);
        struct node *node = build(p, N_BETWEEN, at, feel_type_of(FEEL_BOOLEAN));
        node->a = a;
        node->b = b;
        node->c = c;
        return above(p, at, above(p, at, above(p, at, node, a), b), c);
}

/* What a tested value is compared with: the items of a list, the bounds of a range. */
static const struct feel_type *tested_type(const struct feel_type *test)
{
        return test->kind == FEEL_LIST || test->kind == FEEL_RANGE ? test->item : test;
}

bool build_check_test(struct parser *p, size_t at, const struct feel_type *tested,
                const struct node *test)
{
        const struct feel_type *type =
                        test->op == N_TEST_EQ || test->op == N_TEST_NE ? test->a->type : test->type;
        if (!p->strict || can_compare(N_EQ, tested, type) ||
                        can_compare(N_EQ, tested, tested_type(type)) ||
                        can_compare(N_EQ, tested, tested_type(tested_type(type))))
                return true;
        return refuse_pair(p, at, "比较", tested, type) != NULL;
}

struct node *build_in(struct parser *p, size_t at, const struct node *a,
                const struct node *const *tests, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!build_check_test(p, at, a->type, tests[i]))
                        return NULL;
        struct node *node = build_items(p, N_IN, at, tests, n);
        if (node != NULL)
                node->a = a;
        return above(p, at, node, a);
}

struct node *build_range(struct parser *p, size_t at, const struct node *low,
                const struct node *high, bool low_closed, bool high_closed)
{
        const struct feel_type *a = low != NULL ? low->type : high->type;
        const struct feel_type *b = high != NULL ? high->type : low->type;
        if (p->strict && !can_compare(N_LE, a, b))
                return refuse_pair(p, at, "作为同一区间的两端", a, b);
        struct node *node = build(p, N_RANGE, at, type_with(p, FEEL_RANGE, is_unknown(a) ? b : a));
        node->a = low;
        node->b = high;
        node->flag = low_closed;
        node->high_closed = high_closed;
        return above(p, at, above(p, at, node, low), high);
}

/* N_LIST, N_AND, N_OR, N_IN, N_TESTS */
struct node *build_items(
                struct parser *p, enum op op, size_t at, const struct node *const *items, size_t n)
{
        const struct feel_type *item = NULL, *type = feel_type_of(FEEL_BOOLEAN);
        for (size_t i = 0; i < n; i++) {
                item = item == NULL ? items[i]->type : common(item, items[i]->type);
                if (p->strict && (op == N_AND || op == N_OR) && !is_unknown(items[i]->type) &&
                                items[i]->type->kind != FEEL_BOOLEAN)
                        return parse_refuse(p, E_FEEL_TYPE, at, "%s 两边应为真假值，而不是%.*s",
                                        op == N_AND ? "and" : "or",
                                        STR_FMT(build_type_label(p, items[i]->type)));
        }
        if (op == N_LIST)
                type = item == NULL ? feel_type_of(FEEL_LIST) : type_with(p, FEEL_LIST, item);
        struct node *node = build(p, op, at, type);
        const struct node **copy = arena_new_array(p->arena, n, const struct node *);
        for (size_t i = 0; i < n; i++) {
                copy[i] = items[i];
                node = above(p, at, node, items[i]);
                if (node == NULL)
                        return NULL;
        }
        node->items = copy;
        node->n = (uint32_t)n;
        return node;
}

/* ---- Paths and filters ---- */

static const struct feel_type *property_type(const struct feel_type *type, struct str name)
{
        static const struct {
                enum feel_kind of;
                const char *name;
                enum feel_kind type;
        } rows[] = {
                { FEEL_DATE, "year", FEEL_NUMBER },
                { FEEL_DATE, "month", FEEL_NUMBER },
                { FEEL_DATE, "day", FEEL_NUMBER },
                { FEEL_DATE, "weekday", FEEL_NUMBER },
                { FEEL_DATE_TIME, "year", FEEL_NUMBER },
                { FEEL_DATE_TIME, "month", FEEL_NUMBER },
                { FEEL_DATE_TIME, "day", FEEL_NUMBER },
                { FEEL_DATE_TIME, "weekday", FEEL_NUMBER },
                { FEEL_DATE_TIME, "hour", FEEL_NUMBER },
                { FEEL_DATE_TIME, "minute", FEEL_NUMBER },
                { FEEL_DATE_TIME, "second", FEEL_NUMBER },
                { FEEL_DATE_TIME, "time offset", FEEL_DURATION },
                { FEEL_DATE_TIME, "timezone", FEEL_STRING },
                { FEEL_TIME, "hour", FEEL_NUMBER },
                { FEEL_TIME, "minute", FEEL_NUMBER },
                { FEEL_TIME, "second", FEEL_NUMBER },
                { FEEL_TIME, "time offset", FEEL_DURATION },
                { FEEL_TIME, "timezone", FEEL_STRING },
                { FEEL_DURATION, "days", FEEL_NUMBER },
                { FEEL_DURATION, "hours", FEEL_NUMBER },
                { FEEL_DURATION, "minutes", FEEL_NUMBER },
                { FEEL_DURATION, "seconds", FEEL_NUMBER },
                { FEEL_MONTHS, "years", FEEL_NUMBER },
                { FEEL_MONTHS, "months", FEEL_NUMBER },
                { FEEL_RANGE, "start", FEEL_ANY },
                { FEEL_RANGE, "end", FEEL_ANY },
                { FEEL_RANGE, "start included", FEEL_BOOLEAN },
                { FEEL_RANGE, "end included", FEEL_BOOLEAN },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (rows[i].of == type->kind && str_is(name, rows[i].name))
                        return feel_type_of(rows[i].type);
        return NULL;
}

/* NULL: the type has no such member. */
static const struct feel_type *path_type(const struct feel_type *type, struct str name)
{
        if (is_unknown(type) || (type->kind == FEEL_CONTEXT && type->n_members == 0))
                return feel_type_of(FEEL_ANY);
        for (size_t i = 0; type->kind == FEEL_CONTEXT && i < type->n_members; i++)
                if (str_eq(type->members[i].name, name))
                        return type->members[i].type;
        return property_type(type, name);
}

struct node *build_path(struct parser *p, size_t at, const struct node *a, struct str name)
{
        bool is_list = a->type->kind == FEEL_LIST;
        const struct feel_type *of = is_list ? a->type->item : a->type;
        const struct feel_type *type = path_type(of, name);
        if (type == NULL && p->strict)
                return parse_refuse(p, E_FEEL_NAME, at, "%.*s没有“%.*s”",
                                STR_FMT(build_type_label(p, of)), STR_FMT(name));
        if (type == NULL)
                type = feel_type_of(FEEL_ANY);
        struct node *node = build(p, N_PATH, at, is_list ? type_with(p, FEEL_LIST, type) : type);
        node->a = a;
        node->name = name;
        return above(p, at, node, a);
}

const struct feel_type *build_item_type(const struct feel_type *type)
{
        return type->kind == FEEL_LIST || type->kind == FEEL_RANGE ? type->item : type;
}

struct node *build_filter(struct parser *p, size_t at, const struct node *a, const struct node *b,
                uint32_t item)
{
        enum feel_kind kind = b->type->kind;
        const struct feel_type *of = build_item_type(a->type), *type;
        if (p->strict && !is_unknown(b->type) && kind != FEEL_BOOLEAN && kind != FEEL_NUMBER)
                return parse_refuse(p, E_FEEL_TYPE, at, "方括号内应为条件或序号，而不是%.*s",
                                STR_FMT(build_type_label(p, b->type)));
        type = kind == FEEL_NUMBER    ? of
               : kind == FEEL_BOOLEAN ? type_with(p, FEEL_LIST, of)
                                      : feel_type_of(FEEL_ANY);
        struct node *node = build(p, N_FILTER, at, type);
        node->a = a;
        node->b = b;
        node->index = item;
        return above(p, at, above(p, at, node, a), b);
}

/* ---- if, for, some, every, context ---- */

struct node *build_if(struct parser *p, size_t at, const struct node *a, const struct node *b,
                const struct node *c)
{
        if (p->strict && !is_unknown(a->type) && a->type->kind != FEEL_BOOLEAN)
                return parse_refuse(p, E_FEEL_TYPE, at, "if 的条件应为真假值，而不是%.*s",
                                STR_FMT(build_type_label(p, a->type)));
        struct node *node = build(p, N_IF, at, common(b->type, c->type));
        node->a = a;
        node->b = b;
        node->c = c;
        return above(p, at, above(p, at, above(p, at, node, a), b), c);
}

static struct node *above_bindings(struct parser *p, size_t at, struct node *node,
                const struct binding *bindings, size_t n)
{
        for (size_t i = 0; i < n; i++)
                node = above(p, at, above(p, at, node, bindings[i].from), bindings[i].to);
        if (node != NULL) {
                node->bindings = bindings;
                node->n = (uint32_t)n;
        }
        return node;
}

struct node *build_loop(struct parser *p, enum op op, size_t at, const struct binding *bindings,
                size_t n, const struct node *body)
{
        if (p->strict && op != N_FOR && !is_unknown(body->type) && body->type->kind != FEEL_BOOLEAN)
                return parse_refuse(p, E_FEEL_TYPE, at, "satisfies 后应为真假值，而不是%.*s",
                                STR_FMT(build_type_label(p, body->type)));
        struct node *node = build(p, op, at,
                        op == N_FOR ? type_with(p, FEEL_LIST, body->type)
                                    : feel_type_of(FEEL_BOOLEAN));
        node->a = body;
        return above_bindings(p, at, above(p, at, node, body), bindings, n);
}

struct node *build_context(struct parser *p, size_t at, const struct binding *entries, size_t n)
{
        struct feel_member *members = arena_new_array(p->arena, n, struct feel_member);
        for (size_t i = 0; i < n; i++)
                members[i] = (struct feel_member){ entries[i].name, entries[i].from->type };
        struct feel_type *type = arena_new(p->arena, struct feel_type);
        *type = (struct feel_type){ .kind = FEEL_CONTEXT, .members = members, .n_members = n };
        return above_bindings(p, at, build(p, N_CONTEXT, at, type), entries, n);
}

/* ---- Calls ---- */

static bool knows_names(
                const struct param *params, size_t n_params, const struct str *names, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                bool known = false;
                for (size_t j = 0; j < n_params; j++)
                        known = known || str_eq(params[j].name, names[i]);
                if (!known)
                        return false;
        }
        return true;
}

/* Does the row take this many arguments, by these names? */
static bool takes(const struct builtin *row, const struct str *names, size_t n)
{
        struct param params[8];
        size_t n_params = builtin_params(row, params);
        return builtin_takes(params, n_params, n) &&
               (names == NULL || knows_names(params, n_params, names, n));
}

/* Arguments in the row's order; one left out in the middle is a null literal. */
static size_t arrange(struct parser *p, const struct builtin *row, const struct node *const *args,
                const struct str *names, size_t n, const struct node **ret, char *kinds)
{
        struct param params[8];
        size_t n_params = builtin_params(row, params), n_ret = 0;
        if (names == NULL) {
                for (size_t i = 0; i < n; i++) {
                        const struct param *param = &params[i < n_params ? i : n_params - 1];
                        ret[i] = args[i];
                        kinds[i] = param->letter;
                        kinds[FEEL_ARGS_MAX + i] = param->nullable;
                }
                return n;
        }
        for (size_t i = 0; i < n_params; i++) {
                ret[i] = NULL;
                for (size_t j = 0; j < n; j++)
                        if (str_eq(params[i].name, names[j]))
                                ret[i] = args[j];
                if (ret[i] != NULL)
                        n_ret = i + 1;
                else
                        ret[i] = build_literal(p, 0, value_null());
                kinds[i] = params[i].letter;
                kinds[FEEL_ARGS_MAX + i] = params[i].nullable || params[i].optional;
        }
        return n_ret;
}

static bool fits(const struct node *const *args, const char *kinds, size_t n, size_t *ret_bad)
{
        for (size_t i = 0; i < n; i++) {
                if (builtin_accepts(kinds[i], args[i]->type))
                        continue;
                *ret_bad = i;
                return false;
        }
        return true;
}

static struct node *builtin_node(struct parser *p, size_t at, const struct builtin *row,
                const struct node *const *args, const char *kinds, size_t n)
{
        struct node *node = build_items(p, N_BUILTIN, at, args, n);
        if (node == NULL)
                return NULL;
        char *copy = arena_alloc(p->arena, 2 * n + 1);
        memcpy(copy, kinds, n);
        memcpy(copy + n, kinds + FEEL_ARGS_MAX, n);
        node->kinds = copy;
        node->builtin = row;
        node->type = builtin_result(row, n != 0 ? args[0]->type : feel_type_of(FEEL_ANY));
        return node;
}

/* Of the rows of that name the first that takes the arguments. Where nothing is
 * refused, one that takes as many: the types show when it is called. */
struct node *build_builtin(struct parser *p, size_t at, struct str name,
                const struct node *const *args, const struct str *names, size_t n)
{
        const struct node *arranged[FEEL_ARGS_MAX + 8];
        char kinds[2 * FEEL_ARGS_MAX + 8] = { 0 };
        const struct builtin *taken = NULL;
        size_t bad = 0, n_arranged;
        for (const struct builtin *row = builtin_next(name, NULL); row != NULL;
                        row = builtin_next(name, row)) {
                if (!takes(row, names, n))
                        continue;
                n_arranged = arrange(p, row, args, names, n, arranged, kinds);
                if (fits(arranged, kinds, n_arranged, &bad))
                        return builtin_node(p, at, row, arranged, kinds, n_arranged);
                taken = taken != NULL ? taken : row;
        }
        if (taken == NULL && !p->strict)
                return build_literal(p, at, value_null());
        if (taken == NULL)
                return parse_refuse(p, E_FEEL_TYPE, at, "函数 %.*s 的参数个数或名称不对",
                                STR_FMT(name));
        n_arranged = arrange(p, taken, args, names, n, arranged, kinds);
        if (!p->strict || fits(arranged, kinds, n_arranged, &bad))
                return builtin_node(p, at, taken, arranged, kinds, n_arranged);
        return parse_refuse(p, E_FEEL_TYPE, at, "函数 %.*s 的第 %zu 个参数不能是%.*s",
                        STR_FMT(name), bad + 1, STR_FMT(build_type_label(p, arranged[bad]->type)));
}

struct node *build_host(struct parser *p, size_t at, const struct host *host,
                const struct node *const *args, const struct str *names, size_t n)
{
        if (names != NULL)
                return parse_refuse(p, E_FEEL_TYPE, at, "函数 %s 的参数按位置写，不写名称",
                                host->declared->name);
        if (n < host->n_required || (n > host->n_params && !host->variadic))
                return parse_refuse(
                                p, E_FEEL_TYPE, at, "函数 %s 的参数个数不对", host->declared->name);
        for (size_t i = 0; i < n && p->strict; i++) {
                size_t param = i < host->n_params ? i : host->n_params - 1;
                if (!feel_type_fits(args[i]->type, host->params[param]))
                        return parse_refuse(p, E_FEEL_TYPE, at,
                                        "函数 %s 的第 %zu 个参数应为%.*s，而不是%.*s",
                                        host->declared->name, i + 1,
                                        STR_FMT(build_type_label(p, host->params[param])),
                                        STR_FMT(build_type_label(p, args[i]->type)));
        }
        struct node *node = build_items(p, N_HOST, at, args, n);
        if (node == NULL)
                return NULL;
        node->host = host;
        node->type = host->result;
        return node;
}

struct node *build_call(struct parser *p, size_t at, const struct node *callee,
                const struct node *const *args, const struct str *names, size_t n)
{
        if (p->strict && !is_unknown(callee->type) && callee->type->kind != FEEL_FUNCTION)
                return parse_refuse(p, E_FEEL_TYPE, at, "%.*s不是函数",
                                STR_FMT(build_type_label(p, callee->type)));
        struct node *node = build_items(p, N_CALL, at, args, n);
        if (node == NULL)
                return NULL;
        node->a = callee;
        node->type = callee->type->kind == FEEL_FUNCTION ? callee->type->item
                                                         : feel_type_of(FEEL_ANY);
        if (names != NULL) {
                struct str *copy = arena_new_array(p->arena, n, struct str);
                memcpy(copy, names, n * sizeof(*copy));
                node->names = copy;
        }
        return above(p, at, node, callee);
}
