/* Terms of the grammar: literals, ranges, lists, contexts, if, for, functions, calls. */
#include <assert.h>
#include "rules/feel_number.h"
#include "rules/feel_parser.h"
#include "rules/feel_temporal.h"

/* ---- Literals ---- */

struct node *parse_number(struct parser *p)
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
        parse_advance(p);
        return build_literal(p, at, value_number(d));
}

static bool take_string(struct parser *p, struct str *ret)
{
        size_t at = p->token.from;
        if (p->token.kind != T_STRING)
                return parse_refuse_here(p, "这里应为带双引号的文字") != NULL;
        if (!scan_string(p->arena, str_slice(p->text, at, p->token.to), ret))
                return parse_refuse(p, E_FEEL_SYNTAX, at, "文字中的转义不成字符") != NULL;
        parse_advance(p);
        return true;
}

struct node *parse_string(struct parser *p)
{
        size_t at = p->token.from;
        struct str s;
        return take_string(p, &s) ? build_literal(p, at, value_string(s)) : NULL;
}

/* @"2021-09-28" */
struct node *parse_at(struct parser *p)
{
        size_t at = p->token.from;
        struct str s = STR_LIT("");
        struct value v = value_null();
        parse_advance(p);
        if (!take_string(p, &s))
                return NULL;
        if (!temporal_parse(s, &v) && p->strict)
                return parse_refuse(p, E_FEEL_SYNTAX, at, "不是日期、时刻或时长：%.*s",
                                STR_FMT(scan_cut(s, 60)));
        return build_literal(p, at, v);
}

/* ---- Ranges, lists, contexts ---- */

struct node *parse_range_end(struct parser *p, size_t at, const struct node *low, bool low_closed)
{
        parse_advance(p); /* the dots */
        struct node *high = parse_sum(p);
        if (high == NULL)
                return NULL;
        bool high_closed = p->token.kind == T_CLOSE_LIST;
        if (!high_closed && p->token.kind != T_CLOSE && p->token.kind != T_OPEN_LIST)
                return parse_refuse_here(p, "区间应以 ] ) 或 [ 结束");
        parse_advance(p);
        return build_range(p, at, low, high, low_closed, high_closed);
}

bool parse_is_comparison(enum token_kind kind, enum op *ret)
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
struct node *parse_operator_test(struct parser *p, enum op op)
{
        size_t at = p->token.from;
        parse_advance(p);
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

struct node *parse_test(struct parser *p)
{
        enum op op;
        if (parse_is_comparison(p->token.kind, &op))
                return parse_operator_test(p, op);
        return parse_expression(p);
}

/* `(e)`, `(a..b)`, `(< e)` */
struct node *parse_parentheses(struct parser *p)
{
        size_t at = p->token.from;
        enum op op;
        parse_advance(p);
        bool is_range = parse_is_comparison(p->token.kind, &op) && op != N_EQ && op != N_NE;
        struct node *e = is_range ? parse_operator_test(p, op) : parse_expression(p);
        if (e == NULL)
                return NULL;
        if (!is_range && p->token.kind == T_DOTS)
                return parse_range_end(p, at, e, false);
        return parse_want(p, T_CLOSE, "缺少 )") ? e : NULL;
}

/* `[]`, `[a, b]`, `[a..b]` */
struct node *parse_list(struct parser *p)
{
        size_t at = p->token.from;
        struct nodes items = { 0 };
        parse_advance(p);
        if (parse_take(p, T_CLOSE_LIST))
                return build_items(p, N_LIST, at, NULL, 0);
        do {
                struct node *e = parse_test(p);
                if (e == NULL)
                        return NULL;
                if (items.n == 0 && p->token.kind == T_DOTS)
                        return parse_range_end(p, at, e, true);
                parse_add_node(p, &items, e, (struct str){ 0 });
        } while (parse_take(p, T_COMMA));
        if (!parse_want(p, T_CLOSE_LIST, "缺少 ]"))
                return NULL;
        return build_items(p, N_LIST, at, items.items, items.n);
}

/* `]a..b]` */
struct node *parse_open_range(struct parser *p)
{
        size_t at = p->token.from;
        parse_advance(p);
        struct node *low = parse_sum(p);
        if (low == NULL)
                return NULL;
        if (p->token.kind != T_DOTS)
                return parse_refuse_here(p, "区间中间应为 ..");
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
                        (word == NULL || !parse_is_word(p, word))) {
                to = p->token.to;
                parse_advance(p);
        }
        if (to == from)
                return parse_refuse_here(p, "这里应为名称") != NULL;
        *ret = scan_name_text(p->arena, p->text, from, to);
        return true;
}

static bool take_key(struct parser *p, struct str *ret)
{
        bool ok = p->token.kind == T_STRING ? take_string(p, ret) : take_new_name(p, NULL, ret);
        return ok && parse_want(p, T_COLON, "名称后缺少冒号");
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
                struct binding *entry = parse_add_binding(p, &entries);
                *entry = (struct binding){ .name = key, .from = e };
                name_add_word(p, key);
                if (!name_bind(p, key, e->type, &entry->local))
                        return NULL;
        } while (parse_take(p, T_COMMA));
        if (!parse_want(p, T_CLOSE_CONTEXT, "缺少 }"))
                return NULL;
        return twice ? build_literal(p, at, value_null())
                     : build_context(p, at, entries.items, entries.n);
}

