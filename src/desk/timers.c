#include "desk/timers.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/steady.h"
#include "desk/act.h"
#include "desk/desk_state.h"
#include "desk/file_sweep.h"
#include "projection/matter_read.h"
#include "projection/projection.h"
#include "store/lease.h"

#define SWEEP_SECONDS 86400
#define LOOKS_MAX     500u /* in one turn */
#define PASSED_MAX    100u /* in one run; less than LOOKS_MAX, so that others come up */
#define LEASE_ROUNDS  3    /* rounds missed before another program takes over */

struct look_job {
        struct job job;
        int64_t matter;
        size_t clock;
        struct moment due;
        struct arena *arena; /* where the answer goes */
        struct timer_look look;
        bool stale; /* the clock has moved since the row was written */
};

struct running {
        struct desk *desk;
        struct arena *arena;
        struct moment until;
        timer_told *told;
        void *user;
        size_t n;
        int64_t idle_matter; /* the row at which nothing was left to do, and its clock */
        size_t idle_clock;
        struct moment idle_due;
        struct passed {
                int64_t matter;
                size_t clock;
        } passed[PASSED_MAX];
        size_t n_passed;
        struct err why; /* the first was passed over */
};

/* ---- One look, on the writer's thread ---- */

/* Yellow comes before red: if the look would be another one had yellow been given, it is
 * yellow's. */
static enum timer_kind kind_of(
                struct writer *w, struct matter *matter, size_t clock, struct moment due)
{
        const struct site_facts *site = w->circumstances.site;
        struct matter_clock *c = &matter->clocks[clock];
        enum clock_warning warned = c->warned;
        struct deadline deadline;
        struct moment without;
        if (!matter_deadline(matter, clock, w->circumstances.calendar, moment_date(c->started),
                            &deadline) ||
                        due.second > deadline.due.second)
                return TIMER_EXPIRED;
        if (warned != CLOCK_QUIET)
                return TIMER_RED;
        c->warned = CLOCK_YELLOW;
        bool any = matter_next_look(matter, clock, w->circumstances.calendar, site->yellow,
                        site->red, &without);
        c->warned = warned;
        return any && without.second == due.second ? TIMER_RED : TIMER_YELLOW;
}

static struct value with_due(struct arena *arena, const struct value *data, struct moment due)
{
        size_t n = data->context.n;
        struct member *members = arena_new_array(arena, n + 1, struct member);
        for (size_t i = 0; i < n; i++)
                members[i] = data->context.members[i];
        members[n] = (struct member){ STR_LIT("$due"), value_moment(due) };
        bool unique = value_sort_members(members, n + 1);
        assert(unique);
        return value_context(members, n + 1);
}

static bool record_fact(
                struct writer *w, struct look_job *j, struct matter *matter, struct err *err)
{
        struct outcome outcome = procedure_timer_fact(w->arena, matter, j->clock,
                        j->look.kind == TIMER_RED ? CLOCK_RED : CLOCK_YELLOW,
                        j->look.kind == TIMER_EXPIRED, w->now);
        struct receipt *receipt = &j->look.receipt;
        int64_t seq;
        outcome.fact.data = with_due(w->arena, &outcome.fact.data, j->due);
        if (!writer_record(w, &outcome.fact, matter, STR_LIT(""), &seq, err))
                return false;
        *receipt = (struct receipt){
                .seq = seq,
                .matter = matter->id,
                .time = w->now,
                .number = matter->number,
                .state = matter->version->states[matter->state].name,
                .state_label = matter->version->states[matter->state].label,
                .act_label = outcome.message,
        };
        return true;
}

/* The act that the definition names for expiry; where it is refused, expiry itself is still
 * recorded, and the refusal is told. */
static bool expire(struct writer *w, struct look_job *j, struct matter *matter, struct err *err)
{
        const struct clock_definition *clock = &matter->version->clocks[j->clock];
        if (clock->expires < 0)
                return record_fact(w, j, matter, err);
        struct act_request request = {
                .act = matter->version->acts[clock->expires].name,
                .expired = clock->name,
                .due = j->due,
                .fields = value_context(NULL, 0),
        };
        if (act_by_system(w, matter, &request, &j->look.receipt, err)) {
                j->look.acted = true;
                return true;
        }
        if (writer_is_store_failure(err))
                return false;
        j->look.refused = *err;
        return writer_end_job(w, false, err) && writer_mark(w, err) &&
               writer_matter(w, j->matter, &matter, err) && record_fact(w, j, matter, err);
}

