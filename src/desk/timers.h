/* desk/timers.h - what happens because time passes: warnings and expiry, exactly once each.
 *
 * A running clock (期限) is looked at when it turns yellow, when it turns red, and when it
 * has run out. Each look is recorded as an event: a warning, the act that the definition
 * names for expiry, done by the system (视为受理, 视为准予延续), or the plain fact that the
 * clock ran out. What was missed while the program stood still is made up for, in the order in
 * which it fell due, with the time of recording as the event's time and `$due` beside it. What an
 * act at expiry, and what follows from it, does to clocks counts from `$due`: a pause that a lapse
 * ends is no longer for the downtime, nor for the seconds until the timer looked. The entries of
 * registers that they put stand from that day, unless others were written there since. */
#ifndef DESK_TIMERS_H
#define DESK_TIMERS_H

#include "desk/desk.h"

enum timer_kind { TIMER_YELLOW, TIMER_RED, TIMER_EXPIRED };

struct timer_look {
        enum timer_kind kind;
        struct moment due;
        struct str clock, label; /* name, Chinese */
        struct receipt receipt;  /* number, state; of an expiry act also what it brought */
        bool acted;              /* expired by an act of the definition */
        struct err refused;      /* why that act could not be done; code E_NONE = was not */
};

/* Told after it is durable; what it points to lives until it returns. */
typedef void timer_told(void *user, const struct timer_look *look);

/* Looks at every clock that is due by `until`. `told` may be NULL. A clock at which nothing can be
 * done (its matter cannot be read ...) keeps no other waiting: all else is done, and then false is
 * returned with the first such reason. */
MUST_CHECK bool timers_run(struct desk *desk, struct moment until, timer_told *told, void *user,
                size_t *ret_n, struct err *err);

/* The moment when there is something to do next: a look, or a notice that becomes known;
 * *ret_any false if there is nothing. */
MUST_CHECK bool timers_next(struct desk *desk, struct moment *ret, bool *ret_any, struct err *err);

/* Seconds: of the clocks set since this was last asked none is to be looked at before. */
int64_t timers_set_since(struct desk *desk);

/* A thread that runs the timers each minute until stopped: for the server. */
struct timers;
MUST_CHECK bool timers_start(struct desk *desk, int seconds, struct timers **ret, struct err *err);
void timers_stop(struct timers **timers);

#endif
