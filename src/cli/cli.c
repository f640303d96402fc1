#include "cli/command.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "desk/desk.h"
#include "desk/site.h"

static size_t n_options(const struct command *command)
{
        size_t n = 0;
        while (command->options != NULL && command->options[n].name != NULL)
                n++;
        assert(n <= CLI_OPTIONS_MAX);
        return n;
}

static size_t option_index(const struct command *command, struct str name)
{
        size_t n = n_options(command);
        for (size_t i = 0; i < n; i++)
                if (str_is(name, command->options[i].name))
                        return i;
        return SIZE_MAX;
}

struct str cli_option(const struct cli *cli, const char *name)
{
        size_t i = option_index(cli->command, str_of(name));
        assert(i != SIZE_MAX);
        return cli->values[i];
}

bool cli_has(const struct cli *cli, const char *name)
{
        size_t i = option_index(cli->command, str_of(name));
        assert(i != SIZE_MAX);
        return cli->given[i];
}

bool cli_int(const struct cli *cli, const char *name, int64_t otherwise, int64_t *ret,
                struct err *err)
{
        if (!cli_has(cli, name)) {
                *ret = otherwise;
                return true;
        }
        if (!str_to_int(cli_option(cli, name), ret))
                return err_field(err, E_USAGE, str_of(name), "--%s 应当是整数", name);
        return true;
}

bool cli_read_file(struct arena *arena, struct str path, size_t limit, struct str *ret,
                struct err *err)
{
        const char *name = str_c(arena, path);
        bool is_stdin = strcmp(name, "-") == 0;
        FILE *file = is_stdin ? stdin : fopen(name, "rbe");
        if (file == NULL)
                return err_set(err, errno == ENOENT ? E_NOT_FOUND : E_IO, "文件 %s：%s", name,
                                strerror(errno));
        struct buf buf = BUF(arena);
        char piece[65536];
        size_t n;
        while ((n = fread(piece, 1, sizeof(piece), file)) > 0 && buf.n <= limit)
                buf_add(&buf, piece, n);
        bool failed = ferror(file) != 0;
        if (!is_stdin)
                fclose(file);
        if (failed)
                return err_set(err, E_IO, "文件 %s 读不出来", name);
        if (buf.n > limit)
                return err_set(err, E_LIMIT, "文件 %s 超过 %zu 字节", name, limit);
        *ret = buf_str(&buf);
        return true;
}

const struct command *cli_find(const struct str *words, size_t n_words, size_t *ret_used)
{
        const struct command *best = NULL;
        *ret_used = 0;
        for (const struct command *c = cli_commands; c->name != NULL; c++) {
                struct str rest = str_of(c->name);
                size_t used = 0;
                bool fits = true;
                for (struct str word = str_split(&rest, ' '); word.p != NULL && fits;
                                word = str_split(&rest, ' '), used++)
                        fits = used < n_words && str_eq(word, words[used]);
                if (fits && used > *ret_used) {
                        *ret_used = used;
                        best = c;
                }
        }
        return best;
}

/* Chinese characters take two columns of a terminal. */
static int columns(const char *text)
{
        int n = 0;
        for (const char *p = text; *p != '\0'; p++)
                if (((unsigned char)*p & 0xC0) != 0x80)
                        n += (unsigned char)*p >= 0xE2 ? 2 : 1;
        return n;
}

static void print_row(FILE *to, const char *left, const char *right)
{
        int gap = 30 - columns(left);
        fprintf(to, "  %s%*s%s\n", left, gap > 2 ? gap : 2, "", right);
}

void cli_print_overview(FILE *to)
{
        fprintf(to, "准绳 plumbline — 司法局的办件、期限、存证与年度报告\n\n"
                    "用法：plumbline [--site 目录] 命令 [选项]\n\n命令：\n");
        for (const struct command *c = cli_commands; c->name != NULL; c++)
                print_row(to, c->name, c->summary);
        fprintf(to, "\n各命令的说明：plumbline help 命令\n"
                    "站点目录：--site，或环境变量 PLUMBLINE_SITE，默认 ./site\n"
                    "退出码：0 成功，1 故障，2 输入有误，3 无权，4 没有找到，5 冲突，6 繁忙\n");
}

void cli_print_help(FILE *to, const struct command *command)
{
        fprintf(to, "plumbline %s%s%s — %s\n", command->name,
                        command->arguments[0] != '\0' ? " " : "", command->arguments,
                        command->summary);
        if (command->help != NULL)
                fprintf(to, "\n%s\n", command->help);
        size_t n = n_options(command);
        if (n > 0)
                fprintf(to, "\n选项：\n");
        for (size_t i = 0; i < n; i++) {
                const struct command_option *o = &command->options[i];
                char left[96];
                snprintf(left, sizeof(left), "--%s%s%s", o->name, o->argument != NULL ? " " : "",
                                o->argument != NULL ? o->argument : "");
                print_row(to, left, o->help);
        }
}

