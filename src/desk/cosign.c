#include "desk/cosign.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/steady.h"
#include "desk/fetch.h"
#include "desk/rotate.h"
#include "desk/tree.h"
#include "ledger/checkpoint.h"
#include "ledger/succession.h"

#define ANSWER_BYTES_MAX 16384u
#define QUIET_LOOKS      12 /* after a failure, so many looks are let pass */

struct asking {
        struct arena *arena;
        struct site *site;
        const struct site_witness *witness;
        struct checkpoint head;
        struct str note;
        struct err *err;
};

/* ---- What the store knows ---- */

static struct str meta_key(struct asking *a)
{
        char id[2 * sizeof(a->witness->key.id)];
        hash_write_hex(a->witness->key.id, sizeof(a->witness->key.id), id);
        return str_format(a->arena, "log.witness.%.*s", (int)sizeof(id), id);
}

/* The size this witness cosigned last, as far as we know: it will tell where it is another. */
static bool read_known(struct asking *a, uint64_t *ret)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        int64_t size = 0;
        *ret = 0;
        if (!snapshot_open(site_store(a->site), &snapshot, a->err) ||
                        !snapshot_rows(snapshot, Q_META_GET, PARAMS(param_text(meta_key(a))), &rows,
                                        a->err))
                return false;
        if (rows_next(&rows) && str_to_int(rows_text(&rows, 0), &size) && size > 0)
                *ret = (uint64_t)size;
        if (*ret > a->head.size)
                *ret = 0;
        return rows_end(&rows, a->err);
}

static bool read_newest(struct arena *arena, struct site *site, struct checkpoint *ret,
                struct str *ret_note, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct succession *keys = arena_new(arena, struct succession);
        if (!snapshot_open(site_store(site), &snapshot, err) ||
                        !log_own_keys(arena, site, keys, err) ||
                        !snapshot_rows(snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(0)), &rows,
                                        err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) && err_set(err, E_LOG_UNSIGNED, "没有存证点");
        *ret_note = str_copy(arena, rows_text(&rows, 2));
        return rows_end(&rows, err) &&
               checkpoint_open(arena, *ret_note, site_origin(site), keys->keys, keys->n, ret, err);
}

static bool has_cosigned(struct asking *a, struct str note, bool *ret)
{
        size_t n = 0;
        if (!note_count(a->arena, note, &a->witness->key, 1, &n, a->err))
                return false;
        *ret = n == 1;
        return true;
}

/* Puts the line behind the note as it is now: another witness's may have come in between. */
static bool keep_line(struct asking *a, struct str line)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        int64_t size = (int64_t)a->head.size;
        char digits[24];
        if (!store_begin(site_store(a->site), &tx, a->err) ||
                        !snapshot_rows(tx_snapshot(tx), Q_CHECKPOINT_AT,
                                        PARAMS(param_int(0), param_int(size)), &rows, a->err))
                return false;
        struct str note = rows_next(&rows) ? str_copy(a->arena, rows_text(&rows, 0)) : a->note;
        if (!rows_end(&rows, a->err))
                return false;
        rows_close(&rows);
        note = str_format(a->arena, "%.*s%.*s", STR_FMT(note), STR_FMT(line));
        snprintf(digits, sizeof(digits), "%lld", (long long)size);
        return tx_run(tx, Q_CHECKPOINT_NOTE,
                               PARAMS(param_int(0), param_int(size), param_text(note)), a->err) &&
               tx_run(tx, Q_META_PUT, PARAMS(param_text(meta_key(a)), param_text(str_of(digits))),
                               a->err) &&
               tx_commit(&tx, a->err);
}

/* ---- Asking ---- */

static bool make_request(struct asking *a, uint64_t old, struct str *ret)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct tree *tree = arena_new(a->arena, struct tree);
        struct merkle_proof proof = { .n = 0 };
        struct buf buf = BUF(a->arena);
        if (!snapshot_open(site_store(a->site), &snapshot, a->err))
                return false;
        tree_init(tree, snapshot, site_config(a->site)->hash, a->head.size);
        struct merkle_source source = tree_source(tree);
        if (old != 0 && old != a->head.size &&
                        !merkle_prove_consistency(&source, old, a->head.size, &proof, a->err))
                return false;
        buf_format(&buf, "old %llu\n", (unsigned long long)old);
        for (size_t i = 0; i < proof.n; i++)
                buf_format(&buf, "%.*s\n",
                                STR_FMT(hash_base64(a->arena, proof.hashes[i].b, HASH_BYTES)));
        buf_char(&buf, '\n');
        buf_str_add(&buf, a->note);
        *ret = buf_str(&buf);
        return true;
}

static bool post(struct asking *a, struct fetch *fetch, uint64_t old, struct fetched *ret)
{
        struct str request;
        return make_request(a, old, &request) &&
               fetch_post(a->arena, fetch, STR_LIT("add-checkpoint"), request, ANSWER_BYTES_MAX,
                               ret, a->err);
}

/* The size in the answer to a wrong one. */
static bool told_size(struct asking *a, struct str body, uint64_t *ret)
{
        int64_t size;
        if (!str_to_int(str_trim(body), &size) || size < 0)
                return err_set(a->err, E_WITNESS_ANSWER, "409，没有写明条数");
        if ((uint64_t)size > a->head.size)
                return err_set(a->err, E_LOG_SPLIT, "见证人已见到 %lld 条，本站签名到 %llu 条",
                                (long long)size, (unsigned long long)a->head.size);
        *ret = (uint64_t)size;
        return true;
}

