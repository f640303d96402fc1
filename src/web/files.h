/* web/files.h - attached files: what kinds are taken, and how they are kept.
 *
 * A file is known by the hash of its bytes; an act records that hash, so the ledger vouches for the
 * file. The kind is told by the bytes, never by what the browser says, and the name has to fit it:
 * a program called 申请书.pdf is refused. Files are handed out as attachments with `nosniff`, and only
 * to who may see the field that names them. */
#ifndef WEB_FILES_H
#define WEB_FILES_H

#include "desk/desk.h"
#include "ledger/hash.h"
#include "procedure/definition.h"
#include "store/store.h"
#include "web/posted.h"

#define FILES_NAME_BYTES 200u
#define FILES_HINT       "PDF、OFD、JPG、PNG、DOC、DOCX、XLSX 等文件，每个不超过 16 MB"

struct upload {
        struct str field; /* of the form: "evidence", "stages.0.proof" */
        struct str name, bytes;
        const char *type;
        struct hash hash;
        struct str hex;
};

/* Checks kind, name and size. E_FILE_TYPE. */
MUST_CHECK bool files_take(struct arena *arena, enum ledger_hash algorithm,
                const struct posted_field *posted, struct upload *ret, struct err *err);

/* Keeps them, unless they are there already. On the worker's thread. */
MUST_CHECK bool files_keep(
                struct desk *desk, const struct upload *uploads, size_t n, struct err *err);

struct kept_file {
        struct str name, type, bytes;
};

/* E_NOT_FOUND. `hex`: 64 digits. */
MUST_CHECK bool files_read(struct arena *arena, struct snapshot *snapshot, struct str hex,
                struct kept_file *ret, struct err *err);

struct file_head {
        struct str name, type;
        size_t bytes;
};

/* What is known of a file without reading it; *ret_kept: there is one of that hash. */
MUST_CHECK bool files_head(struct arena *arena, struct snapshot *snapshot, struct str hex,
                struct file_head *ret, bool *ret_kept, struct err *err);

/* Does the value name the file? Only a field that holds files does, or a column of a list that
 * does: the same digits in a text are a text. */
bool files_named(const struct field *field, const struct value *value, struct str hex);

/* ".pdf", small and ASCII; empty if it has none of ours. */
struct str files_ending(struct str name);

#endif
