#include "account/totp.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "account/secret.h"

uint32_t totp_code(struct str secret, int64_t step, int digits)
{
        uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
        unsigned n = 0;
        assert(digits >= 1 && digits <= 8);
        for (int i = 0; i < 8; i++)
                counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
        if (HMAC(EVP_sha1(), secret.p, (int)secret.n, counter, sizeof(counter), mac, &n) == NULL)
                return UINT32_MAX;                   /* no code is that large */
        const uint8_t *at = mac + (mac[n - 1] & 15); /* RFC 4226 section 5.3 */
        uint32_t number = ((uint32_t)(at[0] & 0x7F) << 24) | ((uint32_t)at[1] << 16) |
                          ((uint32_t)at[2] << 8) | at[3];
        uint32_t modulus = 1;
        for (int i = 0; i < digits; i++)
                modulus *= 10;
        return number % modulus;
}

bool totp_check(struct str secret, struct str text, struct moment now, int64_t used,
                int64_t *ret_step)
{
        int64_t current = now.second / TOTP_STEP_SECONDS;
        bool found = false;
        char digits[TOTP_DIGITS];
        if (text.n != TOTP_DIGITS)
                return false;
        for (int64_t step = current - 1; step <= current + 1; step++) {
                uint32_t code = totp_code(secret, step, TOTP_DIGITS);
                for (size_t i = TOTP_DIGITS; i > 0; i--, code /= 10)
                        digits[i - 1] = (char)('0' + code % 10);
                if (secret_eq(text, (struct str){ digits, TOTP_DIGITS }) && step > used && !found) {
                        *ret_step = step;
                        found = true;
                }
        }
        return found;
}

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static void add_group(struct buf *buf, uint32_t five, bool in_fours, size_t n)
{
        if (in_fours && n != 0 && n % 4 == 0)
                buf_char(buf, ' ');
        buf_char(buf, base32[five & 31]);
}

static struct str encode(struct arena *arena, struct str bytes, bool in_fours)
{
        struct buf buf = BUF(arena);
        uint32_t held = 0;
        size_t n_held = 0, n = 0;
        for (size_t i = 0; i < bytes.n; i++) {
                held = (held << 8) | (uint8_t)bytes.p[i];
                for (n_held += 8; n_held >= 5; n_held -= 5)
                        add_group(&buf, held >> (n_held - 5), in_fours, n++);
        }
        if (n_held > 0) /* the last: filled up with zeros */
                add_group(&buf, held << (5 - n_held), in_fours, n);
        return buf_str(&buf);
}

struct str totp_base32(struct arena *arena, struct str bytes)
{
        return encode(arena, bytes, true);
}

static void percent(struct buf *buf, struct str text)
{
        for (size_t i = 0; i < text.n; i++) {
                unsigned char c = (unsigned char)text.p[i];
                if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
                        buf_char(buf, (char)c);
                else
                        buf_format(buf, "%%%02X", c);
        }
}

struct str totp_uri(struct arena *arena, struct str issuer, struct str account, struct str secret)
{
        struct buf buf = BUF(arena);
        buf_c(&buf, "otpauth://totp/");
        percent(&buf, issuer);
        buf_char(&buf, ':');
        percent(&buf, account);
        buf_c(&buf, "?secret=");
        buf_str_add(&buf, encode(arena, secret, false));
        buf_c(&buf, "&issuer=");
        percent(&buf, issuer);
        return buf_str(&buf);
}
