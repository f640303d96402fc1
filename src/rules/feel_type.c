#include "rules/feel.h"

#include <assert.h>

#include "rules/feel_parser.h"

static const struct feel_type plain[N_FEEL_KINDS] = {
        [FEEL_ANY] = { .kind = FEEL_ANY },
        [FEEL_NULL] = { .kind = FEEL_NULL },
        [FEEL_BOOLEAN] = { .kind = FEEL_BOOLEAN },
        [FEEL_NUMBER] = { .kind = FEEL_NUMBER },
        [FEEL_STRING] = { .kind = FEEL_STRING },
        [FEEL_DATE] = { .kind = FEEL_DATE },
        [FEEL_TIME] = { .kind = FEEL_TIME },
        [FEEL_DATE_TIME] = { .kind = FEEL_DATE_TIME },
        [FEEL_DURATION] = { .kind = FEEL_DURATION },
        [FEEL_MONTHS] = { .kind = FEEL_MONTHS },
        [FEEL_LIST] = { .kind = FEEL_LIST, .item = &plain[FEEL_ANY] },
        [FEEL_CONTEXT] = { .kind = FEEL_CONTEXT },
        [FEEL_RANGE] = { .kind = FEEL_RANGE, .item = &plain[FEEL_ANY] },
        [FEEL_FUNCTION] = { .kind = FEEL_FUNCTION, .item = &plain[FEEL_ANY] },
};

/* The first name of a kind is the one that is written. */
static const struct {
        const char *name;
        enum feel_kind kind;
} names[] = {
        { "days and time duration", FEEL_DURATION },
        { "years and months duration", FEEL_MONTHS },
        { "day time duration", FEEL_DURATION },
        { "year month duration", FEEL_MONTHS },
        { "duration", FEEL_DURATION },
        { "date and time", FEEL_DATE_TIME },
        { "dateTime", FEEL_DATE_TIME },
        { "date", FEEL_DATE },
        { "time", FEEL_TIME },
        { "number", FEEL_NUMBER },
        { "string", FEEL_STRING },
        { "boolean", FEEL_BOOLEAN },
        { "list", FEEL_LIST },
        { "context", FEEL_CONTEXT },
        { "range", FEEL_RANGE },
        { "function", FEEL_FUNCTION },
        { "Any", FEEL_ANY },
        { "any", FEEL_ANY },
        { "Null", FEEL_NULL },
        { "null", FEEL_NULL },
};

const struct feel_type *feel_type_of(enum feel_kind kind)
{
        assert(kind < N_FEEL_KINDS);
        return &plain[kind];
}

/* ---- Reading ---- */

struct reader {
        struct arena *arena;
        struct str text;
        size_t at;
        unsigned depth;
        struct err *err;
};

static bool refuse(struct reader *r, const char *what)
{
        return err_set(r->err, E_FEEL_TYPE, "类型“%.*s”第 %zu 字节：%s",
                        STR_FMT(scan_cut(r->text, 80)), r->at + 1, what);
}

static void skip_space(struct reader *r)
{
        while (r->at < r->text.n &&
                        (r->text.p[r->at] == ' ' || r->text.p[r->at] == '\n' ||
                                        r->text.p[r->at] == '\t' || r->text.p[r->at] == '\r'))
                r->at++;
}

static bool take(struct reader *r, const char *mark)
{
        skip_space(r);
        struct str rest = str_slice(r->text, r->at, r->text.n);
        if (!str_starts(rest, str_of(mark)))
                return false;
        r->at += strlen(mark);
        return true;
}

static bool is_word_byte(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || (unsigned char)c >= 0x80;
}

static bool take_kind(struct reader *r, enum feel_kind *ret)
{
        skip_space(r);
        struct str rest = str_slice(r->text, r->at, r->text.n);
        for (size_t i = 0; i < N_ELEMENTS(names); i++) {
                size_t n = strlen(names[i].name);
                if (!str_starts(rest, str_of(names[i].name)) ||
                                (rest.n > n && is_word_byte(rest.p[n])))
                        continue;
                r->at += n;
                *ret = names[i].kind;
                return true;
        }
        return refuse(r, "不认识的类型");
}

static bool read_type(struct reader *r, const struct feel_type **ret);

/* "<T>" behind list and range. */
static bool read_item(struct reader *r, struct feel_type *type)
{
        return read_type(r, &type->item) && (take(r, ">") || refuse(r, "缺少 >"));
}

/* "<T, T> -> T" behind function, its "<" taken; parameters are not kept. */
static bool read_signature(struct reader *r, struct feel_type *type)
{
        const struct feel_type *parameter;
        bool more = !take(r, ">");
        while (more) {
                if (!read_type(r, &parameter))
                        return false;
                more = take(r, ",");
                if (!more && !take(r, ">"))
                        return refuse(r, "缺少 >");
        }
        if (!take(r, "->"))
                return refuse(r, "缺少 ->");
        return read_type(r, &type->item);
}

