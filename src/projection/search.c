#include "projection/search.h"

enum script { NONE, HAN, WORD };

static bool is_han(uint32_t c)
{
        return c == 0x3007 || (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
               (c >= 0x20000 && c <= 0x3ffff);
}

/* Full-width letters and digits are the same words as half-width ones. */
static uint32_t folded(uint32_t c)
{
        if (c >= 0xff01 && c <= 0xff5e)
                c -= 0xfee0;
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static enum script script_of(uint32_t c)
{
        if (is_han(c))
                return HAN;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
                return WORD;
        /* Letters of other scripts (names of foreigners, 维吾尔文 ...) are words; general
         * and CJK punctuation and signs are not. */
        return c >= 0xc0 && !(c >= 0x2000 && c <= 0x2bff) && !(c >= 0x3000 && c <= 0x303f) &&
                                               !(c >= 0xfe30 && c <= 0xffef) && c != 0xd7 &&
                                               c != 0xf7
                               ? WORD
                               : NONE;
}

static void add_point(struct buf *buf, uint32_t c)
{
        char bytes[4];
        buf_add(buf, bytes, str_encode_utf8(c, bytes));
}

struct splitter {
        struct buf *buf;
        enum script script;
        uint32_t last;  /* Han: the one before, its pair not yet written */
        bool alone;     /* write the last one of a run alone, too */
        size_t n_terms; /* of the last run: 0 = nothing yet */
};

static void end_run(struct splitter *s, bool alone)
{
        if (s->script == HAN && (alone || s->n_terms == 0)) {
                add_point(s->buf, s->last);
                buf_char(s->buf, ' ');
        } else if (s->script == WORD) {
                buf_char(s->buf, ' ');
        }
        s->script = NONE;
        s->n_terms = 0;
}

static void take(struct splitter *s, uint32_t c)
{
        c = folded(c);
        enum script script = script_of(c);
        if (script != s->script)
                end_run(s, true);
        if (script == WORD) {
                add_point(s->buf, c);
        } else if (script == HAN && s->script == HAN) {
                add_point(s->buf, s->last);
                add_point(s->buf, c);
                buf_char(s->buf, ' ');
                s->n_terms++;
        }
        s->script = script;
        s->last = c;
}

void search_split(struct buf *buf, struct str text)
{
        struct splitter s = { .buf = buf };
        for (size_t at = 0; at < text.n;)
                take(&s, str_code_point(text, &at));
        end_run(&s, true);
}

/* One part as an FTS5 phrase. Its end may be open: a single Han character is the beginning of
 * a pair, a word may go on. A pair is a term to its end, and looked for as such the index
 * walks from the newest matter and stops when a page is full; beginnings it must collect. */
static struct str end_phrase(struct splitter *s, bool *ret_open)
{
        struct buf *terms = s->buf;
        *ret_open = s->script != HAN || s->n_terms == 0;
        end_run(s, false);
        while (terms->n != 0 && terms->p[terms->n - 1] == ' ')
                terms->n--;
        return buf_str(terms);
}

static void add_phrase(struct buf *query, struct splitter *s)
{
        bool open;
        struct str terms = end_phrase(s, &open);
        if (terms.n == 0)
                return;
        if (query->n != 0)
                buf_c(query, " AND ");
        buf_char(query, '"');
        buf_str_add(query, terms);
        buf_c(query, open ? "\"*" : "\"");
}

static bool is_blank(uint32_t c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x3000;
}

struct str search_query(struct arena *arena, struct str typed, bool public_only)
{
        struct buf query = BUF(arena), terms = BUF(arena);
        struct splitter s = { .buf = &terms };
        size_t points = 0;
        for (size_t at = 0; at < typed.n && points < SEARCH_QUERY_POINTS; points++) {
                uint32_t c = str_code_point(typed, &at);
                if (!is_blank(c)) {
                        take(&s, c);
                        continue;
                }
                add_phrase(&query, &s);
                buf_reset(&terms);
        }
        add_phrase(&query, &s);
        if (query.n == 0 || !public_only)
                return buf_str(&query);
        return str_format(arena, "open : (%.*s)", STR_FMT(buf_str(&query)));
}

/* ---- Without an index ---- */

/* Terms stand between blanks in both. */
static bool has_phrase(struct arena *arena, struct str terms, struct splitter *s, bool *any)
{
        bool open;
        struct str phrase = end_phrase(s, &open);
        *any = *any || phrase.n != 0;
        return phrase.n == 0 || str_find(terms, str_format(arena, " %.*s%s", STR_FMT(phrase),
                                                                open ? "" : " ")) != SIZE_MAX;
}

bool search_finds(struct arena *arena, struct str text, struct str typed)
{
        struct buf all = BUF(arena), terms = BUF(arena);
        struct splitter s = { .buf = &terms };
        size_t points = 0;
        bool any = false;
        buf_char(&all, ' ');
        search_split(&all, text);
        for (size_t at = 0; at < typed.n && points < SEARCH_QUERY_POINTS; points++) {
                uint32_t c = str_code_point(typed, &at);
                if (!is_blank(c)) {
                        take(&s, c);
                        continue;
                }
                if (!has_phrase(arena, buf_str(&all), &s, &any))
                        return false;
                buf_reset(&terms);
        }
        return has_phrase(arena, buf_str(&all), &s, &any) && any;
}
