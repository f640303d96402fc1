#include <assert.h>

#include "rules/feel_number.h"
#include "rules/feel_parser.h"
#include "rules/feel_temporal.h"

static struct node *parse_expression(struct parser *p);
static struct node *parse_sum(struct parser *p);

/* ---- Tokens ---- */

static void advance(struct parser *p)
{
        p->token = scan_token(p->text, p->token.to);
}

static bool take(struct parser *p, enum token_kind kind)
{
        if (p->token.kind != kind)
                return false;
        advance(p);
        return true;
}

static bool is_word(const struct parser *p, const char *word)
{
        return p->token.kind == T_NAME &&
               str_is(str_slice(p->text, p->token.from, p->token.to), word);
}

static bool take_word(struct parser *p, const char *word)
{
        if (!is_word(p, word))
                return false;
        advance(p);
        return true;
}

static struct node *refuse_here(struct parser *p, const char *wanted)
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

static bool want(struct parser *p, enum token_kind kind, const char *wanted)
{
        return take(p, kind) || refuse_here(p, wanted) != NULL;
}

static bool want_word(struct parser *p, const char *word, const char *wanted)
{
        return take_word(p, word) || refuse_here(p, wanted) != NULL;
}

/* ---- Growing arrays while parsing ---- */

struct nodes {
        const struct node **items;
        struct str *names; /* of named arguments */
        size_t n, capacity;
};

static void nodes_add(
                struct parser *p, struct nodes *nodes, const struct node *node, struct str name)
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

struct bindings {
        struct binding *items;
        size_t n, capacity;
};

static struct binding *bindings_add(struct parser *p, struct bindings *bindings)
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

/* ---- Literals ---- */

static struct node *parse_number(struct parser *p)
{
        struct decimal d;
        size_t at = p->token.from;
        struct str text = str_slice(p->text, at, p->token.to);
        struct buf buf = BUF(p->arena);
        if (text.p[0] == '.')
                buf_char(&buf, '0');
        buf_str_add(&buf, text);
        if (!number_parse(buf_str(&buf), &d))
                return parse_refuse(p, E_FEEL_SYNTAX, at, "数值太大或太长");
        advance(p);
        return build_literal(p, at, value_number(d));
}

static bool take_string(struct parser *p, struct str *ret)
{
        size_t at = p->token.from;
        if (p->token.kind != T_STRING)
                return refuse_here(p, "这里应为带双引号的文字") != NULL;
        if (!scan_string(p->arena, str_slice(p->text, at, p->token.to), ret))
                return parse_refuse(p, E_FEEL_SYNTAX, at, "文字中的转义不成字符") != NULL;
        advance(p);
        return true;
}

static struct node *parse_string(struct parser *p)
{
        size_t at = p->token.from;
        struct str s;
        return take_string(p, &s) ? build_literal(p, at, value_string(s)) : NULL;
}

/* @"2021-09-28" */
static struct node *parse_at(struct parser *p)
{
        size_t at = p->token.from;
        struct str s = STR_LIT("");
        struct value v = value_null();
        advance(p);
        if (!take_string(p, &s))
                return NULL;
        if (!temporal_parse(s, &v) && p->strict)
                return parse_refuse(p, E_FEEL_SYNTAX, at, "不是日期、时刻或时长：%.*s",
                                STR_FMT(scan_cut(s, 60)));
        return build_literal(p, at, v);
}

/* ---- Ranges, lists, contexts ---- */

static struct node *parse_range_end(
                struct parser *p, size_t at, const struct node *low, bool low_closed)
{
        advance(p); /* the dots */
        struct node *high = parse_sum(p);
        if (high == NULL)
                return NULL;
        bool high_closed = p->token.kind == T_CLOSE_LIST;
        if (!high_closed && p->token.kind != T_CLOSE && p->token.kind != T_OPEN_LIST)
                return refuse_here(p, "区间应以 ] ) 或 [ 结束");
        advance(p);
        return build_range(p, at, low, high, low_closed, high_closed);
}

