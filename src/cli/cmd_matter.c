/* cli/cmd_matter.c - acts, matters and their clocks. */
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "desk/desk.h"
#include "desk/history.h"
#include "desk/import.h"
#include "desk/paper.h"
#include "desk/timers.h"
#include "projection/docket.h"
#include "projection/matter_read.h"
#include "projection/world.h"
#include "store/store.h"

/* ---- act ---- */

static void print_receipt(const struct receipt *r)
{
        printf("%s %.*s %.*s 〔%.*s〕 第 %lld 号事件%s\n", r->begins ? "已登记" : "已办理",
                        STR_FMT(r->act_label), STR_FMT(r->number), STR_FMT(r->state_label),
                        (long long)r->seq, r->repeated ? "（重复提交，未再办理）" : "");
        for (size_t i = 0; i < r->n_documents; i++)
                printf("文书 %.*s %.*s\n", STR_FMT(r->documents[i].label),
                                STR_FMT(r->documents[i].text));
        for (size_t i = 0; i < r->n_clocks; i++)
                printf("期限 %.*s 至 %.*s%s\n", STR_FMT(r->clocks[i].label),
                                STR_FMT(r->clocks[i].text),
                                r->clocks[i].provisional ? "（暂定）" : "");
        for (size_t i = 0; i < r->n_warnings; i++)
                printf("提醒 %.*s\n", STR_FMT(r->warnings[i]));
        for (size_t i = 0; i < r->n_followed; i++)
                printf("随即 %.*s %.*s 〔%.*s〕\n", STR_FMT(r->followed[i].label),
                                STR_FMT(r->followed[i].name), STR_FMT(r->followed[i].text));
        if (r->hint.n > 0)
                printf("接下来 %.*s\n", STR_FMT(r->hint));
}

static bool take_fields(struct cli *cli, struct value *ret, struct err *err)
{
        struct str text = cli->n_words > 2 ? cli->words[2] : STR_LIT("{}");
        if (str_is(text, "-") && !cli_read_file(cli->arena, text, LIMIT_BODY_BYTES, &text, err))
                return false;
        return value_parse_json(cli->arena, text, ret, err);
}

bool cmd_act(struct cli *cli, struct err *err)
{
        struct submission s = {
                .act = cli->words[1],
                .actor = cli_option(cli, "by"),
                .on_behalf = cli_option(cli, "for"),
                .unit = cli_option(cli, "unit"),
                .key = cli_option(cli, "key"),
        };
        struct receipt receipt;
        struct str subject = cli->words[0];
        struct str reg = STR_LIT("register:");
        if (cli_has(cli, "by") + cli_has(cli, "party") + cli_has(cli, "system") != 1)
                return err_set(err, E_USAGE, "要写明办理人：--by、--party 或 --system");
        if (cli_has(cli, "party")) {
                s.by = BY_PARTY;
                s.actor = cli_option(cli, "party");
        } else if (cli_has(cli, "system")) {
                s.by = BY_SYSTEM;
        }
        if (str_starts(subject, reg))
                s.reg = str_slice(subject, reg.n, subject.n);
        else if (catalogue_procedure(site_catalogue(cli->site), subject) != NULL)
                s.procedure = subject;
        else
                s.matter = subject;
        if (!take_fields(cli, &s.fields, err) ||
                        !desk_submit(cli->arena, cli->desk, &s, &receipt, err))
                return false;
        print_receipt(&receipt);
        return true;
}

/* ---- show ---- */

struct looking {
        struct cli *cli;
        struct arena *arena;
        struct snapshot *snapshot;
        const struct catalogue *catalogue;
        struct world world;
        struct matter *matter;
};

static struct moment now(void)
{
        return desk_system_clock().now(NULL);
}

