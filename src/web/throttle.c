#include "web/throttle.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#define SLOTS 4096u

struct throttle {
        pthread_mutex_t mutex;
        uint64_t seed;
        struct slot {
                int64_t since; /* second of the first */
                int n;
        } slots[SLOTS];
};

struct throttle *throttle_open(void)
{
        struct throttle *throttle = calloc(1, sizeof(*throttle));
        if (throttle == NULL || getrandom(&throttle->seed, sizeof(throttle->seed), 0) !=
                                                sizeof(throttle->seed))
                abort();
        pthread_mutex_init(&throttle->mutex, NULL);
        return throttle;
}

void throttle_close(struct throttle **closing)
{
        struct throttle *throttle = *closing;
        if (throttle == NULL)
                return;
        *closing = NULL;
        pthread_mutex_destroy(&throttle->mutex);
        free(throttle);
}

/* FNV-1a from a start that nobody knows; its high bits, which every byte has reached. */
static struct slot *slot_of(struct throttle *throttle, struct str key)
{
        uint64_t hash = 14695981039346656037u ^ throttle->seed;
        for (size_t i = 0; i < key.n; i++)
                hash = (hash ^ (unsigned char)key.p[i]) * 1099511628211u;
        return &throttle->slots[(hash ^ hash >> 32) % SLOTS];
}

bool throttle_may(struct throttle *throttle, struct str key, int limit, struct moment now)
{
        pthread_mutex_lock(&throttle->mutex);
        const struct slot *slot = slot_of(throttle, key);
        bool may = slot->n < limit || now.second - slot->since >= THROTTLE_SECONDS;
        pthread_mutex_unlock(&throttle->mutex);
        return may;
}

void throttle_note(struct throttle *throttle, struct str key, struct moment now)
{
        pthread_mutex_lock(&throttle->mutex);
        struct slot *slot = slot_of(throttle, key);
        if (slot->n == 0 || now.second - slot->since >= THROTTLE_SECONDS)
                *slot = (struct slot){ .since = now.second };
        slot->n++;
        pthread_mutex_unlock(&throttle->mutex);
}
