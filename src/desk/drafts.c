#include "desk/drafts.h"

#include <assert.h>

#include <openssl/rand.h>

#include "base/limits.h"
#include "ledger/hash.h"

#define CODE_BYTES 10 /* 80 bits are 16 digits of 5 */

/* No 0 1 I O: what is read out or copied by hand stays what it is. */
static const char digits[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/* ---- Codes ---- */

bool drafts_code(struct arena *arena, struct str *ret, struct err *err)
{
        uint8_t bytes[CODE_BYTES];
        struct buf buf = BUF(arena);
        uint32_t bits = 0;
        int n_bits = 0, n = 0;
        if (RAND_bytes(bytes, sizeof(bytes)) != 1)
                return err_set(err, E_DESK_ENTROPY, "%s", "");
        for (size_t i = 0; i < sizeof(bytes); i++) {
                bits = bits << 8 | bytes[i];
                for (n_bits += 8; n_bits >= 5; n_bits -= 5) {
                        if (n != 0 && n % 4 == 0)
                                buf_char(&buf, '-');
                        buf_char(&buf, digits[bits >> (n_bits - 5) & 31]);
                        n++;
                }
        }
        *ret = buf_str(&buf);
        return true;
}

bool drafts_read_code(struct arena *arena, struct str typed, struct str *ret)
{
        struct buf buf = BUF(arena);
        int n = 0;
        for (size_t i = 0; i < typed.n; i++) {
                char c = typed.p[i];
                if (c == '-' || c == ' ')
                        continue;
                if (c >= 'a' && c <= 'z')
                        c = (char)(c - 32);
                if (n == 16 || memchr(digits, c, sizeof(digits) - 1) == NULL)
                        return false;
                if (n != 0 && n % 4 == 0)
                        buf_char(&buf, '-');
                buf_char(&buf, c);
                n++;
        }
        *ret = buf_str(&buf);
        return n == 16;
}

static struct str hash_of(struct arena *arena, struct str code)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, code);
        return str_copy(arena, (struct str){ (const char *)hash.b, HASH_BYTES });
}

/* ---- As stored ---- */

static struct str pack(struct arena *arena, const struct draft *draft)
{
        struct buf buf = BUF(arena);
        struct member members[] = {
                { STR_LIT("act"), value_string(draft->act) },
                { STR_LIT("fields"), draft->fields },
                { STR_LIT("party"), value_string(draft->party) },
                { STR_LIT("procedure"), value_string(draft->procedure) },
                { STR_LIT("unit"), value_string(draft->unit) },
        };
        struct value whole = value_context(members, N_ELEMENTS(members));
        value_write_json(&buf, &whole);
        return buf_str(&buf);
}

static struct str text_of(const struct value *whole, const char *name)
{
        const struct value *value = value_get(whole, str_of(name));
        return value != NULL && value->kind == VALUE_STRING ? value->string : STR_LIT("");
}

static bool unpack(struct arena *arena, struct str body, struct draft *ret, struct err *err)
{
        struct value whole;
        if (!value_parse_json(arena, str_copy(arena, body), &whole, err))
                return false;
        const struct value *fields = value_get(&whole, STR_LIT("fields"));
        *ret = (struct draft){ .procedure = text_of(&whole, "procedure"),
                .act = text_of(&whole, "act"),
                .party = text_of(&whole, "party"),
                .unit = text_of(&whole, "unit"),
                .fields = fields != NULL ? *fields : value_context(NULL, 0) };
        return true;
}

/* ---- Writing ---- */

static bool is_kept(struct tx *tx, struct str hash, struct moment now, bool *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(tx_snapshot(tx), Q_DRAFT_GET,
                            PARAMS(param_blob(hash), param_int(now.second)), &rows, err))
                return false;
        *ret = rows_next(&rows);
        return rows_end(&rows, err);
}

/* Whoever has begun goes on, however many have. */
static bool check_room(struct tx *tx, struct str hash, struct moment now, struct err *err)
{
        bool kept, found;
        int64_t n = 0;
        if (!is_kept(tx, hash, now, &kept, err) ||
                        !snapshot_int(tx_snapshot(tx), Q_DRAFT_COUNT, NO_PARAMS, &n, &found, err))
                return false;
        return kept || n < DRAFTS_MAX || err_set(err, E_DRAFT_FULL, "%s", "");
}

static bool check_files(struct tx *tx, struct str hash, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        int64_t size = 0;
        size_t n = 0;
        if (!snapshot_rows(tx_snapshot(tx), Q_DRAFT_FILE_HEADS, PARAMS(param_blob(hash)), &rows,
                            err))
                return false;
        for (; rows_next(&rows); n++)
                size += rows_int(&rows, 3);
        if (!rows_end(&rows, err))
                return false;
        if (n > DRAFT_FILES_MAX)
                return err_set(err, E_LIMIT, "一份申请最多上传 %u 个文件", DRAFT_FILES_MAX);
        return size <= (int64_t)DRAFT_FILE_BYTES ||
               err_set(err, E_LIMIT, "上传的文件合计超过 %u 兆字节", DRAFT_FILE_BYTES >> 20);
}

