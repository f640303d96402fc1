#include "desk/turn.h"

#include <assert.h>
#include <time.h>

#include "base/log.h"
#include "desk/desk_state.h"
#include "desk/site_state.h"
#include "projection/projection.h"

#define ORGAN        0
#define ASKING_TURNS 100 /* in which keys are looked up first, after one was not new */

static int64_t microseconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- Its time ---- */

static bool has_leapt(struct desk *desk, struct moment now)
{
        if (desk->options.steady == NULL)
                return false;
        int64_t steady = desk->options.steady(desk->options.steady_user);
        desk->clock_ahead = jump_look(&desk->jump, now.second, steady);
        return desk->clock_ahead > 0;
}

/* The time of a turn: the source's, but never before the newest event. */
static bool take_time(struct writer *w, struct err *err)
{
        struct moment now =
                        w->desk->given.second != 0
                                        ? w->desk->given
                                        : w->desk->options.clock.now(w->desk->options.clock.user);
        if (has_leapt(w->desk, now))
                return err_set(err, E_DESK_CLOCK, "突然前进 %lld 秒",
                                (long long)w->desk->clock_ahead);
        int64_t behind = w->tip.time.second - now.second;
        if (behind > DESK_CLOCK_SLACK && w->tip.next_seq > 0 && !w->desk->options.times_given)
                return err_set(err, E_DESK_CLOCK, "比最新记录早 %lld 秒", (long long)behind);
        if (behind > 0 && w->tip.next_seq > 0) {
                if (!w->desk->options.times_given)
                        log_line(LOG_WARN, "desk", "clock is %lld s behind the newest event",
                                        (long long)behind);
                now = w->tip.time;
        }
        writer_set_time(w, now);
        return true;
}

/* A row was refused that nobody waited for: whose it was, only a careful turn can tell. */
static bool is_anonymous(const struct writer *w, const struct err *err)
{
        return !w->careful && err->code == E_STORE_CONFLICT;
}

/* Runs one job; false if the store failed, and the turn with it. */
static bool run_job(struct writer *w, struct job *job)
{
        struct err closing = { 0 };
        w->saved = false;
        w->n_followed = 0;
        w->lookup_failed = false;
        job->done = job->run(w, job, &job->err);
        if (w->again)
                return false;
        if (writer_lookup_failed(w, &job->err)) {
                job->done = false;
                writer_set_time(w, w->now); /* the next job asks anew */
        }
        w->again = !job->done && is_anonymous(w, &job->err);
        if (w->again || (!job->done && writer_is_store_failure(&job->err)))
                return false;
        if (job->done)
                job->err = (struct err){ .code = E_NONE };
        if (!writer_end_job(w, job->done, &closing)) {
                job->done = false;
                job->err = closing;
                return false;
        }
        return true;
}

/* To read, the writer waits for all that it has handed over: so it reads once for all of a turn,
 * and not for each job between two that write. */
static bool look_ahead(struct writer *w, const struct job *jobs, struct err *err)
{
        for (; jobs != NULL; jobs = jobs->next)
                if (jobs->look_ahead != NULL && !jobs->look_ahead(w, jobs, err)) {
                        w->again = is_anonymous(w, err);
                        return false;
                }
        return true;
}

/* ---- What is ahead ---- */

/* Handed over, and not committed yet: it may be that they never will be. */
static size_t n_lost(const struct turns *turns)
{
        return turns->n_handed - turns->n_committed;
}

static void count(struct desk *desk, const struct job *jobs, bool ok)
{
        desk->batches++;
        desk->failed_batches += !ok;
        for (; jobs != NULL; jobs = jobs->next) {
                desk->done += ok && jobs->done;
                desk->refused += !ok || !jobs->done;
        }
}

static void tell_listener(struct desk *desk)
{
        pthread_mutex_lock(&desk->listening);
        if (desk->heard != NULL)
                desk->heard(desk->listener);
        pthread_mutex_unlock(&desk->listening);
}

/* Between the commit and what follows another process may have written: then all that was decided
 * since rests on sand, and is done again. */
static bool is_ours_still(struct desk *desk, struct tx *tx, struct err *err)
{
        int64_t size = 0;
        bool found;
        if (!snapshot_int(tx_snapshot(tx), Q_LEDGER_SIZE, PARAMS(param_int(ORGAN)), &size, &found,
                            err))
                return false;
        return size == (int64_t)desk->sealer.frontier.size ||
               err_set(err, E_STORE_CONFLICT, "另一个程序记录了新的事件");
}

