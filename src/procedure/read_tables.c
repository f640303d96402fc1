/* procedure/read_tables.c - the decision tables of a version. */
#include "procedure/draft.h"

void draft_tables(struct draft *d)
{
        (void)d;
}
