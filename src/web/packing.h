/* web/packing.h - answers sent as gzip (RFC 1952) to whoever takes it (RFC 9110 section 12.5.3);
 * zlib behind it.
 *
 * Only what every stranger is shown alike is packed. A body that holds a secret of its reader (the
 * anti-forgery token, his own matter) is never: its packed length would tell who makes that
 * reader ask again and again, with guesses in the address, what the secret is (BREACH, 2013). */
#ifndef WEB_PACKING_H
#define WEB_PACKING_H

#include "base/str.h"

#define PACKING_LEAST 1024u /* bytes; shorter ones fit a packet anyway */

/* Does the value of Accept-Encoding take gzip, and like it no less than the bytes as they are?
 * Weights (q) count; what cannot be read takes nothing. */
bool packing_is_taken(struct str accepted);

/* Is it text, by its media type? Pictures and office files are packed already. */
bool packing_is_worth(const char *type);

/* The bytes as gzip, always the same for the same bytes; false: there is nothing to win. */
bool packing_pack(struct arena *arena, struct str bytes, struct str *ret);

#endif