static bool is_comparison(enum token_kind kind, enum op *ret)
{
        static const struct {
                enum token_kind kind;
                enum op op;
        } rows[] = {
                { T_EQ, N_EQ },
                { T_NE, N_NE },
                { T_LT, N_LT },
                { T_LE, N_LE },
                { T_GT, N_GT },
                { T_GE, N_GE },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                if (rows[i].kind != kind)
                        continue;
                *ret = rows[i].op;
                return true;
        }
        return false;
}

/* `< e` and its like: a range with one bound; `= e` and `!= e` are tests of their own. */
static struct node *parse_operator_test(struct parser *p, enum op op)
{
        size_t at = p->token.from;
        advance(p);
        struct node *e = parse_sum(p);
        if (e == NULL)
                return NULL;
        switch (op) {
        case N_LT:
        case N_LE:
                return build_range(p, at, NULL, e, false, op == N_LE);
        case N_GT:
        case N_GE:
                return build_range(p, at, e, NULL, op == N_GE, false);
        default:
                return build_unary(p, op == N_EQ ? N_TEST_EQ : N_TEST_NE, at, e);
        }
}

static struct node *parse_test(struct parser *p)
{
        enum op op;
        if (is_comparison(p->token.kind, &op))
                return parse_operator_test(p, op);
        return parse_expression(p);
}

/* `(e)`, `(a..b)`, `(< e)` */
static struct node *parse_parentheses(struct parser *p)
{
        size_t at = p->token.from;
        enum op op;
        advance(p);
        bool is_range = is_comparison(p->token.kind, &op) && op != N_EQ && op != N_NE;
        struct node *e = is_range ? parse_operator_test(p, op) : parse_expression(p);
        if (e == NULL)
                return NULL;
        if (!is_range && p->token.kind == T_DOTS)
                return parse_range_end(p, at, e, false);
        return want(p, T_CLOSE, "缺少 )") ? e : NULL;
}

/* `[]`, `[a, b]`, `[a..b]` */
static struct node *parse_list(struct parser *p)
{
        size_t at = p->token.from;
        struct nodes items = { 0 };
        advance(p);
        if (take(p, T_CLOSE_LIST))
                return build_items(p, N_LIST, at, NULL, 0);
        do {
                struct node *e = parse_test(p);
                if (e == NULL)
                        return NULL;
                if (items.n == 0 && p->token.kind == T_DOTS)
                        return parse_range_end(p, at, e, true);
                nodes_add(p, &items, e, (struct str){ 0 });
        } while (take(p, T_COMMA));
        if (!want(p, T_CLOSE_LIST, "缺少 ]"))
                return NULL;
        return build_items(p, N_LIST, at, items.items, items.n);
}

/* `]a..b]` */
static struct node *parse_open_range(struct parser *p)
{
        size_t at = p->token.from;
        advance(p);
        struct node *low = parse_sum(p);
        if (low == NULL)
                return NULL;
        if (p->token.kind != T_DOTS)
                return refuse_here(p, "区间中间应为 ..");
        return parse_range_end(p, at, low, false);
}

static bool is_name_sign(enum token_kind kind)
{
        return kind == T_NAME || kind == T_NUMBER || kind == T_PLUS || kind == T_MINUS ||
               kind == T_STAR || kind == T_POWER || kind == T_SLASH || kind == T_DOT;
}

/* A new name: words, digits and the signs . / - + * behind its first word, up to
 * `word` (or NULL) or what no name has. */
static bool take_new_name(struct parser *p, const char *word, struct str *ret)
{
        size_t from = p->token.from, to = from;
        while ((to == from ? p->token.kind == T_NAME : is_name_sign(p->token.kind)) &&
                        (word == NULL || !is_word(p, word))) {
                to = p->token.to;
                advance(p);
        }
        if (to == from)
                return refuse_here(p, "这里应为名称") != NULL;
        *ret = scan_name_text(p->arena, p->text, from, to);
        return true;
}

static bool take_key(struct parser *p, struct str *ret)
{
        bool ok = p->token.kind == T_STRING ? take_string(p, ret) : take_new_name(p, NULL, ret);
        return ok && want(p, T_COLON, "名称后缺少冒号");
}

