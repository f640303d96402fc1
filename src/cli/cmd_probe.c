/* cli/cmd_probe.c - answers to checks from outside: one line in, one line out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/data.h"
#include "cli/probe.h"
#include "clock/probe.h"
#include "draw/rfc3797.h"
#include "ledger/probe.h"
#include "rules/probe.h"
#include "screen/identifier.h"

struct probing {
        struct cli *cli;
        const char *bad; /* how its answers to lines that make no sense begin */
        const struct calendar *calendar;
};

static struct str refuse(const struct probing *probing, struct arena *arena, const char *why)
{
        return str_format(arena, "%s\t%s", probing->bad, why);
}

/* Answers to standard output, each flushed: the other side may be waiting for it. */
static bool each_line(struct probing *probing,
                struct str (*answer)(struct probing *, struct arena *, struct str), struct err *err)
{
        struct arena *arena = arena_open();
        char *line = NULL;
        size_t size = 0;
        ssize_t n;
        while ((n = getline(&line, &size, stdin)) >= 0) {
                if (n > 0 && line[n - 1] == '\n')
                        n--;
                if (n > 0 && line[n - 1] == '\r')
                        n--;
                struct str text = { line, (size_t)n };
                arena_reset(arena);
                struct str reply = text.n > LIMIT_EVENT_BYTES ? refuse(probing, arena, "行过长")
                                   : !str_is_utf8(text) ? refuse(probing, arena, "不是有效的 UTF-8")
                                                        : answer(probing, arena, text);
                printf("%.*s\n", STR_FMT(reply));
                if (fflush(stdout) != 0)
                        break;
        }
        bool ok = ferror(stdin) == 0 && ferror(stdout) == 0;
        free(line);
        arena_close(&arena);
        return ok || err_set(err, E_IO, "%s", strerror(errno));
}

static struct str answer_deadline(struct probing *p, struct arena *arena, struct str line)
{
        struct buf buf = BUF(arena);
        clock_probe(p->calendar, line, &buf);
        return buf_str(&buf);
}

static struct str answer_identifier(struct probing *p, struct arena *arena, struct str line)
{
        (void)p;
        return identifier_probe(arena, line);
}

static struct str answer_rfc3797(struct probing *p, struct arena *arena, struct str line)
{
        (void)p;
        return rfc3797_probe(arena, line);
}

static struct str answer_feel(struct probing *p, struct arena *arena, struct str line)
{
        (void)p;
        return feel_probe(arena, line);
}

static struct str answer_hash(struct probing *p, struct arena *arena, struct str line)
{
        struct str reply;
        struct err err;
        (void)p;
        if (hash_probe(arena, line, &reply, &err))
                return reply;
        return str_format(arena, "bad\t%s", err_text(err.code)->sentence);
}

static bool probe_deadline(struct probing *p, struct err *err)
{
        struct site_data data;
        const struct calendar_set *calendars;
        if (!data_read(p->cli->arena, cli_option(p->cli, "data"), &data, err) ||
                        !data_calendars(p->cli->arena, &data, &calendars, err))
                return false;
        p->calendar = calendar_latest(calendars);
        return each_line(p, answer_deadline, err);
}

static bool probe_identifier(struct probing *p, struct err *err)
{
        return each_line(p, answer_identifier, err);
}

static bool probe_rfc3797(struct probing *p, struct err *err)
{
        return each_line(p, answer_rfc3797, err);
}

static bool probe_feel(struct probing *p, struct err *err)
{
        return each_line(p, answer_feel, err);
}

static bool probe_hash(struct probing *p, struct err *err)
{
        return each_line(p, answer_hash, err);
}

/* The one probe that reads files: a proof is more than a line. */
static bool probe_merkle(struct probing *p, struct err *err)
{
        for (size_t i = 1; i < p->cli->n_words; i++) {
                struct str json;
                struct err refused;
                if (!cli_read_file(p->cli->arena, p->cli->words[i], LIMIT_BODY_BYTES, &json, err))
                        return false;
                bool ok = merkle_probe(p->cli->arena, json, &refused);
                printf("%s\t%.*s\n", ok ? "ok" : "refused", STR_FMT(p->cli->words[i]));
                fflush(stdout);
        }
        return true;
}

static bool probe_citations(struct probing *p, struct err *err)
{
        struct site_data data;
        struct catalogue catalogue;
        if (!data_read(p->cli->arena, cli_option(p->cli, "data"), &data, err) ||
                        !data_catalogue(p->cli->arena, &data, &catalogue, err))
                return false;
        struct str lines = citations_probe(p->cli->arena, &catalogue);
        printf("%.*s", STR_FMT(lines));
        return true;
}

bool cmd_probe(struct cli *cli, struct err *err)
{
        static const struct {
                const char *name, *bad;
                bool (*run)(struct probing *, struct err *);
        } probes[] = {
                { "deadline", "error\tE_PROBE_LINE", probe_deadline },
                { "identifier", "bad", probe_identifier },
                { "rfc3797", "bad", probe_rfc3797 },
                { "merkle", "refused", probe_merkle },
                { "feel", "error", probe_feel },
                { "citations", "bad", probe_citations },
                { "hash", "bad", probe_hash },
        };
        for (size_t i = 0; i < N_ELEMENTS(probes); i++) {
                struct probing probing = { .cli = cli, .bad = probes[i].bad };
                if (str_is(cli->words[0], probes[i].name))
                        return probes[i].run(&probing, err);
        }
        return err_set(err, E_USAGE, "没有这种检验：%.*s", STR_FMT(cli->words[0]));
}
