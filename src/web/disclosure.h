/* web/disclosure.h - what a viewer may see: the one gate in front of every read path.
 *
 * Of one matter a viewer has a sight: none, what the public sees, or all; disclosure_sees(sight,
 * field) says whether he may see that field of it. Nothing of a matter,
 * entry or document reaches a page but through here. Strangers see:
 *   - a matter, if its procedure is open, or while something of it is published; one that is
 *     hidden is answered, to the byte, as one that does not exist;
 *   - of its fields those of class public, and of lists only the public members;
 *   - published and masked fields through a publication in force, as the projection masked
 *     them when they were published;
 *   - issued documents of class public; public registers, and of them the public fields.
 * Lists ask the same of the database (docket_filter.stranger, indicator_row.seen), so that
 * hidden rows take no place in pages and counts. What is counted in a figure stays counted:
 * its row shows number, date, unit and amount, and leads nowhere. */
#ifndef WEB_DISCLOSURE_H
#define WEB_DISCLOSURE_H

#include "procedure/matter.h"
#include "projection/matter_read.h"
#include "store/store.h"
#include "web/viewer.h"

/* The matter of that number. E_NOT_FOUND, without a detail, if there is none or it is
 * hidden on that day. */
MUST_CHECK bool disclosure_matter(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str number, struct date today,
                struct matter **ret, struct err *err);

enum sight {
        SIGHT_NONE,
        SIGHT_PUBLIC, /* what strangers see */
        SIGHT_ALL,    /* staff whose work it is */
};

/* How much of the matter the viewer sees today. */
MUST_CHECK bool disclosure_sight(struct snapshot *snapshot, const struct viewer *viewer,
                const struct matter *matter, struct date today, enum sight *ret, struct err *err);

/* The matter of that number, and how much of it is seen. E_NOT_FOUND, without a detail, if there
 * is none or nothing of it is. */
MUST_CHECK bool disclosure_open(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, const struct viewer *viewer, struct str number,
                struct date today, struct matter **ret, enum sight *ret_sight, struct err *err);

/* May the field be shown at all? */
bool disclosure_sees(enum sight sight, const struct field *field);
bool disclosure_field(const struct field *field); /* to strangers */

/* What of a value is shown: the value, lists without closed members. */
struct value disclosure_value_seen(struct arena *arena, enum sight sight, const struct field *field,
                const struct value *value);
struct value disclosure_value(/* to strangers */
                struct arena *arena, const struct field *field, const struct value *value);

bool disclosure_paper(enum sight sight, const struct document *document);
bool disclosure_document(const struct document *document); /* to strangers */
bool disclosure_register(const struct reg *reg);           /* NULL is none */
bool disclosure_publication(const struct publication_row *row, struct date today);

/* May matters of the procedure be seen at all? (Its definition always may.) */
bool disclosure_procedure(const struct procedure *procedure);

#endif