struct node *parse_context(struct parser *p)
{
        size_t at = p->token.from;
        uint32_t n_locals = p->n_locals;
        parse_advance(p);
        if (parse_take(p, T_CLOSE_CONTEXT))
                return build_context(p, at, NULL, 0);
        struct node *node = parse_entries(p, at);
        p->n_locals = n_locals;
        return node;
}

/* ---- if, for, some, every, function ---- */

struct node *parse_if(struct parser *p)
{
        size_t at = p->token.from;
        struct node *a, *b, *c;
        parse_advance(p);
        if ((a = parse_expression(p)) == NULL || !parse_want_word(p, "then", "缺少 then") ||
                        (b = parse_expression(p)) == NULL ||
                        !parse_want_word(p, "else", "缺少 else") ||
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
                if (!take_new_name(p, "in", &name) || !parse_want_word(p, "in", "缺少 in") ||
                                (from = parse_expression(p)) == NULL)
                        return false;
                if (parse_take(p, T_DOTS) && (to = parse_expression(p)) == NULL)
                        return false;
                struct binding *binding = parse_add_binding(p, bindings);
                *binding = (struct binding){ .name = name, .from = from, .to = to };
                const struct feel_type *type =
                                to != NULL ? from->type : build_item_type(from->type);
                if (!name_bind(p, name, type, &binding->local))
                        return false;
        } while (parse_take(p, T_COMMA));
        return true;
}

struct node *parse_loop(struct parser *p, enum op op)
{
        static const char *const words[] = {
                [N_FOR] = "return", [N_SOME] = "satisfies", [N_EVERY] = "satisfies"
        };
        size_t at = p->token.from;
        uint32_t n_locals = p->n_locals, partial = 0;
        struct bindings bindings = { 0 };
        struct node *body = NULL, *node = NULL;
        parse_advance(p);
        if (!parse_iterators(p, &bindings))
                goto out;
        if (op == N_FOR && !name_bind(p, STR_LIT("partial"), feel_type_of(FEEL_LIST), &partial))
                goto out;
        if (!parse_want_word(p, words[op], op == N_FOR ? "缺少 return" : "缺少 satisfies") ||
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
bool parse_take_type(struct parser *p, const struct feel_type **ret)
{
        struct err err;
        size_t to = p->token.from;
        if (p->token.kind == T_END || !feel_type_read(p->arena, p->text, &to, ret, &err))
                return parse_refuse_here(p, "这里应为类型") != NULL;
        p->token = scan_token(p->text, to);
        return true;
}

static bool parse_parameters(struct parser *p, struct bindings *params)
{
        if (!parse_want(p, T_OPEN, "缺少 ("))
                return false;
        if (parse_take(p, T_CLOSE))
                return true;
        do {
                struct str name;
                const struct feel_type *type = feel_type_of(FEEL_ANY);
                if (!take_new_name(p, NULL, &name) ||
                                (parse_take(p, T_COLON) && !parse_take_type(p, &type)))
                        return false;
                struct binding *param = parse_add_binding(p, params);
                *param = (struct binding){ .name = name, .type = type };
                if (!name_bind(p, name, type, &param->local))
                        return false;
        } while (parse_take(p, T_COMMA));
        return parse_want(p, T_CLOSE, "缺少 )");
}

struct node *parse_function(struct parser *p)
{
        size_t at = p->token.from;
        uint32_t captured = p->n_locals, frame = p->frame;
        struct bindings params = { 0 };
        struct node *body = NULL, *node = NULL;
        parse_advance(p);
        p->frame = captured;
        if (!parse_parameters(p, &params))
                goto out;
        if (parse_is_word(p, "external")) {
                parse_refuse_here(p, "不支持外部函数");
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
static bool parse_is_named_argument(const struct parser *p)
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
        if (!parse_want(p, T_OPEN, "缺少 ("))
                return false;
        if (parse_take(p, T_CLOSE))
                return true;
        *named = parse_is_named_argument(p);
        do {
                struct str name = { 0 };
                struct node *e;
                if (*named && (!take_new_name(p, NULL, &name) ||
                                              !parse_want(p, T_COLON, "参数名称后缺少冒号")))
                        return false;
                if ((e = parse_test(p)) == NULL)
                        return false;
                if (args->n == FEEL_ARGS_MAX)
                        return parse_refuse(p, E_FEEL_LIMIT, p->token.from, "参数太多") != NULL;
                parse_add_node(p, args, e, name);
        } while (parse_take(p, T_COMMA));
        return parse_want(p, T_CLOSE, "缺少 )");
}

struct node *parse_known_call(struct parser *p, const struct named *named)
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

struct node *parse_value_call(struct parser *p, const struct node *callee)
{
        struct nodes args = { 0 };
        size_t at = p->token.from;
        bool by_name;
        if (!parse_arguments(p, &args, &by_name))
                return NULL;
        return build_call(p, at, callee, args.items, by_name ? args.names : NULL, args.n);
}
