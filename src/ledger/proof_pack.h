/* ledger/proof_pack.h - a proof file as a text short enough for a QR code, and back.
 *
 *   "PL1:" and base45 (RFC 9285) of
 *   hash           1 byte: 0 SHA-256, 1 SM3
 *   checkpoint     its length in 2 bytes, big-endian, and the signed note
 *   leaf           the same
 *   inclusion      1 byte: how many; 32 bytes each
 *   fields         1 byte: 0 none, 1: then
 *                  digests: 2 bytes how many, 32 bytes each;
 *                  2 bytes how many fields, and of each: 1 byte length and name, 16 bytes salt,
 *                  2 bytes length and value (canonical JSON)
 *
 * Nothing is lost: unpacking gives the file back, byte by byte, and the file is what is checked.
 * The text has only characters of the QR code's alphanumeric mode. Pure. */
#ifndef LEDGER_PROOF_PACK_H
#define LEDGER_PROOF_PACK_H

#include "ledger/proof.h"

#define PROOF_PACK_PREFIX "PL1:"
#define PROOF_QR_MAX      4296u /* characters of the largest QR code (version 40, level L) */

/* `text`: a proof file. E_PROOF if it is none, or holds what the form has no room for. */
MUST_CHECK bool proof_pack(struct arena *arena, struct str text, struct str *ret, struct err *err);
MUST_CHECK bool proof_unpack(
                struct arena *arena, struct str packed, struct str *ret, struct err *err);

#endif
