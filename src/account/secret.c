#include "account/secret.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "desk/chore.h"

#define SECRET_NAME "portal"
#define TOKEN_BYTES 24u

bool secret_random(void *ret, size_t n, struct err *err)
{
        return (n <= INT_MAX && RAND_bytes(ret, (int)n) == 1) ||
               err_set(err, E_ACCOUNT_RANDOM, "%s", "");
}

static struct str as_text(struct arena *arena, const void *bytes, size_t n)
{
        struct str base64 = hash_base64(arena, bytes, n);
        char *to = arena_alloc(arena, base64.n + 1);
        size_t length = 0;
        for (size_t i = 0; i < base64.n && base64.p[i] != '='; i++) {
                char c = base64.p[i];
                to[length++] = c == '+' ? '-' : c == '/' ? '_' : c;
        }
        return (struct str){ to, length };
}

bool secret_text(struct arena *arena, size_t n, struct str *ret, struct err *err)
{
        uint8_t *bytes = arena_alloc(arena, n);
        if (!secret_random(bytes, n, err))
                return false;
        *ret = as_text(arena, bytes, n);
        return true;
}

bool secret_eq(struct str a, struct str b)
{
        return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

static bool read_secret(
                struct snapshot *snapshot, struct hmac *ret, bool *ret_found, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_SECRET_GET, PARAMS(param_text(STR_LIT(SECRET_NAME))), &rows,
                            err))
                return false;
        *ret_found = rows_next(&rows);
        if (*ret_found) {
                struct str bytes = rows_blob(&rows, 0);
                hmac_init(ret, LEDGER_SHA256, bytes.p, bytes.n);
        }
        return rows_end(&rows, err);
}

struct making {
        uint8_t bytes[SECRET_BYTES];
        struct hmac *ret;
};

/* Another process may have been faster: the secret that stands counts. */
static bool make_secret(void *user, struct tx *tx, struct err *err)
{
        struct making *making = user;
        bool found;
        if (!read_secret(tx_snapshot(tx), making->ret, &found, err))
                return false;
        if (found)
                return true;
        hmac_init(making->ret, LEDGER_SHA256, making->bytes, SECRET_BYTES);
        return tx_run(tx, Q_SECRET_PUT,
                        PARAMS(param_text(STR_LIT(SECRET_NAME)),
                                        param_blob((struct str){ (const char *)making->bytes,
                                                        SECRET_BYTES })),
                        err);
}

bool secret_of_site(struct desk *desk, struct hmac *ret, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct making making = { .ret = ret };
        bool found;
        if (!snapshot_open(site_store(desk_site(desk)), &snapshot, err) ||
                        !read_secret(snapshot, ret, &found, err))
                return false;
        if (found)
                return true;
        bool ok = secret_random(making.bytes, SECRET_BYTES, err) &&
                  chore_do(desk, make_secret, &making, err);
        OPENSSL_cleanse(making.bytes, SECRET_BYTES);
        return ok;
}

struct hash secret_derive(const struct hmac *secret, const char *purpose, struct str text)
{
        return hmac_expand(secret, str_of(purpose), text);
}

struct str secret_token(struct arena *arena, const struct hmac *secret, const char *purpose,
                struct str text)
{
        struct hash hash = secret_derive(secret, purpose, text);
        return as_text(arena, hash.b, TOKEN_BYTES);
}
