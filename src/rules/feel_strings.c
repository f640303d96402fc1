#include <assert.h>

#include "rules/feel_builtin.h"
#include "rules/feel_regex.h"

/* ---- Parts of a string, counted in characters ---- */

static bool call_length(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        *ret = value_int((int64_t)str_n_code_points(args[0].string));
        return feel_spend(m, args[0].string.n / 256);
}

/* The byte behind `count` characters from byte `from`, at most the end. */
static size_t behind(struct str s, size_t from, int64_t count)
{
        while (count > 0 && from < s.n) {
                str_code_point(s, &from);
                count--;
        }
        return from;
}

static bool call_substring(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct str s = args[0].string;
        int64_t start, length = INT64_MAX, all = (int64_t)str_n_code_points(s);
        struct decimal floor = decimal_round(args[1].number, 0, DECIMAL_DOWN);
        if (!feel_spend(m, s.n / 64))
                return false;
        if (!decimal_to_int(floor, &start) || start == 0 || start > all || start < -all)
                return true;
        if (n == 3 && !value_is_null(args[2])) {
                floor = decimal_round(args[2].number, 0, DECIMAL_DOWN);
                if (!decimal_to_int(floor, &length) || length < 1)
                        return true;
        }
        size_t from = behind(s, 0, start > 0 ? start - 1 : all + start);
        *ret = value_string(str_slice(s, from, behind(s, from, length)));
        return true;
}

static bool call_substring_before(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        size_t at = str_find(args[0].string, args[1].string);
        *ret = value_string(at == SIZE_MAX ? STR_LIT("") : str_slice(args[0].string, 0, at));
        return feel_spend(m, args[0].string.n / 64);
}

static bool call_substring_after(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        size_t at = str_find(args[0].string, args[1].string);
        *ret = value_string(at == SIZE_MAX ? STR_LIT("")
                                           : str_slice(args[0].string, at + args[1].string.n,
                                                             args[0].string.n));
        return feel_spend(m, args[0].string.n / 64);
}

static bool call_contains(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        *ret = value_bool(str_find(args[0].string, args[1].string) != SIZE_MAX);
        return feel_spend(m, args[0].string.n / 64);
}

static bool call_starts_with(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        *ret = value_bool(str_starts(args[0].string, args[1].string));
        return true;
}

static bool call_ends_with(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        *ret = value_bool(str_ends(args[0].string, args[1].string));
        return true;
}

/* ---- Case ---- */

/* Letters whose other case lies at a fixed distance: Latin, Greek, Cyrillic,
 * full-width. Others have no case here. */
static const struct {
        uint32_t low, high, to_upper;
} cases[] = {
        { 'a', 'z', 32 },
        { 0xE0, 0xF6, 32 },
        { 0xF8, 0xFE, 32 },
        { 0x3B1, 0x3C1, 32 },
        { 0x3C3, 0x3C9, 32 },
        { 0x430, 0x44F, 32 },
        { 0x450, 0x45F, 80 },
        { 0xFF41, 0xFF5A, 32 },
};

static uint32_t change_case(uint32_t c, bool upper)
{
        for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
                uint32_t shift = cases[i].to_upper;
                if (upper && c >= cases[i].low && c <= cases[i].high)
                        return c - shift;
                if (!upper && c + shift >= cases[i].low && c + shift <= cases[i].high)
                        return c + shift;
        }
        return c;
}

static bool with_case(struct machine *m, struct str s, bool upper, struct value *ret)
{
        if (!feel_spend(m, s.n / 16))
                return false;
        struct buf buf = BUF(m->arena);
        for (size_t at = 0; at < s.n;) {
                char utf8[4];
                uint32_t c = change_case(str_code_point(s, &at), upper);
                buf_add(&buf, utf8, str_encode_utf8(c, utf8));
        }
        *ret = value_string(buf_str(&buf));
        return true;
}

static bool call_upper_case(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        return with_case(m, args[0].string, true, ret);
}

static bool call_lower_case(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        return with_case(m, args[0].string, false, ret);
}

/* ---- Joining ---- */

static void add_optional(struct buf *buf, const struct value *args, size_t n, size_t at)
{
        if (at < n && !value_is_null(args[at]))
                buf_str_add(buf, args[at].string);
}

/* Nulls in the list are passed over; anything else than a string makes null. */
static bool call_string_join(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct buf buf = BUF(m->arena);
        bool first = true;
        add_optional(&buf, args, n, 2);
        for (size_t i = 0; i < args[0].list.n; i++) {
                const struct value *item = &args[0].list.items[i];
                if (value_is_null(*item))
                        continue;
                if (kind_of(item) != VALUE_STRING)
                        return true;
                size_t before = buf.n;
                if (!first)
                        add_optional(&buf, args, n, 1);
                first = false;
                buf_str_add(&buf, item->string);
                if (!feel_spend(m, 1 + (buf.n - before) / 32))
                        return false;
        }
        add_optional(&buf, args, n, 3);
        *ret = value_string(buf_str(&buf));
        return true;
}

/* ---- Patterns ---- */

static struct str flags_of(const struct value *args, size_t n, size_t at)
{
        return at < n && !value_is_null(args[at]) ? args[at].string : (struct str){ 0 };
}

static bool call_matches(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        bool matches;
        struct regex regex = { .pattern = args[1].string, .flags = flags_of(args, n, 2) };
        if (!feel_spend(m, REGEX_STEPS + (args[0].string.n + args[1].string.n) / 16))
                return false;
        if (regex_matches(&regex, args[0].string, &matches))
                *ret = value_bool(matches);
        return true;
}

static bool call_replace(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct str text;
        struct regex regex = { .pattern = args[1].string, .flags = flags_of(args, n, 3) };
        if (!feel_spend(m, REGEX_STEPS + (args[0].string.n + args[1].string.n) / 16))
                return false;
        if (!regex_replace(m->arena, &regex, args[0].string, args[2].string, &text))
                return true;
        *ret = value_string(text);
        return feel_spend(m, text.n / 16);
}

static bool call_split(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct regex regex = { .pattern = args[1].string };
        struct list list = { 0 };
        struct str *parts;
        size_t n_parts;
        if (!feel_spend(m, REGEX_STEPS + (args[0].string.n + args[1].string.n) / 16))
                return false;
        if (!regex_split(m->arena, &regex, args[0].string, &parts, &n_parts))
                return true;
        for (size_t i = 0; i < n_parts; i++) {
                struct value part = value_string(parts[i]);
                if (!list_push(m, &list, &part))
                        return false;
        }
        *ret = list_value(&list);
        return true;
}

const struct builtin feel_strings[] = {
        { "string length", "string:s", 'n', call_length },
        { "substring", "string:s,start position:n,length:n?~", 's', call_substring },
        { "substring before", "string:s,match:s", 's', call_substring_before },
        { "substring after", "string:s,match:s", 's', call_substring_after },
        { "contains", "string:s,match:s", 'b', call_contains },
        { "starts with", "string:s,match:s", 'b', call_starts_with },
        { "ends with", "string:s,match:s", 'b', call_ends_with },
        { "upper case", "string:s", 's', call_upper_case },
        { "lower case", "string:s", 's', call_lower_case },
        { "string join", "list:l,delimiter:s?~,prefix:s?~,suffix:s?~", 's', call_string_join },
        { "matches", "input:s,pattern:s,flags:s?~", 'b', call_matches },
        { "replace", "input:s,pattern:s,replacement:s,flags:s?~", 's', call_replace },
        { "split", "string:s,delimiter:s", 'l', call_split },
        { 0 },
};
