/* ledger/probe.h - the verifier and the hashes, open to other people's test vectors.
 *
 * For command lines and test data; nothing here is on the way of a record. Pure. */
#ifndef LEDGER_PROBE_H
#define LEDGER_PROBE_H

#include "base/err.h"

/* One proof of the transparency-dev/merkle test data, a JSON object with base64 hashes:
 * leafIdx, treeSize, root, leafHash, proof - or size1, size2, root1, root2, proof (a
 * list or null); other members are passed over. True if the proof verifies; false with
 * E_LEDGER_PROOF if not, E_PROBE if the object is malformed, E_JSON if it is none. */
MUST_CHECK bool merkle_probe(struct arena *arena, struct str json, struct err *err);

/* Hexadecimal bytes, possibly none -> "<SHA-256>TAB<SM3>" in hexadecimal. */
MUST_CHECK bool hash_probe(struct arena *arena, struct str line, struct str *ret, struct err *err);

#endif
