#include "desk/desk.h"

#include <assert.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/rand.h>

#include "base/log.h"
#include "desk/desk_state.h"
#include "desk/erase.h"
#include "desk/repeat.h"
#include "desk/site_state.h"
#include "desk/turn.h"
#include "projection/projection.h"

#define CHECKPOINT_EVENTS  10000
#define CHECKPOINT_SECONDS 60
#define ORGAN              0
#define AHEAD_MILLISECONDS 2 /* that an open transaction waits for the next turn */
#define FOLLOW_SECONDS     2 /* at rest: what is in force elsewhere is in force here */

static struct moment system_now(void *user)
{
        (void)user;
        return (struct moment){ time(NULL) };
}

struct desk_clock desk_system_clock(void)
{
        return (struct desk_clock){ system_now, NULL };
}

static time_t monotonic(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec;
}

static int64_t microseconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t since_boot(void *user)
{
        struct timespec now;
        (void)user;
        clock_gettime(CLOCK_BOOTTIME, &now);
        return now.tv_sec;
}

bool desk_entropy(struct desk *desk, uint8_t *to, size_t n, struct err *err)
{
        if (desk->options.entropy != NULL)
                return desk->options.entropy(desk->options.entropy_user, to, n) ||
                       err_set(err, E_DESK_ENTROPY, "注入的随机数用完");
        assert(n <= ENTROPY_POOL);
        if (desk->entropy_left < n) {
                if (RAND_bytes(desk->entropy, ENTROPY_POOL) != 1)
                        return err_set(err, E_DESK_ENTROPY, "系统没有给出随机数");
                desk->entropy_left = ENTROPY_POOL;
        }
        uint8_t *from = desk->entropy + (ENTROPY_POOL - desk->entropy_left);
        memcpy(to, from, n);
        explicit_bzero(from, n);
        desk->entropy_left -= n;
        return true;
}

/* ---- A turn ---- */

void desk_time_is(struct desk *desk, struct moment now)
{
        assert(desk->options.times_given);
        desk->given = now;
}

void desk_listen(struct desk *desk, void (*heard)(void *user), void *user)
{
        pthread_mutex_lock(&desk->listening);
        desk->heard = heard;
        desk->listener = user;
        pthread_mutex_unlock(&desk->listening);
}

bool desk_checkpoint_is_due(const struct desk *desk, int64_t size)
{
        int events = desk->options.checkpoint_events, seconds = desk->options.checkpoint_seconds;
        int64_t unsigned_events = size - desk->signed_size;
        return unsigned_events > 0 &&
               (unsigned_events >= events || monotonic() - desk->signed_at >= seconds);
}

bool desk_checkpoint(struct desk *desk, bool now, struct err *err)
{
        int64_t size = desk->tip.next_seq;
        if (!desk->has_tip || size == desk->signed_size ||
                        (!now && !desk_checkpoint_is_due(desk, size)))
                return true;
        if (desk->behind != NULL &&
                        !behind_settle(desk->behind, err)) /* no promise before it is kept */
                return false;
        if (!site_sign_checkpoint(desk->site, desk->tip.next_seq, &desk->sealer.frontier, err))
                return false;
        desk->signed_size = desk->tip.next_seq;
        desk->signed_at = monotonic();
        return true;
}

static void try_checkpoint(struct desk *desk)
{
        struct err err;
        if (desk->turns_ahead.tx == NULL && !desk_checkpoint(desk, false, &err))
                log_line(LOG_ERROR, "desk", "checkpoint not signed: %s: %s",
                                err_text(err.code)->name, err.detail);
}

/* Has another program over the same store put something into force? Then a turn without
 * acts takes it up and publishes it: readers here follow. */
static bool is_behind(struct desk *desk, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        bool behind = false;
        return snapshot_open(site_store(desk->site), &snapshot, err) &&
               projection_is_behind(desk->projection, snapshot, &behind, err) && behind;
}

