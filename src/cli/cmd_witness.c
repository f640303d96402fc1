/* cli/cmd_witness.c - another organ watches over a log. */
#include <signal.h>

#include "cli/commands.h"
#include "cli/keys.h"
#include "desk/cosign.h"
#include "desk/desk.h"
#include "desk/witness_answer.h"
#include "web/witness_server.h"

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

bool cmd_witness_watch(struct cli *cli, struct err *err)
{
        enum ledger_hash algorithm = LEDGER_SHA256;
        struct str text = cli->words[1];
        struct note_key key;
        if (!cli_hash(cli, "hash", &algorithm, err))
                return false;
        if (str_find(text, STR_LIT("+")) == SIZE_MAX &&
                        !cli_read_file(cli->arena, text, 4096, &text, err))
                return false;
        return note_key_parse(cli->arena, str_trim(text), &key, err) &&
               witness_watch(cli->arena, cli->words[0], &key, algorithm, err);
}

bool cmd_witness_serve(struct cli *cli, struct err *err)
{
        struct str bind = cli_has(cli, "bind") ? cli_option(cli, "bind") : STR_LIT("127.0.0.1");
        struct witness_server *server;
        struct note_key key;
        sigset_t stops;
        int64_t port;
        int signal_number;
        if (!cli_int(cli, "port", 0, &port, err))
                return false;
        if (port < 0 || port > 65535)
                return err_set(err, E_USAGE, "--port 应当在 0 与 65535 之间");
        sigemptyset(&stops);
        sigaddset(&stops, SIGTERM);
        sigaddset(&stops, SIGINT);
        pthread_sigmask(SIG_BLOCK, &stops, NULL);
        if (!witness_key(cli->arena, cli->words[0], &key, err) ||
                        !witness_server_start(cli->words[0], str_c(cli->arena, bind), (int)port,
                                        desk_system_clock(), &server, err))
                return false;
        printf("见证人 %.*s 已在 http://%.*s:%d/ 应答，按 Ctrl-C 停止\n", STR_FMT(key.name),
                        STR_FMT(bind), witness_server_port(server));
        fflush(stdout);
        while (sigwait(&stops, &signal_number) != 0)
                continue;
        witness_server_stop(&server);
        printf("已停止\n");
        return true;
}

bool cmd_log_witness(struct cli *cli, struct err *err)
{
        const struct cosigned *all;
        bool ok = true;
        size_t n;
        if (!cosign_newest(cli->arena, cli->site, &all, &n, err))
                return false;
        if (n == 0)
                return err_set(err, E_LOG_WITNESS, "site.yaml 里没有 witnesses");
        for (size_t i = 0; i < n; i++) {
                printf("%.*s：%s\n", STR_FMT(all[i].name),
                                !all[i].done     ? err_text(all[i].err.code)->sentence
                                : all[i].already ? "先前已联署"
                                                 : "已联署");
                if (!all[i].done && (ok || all[i].err.code == E_LOG_SPLIT))
                        *err = all[i].err;
                ok = ok && all[i].done;
        }
        return ok;
}
