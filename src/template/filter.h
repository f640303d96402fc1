/* template/filter.h - `{{value|filter}}`: how a value is written.
 *
 * A row per filter in filter.c; README.md lists them for authors. */
#ifndef TEMPLATE_FILTER_H
#define TEMPLATE_FILTER_H

#include "base/value.h"

enum filter {
        FILTER_ZH,      /* 2021年9月28日 */
        FILTER_TIME,    /* 2021年9月28日 09:00 */
        FILTER_MONEY,   /* 96,686.03 */
        FILTER_GROUPED, /* 113,240 */
        FILTER_URL,     /* percent-encoded, for one part of an address */
        FILTER_COUNT,   /* how many items a list has */
        N_FILTERS
};

/* False if there is no such filter. */
MUST_CHECK bool filter_find(struct str name, enum filter *ret);

/* The filtered value; false if the filter does not suit it. */
MUST_CHECK bool filter_apply(struct arena *arena, enum filter filter, const struct value *value,
                struct value *ret);

#endif
