/* account/password.h - passwords: which are good enough, and how they are kept.
 *
 * Kept as argon2id (RFC 9106) in its usual text form, which carries salt and parameters, so that
 * these may be raised later: one that was made with others is made anew at the next sign-in. */
#ifndef ACCOUNT_PASSWORD_H
#define ACCOUNT_PASSWORD_H

#include "base/err.h"
#include "base/str.h"

#define PASSWORD_MIN 10u  /* characters */
#define PASSWORD_MAX 128u /* more is no stronger, and costs time */
#define PASSWORD_KINDS                                                                             \
        3u /* of: small letters, capitals, digits, all else (等级保护 三级的口令复杂度) */
#define PASSWORD_LONG     16u /* from here on kinds do not matter: a sentence is a good password */
#define PASSWORD_DISTINCT 5u  /* characters that differ */

/* 19 MiB, two passes, one lane: the least that OWASP recommends for argon2id (2023). Measured
 * here 20 ms: two processors check a hundred a second, a guesser's card a few thousand. */
#define PASSWORD_MEMORY_KIB 19456u
#define PASSWORD_PASSES     2u
#define PASSWORD_LANES      1u
#define PASSWORD_SALT_BYTES 16u
#define PASSWORD_HASH_BYTES 32u

/* Good enough for the account `id`? E_ACCOUNT_PASSWORD says what is missing. */
MUST_CHECK bool password_check(struct str password, struct str id, struct err *err);

/* The text to be kept. E_ACCOUNT_RANDOM. */
MUST_CHECK bool password_hash(
                struct arena *arena, struct str password, struct str *ret, struct err *err);

/* Is it the one that was kept? `kept` empty (no such account): false, and takes as long.
 * *ret_old: it is, but should be kept anew. */
bool password_verify(struct arena *arena, struct str password, struct str kept, bool *ret_old);

/* A random one that is good enough, to be told once: letters and digits that are not mistaken
 * for each other, about 95 bits. */
MUST_CHECK bool password_generate(struct arena *arena, struct str *ret, struct err *err);

#endif
