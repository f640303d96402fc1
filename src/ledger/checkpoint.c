#include "ledger/checkpoint.h"

#include <assert.h>
#include <inttypes.h>

bool checkpoint_sign(struct arena *arena, const struct checkpoint *checkpoint,
                const struct note_signer *signer, struct str *ret, struct err *err)
{
        assert(arena && checkpoint && signer && ret && err);
        struct str origin = checkpoint->origin;
        if (origin.n == 0 || memchr(origin.p, '\n', origin.n) != NULL)
                return err_set(err, E_CHECKPOINT, "来源名称应是一行文字");
        struct buf buf = BUF(arena);
        buf_str_add(&buf, origin);
        buf_format(&buf, "\n%" PRIu64 "\n", checkpoint->size);
        buf_str_add(&buf, hash_base64(arena, checkpoint->root.b, HASH_BYTES));
        buf_char(&buf, '\n');
        return note_sign(arena, buf_str(&buf), signer, ret, err);
}

/* Decimal, without leading zeros, below 2^63. */
static bool parse_size(struct str text, uint64_t *ret)
{
        int64_t size;
        if (text.n == 0 || text.p[0] == '-' || (text.n > 1 && text.p[0] == '0') ||
                        !str_to_int(text, &size))
                return false;
        *ret = (uint64_t)size;
        return true;
}

bool checkpoint_parse(struct arena *arena, struct str text, struct checkpoint *ret, struct err *err)
{
        assert(arena && ret && err);
        if (text.n == 0 || text.p[text.n - 1] != '\n')
                return err_set(err, E_CHECKPOINT, "应以换行结尾");
        struct str rest = str_slice(text, 0, text.n - 1), root;
        struct checkpoint checkpoint = { .origin = str_split(&rest, '\n') };
        if (checkpoint.origin.n == 0)
                return err_set(err, E_CHECKPOINT, "没有来源名称");
        if (!parse_size(str_split(&rest, '\n'), &checkpoint.size))
                return err_set(err, E_CHECKPOINT, "条数不正确");
        if (!hash_parse_base64(arena, str_split(&rest, '\n'), &root) || root.n != HASH_BYTES)
                return err_set(err, E_CHECKPOINT, "根哈希不正确");
        memcpy(checkpoint.root.b, root.p, HASH_BYTES);
        while (rest.p != NULL)
                if (str_split(&rest, '\n').n == 0)
                        return err_set(err, E_CHECKPOINT, "扩展行不能为空");
        *ret = checkpoint;
        return true;
}

bool checkpoint_open(struct arena *arena, struct str note, struct str origin,
                const struct note_key *keys, size_t n_keys, struct checkpoint *ret, struct err *err)
{
        struct str text;
        struct checkpoint checkpoint;
        for (size_t i = 0; i < n_keys; i++)
                if (keys[i].algorithm == SIGNATURE_COSIGNATURE)
                        return err_set(err, E_NOTE_KEY, "%.*s 是见证人的密钥",
                                        STR_FMT(keys[i].name));
        if (!note_open(arena, note, keys, n_keys, &text, err) ||
                        !checkpoint_parse(arena, text, &checkpoint, err))
                return false;
        if (origin.n != 0 && !str_eq(origin, checkpoint.origin))
                return err_set(err, E_CHECKPOINT, "来源是 %.*s", STR_FMT(checkpoint.origin));
        *ret = checkpoint;
        return true;
}
