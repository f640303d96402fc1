#include <assert.h>

#include "rules/feel_number.h"
#include "rules/feel_parser.h"
#include "rules/feel_temporal.h"

/* ---- Tokens ---- */

void parse_advance(struct parser *p)
{
        p->token = scan_token(p->text, p->token.to);
}

bool parse_take(struct parser *p, enum token_kind kind)
{
        if (p->token.kind != kind)
                return false;
        parse_advance(p);
        return true;
}

bool parse_is_word(const struct parser *p, const char *word)
{
        return p->token.kind == T_NAME &&
               str_is(str_slice(p->text, p->token.from, p->token.to), word);
}

static bool parse_take_word(struct parser *p, const char *word)
{
        if (!parse_is_word(p, word))
                return false;
        parse_advance(p);
        return true;
}

struct node *parse_refuse_here(struct parser *p, const char *wanted)
{
        struct token t = p->token;
        struct str found = str_slice(p->text, t.from, t.to);
        switch (t.kind) {
        case T_END:
                return parse_refuse(p, E_FEEL_SYNTAX, t.from, "表达式没有写完，%s", wanted);
        case T_BAD_STRING:
                return parse_refuse(p, E_FEEL_SYNTAX, t.from, "文字没有用英文双引号结束");
        case T_BAD_WIDE:
                return parse_refuse(p, E_FEEL_SYNTAX, t.from, "全角标点“%.*s”应改为半角",
                                STR_FMT(found));
        case T_BAD:
                return parse_refuse(p, E_FEEL_SYNTAX, t.from, "不认识的字符“%.*s”", STR_FMT(found));
        default:
                return parse_refuse(p, E_FEEL_SYNTAX, t.from, "遇到“%.*s”，%s",
                                STR_FMT(scan_cut(found, 40)), wanted);
        }
}

bool parse_want(struct parser *p, enum token_kind kind, const char *wanted)
{
        return parse_take(p, kind) || parse_refuse_here(p, wanted) != NULL;
}

bool parse_want_word(struct parser *p, const char *word, const char *wanted)
{
        return parse_take_word(p, word) || parse_refuse_here(p, wanted) != NULL;
}

/* ---- Growing arrays while parsing ---- */

void parse_add_node(struct parser *p, struct nodes *nodes, const struct node *node, struct str name)
{
        if (nodes->n == nodes->capacity) {
                size_t capacity = nodes->capacity == 0 ? 4 : nodes->capacity * 2;
                const struct node **items =
                                arena_new_array(p->arena, capacity, const struct node *);
                struct str *names = arena_new_array(p->arena, capacity, struct str);
                for (size_t i = 0; i < nodes->n; i++) {
                        items[i] = nodes->items[i];
                        names[i] = nodes->names[i];
                }
                nodes->items = items;
                nodes->names = names;
                nodes->capacity = capacity;
        }
        nodes->items[nodes->n] = node;
        nodes->names[nodes->n++] = name;
}

struct binding *parse_add_binding(struct parser *p, struct bindings *bindings)
{
        if (bindings->n == bindings->capacity) {
                size_t capacity = bindings->capacity == 0 ? 4 : bindings->capacity * 2;
                struct binding *items = arena_new_array(p->arena, capacity, struct binding);
                if (bindings->n != 0)
                        memcpy(items, bindings->items, bindings->n * sizeof(*items));
                bindings->items = items;
                bindings->capacity = capacity;
        }
        return &bindings->items[bindings->n++];
}

/* ---- Names, paths, filters ---- */

static bool is_keyword(struct str text, struct token token)
{
        static const char *const words[] = { "and", "or", "in", "between", "then", "else", "return",
                "satisfies", "of", "instance" };
        for (size_t i = 0; i < N_ELEMENTS(words); i++)
                if (str_is(str_slice(text, token.from, token.to), words[i]))
                        return true;
        return false;
}

static struct node *parse_name(struct parser *p)
{
        static const struct {
                const char *word;
                enum value_kind kind;
                bool boolean;
        } literals[] = {
                { "true", VALUE_BOOL, true },
                { "false", VALUE_BOOL, false },
                { "null", VALUE_NULL, false },
        };
        struct named named;
        name_take(p, &named);
        if (named.is_function)
                return parse_known_call(p, &named);
        for (size_t i = 0; i < N_ELEMENTS(literals); i++)
                if (str_is(named.name, literals[i].word))
                        return build_literal(p, named.from,
                                        (struct value){ .kind = literals[i].kind,
                                                        .boolean = literals[i].boolean });
        return name_resolve(p, &named);
}

