#include "store/drain.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 3   /* at most, until little is left */
#define LITTLE 256 /* frames: a moment for the COMMIT that brings them over */
#define MOST   3   /* times as much as is enough: whoever adds more meanwhile waits */

enum progress { RESTING, AT_WORK, NEARLY_DONE };

struct drain {
        sqlite3 *writer, *own;
        char *path;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        enum progress progress; /* the thread is at it in AT_WORK, else `committed` may change it */
        int n_enough;           /* frames */
        int n_frames;           /* in the log, after the newest COMMIT */
        int next_at;            /* that many are worth another drain */
        bool has_thread, no_thread, closing;
};

/* What fails here is tried again by a later COMMIT. */
static bool bring_over(sqlite3 *db, int *ret_log, int *ret_done)
{
        return sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, ret_log,
                               ret_done) == SQLITE_OK;
}

/* Brings over what is there. Has enough come meanwhile for another round? Not if somebody reads
 * what would be written over. */
static bool do_round(struct drain *d)
{
        int n_log = 0, n_done = 0;
        if (!bring_over(d->own, &n_log, &n_done) || n_done < n_log)
                return false;
        pthread_mutex_lock(&d->mutex);
        int n_left = d->n_frames - n_done;
        pthread_mutex_unlock(&d->mutex);
        return n_left > LITTLE;
}

static void *drain_forever(void *user)
{
        struct drain *d = user;
        pthread_mutex_lock(&d->mutex);
        while (!d->closing) {
                if (d->progress != AT_WORK) {
                        pthread_cond_wait(&d->changed, &d->mutex);
                        continue;
                }
                pthread_mutex_unlock(&d->mutex);
                for (int i = 0; i < ROUNDS && do_round(d); i++)
                        ;
                pthread_mutex_lock(&d->mutex);
                d->progress = NEARLY_DONE;
                pthread_cond_signal(&d->changed); /* to a COMMIT that waits */
        }
        pthread_mutex_unlock(&d->mutex);
        return NULL;
}

/* There may be no thread or handle to be had: then it is done where it always was. */
static bool has_help(struct drain *d)
{
        if (d->has_thread || d->no_thread)
                return d->has_thread;
        const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;
        d->has_thread = sqlite3_open_v2(d->path, &d->own, flags, NULL) == SQLITE_OK &&
                        pthread_create(&d->thread, NULL, drain_forever, d) == 0;
        d->no_thread = !d->has_thread;
        return d->has_thread;
}

/* Under the mutex. Shall this COMMIT bring over what is there? */
static bool decide(struct drain *d, int n_frames)
{
        bool begun_anew = n_frames < d->n_frames;
        d->n_frames = n_frames;
        if (begun_anew)
                d->next_at = d->n_enough;
        if (d->progress == RESTING && n_frames >= d->next_at && has_help(d)) {
                d->progress = AT_WORK;
                pthread_cond_signal(&d->changed);
                return false;
        }
        if (d->progress != NEARLY_DONE && (d->progress != RESTING || n_frames < d->next_at))
                return false;
        d->progress = RESTING;
        d->next_at = n_frames + d->n_enough; /* unless a reader keeps it, it begins anew */
        return true;
}

/* After every COMMIT, by whoever commits. */
static int committed(void *user, sqlite3 *writer, const char *schema, int n_frames)
{
        struct drain *d = user;
        int ignored;
        (void)schema;
        pthread_mutex_lock(&d->mutex);
        while (d->progress == AT_WORK && n_frames - d->next_at > MOST * d->n_enough)
                pthread_cond_wait(&d->changed, &d->mutex);
        bool now = decide(d, n_frames);
        pthread_mutex_unlock(&d->mutex);
        if (now)
                (void)bring_over(writer, &ignored, &ignored);
        return SQLITE_OK;
}

struct drain *drain_open(sqlite3 *writer, const char *path, int n_frames)
{
        struct drain *d = calloc(1, sizeof(*d));
        if (d == NULL || (d->path = strdup(path)) == NULL)
                abort();
        d->writer = writer;
        d->n_enough = d->next_at = n_frames;
        d->no_thread = sysconf(_SC_NPROCESSORS_ONLN) < 2;
        pthread_mutex_init(&d->mutex, NULL);
        pthread_cond_init(&d->changed, NULL);
        sqlite3_wal_hook(writer, committed, d);
        return d;
}

void drain_close(struct drain **closing)
{
        struct drain *d = *closing;
        if (d == NULL)
                return;
        *closing = NULL;
        sqlite3_wal_hook(d->writer, NULL, NULL);
        pthread_mutex_lock(&d->mutex);
        d->closing = true;
        pthread_cond_signal(&d->changed);
        pthread_mutex_unlock(&d->mutex);
        if (d->has_thread)
                pthread_join(d->thread, NULL);
        sqlite3_close(d->own);
        pthread_cond_destroy(&d->changed);
        pthread_mutex_destroy(&d->mutex);
        free(d->path);
        free(d);
}
