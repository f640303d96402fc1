/* desk/log_folder.h - a published log as plain files, or as a server hands them out
 * (c2sp.org/tlog-tiles).
 *
 *   checkpoint                        the signed head
 *   tile/<level>/<index>[.p/<width>]  hashes
 *   tile/entries/<index>[.p/<width>]  the leaves themselves; for auditors only
 *
 *   log-keys                          how a new key took over, once one has (ledger/succession.h)
 *
 * Any web server can serve it as it stands. */
#ifndef DESK_LOG_FOLDER_H
#define DESK_LOG_FOLDER_H

#include "desk/fetch.h"
#include "ledger/tile_tree.h"

/* Where a published log is read from. */
struct log_place {
        struct str at;    /* a folder, or "http://..", "https://.." */
        struct str token; /* of an auditor, who may read entries from a server; empty = none */
        struct str ca;    /* certificates to trust; empty = the system's */
};

struct log_folder {
        struct str dir;       /* as the place says */
        struct fetch *remote; /* NULL = files */
        bool has_entries;
        struct str copy;     /* what was read is written to this folder too; empty = not */
        struct arena *arena; /* of one file; reset by each reading of a tile */
        uint64_t n_files;    /* read so far */
};

MUST_CHECK bool log_folder_open(
                const struct log_place *place, struct log_folder *ret, struct err *err);
void log_folder_close(struct log_folder *folder);

/* DIR/name, in `arena`. */
struct str log_path(struct arena *arena, struct str dir, struct str name);
bool log_has_entries(struct arena *arena, struct str dir);

/* A file beside the tiles, as it is; E_NOT_FOUND. */
MUST_CHECK bool log_read_file(struct arena *arena, struct log_folder *folder, struct str name,
                size_t limit, struct str *ret, struct err *err);

/* Writes DIR/name as a whole, making the folders above it. */
MUST_CHECK bool log_write_file(struct arena *arena, struct str dir, struct str name,
                struct str bytes, struct err *err);

/* The first `name->width` hashes, or entries, of a tile: from the file of that width, or
 * from the full one. Refuses (E_LOG_FILE) a missing file, one of a wrong length, and one
 * that does not begin as its narrower forms beside it do. The bytes live until the next
 * reading. */
MUST_CHECK bool log_read_tile(struct log_folder *folder, const struct tile_name *name,
                struct str *ret, struct err *err);

/* For tile_tree_init(): `context` is a struct log_folder. */
bool log_tile_read(void *context, unsigned level, uint64_t index, unsigned width,
                struct hash to[TILE_WIDTH], struct err *err);

/* Takes one leaf off a bundle of entries; false at its end, or E_LOG_FILE in *err. */
bool log_next_entry(struct str *bundle, struct str *ret, struct err *err);

/* Removes the ragged edge of the checkpoint before, where that of `size` has wider tiles. */
void log_drop_narrower(struct arena *arena, struct str dir, uint64_t before, uint64_t size);

/* All files below the folder, ours or not. */
MUST_CHECK bool log_count_files(
                struct arena *arena, struct str dir, uint64_t *ret, struct err *err);

#endif
