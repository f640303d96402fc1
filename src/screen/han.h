/* screen/han.h - the few classes of characters by which Chinese text is screened.
 *
 * Not a Unicode table: Han are the CJK unified blocks, and the word lists hold
 * what addresses, plates and names are made of. */
#ifndef SCREEN_HAN_H
#define SCREEN_HAN_H

#include "base/str.h"

bool han_is(uint32_t c);

/* Full-width ASCII (０-９, Ａ-Ｚ, ＠, ．) and the ideographic blank to half-width;
 * everything else as it is. */
uint32_t han_half_width(uint32_t c);

bool han_is_blank(uint32_t c);  /* blanks, line breaks, and marks of no width */
bool han_is_hyphen(uint32_t c); /* -, and the dashes that stand in for it */
int han_digit(uint32_t c);      /* 〇零一二三四五六七八九 -> 0..9, else -1 */

/* Does c, between its neighbours (0 = none), end the name of a street, village or
 * estate (路, 大道, 村, 小区)? 街道 is an office and no street. */
bool han_is_street(uint32_t before, uint32_t c, uint32_t after);
bool han_is_door(uint32_t c); /* 号 室 栋 幢 座 楼 层 单(元): what follows the number */

/* True if c is one of the characters of `list` (UTF-8). */
bool han_is_in(uint32_t c, struct str list);

bool han_is_plate_province(uint32_t c);
bool han_is_plate_suffix(uint32_t c); /* 学 警 挂 港 澳 使 领 */

/* Code points of the surname with which the name begins: 1, 2 for a compound
 * one (欧阳), 0 if it begins with no listed surname. */
size_t han_surname(const uint32_t *name, size_t n);

#endif
