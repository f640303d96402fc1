#include "hook/subscription.h"

#include <stdio.h>
#include <sys/random.h>

#include "account/secret.h"
#include "desk/chore.h"
#include "hook/target.h"
#include "ledger/hash.h"

#define TROUBLE_BYTES 200u
#define ID_BYTES      6u

int subscription_wait(int64_t failures, int first)
{
        int wait = first;
        for (int64_t i = 1; i < failures && wait < HOOK_LAST_WAIT; i++)
                wait *= 2;
        return wait < HOOK_LAST_WAIT ? wait : HOOK_LAST_WAIT;
}

/* ---- Reading ---- */

static struct subscription row_of(struct arena *arena, const struct rows *rows)
{
        return (struct subscription){
                .id = str_copy(arena, rows_text(rows, 0)),
                .label = str_copy(arena, rows_text(rows, 1)),
                .url = str_copy(arena, rows_text(rows, 2)),
                .filter = str_copy(arena, rows_text(rows, 3)),
                .secret = str_copy(arena, rows_blob(rows, 4)),
                .position = rows_int(rows, 5),
                .failures = rows_int(rows, 6),
                .sent = rows_int(rows, 7),
                .failed = rows_int(rows, 8),
                .created = { rows_int(rows, 9) },
                .next_try = { rows_int(rows, 10) },
                .received = { rows_int(rows, 11) },
                .trouble = str_copy(arena, rows_text(rows, 12)),
        };
}

bool subscription_list(struct arena *arena, struct snapshot *snapshot,
                const struct subscription **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct subscription *list = arena_new_array(arena, SUBSCRIPTIONS_MAX, struct subscription);
        size_t n = 0;
        if (!snapshot_rows(snapshot, Q_WEBHOOK_LIST, NO_PARAMS, &rows, err))
                return false;
        while (n < SUBSCRIPTIONS_MAX && rows_next(&rows))
                list[n++] = row_of(arena, &rows);
        *ret = list;
        *ret_n = n;
        return rows_end(&rows, err);
}

bool subscription_get(struct arena *arena, struct snapshot *snapshot, struct str id,
                struct subscription *ret, bool *ret_found, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_WEBHOOK_GET, PARAMS(param_text(id)), &rows, err))
                return false;
        *ret_found = rows_next(&rows);
        if (*ret_found)
                *ret = row_of(arena, &rows);
        return rows_end(&rows, err);
}

bool subscription_notes(struct arena *arena, struct snapshot *snapshot, size_t limit,
                const struct subscription_note **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct subscription_note *list = arena_new_array(arena, limit, struct subscription_note);
        size_t n = 0;
        if (!snapshot_rows(snapshot, Q_WEBHOOK_NOTES, PARAMS(param_int((int64_t)limit)), &rows,
                            err))
                return false;
        while (n < limit && rows_next(&rows))
                list[n++] = (struct subscription_note){
                        .time = { rows_int(&rows, 0) },
                        .who = str_copy(arena, rows_text(&rows, 1)),
                        .what = str_copy(arena, rows_text(&rows, 2)),
                        .subscription = str_copy(arena, rows_text(&rows, 3)),
                };
        *ret = list;
        *ret_n = n;
        return rows_end(&rows, err);
}

/* ---- Administration ---- */

struct change {
        struct subscription s;
        struct str who, what;
        struct moment now;
};

static bool note(struct tx *tx, const struct change *c, struct err *err)
{
        return tx_run(tx, Q_WEBHOOK_NOTE,
                        PARAMS(param_int(c->now.second), param_text(c->who), param_text(c->what),
                                        param_text(c->s.id)),
                        err);
}

static bool put(struct tx *tx, const struct subscription *s, struct err *err)
{
        return tx_run(tx, Q_WEBHOOK_PUT,
                        PARAMS(param_text(s->id), param_text(s->label), param_text(s->url),
                                        param_text(s->filter), param_blob(s->secret),
                                        param_int(s->position), param_int(s->created.second)),
                        err);
}

static bool add(void *user, struct tx *tx, struct err *err)
{
        struct change *c = user;
        int64_t n, size;
        bool found;
        if (!snapshot_int(tx_snapshot(tx), Q_WEBHOOK_COUNT, NO_PARAMS, &n, &found, err) ||
                        !snapshot_int(tx_snapshot(tx), Q_LEDGER_SIZE, PARAMS(param_int(0)), &size,
                                        &found, err))
                return false;
        if (n >= (int64_t)SUBSCRIPTIONS_MAX)
                return err_set(err, E_HOOK_MANY, "最多 %u 个", SUBSCRIPTIONS_MAX);
        c->s.position = found ? size : 0;
        return put(tx, &c->s, err) && note(tx, c, err);
}

static bool random_bytes(struct arena *arena, size_t n, struct str *ret, struct err *err)
{
        char *bytes = arena_alloc(arena, n);
        if (!secret_random(bytes, n, err))
                return false;
        *ret = (struct str){ bytes, n };
        return true;
}

