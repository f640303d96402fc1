/* plumbline user password, user factor, user demo: how staff prove who they are. */
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "account/account.h"
#include "account/password.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "projection/register_read.h"

#define TYPED_MAX 1024

/* ---- A password from the keyboard, unseen, or from a pipe ---- */

static bool read_line(char *to, size_t size, struct str *ret, struct err *err)
{
        if (fgets(to, (int)size, stdin) == NULL)
                return err_set(err, E_USAGE, "没有读到密码");
        *ret = str_trim(str_of(to));
        return true;
}

static bool ask(const char *prompt, char *to, size_t size, struct str *ret, struct err *err)
{
        struct termios before, silent;
        fprintf(stderr, "%s", prompt);
        if (tcgetattr(STDIN_FILENO, &before) != 0)
                return err_set(err, E_USAGE, "终端不能关闭回显");
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        bool ok = read_line(to, size, ret, err);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fprintf(stderr, "\n");
        return ok;
}

static bool read_password(struct cli *cli, struct str *ret, struct err *err)
{
        char *first = arena_alloc(cli->arena, TYPED_MAX),
             *second = arena_alloc(cli->arena, TYPED_MAX);
        struct str again;
        if (cli_has(cli, "generate"))
                return password_generate(cli->arena, ret, err);
        if (!isatty(STDIN_FILENO))
                return read_line(first, TYPED_MAX, ret, err);
        if (!ask("新密码：", first, TYPED_MAX, ret, err) ||
                        !ask("再输入一次：", second, TYPED_MAX, &again, err))
                return false;
        return str_eq(*ret, again) || err_set(err, E_ACCOUNT_PASSWORD, "两次输入的不一样");
}

/* ---- Commands ---- */

static bool is_staff(struct cli *cli, struct str id, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct date today = moment_date(desk_system_clock().now(NULL));
        struct value entry;
        bool found;
        if (!snapshot_open(site_store(cli->site), &snapshot, err) ||
                        !register_entry(cli->arena, snapshot, site_catalogue(cli->site),
                                        STR_LIT("staff"), id, today, &entry, &found, err))
                return false;
        return found || err_field(err, E_DESK_ACTOR, id, "人员名录里没有在岗的这个人");
}

bool cmd_user_password(struct cli *cli, struct err *err)
{
        struct str id = cli->words[0], password;
        struct moment now = desk_system_clock().now(NULL);
        bool must_change = !cli_has(cli, "keep");
        if (!is_staff(cli, id, err) || !read_password(cli, &password, err) ||
                        !account_set_password(
                                        cli->arena, cli->desk, id, password, must_change, now, err))
                return false;
        printf("已设置 %.*s 的密码%s\n", STR_FMT(id),
                        must_change ? "，第一次登录时须自行更换" : "");
        if (cli_has(cli, "generate"))
                printf("密码：%.*s（只显示这一次）\n", STR_FMT(password));
        return true;
}

bool cmd_user_factor(struct cli *cli, struct err *err)
{
        if (!account_drop_totp(cli->arena, cli->desk, cli->words[0], err))
                return false;
        printf("已停用 %.*s 的身份验证器，其登录已全部退出\n", STR_FMT(cli->words[0]));
        return true;
}

/* ---- Demonstration ---- */

struct demo {
        struct cli *cli;
        struct date today;
        struct str *done; /* roles that have somebody */
        size_t n_done;
};

static bool is_done(const struct demo *demo, struct str role)
{
        for (size_t i = 0; i < demo->n_done; i++)
                if (str_eq(demo->done[i], role))
                        return true;
        return false;
}

static bool give_account(
                struct demo *demo, struct str id, struct str name, struct str role, struct err *err)
{
        struct cli *cli = demo->cli;
        struct str password;
        struct moment now = desk_system_clock().now(NULL);
        if (!password_generate(cli->arena, &password, err) ||
                        !account_set_password(cli->arena, cli->desk, id, password, false, now, err))
                return false;
        printf("%.*s\t%.*s\t%.*s\t%.*s\n", STR_FMT(id), STR_FMT(password),
                        STR_FMT(catalogue_role(site_catalogue(cli->site), role)), STR_FMT(name));
        return true;
}

/* The first of his roles that nobody has got an account for. */
static bool serve_one(struct demo *demo, const struct register_row *row, struct err *err)
{
        const struct value *roles = value_get(&row->entry, STR_LIT("roles"));
        const struct value *name = value_get(&row->entry, STR_LIT("name"));
        bool given = false;
        for (size_t i = 0; roles != NULL && roles->kind == VALUE_LIST && i < roles->list.n; i++) {
                struct str role = roles->list.items[i].string;
                if (roles->list.items[i].kind != VALUE_STRING || is_done(demo, role))
                        continue;
                demo->done = arena_grow(
                                demo->cli->arena, demo->done, demo->n_done, 1, sizeof(struct str));
                demo->done[demo->n_done++] = role;
                if (!given && !give_account(demo, row->key,
                                              name != NULL ? name->string : STR_LIT(""), role, err))
                        return false;
                given = true;
        }
        return true;
}

bool cmd_user_demo(struct cli *cli, struct err *err)
{
        struct demo demo = { .cli = cli };
        struct str after = STR_LIT("");
        const struct register_row *rows;
        size_t n;
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        if (!date_parse(cli->words[0], &demo.today, err) ||
                        !snapshot_open(site_store(cli->site), &snapshot, err))
                return false;
        printf("账号\t密码\t岗位\t姓名\n");
        do {
                if (!register_rows(cli->arena, snapshot, site_catalogue(cli->site),
                                    STR_LIT("staff"), demo.today, after, LIMIT_PAGE_ROWS, &rows, &n,
                                    err))
                        return false;
                for (size_t i = 0; i < n; i++)
                        if (!serve_one(&demo, &rows[i], err))
                                return false;
                if (n > 0)
                        after = rows[n - 1].key;
        } while (n == LIMIT_PAGE_ROWS);
        return true;
}
