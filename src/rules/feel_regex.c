#include "rules/feel_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_MAX   4096u
#define MATCH_LIMIT   100000u
#define HEAP_LIMIT_KB 4096u
#define REPLACED_MAX  (4u << 20)

struct engine {
        pcre2_code *code;
        pcre2_match_data *data;
        pcre2_match_context *context;
};

static void engine_close(struct engine *e)
{
        pcre2_match_data_free(e->data);
        pcre2_match_context_free(e->context);
        pcre2_code_free(e->code);
}

static bool read_flags(struct str flags, uint32_t *ret)
{
        static const struct {
                char flag;
                uint32_t option;
        } rows[] = {
                { 's', PCRE2_DOTALL },
                { 'm', PCRE2_MULTILINE },
                { 'i', PCRE2_CASELESS },
                { 'x', PCRE2_EXTENDED },
                { 'q', PCRE2_LITERAL },
        };
        for (size_t i = 0; i < flags.n; i++) {
                size_t row = 0;
                while (row < N_ELEMENTS(rows) && rows[row].flag != flags.p[i])
                        row++;
                if (row == N_ELEMENTS(rows))
                        return false;
                *ret |= rows[row].option;
        }
        if (*ret & PCRE2_LITERAL) /* takes none of the others but i */
                *ret &= PCRE2_LITERAL | PCRE2_CASELESS;
        return true;
}

static bool engine_open(const struct regex *regex, struct engine *ret)
{
        uint32_t options = 0;
        int code;
        PCRE2_SIZE at;
        *ret = (struct engine){ 0 };
        if (regex->pattern.n > PATTERN_MAX || !read_flags(regex->flags, &options))
                return false;
        options |= PCRE2_UTF;
        if (!(options & PCRE2_LITERAL))
                options |= PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
        ret->code = pcre2_compile((PCRE2_SPTR)(regex->pattern.n != 0 ? regex->pattern.p : ""),
                        regex->pattern.n, options, &code, &at, NULL);
        if (ret->code == NULL)
                return false;
        ret->data = pcre2_match_data_create_from_pattern(ret->code, NULL);
        ret->context = pcre2_match_context_create(NULL);
        if (ret->data == NULL || ret->context == NULL)
                return false;
        pcre2_set_match_limit(ret->context, MATCH_LIMIT);
        pcre2_set_depth_limit(ret->context, MATCH_LIMIT);
        pcre2_set_heap_limit(ret->context, HEAP_LIMIT_KB);
        return true;
}

/* The groups of a match, or 0 for none, or less than 0 if it was given up. */
static int engine_match(const struct engine *e, struct str text, size_t from)
{
        int n = pcre2_match(e->code, (PCRE2_SPTR)(text.n != 0 ? text.p : ""), text.n, from, 0,
                        e->data, e->context);
        return n == PCRE2_ERROR_NOMATCH ? 0 : n;
}

bool regex_matches(const struct regex *regex, struct str text, bool *ret)
{
        struct engine e;
        int n = -1;
        if (engine_open(regex, &e))
                n = engine_match(&e, text, 0);
        engine_close(&e);
        *ret = n > 0;
        return n >= 0;
}

/* Calls for every match from left to right; false if given up, or if the pattern
 * matches the empty string. */
static bool for_matches(const struct engine *e, struct str text,
                bool (*take)(void *user, const size_t *places, int n_groups), void *user)
{
        int n = engine_match(e, STR_LIT(""), 0);
        if (n != 0)
                return false;
        for (size_t from = 0; from < text.n;) {
                n = engine_match(e, text, from);
                if (n <= 0)
                        return n == 0;
                const size_t *places = pcre2_get_ovector_pointer(e->data);
                if (places[1] <= places[0] || places[0] < from || !take(user, places, n))
                        return false;
                from = places[1];
        }
        return true;
}

struct replacing {
        struct buf buf;
        struct str text, with;
        size_t done;
};

static bool add_replacement(struct replacing *r, const size_t *places, int n_groups)
{
        struct str with = r->with;
        for (size_t i = 0; i < with.n; i++) {
                char c = with.p[i], next = i + 1 < with.n ? with.p[i + 1] : '\0';
                if (c == '\\') {
                        if (next != '\\' && next != '$')
                                return false;
                        buf_char(&r->buf, next);
                        i++;
                } else if (c == '$') {
                        if (next < '0' || next > '9')
                                return false;
                        int group = next - '0';
                        if (group < n_groups && places[2 * group] != PCRE2_UNSET)
                                buf_str_add(&r->buf, str_slice(r->text, places[2 * group],
                                                                     places[2 * group + 1]));
                        i++;
                } else {
                        buf_char(&r->buf, c);
                }
        }
        return r->buf.n <= REPLACED_MAX;
}

static bool take_replacement(void *user, const size_t *places, int n_groups)
{
        struct replacing *r = user;
        buf_str_add(&r->buf, str_slice(r->text, r->done, places[0]));
        r->done = places[1];
        return add_replacement(r, places, n_groups);
}

bool regex_replace(struct arena *arena, const struct regex *regex, struct str text, struct str with,
                struct str *ret)
{
        struct engine e;
        struct replacing r = { .buf = BUF(arena), .text = text, .with = with };
        bool ok = engine_open(regex, &e) && for_matches(&e, text, take_replacement, &r);
        engine_close(&e);
        if (!ok)
                return false;
        buf_str_add(&r.buf, str_slice(text, r.done, text.n));
        *ret = buf_str(&r.buf);
        return true;
}

struct splitting {
        struct arena *arena;
        struct str text, *parts;
        size_t n, capacity, done;
};

static void add_part(struct splitting *s, size_t from, size_t to)
{
        if (s->n == s->capacity) {
                s->capacity = s->capacity == 0 ? 8 : s->capacity * 2;
                struct str *more = arena_new_array(s->arena, s->capacity, struct str);
                if (s->n != 0)
                        memcpy(more, s->parts, s->n * sizeof(*more));
                s->parts = more;
        }
        s->parts[s->n++] = str_slice(s->text, from, to);
}

static bool take_part(void *user, const size_t *places, int n_groups)
{
        struct splitting *s = user;
        (void)n_groups;
        add_part(s, s->done, places[0]);
        s->done = places[1];
        return true;
}

bool regex_split(struct arena *arena, const struct regex *regex, struct str text, struct str **ret,
                size_t *ret_n)
{
        struct engine e;
        struct splitting s = { .arena = arena, .text = text };
        bool ok = engine_open(regex, &e) && for_matches(&e, text, take_part, &s);
        engine_close(&e);
        if (!ok)
                return false;
        add_part(&s, s.done, text.n);
        *ret = s.parts;
        *ret_n = s.n;
        return true;
}