static bool has_entry(const struct bindings *entries, struct str name)
{
        for (size_t i = 0; i < entries->n; i++)
                if (str_eq(entries->items[i].name, name))
                        return true;
        return false;
}

static struct node *parse_entries(struct parser *p, size_t at)
{
        struct bindings entries = { 0 };
        bool twice = false;
        do {
                struct str key;
                if (!take_key(p, &key))
                        return NULL;
                twice = twice || has_entry(&entries, key);
                if (twice && p->strict)
                        return parse_refuse(p, E_FEEL_SYNTAX, p->token.from, "名称“%.*s”写了两次",
                                        STR_FMT(key));
                struct node *e = parse_expression(p);
                if (e == NULL)
                        return NULL;
                struct binding *entry = bindings_add(p, &entries);
                *entry = (struct binding){ .name = key, .from = e };
                name_add_word(p, key);
                if (!name_bind(p, key, e->type, &entry->local))
                        return NULL;
        } while (take(p, T_COMMA));
        if (!want(p, T_CLOSE_CONTEXT, "缺少 }"))
                return NULL;
        return twice ? build_literal(p, at, value_null())
                     : build_context(p, at, entries.items, entries.n);
}

static struct node *parse_context(struct parser *p)
{
        size_t at = p->token.from;
        uint32_t n_locals = p->n_locals;
        advance(p);
        if (take(p, T_CLOSE_CONTEXT))
                return build_context(p, at, NULL, 0);
        struct node *node = parse_entries(p, at);
        p->n_locals = n_locals;
        return node;
}

/* ---- if, for, some, every, function ---- */

static struct node *parse_if(struct parser *p)
{
        size_t at = p->token.from;
        struct node *a, *b, *c;
        advance(p);
        if ((a = parse_expression(p)) == NULL || !want_word(p, "then", "缺少 then") ||
                        (b = parse_expression(p)) == NULL || !want_word(p, "else", "缺少 else") ||
                        (c = parse_expression(p)) == NULL)
                return NULL;
        return build_if(p, at, a, b, c);
}

/* `x in L` or `x in a..b`, several with commas; each is in reach of the next. */
static bool parse_iterators(struct parser *p, struct bindings *bindings)
{
        do {
                struct str name;
                struct node *from, *to = NULL;
                if (!take_new_name(p, "in", &name) || !want_word(p, "in", "缺少 in") ||
                                (from = parse_expression(p)) == NULL)
                        return false;
                if (take(p, T_DOTS) && (to = parse_expression(p)) == NULL)
                        return false;
                struct binding *binding = bindings_add(p, bindings);
                *binding = (struct binding){ .name = name, .from = from, .to = to };
                const struct feel_type *type =
                                to != NULL ? from->type : build_item_type(from->type);
                if (!name_bind(p, name, type, &binding->local))
                        return false;
        } while (take(p, T_COMMA));
        return true;
}

static struct node *parse_loop(struct parser *p, enum op op)
{
        static const char *const words[] = {
                [N_FOR] = "return", [N_SOME] = "satisfies", [N_EVERY] = "satisfies"
        };
        size_t at = p->token.from;
        uint32_t n_locals = p->n_locals, partial = 0;
        struct bindings bindings = { 0 };
        struct node *body = NULL, *node = NULL;
        advance(p);
        if (!parse_iterators(p, &bindings))
                goto out;
        if (op == N_FOR && !name_bind(p, STR_LIT("partial"), feel_type_of(FEEL_LIST), &partial))
                goto out;
        if (!want_word(p, words[op], op == N_FOR ? "缺少 return" : "缺少 satisfies") ||
                        (body = parse_expression(p)) == NULL)
                goto out;
        node = build_loop(p, op, at, bindings.items, bindings.n, body);
        if (node != NULL && op == N_FOR) {
                node->index = partial;
                node->flag = p->locals[partial].is_read;
        }
out:
        p->n_locals = n_locals;
        return node;
}

