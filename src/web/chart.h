/* web/chart.h - charts, as views: numbers become bars and lines that pages/parts/chart.html prints.
 *
 * Beside every drawing stands its table, made from the same numbers; JSON has the table alone.
 * Each mark says in words what it is (its <title>) and leads to its rows where there is an
 * address. The keyboard walks the links of the table: the same ones again in the drawing
 * would only double the way.
 *
 * Widths are percentages of the drawing, heights are pixels, so that letters stay as large on a
 * telephone as on paper; what would not fit there is marked to be left out. Colours are classes
 * (the portal allows no inline style); last year is an outline or a line, so that colour is
 * never alone. A drawing with links is a group, not role="img": what stands in an image is
 * hidden from screen readers, and links must not be.
 *
 * Pure but for the arena: the same numbers give the same view. */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include "base/value.h"

#define CHART_SERIES_MAX 5u
#define CHART_ITEMS_MAX  60u /* more are a table, not a picture */

enum chart_kind {
        CHART_COLUMNS,      /* upright bars, side by side in series: months, years */
        CHART_COLUMNS_PILE, /* one upon the other */
        CHART_LINES,
        CHART_ROWS,      /* lying bars under their names: units, kinds */
        CHART_ROWS_PILE, /* one behind the other */
};

struct chart_value {
        bool has;
        struct decimal number;
        struct str url; /* its rows; empty = leads nowhere */
};

struct chart_item {
        struct str label; /* "3月" */
        struct str name;  /* in a sentence and in the table: "2021年3月"; empty = label */
        struct chart_value values[CHART_SERIES_MAX];
};

struct chart {
        enum chart_kind kind;
        struct str id; /* letters and digits, once in a page */
        struct str title, unit;
        struct str heading;       /* of the column of items: "月份" */
        struct str note;          /* below; may be empty */
        const struct str *series; /* what each value is: "2021年", "2020年" */
        size_t n_series;
        bool compares; /* the last series is a line across the bars (last year); no piles */
        const struct chart_item *items;
        size_t n_items;
};

/* {title, unit, columns, rows, note?, drawing?}: pages/README.md. There is no drawing if `drawn`
 * is false, where no item has a value, and where one is too large for an axis. */
struct value chart_view(struct arena *arena, const struct chart *chart, bool drawn);

#endif