static bool run_look(struct writer *w, struct job *job, struct err *err)
{
        struct look_job *j = (struct look_job *)job;
        struct matter *matter;
        struct moment due;
        if (!writer_mark(w, err) || !writer_matter(w, j->matter, &matter, err))
                return false;
        if (w->desk->options.times_given)
                writer_set_time(w, j->due.second > w->tip.time.second ? j->due : w->tip.time);
        const struct site_facts *site = w->circumstances.site;
        if (!matter_next_look(matter, j->clock, w->circumstances.calendar, site->yellow, site->red,
                            &due) ||
                        due.second > w->now.second) {
                j->stale = true;
                return true;
        }
        j->look.due = due;
        j->look.clock = matter->version->clocks[j->clock].name;
        j->look.label = matter->version->clocks[j->clock].label;
        j->look.kind = kind_of(w, matter, j->clock, due);
        if (!(j->look.kind == TIMER_EXPIRED ? expire(w, j, matter, err)
                                            : record_fact(w, j, matter, err)))
                return false;
        j->look.receipt = receipt_copy(j->arena, &j->look.receipt);
        return true;
}

static bool look_at_matter(struct writer *w, const struct job *job, struct err *err)
{
        return writer_look_ahead(w, ((const struct look_job *)job)->matter, err);
}

/* ---- Running ---- */

static void tell(struct running *r, struct look_job *j)
{
        if (j->job.err.code != E_NONE || j->stale)
                return;
        r->n++;
        if (r->told != NULL)
                r->told(r->user, &j->look);
}

/* A notice that is published before anything falls due moves what falls due. */
static bool load_notice(struct running *r, struct moment before, bool *ret_loaded, struct err *err)
{
        struct moment morning;
        bool any;
        *ret_loaded = false;
        if (!notices_next(r->desk, &morning, &any, err))
                return false;
        if (!any || morning.second > before.second)
                return true;
        *ret_loaded = true;
        return notices_load(r->desk, err);
}

/* One clock at which nothing can be done keeps no other waiting: it is told when all have been
 * looked at. */
static bool pass_over(
                struct running *r, const struct look_job *j, const struct err *why, struct err *err)
{
        log_line(LOG_ERROR, "desk", "timer of matter %lld passed over: %s", (long long)j->matter,
                        err_text(why->code)->name);
        if (r->n_passed == 0)
                r->why = *why;
        if (r->n_passed == PASSED_MAX) {
                *err = r->why;
                return false;
        }
        r->passed[r->n_passed++] = (struct passed){ j->matter, j->clock };
        return true;
}

static bool is_passed(const struct running *r, const struct clock_row *row)
{
        for (size_t i = 0; i < r->n_passed; i++)
                if (r->passed[i].matter == row->matter && r->passed[i].clock == row->clock)
                        return true;
        return false;
}

/* Of the store or the machine, not of one matter. */
static bool is_general(const struct err *err)
{
        return err->code == E_STORE_CONFLICT || writer_is_store_failure(err) ||
               err_text(err->code)->kind == ERR_BUSY;
}

static bool pass_failed(struct running *r, const struct look_job *jobs, size_t n, bool any_done,
                struct err *err)
{
        for (size_t i = 0; i < n; i++) {
                const struct err *why = &jobs[i].job.err;
                if (why->code == E_NONE || (is_general(why) && any_done))
                        continue; /* it comes again */
                if (is_general(why)) {
                        *err = *why;
                        return false;
                }
                if (!pass_over(r, &jobs[i], why, err))
                        return false;
        }
        return true;
}

/* Nothing was done: another program has done it in between, and other rows come next; or the
 * same row would come again for ever. */
