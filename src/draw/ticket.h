/* draw/ticket.h - SHA-256 over length-prefixed parts: the one hash of this room.
 *
 * Each part goes in behind its length as four bytes, big end first, so that no
 * two lists of parts hash alike ("ab","c" and "a","bc" differ). Lower tickets
 * come first, compared as bytes. */
#ifndef DRAW_TICKET_H
#define DRAW_TICKET_H

#include "base/str.h"

#define TICKET_BYTES   32
#define TICKET_MESSAGE 1024 /* all parts of one ticket with their lengths */

struct hasher;

struct hasher *hasher_open(void);
void hasher_close(struct hasher **hasher);

/* SHA-256 of the parts, or of bytes as they are. */
void hasher_parts(struct hasher *hasher, const struct str *parts, size_t n_parts,
                uint8_t to[TICKET_BYTES]);
void hasher_bytes(struct hasher *hasher, struct str bytes, uint8_t to[TICKET_BYTES]);

/* MD5, for RFC 3797 alone. */
void hasher_md5(struct str bytes, uint8_t to[16]);

/* Lower-case hexadecimal of n bytes, and back; false unless exactly n bytes. */
struct str hex_format(struct arena *arena, const uint8_t *bytes, size_t n);
MUST_CHECK bool hex_parse(struct str hex, uint8_t *to, size_t n);

#endif
