#include "store/deferred.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define ALIGNMENT 16u

struct statement {
        struct work work; /* run != NULL: work, and no statement */
        enum query query;
        size_t n_params, n_bytes; /* bytes: up to the next statement */
        struct store_param params[];
};

struct portion {
        char *bytes; /* DEFERRED_PORTION_BYTES, allocated when first used */
        size_t n_bytes, n_statements;
};

struct deferred {
        struct link *link;
        deferred_run *run;
        struct portion portions[DEFERRED_PORTIONS]; /* a ring: the one being filled is `given` */
        struct err failure;                         /* why; set before `failed` */
        _Atomic bool failed, dropping;
        bool has_thread, no_thread; /* no_thread: cannot be had, or would not help */
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        size_t given;        /* portions handed over, ever; under the mutex */
        _Atomic size_t done; /* and those that have run; changed under the mutex */
        bool closing;
};

struct deferred *deferred_new(struct link *link, deferred_run *run)
{
        struct deferred *deferred = calloc(1, sizeof(*deferred));
        if (deferred == NULL)
                abort();
        deferred->link = link;
        deferred->run = run;
        deferred->no_thread = sysconf(_SC_NPROCESSORS_ONLN) < 2;
        pthread_mutex_init(&deferred->mutex, NULL);
        pthread_cond_init(&deferred->changed, NULL);
        return deferred;
}

void deferred_free(struct deferred **closing)
{
        struct deferred *d = *closing;
        if (d == NULL)
                return;
        *closing = NULL;
        if (d->has_thread) {
                pthread_mutex_lock(&d->mutex);
                d->closing = true;
                pthread_cond_broadcast(&d->changed);
                pthread_mutex_unlock(&d->mutex);
                pthread_join(d->thread, NULL);
        }
        for (size_t i = 0; i < DEFERRED_PORTIONS; i++)
                free(d->portions[i].bytes);
        pthread_cond_destroy(&d->changed);
        pthread_mutex_destroy(&d->mutex);
        free(d);
}

/* ---- Running ---- */

static void run_portion(struct deferred *d, struct portion *portion)
{
        size_t at = 0;
        for (size_t i = 0; i < portion->n_statements && !d->failed && !d->dropping; i++) {
                const struct statement *s = (const void *)(portion->bytes + at);
                struct err err = { 0 };
                if (!(s->work.run != NULL ? driver_do_work(&s->work, &err)
                                          : d->run(d->link, s->query, s->params, s->n_params,
                                                            &err))) {
                        d->failure = err;
                        d->failed = true;
                }
                at += s->n_bytes;
        }
        portion->n_bytes = portion->n_statements = 0;
}

static void *run_all(void *user)
{
        struct deferred *d = user;
        pthread_mutex_lock(&d->mutex);
        while (!d->closing) {
                if (d->done == d->given) {
                        pthread_cond_wait(&d->changed, &d->mutex);
                        continue;
                }
                struct portion *portion = &d->portions[d->done % DEFERRED_PORTIONS];
                pthread_mutex_unlock(&d->mutex);
                run_portion(d, portion);
                pthread_mutex_lock(&d->mutex);
                d->done++;
                pthread_cond_signal(&d->changed); /* only the other one can be waiting */
        }
        pthread_mutex_unlock(&d->mutex);
        return NULL;
}

static void wait_for_all(struct deferred *d)
{
        if (!d->has_thread)
                return;
        pthread_mutex_lock(&d->mutex);
        while (d->done != d->given)
                pthread_cond_wait(&d->changed, &d->mutex);
        pthread_mutex_unlock(&d->mutex);
}

/* ---- Handing over ---- */

static struct portion *filling(struct deferred *d)
{
        return &d->portions[d->given % DEFERRED_PORTIONS];
}

