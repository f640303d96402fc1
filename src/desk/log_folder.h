/* desk/log_folder.h - a published log as plain files (c2sp.org/tlog-tiles).
 *
 *   checkpoint                        the signed head
 *   tile/<level>/<index>[.p/<width>]  hashes
 *   tile/entries/<index>[.p/<width>]  the leaves themselves; for auditors only
 *
 * Any web server can serve it as it stands. */
#ifndef DESK_LOG_FOLDER_H
#define DESK_LOG_FOLDER_H

#include "ledger/tile_tree.h"

struct log_folder {
        struct str dir;
        struct arena *arena; /* of one file; reset by each reading */
        uint64_t n_files;    /* read so far */
};

/* DIR/name, in `arena`. */
struct str log_path(struct arena *arena, struct str dir, struct str name);
bool log_has_entries(struct arena *arena, struct str dir);

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

/* All files below the folder, ours or not. */
MUST_CHECK bool log_count_files(
                struct arena *arena, struct str dir, uint64_t *ret, struct err *err);

#endif