/* A type in the text, behind `instance of` or a parameter's colon. */
static bool take_type(struct parser *p, const struct feel_type **ret)
{
        struct err err;
        size_t to = p->token.from;
        if (p->token.kind == T_END || !feel_type_read(p->arena, p->text, &to, ret, &err))
                return refuse_here(p, "这里应为类型") != NULL;
        p->token = scan_token(p->text, to);
        return true;
}

static bool parse_parameters(struct parser *p, struct bindings *params)
{
        if (!want(p, T_OPEN, "缺少 ("))
                return false;
        if (take(p, T_CLOSE))
                return true;
        do {
                struct str name;
                const struct feel_type *type = feel_type_of(FEEL_ANY);
                if (!take_new_name(p, NULL, &name) || (take(p, T_COLON) && !take_type(p, &type)))
                        return false;
                struct binding *param = bindings_add(p, params);
                *param = (struct binding){ .name = name, .type = type };
                if (!name_bind(p, name, type, &param->local))
                        return false;
        } while (take(p, T_COMMA));
        return want(p, T_CLOSE, "缺少 )");
}

static struct node *parse_function(struct parser *p)
{
        size_t at = p->token.from;
        uint32_t captured = p->n_locals, frame = p->frame;
        struct bindings params = { 0 };
        struct node *body = NULL, *node = NULL;
        advance(p);
        p->frame = captured;
        if (!parse_parameters(p, &params))
                goto out;
        if (is_word(p, "external")) {
                refuse_here(p, "不支持外部函数");
                goto out;
        }
        if ((body = parse_expression(p)) == NULL)
                goto out;
        struct feel_type *type = arena_new(p->arena, struct feel_type);
        *type = (struct feel_type){ .kind = FEEL_FUNCTION, .item = body->type };
        if ((node = build(p, N_FUNCTION, at, type)) == NULL)
                goto out;
        node->a = body;
        node->bindings = params.items;
        node->n = (uint32_t)params.n;
        node->index = captured;
        node->frame = p->frame;
        node->height = (uint16_t)(body->height + 1);
out:
        p->n_locals = captured;
        p->frame = frame;
        return node;
}

/* ---- Calls ---- */

/* Is the text behind "(" `name:` or `name with spaces:`? */
static bool is_named_argument(const struct parser *p)
{
        struct token t = p->token;
        if (t.kind != T_NAME)
                return false;
        while (t.kind == T_NAME)
                t = scan_token(p->text, t.to);
        return t.kind == T_COLON;
}

static bool parse_arguments(struct parser *p, struct nodes *args, bool *named)
{
        *named = false;
        if (!want(p, T_OPEN, "缺少 ("))
                return false;
        if (take(p, T_CLOSE))
                return true;
        *named = is_named_argument(p);
        do {
                struct str name = { 0 };
                struct node *e;
                if (*named && (!take_new_name(p, NULL, &name) ||
                                              !want(p, T_COLON, "参数名称后缺少冒号")))
                        return false;
                if ((e = parse_test(p)) == NULL)
                        return false;
                if (args->n == FEEL_ARGS_MAX)
                        return parse_refuse(p, E_FEEL_LIMIT, p->token.from, "参数太多") != NULL;
                nodes_add(p, args, e, name);
        } while (take(p, T_COMMA));
        return want(p, T_CLOSE, "缺少 )");
}

static struct node *parse_known_call(struct parser *p, const struct named *named)
{
        struct nodes args = { 0 };
        bool by_name;
        if (!parse_arguments(p, &args, &by_name))
                return NULL;
        const struct str *names = by_name ? args.names : NULL;
        bool ok;
        const struct host *host = name_host(p, named->name, &ok);
        if (!ok)
                return NULL;
        if (host != NULL)
                return build_host(p, named->from, host, args.items, names, args.n);
        return build_builtin(p, named->from, named->name, args.items, names, args.n);
}