/* Beside the statements: all of the turn has run. */
static bool commit_turn(struct tx *tx, void *user, struct err *err)
{
        const struct ahead turn = *(const struct ahead *)user; /* its place is free from here */
        struct desk *desk = turn.desk;
        if (!tx_work_commit(tx, err))
                return false;
        desk->turns_ahead.n_committed++;
        if (turn.jobs != NULL) {
                count(desk, turn.jobs, true);
                flusher_give(desk->flusher, turn.jobs, turn.arena, false);
        } else {
                behind_ask(desk->behind);
        }
        if (turn.recorded)
                tell_listener(desk);
        return tx_work_begin(tx, err) && is_ours_still(desk, tx, err);
}

static bool may_go_on(struct writer *w, const struct job *jobs)
{
        struct desk *desk = w->desk;
        bool follows = desk->behind != NULL ||
                       (desk->has_thread && queue_goes_on(desk->queue, jobs));
        return follows && jobs != NULL && !w->careful && tx_may_go_on(w->tx) &&
               desk->turns_ahead.n_on < TURNS_ON_MAX && !projection_is_shaken(w->projection) &&
               !desk_checkpoint_is_due(desk, w->tip.next_seq);
}

static bool hand_over(struct writer *w, struct job *jobs, uint64_t repeated, struct err *err)
{
        struct turns *turns = &w->desk->turns_ahead;
        struct ahead *turn = &turns->ahead[turns->n_handed % FLUSHER_TURNS];
        bool answers_now = w->desk->behind != NULL;
        *turn = (struct ahead){ .desk = w->desk,
                .jobs = answers_now ? NULL : jobs,
                .arena = w->arena,
                .recorded = w->tip.next_seq != w->desk->tip.next_seq,
                .repeated = repeated };
        if (!writer_end(w, err) || !tx_put_work(w->tx, commit_turn, turn, err))
                return false;
        if (answers_now)
                count(w->desk, jobs, true);
        projection_keep(w->projection);
        turns->n_handed++;
        tx_push(w->tx);
        turns->n_on++;
        turns->tx = w->tx;
        w->tx = NULL;
        return true;
}

/* ---- A turn ---- */

static bool commit(struct writer *w, struct job *jobs, uint64_t repeated, struct err *err)
{
        if (may_go_on(w, jobs))
                return hand_over(w, jobs, repeated, err);
        w->desk->turns_ahead.n_on = 0;
        return writer_commit(w, err);
}

static bool try_jobs(struct writer *w, struct job *jobs, uint64_t repeated, struct err *err)
{
        if (!writer_begin(w, err))
                return false;
        bool ok = take_time(w, err) && look_ahead(w, jobs, err);
        for (struct job *job = jobs; ok && job != NULL; job = job->next)
                if (!run_job(w, job)) {
                        *err = job->err;
                        ok = false;
                }
        if (ok && commit(w, jobs, repeated, err))
                return true;
        w->again = w->again || (ok && is_anonymous(w, err));
        writer_rollback(w);
        return false;
}

static bool all_repeatable(const struct job *jobs)
{
        while (jobs != NULL && jobs->repeatable)
                jobs = jobs->next;
        return jobs == NULL;
}

/* Each job is gone once it is answered. */
static void answer(struct job *jobs, const struct err *failure)
{
        while (jobs != NULL) {
                struct job *next = jobs->next;
                jobs->answered(jobs, failure != NULL ? failure : jobs->done ? NULL : &jobs->err);
                jobs = next;
        }
}

static void note_failure(struct desk *desk, const struct err *err)
{
        desk->has_tip = false;
        desk->failing = writer_is_store_failure(err);
        log_line(LOG_ERROR, "desk", "batch failed: %s: %s", err_text(err->code)->name, err->detail);
}

/* One that was lost, alone. */
static void do_again(struct desk *desk, const struct ahead *turn, const struct err *failure)
{
        struct writer w = { .desk = desk,
                .arena = turn->arena,
                .projection = desk->projection,
                .careful = true,
                .asks = true };
        struct err err = failure != NULL ? *failure : (struct err){ .code = E_NONE };
        bool ok = failure == NULL && try_jobs(&w, turn->jobs, 0, &err);
        count(desk, turn->jobs, ok);
        if (ok) {
                desk->tip = w.tip;
                desk->has_tip = true;
                flusher_give(desk->flusher, turn->jobs, turn->arena, false);
                tell_listener(desk);
                return;
        }
        note_failure(desk, &err);
        answer(turn->jobs, &err);
        flusher_give(desk->flusher, NULL, turn->arena, true);
}

/* After a rollback: those whose commit did not come about. `failure`: the store's own, which they
 * are told. */
