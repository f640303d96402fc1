/* desk/erase.h - personal fields of a matter are erased, by a recorded act with its ground
 * (个人信息保护法 第四十七条). Which grounds there are is data: registers/erasure_grounds.yaml.
 *
 * Of each event of the matter, and of the matters it opened, the secret goes and with it
 * the values of all fields of class `personal` (and those named besides); the digest of the
 * submission, which could be guessed from, goes too. The leaf stays, and every proof over
 * it. What is not erased stays with a field proof, made before the secret went, so that the
 * event still folds and what is left can still be checked.
 *
 * A file attached in a field that goes is dropped, unless another event names the same bytes.
 *
 * The events are erased in the transaction that records the act. Then the read tables are
 * made again and the store is written anew (store_scrub), so that nothing is left in free
 * pages, the log file or the search index; a process that dies in between leaves a mark,
 * and whoever opens the desk next finishes. */
#ifndef DESK_ERASE_H
#define DESK_ERASE_H

#include "desk/desk.h"

#define ERASE_ROLE       "privacy_officer" /* 个人信息保护负责人，第五十二条 */
#define ERASE_EVENTS_MAX 10000u            /* of one act */

struct erasure {
        struct str matter;      /* number */
        struct str actor;       /* staff id, who holds ERASE_ROLE */
        struct str ground;      /* the key of one of the catalogue's */
        const struct str *also; /* fields of other classes that hold personal data too */
        size_t n_also;
};

struct erased {
        int64_t seq; /* of the act */
        size_t n_events, n_matters;
        const struct str *fields; /* names, sorted */
        size_t n_fields;
        struct str say, basis; /* of the ground: its words, its article */
};

/* Refused: a matter, or one it opened, that is not final; a register entry still in force
 * that carries the data; nothing to erase. erasure_finish() must follow, the desk closed. */
MUST_CHECK bool erase_matter(struct arena *arena, struct desk *desk, const struct erasure *erasure,
                struct erased *ret, struct err *err);

#define ERASE_META_UNFINISHED "erasure.unfinished" /* set while one waits to be finished */

/* Does nothing unless an erasure waits to be finished. */
MUST_CHECK bool erasure_finish(struct site *site, struct err *err);

#endif
