#include "desk/codes.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "ledger/hash.h"
#include "procedure/decide.h"

#define SECRET_NAME  "query_code"
#define SECRET_BYTES 32u
#define CODE_DIGITS  12

static const char digits[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

static bool read_secret(
                struct arena *arena, struct snapshot *snapshot, struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret = STR_LIT("");
        if (!snapshot_rows(snapshot, Q_SECRET_GET, PARAMS(param_text(STR_LIT(SECRET_NAME))), &rows,
                            err))
                return false;
        if (rows_next(&rows))
                *ret = str_copy(arena, rows_blob(&rows, 0));
        return rows_end(&rows, err);
}

bool codes_prepare(struct store *store, struct err *err)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct arena *arena _cleanup_(arena_close) = arena_open();
        uint8_t bytes[SECRET_BYTES];
        struct str secret;
        if (!store_begin(store, &tx, err) || !read_secret(arena, tx_snapshot(tx), &secret, err))
                return false;
        if (secret.n != 0)
                return true;
        if (RAND_bytes(bytes, sizeof(bytes)) != 1)
                return err_set(err, E_DESK_ENTROPY, "%s", "");
        struct str fresh = { (const char *)bytes, sizeof(bytes) };
        return tx_run(tx, Q_SECRET_PUT, PARAMS(param_text(STR_LIT(SECRET_NAME)), param_blob(fresh)),
                               err) &&
               tx_commit(&tx, err);
}

/* HMAC(secret, label || name || 0x01); false with *ret_any: there is no secret. */
static bool expand(struct arena *arena, struct snapshot *snapshot, const char *label,
                struct str name, struct hash *ret, bool *ret_any, struct err *err)
{
        struct str secret;
        struct hmac hmac;
        if (!read_secret(arena, snapshot, &secret, err))
                return false;
        *ret_any = secret.n != 0;
        if (secret.n == 0)
                return true;
        hmac_init(&hmac, LEDGER_SHA256, secret.p, secret.n);
        *ret = hmac_expand(&hmac, str_of(label), name);
        return true;
}

bool codes_of(struct arena *arena, struct snapshot *snapshot, struct str number, struct str party,
                struct str *ret, struct err *err)
{
        struct str name = str_format(arena, "%.*s\n%.*s", STR_FMT(number), STR_FMT(party));
        struct buf buf = BUF(arena);
        struct hash hash;
        bool any;
        if (!expand(arena, snapshot, "plumbline query code\n", name, &hash, &any, err))
                return false;
        for (int i = 0; any && i < CODE_DIGITS; i++) {
                if (i != 0 && i % 4 == 0)
                        buf_char(&buf, '-');
                buf_char(&buf, digits[hash.b[i] & 31]);
        }
        *ret = buf_str(&buf);
        return true;
}

/* How often the party was given another. */
static size_t count_given(struct arena *arena, const struct matter *matter, struct str party)
{
        size_t n;
        matter_did(matter, str_format(arena, "%s.%.*s", ACT_CODE, STR_FMT(party)), &n);
        return n;
}

bool codes_now(struct arena *arena, struct snapshot *snapshot, const struct matter *matter,
                struct str party, struct str *ret, struct err *err)
{
        size_t n = count_given(arena, matter, party);
        struct str whose = n == 0 ? party : str_format(arena, "%.*s\n%zu", STR_FMT(party), n);
        return codes_of(arena, snapshot, matter->number, whose, ret, err);
}

/* Capitals, without blanks and dashes. */
static struct str plain(struct arena *arena, struct str typed)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < typed.n; i++) {
                char c = typed.p[i];
                if (c != '-' && c != ' ')
                        buf_char(&buf, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
        }
        return buf_str(&buf);
}

bool codes_party(struct arena *arena, struct snapshot *snapshot, const struct matter *matter,
                struct str typed, struct str *ret, struct err *err)
{
        struct str given = plain(arena, typed), code;
        const struct version *version = matter->version;
        *ret = STR_LIT("");
        for (size_t i = 0; i < version->n_parties; i++) {
                if (!codes_now(arena, snapshot, matter, version->parties[i].key, &code, err))
                        return false;
                struct str own = plain(arena, code);
                if (own.n != 0 && own.n == given.n && CRYPTO_memcmp(own.p, given.p, own.n) == 0)
                        *ret = version->parties[i].key;
        }
        return true;
}
