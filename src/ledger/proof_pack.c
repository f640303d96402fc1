#include "ledger/proof_pack.h"

#include <assert.h>

#define SALT_BYTES 16u

static const char base45[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

static bool refuse(struct err *err, const char *why)
{
        return err_set(err, E_PROOF, "%s", why);
}

/* ---- Base45: two bytes are three characters, a last one is two ---- */

static void write_base45(struct buf *buf, const uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i += 2) {
                unsigned v = i + 1 < n ? bytes[i] * 256u + bytes[i + 1] : bytes[i];
                buf_char(buf, base45[v % 45]);
                buf_char(buf, base45[v / 45 % 45]);
                if (i + 1 < n)
                        buf_char(buf, base45[v / 2025]);
        }
}

static bool read_base45(struct arena *arena, struct str text, struct str *ret)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < text.n; i += 3) {
                unsigned v = 0, unit = 1;
                size_t n = text.n - i < 3 ? text.n - i : 3;
                for (size_t k = 0; k < n; k++, unit *= 45) {
                        const char *at = memchr(base45, text.p[i + k], sizeof(base45) - 1);
                        if (at == NULL)
                                return false;
                        v += (unsigned)(at - base45) * unit;
                }
                if (n == 1 || v > (n == 3 ? 0xFFFFu : 0xFFu))
                        return false;
                if (n == 3)
                        buf_char(&buf, (char)(v >> 8));
                buf_char(&buf, (char)v);
        }
        *ret = buf_str(&buf);
        return true;
}

/* ---- Packing ---- */

static void add_number(struct buf *buf, size_t value, size_t bytes)
{
        while (bytes-- > 0)
                buf_char(buf, (char)(value >> (8 * bytes)));
}

static bool add_text(struct buf *buf, struct str text, size_t bytes)
{
        if (text.n >> (8 * bytes) != 0)
                return false;
        add_number(buf, text.n, bytes);
        buf_str_add(buf, text);
        return true;
}

static bool add_hex(struct buf *buf, const struct value *hex, size_t n)
{
        uint8_t bytes[HASH_BYTES];
        assert(n <= sizeof(bytes));
        if (hex == NULL || hex->kind != VALUE_STRING || !hash_parse_hex(hex->string, bytes, n))
                return false;
        buf_add(buf, bytes, n);
        return true;
}

static bool add_hashes(struct buf *buf, const struct value *list, size_t bytes)
{
        if (list == NULL || list->kind != VALUE_LIST || list->list.n >> (8 * bytes) != 0)
                return false;
        add_number(buf, list->list.n, bytes);
        for (size_t i = 0; i < list->list.n; i++)
                if (!add_hex(buf, &list->list.items[i], HASH_BYTES))
                        return false;
        return true;
}

static bool add_field(struct buf *buf, const struct value *field)
{
        const struct value *name = value_get(field, STR_LIT("name"));
        const struct value *value = value_get(field, STR_LIT("value"));
        struct buf json = BUF(buf->arena);
        if (name == NULL || name->kind != VALUE_STRING || value == NULL)
                return false;
        value_write_json(&json, value);
        return add_text(buf, name->string, 1) &&
               add_hex(buf, value_get(field, STR_LIT("salt")), SALT_BYTES) &&
               add_text(buf, buf_str(&json), 2);
}

static bool add_fields(struct buf *buf, const struct value *fields)
{
        if (fields == NULL)
                return false;
        buf_char(buf, fields->kind == VALUE_CONTEXT);
        if (fields->kind != VALUE_CONTEXT)
                return true;
        const struct value *shown = value_get(fields, STR_LIT("fields"));
        if (!add_hashes(buf, value_get(fields, STR_LIT("digests")), 2) || shown == NULL ||
                        shown->kind != VALUE_LIST || shown->list.n > UINT16_MAX)
                return false;
        add_number(buf, shown->list.n, 2);
        for (size_t i = 0; i < shown->list.n; i++)
                if (shown->list.items[i].kind != VALUE_CONTEXT ||
                                !add_field(buf, &shown->list.items[i]))
                        return false;
        return true;
}

static bool add_string(struct buf *buf, const struct value *root, const char *name)
{
        const struct value *text = value_get(root, str_of(name));
        return text != NULL && text->kind == VALUE_STRING && add_text(buf, text->string, 2);
}

bool proof_pack(struct arena *arena, struct str text, struct str *ret, struct err *err)
{
        assert(arena && ret && err);
        struct value root;
        struct buf bytes = BUF(arena), buf = BUF(arena);
        struct str again;
        enum ledger_hash hash;
        if (!value_parse_json(arena, text, &root, err))
                return false;
        if (root.kind != VALUE_CONTEXT)
                return refuse(err, "不是证明文件");
        const struct value *name = value_get(&root, STR_LIT("hash"));
        if (name == NULL || name->kind != VALUE_STRING || !hash_by_name(name->string, &hash))
                return refuse(err, "不支持的哈希算法");
        add_number(&bytes, hash == LEDGER_SM3, 1);
        if (!add_string(&bytes, &root, "checkpoint") || !add_string(&bytes, &root, "leaf") ||
                        !add_hashes(&bytes, value_get(&root, STR_LIT("inclusion")), 1) ||
                        !add_fields(&bytes, value_get(&root, STR_LIT("fields"))))
                return refuse(err, "内容放不进二维码的格式");
        buf_c(&buf, PROOF_PACK_PREFIX);
        write_base45(&buf, (const uint8_t *)bytes.p, bytes.n);
        /* What does not come back as it was is not handed out. */
        if (!proof_unpack(arena, buf_str(&buf), &again, err))
                return false;
        if (!str_eq(again, text))
                return refuse(err, "不是规范的证明文件");
        *ret = buf_str(&buf);
        return true;
}

