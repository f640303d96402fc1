/* screen/identifier.h - is this text the identifier it claims to be?
 *
 * Check digits and shapes of the numbers that name persons and units in China:
 * GB 11643 (公民身份号码), GB 32100 (统一社会信用代码), GB 11714 (组织机构代码),
 * ISO/IEC 7812 (bank cards), and the shapes in use for phones, travel papers and
 * plates. A form asks identifier_check(); screen/detect.h finds the same kinds in
 * running text, screen/mask.h hides them.
 *
 * Pure: "not in the future" is judged by the day that is handed in. The makers
 * at the end give valid numbers for fictional persons and units only. */
#ifndef SCREEN_IDENTIFIER_H
#define SCREEN_IDENTIFIER_H

#include "base/date.h"
#include "base/str.h"

enum identifier_kind {
        IDENTIFIER_RESIDENT_ID, /* 18 characters, the old 15, residence permits 81/82/83 */
        IDENTIFIER_CREDIT_CODE,
        IDENTIFIER_ORG_CODE,
        IDENTIFIER_BANK_CARD,
        IDENTIFIER_MOBILE,
        IDENTIFIER_PHONE, /* fixed lines and 400/800 numbers */
        IDENTIFIER_PASSPORT,
        IDENTIFIER_HK_MACAO_PERMIT, /* 港澳居民来往内地通行证 */
        IDENTIFIER_TAIWAN_PERMIT,   /* 台湾居民来往大陆通行证 */
        IDENTIFIER_EMAIL,
        IDENTIFIER_PLATE,
        IDENTIFIER_NAME,    /* 2 to 4 Han, or parts joined by · */
        IDENTIFIER_ADDRESS, /* street or village with a number */
        N_IDENTIFIER_KINDS
};

/* "resident_id" as procedures name it; "居民身份证号" as readers do. */
const char *identifier_name(enum identifier_kind kind);
const char *identifier_label(enum identifier_kind kind);
MUST_CHECK bool identifier_kind_of(struct str name, enum identifier_kind *ret);

/* True if `text` is a well-formed identifier of this kind. If not, *reason says
 * why in Chinese (static text, never the value itself). `today` bounds dates of
 * birth; DATE_NONE leaves the future unchecked. Lower-case letters are taken as
 * upper-case; blanks and full-width digits are refused: identifier_normalize()
 * first, and store what it gives. */
MUST_CHECK bool identifier_check(
                enum identifier_kind kind, struct str text, struct date today, const char **reason);

/* Full-width to half-width, upper-case, blanks and hyphens dropped (but
 * that before a phone's extension); for emails lower-case domain, for names and addresses only
 * trimmed. */
struct str identifier_normalize(struct arena *arena, enum identifier_kind kind, struct str text);

/* What a valid resident id says. */
struct date identifier_birth_date(struct str resident_id);
int identifier_age(struct str resident_id, struct date on); /* full years */
bool identifier_is_male(struct str resident_id);

/* "kind<TAB>value[<TAB>today]" -> "ok" or "bad<TAB>reason". */
struct str identifier_probe(struct arena *arena, struct str line);

/* Valid numbers for fictional persons and units. region: six digits; serial
 * 0..999 (odd = male). prefix: two characters, "31" = law firm; serial
 * 0..99999999. A wrong argument is our own mistake and asserts. */
struct str identifier_make_resident_id(
                struct arena *arena, struct str region, struct date birth, int serial);
struct str identifier_make_credit_code(
                struct arena *arena, struct str prefix, struct str region, int serial);

#endif
