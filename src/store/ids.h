/* store/ids.h - one number for an event wherever it stands.
 *
 * Events of all organs live in one table: the id is the organ's number above the
 * event's seq in that organ's ledger. The first organ has number 0, so in a store
 * of one organ ids and seqs are the same. Ids of matters are those of their first
 * events; 0 is no matter, because a ledger begins with the event that opens it. */
#ifndef STORE_IDS_H
#define STORE_IDS_H

#include <stdint.h>

#define ID_SEQ_BITS   40
#define ID_ORGANS_MAX (1 << 20)

static inline int64_t id_of(int organ, int64_t seq)
{
        return ((int64_t)organ << ID_SEQ_BITS) | seq;
}

static inline int id_organ(int64_t id)
{
        return (int)(id >> ID_SEQ_BITS);
}

static inline int64_t id_seq(int64_t id)
{
        return id & (((int64_t)1 << ID_SEQ_BITS) - 1);
}

#endif