/* Hands the portion over, or runs it here where there is no second thread. */
static void hand_over(struct deferred *d)
{
        if (!d->has_thread && !d->no_thread) {
                d->has_thread = pthread_create(&d->thread, NULL, run_all, d) == 0;
                d->no_thread = !d->has_thread;
        }
        if (d->no_thread) {
                run_portion(d, filling(d));
                return;
        }
        pthread_mutex_lock(&d->mutex);
        while (d->given - d->done == DEFERRED_PORTIONS - 1) /* one must be free to be filled */
                pthread_cond_wait(&d->changed, &d->mutex);
        d->given++;
        pthread_cond_signal(&d->changed);
        pthread_mutex_unlock(&d->mutex);
}

static bool tell(const struct deferred *d, struct err *err)
{
        if (!d->failed)
                return true;
        *err = d->failure;
        return false;
}

static size_t aligned(size_t n)
{
        return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t bytes_needed(const struct store_param *params, size_t n_params)
{
        size_t n = sizeof(struct statement) + n_params * sizeof(*params);
        for (size_t i = 0; i < n_params; i++)
                if (params[i].kind == STORE_TEXT || params[i].kind == STORE_BLOB)
                        n += params[i].bytes.n;
        return aligned(n);
}

static void add(struct portion *portion, enum query query, const struct store_param *params,
                size_t n_params, size_t n_bytes)
{
        struct statement *s = (void *)(portion->bytes + portion->n_bytes);
        char *to = (char *)(s->params + n_params);
        s->work.run = NULL;
        s->query = query;
        s->n_params = n_params;
        s->n_bytes = n_bytes;
        for (size_t i = 0; i < n_params; i++) {
                s->params[i] = params[i];
                if ((params[i].kind != STORE_TEXT && params[i].kind != STORE_BLOB) ||
                                params[i].bytes.n == 0)
                        continue;
                memcpy(to, params[i].bytes.p, params[i].bytes.n);
                s->params[i].bytes.p = to;
                to += params[i].bytes.n;
        }
        portion->n_bytes += n_bytes;
        portion->n_statements++;
}

/* A portion with room for so many bytes. */
static struct portion *room_for(struct deferred *d, size_t n_bytes)
{
        if (filling(d)->n_bytes + n_bytes > DEFERRED_PORTION_BYTES)
                hand_over(d);
        struct portion *portion = filling(d);
        if (portion->bytes == NULL && (portion->bytes = calloc(1, DEFERRED_PORTION_BYTES)) == NULL)
                abort();
        return portion;
}

static bool added(struct deferred *d, struct err *err)
{
        if (filling(d)->n_statements == DEFERRED_PORTION)
                hand_over(d);
        return tell(d, err);
}

bool deferred_put(struct deferred *d, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        size_t n_bytes = bytes_needed(params, n_params);
        if (n_bytes > DEFERRED_PORTION_BYTES) /* too large to be kept a second time */
                return deferred_settle(d, err) && d->run(d->link, query, params, n_params, err);
        add(room_for(d, n_bytes), query, params, n_params, n_bytes);
        return added(d, err);
}

bool deferred_put_work(struct deferred *d, const struct work *work, struct err *err)
{
        size_t n_bytes = aligned(sizeof(struct statement));
        struct portion *portion = room_for(d, n_bytes);
        struct statement *s = (void *)(portion->bytes + portion->n_bytes);
        *s = (struct statement){ .work = *work, .n_bytes = n_bytes };
        portion->n_bytes += n_bytes;
        portion->n_statements++;
        return added(d, err);
}

void deferred_push(struct deferred *d)
{
        if (filling(d)->n_statements > 0)
                hand_over(d);
}

bool deferred_is_behind(struct deferred *d)
{
        return d->given - d->done >= DEFERRED_BEHIND;
}

bool deferred_settle(struct deferred *d, struct err *err)
{
        wait_for_all(d);
        run_portion(d, filling(d));
        return tell(d, err);
}

void deferred_drop(struct deferred *d)
{
        filling(d)->n_bytes = filling(d)->n_statements = 0;
        d->dropping = true;
        wait_for_all(d);
        d->dropping = false;
        d->failure = (struct err){ .code = E_NONE };
        d->failed = false;
}
