#include "desk/file_sweep.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

#include "desk/chore.h"
#include "ledger/hash.h"
#include "store/ids.h"

#define ORGAN       0
#define DAY_SECONDS 86400
#define PORTION     512

struct kept {
        uint8_t hash[HASH_BYTES];
        bool is_named; /* by an event */
        bool is_noted; /* as one that none names */
};

struct sweep {
        struct desk *desk;
        struct arena *arena;
        struct kept *files; /* sorted by hash */
        size_t n;
        int64_t size; /* of the log when it was looked through */
        int days;
        struct moment now;
        struct file_sweep result;
};

static int kept_cmp(const void *a, const void *b)
{
        return memcmp(((const struct kept *)a)->hash, ((const struct kept *)b)->hash, HASH_BYTES);
}

static bool read_files(struct sweep *s, struct snapshot *snapshot, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        size_t capacity = 0;
        if (!snapshot_rows(snapshot, Q_BLOB_LIST, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct str hash = rows_blob(&rows, 0);
                if (hash.n != HASH_BYTES)
                        continue;
                if (s->n == capacity) {
                        capacity = 2 * capacity + 64;
                        s->files = arena_grow(s->arena, s->files, s->n, capacity - s->n,
                                        sizeof(*s->files));
                }
                s->files[s->n] = (struct kept){ .is_noted = !rows_is_null(&rows, 1) };
                memcpy(s->files[s->n++].hash, hash.p, HASH_BYTES);
        }
        if (s->n != 0)
                qsort(s->files, s->n, sizeof(*s->files), kept_cmp);
        return rows_end(&rows, err);
}

static int digit(char c)
{
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
}

/* `text` begins with the digits of a hash. */
static void mark(struct sweep *s, const char *text)
{
        struct kept wanted = { 0 };
        for (size_t i = 0; i < HASH_BYTES; i++)
                wanted.hash[i] = (uint8_t)(16 * digit(text[2 * i]) + digit(text[2 * i + 1]));
        struct kept *found = bsearch(&wanted, s->files, s->n, sizeof(wanted), kept_cmp);
        if (found != NULL)
                found->is_named = true;
}

/* Wherever that many hexadecimal digits stand together, also within more of them. */
static void mark_all(struct sweep *s, struct str data)
{
        size_t run = 0;
        for (size_t i = 0; i < data.n; i++) {
                run = digit(data.p[i]) >= 0 ? run + 1 : 0;
                if (run >= 2 * HASH_BYTES)
                        mark(s, data.p + i + 1 - 2 * HASH_BYTES);
        }
}

/* Looks through the events from `from` on; *ret_size is behind the last. */
static bool look_through(struct sweep *s, struct snapshot *snapshot, int64_t from,
                int64_t *ret_size, struct err *err)
{
        for (size_t n = PORTION; n == PORTION;) {
                struct rows rows _cleanup_(rows_close) = { 0 };
                if (!snapshot_rows(snapshot, Q_EVENTS_FROM,
                                    PARAMS(param_int(id_of(ORGAN, from)),
                                                    param_int(id_of(ORGAN + 1, 0)),
                                                    param_int(PORTION)),
                                    &rows, err))
                        return false;
                for (n = 0; rows_next(&rows); n++) {
                        mark_all(s, rows_text(&rows, 4));
                        from = id_seq(rows_int(&rows, 0)) + 1;
                }
                if (!rows_end(&rows, err))
                        return false;
        }
        *ret_size = from;
        return true;
}

static bool settle(struct sweep *s, struct tx *tx, const struct kept *file, struct err *err)
{
        struct store_param hash = param_blob((struct str){ (const char *)file->hash, HASH_BYTES });
        if (file->is_named)
                return !file->is_noted || tx_run(tx, Q_BLOB_CLAIM, PARAMS(hash), err);
        s->result.n_unclaimed++;
        if (!file->is_noted)
                return tx_run(tx, Q_BLOB_NOTE, PARAMS(hash, param_int(s->now.second)), err);
        int64_t before = s->now.second - (int64_t)s->days * DAY_SECONDS, n = 0;
        bool found;
        if (s->days == 0)
                return true;
        if (!snapshot_int(tx_snapshot(tx), Q_BLOB_OVERDUE, PARAMS(hash, param_int(before)), &n,
                            &found, err))
                return false;
        s->result.n_removed += found;
        return !found || tx_run(tx, Q_BLOB_REMOVE, PARAMS(hash), err);
}

static bool remove_files(void *user, struct tx *tx, struct err *err)
{
        struct sweep *s = user;
        int64_t size;
        s->result = (struct file_sweep){ .n_files = s->n };
        if (!look_through(s, tx_snapshot(tx), s->size, &size, err))
                return false;
        for (size_t i = 0; i < s->n; i++)
                if (!settle(s, tx, &s->files[i], err))
                        return false;
        return true;
}

static bool look(struct sweep *s, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(site_store(desk_site(s->desk)), &snapshot, err) &&
               read_files(s, snapshot, err) &&
               (s->n == 0 || look_through(s, snapshot, 0, &s->size, err));
}

bool file_sweep(struct desk *desk, int days, struct moment now, struct file_sweep *ret,
                struct err *err)
{
        assert(desk && ret && err && days >= 0);
        struct arena *arena = arena_open();
        struct sweep s = { .desk = desk, .arena = arena, .days = days, .now = now };
        bool ok = look(&s, err) && (s.n == 0 || chore_do(desk, remove_files, &s, err));
        if (ok)
                *ret = s.result;
        arena_close(&arena);
        return ok;
}
