/* rules/feel_scan.h - the tokens of a FEEL text; for the rules room alone.
 *
 * A name token is one run of name characters; names with spaces or signs are put
 * together by the parser, which knows what is declared. */
#ifndef RULES_FEEL_SCAN_H
#define RULES_FEEL_SCAN_H

#include "base/str.h"

enum token_kind {
        T_END,
        T_NAME,
        T_NUMBER,
        T_STRING, /* with its quotes; see scan_string() */
        T_AT,
        T_PLUS,
        T_MINUS,
        T_STAR,
        T_SLASH,
        T_POWER,
        T_OPEN,
        T_CLOSE,
        T_OPEN_LIST,
        T_CLOSE_LIST,
        T_OPEN_CONTEXT,
        T_CLOSE_CONTEXT,
        T_COMMA,
        T_COLON,
        T_DOT,
        T_DOTS,
        T_EQ,
        T_NE,
        T_LT,
        T_LE,
        T_GT,
        T_GE,
        T_ARROW,
        T_BAD,        /* no FEEL character */
        T_BAD_STRING, /* not closed */
        T_BAD_WIDE,   /* a full-width sign such as （ or ， */
};

struct token {
        enum token_kind kind;
        size_t from, to; /* bytes of the text */
};

/* The first token at or behind byte `at`; white space and comments are skipped. */
struct token scan_token(struct str text, size_t at);

/* The end of the match of `name` with the text at `from`, or 0. A space in the
 * name stands for any white space, and the match ends where a word ends. */
size_t scan_known_name(struct str text, size_t from, struct str name);

/* The name written at [from, to): runs of white space become one space. */
struct str scan_name_text(struct arena *arena, struct str text, size_t from, size_t to);

/* At most the first n bytes of s, not cutting a character in two. */
struct str scan_cut(struct str s, size_t n);

/* The content of a T_STRING, escapes resolved; false for half a surrogate pair or NUL. */
MUST_CHECK bool scan_string(struct arena *arena, struct str quoted, struct str *ret);

#endif