static void do_lost_again(struct desk *desk, const struct err *failure)
{
        struct turns *turns = &desk->turns_ahead;
        size_t first = turns->n_committed, last = turns->n_handed;
        if (first == last)
                return;
        if (desk->behind != NULL) {
                turns->n_handed = first;
                turns->broken = true;
                return;
        }
        log_line(LOG_WARN, "desk", "%zu turns ahead were lost, %s", last - first,
                        failure != NULL ? "the store failed" : "they are done again");
        desk->has_tip = false; /* and with it all that the caches hold */
        desk->repeated = turns->ahead[first % FLUSHER_TURNS].repeated;
        turns->n_handed = first;
        for (size_t i = first; i < last; i++)
                do_again(desk, &turns->ahead[i % FLUSHER_TURNS], failure);
}

void turn_settle(struct desk *desk)
{
        struct turns *turns = &desk->turns_ahead;
        struct err err = { .code = E_NONE };
        if (turns->tx == NULL)
                return;
        bool fine = tx_settle(turns->tx, &err);
        tx_rollback(&turns->tx); /* nothing is in it */
        turns->n_on = 0;
        if (!fine)
                sealer_forget(&desk->sealer);
        do_lost_again(desk, err.code == E_STORE_CONFLICT ? NULL : &err);
}

static bool run_jobs(struct writer *w, struct job *jobs, struct err *err)
{
        struct desk *desk = w->desk;
        const struct writer fresh = *w;
        uint64_t repeated = desk->repeated;
        if (desk->turns_ahead.broken)
                return err_set(err, E_STORE_IO, "已答复的办理没有写入");
        w->careful = !all_repeatable(jobs);
        w->asks = w->careful || desk->asking_turns > 0;
        desk->asking_turns -= desk->asking_turns > 0;
        if (w->careful)
                turn_settle(desk);
        if (try_jobs(w, jobs, repeated, err))
                return true;
        bool lost = n_lost(&desk->turns_ahead) > 0, again = w->again;
        do_lost_again(desk, again ? NULL : err);
        if (!again)
                return false;
        *w = fresh;
        w->careful = w->asks = true;
        desk->asking_turns = ASKING_TURNS;
        if (!lost)
                desk->repeated = repeated;
        return try_jobs(w, jobs, repeated, err);
}

/* Runs the jobs and commits, or hands the commit over; false: all of them failed. */
static bool turn(struct desk *desk, struct arena *arena, struct job *jobs, struct err *err)
{
        struct writer writer = { .desk = desk, .arena = arena, .projection = desk->projection };
        int64_t before = desk->has_tip ? desk->tip.next_seq : -1;
        int64_t began = microseconds();
        desk->busy_since = began;
        bool ok = run_jobs(&writer, jobs, err);
        meter_add(&desk->turns, microseconds() - began);
        desk->busy_since = 0;
        if (!ok) {
                note_failure(desk, err);
                count(desk, jobs, false);
                return false;
        }
        desk->failing = false;
        desk->has_tip = true;
        desk->tip = writer.tip;
        /* What was in force when it began was committed before; and a turn that changes it is not
         * handed over. */
        site_publish(desk->site);
        if (desk->turns_ahead.tx != NULL)
                return true; /* the rest is for commit_turn() */
        count(desk, jobs, true);
        if (desk->tip.next_seq != before)
                tell_listener(desk);
        return true;
}

void turn_do(struct desk *desk, struct job *jobs)
{
        struct err err = { 0 };
        if (n_lost(&desk->turns_ahead) == FLUSHER_TURNS)
                turn_settle(desk); /* all arenas are in use */
        struct arena *arena = desk->arenas[desk->turns_ahead.n_handed % FLUSHER_TURNS];
        arena_reset(arena);
        bool ok = turn(desk, arena, jobs, &err);
        if (ok && desk->behind != NULL && desk->turns_ahead.tx == NULL)
                behind_ask(desk->behind);
        answer(jobs, ok ? NULL : &err);
}

void turn_begin(struct desk *desk, struct job *jobs)
{
        struct err err = { 0 };
        if (n_lost(&desk->turns_ahead) == FLUSHER_TURNS)
                turn_settle(desk); /* had the first failed, no arena would come back */
        struct arena *arena = flusher_arena(desk->flusher, jobs);
        bool ok = turn(desk, arena, jobs, &err);
        flusher_decided(desk->flusher);
        if (ok && desk->turns_ahead.tx != NULL)
                return;
        if (ok) {
                flusher_give(desk->flusher, jobs, arena, queue_waiting(desk->queue) == 0);
                return;
        }
        answer(jobs, &err);
        flusher_give(desk->flusher, NULL, arena, true);
}
