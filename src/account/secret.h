/* account/secret.h - random bytes, comparing without telling how far, and the site's own secret.
 *
 * The secret is made once, kept in the store, and never shown: whatever is derived from it
 * (anti-forgery tokens, query codes) can be checked by us and guessed by nobody. */
#ifndef ACCOUNT_SECRET_H
#define ACCOUNT_SECRET_H

#include "desk/desk.h"
#include "ledger/hash.h"

#define SECRET_BYTES 32u

/* From the system. E_ACCOUNT_RANDOM. */
MUST_CHECK bool secret_random(void *ret, size_t n, struct err *err);

/* n random bytes as text: letters, digits, - and _ (RFC 4648 section 5, without padding). */
MUST_CHECK bool secret_text(struct arena *arena, size_t n, struct str *ret, struct err *err);

/* Takes as long for any two texts of one length. */
bool secret_eq(struct str a, struct str b);

/* The site's secret, made when first asked for. */
MUST_CHECK bool secret_of_site(struct desk *desk, struct hmac *ret, struct err *err);

/* HMAC of (purpose, text) under it: what was made for one purpose fits no other. */
struct hash secret_derive(const struct hmac *secret, const char *purpose, struct str text);

/* The same as text of 32 characters (192 bits). */
struct str secret_token(struct arena *arena, const struct hmac *secret, const char *purpose,
                struct str text);

#endif