bool subscription_add(struct arena *arena, struct desk *desk, const struct subscription *given,
                struct str who, struct moment now, struct subscription *ret, struct err *err)
{
        struct change c = { .s = { .label = str_trim(given->label),
                                            .url = str_trim(given->url),
                                            .filter = str_trim(given->filter),
                                            .created = now,
                                            .trouble = STR_LIT("") },
                .who = who,
                .what = STR_LIT("add"),
                .now = now };
        struct site *site = desk_site(desk);
        struct str host, id;
        if (c.s.label.n == 0 || str_n_code_points(c.s.label) > SUBSCRIPTION_LABEL)
                return err_set(err, E_HOOK_LABEL, "最多 %u 个字", SUBSCRIPTION_LABEL);
        if (!target_check(c.s.url, site_config(site)->receivers, &host, err) ||
                        !message_filter_check(site_catalogue(site), c.s.filter, err) ||
                        !random_bytes(arena, ID_BYTES, &id, err) ||
                        !random_bytes(arena, MESSAGE_SECRET_BYTES, &c.s.secret, err))
                return false;
        char *hex = arena_alloc(arena, 2 * ID_BYTES);
        hash_write_hex(id.p, ID_BYTES, hex);
        c.s.id = (struct str){ hex, 2 * ID_BYTES };
        if (!chore_do(desk, add, &c, err))
                return false;
        *ret = c.s;
        return true;
}

static bool changed_one(struct tx *tx, struct err *err)
{
        return tx_changed(tx) != 0 || err_set(err, E_NOT_FOUND, "没有这个订阅");
}

static bool end(void *user, struct tx *tx, struct err *err)
{
        struct change *c = user;
        return tx_run(tx, Q_WEBHOOK_END, PARAMS(param_text(c->s.id)), err) &&
               changed_one(tx, err) && note(tx, c, err);
}

bool subscription_end(struct desk *desk, struct str id, struct str who, struct moment now,
                struct err *err)
{
        struct change c = { .s.id = id, .who = who, .what = STR_LIT("end"), .now = now };
        return chore_do(desk, end, &c, err);
}

static bool retry(void *user, struct tx *tx, struct err *err)
{
        struct change *c = user;
        return tx_run(tx, Q_WEBHOOK_RETRY, PARAMS(param_text(c->s.id)), err) &&
               changed_one(tx, err) && note(tx, c, err);
}

bool subscription_retry(struct desk *desk, struct str id, struct str who, struct moment now,
                struct err *err)
{
        struct change c = { .s.id = id, .who = who, .what = STR_LIT("retry"), .now = now };
        return chore_do(desk, retry, &c, err);
}

static bool skip(void *user, struct tx *tx, struct err *err)
{
        struct change *c = user;
        if (!tx_run(tx, Q_WEBHOOK_PASS,
                            PARAMS(param_text(c->s.id), param_int(c->s.position),
                                            param_int(c->s.position + 1)),
                            err))
                return false;
        if (tx_changed(tx) == 0)
                return err_set(err, E_HOOK_MOVED, "账本第 %lld 条", (long long)c->s.position);
        return note(tx, c, err);
}

bool subscription_skip(struct desk *desk, struct str id, int64_t position, struct str who,
                struct moment now, struct err *err)
{
        char what[32];
        int n = snprintf(what, sizeof(what), "skip %lld", (long long)position);
        struct change c = { .s = { .id = id, .position = position },
                .who = who,
                .what = { what, (size_t)n },
                .now = now };
        return chore_do(desk, skip, &c, err);
}

static bool renew(void *user, struct tx *tx, struct err *err)
{
        struct change *c = user;
        return tx_run(tx, Q_WEBHOOK_RENEW, PARAMS(param_text(c->s.id), param_blob(c->s.secret)),
                               err) &&
               changed_one(tx, err) && note(tx, c, err);
}

bool subscription_renew(struct arena *arena, struct desk *desk, struct str id, struct str who,
                struct moment now, struct str *ret, struct err *err)
{
        struct change c = { .s.id = id, .who = who, .what = STR_LIT("renew"), .now = now };
        if (!random_bytes(arena, MESSAGE_SECRET_BYTES, &c.s.secret, err) ||
                        !chore_do(desk, renew, &c, err))
                return false;
        *ret = c.s.secret;
        return true;
}

/* ---- The courier's ---- */

struct step {
        const struct subscription *s;
        int64_t position;
        struct str trouble;
        struct moment at;
        bool told, moved;
};

static bool forward(void *user, struct tx *tx, struct err *err)
{
        struct step *step = user;
        const struct subscription *s = step->s;
        bool ok = step->told ? tx_run(tx, Q_WEBHOOK_TOLD,
                                               PARAMS(param_text(s->id), param_int(s->position),
                                                               param_int(step->position),
                                                               param_int(step->at.second)),
                                               err)
                             : tx_run(tx, Q_WEBHOOK_PASS,
                                               PARAMS(param_text(s->id), param_int(s->position),
                                                               param_int(step->position)),
                                               err);
        step->moved = ok && tx_changed(tx) != 0;
        return ok;
}

bool subscription_forward(struct desk *desk, const struct subscription *s, int64_t position,
                bool told, struct moment now, bool *ret_moved, struct err *err)
{
        struct step step = { .s = s, .position = position, .told = told, .at = now };
        if (!chore_do(desk, forward, &step, err))
                return false;
        *ret_moved = step.moved;
        return true;
}

static bool fail(void *user, struct tx *tx, struct err *err)
{
        struct step *step = user;
        return tx_run(tx, Q_WEBHOOK_FAILED,
                        PARAMS(param_text(step->s->id), param_int(step->s->position),
                                        param_int(step->at.second), param_text(step->trouble)),
                        err);
}

bool subscription_failed(struct desk *desk, const struct subscription *s, struct str trouble,
                int first_wait, struct moment now, struct err *err)
{
        uint32_t random = 0;
        int wait = subscription_wait(s->failures + 1, first_wait), half = wait / 2;
        if (getrandom(&random, sizeof(random), 0) != sizeof(random))
                random = (uint32_t)now.second;
        wait = half + (int)(random % (uint32_t)(wait - half + 1));
        struct step step = {
                .s = s, .trouble = str_cut(trouble, TROUBLE_BYTES), .at = { now.second + wait }
        };
        return chore_do(desk, fail, &step, err);
}
