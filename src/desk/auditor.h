/* desk/auditor.h - who, besides the bureau, may read the leaves of its log (审计人员).
 *
 * An auditor has a token of 32 random bytes, shown once; the site keeps its SHA-256 in
 * keys/auditors, a line each: name, hash. */
#ifndef DESK_AUDITOR_H
#define DESK_AUDITOR_H

#include "base/err.h"
#include "base/str.h"

#define AUDITOR_NAME_BYTES_MAX 100u
#define AUDITORS_MAX           100u

/* A new token for this name, in the place of its old one. E_AUDITOR_NAME. */
MUST_CHECK bool auditor_add(struct arena *arena, struct str site_dir, struct str name,
                struct str *ret_token, struct err *err);

/* E_NOT_FOUND if there is none of this name. */
MUST_CHECK bool auditor_end(
                struct arena *arena, struct str site_dir, struct str name, struct err *err);

/* Whose token it is; E_NOT_FOUND. Compares in constant time. */
MUST_CHECK bool auditor_find(struct arena *arena, struct str site_dir, struct str token,
                struct str *ret_name, struct err *err);

#endif
