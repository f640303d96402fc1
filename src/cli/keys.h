/* cli/keys.h - verifier keys, as an option hands them over. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "ledger/note.h"

#include "cli/command.h"

/* The option's text is a key, or a file with one on each line; at least one. */
MUST_CHECK bool cli_keys(struct cli *cli, const char *option, const struct note_key **ret,
                size_t *ret_n, struct err *err);

#endif
