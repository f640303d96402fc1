/* desk/log_import.h - takes a published log over as a copy of one's own, from a folder or a server.
 *
 * What is copied has been checked (desk/log_check.h): the whole log the first time, what came
 * since the copy's checkpoint after that. The checkpoint goes in last: killed at any moment, the
 * copy holds the log of the old checkpoint or of the new one. A log that rewrote its past is not
 * taken over, and the copy goes on holding what it held. */
#ifndef DESK_LOG_IMPORT_H
#define DESK_LOG_IMPORT_H

#include "desk/log_check.h"

/* `how->from` and `how->copy` are the import's own. A copy that holds the leaves goes on holding
 * them: E_LOG_ENTRIES where the source does not have them. */
MUST_CHECK bool log_import(struct arena *arena, struct str from, struct str to,
                const struct log_check *how, struct log_checked *ret, struct err *err);

#endif
