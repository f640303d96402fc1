/* desk/simulate.h - lives a scenario's year: ordinary acts, ordinary people, simulated time.
 *
 * Every act goes through the desk like any other; the simulation can write nothing
 * else and reads nothing but the answers. Days pass, timers run, matters that are not
 * finished when the year ends stay open. An act that is refused although the scenario
 * did not expect it is a fault of the scenario (or of the program) and is named. */
#ifndef DESK_SIMULATE_H
#define DESK_SIMULATE_H

#include "desk/desk.h"
#include "desk/scenario.h"

#define SIMULATE_FAULTS_KEPT 20

struct simulate_progress {
        struct date day;
        size_t n_acts, n_planned;
};

typedef void simulate_told(void *user, const struct simulate_progress *progress);

struct simulate_fault {
        struct str stream, path, act;
        int line;
        struct moment time;
        struct err err; /* code E_NONE: was done although a refusal was expected */
};

struct simulate_result {
        size_t n_matters, n_acts, n_refused, n_timers, n_faults;
        struct simulate_fault faults[SIMULATE_FAULTS_KEPT];
};

/* Initial moment of a site that is to live this scenario: its first events. */
struct moment simulate_beginning(const struct scenario *scenario);

/* Runs it on a desk opened with `times_given`. `told` (may be NULL) hears of every day.
 * False only if the program or the machine failed; faults are in *ret. */
MUST_CHECK bool simulate_run(struct desk *desk, const struct scenario *scenario,
                simulate_told *told, void *user, struct simulate_result *ret, struct err *err);

#endif
