#include "ledger/consistency.h"

#include <assert.h>

#include "base/value.h"
#include "ledger/proof.h"

struct str consistency_format(struct arena *arena, const struct consistency *c)
{
        struct buf buf = BUF(arena);
        buf_c(&buf, "{\"consistency\":[");
        for (size_t i = 0; i < c->proof.n; i++) {
                char hex[HASH_HEX];
                hash_write_hex(c->proof.hashes[i].b, HASH_BYTES, hex);
                buf_format(&buf, "%s\"%.*s\"", i > 0 ? "," : "", HASH_HEX, hex);
        }
        buf_format(&buf, "],\"format\":\"" CONSISTENCY_FORMAT "\",\"from\":");
        value_write_json_string(&buf, c->from);
        buf_format(&buf, ",\"hash\":\"%s\",\"to\":", hash_name(c->algorithm));
        value_write_json_string(&buf, c->to);
        buf_c(&buf, "}\n");
        return buf_str(&buf);
}

bool consistency_is(struct str text)
{
        return str_starts(text, STR_LIT("{\"consistency\":"));
}

static bool refuse(struct err *err, const char *why)
{
        return err_set(err, E_PROOF, "%s", why);
}

static bool read_text(const struct value *root, const char *name, struct str *ret)
{
        const struct value *text = value_get(root, str_of(name));
        if (text == NULL || text->kind != VALUE_STRING)
                return false;
        *ret = text->string;
        return true;
}

static bool read_hashes(const struct value *list, struct merkle_proof *ret)
{
        if (list == NULL || list->kind != VALUE_LIST || list->list.n > MERKLE_PROOF_MAX)
                return false;
        ret->n = list->list.n;
        for (size_t i = 0; i < ret->n; i++)
                if (list->list.items[i].kind != VALUE_STRING ||
                                !hash_parse_hex(list->list.items[i].string, ret->hashes[i].b,
                                                HASH_BYTES))
                        return false;
        return true;
}

/* Read leniently and written again: only what we would have written ourselves comes back. */
static bool parse(struct arena *arena, struct str text, struct consistency *ret, struct err *err)
{
        struct value root;
        struct str format, hash;
        if (text.n > PROOF_BYTES_MAX)
                return refuse(err, "证明太长");
        if (!value_parse_json(arena, text, &root, err))
                return false;
        if (root.kind != VALUE_CONTEXT || !read_text(&root, "format", &format) ||
                        !str_is(format, CONSISTENCY_FORMAT))
                return refuse(err, "格式应为 " CONSISTENCY_FORMAT);
        if (!read_text(&root, "hash", &hash) || !hash_by_name(hash, &ret->algorithm) ||
                        !hash_is_available(ret->algorithm))
                return refuse(err, "不支持的哈希算法");
        if (!read_text(&root, "from", &ret->from) || !read_text(&root, "to", &ret->to) ||
                        !read_hashes(value_get(&root, STR_LIT("consistency")), &ret->proof))
                return refuse(err, "缺少存证点或哈希");
        return str_eq(consistency_format(arena, ret), text) || refuse(err, "不是规范 JSON 加换行");
}

bool consistency_check(struct arena *arena, struct str text, const struct note_key *keys,
                size_t n_keys, struct checkpoint *ret_from, struct checkpoint *ret_to,
                struct err *err)
{
        assert(arena && n_keys != 0 && ret_from && ret_to && err);
        struct consistency c;
        struct checkpoint from, to;
        if (!parse(arena, text, &c, err) ||
                        !checkpoint_open(arena, c.from, keys[0].name, keys, n_keys, &from, err) ||
                        !checkpoint_open(arena, c.to, keys[0].name, keys, n_keys, &to, err) ||
                        !merkle_verify_consistency(c.algorithm, from.size, to.size, c.proof.hashes,
                                        c.proof.n, &from.root, &to.root, err))
                return false;
        *ret_from = from;
        *ret_to = to;
        return true;
}
