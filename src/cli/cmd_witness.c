/* cli/cmd_witness.c - another organ watches over a log. */
#include "cli/commands.h"
#include "cli/keys.h"
#include "desk/desk.h"
#include "desk/witness.h"

static bool print_key(struct cli *cli, const struct note_key *key)
{
        printf("%.*s\n", STR_FMT(note_key_format(cli->arena, key)));
        return true;
}

bool cmd_witness_init(struct cli *cli, struct err *err)
{
        struct note_key key;
        return witness_init(cli->arena, cli->words[0], cli->words[1], &key, err) &&
               print_key(cli, &key);
}

bool cmd_witness_key(struct cli *cli, struct err *err)
{
        struct note_key key;
        return witness_key(cli->arena, cli->words[0], &key, err) && print_key(cli, &key);
}

bool cmd_witness_cosign(struct cli *cli, struct err *err)
{
        struct log_check check = { .algorithm = LEDGER_SHA256 };
        struct witnessed done;
        struct desk_clock clock = desk_system_clock();
        if (!cli_keys(cli, "key", &check.keys, &check.n_keys, err) ||
                        !cli_hash(cli, "hash", &check.algorithm, err))
                return false;
        if (!witness_cosign(cli->arena, cli->words[0], cli->words[1], &check, clock.now(NULL),
                            &done, err))
                return false;
        if (cli_has(cli, "add") && !witness_add(cli->arena, cli->words[1], &done, err))
                return false;
        fprintf(stderr, "已见证 %.*s，%llu 条；%s\n", STR_FMT(done.head.origin),
                        (unsigned long long)done.head.size,
                        done.before > 0 ? "接续上次见证的存证点" : "第一次见证");
        printf("%.*s", STR_FMT(done.line));
        return true;
}