/* Has somebody who was killed left records without a signed head, and nobody acted here yet? */
static bool is_unsigned(struct desk *desk, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        int64_t size = 0, head = 0;
        bool found;
        return desk->batches == 0 && snapshot_open(site_store(desk->site), &snapshot, err) &&
               snapshot_int(snapshot, Q_LEDGER_SIZE, PARAMS(param_int(ORGAN)), &size, &found,
                               err) &&
               snapshot_int(snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(ORGAN)), &head, &found,
                               err) &&
               size > head;
}

/* After a turn that failed, too: nobody is sent to a desk that is not ready, so it has to find
 * out by itself whether the store is back. What such a turn has read of what is in force holds,
 * though it could not go on (a clock that was set back): readers have it all the same. */
void desk_follow(struct desk *desk)
{
        struct err err = { .code = E_NONE };
        if (desk->failing || is_behind(desk, &err) || is_unsigned(desk, &err))
                turn_do(desk, NULL);
        else if (err.code != E_NONE)
                log_line(LOG_ERROR, "desk", "what stands there: %s: %s", err_text(err.code)->name,
                                err.detail);
        if (!projection_is_stale(desk->projection))
                site_publish(desk->site);
}

static void *write_forever(void *user)
{
        struct desk *desk = user;
        bool closed = false;
        int seconds = desk->options.checkpoint_seconds < FOLLOW_SECONDS
                                      ? desk->options.checkpoint_seconds
                                      : FOLLOW_SECONDS;
        while (!closed) {
                int wait = desk->turns_ahead.tx != NULL ? AHEAD_MILLISECONDS : seconds * 1000;
                struct job *jobs = queue_take(desk->queue, DESK_BATCH_MAX, wait, &closed);
                if (jobs != NULL)
                        turn_begin(desk, jobs);
                else if (desk->turns_ahead.tx != NULL)
                        turn_settle(desk);
                else if (!closed)
                        desk_follow(desk);
                try_checkpoint(desk);
        }
        return NULL;
}

bool desk_settle(struct desk *desk, struct err *err)
{
        if (desk->behind == NULL)
                return true;
        turn_settle(desk);
        return !desk->turns_ahead.broken || err_set(err, E_STORE_IO, "已答复的办理没有写入");
}

/* ---- Opening and closing ---- */

static bool start_threads(struct desk *desk)
{
        desk->flusher = flusher_open(site_store(desk->site), desk->queue);
        if (desk->flusher == NULL)
                return false;
        desk->has_thread = true; /* before it runs */
        if (pthread_create(&desk->thread, NULL, write_forever, desk) == 0)
                return true;
        flusher_close(&desk->flusher);
        return false;
}

static void close_arenas(struct desk *desk)
{
        for (size_t i = 0; i < FLUSHER_TURNS; i++)
                arena_close(&desk->arenas[i]);
}

bool desk_open(struct site *site, const struct desk_options *options, struct desk **ret,
                struct err *err)
{
        assert(site && options && ret && err);
        if (!site_can_sign(site))
                return err_set(err, E_SITE_KEY, "没有 keys/log.key，不能办理");
        if (!erasure_finish(site, err)) {
                if (err->code != E_STORE_BUSY)
                        return false;
                log_line(LOG_WARN, "desk", "an erasure waits to be finished: the store is in use");
        }
        struct desk *desk = calloc(1, sizeof(*desk));
        if (desk == NULL)
                abort();
        desk->site = site;
        desk->options = *options;
        desk->projection = site_projection(site);
        if (desk->options.clock.now == NULL) {
                desk->options.clock = desk_system_clock();
                if (desk->options.steady == NULL && !options->times_given)
                        desk->options.steady = since_boot;
        }
        if (desk->options.checkpoint_events == 0)
                desk->options.checkpoint_events = CHECKPOINT_EVENTS;
        if (desk->options.checkpoint_seconds == 0)
                desk->options.checkpoint_seconds = CHECKPOINT_SECONDS;
        pthread_mutex_init(&desk->listening, NULL);
        desk->queue = queue_new(DESK_QUEUE_MAX);
        for (size_t i = 0; i < FLUSHER_TURNS; i++)
                desk->arenas[i] = arena_open();
        sealer_open(&desk->sealer, site_config(site)->hash);
        /* What one that was killed left unsigned is signed with the first turn. */
        desk->signed_at = monotonic() - desk->options.checkpoint_seconds;
        if (options->flush_behind && options->without_thread)
                desk->behind = behind_open(site_store(site)); /* none: each turn flushes */
        if (!options->without_thread && !start_threads(desk)) {
                sealer_close(&desk->sealer);
                close_arenas(desk);
                queue_free(&desk->queue);
                free(desk);
                return err_set(err, E_DESK_BUSY, "不能启动写入线程");
        }
        *ret = desk;
        return true;
}

