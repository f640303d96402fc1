#include "ledger/commitment.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/fields.h"

#define FEW 16u /* below this, sorting in place beats a call for each comparison */

struct salt field_salt(const struct hmac *key, struct str name)
{
        struct hash hash = hmac_expand(key, STR_LIT("plumbline field "), name);
        struct salt salt;
        memcpy(salt.b, hash.b, sizeof(salt.b));
        return salt;
}

struct hash field_digest(enum ledger_hash algorithm, const struct salt *salt, struct str name,
                struct str value)
{
        assert(name.n <= LIMIT_KEY_BYTES);
        uint8_t head[3 + EVENT_SALT_BYTES + LIMIT_KEY_BYTES], *to = head;
        *to++ = 0x02;
        memcpy(to, salt->b, sizeof(salt->b));
        to += sizeof(salt->b);
        *to++ = (uint8_t)(name.n >> 8);
        *to++ = (uint8_t)name.n;
        memcpy(to, name.p, name.n);
        to += name.n;

        struct hasher hasher;
        hasher_start(&hasher, algorithm);
        hasher_add(&hasher, head, (size_t)(to - head));
        hasher_add(&hasher, value.p, value.n);
        return hasher_finish(&hasher);
}

void commitment_start(struct commitment *commitment, enum ledger_hash algorithm,
                const uint8_t secret[EVENT_SECRET_BYTES])
{
        commitment->algorithm = algorithm;
        commitment->n = 0;
        hmac_init(&commitment->key, algorithm, secret, EVENT_SECRET_BYTES);
}

void commitment_add(struct commitment *commitment, struct str name, struct str value)
{
        assert(commitment->n < LIMIT_EVENT_FIELDS);
        struct salt salt = field_salt(&commitment->key, name);
        commitment->digests[commitment->n++] =
                        field_digest(commitment->algorithm, &salt, name, value);
}

bool commitment_read(struct commitment *commitment, enum ledger_hash algorithm,
                const uint8_t secret[EVENT_SECRET_BYTES], struct str disclosed, struct err *err)
{
        if (disclosed.n > LIMIT_EVENT_BYTES)
                return err_set(err, E_LIMIT, "一个事件最多 %u 字节", LIMIT_EVENT_BYTES);
        commitment_start(commitment, algorithm, secret);
        struct fields fields = fields_of(disclosed);
        struct str name, value;
        enum fields_step step;
        while ((step = fields_next(&fields, &name, &value, err)) == FIELDS_ONE) {
                if (commitment->n == LIMIT_EVENT_FIELDS)
                        return err_set(err, E_LIMIT, "一个事件最多 %u 个字段", LIMIT_EVENT_FIELDS);
                commitment_add(commitment, name, value);
        }
        return step == FIELDS_END;
}

static int compare(const void *a, const void *b)
{
        return memcmp(a, b, HASH_BYTES);
}

static void sort(struct hash *digests, size_t n)
{
        if (n > FEW) {
                qsort(digests, n, sizeof(*digests), compare);
                return;
        }
        for (size_t i = 1; i < n; i++) {
                struct hash moving = digests[i];
                size_t j = i;
                for (; j > 0 && compare(&digests[j - 1], &moving) > 0; j--)
                        digests[j] = digests[j - 1];
                digests[j] = moving;
        }
}

struct hash commitment_finish(struct commitment *commitment)
{
        sort(commitment->digests, commitment->n);
        struct hasher hasher;
        hasher_start(&hasher, commitment->algorithm);
        hasher_add(&hasher, "\x03", 1);
        hasher_add(&hasher, commitment->digests, commitment->n * HASH_BYTES);
        return hasher_finish(&hasher);
}
