/* account/api_token.h - keys with which a program acts as a member of staff (bearer tokens,
 * RFC 6750).
 *
 * A token carries the id of an entry in the register of staff, like an account: what the program
 * may do is said there, and ends there. It is shown once; the store keeps its SHA-256 alone,
 * which is enough because a token is 32 random bytes and not a word somebody chose. */
#ifndef ACCOUNT_API_TOKEN_H
#define ACCOUNT_API_TOKEN_H

#include "desk/desk.h"
#include "store/store.h"

#define API_TOKEN_PREFIX "plt_" /* so that it is recognised where it was left lying */
#define API_TOKEN_BYTES  32u
#define API_TOKEN_DAYS   365
#define API_TOKENS_MAX   100u
#define API_TOKEN_LABEL  100u /* characters */

struct api_token {
        struct str id, account, label;
        struct moment created, until;
};

/* *ret_text: the token, to be told once. E_ACCOUNT_TOKEN: too many, or no label. */
MUST_CHECK bool api_token_add(struct arena *arena, struct desk *desk, struct str account,
                struct str label, struct moment now, struct str *ret_text, struct err *err);
MUST_CHECK bool api_token_end(struct desk *desk, struct str id, struct err *err); /* E_NOT_FOUND */

/* Whose token is it? *ret_found false: nobody's, or it has run out. */
MUST_CHECK bool api_token_find(struct arena *arena, struct snapshot *snapshot, struct str text,
                struct moment now, struct api_token *ret, bool *ret_found, struct err *err);

/* All that have not run out, newest first. */
MUST_CHECK bool api_token_list(struct arena *arena, struct snapshot *snapshot, struct moment now,
                const struct api_token **ret, size_t *ret_n, struct err *err);

#endif