static bool look_at(struct cli *cli, struct looking *ret, struct err *err)
{
        struct str number = cli->words[0];
        int64_t id;
        *ret = (struct looking){
                .cli = cli, .arena = cli->arena, .catalogue = site_catalogue(cli->site)
        };
        if (!snapshot_open(site_store(cli->site), &ret->snapshot, err))
                return false;
        world_open(&ret->world, ret->snapshot, ret->catalogue, site_calendars(cli->site),
                        site_facts(cli->site), now());
        bool by_id = number.n > 1 && number.p[0] == '#' &&
                     str_to_int(str_slice(number, 1, number.n), &id);
        if ((by_id || matter_find(ret->snapshot, number, &id, err)) &&
                        matter_read(cli->arena, ret->snapshot, ret->catalogue, id, &ret->matter,
                                        err))
                return true;
        snapshot_close(&ret->snapshot);
        return false;
}

static void print_time(struct moment m)
{
        char text[26];
        moment_write(m, text);
        text[10] = ' ';
        printf("%.16s", text);
}

static void print_clocks(const struct looking *l)
{
        for (size_t i = 0; i < l->matter->version->n_clocks; i++) {
                const struct clock_definition *clock = &l->matter->version->clocks[i];
                const struct matter_clock *c = &l->matter->clocks[i];
                struct deadline d;
                if (c->status == CLOCK_NONE)
                        continue;
                printf("期限 %.*s %s", STR_FMT(clock->label), paper_clock_status(c->status));
                if (matter_deadline(l->matter, i, l->world.circumstances.calendar,
                                    moment_date(now()), &d))
                        printf(" 至 %.*s%s", STR_FMT(date_format(l->arena, d.last_day)),
                                        d.provisional ? "（暂定）" : "");
                printf("%s（%.*s）\n", paper_clock_late(clock, c), STR_FMT(clock->basis));
        }
}

static void print_fields(const struct looking *l)
{
        const struct matter *m = l->matter;
        printf("%.*s %.*s 〔%.*s〕 %.*s #%lld\n", STR_FMT(m->version->procedure->label),
                        STR_FMT(m->number), STR_FMT(m->version->states[m->state].label),
                        STR_FMT(m->version->name), (long long)m->id);
        for (size_t i = 0; i < m->version->n_fields; i++)
                if (!value_is_null(m->fields[i]))
                        printf("%.*s：%.*s\n", STR_FMT(m->version->fields[i].label),
                                        STR_FMT(paper_field(l->arena, &m->version->fields[i],
                                                        &m->fields[i])));
}

static void print_timeline(const struct looking *l)
{
        for (size_t i = 0; i < l->matter->n_deeds; i++) {
                const struct deed *deed = &l->matter->deeds[i];
                struct str label = deed->act != SIZE_MAX ? l->matter->version->acts[deed->act].label
                                   : str_is(deed->name, ACT_NOTE) ? STR_LIT("备注")
                                   : str_starts(deed->name, STR_LIT(ACT_CODE))
                                                   ? STR_LIT("补发查询码")
                                   : str_is(deed->name, ACT_EXPIRE) ? STR_LIT("期限届满")
                                                                    : STR_LIT("期限预警");
                print_time(deed->time);
                printf(" %.*s %.*s #%lld\n", STR_FMT(label), STR_FMT(deed->actor),
                                (long long)deed->seq);
        }
}

static bool print_documents(const struct looking *l, struct err *err)
{
        for (size_t i = 0; i < l->matter->n_documents; i++) {
                const struct issued_document *issued = &l->matter->documents[i];
                struct matter *then;
                struct world world;
                struct str text;
                world_open(&world, l->snapshot, l->catalogue, site_calendars(l->cli->site),
                                site_facts(l->cli->site), issued->time);
                if (!history_matter_at(l->arena, l->snapshot, l->matter->version, l->matter->id,
                                    issued->seq, &then, err) ||
                                !paper_document(l->arena, then, issued, &world.circumstances, &text,
                                                err))
                        return false;
                printf("【%.*s】%.*s\n%.*s\n",
                                STR_FMT(l->matter->version->documents[issued->document].label),
                                STR_FMT(issued->number), STR_FMT(str_trim(text)));
        }
        return true;
}

bool cmd_show(struct cli *cli, struct err *err)
{
        struct looking l;
        bool ok = true;
        if (!look_at(cli, &l, err))
                return false;
        print_fields(&l);
        print_clocks(&l);
        print_timeline(&l);
        if (cli_has(cli, "documents"))
                ok = print_documents(&l, err);
        snapshot_close(&l.snapshot);
        return ok;
}

