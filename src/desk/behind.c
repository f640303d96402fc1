#include "desk/behind.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

struct behind {
        struct store *store;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        uint64_t asked, done; /* how often; one flush does for all that asked before it began */
        struct err failure;
        bool failed, closing;
};

static void *flush_forever(void *user)
{
        struct behind *b = user;
        pthread_mutex_lock(&b->mutex);
        while (!b->closing || b->done != b->asked) {
                if (b->done == b->asked) {
                        pthread_cond_wait(&b->changed, &b->mutex);
                        continue;
                }
                uint64_t asked = b->asked;
                struct err err = { .code = E_NONE };
                pthread_mutex_unlock(&b->mutex);
                bool ok = store_flush(b->store, &err);
                if (!ok)
                        log_line(LOG_ERROR, "desk", "flush failed: %s: %s",
                                        err_text(err.code)->name, err.detail);
                pthread_mutex_lock(&b->mutex);
                if (!ok && !b->failed) {
                        b->failed = true;
                        b->failure = err;
                }
                b->done = asked;
                pthread_cond_broadcast(&b->changed);
        }
        pthread_mutex_unlock(&b->mutex);
        return NULL;
}

struct behind *behind_open(struct store *store)
{
        struct behind *b = calloc(1, sizeof(*b));
        if (b == NULL)
                abort();
        b->store = store;
        pthread_mutex_init(&b->mutex, NULL);
        pthread_cond_init(&b->changed, NULL);
        if (pthread_create(&b->thread, NULL, flush_forever, b) == 0)
                return b;
        free(b);
        return NULL;
}

void behind_close(struct behind **closing)
{
        struct behind *b = *closing;
        if (b == NULL)
                return;
        *closing = NULL;
        pthread_mutex_lock(&b->mutex);
        b->closing = true;
        pthread_cond_broadcast(&b->changed);
        pthread_mutex_unlock(&b->mutex);
        pthread_join(b->thread, NULL);
        pthread_cond_destroy(&b->changed);
        pthread_mutex_destroy(&b->mutex);
        free(b);
}

void behind_ask(struct behind *b)
{
        pthread_mutex_lock(&b->mutex);
        b->asked++;
        pthread_cond_broadcast(&b->changed);
        pthread_mutex_unlock(&b->mutex);
}

bool behind_settle(struct behind *b, struct err *err)
{
        pthread_mutex_lock(&b->mutex);
        while (b->done != b->asked)
                pthread_cond_wait(&b->changed, &b->mutex);
        bool ok = !b->failed;
        if (!ok)
                *err = b->failure;
        pthread_mutex_unlock(&b->mutex);
        return ok;
}
