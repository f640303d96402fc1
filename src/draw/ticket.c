#include "draw/ticket.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct hasher {
        EVP_MD_CTX *context;
        EVP_MD *sha256;
};

/* libcrypto without SHA-256 or memory is a fault of the machine: abort. */
struct hasher *hasher_open(void)
{
        struct hasher *hasher = calloc(1, sizeof(*hasher));
        assert(hasher != NULL);
        hasher->context = EVP_MD_CTX_new();
        hasher->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        assert(hasher->context != NULL && hasher->sha256 != NULL);
        return hasher;
}

void hasher_close(struct hasher **hasher)
{
        if (*hasher == NULL)
                return;
        EVP_MD_CTX_free((*hasher)->context);
        EVP_MD_free((*hasher)->sha256);
        free(*hasher);
        *hasher = NULL;
}

void hasher_bytes(struct hasher *hasher, struct str bytes, uint8_t to[TICKET_BYTES])
{
        int ok = EVP_DigestInit_ex2(hasher->context, hasher->sha256, NULL) &&
                 EVP_DigestUpdate(hasher->context, bytes.p, bytes.n) &&
                 EVP_DigestFinal_ex(hasher->context, to, NULL);
        assert(ok);
}

void hasher_parts(struct hasher *hasher, const struct str *parts, size_t n_parts,
                uint8_t to[TICKET_BYTES])
{
        char message[TICKET_MESSAGE];
        size_t n = 0;
        for (size_t i = 0; i < n_parts; i++) {
                struct str part = parts[i];
                assert(part.n <= sizeof(message) && n + 4 + part.n <= sizeof(message));
                for (int shift = 24; shift >= 0; shift -= 8)
                        message[n++] = (char)(part.n >> shift & 0xFF);
                if (part.n != 0)
                        memcpy(message + n, part.p, part.n);
                n += part.n;
        }
        hasher_bytes(hasher, (struct str){ message, n }, to);
}

void hasher_md5(struct str bytes, uint8_t to[16])
{
        int ok = EVP_Digest(bytes.p, bytes.n, to, NULL, EVP_md5(), NULL);
        assert(ok);
}

struct str hex_format(struct arena *arena, const uint8_t *bytes, size_t n)
{
        static const char digits[] = "0123456789abcdef";
        char *hex = arena_alloc(arena, 2 * n);
        for (size_t i = 0; i < n; i++) {
                hex[2 * i] = digits[bytes[i] >> 4];
                hex[2 * i + 1] = digits[bytes[i] & 15];
        }
        return (struct str){ hex, 2 * n };
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_parse(struct str hex, uint8_t *to, size_t n)
{
        if (hex.n != 2 * n)
                return false;
        for (size_t i = 0; i < hex.n; i++)
                if (hex_digit(hex.p[i]) < 0)
                        return false;
        for (size_t i = 0; i < n; i++)
                to[i] = (uint8_t)(16 * hex_digit(hex.p[2 * i]) + hex_digit(hex.p[2 * i + 1]));
        return true;
}
