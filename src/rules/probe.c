#include "rules/probe.h"

#include "rules/feel_machine.h"

static bool write_json(struct machine *m, struct buf *buf, const struct value *v, unsigned depth);

static bool write_list(struct machine *m, struct buf *buf, const struct value *v, unsigned depth)
{
        buf_char(buf, '[');
        for (size_t i = 0; i < v->list.n; i++) {
                if (i != 0)
                        buf_char(buf, ',');
                if (!write_json(m, buf, &v->list.items[i], depth))
                        return false;
        }
        buf_char(buf, ']');
        return true;
}

static bool write_context(struct machine *m, struct buf *buf, const struct value *v, unsigned depth)
{
        buf_char(buf, '{');
        for (size_t i = 0; i < v->context.n; i++) {
                if (i != 0)
                        buf_char(buf, ',');
                value_write_json_string(buf, v->context.members[i].name);
                buf_char(buf, ':');
                if (!write_json(m, buf, &v->context.members[i].value, depth))
                        return false;
        }
        buf_char(buf, '}');
        return true;
}

static bool write_json(struct machine *m, struct buf *buf, const struct value *v, unsigned depth)
{
        if (depth == LIMIT_NESTING)
                return feel_exhausted(m, "结果嵌套太深");
        if (!feel_spend(m, 1))
                return false;
        switch (kind_of(v)) {
        case VALUE_NULL:
        case KIND_FUNCTION:
                buf_c(buf, "null");
                return true;
        case VALUE_BOOL:
                buf_c(buf, v->boolean ? "true" : "false");
                return true;
        case VALUE_NUMBER:
                return feel_write(m, buf, v);
        case VALUE_STRING:
                value_write_json_string(buf, v->string);
                return true;
        case VALUE_LIST:
                return write_list(m, buf, v, depth + 1);
        case VALUE_CONTEXT:
                return write_context(m, buf, v, depth + 1);
        default:
                break;
        }
        struct buf text = BUF(m->arena);
        if (!feel_write(m, &text, v))
                return false;
        value_write_json_string(buf, buf_str(&text));
        return true;
}

static bool lookup(void *user, struct str name, struct value *ret)
{
        const struct value *context = user;
        const struct value *member = value_get(context, name);
        if (member != NULL)
                *ret = *member;
        return member != NULL;
}

/* The members of the context are names that the text may use. */
static struct feel_schema schema_of(struct arena *arena, const struct value *context)
{
        struct feel_member *names = arena_new_array(arena, context->context.n, struct feel_member);
        for (size_t i = 0; i < context->context.n; i++)
                names[i] = (struct feel_member){ context->context.members[i].name,
                        feel_type_of(FEEL_ANY) };
        return (struct feel_schema){
                .names = names, .n_names = context->context.n, .untyped = true
        };
}

static bool probe(struct arena *arena, struct str text, struct value *context, struct buf *buf,
                struct err *err)
{
        struct feel_schema schema = schema_of(arena, context);
        struct feel_env env = { .user = context, .lookup = lookup, .now = { PROBE_NOW } };
        const struct feel_expression *expression;
        struct value stack[FEEL_STACK], v;
        struct machine m;
        return feel_compile(arena, text, &schema, NULL, &expression, err) &&
               feel_eval_raw(arena, expression, &env, NULL, &m, stack, &v, err) &&
               write_json(&m, buf, &v, 0);
}

struct str feel_probe(struct arena *arena, struct str line)
{
        struct err err;
        struct str rest = line;
        struct str text = str_split(&rest, '\t');
        struct value context = value_context(NULL, 0);
        struct buf buf = BUF(arena);
        bool ok = rest.n == 0 || value_parse_json(arena, rest, &context, &err);
        if (ok && context.kind != VALUE_CONTEXT)
                ok = err_set(&err, E_JSON, "制表符后应为 JSON 对象");
        if (ok && probe(arena, text, &context, &buf, &err))
                return buf_str(&buf);
        return str_format(arena, "error\t%.*s", STR_FMT(err_sentence(arena, &err)));
}
