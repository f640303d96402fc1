/* cli/cmd_site.c - the site as a whole. */
#include <string.h>

#include "cli/commands.h"
#include "cli/data.h"
#include "desk/desk.h"

#define PLUMBLINE_VERSION "0.1.0"

bool cmd_help(struct cli *cli, struct err *err)
{
        size_t used;
        if (cli->n_words == 0) {
                cli_print_overview(stdout);
                return true;
        }
        struct buf name = BUF(cli->arena);
        for (size_t i = 0; i < cli->n_words; i++) {
                buf_c(&name, i == 0 ? "" : " ");
                buf_str_add(&name, cli->words[i]);
        }
        struct str words[3], rest = buf_str(&name);
        size_t n = 0;
        while (n < N_ELEMENTS(words) && rest.p != NULL)
                words[n++] = str_split(&rest, ' ');
        const struct command *command = cli_find(words, n, &used);
        if (command == NULL)
                return err_set(err, E_USAGE, "没有命令 %.*s", STR_FMT(buf_str(&name)));
        cli_print_help(stdout, command);
        return true;
}

bool cmd_version(struct cli *cli, struct err *err)
{
        (void)cli;
        (void)err;
        printf("plumbline %s\n", PLUMBLINE_VERSION);
        return true;
}

static struct str option_or(const struct cli *cli, const char *name, const char *otherwise)
{
        return cli_has(cli, name) ? cli_option(cli, name) : str_of(otherwise);
}

bool cmd_init(struct cli *cli, struct err *err)
{
        struct site_config config = {
                .organ = option_or(cli, "organ", "厦门市司法局"),
                .prefix = option_or(cli, "prefix", "厦司"),
                .region = option_or(cli, "region", "350200"),
                .city = option_or(cli, "city", "厦门市"),
                .store = STR_LIT("sqlite"),
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .parameters = value_context(NULL, 0),
        };
        struct site_data data;
        struct moment as_of = { 0 };
        if (!hash_by_name(option_or(cli, "hash", "sha256"), &config.hash))
                return err_set(err, E_USAGE, "--hash 应当是 sha256 或 sm3");
        if (cli_has(cli, "at") && !moment_parse(cli_option(cli, "at"), &as_of, err))
                return false;
        if (!data_read(cli->arena, cli_option(cli, "data"), &data, err) ||
                        !site_init(cli->site_dir, &config, &data, as_of, err))
                return false;
        printf("已建立站点 %.*s：%.*s，%zu 个定义，%zu 个放假安排\n", STR_FMT(cli->site_dir),
                        STR_FMT(config.organ), data.n_definitions, data.n_calendars);
        return true;
}
