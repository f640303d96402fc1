/* projection/tables.h - the read tables, all of them; for this room only. */
#ifndef PROJECTION_TABLES_H
#define PROJECTION_TABLES_H

#include "store/store.h"

struct read_table {
        const char *name;
        enum query drop, rows; /* empties it; all rows in the order of its key */
};

static const struct read_table read_tables[] = {
        { "definition", Q_DROP_DEFINITION, Q_ROWS_DEFINITION },
        { "calendar", Q_DROP_CALENDAR, Q_ROWS_CALENDAR },
        { "matter", Q_DROP_MATTER, Q_ROWS_MATTER },
        { "matter_key", Q_DROP_MATTER_KEY, Q_ROWS_MATTER_KEY },
        { "assigned", Q_DROP_ASSIGNED, Q_ROWS_ASSIGNED },
        { "clock", Q_DROP_CLOCK, Q_ROWS_CLOCK },
        { "register_entry", Q_DROP_REGISTER_ENTRY, Q_ROWS_REGISTER_ENTRY },
        { "publication", Q_DROP_PUBLICATION, Q_ROWS_PUBLICATION },
        { "document", Q_DROP_DOCUMENT, Q_ROWS_DOCUMENT },
        { "contribution", Q_DROP_CONTRIBUTION, Q_ROWS_CONTRIBUTION },
        { "total", Q_DROP_TOTAL, Q_ROWS_TOTAL },
        { "receipt", Q_DROP_RECEIPT, Q_ROWS_RECEIPT },
        { "outbox", Q_DROP_OUTBOX, Q_ROWS_OUTBOX },
        { "freeze", Q_DROP_FREEZE, Q_ROWS_FREEZE },
        { "frozen", Q_DROP_FROZEN, Q_ROWS_FROZEN },
        { "search", Q_DROP_SEARCH, Q_ROWS_SEARCH },
};

#endif
