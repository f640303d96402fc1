/* web/token.h - was the form that came back one of ours, given to this browser? (anti-forgery)
 *
 * A form carries HMAC(site secret, session); a stranger's, who has none, HMAC(site secret, a random
 * cookie of his own). Another site can make a browser send a form, but knows neither. What the
 * browser itself says of the form's origin (Origin, Sec-Fetch-Site) is looked at as well. */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include "web/visit.h"

/* The token for a form in this answer. A stranger gets the cookie with it, and the answer is then
 * for him alone. E_ACCOUNT_RANDOM. */
MUST_CHECK bool token_make(struct visit *visit, struct str *ret, struct err *err);

/* Does the posted `token` fit the session or the cookie? E_FORM_TOKEN. */
MUST_CHECK bool token_check(struct visit *visit, struct err *err);

#endif