static struct node *parse_value_call(struct parser *p, const struct node *callee)
{
        struct nodes args = { 0 };
        size_t at = p->token.from;
        bool by_name;
        if (!parse_arguments(p, &args, &by_name))
                return NULL;
        return build_call(p, at, callee, args.items, by_name ? args.names : NULL, args.n);
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
                return refuse_here(p, "这里应为一个值");
        }
        if (name_is_declared(p)) /* "in a list" is a name where somebody declared it */
                return parse_name(p);
        if (is_word(p, "if"))
                return parse_if(p);
        if (is_word(p, "for"))
                return parse_loop(p, N_FOR);
        if (is_word(p, "some"))
                return parse_loop(p, N_SOME);
        if (is_word(p, "every"))
                return parse_loop(p, N_EVERY);
        if (is_word(p, "function"))
                return parse_function(p);
        if (is_keyword(p->text, p->token))
                return refuse_here(p, "这里应为一个值");
        return parse_name(p);
}

static struct node *parse_filter(struct parser *p, const struct node *list)
{
        size_t at = p->token.from;
        uint32_t n_locals = p->n_locals, item;
        advance(p);
        if (!name_bind(p, STR_LIT("item"), build_item_type(list->type), &item))
                return NULL;
        p->locals[item].is_item = true;
        struct node *condition = parse_expression(p);
        p->n_locals = n_locals;
        if (condition == NULL || !want(p, T_CLOSE_LIST, "缺少 ]"))
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
                if (take(p, T_DOT)) {
                        if (p->token.kind != T_NAME)
                                return refuse_here(p, "点号后应为名称");
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
        while (e != NULL && is_word(p, "instance")) {
                size_t at = p->token.from;
                const struct feel_type *asked;
                advance(p);
                if (!want_word(p, "of", "缺少 of") || !take_type(p, &asked))
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
        while (take(p, T_MINUS))
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
                advance(p);
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
                advance(p);
                struct node *b = parse_power(p);
                a = b != NULL ? build_binary(p, op, at, a, b) : NULL;
        }
        return a;
}

static struct node *parse_sum(struct parser *p)
{
        struct node *a = parse_product(p);
        while (a != NULL && (p->token.kind == T_PLUS || p->token.kind == T_MINUS)) {
                enum op op = p->token.kind == T_PLUS ? N_ADD : N_SUB;
                size_t at = p->token.from;
                advance(p);
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
                test = is_comparison(p->token.kind, &op) ? parse_operator_test(p, op)
                                                         : parse_sum(p);
                return test != NULL ? build_in(p, at, a, (const struct node *const[]){ test }, 1)
                                    : NULL;
        }
        size_t open = p->token.from;
        advance(p);
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
                nodes_add(p, &tests, test, (struct str){ 0 });
        } while (take(p, T_COMMA));
        if (!want(p, T_CLOSE, "缺少 )"))
                return NULL;
        return build_in(p, at, a, tests.items, tests.n);
}

static struct node *parse_between(struct parser *p, size_t at, const struct node *a)
{
        struct node *low = parse_sum(p), *high;
        if (low == NULL || !want_word(p, "and", "between 缺少 and") ||
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
                if (is_comparison(p->token.kind, &op)) {
                        advance(p);
                        struct node *b = parse_sum(p);
                        a = b != NULL ? build_binary(p, op, at, a, b) : NULL;
                } else if (take_word(p, "between")) {
                        a = parse_between(p, at, a);
                } else if (take_word(p, "in")) {
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
                nodes_add(p, &items, e, (struct str){ 0 });
        } while (take_word(p, word));
        return items.n == 1 ? e : build_items(p, op, at, items.items, items.n);
}

static struct node *parse_expression(struct parser *p)
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
                nodes_add(p, tests, test, (struct str){ 0 });
        } while (take(p, T_COMMA));
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
                advance(p);
                return build_items(p, N_TESTS, 0, NULL, 0);
        }
        bool negate = is_word(p, "not") && next.kind == T_OPEN;
        if (negate) {
                advance(p);
                advance(p);
        }
        if (parse_test_list(p, &tests) == NULL || (negate && !want(p, T_CLOSE, "缺少 )")))
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
                return refuse_here(p, "表达式到此应已结束") != NULL;
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
