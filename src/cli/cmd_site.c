/* cli/cmd_site.c - the site as a whole. */
#include <string.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/data.h"
#include "desk/desk.h"
#include "desk/file_sweep.h"
#include "projection/register_read.h"
#include "store/store.h"

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
                .store = option_or(cli, "store", "sqlite"),
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .keep_files = FILE_SWEEP_DAYS,
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

/* ---- copy ---- */

bool cmd_copy(struct cli *cli, struct err *err)
{
        struct str store = option_or(cli, "store", "sqlite");
        if (!site_copy(cli->words[0], cli->words[1], store, err))
                return false;
        printf("已复制到 %.*s（%.*s）：读表逐行一致，存证的根由 plumbline verify 核对\n",
                        STR_FMT(cli->words[1]), STR_FMT(store));
        printf("两个站点同一把签名密钥，只能有一个继续办理；请停用其中一个\n");
        return true;
}

/* ---- user: the register of staff ---- */

static bool submit_staff(
                struct cli *cli, struct str act, struct member *members, size_t n, struct err *err)
{
        struct receipt receipt;
        if (!value_sort_members(members, n))
                return err_set(err, E_USAGE, "字段重复");
        struct submission s = { .reg = STR_LIT("staff"),
                .act = act,
                .by = BY_SYSTEM,
                .fields = value_context(members, n) };
        return desk_submit(cli->arena, cli->desk, &s, &receipt, err);
}

bool cmd_user_add(struct cli *cli, struct err *err)
{
        struct str roles = cli_option(cli, "roles");
        struct value *list = arena_new_array(cli->arena, roles.n + 1, struct value);
        size_t n_roles = 0;
        while (roles.p != NULL && roles.n > 0)
                list[n_roles++] = value_string(str_trim(str_split(&roles, ',')));
        struct member members[] = {
                { STR_LIT("id"), value_string(cli->words[0]) },
                { STR_LIT("name"), value_string(cli->words[1]) },
                { STR_LIT("roles"), value_list(list, n_roles) },
                { STR_LIT("unit"), value_string(cli_option(cli, "unit")) },
        };
        if (!submit_staff(cli, STR_LIT("put"), members, N_ELEMENTS(members), err))
                return false;
        printf("已登记 %.*s\n", STR_FMT(cli->words[0]));
        return true;
}

bool cmd_user_end(struct cli *cli, struct err *err)
{
        struct member members[] = { { STR_LIT("id"), value_string(cli->words[0]) } };
        if (!submit_staff(cli, STR_LIT("end"), members, 1, err))
                return false;
        printf("已终止 %.*s\n", STR_FMT(cli->words[0]));
        return true;
}

static struct str text_of(struct arena *arena, const struct value *entry, const char *name)
{
        const struct value *v = value_get(entry, str_of(name));
        return v != NULL ? value_text(arena, v) : STR_LIT("");
}

bool cmd_user_list(struct cli *cli, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct desk_clock clock = desk_system_clock();
        struct str after = STR_LIT("");
        const struct register_row *rows;
        size_t n = 1;
        if (!snapshot_open(site_store(cli->site), &snapshot, err))
                return false;
        while (n > 0) {
                if (!register_rows(cli->arena, snapshot, site_catalogue(cli->site),
                                    STR_LIT("staff"), moment_date(clock.now(NULL)), after,
                                    LIMIT_PAGE_ROWS, &rows, &n, err))
                        return false;
                for (size_t i = 0; i < n; i++)
                        printf("%.*s\t%.*s\t%.*s\t%.*s\n", STR_FMT(rows[i].key),
                                        STR_FMT(text_of(cli->arena, &rows[i].entry, "name")),
                                        STR_FMT(text_of(cli->arena, &rows[i].entry, "unit")),
                                        STR_FMT(text_of(cli->arena, &rows[i].entry, "roles")));
                if (n > 0)
                        after = rows[n - 1].key;
        }
        return true;
}