/* ---- clock explain, clock run ---- */

bool cmd_clock_explain(struct cli *cli, struct err *err)
{
        struct looking l;
        struct derivation derivation;
        if (!look_at(cli, &l, err))
                return false;
        int clock = version_clock(l.matter->version, cli->words[1]);
        bool ok = clock >= 0 || err_field(err, E_NOT_FOUND, cli->words[1], "没有这个期限");
        ok = ok &&
             paper_derivation(cli->arena, l.matter, (size_t)clock, l.world.circumstances.calendar,
                             moment_date(now()), &derivation, err);
        if (ok)
                printf("%.*s\n", STR_FMT(str_trim(derivation_format(cli->arena, &derivation))));
        snapshot_close(&l.snapshot);
        return ok;
}

static void print_look(void *user, const struct timer_look *look)
{
        static const char *const kinds[] = { "黄色预警", "红色预警", "届满" };
        (void)user;
        print_time(look->due);
        printf(" %.*s %.*s：%s", STR_FMT(look->receipt.number), STR_FMT(look->label),
                        kinds[look->kind]);
        if (look->acted)
                printf("，%.*s 〔%.*s〕", STR_FMT(look->receipt.act_label),
                                STR_FMT(look->receipt.state_label));
        printf("\n");
}

bool cmd_clock_run(struct cli *cli, struct err *err)
{
        size_t n;
        if (!timers_run(cli->desk, now(), print_look, NULL, &n, err))
                return false;
        printf("%zu 项\n", n);
        return true;
}

/* ---- list ---- */

bool cmd_list(struct cli *cli, struct err *err)
{
        int64_t limit;
        if (!cli_int(cli, "limit", 50, &limit, err))
                return false;
        if (limit < 1 || limit > LIMIT_PAGE_ROWS)
                return err_set(err, E_LIMIT, "--limit 为 1 到 %u", LIMIT_PAGE_ROWS);
        struct docket_filter filter = {
                .procedure = cli_option(cli, "procedure"),
                .state = cli_option(cli, "state"),
                .open = cli_has(cli, "open"),
                .late = cli_has(cli, "late"),
                .unit = cli_option(cli, "unit"),
                .assigned = cli_option(cli, "assigned"),
                .text = cli_option(cli, "text"),
                .today = moment_date(now()),
                .limit = (size_t)limit,
        };
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        const struct docket_row *rows;
        size_t n;
        bool more;
        if (!snapshot_open(site_store(cli->site), &snapshot, err) ||
                        !docket_rows(cli->arena, snapshot, &filter, &rows, &n, &more, err))
                return false;
        for (size_t i = 0; i < n; i++)
                printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_FMT(rows[i].number),
                                STR_FMT(rows[i].procedure), STR_FMT(rows[i].state),
                                STR_FMT(rows[i].unit), STR_FMT(rows[i].title));
        if (more)
                fprintf(stderr, "还有更多，用 --limit 或条件缩小范围\n");
        return true;
}

/* ---- import ---- */

static void print_line(void *user, const struct import_line *line)
{
        struct cli *cli = user;
        if (line->ok)
                return;
        struct str sentence = err_sentence(cli->arena, &line->err);
        fprintf(stderr, "第 %d 行：%.*s\n", line->line, STR_FMT(sentence));
}

bool cmd_import(struct cli *cli, struct err *err)
{
        struct str text;
        struct import_result result;
        if (!cli_read_file(cli->arena, cli->words[0], IMPORT_BYTES_MAX, &text, err) ||
                        !import_acts(cli->arena, cli->desk, text, cli_has(cli, "dry-run"),
                                        print_line, cli, &result, err))
                return false;
        printf("%s %zu 行，有误 %zu 行\n", cli_has(cli, "dry-run") ? "试导入" : "已导入",
                        result.n_done, result.n_refused);
        if (result.n_refused > 0)
                return err_set(err, E_IMPORT_LINE, "%zu 行没有导入", result.n_refused);
        return true;
}
