/* web/tally.h - how many rows a list has, remembered while the ledger stands still.
 *
 * What strangers may see changes with an event or with the day, and with nothing else. So a count
 * holds for as long as both are the same; they belong into its key, with the filter. A table of
 * fixed size: what falls on the same place drives the other out. */
#ifndef WEB_TALLY_H
#define WEB_TALLY_H

#include "base/str.h"

struct tally;

struct tally *tally_open(void);
void tally_close(struct tally **tally);

/* `key` says all that the count depends on. False: it is not remembered. */
bool tally_find(struct tally *tally, struct str key, int64_t *ret);
void tally_note(struct tally *tally, struct str key, int64_t n);

#endif
