#include "account/password.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "account/secret.h"

#define GENERATED 20u

/* ---- Good enough? ---- */

static size_t count_kinds(struct str s)
{
        bool small = false, capital = false, digit = false, other = false;
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                if (c >= 'a' && c <= 'z')
                        small = true;
                else if (c >= 'A' && c <= 'Z')
                        capital = true;
                else if (c >= '0' && c <= '9')
                        digit = true;
                else
                        other = true;
        }
        return (size_t)small + capital + digit + other;
}

/* How many different characters, counted no further than is asked for. */
static size_t count_distinct(struct str s)
{
        uint32_t seen[PASSWORD_DISTINCT];
        size_t n = 0;
        for (size_t at = 0; at < s.n && n < PASSWORD_DISTINCT;) {
                uint32_t c = str_code_point(s, &at);
                size_t i = 0;
                while (i < n && seen[i] != c)
                        i++;
                if (i == n)
                        seen[n++] = c;
        }
        return n;
}

bool password_check(struct str password, struct str id, struct err *err)
{
        if (!str_is_utf8(password))
                return err_set(err, E_ACCOUNT_PASSWORD, "有不能辨认的字符");
        size_t n = str_n_code_points(password);
        if (n < PASSWORD_MIN || n > PASSWORD_MAX)
                return err_set(err, E_ACCOUNT_PASSWORD, "应当有 %u 至 %u 个字符", PASSWORD_MIN,
                                PASSWORD_MAX);
        if (n < PASSWORD_LONG && count_kinds(password) < PASSWORD_KINDS)
                return err_set(err, E_ACCOUNT_PASSWORD,
                                "大写字母、小写字母、数字、其他字符中至少要有 %u 种，或者不少于 %u 个字符",
                                PASSWORD_KINDS, PASSWORD_LONG);
        if (count_distinct(password) < PASSWORD_DISTINCT)
                return err_set(err, E_ACCOUNT_PASSWORD, "不同的字符太少");
        if (id.n >= 3 && str_find(password, id) != SIZE_MAX)
                return err_set(err, E_ACCOUNT_PASSWORD, "不能含有账号");
        return true;
}

/* ---- Kept ---- */

bool password_hash(struct arena *arena, struct str password, struct str *ret, struct err *err)
{
        uint8_t salt[PASSWORD_SALT_BYTES];
        size_t n = argon2_encodedlen(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, PASSWORD_LANES,
                        PASSWORD_SALT_BYTES, PASSWORD_HASH_BYTES, Argon2_id);
        char *text = arena_alloc(arena, n + 1);
        if (!secret_random(salt, sizeof(salt), err))
                return false;
        int code = argon2id_hash_encoded(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, PASSWORD_LANES,
                        password.p, password.n, salt, sizeof(salt), PASSWORD_HASH_BYTES, text, n);
        if (code == ARGON2_MEMORY_ALLOCATION_ERROR)
                abort(); /* out of memory is a fault of the machine, as everywhere */
        if (code != ARGON2_OK)
                return err_set(err, E_ACCOUNT_RANDOM, "argon2: %s", argon2_error_message(code));
        *ret = str_of(text);
        return true;
}

/* What a stranger's password is compared with, so that the answer takes as long. */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

bool password_verify(struct arena *arena, struct str password, struct str kept, bool *ret_old)
{
        const struct str ours = str_format(arena, "$argon2id$v=19$m=%u,t=%u,p=%u$",
                        PASSWORD_MEMORY_KIB, PASSWORD_PASSES, PASSWORD_LANES);
        bool is_nobody = kept.n == 0;
        bool fits = password.n <= 4 * PASSWORD_MAX;
        const char *text = is_nobody ? nobody : str_c(arena, kept);
        *ret_old = !str_starts(kept, ours);
        int code = argon2id_verify(text, fits ? password.p : "", fits ? password.n : 0);
        return code == ARGON2_OK && fits && !is_nobody;
}

bool password_generate(struct arena *arena, struct str *ret, struct err *err)
{
        /* Without I l O 0 1: they are read aloud and copied by hand. */
        static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        const size_t n_letters = sizeof(letters) - 1;
        char *to = arena_alloc(arena, GENERATED);
        for (size_t n = 0; n < GENERATED;) {
                uint8_t byte;
                if (!secret_random(&byte, 1, err))
                        return false;
                if (byte < 256 / n_letters * n_letters) /* each letter as likely as any other */
                        to[n++] = letters[byte % n_letters];
        }
        *ret = (struct str){ to, GENERATED };
        return true;
}
