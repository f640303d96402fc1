#include "web/tally.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/hash.h"

#define SLOTS 1024u

struct tally {
        pthread_mutex_t mutex;
        struct count {
                struct hash key;
                int64_t n;
                bool is_set;
        } slots[SLOTS];
};

struct tally *tally_open(void)
{
        struct tally *tally = calloc(1, sizeof(*tally));
        if (tally == NULL)
                abort();
        pthread_mutex_init(&tally->mutex, NULL);
        return tally;
}

void tally_close(struct tally **closing)
{
        struct tally *tally = *closing;
        if (tally == NULL)
                return;
        *closing = NULL;
        pthread_mutex_destroy(&tally->mutex);
        free(tally);
}

static struct count *slot_of(struct tally *tally, const struct hash *key)
{
        uint32_t at;
        memcpy(&at, key->b, sizeof(at));
        return &tally->slots[at % SLOTS];
}

bool tally_find(struct tally *tally, struct str key, int64_t *ret)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, key);
        pthread_mutex_lock(&tally->mutex);
        const struct count *slot = slot_of(tally, &hash);
        bool found = slot->is_set && memcmp(slot->key.b, hash.b, HASH_BYTES) == 0;
        if (found)
                *ret = slot->n;
        pthread_mutex_unlock(&tally->mutex);
        return found;
}

void tally_note(struct tally *tally, struct str key, int64_t n)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, key);
        pthread_mutex_lock(&tally->mutex);
        *slot_of(tally, &hash) = (struct count){ .key = hash, .n = n, .is_set = true };
        pthread_mutex_unlock(&tally->mutex);
}