/* "<a: T, b: T>" behind context, its "<" taken. */
static bool read_members(struct reader *r, struct feel_type *type)
{
        struct feel_member *members = NULL;
        size_t n = 0, capacity = 0;
        do {
                skip_space(r);
                size_t from = r->at;
                while (r->at < r->text.n && r->text.p[r->at] != ':' && r->text.p[r->at] != '>')
                        r->at++;
                struct str name = str_trim(str_slice(r->text, from, r->at));
                if (name.n == 0 || !take(r, ":"))
                        return refuse(r, "缺少成员名称或冒号");
                if (n == capacity) {
                        capacity = capacity == 0 ? 8 : capacity * 2;
                        struct feel_member *more =
                                        arena_new_array(r->arena, capacity, struct feel_member);
                        if (n != 0)
                                memcpy(more, members, n * sizeof(*members));
                        members = more;
                }
                members[n].name = name;
                if (!read_type(r, &members[n++].type))
                        return false;
        } while (take(r, ","));
        type->members = members;
        type->n_members = n;
        return take(r, ">") || refuse(r, "缺少 >");
}

static bool read_parts(struct reader *r, struct feel_type *type)
{
        switch (type->kind) {
        case FEEL_LIST:
        case FEEL_RANGE:
                return read_item(r, type);
        case FEEL_CONTEXT:
                return read_members(r, type);
        case FEEL_FUNCTION:
                return read_signature(r, type);
        default:
                return refuse(r, "这个类型没有成分");
        }
}

static bool read_type(struct reader *r, const struct feel_type **ret)
{
        enum feel_kind kind = FEEL_ANY;
        if (r->depth == LIMIT_NESTING)
                return refuse(r, "嵌套太深");
        if (!take_kind(r, &kind))
                return false;
        *ret = feel_type_of(kind);
        if (!take(r, "<"))
                return true;
        struct feel_type *type = arena_new(r->arena, struct feel_type);
        *type = *feel_type_of(kind);
        r->depth++;
        bool ok = read_parts(r, type);
        r->depth--;
        *ret = type;
        return ok;
}

bool feel_type_read(struct arena *arena, struct str text, size_t *at, const struct feel_type **ret,
                struct err *err)
{
        struct reader r = { .arena = arena, .text = text, .at = *at, .err = err };
        if (!read_type(&r, ret))
                return false;
        *at = r.at;
        return true;
}

bool feel_type_parse(
                struct arena *arena, struct str text, const struct feel_type **ret, struct err *err)
{
        struct reader r = { .arena = arena, .text = text, .err = err };
        const struct feel_type *type;
        if (!read_type(&r, &type))
                return false;
        skip_space(&r);
        if (r.at != text.n)
                return refuse(&r, "后面有多余的文字");
        *ret = type;
        return true;
}

/* ---- Writing ---- */

static void write_type(struct buf *buf, const struct feel_type *type)
{
        for (size_t i = 0; i < N_ELEMENTS(names); i++) {
                if (names[i].kind != type->kind)
                        continue;
                buf_c(buf, names[i].name);
                break;
        }
        if (type->kind == FEEL_CONTEXT && type->n_members != 0) {
                for (size_t i = 0; i < type->n_members; i++) {
                        buf_c(buf, i == 0 ? "<" : ", ");
                        buf_str_add(buf, type->members[i].name);
                        buf_c(buf, ": ");
                        write_type(buf, type->members[i].type);
                }
                buf_c(buf, ">");
        }
        if ((type->kind == FEEL_LIST || type->kind == FEEL_RANGE) && type->item->kind != FEEL_ANY) {
                buf_c(buf, "<");
                write_type(buf, type->item);
                buf_c(buf, ">");
        }
}

struct str feel_type_format(struct arena *arena, const struct feel_type *type)
{
        struct buf buf = BUF(arena);
        write_type(&buf, type);
        return buf_str(&buf);
}

/* ---- Fitting ---- */

static const struct feel_type *member_type(const struct feel_type *context, struct str name)
{
        for (size_t i = 0; i < context->n_members; i++)
                if (str_eq(context->members[i].name, name))
                        return context->members[i].type;
        return NULL;
}

static bool context_fits(const struct feel_type *from, const struct feel_type *to)
{
        if (from->n_members == 0)
                return true; /* any members: known only when evaluated */
        for (size_t i = 0; i < to->n_members; i++) {
                const struct feel_type *have = member_type(from, to->members[i].name);
                if (have == NULL || !feel_type_fits(have, to->members[i].type))
                        return false;
        }
        return true;
}

bool feel_type_fits(const struct feel_type *from, const struct feel_type *to)
{
        if (from == to || from->kind == FEEL_ANY || to->kind == FEEL_ANY || from->kind == FEEL_NULL)
                return true;
        if (from->kind != to->kind)
                return false;
        switch (from->kind) {
        case FEEL_LIST:
        case FEEL_RANGE:
        case FEEL_FUNCTION:
                return feel_type_fits(from->item, to->item);
        case FEEL_CONTEXT:
                return context_fits(from, to);
        default:
                return true;
        }
}