/* Takes "--name", "--name value", "--name=value"; "--" ends the options. */
static bool take_option(struct cli *cli, const char *word, char **next, bool *ret_took_next,
                struct err *err)
{
        struct str text = str_of(word + 2), name = text;
        size_t equals = str_find(text, STR_LIT("="));
        if (equals != SIZE_MAX)
                name = str_slice(text, 0, equals);
        size_t i = option_index(cli->command, name);
        if (i == SIZE_MAX)
                return err_set(err, E_USAGE, "%s 没有选项 --%.*s", cli->command->name,
                                STR_FMT(name));
        bool wants = cli->command->options[i].argument != NULL;
        *ret_took_next = false;
        if (!wants && equals != SIZE_MAX)
                return err_set(err, E_USAGE, "--%.*s 不带值", STR_FMT(name));
        if (wants && equals == SIZE_MAX && *next == NULL)
                return err_set(err, E_USAGE, "--%.*s 后面缺少 %s", STR_FMT(name),
                                cli->command->options[i].argument);
        if (wants && equals == SIZE_MAX) {
                cli->values[i] = str_of(*next);
                *ret_took_next = true;
        } else if (wants) {
                cli->values[i] = str_slice(text, equals + 1, text.n);
        }
        cli->given[i] = true;
        return true;
}

static bool is_option(const char *word)
{
        return word[0] == '-' && word[1] == '-' && word[2] != '\0';
}

/* The first pass knows no command yet: it takes --site and --help, and finds the
 * command among the words that stand before any other option. */
static bool parse_line(struct cli *cli, int argc, char **argv, struct err *err)
{
        struct str *words = arena_new_array(cli->arena, (size_t)argc + 1, struct str);
        char **rest = arena_new_array(cli->arena, (size_t)argc + 1, char *);
        size_t n_words = 0, n_rest = 0, used = 0;
        bool help = false;
        for (int i = 0; i < argc; i++) {
                if (!str_is_utf8(str_of(argv[i])))
                        return err_set(err, E_UTF8, "命令行第 %d 个词", i + 1);
                if (strcmp(argv[i], "--site") == 0 && i + 1 < argc)
                        cli->site_dir = str_of(argv[++i]);
                else if (strncmp(argv[i], "--site=", 7) == 0)
                        cli->site_dir = str_of(argv[i] + 7);
                else if (strcmp(argv[i], "--help") == 0)
                        help = true;
                else
                        rest[n_rest++] = argv[i];
        }
        while (n_words < n_rest && !is_option(rest[n_words])) {
                words[n_words] = str_of(rest[n_words]);
                n_words++;
        }
        cli->command = cli_find(words, n_words, &used);
        if (cli->command == NULL && n_words > 0)
                return err_set(err, E_USAGE, "没有命令 %.*s", STR_FMT(words[0]));
        if (cli->command == NULL || help) {
                size_t ignored;
                words[0] = STR_LIT("help");
                if (cli->command != NULL)
                        words[1] = str_of(cli->command->name);
                cli->n_words = cli->command != NULL ? 1 : 0;
                cli->words = words + 1;
                cli->command = cli_find(words, 1, &ignored);
                assert(cli->command != NULL);
                return true;
        }
        size_t n = 0;
        bool only_words = false;
        for (size_t i = used; i < n_rest; i++) {
                bool took_next = false;
                if (!only_words && strcmp(rest[i], "--") == 0)
                        only_words = true;
                else if (only_words || !is_option(rest[i]))
                        words[n++] = str_of(rest[i]);
                else if (!take_option(cli, rest[i], &rest[i + 1], &took_next, err))
                        return false;
                i += took_next;
        }
        cli->words = words;
        cli->n_words = n;
        if ((int)n < cli->command->n_min ||
                        (cli->command->n_max >= 0 && (int)n > cli->command->n_max))
                return err_set(err, E_USAGE, "用法：plumbline %s %s", cli->command->name,
                                cli->command->arguments);
        return true;
}

static bool run(struct cli *cli, struct err *err)
{
        const struct command *command = cli->command;
        if (command->needs == NEEDS_NOTHING ||
                        (command->needs == NEEDS_SITE_WITHOUT_WORDS && cli->n_words > 0))
                return command->run(cli, err);
        if (!site_open(cli->site_dir, &cli->site, err))
                return false;
        bool ok = command->needs != NEEDS_DESK ||
                  desk_open(cli->site, &(struct desk_options){ 0 }, &cli->desk, err);
        ok = ok && command->run(cli, err);
        struct err closing = { 0 };
        if (cli->desk != NULL && !desk_close(&cli->desk, &closing) && ok) {
                *err = closing;
                ok = false;
        }
        site_close(&cli->site);
        return ok;
}

int cli_main(int argc, char **argv)
{
        struct arena *arena = arena_open();
        const char *from_environment = getenv("PLUMBLINE_SITE");
        struct cli cli = {
                .arena = arena,
                .site_dir = str_of(from_environment != NULL ? from_environment : "site"),
        };
        struct err err = { 0 };
        int code = 0;
        bool ok = parse_line(&cli, argc, argv, &err) && run(&cli, &err);
        if (ok && (fflush(stdout) != 0 || ferror(stdout) != 0))
                ok = err_set(&err, E_IO, "标准输出：%s", strerror(errno));
        if (!ok) {
                fflush(stdout);
                struct str sentence = err_sentence(arena, &err);
                fprintf(stderr, "plumbline：%.*s [%s]\n", STR_FMT(sentence),
                                err_text(err.code)->name);
                code = err_exit_code(err_text(err.code)->kind);
        }
        arena_close(&arena);
        return code;
}
