/* account/totp.h - the second factor: time-based one-time passwords (RFC 6238).
 *
 * HMAC-SHA-1 over steps of 30 seconds, 6 digits: what every authenticator on a telephone takes.
 * A step before and after is accepted, for clocks that differ; a step that was used, or one
 * before it, is not (section 5.2). Pure. */
#ifndef ACCOUNT_TOTP_H
#define ACCOUNT_TOTP_H

#include "base/date.h"
#include "base/str.h"

#define TOTP_SECRET_BYTES 20u /* RFC 4226 section 4, R6 */
#define TOTP_DIGITS       6
#define TOTP_STEP_SECONDS 30

/* The code of one step. `digits` at most 8. */
uint32_t totp_code(struct str secret, int64_t step, int digits);

/* Is the text the code of now, of a step later than `used`? *ret_step: of which. */
bool totp_check(struct str secret, struct str text, struct moment now, int64_t used,
                int64_t *ret_step);

/* The secret as people type it: base32 (RFC 4648 section 6) in fours. */
struct str totp_base32(struct arena *arena, struct str bytes);

/* otpauth://totp/ISSUER:ACCOUNT?secret=...&issuer=..., percent-encoded, for a QR code. */
struct str totp_uri(struct arena *arena, struct str issuer, struct str account, struct str secret);

#endif
