#include "base/value.h"

#include <assert.h>
#include <stdlib.h>

#define EXACT_INTEGER ((int64_t)1 << 53)

static int compare_members(const void *a, const void *b)
{
        return str_cmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

#define FEW 24 /* below this, moving in place beats a call for each comparison */

static void insert_sorted(struct member *members, size_t n)
{
        for (size_t i = 1; i < n; i++) {
                struct member moving = members[i];
                size_t k = i;
                for (; k > 0 && str_cmp(members[k - 1].name, moving.name) > 0; k--)
                        members[k] = members[k - 1];
                members[k] = moving;
        }
}

bool value_sort_members(struct member *members, size_t n)
{
        bool sorted = true;
        for (size_t i = 1; i < n && sorted; i++)
                sorted = str_cmp(members[i - 1].name, members[i].name) < 0;
        if (sorted)
                return true;
        if (n > FEW)
                qsort(members, n, sizeof(*members), compare_members);
        else
                insert_sorted(members, n);
        for (size_t i = 1; i < n; i++)
                if (str_eq(members[i - 1].name, members[i].name))
                        return false;
        return true;
}

const struct value *value_get(const struct value *context, struct str name)
{
        assert(context->kind == VALUE_CONTEXT);
        size_t low = 0, high = context->context.n;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = str_cmp(name, context->context.members[middle].name);
                if (order == 0)
                        return &context->context.members[middle].value;
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

static bool eq_lists(const struct value *a, const struct value *b)
{
        if (a->list.n != b->list.n)
                return false;
        for (size_t i = 0; i < a->list.n; i++)
                if (!value_eq(&a->list.items[i], &b->list.items[i]))
                        return false;
        return true;
}

static bool eq_contexts(const struct value *a, const struct value *b)
{
        if (a->context.n != b->context.n)
                return false;
        for (size_t i = 0; i < a->context.n; i++) {
                const struct member *x = &a->context.members[i], *y = &b->context.members[i];
                if (!str_eq(x->name, y->name) || !value_eq(&x->value, &y->value))
                        return false;
        }
        return true;
}

bool value_eq(const struct value *a, const struct value *b)
{
        if (a->kind != b->kind)
                return false;
        switch (a->kind) {
        case VALUE_NULL:
                return true;
        case VALUE_BOOL:
                return a->boolean == b->boolean;
        case VALUE_NUMBER:
                return decimal_cmp(a->number, b->number) == 0;
        case VALUE_STRING:
                return str_eq(a->string, b->string);
        case VALUE_DATE:
                return date_cmp(a->date, b->date) == 0;
        case VALUE_MOMENT:
                return a->moment.second == b->moment.second;
        case VALUE_TIME:
        case VALUE_DURATION:
        case VALUE_MONTHS:
                return a->integer == b->integer;
        case VALUE_LIST:
                return eq_lists(a, b);
        case VALUE_CONTEXT:
                return eq_contexts(a, b);
        }
        return false;
}

struct value value_copy(struct arena *arena, const struct value *v)
{
        struct value copy = *v;
        if (v->kind == VALUE_STRING) {
                copy.string = str_copy(arena, v->string);
        } else if (v->kind == VALUE_LIST) {
                struct value *items = arena_new_array(arena, v->list.n, struct value);
                for (size_t i = 0; i < v->list.n; i++)
                        items[i] = value_copy(arena, &v->list.items[i]);
                copy.list.items = items;
        } else if (v->kind == VALUE_CONTEXT) {
                struct member *members = arena_new_array(arena, v->context.n, struct member);
                for (size_t i = 0; i < v->context.n; i++) {
                        members[i].name = str_copy(arena, v->context.members[i].name);
                        members[i].value = value_copy(arena, &v->context.members[i].value);
                }
                copy.context.members = members;
        }
        return copy;
}

/* Text of the kinds that JSON has no form for; without quotes. */
static struct str scalar_text(struct arena *arena, const struct value *v)
{
        int64_t n = v->integer;
        switch (v->kind) {
        case VALUE_NUMBER:
                return decimal_format(arena, v->number);
        case VALUE_DATE:
                return date_is_none(v->date) ? STR_LIT("") : date_format(arena, v->date);
        case VALUE_MOMENT:
                return moment_format(arena, v->moment);
        case VALUE_TIME:
                return str_format(arena, "%02d:%02d:%02d", (int)(n / 3600), (int)(n / 60 % 60),
                                (int)(n % 60));
        case VALUE_MONTHS:
                return str_format(arena, "%sP%lldY%lldM", n < 0 ? "-" : "",
                                (long long)(llabs(n) / 12), (long long)(llabs(n) % 12));
        case VALUE_DURATION:
                return str_format(arena, "%sP%lldDT%lldH%lldM%lldS", n < 0 ? "-" : "",
                                (long long)(llabs(n) / 86400), (long long)(llabs(n) / 3600 % 24),
                                (long long)(llabs(n) / 60 % 60), (long long)(llabs(n) % 60));
        default:
                abort();
        }
}

void value_write_json_string(struct buf *buf, struct str s)
{
        static const char hex[] = "0123456789abcdef";
        static const char shorts[] = "........btn.fr..";
        buf_char(buf, '"');
        size_t from = 0;
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if (c >= 0x20 && c != '"' && c != '\\')
                        continue;
                buf_str_add(buf, str_slice(s, from, i));
                from = i + 1;
                char escape[6] = { '\\', (char)c };
                size_t n = 2;
                if (c < sizeof(shorts) - 1 && shorts[c] != '.') {
                        escape[1] = shorts[c];
                } else if (c < 0x20) {
                        memcpy(escape, "\\u00", 4);
                        escape[4] = hex[c >> 4];
                        escape[5] = hex[c & 15];
                        n = 6;
                }
                buf_add(buf, escape, n);
        }
        buf_str_add(buf, str_slice(s, from, s.n));
        buf_char(buf, '"');
}

static void write_number(struct buf *buf, const struct value *v)
{
        int64_t n;
        if (decimal_to_int(v->number, &n) && n > -EXACT_INTEGER && n < EXACT_INTEGER)
                buf_int(buf, n);
        else
                value_write_json_string(buf, scalar_text(buf->arena, v));
}

void value_write_json(struct buf *buf, const struct value *v)
{
        switch (v->kind) {
        case VALUE_NULL:
                buf_c(buf, "null");
                return;
        case VALUE_BOOL:
                buf_c(buf, v->boolean ? "true" : "false");
                return;
        case VALUE_NUMBER:
                write_number(buf, v);
                return;
        case VALUE_STRING:
                value_write_json_string(buf, v->string);
                return;
        case VALUE_DATE: {
                char text[13] = "\"";
                if (date_is_none(v->date)) {
                        buf_c(buf, "null");
                        return;
                }
                date_write(v->date, text + 1);
                text[11] = '"';
                buf_add(buf, text, 12);
                return;
        }
        case VALUE_MOMENT: {
                char text[28] = "\"";
                moment_write(v->moment, text + 1);
                text[26] = '"';
                buf_add(buf, text, 27);
                return;
        }
        case VALUE_TIME:
        case VALUE_DURATION:
        case VALUE_MONTHS:
                value_write_json_string(buf, scalar_text(buf->arena, v));
                return;
        case VALUE_LIST:
                buf_char(buf, '[');
                for (size_t i = 0; i < v->list.n; i++) {
                        if (i != 0)
                                buf_char(buf, ',');
                        value_write_json(buf, &v->list.items[i]);
                }
                buf_char(buf, ']');
                return;
        case VALUE_CONTEXT:
                buf_char(buf, '{');
                for (size_t i = 0; i < v->context.n; i++) {
                        if (i != 0)
                                buf_char(buf, ',');
                        value_write_json_string(buf, v->context.members[i].name);
                        buf_char(buf, ':');
                        value_write_json(buf, &v->context.members[i].value);
                }
                buf_char(buf, '}');
                return;
        }
}

struct str value_text(struct arena *arena, const struct value *v)
{
        struct buf buf = BUF(arena);
        switch (v->kind) {
        case VALUE_NULL:
                return STR_LIT("");
        case VALUE_BOOL:
                return v->boolean ? STR_LIT("是") : STR_LIT("否");
        case VALUE_STRING:
                return v->string;
        case VALUE_LIST:
                for (size_t i = 0; i < v->list.n; i++) {
                        if (i != 0)
                                buf_c(&buf, "、");
                        buf_str_add(&buf, value_text(arena, &v->list.items[i]));
                }
                return buf_str(&buf);
        case VALUE_CONTEXT:
                for (size_t i = 0; i < v->context.n; i++) {
                        if (i != 0)
                                buf_c(&buf, "；");
                        buf_str_add(&buf, v->context.members[i].name);
                        buf_c(&buf, "：");
                        buf_str_add(&buf, value_text(arena, &v->context.members[i].value));
                }
                return buf_str(&buf);
        default:
                return scalar_text(arena, v);
        }
}
