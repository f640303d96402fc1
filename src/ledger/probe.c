#include "ledger/probe.h"

#include "base/value.h"
#include "ledger/merkle.h"

static const struct value *get(const struct value *object, const char *name, struct err *err)
{
        const struct value *value = value_get(object, str_of(name));
        if (value == NULL)
                err_field(err, E_PROBE, str_of(name), "没有这一项");
        return value;
}

static bool get_size(struct arena *arena, const struct value *object, const char *name,
                uint64_t *ret, struct err *err)
{
        const struct value *value = get(object, name, err);
        if (value == NULL)
                return false;
        /* Sizes go up to 2^64 - 1, past what decimal_to_int() gives. */
        struct str digits = value->kind == VALUE_NUMBER ? decimal_format(arena, value->number)
                                                        : STR_LIT("");
        uint64_t size = 0;
        bool ok = digits.n != 0;
        for (size_t i = 0; ok && i < digits.n; i++)
                ok = digits.p[i] >= '0' && digits.p[i] <= '9' &&
                     !__builtin_mul_overflow(size, 10, &size) &&
                     !__builtin_add_overflow(size, digits.p[i] - '0', &size);
        if (!ok)
                return err_field(err, E_PROBE, str_of(name), "应是 0 到 2^64-1 的整数");
        *ret = size;
        return true;
}

static bool read_hash(struct arena *arena, const struct value *value, const char *name,
                struct hash *ret, struct err *err)
{
        struct str bytes;
        if (value->kind != VALUE_STRING || !hash_parse_base64(arena, value->string, &bytes))
                return err_field(err, E_PROBE, str_of(name), "应是 Base64 文本");
        if (bytes.n != HASH_BYTES)
                return err_field(err, E_LEDGER_PROOF, str_of(name), "哈希应有 %d 字节", HASH_BYTES);
        memcpy(ret->b, bytes.p, HASH_BYTES);
        return true;
}

static bool get_hash(struct arena *arena, const struct value *object, const char *name,
                struct hash *ret, struct err *err)
{
        const struct value *value = get(object, name, err);
        return value != NULL && read_hash(arena, value, name, ret, err);
}

static bool get_proof(struct arena *arena, const struct value *object, struct hash **ret, size_t *n,
                struct err *err)
{
        const struct value *value = get(object, "proof", err);
        if (value == NULL)
                return false;
        *n = 0;
        if (value_is_null(*value))
                return true;
        if (value->kind != VALUE_LIST)
                return err_field(err, E_PROBE, STR_LIT("proof"), "应是列表或 null");
        *ret = arena_new_array(arena, value->list.n, struct hash);
        for (; *n < value->list.n; ++*n)
                if (!read_hash(arena, &value->list.items[*n], "proof", &(*ret)[*n], err))
                        return false;
        return true;
}

bool merkle_probe(struct arena *arena, struct str json, struct err *err)
{
        struct value object;
        if (!value_parse_json(arena, json, &object, err))
                return false;
        if (object.kind != VALUE_CONTEXT)
                return err_set(err, E_PROBE, "应是一个对象");
        bool inclusion = value_get(&object, STR_LIT("leafIdx")) != NULL;
        uint64_t first, size;
        struct hash a, b, *proof = NULL;
        size_t n;
        if (!get_size(arena, &object, inclusion ? "leafIdx" : "size1", &first, err) ||
                        !get_size(arena, &object, inclusion ? "treeSize" : "size2", &size, err) ||
                        !get_hash(arena, &object, inclusion ? "leafHash" : "root1", &a, err) ||
                        !get_hash(arena, &object, inclusion ? "root" : "root2", &b, err) ||
                        !get_proof(arena, &object, &proof, &n, err))
                return false;
        if (inclusion)
                return merkle_verify_inclusion(LEDGER_SHA256, first, size, &a, proof, n, &b, err);
        return merkle_verify_consistency(LEDGER_SHA256, first, size, proof, n, &a, &b, err);
}

bool hash_probe(struct arena *arena, struct str line, struct str *ret, struct err *err)
{
        struct str hex = str_copy(arena, str_trim(line));
        for (size_t i = 0; i < hex.n; i++)
                if (hex.p[i] >= 'A' && hex.p[i] <= 'F')
                        ((char *)hex.p)[i] |= 0x20;
        struct str bytes = { arena_alloc(arena, hex.n / 2), hex.n / 2 };
        if (!hash_parse_hex(hex, (char *)bytes.p, bytes.n))
                return err_set(err, E_PROBE, "应是成对的十六进制数字");
        struct hash sha256 = hash_bytes(LEDGER_SHA256, bytes), sm3 = hash_bytes(LEDGER_SM3, bytes);
        char *text = arena_alloc(arena, 2 * HASH_HEX + 1);
        hash_write_hex(sha256.b, HASH_BYTES, text);
        text[HASH_HEX] = '\t';
        hash_write_hex(sm3.b, HASH_BYTES, text + HASH_HEX + 1);
        *ret = (struct str){ text, 2 * HASH_HEX + 1 };
        return true;
}
