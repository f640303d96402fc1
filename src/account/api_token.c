#include "account/api_token.h"

#include "account/secret.h"
#include "desk/chore.h"
#include "ledger/hash.h"

#define ID_BYTES 9u

struct adding {
        struct api_token token;
        struct hash hash;
};

static struct hash hash_of(struct str text)
{
        return hash_bytes(LEDGER_SHA256, text);
}

static bool add(void *user, struct tx *tx, struct err *err)
{
        const struct adding *a = user;
        const struct api_token *t = &a->token;
        int64_t n;
        bool found;
        if (!tx_run(tx, Q_API_TOKEN_SWEEP, PARAMS(param_int(t->created.second)), err) ||
                        !snapshot_int(tx_snapshot(tx), Q_API_TOKEN_COUNT, NO_PARAMS, &n, &found,
                                        err))
                return false;
        if (n >= (int64_t)API_TOKENS_MAX)
                return err_set(err, E_ACCOUNT_TOKEN, "最多 %u 个，请先停用不再使用的",
                                API_TOKENS_MAX);
        return tx_run(tx, Q_API_TOKEN_PUT,
                        PARAMS(param_text(t->id),
                                        param_blob((struct str){
                                                        (const char *)a->hash.b, HASH_BYTES }),
                                        param_text(t->account), param_text(t->label),
                                        param_int(t->created.second), param_int(t->until.second)),
                        err);
}

bool api_token_add(struct arena *arena, struct desk *desk, struct str account, struct str label,
                struct moment now, struct str *ret_text, struct err *err)
{
        struct adding a = { .token = { .account = account,
                                            .label = str_trim(label),
                                            .created = now,
                                            .until = { now.second + API_TOKEN_DAYS * 86400LL } } };
        struct str random;
        if (a.token.label.n == 0 || str_n_code_points(a.token.label) > API_TOKEN_LABEL)
                return err_set(err, E_ACCOUNT_TOKEN, "请写明给哪个程序用，最多 %u 个字",
                                API_TOKEN_LABEL);
        if (!secret_text(arena, API_TOKEN_BYTES, &random, err) ||
                        !secret_text(arena, ID_BYTES, &a.token.id, err))
                return false;
        struct str text = str_format(arena, API_TOKEN_PREFIX "%.*s", STR_FMT(random));
        a.hash = hash_of(text);
        if (!chore_do(desk, add, &a, err))
                return false;
        *ret_text = text;
        return true;
}

static bool end(void *user, struct tx *tx, struct err *err)
{
        const struct str *id = user;
        if (!tx_run(tx, Q_API_TOKEN_END, PARAMS(param_text(*id)), err))
                return false;
        return tx_changed(tx) != 0 || err_set(err, E_NOT_FOUND, "没有这个令牌");
}

bool api_token_end(struct desk *desk, struct str id, struct err *err)
{
        return chore_do(desk, end, &id, err);
}

static struct api_token token_of(struct arena *arena, const struct rows *rows)
{
        return (struct api_token){ .id = str_copy(arena, rows_text(rows, 0)),
                .account = str_copy(arena, rows_text(rows, 1)),
                .label = str_copy(arena, rows_text(rows, 2)),
                .created = { rows_int(rows, 3) },
                .until = { rows_int(rows, 4) } };
}

/* By the hash, which tells nothing of how near a guess came. */
bool api_token_find(struct arena *arena, struct snapshot *snapshot, struct str text,
                struct moment now, struct api_token *ret, bool *ret_found, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct hash hash = hash_of(text);
        *ret_found = false;
        if (!str_starts(text, STR_LIT(API_TOKEN_PREFIX)))
                return true;
        if (!snapshot_rows(snapshot, Q_API_TOKEN_GET,
                            PARAMS(param_blob((struct str){ (const char *)hash.b, HASH_BYTES }),
                                            param_int(now.second)),
                            &rows, err))
                return false;
        if (rows_next(&rows)) {
                *ret = token_of(arena, &rows);
                *ret_found = true;
        }
        return rows_end(&rows, err);
}

bool api_token_list(struct arena *arena, struct snapshot *snapshot, struct moment now,
                const struct api_token **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct api_token *list = arena_new_array(arena, API_TOKENS_MAX, struct api_token);
        size_t n = 0;
        if (!snapshot_rows(snapshot, Q_API_TOKEN_LIST, PARAMS(param_int(now.second)), &rows, err))
                return false;
        while (n < API_TOKENS_MAX && rows_next(&rows))
                list[n++] = token_of(arena, &rows);
        *ret = list;
        *ret_n = n;
        return rows_end(&rows, err);
}
