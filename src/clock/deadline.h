/* clock/deadline.h - the last day (届满日) of a period that the law sets.
 *
 * Counted as the law counts (民法典 第二百零一条至第二百零三条): the day that
 * sets the period running does not count; working days skip days off; months
 * end on the corresponding day, or on the month's last where it has none; a
 * period of days or months that would end on a day off ends on the next working
 * day; hours run from the very moment and end to the second. Days in a pause do
 * not count, and no period ends inside one.
 *
 * Pure, and a few table look-ups whatever the length. The same term and calendar
 * give the same last day on every machine, in any year it is replayed. */
#ifndef CLOCK_DEADLINE_H
#define CLOCK_DEADLINE_H

#include "base/date.h"
#include "base/err.h"
#include "clock/calendar.h"

#define DEADLINE_PAUSES_MAX 64 /* of one term; no matter is consulted on more often */

enum deadline_unit {
        DEADLINE_WORKING_DAYS, /* 工作日 */
        DEADLINE_DAYS,         /* 日 */
        DEADLINE_MONTHS,       /* 个月 */
        DEADLINE_YEARS,        /* 年 */
        DEADLINE_HOURS,        /* 小时 */
        DEADLINE_FIXED,        /* X日前: the start is X, due the day before it, never rolls */
        DEADLINE_UNTIL,        /* 至X日止: the start is X, due on it, never rolls */
};

/* What a last day that falls on a day off does (第二百零三条「法定休假日」). */
enum deadline_roll {
        DEADLINE_ROLL_USUAL, /* days, months, years: NON_WORKING; all others: NONE */
        DEADLINE_ROLL_NONE,
        DEADLINE_ROLL_HOLIDAY,     /* past holidays (节假日), but not past a plain weekend */
        DEADLINE_ROLL_NON_WORKING, /* past every day off */
};

struct deadline_rule {
        const char *id;    /* as procedures name it: "foi_request.answer" */
        const char *basis; /* shown beside every date: "政府信息公开条例 第三十三条" */
        enum deadline_unit unit;
        int length; /* 1..deadline_length_max(unit); of a fixed date 0 */
        enum deadline_roll roll;
        bool before;        /* at least `length` clear units before the start: 听证七日前 */
        int closing_minute; /* close of business as minute of the day; 0 = midnight */
};

/* [from, until) does not count; until DATE_NONE = it has not ended yet. */
struct deadline_pause {
        struct date from, until;
};

/* A rule at work. */
struct deadline_term {
        const struct deadline_rule *rule;
        struct date start;          /* the event's day; of a fixed date, the date itself */
        struct moment start_moment; /* of hours: the event's moment, and `start` is not read */
        const struct deadline_pause *pauses; /* any order, may overlap */
        size_t n_pauses;
        int extension; /* added to rule->length, same unit */
};

struct deadline {
        struct date last_day; /* the period runs out when this day ends */
        struct date nominal;  /* before it rolled; equal to last_day if it did not */
        struct moment due;    /* last second in time: of hours exact, else close of last_day */
        bool provisional;     /* rests on a year whose holidays are not yet published */
};

/* The greatest length (extension included) that this unit may have. */
int deadline_length_max(enum deadline_unit unit);

/* "working_days", "days" ... as data files write it; 个工作日, 日 ... as pages do. */
const char *deadline_unit_name(enum deadline_unit unit);
const char *deadline_unit_zh(enum deadline_unit unit);
MUST_CHECK bool deadline_unit_parse(struct str text, enum deadline_unit *ret);

/* Works out when the term runs out. Fails if the rule is malformed
 * (E_DEADLINE_RULE), a pause has not ended (E_DEADLINE_STOPPED) or the calendar's
 * table does not reach that far (E_DEADLINE_RANGE); an unpublished year is no
 * failure. On failure *ret is left as it was. */
MUST_CHECK bool deadline_compute(const struct deadline_term *term, const struct calendar *calendar,
                struct deadline *ret, struct err *err);

/* The pause of a consultation: the day the letter is sent to the day the answer
 * arrives, both excluded (征求意见期间). */
struct deadline_pause deadline_pause_through(struct date sent, struct date arrived);

/* Sorts the pauses and merges those that touch or overlap; drops empty ones.
 * `merged` has room for n. Returns how many there are now. */
size_t deadline_merge_pauses(
                const struct deadline_pause *pauses, size_t n, struct deadline_pause *merged);

/* Units of a term in days or working days that are spent when `day` ends; never
 * more than its length. Works for a paused term too: its clock stands still.
 * Fails as deadline_compute() does, and for every other unit (E_DEADLINE_RULE). */
MUST_CHECK bool deadline_spent(const struct deadline_term *term, const struct calendar *calendar,
                struct date day, int *ret, struct err *err);

/* Working days still to come after `today`, the last day among them: 0 on the
 * last day, negative when overdue. For yellow and red warnings. */
int deadline_working_days_left(
                const struct calendar *calendar, struct date today, struct date last_day);

#endif
