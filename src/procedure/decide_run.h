/* procedure/decide_run.h - one decision on its way, shared by the files that make it.
 *
 * Private to the room. decide.c runs the steps in their fixed order:
 *   decide_standing.c  may this person, in this state, now?
 *   decide_fields.c    what is given, what is computed, what must hold
 *   decide_clocks.c    what starts, stops and is late
 *   decide_follow.c    register entries, sub-matters, acts on them and on the parent, people
 *   decide_papers.c    what is issued, under which number, and who is told
 * Each step fails with the refusal that the answer will be. */
#ifndef PROCEDURE_DECIDE_RUN_H
#define PROCEDURE_DECIDE_RUN_H

#include "procedure/scope.h"

struct decision_run {
        struct arena *arena;
        const struct version *version;
        const struct matter *matter; /* NULL: begins one */
        const struct actor *actor;
        const struct act_request *request;
        const struct circumstances *world;
        const struct act *act;
        struct scope scope;
        struct value *fields; /* as they will stand */
        struct member *data;  /* what the event will hold */
        size_t n_data, max_data;
        size_t to; /* the state afterwards */
        bool records_to;
        struct err *err;
};

/* Notes what the event will hold; a name noted again takes the newer value. */
void run_record(struct decision_run *run, struct str name, struct value value);

/* Sorts the members in place; they must differ in name. */
struct value sorted_context(struct member *members, size_t n);

bool has_index(const size_t *indexes, size_t n, size_t index);

/* When what it does to clocks takes effect: now, or when the term ran out whose expiry it is,
 * however late the timer came to it. */
static inline struct moment run_effect(const struct decision_run *run)
{
        return run->request != NULL && run->request->due.second != 0 ? run->request->due
                                                                     : run->world->now;
}

/* Has the clock run out by then? *ret is its deadline where there is one. */
bool clock_has_run_out(const struct matter *matter, size_t clock, struct moment then,
                const struct calendar *calendar, struct deadline *ret);

/* decide_standing.c: role, recusal, state, once, separation, term. */
MUST_CHECK bool check_standing(struct decision_run *run);
bool holds_a_role(struct decision_run *run); /* one of those that may do the act */
MUST_CHECK bool check_recusal(struct decision_run *run);

/* decide_fields.c, in this order. */
MUST_CHECK bool take_fields(struct decision_run *run);
MUST_CHECK bool check_fields(struct decision_run *run);
MUST_CHECK bool compute_fields(struct decision_run *run);
MUST_CHECK bool check_requirements(struct decision_run *run);
MUST_CHECK bool collect_warnings(struct decision_run *run, struct outcome *ret);

/* decide_clocks.c, after the target state is known. */
MUST_CHECK bool move_clocks(struct decision_run *run);
void note_late(struct decision_run *run);

/* decide_follow.c */
MUST_CHECK bool follow_up(struct decision_run *run, struct outcome *ret);

/* decide_papers.c, last: numbers are taken, those issued are named in the message. Notes who is
 * told, by the act itself and by the papers that go to him. */
MUST_CHECK bool issue_papers(
                struct decision_run *run, struct str matter_number, struct buf *message);

#endif
