#include "ledger/proof.h"

#include <assert.h>

static void write_text(struct buf *buf, const char *before, struct str text)
{
        buf_c(buf, before);
        value_write_json_string(buf, text);
}

struct str proof_format(struct arena *arena, const struct proof *proof)
{
        struct buf buf = BUF(arena);
        write_text(&buf, "{\"checkpoint\":", proof->checkpoint);
        buf_c(&buf, ",\"fields\":");
        buf_str_add(&buf, proof->fields.n != 0 ? proof->fields : STR_LIT("null"));
        write_text(&buf, ",\"format\":", STR_LIT(PROOF_FORMAT));
        write_text(&buf, ",\"hash\":", str_of(hash_name(proof->algorithm)));
        buf_c(&buf, ",\"inclusion\":[");
        for (size_t i = 0; i < proof->inclusion.n; i++) {
                char hex[HASH_HEX];
                hash_write_hex(proof->inclusion.hashes[i].b, HASH_BYTES, hex);
                write_text(&buf, i == 0 ? "" : ",", (struct str){ hex, sizeof(hex) });
        }
        write_text(&buf, "],\"leaf\":", proof->leaf);
        buf_c(&buf, "}\n");
        return buf_str(&buf);
}

static bool refuse(struct err *err, const char *why)
{
        return err_set(err, E_PROOF, "%s", why);
}

/* The members of a canonical text; the field proof becomes text again, for its own check. */
static bool read_members(
                struct arena *arena, const struct value *root, struct proof *ret, struct err *err)
{
        static const struct {
                const char *name;
                enum value_kind kind;
        } members[] = {
                { "checkpoint", VALUE_STRING },
                { "fields", VALUE_CONTEXT },
                { "format", VALUE_STRING },
                { "hash", VALUE_STRING },
                { "inclusion", VALUE_LIST },
                { "leaf", VALUE_STRING },
        };
        const struct value *values[N_ELEMENTS(members)];
        if (root->kind != VALUE_CONTEXT || root->context.n != N_ELEMENTS(members))
                return refuse(err, "成员不全或过多");
        for (size_t i = 0; i < N_ELEMENTS(members); i++) {
                values[i] = value_get(root, str_of(members[i].name));
                if (values[i] == NULL || (values[i]->kind != members[i].kind &&
                                                         !(i == 1 && value_is_null(*values[i]))))
                        return err_field(err, E_PROOF, str_of(members[i].name), "缺少或类型不对");
        }
        if (!str_is(values[2]->string, PROOF_FORMAT))
                return refuse(err, "格式应为 " PROOF_FORMAT);
        if (!hash_by_name(values[3]->string, &ret->algorithm) || !hash_is_available(ret->algorithm))
                return refuse(err, "不支持的哈希算法");
        ret->checkpoint = values[0]->string;
        ret->leaf = values[5]->string;
        struct buf fields = BUF(arena);
        if (values[1]->kind == VALUE_CONTEXT)
                value_write_json(&fields, values[1]);
        ret->fields = buf_str(&fields);
        ret->inclusion.n = values[4]->list.n;
        if (ret->inclusion.n > MERKLE_PROOF_MAX)
                return refuse(err, "包含证明太长");
        for (size_t i = 0; i < ret->inclusion.n; i++) {
                const struct value *item = &values[4]->list.items[i];
                if (item->kind != VALUE_STRING ||
                                !hash_parse_hex(item->string, ret->inclusion.hashes[i].b,
                                                HASH_BYTES))
                        return refuse(err, "哈希不是 64 位小写十六进制");
        }
        return true;
}

static bool parse(struct arena *arena, struct str text, struct proof *ret, struct err *err)
{
        struct value root;
        struct buf again = BUF(arena);
        if (text.n > PROOF_BYTES_MAX)
                return refuse(err, "证明太长");
        if (!value_parse_json(arena, text, &root, err))
                return false;
        value_write_json(&again, &root);
        buf_char(&again, '\n');
        return str_eq(buf_str(&again), text) ? read_members(arena, &root, ret, err)
                                             : refuse(err, "不是规范 JSON 加换行");
}

bool proof_check(struct arena *arena, struct str text, const struct note_key *keys, size_t n_keys,
                struct proof_shown *ret, struct err *err)
{
        assert(arena && n_keys != 0 && ret && err);
        struct proof proof;
        if (!parse(arena, text, &proof, err))
                return false;
        struct proof_shown shown = { .algorithm = proof.algorithm,
                .note = proof.checkpoint,
                .fields = value_context(NULL, 0) };
        if (!checkpoint_open(arena, proof.checkpoint, keys[0].name, keys, n_keys, &shown.head,
                            err) ||
                        !ledger_parse_leaf(proof.leaf, &shown.leaf, err))
                return false;
        struct hash leaf = merkle_leaf(proof.algorithm, proof.leaf);
        if (!merkle_verify_inclusion(proof.algorithm, (uint64_t)shown.leaf.seq, shown.head.size,
                            &leaf, proof.inclusion.hashes, proof.inclusion.n, &shown.head.root,
                            err))
                return false;
        if (proof.fields.n != 0 && !ledger_check_fields(arena, proof.algorithm, &shown.leaf,
                                                   proof.fields, &shown.fields, err))
                return false;
        *ret = shown;
        return true;
}
