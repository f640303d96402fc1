#include "account/session.h"

#include <assert.h>
#include <stdlib.h>

#include "desk/chore.h"
#include "ledger/hash.h"

static const char *const states[] = { "open", "half", "change" };

/* Lives in the caller's hash. */
static struct store_param key_of(struct str token, struct hash *hash)
{
        *hash = hash_bytes(LEDGER_SHA256, token);
        return param_blob((struct str){ (const char *)hash->b, HASH_BYTES });
}

static bool holds(const struct session *session, struct moment now)
{
        return now.second - session->seen.second < SESSION_IDLE_SECONDS &&
               now.second - session->created.second < SESSION_LONG_SECONDS;
}

bool session_find(struct arena *arena, struct snapshot *snapshot, struct str token,
                struct moment now, struct session *ret, bool *ret_found, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct hash hash;
        *ret_found = false;
        if (token.n == 0)
                return true;
        if (!snapshot_rows(snapshot, Q_SESSION_GET, PARAMS(key_of(token, &hash)), &rows, err))
                return false;
        if (rows_next(&rows)) {
                struct session session = {
                        .token = str_copy(arena, token),
                        .account = str_copy(arena, rows_text(&rows, 0)),
                        .created = { rows_int(&rows, 1) },
                        .seen = { rows_int(&rows, 2) },
                        .address = str_copy(arena, rows_text(&rows, 3)),
                };
                size_t i = 0;
                while (i < N_ELEMENTS(states) && !str_is(rows_text(&rows, 4), states[i]))
                        i++;
                session.state = (enum session_state)i;
                *ret_found = i < N_ELEMENTS(states) && holds(&session, now);
                if (*ret_found)
                        *ret = session;
        }
        return rows_end(&rows, err);
}

bool session_is_stale(const struct session *session, struct moment now)
{
        return now.second - session->seen.second >= SESSION_SEEN_SECONDS;
}

/* ---- Writing ---- */

struct touch {
        struct hash hash;
        enum session_state state;
        struct moment now;
};

static bool touch(void *user, struct tx *tx, struct err *err)
{
        const struct touch *t = user;
        return tx_run(tx, Q_SESSION_SEEN,
                        PARAMS(param_blob((struct str){ (const char *)t->hash.b, HASH_BYTES }),
                                        param_int(t->now.second),
                                        param_text(str_of(states[t->state]))),
                        err);
}

void session_touch(struct desk *desk, const struct session *session, struct moment now)
{
        struct touch *t = calloc(1, sizeof(*t));
        if (t == NULL)
                abort();
        *t = (struct touch){ hash_bytes(LEDGER_SHA256, session->token), session->state, now };
        if (!chore_leave(desk, touch, free, t))
                free(t); /* too busy: the next request will do */
}

bool session_put(struct tx *tx, const struct session *session, struct err *err)
{
        struct hash hash;
        int64_t now = session->created.second;
        return tx_run(tx, Q_SESSION_SWEEP,
                               PARAMS(param_int(now - SESSION_IDLE_SECONDS),
                                               param_int(now - SESSION_LONG_SECONDS)),
                               err) &&
               tx_run(tx, Q_SESSION_PUT,
                               PARAMS(key_of(session->token, &hash), param_text(session->account),
                                               param_int(now), param_text(session->address),
                                               param_text(str_of(states[session->state]))),
                               err);
}

bool session_drop(struct tx *tx, struct str token, struct err *err)
{
        struct hash hash;
        return tx_run(tx, Q_SESSION_END, PARAMS(key_of(token, &hash)), err);
}

bool session_drop_all(struct tx *tx, struct str account, struct err *err)
{
        return tx_run(tx, Q_SESSION_END_ALL, PARAMS(param_text(account)), err);
}

static bool drop(void *user, struct tx *tx, struct err *err)
{
        return session_drop(tx, *(const struct str *)user, err);
}

static bool drop_all(void *user, struct tx *tx, struct err *err)
{
        return session_drop_all(tx, *(const struct str *)user, err);
}

bool session_end(struct desk *desk, struct str token, struct err *err)
{
        return chore_do(desk, drop, &token, err);
}

bool session_end_all(struct desk *desk, struct str account, struct err *err)
{
        return chore_do(desk, drop_all, &account, err);
}