static struct node *parse_primary(struct parser *p)
{
        switch (p->token.kind) {
        case T_NUMBER:
                return parse_number(p);
        case T_STRING:
                return parse_string(p);
        case T_AT:
                return parse_at(p);
        case T_OPEN:
                return parse_parentheses(p);
        case T_OPEN_LIST:
                return parse_list(p);
        case T_CLOSE_LIST:
                return parse_open_range(p);
        case T_OPEN_CONTEXT:
                return parse_context(p);
        case T_NAME:
                break;
        default:
                return parse_refuse_here(p, "这里应为一个值");
        }
        if (name_is_declared(p)) /* "in a list" is a name where somebody declared it */
                return parse_name(p);
        if (parse_is_word(p, "if"))
                return parse_if(p);
        if (parse_is_word(p, "for"))
                return parse_loop(p, N_FOR);
        if (parse_is_word(p, "some"))
                return parse_loop(p, N_SOME);
        if (parse_is_word(p, "every"))
                return parse_loop(p, N_EVERY);
        if (parse_is_word(p, "function"))
                return parse_function(p);
        if (is_keyword(p->text, p->token))
                return parse_refuse_here(p, "这里应为一个值");
        return parse_name(p);
}

static struct node *parse_filter(struct parser *p, const struct node *list)
{
        size_t at = p->token.from;
        uint32_t n_locals = p->n_locals, item;
        parse_advance(p);
        if (!name_bind(p, STR_LIT("item"), build_item_type(list->type), &item))
                return NULL;
        p->locals[item].is_item = true;
        struct node *condition = parse_expression(p);
        p->n_locals = n_locals;
        if (condition == NULL || !parse_want(p, T_CLOSE_LIST, "缺少 ]"))
                return NULL;
        return build_filter(p, at, list, condition, item);
}

/* In `[1..5[` the second bracket ends a range: nothing that a filter could start
 * with stands behind it. */
static bool is_filter(const struct parser *p)
{
        struct token next = scan_token(p->text, p->token.to);
        switch (next.kind) {
        case T_NAME:
                return !is_keyword(p->text, next);
        case T_NUMBER:
        case T_STRING:
        case T_AT:
        case T_MINUS:
        case T_OPEN:
        case T_OPEN_LIST:
        case T_OPEN_CONTEXT:
                return true;
        default:
                return false;
        }
}

static struct node *parse_postfix(struct parser *p)
{
        struct node *e = parse_primary(p);
        while (e != NULL) {
                size_t at = p->token.from;
                if (parse_take(p, T_DOT)) {
                        if (p->token.kind != T_NAME)
                                return parse_refuse_here(p, "点号后应为名称");
                        e = build_path(p, at, e, name_take_member(p, e->type));
                } else if (p->token.kind == T_OPEN_LIST && is_filter(p)) {
                        e = parse_filter(p, e);
                } else if (p->token.kind == T_OPEN) {
                        e = parse_value_call(p, e);
                } else {
                        break;
                }
        }
        return e;
}

/* ---- Operators, from the strongest ---- */

static struct node *parse_instance(struct parser *p)
{
        if (p->depth == LIMIT_NESTING)
                return parse_refuse(
                                p, E_FEEL_LIMIT, p->token.from, "嵌套超过 %u 层", LIMIT_NESTING);
        p->depth++; /* every level of nesting passes here */
        struct node *e = parse_postfix(p);
        p->depth--;
        while (e != NULL && parse_is_word(p, "instance")) {
                size_t at = p->token.from;
                const struct feel_type *asked;
                parse_advance(p);
                if (!parse_want_word(p, "of", "缺少 of") || !parse_take_type(p, &asked))
                        return NULL;
                e = build_unary(p, N_INSTANCE, at, e);
                if (e != NULL)
                        e->asked = asked;
        }
        return e;
}

static struct node *parse_negation(struct parser *p)
{
        size_t at = p->token.from;
        unsigned n = 0;
        while (parse_take(p, T_MINUS))
                n++;
        struct node *e = parse_instance(p);
        for (n = n > 2 ? 2 + n % 2 : n; e != NULL && n > 0; n--)
                e = build_unary(p, N_NEG, at, e);
        return e;
}

