/* web/qr.h - a QR code as the path of an SVG; libqrencode behind this one file.
 *
 * Error correction is the lowest: such a code is read from paper or a screen, and what it holds
 * is checked to the byte. Pure. */
#ifndef WEB_QR_H
#define WEB_QR_H

#include "base/str.h"

#define QR_QUIET 4 /* modules of white around it, as ISO/IEC 18004 demands */

struct qr {
        int size;        /* modules along a side, the quiet zone included */
        struct str path; /* "M4 4h7v1h-7z...": the dark modules, a module is 1 */
};

/* Of a text of the alphanumeric mode (digits, capitals, " $%*+-./:"), as proofs are packed
 * (ledger/proof_pack.h). False if it is too long for any QR code, or not of that mode. */
bool qr_encode(struct arena *arena, struct str text, struct qr *ret);

/* Of any bytes, such as an address. */
bool qr_encode_bytes(struct arena *arena, struct str bytes, struct qr *ret);

#endif