bool desk_close(struct desk **closing, struct err *err)
{
        struct desk *desk = *closing;
        if (desk == NULL)
                return true;
        *closing = NULL;
        queue_close(desk->queue);
        if (desk->has_thread)
                pthread_join(desk->thread, NULL);
        flusher_close(&desk->flusher);
        bool ok = desk_settle(desk, err) && desk_checkpoint(desk, true, err) &&
                  (desk->behind == NULL || behind_settle(desk->behind, err));
        behind_close(&desk->behind);
        queue_free(&desk->queue);
        notices_close(&desk->notices);
        sealer_close(&desk->sealer);
        close_arenas(desk);
        pthread_mutex_destroy(&desk->listening);
        explicit_bzero(desk->entropy, sizeof(desk->entropy));
        free(desk);
        return ok;
}

struct site *desk_site(struct desk *desk)
{
        return desk->site;
}

struct desk_numbers desk_numbers(struct desk *desk)
{
        return (struct desk_numbers){ desk->done, desk->refused, desk->repeated, desk->batches,
                desk->failed_batches, queue_waiting(desk->queue) };
}

struct desk_state desk_state_of(struct desk *desk)
{
        int64_t began = desk->busy_since;
        return (struct desk_state){ .turns = meter_read(&desk->turns),
                .failing = desk->failing,
                .busy_seconds = began != 0 ? (microseconds() - began) / 1000000 : 0,
                .clock_ahead = desk->clock_ahead };
}

/* ---- Handing in ---- */

/* A caller that waits. Whoever answers last only posts: the one who wakes need not come by a mutex
 * that is still held, and may free this at once. */
struct waiting {
        sem_t answered;
        _Atomic size_t left;
};

static void waiting_init(struct waiting *waiting, size_t n)
{
        sem_init(&waiting->answered, 0, n == 0);
        waiting->left = n;
}

static void waiting_one_less(struct waiting *waiting)
{
        if (--waiting->left == 0)
                sem_post(&waiting->answered);
}

static void waiting_finish(struct waiting *waiting)
{
        while (sem_wait(&waiting->answered) != 0) /* a signal came */
                ;
        sem_destroy(&waiting->answered);
}

static struct str copy(struct arena *arena, struct str s)
{
        return str_copy(arena, s);
}

static const struct receipt_line *copy_lines(
                struct arena *arena, const struct receipt_line *lines, size_t n)
{
        struct receipt_line *copies = arena_new_array(arena, n, struct receipt_line);
        for (size_t i = 0; i < n; i++)
                copies[i] = (struct receipt_line){ copy(arena, lines[i].name),
                        copy(arena, lines[i].label), copy(arena, lines[i].text),
                        lines[i].provisional };
        return copies;
}

struct receipt receipt_copy(struct arena *arena, const struct receipt *r)
{
        struct receipt c = *r;
        c.number = copy(arena, r->number);
        c.state = copy(arena, r->state);
        c.state_label = copy(arena, r->state_label);
        c.act_label = copy(arena, r->act_label);
        c.hint = copy(arena, r->hint);
        c.documents = copy_lines(arena, r->documents, r->n_documents);
        c.clocks = copy_lines(arena, r->clocks, r->n_clocks);
        c.followed = copy_lines(arena, r->followed, r->n_followed);
        struct str *warnings = arena_new_array(arena, r->n_warnings, struct str);
        for (size_t i = 0; i < r->n_warnings; i++)
                warnings[i] = copy(arena, r->warnings[i]);
        c.warnings = warnings;
        return c;
}

