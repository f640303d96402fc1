/* procedure/matter.h - a matter (办件): one run of a procedure, and how events fold into it.
 *
 * A matter is made from its events alone: matter_apply() is the one way it
 * changes, live and when everything is rebuilt. It holds what the next act may
 * depend on; due days are not stored but worked out (matter_deadline).
 *
 * What an event's data holds: the fields given and computed, by name, and what
 * the kernel decided, by names that begin with `$`:
 *   $number, $unit, $parent          of a new matter
 *   $unit                            of one that moves: the unit it belongs to from now on
 *   $to                              the state, where the act has more than one target
 *   $clocks                          {clock: {from, length, by, target}}, what was computed
 *   $late                            list of clocks that had run out before they stopped
 *   $expired                         the clock whose expiry brought the act about
 *   $due                             when it ran out, of what followed from that too: what the act
 *                                    does to clocks counts from then (entries say it by `from`)
 *   $documents                       {document: number}
 *   $writes                          list of {register, key, from, until, set}
 *                                    or {register, key, end}
 *   $recused, $assigned              lists of staff ids
 *   $recipients                      {document: list of whom it goes to}, of those that say it
 *   $notified                        list of whom
 *   $note                            what staff wrote down (decide.h)
 *   $party, $identity                who was given another query code, on which paper (decide.h)
 * So an event can be read, and folded, without running any expression again. */
#ifndef PROCEDURE_MATTER_H
#define PROCEDURE_MATTER_H

#include "clock/calendar.h"
#include "clock/deadline.h"
#include "procedure/definition.h"

enum clock_status {
        CLOCK_NONE,
        CLOCK_RUNNING,
        CLOCK_PAUSED,
        CLOCK_STOPPED,
        CLOCK_EXPIRED,
        CLOCK_VOIDED,
};

/* How far its warnings have gone; each is given once. */
enum clock_warning { CLOCK_QUIET, CLOCK_YELLOW, CLOCK_RED };

#define MATTER_PAUSES_MAX 32   /* spans of one clock; past it the act is refused */
#define MATTER_LENGTH_MAX 1000 /* units of one clock; no term of our statutes is longer */

struct matter_clock {
        enum clock_status status;
        enum clock_warning warned;
        struct moment started; /* the event that set it running */
        int length;            /* in the clock's unit; 0 = the definition's */
        int extended;          /* units added */
        struct date target;    /* `before` and `fixed` clocks: the date counted from */
        const struct deadline_pause *pauses; /* an open one ends at DATE_NONE */
        size_t n_pauses;
        struct moment ended; /* when it stopped, ran out or was voided */
        bool late;           /* had run out before it was stopped, or ran out */
};

struct deed {       /* one act that was done */
        size_t act; /* index in version.acts; or SIZE_MAX for the kernel's own */
        struct str name, actor;
        struct moment time;
        int64_t seq;
};

struct issued_document {
        size_t document;
        struct str number;
        int64_t seq;
        struct moment time;
};

struct published {
        size_t publication;
        struct date from, until; /* until: DATE_NONE = in force */
        int64_t seq;
};

struct matter {
        const struct version *version;
        int64_t id;       /* the seq of its first event in its organ's ledger */
        int64_t last_seq; /* of its newest event */
        int64_t parent;   /* id, or 0 */
        struct str number, unit;
        struct str home; /* once it has moved: the unit it began in, whose figures count it */
        size_t state;
        struct moment created, changed;
        struct value *fields;        /* one for each of version->fields; null = never set */
        struct matter_clock *clocks; /* one for each of version->clocks */
        const struct deed *deeds;
        size_t n_deeds;
        const struct issued_document *documents;
        size_t n_documents;
        const struct published *publications;
        size_t n_publications;
        const struct str *recused, *assigned; /* staff ids */
        size_t n_recused, n_assigned;
};

/* What an accepted act recorded, before the ledger seals it. */
struct fact {
        int64_t matter; /* id; 0 = begins a matter, whose id becomes the event's seq */
        const struct version *version; /* NULL: a register's own act */
        struct str reg;                /* register acts: its name */
        struct str act, actor, on_behalf;
        struct moment time;
        struct value data; /* context */
};

/* The unit whose figures count the matter: the one that took it up, wherever it is now. */
static inline struct str matter_home(const struct matter *matter)
{
        return matter->home.n != 0 ? matter->home : matter->unit;
}

/* A matter before its first event; fields and clocks empty. */
struct matter *matter_new(struct arena *arena, const struct version *version);

/* A copy that can be changed without touching the original (values are shared). */
struct matter *matter_copy(struct arena *arena, const struct matter *matter);

/* Folds one fact that was accepted as event `seq` into the matter. Everything
 * kept is allocated in `arena`; text of the fact is shared. Fails with
 * E_MATTER_FOLD on data that no accepted act could have recorded. */
MUST_CHECK bool matter_apply(struct arena *arena, struct matter *matter, const struct fact *fact,
                int64_t seq, struct err *err);

/* Brings data read from JSON back to the types of the version's fields (dates,
 * numbers); kernel names pass through. */
MUST_CHECK bool matter_type_data(struct arena *arena, const struct version *version,
                struct value *data, struct err *err);

/* The row form of a matter (everything but id, number, unit, parent, state,
 * which are columns of their own). */
void matter_pack(struct buf *buf, const struct matter *matter);
MUST_CHECK bool matter_unpack(
                struct arena *arena, struct str packed, struct matter *matter, struct err *err);

/* Clock i as clock/ counts it, for deadline_compute() and derivation_compute(). The term
 * points into *ret, which must stay where it is. False: there is nothing to count. */
struct matter_term {
        struct deadline_rule rule;
        struct deadline_pause pauses[MATTER_PAUSES_MAX];
        struct deadline_term term;
};
bool matter_term(const struct matter *matter, size_t clock, struct date today,
                struct matter_term *ret);

/* When clock i runs out, as the calendar knows it; false if it is not running,
 * paused, stopped or expired (there is nothing to count). A paused clock is
 * counted as if it resumed on `today`. */
MUST_CHECK bool matter_deadline(const struct matter *matter, size_t clock,
                const struct calendar *calendar, struct date today, struct deadline *ret);

/* Units left when `today` begins its last hours: 0 on the last day, negative when late;
 * working days for a clock of working days, else days. */
int matter_units_left(const struct matter *matter, size_t index, const struct calendar *calendar,
                struct date today, struct date last_day);

/* The moment the timer must next look at the clock: yellow, red or expiry, whichever
 * comes first and was not yet given; false = never. */
MUST_CHECK bool matter_next_look(const struct matter *matter, size_t clock,
                const struct calendar *calendar, int site_yellow, int site_red, struct moment *ret);

/* Whom the paper that this event issued goes to: parties, posts and others by their names. What
 * the event noted; where the document does not say, whoever the act notifies, and the party
 * that did it. */
struct recipients {
        const struct str *names;
        size_t n;
        bool is_noted; /* the document says it: without a name it is kept on file */
};
struct recipients fact_recipients(struct arena *arena, const struct fact *fact, size_t document);
bool recipients_has(const struct recipients *recipients, struct str name);

/* The newest deed of that name, or NULL; and how many there were. */
const struct deed *matter_did(const struct matter *matter, struct str act, size_t *ret_count);

#endif