/* Lines of other keys are passed over; ours must be there and hold. */
static bool take_lines(struct asking *a, struct str body)
{
        while (body.n > 0) {
                struct str line = str_split(&body, '\n');
                line = str_format(a->arena, "%.*s\n", STR_FMT(line));
                bool is_theirs;
                struct str note = str_format(a->arena, "%.*s%.*s", STR_FMT(a->note), STR_FMT(line));
                if (!has_cosigned(a, note, &is_theirs))
                        return err_set(a->err, E_WITNESS_ANSWER, "联署不成立");
                if (is_theirs)
                        return keep_line(a, line);
        }
        return err_set(a->err, E_WITNESS_ANSWER, "没有这位见证人的联署");
}

static bool ask(struct asking *a, struct fetch *fetch)
{
        struct fetched answer;
        uint64_t old;
        if (!read_known(a, &old) || !post(a, fetch, old, &answer))
                return false;
        if (answer.status == 409) {
                uint64_t told;
                if (!told_size(a, answer.body, &told))
                        return false;
                if (told == old)
                        return err_set(a->err, E_LOG_SPLIT, "见证人在 %llu 条处见到另一个根",
                                        (unsigned long long)old);
                if (!post(a, fetch, told, &answer))
                        return false;
        }
        if (answer.status == 422)
                return err_set(a->err, E_LOG_SPLIT, "见证人认为不是接续");
        if (answer.status != 200)
                return err_set(a->err, E_WITNESS_ANSWER, "答复 %d", answer.status);
        return take_lines(a, answer.body);
}

static void ask_one(struct asking *a, struct cosigned *ret)
{
        struct fetch *fetch = NULL;
        a->err = &ret->err;
        ret->name = a->witness->key.name;
        ret->size = a->head.size;
        if (!has_cosigned(a, a->note, &ret->already))
                return;
        ret->done = ret->already ||
                    (fetch_open(a->witness->url, STR_LIT(""), STR_LIT(""), &fetch, a->err) &&
                                    ask(a, fetch));
        fetch_close(&fetch);
}

bool cosign_newest(struct arena *arena, struct site *site, const struct cosigned **ret,
                size_t *ret_n, struct err *err)
{
        assert(arena && site && ret && ret_n && err);
        const struct site_config *config = site_config(site);
        struct cosigned *all = arena_new_array(arena, config->n_witnesses, struct cosigned);
        struct asking a = { .arena = arena, .site = site };
        if (!read_newest(arena, site, &a.head, &a.note, err))
                return false;
        for (size_t i = 0; i < config->n_witnesses; i++) {
                all[i] = (struct cosigned){ .done = false };
                a.witness = &config->witnesses[i];
                ask_one(&a, &all[i]);
        }
        *ret = all;
        *ret_n = config->n_witnesses;
        return true;
}

/* ---- The server's thread ---- */

struct cosigner {
        struct site *site;
        int seconds, quiet;
        uint64_t done;  /* size that all have cosigned */
        uint64_t tried; /* size that not all would cosign: left in peace for `quiet` looks */
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t stopping;
        bool stop;
};

static void look(struct cosigner *c)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        const struct cosigned *all;
        struct checkpoint head;
        struct str note;
        struct err err;
        size_t n, n_done = 0;
        if (!read_newest(arena, c->site, &head, &note, &err) || head.size == c->done)
                return;
        if (head.size == c->tried && c->quiet > 0 && --c->quiet > 0)
                return;
        if (!cosign_newest(arena, c->site, &all, &n, &err)) {
                log_line(LOG_ERROR, "desk", "witnesses: %s: %s", err_text(err.code)->name,
                                err.detail);
                return;
        }
        for (size_t i = 0; i < n; i++) {
                n_done += all[i].done;
                if (!all[i].done)
                        log_line(LOG_ERROR, "desk", "witness %.*s: %s: %s", STR_FMT(all[i].name),
                                        err_text(all[i].err.code)->name, all[i].err.detail);
        }
        if (n_done == n)
                c->done = head.size;
        else
                c->quiet = QUIET_LOOKS;
        c->tried = head.size;
}

static void *look_forever(void *user)
{
        struct cosigner *c = user;
        pthread_mutex_lock(&c->mutex);
        while (!c->stop) {
                pthread_mutex_unlock(&c->mutex);
                look(c);
                struct timespec at;
                clock_gettime(CLOCK_MONOTONIC, &at);
                at.tv_sec += c->seconds;
                pthread_mutex_lock(&c->mutex);
                if (!c->stop)
                        pthread_cond_timedwait(&c->stopping, &c->mutex, &at);
        }
        pthread_mutex_unlock(&c->mutex);
        return NULL;
}

bool cosigner_start(struct site *site, int seconds, struct cosigner **ret, struct err *err)
{
        *ret = NULL;
        if (site_config(site)->n_witnesses == 0)
                return true;
        struct cosigner *c = calloc(1, sizeof(*c));
        if (c == NULL)
                abort();
        c->site = site;
        c->seconds = seconds;
        pthread_mutex_init(&c->mutex, NULL);
        steady_cond_init(&c->stopping);
        if (pthread_create(&c->thread, NULL, look_forever, c) != 0) {
                free(c);
                return err_set(err, E_DESK_BUSY, "不能启动联署线程");
        }
        *ret = c;
        return true;
}

void cosigner_stop(struct cosigner **stopping)
{
        struct cosigner *c = *stopping;
        if (c == NULL)
                return;
        *stopping = NULL;
        pthread_mutex_lock(&c->mutex);
        c->stop = true;
        pthread_cond_signal(&c->stopping);
        pthread_mutex_unlock(&c->mutex);
        pthread_join(c->thread, NULL);
        pthread_mutex_destroy(&c->mutex);
        pthread_cond_destroy(&c->stopping);
        free(c);
}