static struct node *parse_power(struct parser *p)
{
        struct node *a = parse_negation(p);
        while (a != NULL && p->token.kind == T_POWER) {
                size_t at = p->token.from;
                parse_advance(p);
                struct node *b = parse_negation(p);
                a = b != NULL ? build_binary(p, N_POW, at, a, b) : NULL;
        }
        return a;
}

static struct node *parse_product(struct parser *p)
{
        struct node *a = parse_power(p);
        while (a != NULL && (p->token.kind == T_STAR || p->token.kind == T_SLASH)) {
                enum op op = p->token.kind == T_STAR ? N_MUL : N_DIV;
                size_t at = p->token.from;
                parse_advance(p);
                struct node *b = parse_power(p);
                a = b != NULL ? build_binary(p, op, at, a, b) : NULL;
        }
        return a;
}

struct node *parse_sum(struct parser *p)
{
        struct node *a = parse_product(p);
        while (a != NULL && (p->token.kind == T_PLUS || p->token.kind == T_MINUS)) {
                enum op op = p->token.kind == T_PLUS ? N_ADD : N_SUB;
                size_t at = p->token.from;
                parse_advance(p);
                struct node *b = parse_product(p);
                a = b != NULL ? build_binary(p, op, at, a, b) : NULL;
        }
        return a;
}

/* Behind `in`: one test, or several in parentheses. */
static struct node *parse_in(struct parser *p, size_t at, const struct node *a)
{
        struct nodes tests = { 0 };
        enum op op;
        struct node *test;
        if (p->token.kind != T_OPEN) {
                test = parse_is_comparison(p->token.kind, &op) ? parse_operator_test(p, op)
                                                               : parse_sum(p);
                return test != NULL ? build_in(p, at, a, (const struct node *const[]){ test }, 1)
                                    : NULL;
        }
        size_t open = p->token.from;
        parse_advance(p);
        do {
                if ((test = parse_test(p)) == NULL)
                        return NULL;
                if (tests.n == 0 && p->token.kind == T_DOTS) {
                        test = parse_range_end(p, open, test, false);
                        return test != NULL ? build_in(p, at, a,
                                                              (const struct node *const[]){ test },
                                                              1)
                                            : NULL;
                }
                parse_add_node(p, &tests, test, (struct str){ 0 });
        } while (parse_take(p, T_COMMA));
        if (!parse_want(p, T_CLOSE, "缺少 )"))
                return NULL;
        return build_in(p, at, a, tests.items, tests.n);
}

static struct node *parse_between(struct parser *p, size_t at, const struct node *a)
{
        struct node *low = parse_sum(p), *high;
        if (low == NULL || !parse_want_word(p, "and", "between 缺少 and") ||
                        (high = parse_sum(p)) == NULL)
                return NULL;
        return build_between(p, at, a, low, high);
}

static struct node *parse_comparison(struct parser *p)
{
        struct node *a = parse_sum(p);
        enum op op;
        while (a != NULL) {
                size_t at = p->token.from;
                if (parse_is_comparison(p->token.kind, &op)) {
                        parse_advance(p);
                        struct node *b = parse_sum(p);
                        a = b != NULL ? build_binary(p, op, at, a, b) : NULL;
                } else if (parse_take_word(p, "between")) {
                        a = parse_between(p, at, a);
                } else if (parse_take_word(p, "in")) {
                        a = parse_in(p, at, a);
                } else {
                        break;
                }
        }
        return a;
}

/* a and b and c is one node with three items. */
static struct node *parse_logic(struct parser *p, enum op op)
{
        const char *word = op == N_AND ? "and" : "or";
        struct nodes items = { 0 };
        size_t at = p->token.from;
        struct node *e;
        do {
                e = op == N_AND ? parse_comparison(p) : parse_logic(p, N_AND);
                if (e == NULL)
                        return NULL;
                parse_add_node(p, &items, e, (struct str){ 0 });
        } while (parse_take_word(p, word));
        return items.n == 1 ? e : build_items(p, op, at, items.items, items.n);
}

struct node *parse_expression(struct parser *p)
{
        return parse_logic(p, N_OR);
}

/* ---- Unary tests ---- */

