#include "ledger/note.h"

#include <assert.h>
#include <inttypes.h>

#include "ledger/hash.h"

#define TIME_BYTES 8u
#define DASH       "\xe2\x80\x94 " /* em dash and a space */

static bool is_space(uint32_t c)
{
        return c <= 0x20 || c == 0x7F || (c >= 0x80 && c <= 0xA0) || c == 0x1680 ||
               (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
               c == 0x205F || c == 0x3000;
}

static bool is_name(struct str name)
{
        if (name.n == 0 || name.n > NOTE_NAME_BYTES_MAX || !str_is_utf8(name))
                return false;
        for (size_t at = 0; at < name.n;) {
                uint32_t c = str_code_point(name, &at);
                if (c == '+' || is_space(c))
                        return false;
        }
        return true;
}

/* UTF-8 without control characters other than the line end. */
static bool is_note_text(struct str text)
{
        for (size_t i = 0; i < text.n; i++)
                if ((unsigned char)text.p[i] < 0x20 && text.p[i] != '\n')
                        return false;
        return str_is_utf8(text);
}

static void compute_id(struct note_key *key)
{
        struct str type = signature_type(key->algorithm);
        struct hasher hasher;
        hasher_start(&hasher, LEDGER_SHA256);
        hasher_add(&hasher, key->name.p, key->name.n);
        hasher_add(&hasher, "\n", 1);
        hasher_add(&hasher, type.p, type.n);
        hasher_add(&hasher, key->public_key, signature_public_bytes(key->algorithm));
        struct hash hash = hasher_finish(&hasher);
        memcpy(key->id, hash.b, sizeof(key->id));
}

static bool init_signer(struct str name, enum signature_algorithm algorithm,
                const uint8_t seed[SIGNATURE_SEED_BYTES], struct note_signer *ret, struct err *err)
{
        if (!is_name(name))
                return err_set(err, E_NOTE_KEY, "名称不能为空，不能有空格或加号");
        if (!signature_is_seed(algorithm, seed))
                return err_set(err, E_NOTE_KEY, "这个随机数不能作私钥");
        struct note_signer signer = { .key = { .name = name, .algorithm = algorithm } };
        memcpy(signer.seed, seed, SIGNATURE_SEED_BYTES);
        signature_public(signer.key.algorithm, seed, signer.key.public_key);
        compute_id(&signer.key);
        *ret = signer;
        return true;
}

bool note_signer_init(struct str name, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct note_signer *ret, struct err *err)
{
        return init_signer(name, SIGNATURE_ED25519, seed, ret, err);
}

bool note_sm2_signer_init(struct str name, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct note_signer *ret, struct err *err)
{
        return init_signer(name, SIGNATURE_SM2, seed, ret, err);
}

bool note_cosigner_init(struct str name, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct note_signer *ret, struct err *err)
{
        return init_signer(name, SIGNATURE_COSIGNATURE, seed, ret, err);
}

struct str note_key_format(struct arena *arena, const struct note_key *key)
{
        struct buf bytes = BUF(arena);
        buf_str_add(&bytes, signature_type(key->algorithm));
        buf_add(&bytes, key->public_key, signature_public_bytes(key->algorithm));
        char id[2 * sizeof(key->id)];
        hash_write_hex(key->id, sizeof(key->id), id);
        struct buf buf = BUF(arena);
        buf_str_add(&buf, key->name);
        buf_char(&buf, '+');
        buf_add(&buf, id, sizeof(id));
        buf_char(&buf, '+');
        buf_str_add(&buf, hash_base64(arena, bytes.p, bytes.n));
        return buf_str(&buf);
}

bool note_key_parse(struct arena *arena, struct str text, struct note_key *ret, struct err *err)
{
        assert(arena && ret && err);
        struct str rest = text, bytes, public_key;
        struct note_key key = { .name = str_split(&rest, '+') };
        struct str id = str_split(&rest, '+');
        uint8_t told[sizeof(key.id)];
        if (!is_name(key.name))
                return err_set(err, E_NOTE_KEY, "名称不正确");
        if (!hash_parse_hex(id, told, sizeof(told)))
                return err_set(err, E_NOTE_KEY, "编号不是 8 位十六进制");
        if (rest.p == NULL || !hash_parse_base64(arena, rest, &bytes))
                return err_set(err, E_NOTE_KEY, "公钥不是 Base64");
        if (!signature_parse_key(bytes, &key.algorithm, &public_key))
                return err_set(err, E_NOTE_KEY, "不支持的签名算法");
        memcpy(key.public_key, public_key.p, public_key.n);
        compute_id(&key);
        if (memcmp(told, key.id, sizeof(told)) != 0)
                return err_set(err, E_NOTE_KEY, "编号与公钥不符");
        *ret = key;
        return true;
}

static void add_line(struct buf *buf, const struct note_key *key, const void *bytes, size_t n)
{
        buf_c(buf, DASH);
        buf_str_add(buf, key->name);
        buf_char(buf, ' ');
        buf_str_add(buf, hash_base64(buf->arena, bytes, n));
        buf_char(buf, '\n');
}

static struct str timed(struct arena *arena, uint64_t time, struct str text)
{
        return str_format(arena, "cosignature/v1\ntime %" PRIu64 "\n%.*s", time, STR_FMT(text));
}

bool note_cosign(struct arena *arena, struct str text, struct moment time,
                const struct note_signer *signer, struct str *ret, struct err *err)
{
        assert(arena && signer && signer->key.algorithm == SIGNATURE_COSIGNATURE && ret && err);
        if (text.n == 0 || text.n > NOTE_BYTES_MAX - 1000 || text.p[text.n - 1] != '\n' ||
                        !is_note_text(text) || time.second < 0)
                return err_set(err, E_NOTE, "正文或时间不正确");
        uint8_t bytes[sizeof(signer->key.id) + TIME_BYTES + SIGNATURE_BYTES];
        uint8_t *to = bytes + sizeof(signer->key.id);
        uint64_t second = (uint64_t)time.second;
        memcpy(bytes, signer->key.id, sizeof(signer->key.id));
        for (size_t i = 0; i < TIME_BYTES; i++)
                to[i] = (uint8_t)(second >> (56 - 8 * i));
        signature_sign(signer->key.algorithm, signer->seed, timed(arena, second, text),
                        to + TIME_BYTES);
        struct buf buf = BUF(arena);
        add_line(&buf, &signer->key, bytes, sizeof(bytes));
        *ret = buf_str(&buf);
        return true;
}

static void add_signature(struct buf *buf, struct str text, const struct note_signer *signer)
{
        uint8_t bytes[sizeof(signer->key.id) + SIGNATURE_BYTES];
        memcpy(bytes, signer->key.id, sizeof(signer->key.id));
        signature_sign(signer->key.algorithm, signer->seed, text, bytes + sizeof(signer->key.id));
        add_line(buf, &signer->key, bytes, sizeof(bytes));
}

bool note_sign(struct arena *arena, struct str text, const struct note_signer *signer,
                struct str *ret, struct err *err)
{
        assert(arena && signer && signer->key.algorithm != SIGNATURE_COSIGNATURE && ret && err);
        if (text.n == 0 || text.n > NOTE_BYTES_MAX - 1000 || text.p[text.n - 1] != '\n' ||
                        !is_note_text(text))
                return err_set(err, E_NOTE, "正文应是以换行结尾的 UTF-8 文本");
        struct buf buf = BUF(arena);
        buf_str_add(&buf, text);
        buf_char(&buf, '\n');
        add_signature(&buf, text, signer);
        *ret = buf_str(&buf);
        return true;
}

/* Splits at the last empty line. */
static bool split_note(struct str note, struct str *text, struct str *signatures)
{
        for (size_t i = note.n; i-- > 1;) {
                if (note.p[i] != '\n' || note.p[i - 1] != '\n')
                        continue;
                *text = str_slice(note, 0, i);
                *signatures = str_slice(note, i + 1, note.n);
                return signatures->n != 0 && note.p[note.n - 1] == '\n';
        }
        return false;
}

bool note_sign_also(struct arena *arena, struct str note, const struct note_signer *signer,
                struct str *ret, struct err *err)
{
        assert(arena && signer && signer->key.algorithm != SIGNATURE_COSIGNATURE && ret && err);
        struct str text, lines;
        if (!split_note(note, &text, &lines) || note.n > NOTE_BYTES_MAX - 1000)
                return err_set(err, E_NOTE, "应有正文、空行和签名行");
        struct buf buf = BUF(arena);
        buf_str_add(&buf, note);
        add_signature(&buf, text, signer);
        *ret = buf_str(&buf);
        return true;
}

struct note_signature {
        struct str name, bytes; /* bytes: key id, signature */
};

static bool parse_line(struct arena *arena, struct str line, struct note_signature *ret)
{
        if (!str_starts(line, STR_LIT(DASH)))
                return false;
        struct str rest = str_slice(line, strlen(DASH), line.n);
        ret->name = str_split(&rest, ' ');
        return is_name(ret->name) && rest.p != NULL &&
               hash_parse_base64(arena, rest, &ret->bytes) && ret->bytes.n >= 5;
}

static const struct note_key *find_key(
                const struct note_signature *signature, const struct note_key *keys, size_t n_keys)
{
        for (size_t i = 0; i < n_keys; i++)
                if (str_eq(keys[i].name, signature->name) &&
                                memcmp(keys[i].id, signature->bytes.p, sizeof(keys[i].id)) == 0)
                        return &keys[i];
        return NULL;
}

static bool is_signed(
                struct arena *arena, struct str text, const struct note_key *key, struct str bytes)
{
        uint64_t time = 0;
        if (key->algorithm != SIGNATURE_COSIGNATURE)
                return signature_verify(key->algorithm, key->public_key, text, bytes);
        if (bytes.n != TIME_BYTES + SIGNATURE_BYTES)
                return false;
        for (size_t i = 0; i < TIME_BYTES; i++)
                time = time << 8 | (uint8_t)bytes.p[i];
        return time >> 63 == 0 &&
               signature_verify(key->algorithm, key->public_key, timed(arena, time, text),
                               str_slice(bytes, TIME_BYTES, bytes.n));
}

bool note_count(struct arena *arena, struct str note, const struct note_key *keys, size_t n_keys,
                size_t *ret, struct err *err)
{
        size_t n = 0;
        const struct note_key **found = arena_new_array(arena, n_keys, const struct note_key *);
        for (size_t i = 0; i < n_keys; i++) {
                struct str text;
                bool seen = false;
                if (!note_open(arena, note, &keys[i], 1, &text, err)) {
                        if (err->code != E_NOTE_UNSIGNED)
                                return false;
                        continue;
                }
                for (size_t k = 0; k < n; k++)
                        seen = seen || memcmp(found[k]->public_key, keys[i].public_key,
                                                       SIGNATURE_PUBLIC_BYTES_MAX) == 0;
                if (!seen)
                        found[n++] = &keys[i];
        }
        *ret = n;
        return true;
}

bool note_open(struct arena *arena, struct str note, const struct note_key *keys, size_t n_keys,
                struct str *ret, struct err *err)
{
        assert(arena && ret && err);
        struct str text, lines;
        if (note.n > NOTE_BYTES_MAX)
                return err_set(err, E_NOTE, "超过 %u 字节", NOTE_BYTES_MAX);
        if (!is_note_text(note) || !split_note(note, &text, &lines))
                return err_set(err, E_NOTE, "应有正文、空行和签名行");
        size_t n_lines = 0, n_verified = 0;
        while (lines.n != 0) {
                struct note_signature signature;
                if (++n_lines > NOTE_SIGNATURES_MAX)
                        return err_set(err, E_NOTE, "签名超过 %u 个", NOTE_SIGNATURES_MAX);
                if (!parse_line(arena, str_split(&lines, '\n'), &signature))
                        return err_set(err, E_NOTE, "第 %zu 个签名行不正确", n_lines);
                const struct note_key *key = find_key(&signature, keys, n_keys);
                if (key == NULL)
                        continue;
                struct str bytes = str_slice(signature.bytes, sizeof(key->id), signature.bytes.n);
                if (!is_signed(arena, text, key, bytes))
                        return err_set(err, E_NOTE_SIGNATURE, "%.*s", STR_FMT(key->name));
                n_verified++;
        }
        if (n_verified == 0)
                return err_set(err, E_NOTE_UNSIGNED, "共有 %zu 个签名", n_lines);
        *ret = text;
        return true;
}
