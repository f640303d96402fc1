/* Field proofs: the declarations stand in ledger/event.h, beside what they prove. */
#include <assert.h>
#include <stdlib.h>

#include "ledger/commitment.h"
#include "ledger/event.h"
#include "ledger/fields.h"

#define SALT_HEX (2 * EVENT_SALT_BYTES)

static int by_name(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static struct value hex_value(struct arena *arena, const void *bytes, size_t n)
{
        char *hex = arena_alloc(arena, 2 * n);
        hash_write_hex(bytes, n, hex);
        return value_string((struct str){ hex, 2 * n });
}

/* {"name":..,"salt":..,"value":..}; the value is copied as the bytes that were hashed. */
static void write_field(struct buf *buf, const struct salt *salt, struct str name, struct str value)
{
        char hex[SALT_HEX];
        hash_write_hex(salt->b, sizeof(salt->b), hex);
        buf_c(buf, "{\"name\":\"");
        buf_str_add(buf, name);
        buf_c(buf, "\",\"salt\":\"");
        buf_add(buf, hex, sizeof(hex));
        buf_c(buf, "\",\"value\":");
        buf_str_add(buf, value);
        buf_char(buf, '}');
}

/* The fields asked for, in the order of the disclosed text; both lists ascend. */
static bool write_fields(struct buf *buf, const struct hmac *key, struct str disclosed,
                const struct str *names, size_t n_names, struct err *err)
{
        struct fields fields = fields_of(disclosed);
        struct str name, value;
        size_t i = 0;
        while (i < n_names && fields_next(&fields, &name, &value, err) == FIELDS_ONE) {
                if (!str_eq(name, names[i]))
                        continue;
                struct salt salt = field_salt(key, name);
                buf_c(buf, i == 0 ? "" : ",");
                write_field(buf, &salt, name, value);
                i++;
        }
        if (i < n_names)
                return err_field(err, E_EVENT_NO_FIELD, names[i], "没有这个字段，或者名称重复");
        return true;
}

bool ledger_prove_fields(struct arena *arena, enum ledger_hash algorithm, const struct leaf *leaf,
                struct str disclosed, const uint8_t secret[EVENT_SECRET_BYTES],
                const struct str *names, size_t n_names, struct str *ret, struct err *err)
{
        assert(arena && leaf && ret && err);
        if (n_names == 0 || n_names > LIMIT_EVENT_FIELDS)
                return err_set(err, E_EVENT_NO_FIELD, "请指明要证明的字段");
        struct commitment commitment;
        if (!commitment_read(&commitment, algorithm, secret, disclosed, err))
                return false;
        struct hash data = commitment_finish(&commitment);
        if (!hash_eq(&data, &leaf->data))
                return err_set(err, E_EVENT_CHANGED, "第 %lld 条", (long long)leaf->seq);

        struct str *sorted = arena_new_array(arena, n_names, struct str);
        memcpy(sorted, names, n_names * sizeof(*sorted));
        qsort(sorted, n_names, sizeof(*sorted), by_name);

        struct value *digests = arena_new_array(arena, commitment.n, struct value);
        for (size_t i = 0; i < commitment.n; i++)
                digests[i] = hex_value(arena, commitment.digests[i].b, HASH_BYTES);
        struct value list = value_list(digests, commitment.n);
        struct buf buf = BUF(arena);
        buf_c(&buf, "{\"digests\":");
        value_write_json(&buf, &list);
        buf_c(&buf, ",\"fields\":[");
        if (!write_fields(&buf, &commitment.key, disclosed, sorted, n_names, err))
                return false;
        buf_c(&buf, "],\"hash\":\"");
        buf_c(&buf, hash_name(algorithm));
        buf_c(&buf, "\"}");
        *ret = buf_str(&buf);
        return true;
}

static bool refuse(struct err *err, const char *why)
{
        return err_set(err, E_FIELD_PROOF, "%s", why);
}

static const struct value *get(const struct value *context, const char *name, enum value_kind kind)
{
        const struct value *value = value_get(context, str_of(name));
        return value != NULL && value->kind == kind ? value : NULL;
}

/* The digests, ascending; together they must be what the leaf committed to. */
static bool read_digests(enum ledger_hash algorithm, const struct leaf *leaf,
                const struct value *list, struct commitment *ret, struct err *err)
{
        ret->algorithm = algorithm;
        ret->n = 0;
        if (list->list.n > LIMIT_EVENT_FIELDS)
                return refuse(err, "摘要太多");
        for (size_t i = 0; i < list->list.n; i++) {
                const struct value *item = &list->list.items[i];
                struct hash *digest = &ret->digests[ret->n++];
                if (item->kind != VALUE_STRING ||
                                !hash_parse_hex(item->string, digest->b, HASH_BYTES))
                        return refuse(err, "摘要不是 64 位小写十六进制");
                if (i != 0 && memcmp(digest[-1].b, digest->b, HASH_BYTES) >= 0)
                        return refuse(err, "摘要没有按次序排列");
        }
        struct hash data = commitment_finish(ret);
        return hash_eq(&data, &leaf->data) || refuse(err, "摘要与存证条目不符");
}

static bool is_listed(const struct commitment *commitment, const struct hash *digest)
{
        for (size_t i = 0; i < commitment->n; i++)
                if (hash_eq(&commitment->digests[i], digest))
                        return true;
        return false;
}

static bool read_field(struct arena *arena, const struct commitment *commitment,
                const struct value *item, struct member *ret, struct err *err)
{
        if (item->kind != VALUE_CONTEXT || item->context.n != 3)
                return refuse(err, "字段应有名称、盐和值");
        const struct value *name = get(item, "name", VALUE_STRING);
        const struct value *hex = get(item, "salt", VALUE_STRING);
        const struct value *value = value_get(item, STR_LIT("value"));
        struct salt salt;
        if (name == NULL || hex == NULL || value == NULL)
                return refuse(err, "字段应有名称、盐和值");
        if (name->string.n == 0 || name->string.n > LIMIT_KEY_BYTES ||
                        !fields_is_plain(name->string))
                return refuse(err, "字段名称不正确");
        if (!hash_parse_hex(hex->string, salt.b, sizeof(salt.b)))
                return refuse(err, "盐不是 32 位小写十六进制");
        struct buf buf = BUF(arena);
        value_write_json(&buf, value);
        struct hash digest =
                        field_digest(commitment->algorithm, &salt, name->string, buf_str(&buf));
        if (!is_listed(commitment, &digest))
                return err_field(err, E_FIELD_PROOF, name->string, "名称或值与存证不符");
        *ret = (struct member){ name->string, *value };
        return true;
}

static bool read_proof(struct arena *arena, struct str proof, struct value *ret, struct err *err)
{
        if (proof.n > 2 * LIMIT_EVENT_BYTES)
                return refuse(err, "证明太长");
        if (!value_parse_json(arena, proof, ret, err))
                return false;
        struct buf buf = BUF(arena);
        value_write_json(&buf, ret);
        return str_eq(buf_str(&buf), proof) || refuse(err, "不是规范 JSON");
}

bool ledger_check_fields(struct arena *arena, enum ledger_hash algorithm, const struct leaf *leaf,
                struct str proof, struct value *ret, struct err *err)
{
        assert(arena && leaf && ret && err);
        struct value root;
        if (!read_proof(arena, proof, &root, err))
                return false;
        const struct value *digests = NULL, *fields = NULL, *name = NULL;
        if (root.kind == VALUE_CONTEXT && root.context.n == 3) {
                digests = get(&root, "digests", VALUE_LIST);
                fields = get(&root, "fields", VALUE_LIST);
                name = get(&root, "hash", VALUE_STRING);
        }
        if (digests == NULL || fields == NULL || name == NULL || fields->list.n == 0)
                return refuse(err, "应有 digests、fields 和 hash");
        if (!str_is(name->string, hash_name(algorithm)))
                return refuse(err, "哈希算法与账本不同");
        struct commitment commitment;
        if (!read_digests(algorithm, leaf, digests, &commitment, err))
                return false;

        size_t n = fields->list.n;
        if (n > commitment.n)
                return refuse(err, "字段比摘要多");
        struct member *members = arena_new_array(arena, n, struct member);
        for (size_t i = 0; i < n; i++) {
                if (!read_field(arena, &commitment, &fields->list.items[i], &members[i], err))
                        return false;
                if (i != 0 && str_cmp(members[i - 1].name, members[i].name) >= 0)
                        return refuse(err, "字段没有按名称排列");
        }
        *ret = value_context(members, n);
        return true;
}

static bool is_named(struct str name, const struct str *names, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(names[i], name))
                        return true;
        return false;
}