/* One act of a bulk (or the only one). */
struct act_job {
        struct job job;
        const struct submission *submission;
        struct str digest;    /* of its content, made by whoever hands it in; or empty */
        struct act_job *bulk; /* the first of its bulk */
        size_t n_before;      /* how many of the bulk stand before it */
        struct receipt receipt;
        _Atomic int64_t matter; /* what it was about, once done; 0: it came to nothing */
        /* where the answer goes */
        struct arena *arena;
        struct desk_answer *answer;
        struct waiting *waiting;
        desk_answered *callback;
        void *user;
};

/* For a turn that is written after it was answered, when whoever handed it in may be gone. */
static const struct submission *keep(struct arena *arena, const struct submission *s)
{
        struct submission *kept = arena_new(arena, struct submission);
        *kept = *s;
        kept->procedure = copy(arena, s->procedure);
        kept->matter = copy(arena, s->matter);
        kept->reg = copy(arena, s->reg);
        kept->act = copy(arena, s->act);
        kept->actor = copy(arena, s->actor);
        kept->on_behalf = copy(arena, s->on_behalf);
        kept->unit = copy(arena, s->unit);
        kept->fields = value_copy(arena, &s->fields);
        kept->key = copy(arena, s->key);
        return kept;
}

static bool run_act(struct writer *writer, struct job *job, struct err *err)
{
        struct act_job *a = (struct act_job *)job;
        const struct submission *s = writer->desk->behind == NULL
                                                     ? a->submission
                                                     : keep(writer->arena, a->submission);
        int64_t matter = 0;
        if (s->same_as != 0) {
                if (s->same_as > a->n_before)
                        return err_set(err, E_DESK_REFERENCE, "第 %zu 条在后面", s->same_as);
                matter = a->bulk[s->same_as - 1].matter;
                if (matter == 0)
                        return err_set(err, E_DESK_REFERENCE, "第 %zu 条没有办成", s->same_as);
        }
        if (!writer_act(writer, s, matter, a->digest, &a->receipt, err))
                return false;
        a->matter = a->receipt.matter;
        writer->desk->repeated += a->receipt.repeated;
        return true;
}

/* That there is no such matter run_act() will tell. */
static bool look_at_matter(struct writer *writer, const struct job *job, struct err *err)
{
        const struct submission *s = ((const struct act_job *)job)->submission;
        int64_t matter;
        if (s->matter.n == 0)
                return true;
        if (!writer_find(writer, s->matter, &matter, err))
                return err->code == E_NOT_FOUND;
        return writer_look_ahead(writer, matter, err);
}

static void answer_waiting(struct job *job, const struct err *err)
{
        struct act_job *a = (struct act_job *)job;
        a->answer->done = err == NULL;
        if (err != NULL) {
                a->matter = 0;
                a->answer->err = *err;
        } else {
                a->answer->receipt = receipt_copy(a->arena, &a->receipt);
        }
        waiting_one_less(a->waiting);
}

static void answer_callback(struct job *job, const struct err *err)
{
        struct act_job *a = (struct act_job *)job;
        struct desk_answer answer = { .done = err == NULL };
        if (err != NULL)
                answer.err = *err;
        else
                answer.receipt = a->receipt;
        a->callback(a->user, &answer);
        free(a);
}

bool desk_submit_async(struct desk *desk, const struct submission *submission,
                desk_answered *answered, void *user, struct err *err)
{
        assert(desk->has_thread);
        struct act_job *a = calloc(1, sizeof(*a));
        if (a == NULL)
                abort();
        *a = (struct act_job){
                .job = { .run = run_act,
                                .look_ahead = look_at_matter,
                                .answered = answer_callback,
                                .repeatable = true },
                .submission = submission,
                .bulk = a,
                .callback = answered,
                .user = user,
        };
        if (queue_put(desk->queue, &a->job))
                return true;
        free(a);
        return err_set(err, E_DESK_BUSY, "等候的办理过多");
}

