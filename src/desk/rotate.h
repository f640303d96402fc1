/* desk/rotate.h - a new key takes over the signing of the log (更换签名密钥).
 *
 * The change is an act: event "site", act "log_key", with both verifier keys. While it is under
 * way both keys sign; then the old one is destroyed. What lets outsiders follow from the old key
 * to the new one is kept as text (ledger/succession.h) and published as `log-keys`.
 *
 * Each step can be broken off: run again, it goes on where it stopped. A server may run beside
 * it: it reads the key files anew for each checkpoint. */
#ifndef DESK_ROTATE_H
#define DESK_ROTATE_H

#include "desk/desk.h"
#include "ledger/note.h"
#include "store/store.h"

#define ROTATE_ROLE             "log_keeper" /* 存证密钥管理员 */
#define ROTATE_REASON_BYTES_MAX 200u

struct rotated {
        int64_t seq;   /* of the act */
        uint64_t size; /* of the checkpoint that both keys signed */
        struct note_key from, key;
};

/* `actor` holds ROTATE_ROLE. E_ROTATE_ROLE; E_ROTATE_REASON. */
MUST_CHECK bool log_rotate(struct arena *arena, struct desk *desk, struct str actor,
                struct str reason, struct rotated *ret, struct err *err);

/* The text of `log-keys`; empty while the key never changed. */
MUST_CHECK bool log_keys(struct arena *arena, struct site *site, struct str *ret, struct err *err);

/* The site's keys, those that it had before among them. */
struct succession;
MUST_CHECK bool log_own_keys(
                struct arena *arena, struct site *site, struct succession *ret, struct err *err);

/* The same out of a store alone; own: at most two. */
MUST_CHECK bool log_stored_keys(struct arena *arena, struct snapshot *snapshot,
                const struct note_key *own, size_t n_own, struct succession *ret, struct err *err);

/* Where a copy goes back to `size` leaves: a changeover that came later is not in its log any
 * more. `own` signs from now on; the keys before it stay known, for the heads they signed. */
MUST_CHECK bool log_keys_cut(struct arena *arena, struct tx *tx, const struct note_key *own,
                uint64_t size, struct err *err);

#endif
