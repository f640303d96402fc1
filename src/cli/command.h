/* cli/command.h - a command of the program, as one row of a table.
 *
 * `plumbline help` prints the table; the options a command does not list are
 * refused. A command reads its words and options from `struct cli`, prints its
 * answer to standard output and fails with an error, whose kind is the exit code. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

#define CLI_OPTIONS_MAX 16u

struct desk;
struct site;

struct command_option {
        const char *name;     /* "year" */
        const char *argument; /* "YEAR"; NULL = a switch */
        const char *help;     /* Chinese */
};

enum command_needs {
        NEEDS_NOTHING,
        NEEDS_SITE,               /* opened for reading */
        NEEDS_SITE_WITHOUT_WORDS, /* the same, unless a word names something else */
        NEEDS_DESK,               /* opened for acts */
};

struct cli;

struct command {
        const char *name;      /* "clock explain": one word or two */
        const char *arguments; /* "办件编号 期限" as help shows them; "" = none */
        int n_min, n_max;      /* how many words; n_max -1 = any number */
        enum command_needs needs;
        const struct command_option *options; /* ends with a row without name */
        const char *summary;                  /* one Chinese line */
        const char *help;                     /* more Chinese lines; NULL = none */
        bool (*run)(struct cli *cli, struct err *err);
};

struct cli {
        struct arena *arena;
        const struct command *command;
        const struct str *words; /* what stands behind the command's name */
        size_t n_words;
        struct str values[CLI_OPTIONS_MAX]; /* in the order of command->options */
        bool given[CLI_OPTIONS_MAX];
        struct str site_dir;
        struct site *site; /* NULL unless the command needs one */
        struct desk *desk;
};

/* The text of an option, empty if it was not given; cli_has: was it given? The
 * name must be one of the command's own. */
struct str cli_option(const struct cli *cli, const char *name);
bool cli_has(const struct cli *cli, const char *name);

/* A whole number from an option, or `otherwise`. */
MUST_CHECK bool cli_int(const struct cli *cli, const char *name, int64_t otherwise, int64_t *ret,
                struct err *err);

/* The whole of a file, "-" = standard input; at most `limit` bytes. */
MUST_CHECK bool cli_read_file(struct arena *arena, struct str path, size_t limit, struct str *ret,
                struct err *err);

/* All commands; a row without name ends the table. */
extern const struct command cli_commands[];

/* Finds the command that the words begin with; *ret_used = 1 or 2. NULL = none. */
const struct command *cli_find(const struct str *words, size_t n_words, size_t *ret_used);

void cli_print_overview(FILE *to);
void cli_print_help(FILE *to, const struct command *command);

/* Runs one command line (without the program's name); returns the exit code. */
int cli_main(int argc, char **argv);

#endif
