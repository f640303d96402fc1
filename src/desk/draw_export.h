/* desk/draw_export.h - publishes a site's draws by lot as a folder of plain files.
 *
 *   index.json             every draw that was ever published here, void ones too
 *   NUMBER.announced.json  what was fixed before the public values were known
 *   NUMBER.json            the draw: what `plumbline draw verify` and others check
 *
 * docs/draw-format.md section 9 says what stands in them. A folder that was published before
 * is gone on with: a draw that it lists and the site no longer has, or whose announcement is
 * another one now, is refused (E_DRAW_GONE), so that no draw vanishes unnoticed. */
#ifndef DESK_DRAW_EXPORT_H
#define DESK_DRAW_EXPORT_H

#include "desk/site.h"

#define DRAW_EXPORT_MAX 10000u /* draws in one folder */

struct draw_exported {
        size_t n_draws, n_void, n_files; /* files: written this time */
};

MUST_CHECK bool draw_export(struct site *site, struct str dir, struct date today,
                struct draw_exported *ret, struct err *err);

struct draw_checked {
        size_t n_draws, n_void, n_waiting; /* waiting: announced, not yet drawn */
        size_t n_picks;                    /* compared in all of them */
        struct str failed;                 /* the number of the draw that does not hold */
};

/* Checks every draw of such a folder: the files by their hashes, each draw against its
 * announcement, and all results made again. Fails if it compared nothing. */
MUST_CHECK bool draw_check_folder(
                struct arena *arena, struct str dir, struct draw_checked *ret, struct err *err);

#endif