static bool pass_idle(struct running *r, const struct look_job *first, struct err *err)
{
        struct err stuck;
        bool again = first->matter == r->idle_matter && first->clock == r->idle_clock &&
                     first->due.second == r->idle_due.second;
        r->idle_matter = first->matter;
        r->idle_clock = first->clock;
        r->idle_due = first->due;
        if (!again)
                return true;
        (void)err_set(&stuck, E_TIMER_STUCK, "办件 #%lld", (long long)first->matter);
        return pass_over(r, first, &stuck, err);
}

/* Those that were not passed over. */
static size_t leave_passed(const struct running *r, const struct clock_row *due, size_t n,
                struct clock_row *ret)
{
        size_t n_left = 0;
        for (size_t i = 0; i < n; i++)
                if (!is_passed(r, &due[i]))
                        ret[n_left++] = due[i];
        return n_left;
}

/* The looks that fall due first, all at one moment: what they bring about may fall due
 * before the next. *ret_any false: nothing left. */
static bool run_first(struct running *r, bool *ret_any, struct err *err)
{
        const struct clock_row *due;
        size_t n, m = 0;
        struct snapshot *snapshot = NULL;
        bool ok = desk_settle(r->desk, err) &&
                  snapshot_open(site_store(desk_site(r->desk)), &snapshot, err) &&
                  clock_rows_due(r->arena, snapshot, r->until, LOOKS_MAX, &due, &n, err);
        snapshot_close(&snapshot);
        if (!ok)
                return false;
        struct clock_row *rows = arena_new_array(r->arena, n, struct clock_row);
        n = leave_passed(r, due, n, rows);
        bool loaded;
        if (!load_notice(r, n > 0 ? rows[0].next_look : r->until, &loaded, err))
                return false;
        *ret_any = n > 0 || loaded;
        if (n == 0 || loaded)
                return true;
        struct look_job *jobs = arena_new_array(r->arena, n, struct look_job);
        for (; m < n && rows[m].next_look.second == rows[0].next_look.second; m++)
                jobs[m] = (struct look_job){
                        .job = { .run = run_look,
                                        .look_ahead = look_at_matter,
                                        .repeatable = true },
                        .matter = rows[m].matter,
                        .clock = rows[m].clock,
                        .due = rows[m].next_look,
                        .arena = r->arena,
                };
        struct job **chain = arena_new_array(r->arena, m, struct job *);
        for (size_t i = 0; i < m; i++)
                chain[i] = &jobs[i].job;
        size_t before = r->n, n_passed = r->n_passed;
        if (!desk_do_all(r->desk, chain, m, err))
                return false;
        for (size_t i = 0; i < m; i++)
                tell(r, &jobs[i]);
        if (!pass_failed(r, jobs, m, r->n != before, err))
                return false;
        return r->n != before || r->n_passed != n_passed || pass_idle(r, &jobs[0], err);
}

bool timers_run(struct desk *desk, struct moment until, timer_told *told, void *user, size_t *ret_n,
                struct err *err)
{
        struct arena *arena = arena_open();
        struct running running = {
                .desk = desk, .arena = arena, .until = until, .told = told, .user = user
        };
        bool any = true, ok = true;
        while (ok && any) {
                arena_reset(arena);
                ok = run_first(&running, &any, err);
        }
        arena_close(&arena);
        *ret_n = running.n;
        if (ok && running.n_passed > 0)
                *err = running.why;
        return ok && running.n_passed == 0;
}

bool timers_next(struct desk *desk, struct moment *ret, bool *ret_any, struct err *err)
{
        struct site *site = desk->site;
        struct moment morning;
        bool any_notice;
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        int64_t second = 0;
        if (!desk_settle(desk, err) || !snapshot_open(site_store(site), &snapshot, err) ||
                        !snapshot_int(snapshot, Q_CLOCK_FIRST, NO_PARAMS, &second, ret_any, err))
                return false;
        *ret_any = *ret_any && second != 0; /* min() of nothing is null */
        ret->second = second;
        if (!notices_next(desk, &morning, &any_notice, err))
                return false;
        if (any_notice && (!*ret_any || morning.second < second)) {
                *ret_any = true;
                *ret = morning;
        }
        return true;
}

int64_t timers_set_since(struct desk *desk)
{
        return projection_soonest_look(desk->projection);
}

