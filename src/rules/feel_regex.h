/* rules/feel_regex.h - the patterns of matches(), replace() and split().
 *
 * The standard asks for XQuery and XPath regular expressions; PCRE2 is close to
 * them (class subtraction and \i \c are missing) and is bounded here: a pattern
 * that runs wild is given up, and the function is null. */
#ifndef RULES_FEEL_REGEX_H
#define RULES_FEEL_REGEX_H

#include "base/str.h"

#define REGEX_STEPS 200u /* of an evaluation, for compiling a pattern */

struct regex {
        struct str pattern;
        struct str flags; /* of s, m, i, x, q */
};

/* These are false for a bad pattern, bad flags, a bad replacement, or one that
 * takes too long. */
MUST_CHECK bool regex_matches(const struct regex *regex, struct str text, bool *ret);

/* $1..$9 and $0 stand for groups, \$ and \\ for themselves; a pattern that matches
 * nothing at all is refused. */
MUST_CHECK bool regex_replace(struct arena *arena, const struct regex *regex, struct str text,
                struct str with, struct str *ret);
MUST_CHECK bool regex_split(struct arena *arena, const struct regex *regex, struct str text,
                struct str **ret, size_t *ret_n);

#endif
