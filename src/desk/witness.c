#include "desk/witness.h"

#include <assert.h>

#include <openssl/rand.h>

#include "desk/files.h"
#include "desk/log_folder.h"
#include "desk/witness_state.h"

#define KEY_MAGIC "plumbline-witness-key-v1"
#define ID_BYTES  16

static struct str key_path(struct arena *arena, struct str dir)
{
        return log_path(arena, dir, STR_LIT("witness.key"));
}

bool witness_init(struct arena *arena, struct str dir, struct str name, struct note_key *ret,
                struct err *err)
{
        struct note_signer signer;
        uint8_t seed[SIGNATURE_SEED_BYTES];
        char hex[2 * sizeof(seed)];
        if (RAND_bytes(seed, sizeof(seed)) != 1)
                return err_set(err, E_DESK_ENTROPY, "系统没有给出随机数");
        hash_write_hex(seed, sizeof(seed), hex);
        struct str text = str_format(
                        arena, KEY_MAGIC " %.*s %.*s\n", STR_FMT(name), (int)sizeof(hex), hex);
        bool ok = note_cosigner_init(name, seed, &signer, err) && folder_make(dir, 0700, err) &&
                  file_create(key_path(arena, dir), text, 0600, err);
        if (ok)
                *ret = signer.key;
        explicit_bzero(&signer, sizeof(signer));
        explicit_bzero(seed, sizeof(seed));
        explicit_bzero(hex, sizeof(hex));
        explicit_bzero((char *)text.p, text.n);
        return ok;
}

bool witness_signer(struct arena *arena, struct str dir, struct note_signer *ret, struct err *err)
{
        struct str text;
        uint8_t seed[SIGNATURE_SEED_BYTES];
        if (!file_read(arena, key_path(arena, dir), 4096, &text, err))
                return false;
        text = str_trim(text);
        struct str magic = str_split(&text, ' '), name = str_split(&text, ' ');
        if (!str_is(magic, KEY_MAGIC) || !hash_parse_hex(text, seed, sizeof(seed)))
                return err_set(err, E_SITE_KEY, "witness.key");
        bool ok = note_cosigner_init(name, seed, ret, err);
        explicit_bzero(seed, sizeof(seed));
        return ok;
}

bool witness_key(struct arena *arena, struct str dir, struct note_key *ret, struct err *err)
{
        struct note_signer signer;
        if (!witness_signer(arena, dir, &signer, err))
                return false;
        *ret = signer.key;
        explicit_bzero(&signer, sizeof(signer));
        return true;
}

/* The file of a log: its origin may hold any character, so it is named by its hash. */
struct str witness_path(struct arena *arena, struct str dir, struct str origin, const char *tail)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, origin);
        char hex[2 * ID_BYTES];
        hash_write_hex(hash.b, ID_BYTES, hex);
        return str_format(arena, "%.*s/%.*s.%s", STR_FMT(dir), (int)sizeof(hex), hex, tail);
}

bool witness_keep(struct arena *arena, struct str dir, struct str origin, const char *tail,
                struct str note, struct err *err)
{
        return file_replace(witness_path(arena, dir, origin, tail), note, err) &&
               folder_sync(dir, err);
}

static bool check_continuation(struct arena *arena, struct str dir, struct str log,
                const struct log_check *given, struct log_checked *ret, struct err *err)
{
        struct log_check check = *given;
        struct str origin = check.keys[0].name,
                   last = witness_path(arena, dir, origin, "checkpoint");
        check.sample = 0;
        if (!file_read(arena, last, NOTE_BYTES_MAX, &check.from, err)) {
                if (err->code != E_NOT_FOUND)
                        return false;
                check.from = (struct str){ NULL, 0 };
        }
        if (log_check(arena, log, &check, ret, err))
                return witness_keep(arena, dir, origin, "checkpoint", ret->note, err);
        struct err kept;
        if (err->code == E_LOG_SPLIT &&
                        !witness_keep(arena, dir, origin, "refused", ret->note, &kept))
                *err = kept;
        return false;
}

bool witness_cosign(struct arena *arena, struct str dir, struct str log,
                const struct log_check *check, struct moment now, struct witnessed *ret,
                struct err *err)
{
        assert(arena && check && ret && err);
        struct note_signer signer;
        struct log_checked checked;
        int lock;
        if (!folder_lock(dir, &lock, err))
                return false;
        /* Two heads that both continue the last one must not be cosigned at once. */
        bool ok = witness_signer(arena, dir, &signer, err);
        if (ok) {
                ok = check_continuation(arena, dir, log, check, &checked, err) &&
                     note_cosign(arena, checked.text, now, &signer, &ret->line, err);
                explicit_bzero(&signer, sizeof(signer));
        }
        folder_unlock(lock);
        if (!ok)
                return false;
        ret->head = checked.head;
        ret->before = checked.from;
        ret->note = checked.note;
        return true;
}

/* Text and signatures of a note, without the lines that begin as `line` does up to the
 * second blank: the mark and the name. */
static struct str without(struct arena *arena, struct str note, struct str line)
{
        struct buf buf = BUF(arena);
        struct str rest = line, mark = str_split(&rest, ' '), name = str_split(&rest, ' ');
        struct str begin = str_slice(line, 0, mark.n + name.n + 2);
        while (note.n > 0) {
                struct str one = str_split(&note, '\n');
                if (!str_starts(one, begin)) {
                        buf_str_add(&buf, one);
                        buf_char(&buf, '\n');
                }
        }
        return buf_str(&buf);
}

bool witness_add(struct arena *arena, struct str log, const struct witnessed *witnessed,
                struct err *err)
{
        struct str path = log_path(arena, log, STR_LIT("checkpoint")), now;
        if (!file_read(arena, path, NOTE_BYTES_MAX, &now, err))
                return false;
        if (!str_eq(now, witnessed->note))
                return err_set(err, E_LOG_MOVED, "%.*s", STR_FMT(path));
        struct buf buf = BUF(arena);
        buf_str_add(&buf, without(arena, now, witnessed->line));
        buf_str_add(&buf, witnessed->line);
        return file_replace(path, buf_str(&buf), err);
}
