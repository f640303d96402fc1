/* cli/keys.h - verifier keys, as an option hands them over. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "ledger/hash.h"
#include "ledger/note.h"

#include "cli/command.h"

/* The option's text is a key, or a file with one on each line; at least one. */
MUST_CHECK bool cli_keys(struct cli *cli, const char *option, const struct note_key **ret,
                size_t *ret_n, struct err *err);

/* The witnesses of option "witness-key", and how many of them must have cosigned: option
 * "require", or all. None and 0 without the first. */
MUST_CHECK bool cli_witnesses(struct cli *cli, const struct note_key **ret, size_t *ret_n,
                size_t *ret_require, struct err *err);

/* "sha256" or "sm3"; left as it was where the option is not given. */
MUST_CHECK bool cli_hash(
                struct cli *cli, const char *option, enum ledger_hash *ret, struct err *err);

#endif
