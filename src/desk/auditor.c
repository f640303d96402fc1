#include "desk/auditor.h"

#include <assert.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "desk/files.h"
#include "ledger/hash.h"

#define FILE_BYTES_MAX (AUDITORS_MAX * (AUDITOR_NAME_BYTES_MAX + HASH_HEX + 2))

static struct str path_of(struct arena *arena, struct str dir)
{
        return str_format(arena, "%.*s/keys/auditors", STR_FMT(dir));
}

/* Lines; none where there is no file. */
static bool read_lines(struct arena *arena, struct str dir, struct str *ret, struct err *err)
{
        *ret = STR_LIT("");
        if (dir.n == 0) /* a site in memory has no files, and so no auditors */
                return true;
        return file_read(arena, path_of(arena, dir), FILE_BYTES_MAX, ret, err) ||
               err->code == E_NOT_FOUND;
}

static bool write_lines(struct arena *arena, struct str dir, struct str text, struct err *err)
{
        return file_replace(path_of(arena, dir), text, err) &&
               folder_sync(str_format(arena, "%.*s/keys", STR_FMT(dir)), err);
}

static struct str next_line(struct str *text, struct str *ret_hash)
{
        struct str rest = str_split(text, '\n'), name = str_split(&rest, ' ');
        *ret_hash = rest;
        return name;
}

static struct str hash_of(struct arena *arena, struct str token)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, token);
        char *hex = arena_alloc(arena, HASH_HEX);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        return (struct str){ hex, HASH_HEX };
}

/* The lines without that of `name`. */
static struct str without(struct arena *arena, struct str text, struct str name, size_t *ret_n)
{
        struct buf buf = BUF(arena);
        *ret_n = 0;
        while (text.n > 0) {
                struct str hash, one = next_line(&text, &hash);
                if (one.n == 0 || str_eq(one, name))
                        continue;
                buf_format(&buf, "%.*s %.*s\n", STR_FMT(one), STR_FMT(hash));
                ++*ret_n;
        }
        return buf_str(&buf);
}

static bool is_name(struct str name)
{
        for (size_t i = 0; i < name.n; i++)
                if ((uint8_t)name.p[i] <= ' ' || name.p[i] == 0x7F)
                        return false;
        return name.n > 0 && name.n <= AUDITOR_NAME_BYTES_MAX;
}

bool auditor_add(struct arena *arena, struct str dir, struct str name, struct str *ret_token,
                struct err *err)
{
        uint8_t secret[HASH_BYTES];
        char *hex = arena_alloc(arena, HASH_HEX);
        struct str text, token = { hex, HASH_HEX };
        size_t n;
        if (!is_name(name))
                return err_set(err, E_AUDITOR_NAME, "%.*s", STR_FMT(name));
        if (RAND_bytes(secret, sizeof(secret)) != 1)
                return err_set(err, E_DESK_ENTROPY, "系统没有给出随机数");
        hash_write_hex(secret, sizeof(secret), hex);
        explicit_bzero(secret, sizeof(secret));
        if (!read_lines(arena, dir, &text, err))
                return false;
        text = without(arena, text, name, &n);
        if (n == AUDITORS_MAX)
                return err_set(err, E_LIMIT, "审计人员最多 %u 名", AUDITORS_MAX);
        struct str line = str_format(arena, "%.*s%.*s %.*s\n", STR_FMT(text), STR_FMT(name),
                        STR_FMT(hash_of(arena, token)));
        if (!write_lines(arena, dir, line, err))
                return false;
        *ret_token = token;
        return true;
}

bool auditor_end(struct arena *arena, struct str dir, struct str name, struct err *err)
{
        struct str text;
        size_t n;
        if (!read_lines(arena, dir, &text, err))
                return false;
        struct str rest = without(arena, text, name, &n);
        if (rest.n == text.n)
                return err_set(err, E_NOT_FOUND, "没有审计人员 %.*s", STR_FMT(name));
        return write_lines(arena, dir, rest, err);
}

bool auditor_find(struct arena *arena, struct str dir, struct str token, struct str *ret_name,
                struct err *err)
{
        struct str text, hash, own = hash_of(arena, token), found = { NULL, 0 };
        if (!read_lines(arena, dir, &text, err))
                return false;
        while (text.n > 0) {
                struct str name = next_line(&text, &hash);
                if (hash.n == own.n && CRYPTO_memcmp(hash.p, own.p, own.n) == 0)
                        found = name;
        }
        if (found.n == 0)
                return err_set(err, E_NOT_FOUND, "不是审计令牌");
        *ret_name = str_copy(arena, found);
        return true;
}