bool ledger_narrow_proof(struct arena *arena, enum ledger_hash algorithm, const struct leaf *leaf,
                struct str proof, const struct str *names, size_t n_names, struct str *ret,
                struct err *err)
{
        struct value shown, root;
        if (n_names == 0)
                return err_set(err, E_EVENT_NO_FIELD, "请指明要证明的字段");
        if (!ledger_check_fields(arena, algorithm, leaf, proof, &shown, err) ||
                        !value_parse_json(arena, proof, &root, err))
                return false;
        for (size_t i = 0; i < n_names; i++)
                if (value_get(&shown, names[i]) == NULL)
                        return err_field(err, E_EVENT_NO_FIELD, names[i],
                                        "没有这个字段，或者已删除");
        const struct value *fields = get(&root, "fields", VALUE_LIST);
        struct value *kept = arena_new_array(arena, fields->list.n, struct value);
        size_t n = 0;
        for (size_t i = 0; i < fields->list.n; i++)
                if (is_named(shown.context.members[i].name, names, n_names))
                        kept[n++] = fields->list.items[i];
        struct member members[] = {
                { STR_LIT("digests"), *get(&root, "digests", VALUE_LIST) },
                { STR_LIT("fields"), value_list(kept, n) },
                { STR_LIT("hash"), *get(&root, "hash", VALUE_STRING) },
        };
        struct value narrow = value_context(members, N_ELEMENTS(members));
        struct buf buf = BUF(arena);
        value_write_json(&buf, &narrow);
        *ret = buf_str(&buf);
        return true;
}
