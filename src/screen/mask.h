/* screen/mask.h - what is left of an identifier when it is shown.
 *
 * For the public a number of a person disappears; where the law needs the person
 * to be told apart from others of the name, the parts that do not give away the
 * birth date stay. The shape of the original (blanks, hyphens, line breaks) is
 * kept, so that a mask changes no layout. */
#ifndef SCREEN_MASK_H
#define SCREEN_MASK_H

#include "screen/identifier.h"

enum mask_degree {
        MASK_PUBLIC,   /* for anyone */
        MASK_IDENTIFY, /* resident id: first 6 and last 4 stay; otherwise as MASK_PUBLIC */
};

/* `text` as it stands in a document, full-width characters and blanks included.
 *   resident id, travel papers, codes    whole
 *   bank card      ************1111      phone    0592-2****00
 *   mobile         138****1234           plate    闽D*****
 *   email          a***@domain           name     张某 (欧阳某)
 *   address        to the street: 湖滨南路***                                      */
struct str mask_text(struct arena *arena, enum identifier_kind kind, enum mask_degree degree,
                struct str text);

#endif
