/* desk/log_export.h - publishes a site's log as a folder of plain files (desk/log_folder.h).
 *
 * Up to its newest signed checkpoint; what was published before is taken on, not written
 * again. The checkpoint goes in last, as a whole: killed at any moment, the folder holds
 * the log of the old checkpoint or of the new one. */
#ifndef DESK_LOG_EXPORT_H
#define DESK_LOG_EXPORT_H

#include "desk/site.h"

struct log_exported {
        uint64_t size, before; /* of the checkpoint published; of the one there was */
        uint64_t n_files;      /* written */
        uint64_t n_unsigned;   /* newest events that no checkpoint covers yet */
};

/* `entries`: the leaves too, for auditors; a folder that has them goes on having them.
 * Refuses a folder of another log, or of another past of this one. */
MUST_CHECK bool log_export(struct site *site, struct str dir, bool entries,
                struct log_exported *ret, struct err *err);

#endif
