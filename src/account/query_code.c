#include "account/query_code.h"

#include <stdio.h>

#include "account/secret.h"

#define CODE_CHARACTERS 8u

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int value_of(char c)
{
        if (c >= 'a' && c <= 'z')
                c = (char)(c - 'a' + 'A');
        if (c == 'O')
                c = '0';
        if (c == 'I' || c == 'L')
                c = '1';
        const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
        return at != NULL ? (int)(at - alphabet) : -1;
}

/* Luhn's scheme for 32 characters: every second one counts double, its two digits added. */
static int check_of(const int *values, size_t n)
{
        int sum = 0;
        for (size_t i = 0; i < n; i++) {
                int v = values[i] * ((n - i) % 2 == 1 ? 2 : 1);
                sum += v / 32 + v % 32;
        }
        return (32 - sum % 32) % 32;
}

static void characters_of(const struct hmac *secret, int64_t matter, char to[CODE_CHARACTERS])
{
        char id[24];
        int n = snprintf(id, sizeof(id), "%lld", (long long)matter);
        struct hash hash = secret_derive(secret, "query code", (struct str){ id, (size_t)n });
        uint64_t bits = 0;
        int values[CODE_CHARACTERS];
        for (size_t i = 0; i < 5; i++)
                bits = (bits << 8) | hash.b[i];
        for (size_t i = 0; i + 1 < CODE_CHARACTERS; i++)
                values[i] = (int)((bits >> (5 * i)) & 31);
        values[CODE_CHARACTERS - 1] = check_of(values, CODE_CHARACTERS - 1);
        for (size_t i = 0; i < CODE_CHARACTERS; i++)
                to[i] = alphabet[values[i]];
}

struct str query_code(struct arena *arena, const struct hmac *secret, int64_t matter)
{
        char text[CODE_CHARACTERS];
        characters_of(secret, matter, text);
        return str_format(arena, "%.4s-%.4s", text, text + 4);
}

bool query_code_parse(struct arena *arena, struct str typed, struct str *ret)
{
        int values[CODE_CHARACTERS];
        char *to = arena_alloc(arena, CODE_CHARACTERS);
        size_t n = 0;
        for (size_t i = 0; i < typed.n; i++) {
                char c = typed.p[i];
                if (c == ' ' || c == '-')
                        continue;
                int value = value_of(c);
                if (value < 0 || n == CODE_CHARACTERS)
                        return false;
                values[n] = value;
                to[n++] = alphabet[value];
        }
        if (n != CODE_CHARACTERS || values[n - 1] != check_of(values, n - 1))
                return false;
        *ret = (struct str){ to, n };
        return true;
}

bool query_code_is(struct arena *arena, const struct hmac *secret, int64_t matter, struct str typed)
{
        char right[CODE_CHARACTERS];
        struct str given;
        if (!query_code_parse(arena, typed, &given))
                return false;
        characters_of(secret, matter, right);
        return secret_eq(given, (struct str){ right, CODE_CHARACTERS });
}
