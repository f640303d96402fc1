/* projection/search.h - Chinese text as terms that a word index can hold.
 *
 * Runs of Han characters become overlapping pairs and the last one alone: 张仲景 is
 * 张仲 仲景 景. So any two characters that stand together are found, names and rare
 * characters too, without a dictionary; a single one is found as the beginning of a
 * pair. Other letters and digits become words in lower case. Pure. */
#ifndef PROJECTION_SEARCH_H
#define PROJECTION_SEARCH_H

#include "base/str.h"

#define SEARCH_QUERY_POINTS 64 /* code points of one query; the rest is not looked at */

/* Adds the terms of the text, with blanks between and after. */
void search_split(struct buf *buf, struct str text);

/* The query for what a person typed: all parts between blanks must occur, each as it
 * stands. `public_only` looks in public text alone. Empty if nothing is left to look for. */
struct str search_query(struct arena *arena, struct str typed, bool public_only);

/* Would the index find the text with that query? For a few texts that no index holds. */
bool search_finds(struct arena *arena, struct str text, struct str typed);

#endif
