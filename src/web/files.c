#include "web/files.h"

#include "base/limits.h"
#include "desk/chore.h"

/* What the bytes begin with, the type it is handed out with, the endings its name may have. */
static const struct kind {
        struct str magic;
        const char *type;
        const char *const endings[8]; /* with their dot, in small letters */
} kinds[] = {
        { STR_LIT("%PDF-"), "application/pdf", { ".pdf" } },
        { STR_LIT("\xFF\xD8\xFF"), "image/jpeg", { ".jpg", ".jpeg" } },
        { STR_LIT("\x89PNG\r\n\x1A\n"), "image/png", { ".png" } },
        { STR_LIT("PK\x03\x04"), "application/octet-stream",
                        { ".zip", ".ofd", ".docx", ".xlsx", ".pptx", ".wps", ".et" } },
        { STR_LIT("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "application/octet-stream",
                        { ".doc", ".xls", ".ppt", ".wps", ".et" } },
};

static char lower_of(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool ends_with(struct str name, const char *ending)
{
        size_t n = strlen(ending);
        if (name.n <= n)
                return false;
        for (size_t i = 0; i < n; i++)
                if (lower_of(name.p[name.n - n + i]) != ending[i])
                        return false;
        return true;
}

static bool has_ending(const struct kind *kind, struct str name)
{
        for (size_t i = 0; i < N_ELEMENTS(kind->endings) && kind->endings[i] != NULL; i++)
                if (ends_with(name, kind->endings[i]))
                        return true;
        return false;
}

/* Nothing that a shell, a path or a header could trip over. */
static bool is_plain_name(struct str name)
{
        for (size_t i = 0; i < name.n; i++) {
                unsigned char c = (unsigned char)name.p[i];
                if (c < 0x20 || c == 0x7F || strchr("/\\:*?\"<>|", (int)c) != NULL)
                        return false;
        }
        return name.n != 0 && name.n <= FILES_NAME_BYTES && name.p[0] != '.';
}

bool files_take(struct arena *arena, enum ledger_hash algorithm, const struct posted_field *posted,
                struct upload *ret, struct err *err)
{
        if (!is_plain_name(posted->file_name))
                return err_set(err, E_FILE_TYPE,
                                "文件名不合适，请改短，不要含有 / \\ : * ? \" < > |");
        if (posted->value.n > LIMIT_FILE_BYTES)
                return err_set(err, E_FILE_TYPE, "「%.*s」超过 %u MB",
                                STR_FMT(str_cut(posted->file_name, 120)), LIMIT_FILE_BYTES >> 20);
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
                if (!str_starts(posted->value, kinds[i].magic))
                        continue;
                if (!has_ending(&kinds[i], posted->file_name))
                        return err_set(err, E_FILE_TYPE, "「%.*s」的内容与文件名不符",
                                        STR_FMT(str_cut(posted->file_name, 120)));
                char *hex = arena_alloc(arena, HASH_HEX);
                *ret = (struct upload){ .field = posted->name,
                        .name = posted->file_name,
                        .bytes = posted->value,
                        .type = kinds[i].type,
                        .hash = hash_bytes(algorithm, posted->value) };
                hash_write_hex(ret->hash.b, HASH_BYTES, hex);
                ret->hex = (struct str){ hex, HASH_HEX };
                return true;
        }
        return err_set(err, E_FILE_TYPE, "「%.*s」", STR_FMT(str_cut(posted->file_name, 120)));
}

struct keeping {
        const struct upload *uploads;
        size_t n;
};

static struct store_param key_of(const struct hash *hash)
{
        return param_blob((struct str){ (const char *)hash->b, HASH_BYTES });
}

static bool keep(void *user, struct tx *tx, struct err *err)
{
        const struct keeping *keeping = user;
        for (size_t i = 0; i < keeping->n; i++) {
                const struct upload *u = &keeping->uploads[i];
                if (!tx_run(tx, Q_BLOB_PUT,
                                    PARAMS(key_of(&u->hash), param_text(u->name),
                                                    param_text(str_of(u->type)),
                                                    param_blob(u->bytes)),
                                    err))
                        return false;
        }
        return true;
}

bool files_keep(struct desk *desk, const struct upload *uploads, size_t n, struct err *err)
{
        struct keeping keeping = { uploads, n };
        return n == 0 || chore_do(desk, keep, &keeping, err);
}

bool files_read(struct arena *arena, struct snapshot *snapshot, struct str hex,
                struct kept_file *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct hash hash;
        if (!hash_parse_hex(hex, hash.b, HASH_BYTES))
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (!snapshot_rows(snapshot, Q_BLOB_GET, PARAMS(key_of(&hash)), &rows, err))
                return false;
        bool found = rows_next(&rows);
        if (found)
                *ret = (struct kept_file){ str_copy(arena, rows_text(&rows, 0)),
                        str_copy(arena, rows_text(&rows, 1)),
                        str_copy(arena, rows_blob(&rows, 2)) };
        if (!rows_end(&rows, err))
                return false;
        return found || err_set(err, E_NOT_FOUND, "%s", "");
}

bool files_head(struct arena *arena, struct snapshot *snapshot, struct str hex,
                struct file_head *ret, bool *ret_kept, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct hash hash;
        *ret_kept = false;
        if (!hash_parse_hex(hex, hash.b, HASH_BYTES))
                return true;
        if (!snapshot_rows(snapshot, Q_BLOB_HEAD, PARAMS(key_of(&hash)), &rows, err))
                return false;
        *ret_kept = rows_next(&rows);
        if (*ret_kept)
                *ret = (struct file_head){ str_copy(arena, rows_text(&rows, 0)),
                        str_copy(arena, rows_text(&rows, 1)), (size_t)rows_int(&rows, 2) };
        return rows_end(&rows, err);
}

struct str files_ending(struct str name)
{
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
                for (size_t k = 0; k < N_ELEMENTS(kinds[i].endings) && kinds[i].endings[k] != NULL;
                                k++)
                        if (ends_with(name, kinds[i].endings[k]))
                                return str_of(kinds[i].endings[k]);
        return STR_LIT("");
}

bool files_named(const struct field *field, const struct value *value, struct str hex)
{
        if (field->type == FIELD_FILE)
                return value->kind == VALUE_STRING && str_eq(value->string, hex);
        for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.n; i++)
                for (size_t k = 0; k < field->n_items; k++) {
                        const struct value *row = &value->list.items[i];
                        const struct value *cell =
                                        row->kind == VALUE_CONTEXT
                                                        ? value_get(row, field->items[k].name)
                                                        : NULL;
                        if (cell != NULL && files_named(&field->items[k], cell, hex))
                                return true;
                }
        return false;
}