static struct node *parse_test_list(struct parser *p, struct nodes *tests)
{
        struct node *test;
        do {
                size_t at = p->token.from;
                p->locals[0].is_read = false;
                if ((test = parse_test(p)) == NULL)
                        return NULL;
                test->names_input = p->locals[0].is_read;
                if (!test->names_input && !build_check_test(p, at, p->locals[0].type, test))
                        return NULL;
                parse_add_node(p, tests, test, (struct str){ 0 });
        } while (parse_take(p, T_COMMA));
        return test;
}

static struct node *parse_tests(struct parser *p, const struct feel_type *input)
{
        struct nodes tests = { 0 };
        uint32_t tested;
        if (!name_bind(p, STR_LIT("?"), input, &tested))
                return NULL;
        struct token next = scan_token(p->text, p->token.to);
        if (p->token.kind == T_MINUS && next.kind == T_END) {
                parse_advance(p);
                return build_items(p, N_TESTS, 0, NULL, 0);
        }
        bool negate = parse_is_word(p, "not") && next.kind == T_OPEN;
        if (negate) {
                parse_advance(p);
                parse_advance(p);
        }
        if (parse_test_list(p, &tests) == NULL || (negate && !parse_want(p, T_CLOSE, "缺少 )")))
                return NULL;
        struct node *node = build_items(p, N_TESTS, 0, tests.items, tests.n);
        if (node != NULL)
                node->flag = negate;
        return node;
}

/* ---- Doors ---- */

static bool start(struct parser *p, struct arena *arena, struct str text,
                const struct feel_schema *schema, struct err *err)
{
        *p = (struct parser){ .arena = arena, .text = text, .err = err, .schema = schema };
        p->strict = schema != NULL && !schema->untyped;
        if (text.n > LIMIT_EXPRESSION_BYTES)
                return err_set(err, E_FEEL_LIMIT, "表达式有 %zu 字节，最多 %u 字节", text.n,
                                LIMIT_EXPRESSION_BYTES);
        if (!str_is_utf8(text))
                return err_set(err, E_FEEL_SYNTAX, "文字编码不是 UTF-8");
        p->slots = arena_new_array(arena, schema != NULL ? schema->n_names : 0, bool);
        p->token = scan_token(text, 0);
        name_start_hosts(p);
        return true;
}

static bool finish(struct parser *p, const struct node *root, bool is_tests,
                const struct feel_expression **ret)
{
        if (root == NULL)
                return false;
        if (p->token.kind != T_END)
                return parse_refuse_here(p, "表达式到此应已结束") != NULL;
        struct feel_expression *expression = arena_new(p->arena, struct feel_expression);
        size_t n = p->schema != NULL ? p->schema->n_names : 0, n_slots = 0;
        for (size_t i = 0; i < n; i++)
                n_slots += p->slots[i];
        size_t *slots = arena_new_array(p->arena, n_slots, size_t), filled = 0;
        for (size_t i = 0; i < n; i++)
                if (p->slots[i])
                        slots[filled++] = i;
        *expression = (struct feel_expression){ .text = p->text,
                .root = root,
                .slots = slots,
                .n_slots = n_slots,
                .frame = p->frame,
                .is_tests = is_tests };
        *ret = expression;
        return true;
}

bool feel_compile(struct arena *arena, struct str text, const struct feel_schema *schema,
                const struct feel_type *expected, const struct feel_expression **ret,
                struct err *err)
{
        struct parser parser, *p = &parser; /* too big to be kept for every expression */
        if (!start(p, arena, text, schema, err))
                return false;
        const struct node *root = parse_expression(p);
        const struct feel_expression *expression;
        if (!finish(p, root, false, &expression))
                return false;
        if (p->strict && expected != NULL && !feel_type_fits(root->type, expected))
                return parse_refuse(p, E_FEEL_TYPE, 0, "结果是%.*s，这里要%.*s",
                                       STR_FMT(build_type_label(p, root->type)),
                                       STR_FMT(build_type_label(p, expected))) != NULL;
        *ret = expression;
        return true;
}

bool feel_compile_unary_tests(struct arena *arena, struct str text,
                const struct feel_schema *schema, const struct feel_type *input,
                const struct feel_expression **ret, struct err *err)
{
        struct parser parser, *p = &parser; /* too big to be kept for every expression */
        if (!start(p, arena, text, schema, err))
                return false;
        const struct node *root = parse_tests(p, input != NULL ? input : feel_type_of(FEEL_ANY));
        return finish(p, root, true, ret);
}