/* Hands over a chain of jobs of one bulk; false if the queue is full. */
static bool hand_over(struct desk *desk, struct act_job *jobs, size_t n, struct waiting *waiting)
{
        if (!desk->has_thread) {
                for (size_t i = 0; i + 1 < n; i++)
                        jobs[i].job.next = &jobs[i + 1].job;
                turn_do(desk, &jobs[0].job);
                try_checkpoint(desk);
                return true;
        }
        for (size_t i = 0; i < n; i++)
                if (!queue_put(desk->queue, &jobs[i].job)) {
                        struct err busy = { 0 };
                        err_set(&busy, E_DESK_BUSY, "等候的办理过多");
                        for (; i < n; i++)
                                answer_waiting(&jobs[i].job, &busy);
                        return false;
                }
        (void)waiting;
        return true;
}

bool desk_submit_many(struct arena *arena, struct desk *desk, const struct submission *submissions,
                size_t n, struct desk_answer *answers, struct err *err)
{
        assert(arena && desk && err && (n == 0 || (submissions && answers)));
        struct act_job *jobs = arena_new_array(arena, n, struct act_job);
        for (size_t from = 0; from < n; from += DESK_BATCH_MAX) {
                size_t m = n - from < DESK_BATCH_MAX ? n - from : DESK_BATCH_MAX;
                struct waiting waiting;
                waiting_init(&waiting, m);
                for (size_t i = from; i < from + m; i++) {
                        jobs[i] = (struct act_job){
                                .job = { .run = run_act,
                                                .look_ahead = look_at_matter,
                                                .answered = answer_waiting,
                                                .repeatable = true },
                                .submission = &submissions[i],
                                .bulk = jobs,
                                .n_before = i,
                                .arena = arena,
                                .answer = &answers[i],
                                .waiting = &waiting,
                        };
                        if (desk->has_thread && submissions[i].key.n > 0)
                                jobs[i].digest = repeat_digest(arena, &submissions[i]);
                }
                bool taken = hand_over(desk, jobs + from, m, &waiting);
                waiting_finish(&waiting);
                struct desk_answer *last = &answers[from + m - 1];
                if (!taken || (!last->done && writer_is_store_failure(&last->err))) {
                        *err = last->err;
                        return false;
                }
        }
        return true;
}

bool desk_submit(struct arena *arena, struct desk *desk, const struct submission *submission,
                struct receipt *ret, struct err *err)
{
        struct desk_answer answer = { 0 };
        if (!desk_submit_many(arena, desk, submission, 1, &answer, err))
                return false;
        if (answer.done)
                *ret = answer.receipt;
        else
                *err = answer.err;
        return answer.done;
}

/* ---- Any other job ---- */

static void answer_plain(struct job *job, const struct err *err)
{
        if (err != NULL)
                job->err = *err;
        else
                job->err = (struct err){ .code = E_NONE };
        waiting_one_less(job->owner);
}

bool desk_do_all(struct desk *desk, struct job **jobs, size_t n, struct err *err)
{
        assert(n <= DESK_BATCH_MAX);
        struct waiting waiting;
        waiting_init(&waiting, n);
        for (size_t i = 0; i < n; i++) {
                jobs[i]->owner = &waiting;
                jobs[i]->answered = answer_plain;
                jobs[i]->next = i + 1 < n ? jobs[i + 1] : NULL;
        }
        if (n > 0 && !desk->has_thread) {
                turn_do(desk, jobs[0]);
                try_checkpoint(desk);
        }
        for (size_t i = 0; i < n && desk->has_thread; i++) {
                struct err busy;
                if (queue_put(desk->queue, jobs[i]))
                        continue;
                err_set(&busy, E_DESK_BUSY, "等候的办理过多");
                answer_plain(jobs[i], &busy);
        }
        waiting_finish(&waiting);
        for (size_t i = 0; i < n; i++)
                if (writer_is_store_failure(&jobs[i]->err) || jobs[i]->err.code == E_DESK_BUSY) {
                        *err = jobs[i]->err;
                        return false;
                }
        return true;
}

bool desk_do(struct desk *desk, struct job *job, struct err *err)
{
        if (!desk_do_all(desk, &job, 1, err))
                return false;
        if (job->err.code != E_NONE)
                *err = job->err;
        return job->err.code == E_NONE;
}