/* ---- The server's thread ---- */

struct timers {
        struct desk *desk;
        int seconds;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t stopping;
        bool stop;
        char holder[LEASE_HOLDER_BYTES];
        struct moment swept;
};

/* Of several programs over one store one runs them; the others see to it that it does. */
static bool is_ours(struct timers *timers, struct err *err)
{
        bool held = false;
        err->code = E_NONE;
        return lease_take(site_store(desk_site(timers->desk)), STR_LIT("timers"),
                               str_of(timers->holder), timers->seconds * LEASE_ROUNDS, &held,
                               err) &&
               held;
}

/* Once a day. */
static void sweep_files(struct timers *timers, struct moment now)
{
        int days = site_config(desk_site(timers->desk))->keep_files;
        struct file_sweep swept;
        struct err err;
        if (now.second - timers->swept.second < SWEEP_SECONDS)
                return;
        timers->swept = now;
        if (!file_sweep(timers->desk, days, now, &swept, &err))
                log_line(LOG_ERROR, "desk", "files: %s: %s", err_text(err.code)->name, err.detail);
        else if (swept.n_unclaimed > 0)
                log_line(LOG_INFO, "desk", "files: %zu that no record names, %zu of them removed",
                                swept.n_unclaimed, swept.n_removed);
}

static void run_now(struct timers *timers)
{
        struct err err;
        size_t n;
        if (!is_ours(timers, &err)) {
                if (err.code != E_NONE)
                        log_line(LOG_ERROR, "desk", "timers: %s: %s", err_text(err.code)->name,
                                        err.detail);
                return;
        }
        struct desk_clock *clock = &timers->desk->options.clock;
        if (!timers_run(timers->desk, clock->now(clock->user), NULL, NULL, &n, &err))
                log_line(LOG_ERROR, "desk", "timers: %s: %s", err_text(err.code)->name, err.detail);
        else if (n > 0)
                log_line(LOG_INFO, "desk", "timers: %zu looks", n);
        sweep_files(timers, clock->now(clock->user));
}

static void *run_forever(void *user)
{
        struct timers *timers = user;
        pthread_mutex_lock(&timers->mutex);
        while (!timers->stop) {
                pthread_mutex_unlock(&timers->mutex);
                run_now(timers);
                struct timespec at;
                clock_gettime(CLOCK_MONOTONIC, &at); /* a wall clock set back holds up nothing */
                at.tv_sec += timers->seconds;
                pthread_mutex_lock(&timers->mutex);
                if (!timers->stop)
                        pthread_cond_timedwait(&timers->stopping, &timers->mutex, &at);
        }
        pthread_mutex_unlock(&timers->mutex);
        return NULL;
}

bool timers_start(struct desk *desk, int seconds, struct timers **ret, struct err *err)
{
        struct timers *timers = calloc(1, sizeof(*timers));
        if (timers == NULL)
                abort();
        timers->desk = desk;
        timers->seconds = seconds;
        lease_holder(timers->holder);
        pthread_mutex_init(&timers->mutex, NULL);
        steady_cond_init(&timers->stopping);
        if (pthread_create(&timers->thread, NULL, run_forever, timers) != 0) {
                free(timers);
                return err_set(err, E_DESK_BUSY, "不能启动定时线程");
        }
        *ret = timers;
        return true;
}

void timers_stop(struct timers **stopping)
{
        struct timers *timers = *stopping;
        if (timers == NULL)
                return;
        *stopping = NULL;
        pthread_mutex_lock(&timers->mutex);
        timers->stop = true;
        pthread_cond_signal(&timers->stopping);
        pthread_mutex_unlock(&timers->mutex);
        pthread_join(timers->thread, NULL);
        struct err err;
        if (!lease_give(site_store(desk_site(timers->desk)), STR_LIT("timers"),
                            str_of(timers->holder), &err))
                log_line(LOG_WARN, "desk", "timers: lease not given up, it runs out by itself: %s",
                                err_text(err.code)->name);
        pthread_mutex_destroy(&timers->mutex);
        pthread_cond_destroy(&timers->stopping);
        free(timers);
}