static bool put_files(struct tx *tx, struct str hash, const struct draft_file *files, size_t n,
                struct err *err)
{
        for (size_t i = 0; i < n; i++) {
                struct hash content;
                struct str bytes = { (const char *)content.b, HASH_BYTES };
                bool is_hash = hash_parse_hex(files[i].hash, content.b, HASH_BYTES);
                assert(is_hash); /* made by us */
                if (!tx_run(tx, Q_DRAFT_FILE_PUT,
                                    PARAMS(param_blob(hash), param_blob(bytes),
                                                    param_text(files[i].name),
                                                    param_text(files[i].type),
                                                    param_blob(files[i].bytes)),
                                    err))
                        return false;
        }
        return n == 0 || check_files(tx, hash, err);
}

bool drafts_put(struct arena *arena, struct store *store, struct str code,
                const struct draft *draft, const struct draft_file *files, size_t n_files,
                struct moment now, struct err *err)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct str hash = hash_of(arena, code), body = pack(arena, draft);
        if (body.n > DRAFT_BYTES)
                return err_set(err, E_LIMIT, "一份申请的文字最多 %u 千字节", DRAFT_BYTES >> 10);
        return store_begin(store, &tx, err) &&
               tx_run(tx, Q_DRAFT_SWEEP, PARAMS(param_int(now.second)), err) &&
               check_room(tx, hash, now, err) &&
               tx_run(tx, Q_DRAFT_PUT,
                               PARAMS(param_blob(hash), param_blob(body),
                                               param_int(now.second + (int64_t)DRAFT_DAYS * 86400)),
                               err) &&
               put_files(tx, hash, files, n_files, err) &&
               tx_run(tx, Q_DRAFT_FILES_SWEEP, NO_PARAMS, err) && tx_commit(&tx, err);
}

bool drafts_keep_files(struct store *store, struct str code, struct err *err)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct hash hash = hash_bytes(LEDGER_SHA256, code);
        struct str bytes = { (const char *)hash.b, HASH_BYTES };
        return store_begin(store, &tx, err) &&
               tx_run(tx, Q_DRAFT_FILES_KEEP, PARAMS(param_blob(bytes)), err) &&
               tx_commit(&tx, err);
}

bool drafts_end(struct store *store, struct str code, struct err *err)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct hash hash = hash_bytes(LEDGER_SHA256, code);
        struct str bytes = { (const char *)hash.b, HASH_BYTES };
        return store_begin(store, &tx, err) &&
               tx_run(tx, Q_DRAFT_END, PARAMS(param_blob(bytes)), err) &&
               tx_run(tx, Q_DRAFT_FILES_END, PARAMS(param_blob(bytes)), err) && tx_commit(&tx, err);
}

/* ---- Reading ---- */

bool drafts_get(struct arena *arena, struct snapshot *snapshot, struct str code, struct moment now,
                struct draft *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct str hash = hash_of(arena, code);
        struct draft draft;
        if (!snapshot_rows(snapshot, Q_DRAFT_GET, PARAMS(param_blob(hash), param_int(now.second)),
                            &rows, err))
                return false;
        bool found = rows_next(&rows);
        if (found && !unpack(arena, rows_blob(&rows, 0), &draft, err))
                return false;
        if (found)
                draft.expires = (struct moment){ rows_int(&rows, 1) };
        if (!rows_end(&rows, err))
                return false;
        if (!found)
                return err_set(err, E_DRAFT_NONE, "%s", "");
        *ret = draft;
        return true;
}

bool drafts_files(struct arena *arena, struct snapshot *snapshot, struct str code,
                const struct draft_file **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct draft_file *files = arena_new_array(arena, DRAFT_FILES_MAX, struct draft_file);
        struct str hash = hash_of(arena, code);
        size_t n = 0;
        if (!snapshot_rows(snapshot, Q_DRAFT_FILE_HEADS, PARAMS(param_blob(hash)), &rows, err))
                return false;
        while (n < DRAFT_FILES_MAX && rows_next(&rows)) {
                char *hex = arena_alloc(arena, HASH_HEX);
                hash_write_hex((const uint8_t *)rows_blob(&rows, 0).p, HASH_BYTES, hex);
                files[n++] = (struct draft_file){ .hash = { hex, HASH_HEX },
                        .name = str_copy(arena, rows_text(&rows, 1)),
                        .type = str_copy(arena, rows_text(&rows, 2)),
                        .size = rows_int(&rows, 3) };
        }
        *ret = files;
        *ret_n = n;
        return rows_end(&rows, err);
}