/* ---- Unpacking ---- */

static bool take(struct str *rest, size_t n, struct str *ret)
{
        if (rest->n < n)
                return false;
        *ret = str_slice(*rest, 0, n);
        *rest = str_slice(*rest, n, rest->n);
        return true;
}

static bool take_number(struct str *rest, size_t bytes, size_t *ret)
{
        struct str digits;
        if (!take(rest, bytes, &digits))
                return false;
        *ret = 0;
        for (size_t i = 0; i < bytes; i++)
                *ret = *ret << 8 | (uint8_t)digits.p[i];
        return true;
}

static bool take_text(struct str *rest, size_t bytes, struct str *ret)
{
        size_t n;
        return take_number(rest, bytes, &n) && take(rest, n, ret);
}

static void write_hex(struct buf *buf, struct str bytes)
{
        char hex[HASH_HEX];
        assert(bytes.n <= HASH_BYTES);
        hash_write_hex(bytes.p, bytes.n, hex);
        buf_char(buf, '"');
        buf_add(buf, hex, 2 * bytes.n);
        buf_char(buf, '"');
}

static bool unpack_hashes(struct str *rest, size_t bytes, struct buf *buf)
{
        size_t n;
        if (!take_number(rest, bytes, &n))
                return false;
        buf_char(buf, '[');
        for (size_t i = 0; i < n; i++) {
                struct str hash;
                if (!take(rest, HASH_BYTES, &hash))
                        return false;
                if (i > 0)
                        buf_char(buf, ',');
                write_hex(buf, hash);
        }
        buf_char(buf, ']');
        return true;
}

static bool unpack_fields(struct str *rest, const char *hash, struct buf *buf)
{
        struct str name, salt, value;
        size_t has, n;
        if (!take_number(rest, 1, &has) || has > 1)
                return false;
        if (has == 0) {
                buf_c(buf, "null");
                return true;
        }
        buf_c(buf, "{\"digests\":");
        if (!unpack_hashes(rest, 2, buf) || !take_number(rest, 2, &n))
                return false;
        buf_c(buf, ",\"fields\":[");
        for (size_t i = 0; i < n; i++) {
                if (!take_text(rest, 1, &name) || !take(rest, SALT_BYTES, &salt) ||
                                !take_text(rest, 2, &value))
                        return false;
                buf_c(buf, i > 0 ? ",{\"name\":" : "{\"name\":");
                value_write_json_string(buf, name);
                buf_c(buf, ",\"salt\":");
                write_hex(buf, salt);
                buf_c(buf, ",\"value\":");
                buf_str_add(buf, value);
                buf_char(buf, '}');
        }
        buf_format(buf, "],\"hash\":\"%s\"}", hash);
        return true;
}

bool proof_unpack(struct arena *arena, struct str packed, struct str *ret, struct err *err)
{
        assert(arena && ret && err);
        struct str prefix = STR_LIT(PROOF_PACK_PREFIX), rest, note, leaf;
        struct buf path = BUF(arena), fields = BUF(arena), buf = BUF(arena);
        size_t hash;
        packed = str_trim(packed);
        if (packed.n > 2 * PROOF_QR_MAX * 100 || !str_starts(packed, prefix) ||
                        !read_base45(arena, str_slice(packed, prefix.n, packed.n), &rest))
                return refuse(err, "不是二维码中的证明");
        if (!take_number(&rest, 1, &hash) || hash > 1 || !take_text(&rest, 2, &note) ||
                        !take_text(&rest, 2, &leaf) || !unpack_hashes(&rest, 1, &path) ||
                        !unpack_fields(&rest, hash_name((enum ledger_hash)hash), &fields) ||
                        rest.n != 0 || !str_is_utf8(note) || !str_is_utf8(leaf))
                return refuse(err, "二维码中的证明不完整");
        buf_c(&buf, "{\"checkpoint\":");
        value_write_json_string(&buf, note);
        buf_format(&buf, ",\"fields\":%.*s,\"format\":\"" PROOF_FORMAT "\",\"hash\":\"%s\"",
                        STR_FMT(buf_str(&fields)), hash_name((enum ledger_hash)hash));
        buf_format(&buf, ",\"inclusion\":%.*s,\"leaf\":", STR_FMT(buf_str(&path)));
        value_write_json_string(&buf, leaf);
        buf_c(&buf, "}\n");
        *ret = buf_str(&buf);
        return true;
}
