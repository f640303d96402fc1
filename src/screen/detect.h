/* screen/detect.h - personal identifiers in running Chinese text.
 *
 * Runs before anything is published. Full-width digits, Chinese numerals, blanks,
 * hyphens, line breaks and characters of no width inside a number do not hide
 * it; positions are bytes of the text as it was given. What has the shape of an
 * identifier but fails its check is reported as suspect (疑似), never dropped. Of
 * overlapping findings the valid one wins, then the longest, then the most
 * specific. Time is linear in the text, whatever the text is.
 *
 * It proposes; an officer other than the drafter decides each finding. */
#ifndef SCREEN_DETECT_H
#define SCREEN_DETECT_H

#include "screen/mask.h"

struct finding {
        enum identifier_kind kind;
        size_t from, to; /* bytes of the text */
        bool suspect;    /* 疑似: the shape without the check */
        bool minor;  /* a resident id of someone under 18 (个人信息保护法 第二十八条) */
        bool masked; /* proposed, and what detect_apply() does; codes of units stay */
        struct str mask; /* what would stand instead */
};

struct detect_options {
        struct date today; /* for dates of birth; DATE_NONE = any */
        /* What may be shown: office numbers, names of officials, "@xm.gov.cn" for all
         * addresses of a domain; as identifier_normalize() writes them. */
        const struct str *allowed;
        size_t n_allowed;
};

struct detection {
        const struct finding *findings; /* in order of `from`, without overlap */
        size_t n;
};

/* Fails only on text that is no UTF-8 or too long (LIMIT_BODY_BYTES). */
MUST_CHECK bool detect_identifiers(struct arena *arena, struct str text,
                const struct detect_options *options, struct detection *ret, struct err *err);

/* The text with the masks of all findings whose `masked` is true. Fails if the
 * findings are not in order, overlap or do not fit the text. */
MUST_CHECK bool detect_apply(struct arena *arena, struct str text, const struct finding *findings,
                size_t n, struct str *ret, struct err *err);

/* The text, screened and masked as proposed: for probes and plain uses. */
struct str detect_probe(struct arena *arena, struct str text);

#endif
