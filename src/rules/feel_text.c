#include "rules/feel_machine.h"
#include "rules/feel_temporal.h"

static bool write_inner(struct machine *m, struct buf *buf, const struct value *v, unsigned depth,
                bool quotes);

static bool write_list(struct machine *m, struct buf *buf, const struct value *v, unsigned depth)
{
        buf_char(buf, '[');
        for (size_t i = 0; i < v->list.n; i++) {
                if (i != 0)
                        buf_c(buf, ", ");
                if (!write_inner(m, buf, &v->list.items[i], depth, true))
                        return false;
        }
        buf_char(buf, ']');
        return true;
}

static bool is_plain_name(struct str name)
{
        for (size_t i = 0; i < name.n; i++)
                if (strchr("\"\\{}[],:", name.p[i]) != NULL)
                        return false;
        return name.n != 0;
}

static bool write_context(struct machine *m, struct buf *buf, const struct value *v, unsigned depth)
{
        buf_char(buf, '{');
        for (size_t i = 0; i < v->context.n; i++) {
                const struct member *member = &v->context.members[i];
                if (i != 0)
                        buf_c(buf, ", ");
                if (is_plain_name(member->name))
                        buf_str_add(buf, member->name);
                else
                        value_write_json_string(buf, member->name);
                buf_c(buf, ": ");
                if (!write_inner(m, buf, &member->value, depth, true))
                        return false;
        }
        buf_char(buf, '}');
        return true;
}

static bool write_range(
                struct machine *m, struct buf *buf, const struct range *range, unsigned depth)
{
        if (!range->has_low || !range->has_high) {
                bool closed = range->has_low ? range->low_closed : range->high_closed;
                buf_c(buf, range->has_low ? (closed ? "(>= " : "(> ") : closed ? "(<= " : "(< ");
                if (!write_inner(m, buf, range->has_low ? &range->low : &range->high, depth, true))
                        return false;
                buf_char(buf, ')');
                return true;
        }
        buf_char(buf, range->low_closed ? '[' : '(');
        if (!write_inner(m, buf, &range->low, depth, true))
                return false;
        buf_c(buf, "..");
        if (!write_inner(m, buf, &range->high, depth, true))
                return false;
        buf_char(buf, range->high_closed ? ']' : ')');
        return true;
}

static bool write_string(struct machine *m, struct buf *buf, struct str s, bool quotes)
{
        if (!feel_spend(m, s.n / 32))
                return false;
        if (!quotes) {
                buf_str_add(buf, s);
                return true;
        }
        buf_char(buf, '"');
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == '"' || s.p[i] == '\\')
                        buf_char(buf, '\\');
                buf_char(buf, s.p[i]);
        }
        buf_char(buf, '"');
        return true;
}

static bool write_inner(struct machine *m, struct buf *buf, const struct value *v, unsigned depth,
                bool quotes)
{
        if (depth == LIMIT_NESTING)
                return feel_exhausted(m, "嵌套太深");
        if (!feel_spend(m, 1))
                return false;
        switch (kind_of(v)) {
        case VALUE_NULL:
                buf_c(buf, "null");
                return true;
        case VALUE_BOOL:
                buf_c(buf, v->boolean ? "true" : "false");
                return true;
        case VALUE_NUMBER: {
                struct str text = decimal_format(m->arena, v->number);
                buf_str_add(buf, text);
                return feel_spend(m, text.n / 32);
        }
        case VALUE_STRING:
                return write_string(m, buf, v->string, quotes);
        case VALUE_LIST:
                return write_list(m, buf, v, depth + 1);
        case VALUE_CONTEXT:
                return write_context(m, buf, v, depth + 1);
        case KIND_RANGE:
                return write_range(m, buf, range_of(v), depth + 1);
        default:
                if (!temporal_write(buf, v))
                        buf_c(buf, "function");
                return true;
        }
}

bool feel_write(struct machine *m, struct buf *buf, const struct value *v)
{
        return write_inner(m, buf, v, 0, false);
}

struct str feel_string(struct arena *arena, const struct value *v)
{
        struct err err;
        struct machine m = { .arena = arena, .err = &err };
        struct buf buf = BUF(arena);
        return feel_write(&m, &buf, v) ? buf_str(&buf) : (struct str){ 0 };
}
