/* cli/cmd_definition.c - definitions, calendars, rehearsals. */
#include <dirent.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/data.h"
#include "desk/definitions.h"
#include "desk/files.h"
#include "desk/rehearse.h"

#define REHEARSAL_BYTES_MAX (4u << 20)

bool cmd_procedure_lint(struct cli *cli, struct err *err)
{
        struct site_data data;
        struct catalogue catalogue;
        struct str folder = cli->n_words > 0 ? cli->words[0] : STR_LIT("");
        if (!data_read(cli->arena, folder, &data, err) ||
                        !data_catalogue(cli->arena, &data, &catalogue, err))
                return false;
        printf("%zu 个文件：%zu 个程序，%zu 个名录，%zu 个指标，%zu 个报告；没有问题\n",
                        data.n_definitions, catalogue.n_procedures, catalogue.n_registers,
                        catalogue.n_indicators, catalogue.n_reports);
        return true;
}

/* The catalogue of a site if there is one, else of the data folder. */
static bool find_catalogue(struct cli *cli, const struct catalogue **ret, struct err *err)
{
        struct err no_site;
        struct site_data data;
        struct catalogue *catalogue = arena_new(cli->arena, struct catalogue);
        if (!cli_has(cli, "data") && site_open(cli->site_dir, &cli->site, &no_site)) {
                *ret = site_catalogue(cli->site);
                return true;
        }
        *ret = catalogue;
        return data_read(cli->arena, cli_option(cli, "data"), &data, err) &&
               data_catalogue(cli->arena, &data, catalogue, err);
}

bool cmd_procedure_list(struct cli *cli, struct err *err)
{
        const struct catalogue *catalogue;
        if (!find_catalogue(cli, &catalogue, err))
                return false;
        for (size_t i = 0; i < catalogue->n_procedures; i++) {
                const struct procedure *p = catalogue->procedures[i];
                printf("%.*s\t%.*s", STR_FMT(p->name), STR_FMT(p->label));
                for (size_t v = 0; v < p->n_versions; v++)
                        printf("%s%.*s", v == 0 ? "\t" : " ", STR_FMT(p->versions[v]->name));
                printf("\n");
        }
        return true;
}

static void print_act(const struct version *v, const struct act *act)
{
        printf("  动作 %.*s %.*s：", STR_FMT(act->name), STR_FMT(act->label));
        for (size_t i = 0; i < act->n_roles; i++)
                printf("%s%.*s", i == 0 ? "" : "、", STR_FMT(act->roles[i]));
        printf("，%s", act->from_new ? "新建" : act->from_any ? "任何未结状态" : "");
        for (size_t i = 0; i < act->n_from; i++)
                printf("%s%.*s", i == 0 && !act->from_new ? "" : "、",
                                STR_FMT(v->states[act->from[i]].label));
        for (size_t i = 0; i < act->n_to; i++)
                printf("%s%.*s", i == 0 ? " → " : "、", STR_FMT(v->states[act->to[i].state].label));
        printf("\n");
}

static void print_version(const struct version *v, struct arena *arena)
{
        printf("%.*s %.*s起施行 %.*s\n", STR_FMT(v->name),
                        STR_FMT(date_format(arena, v->effective)), STR_FMT(v->law));
        for (size_t i = 0; i < v->n_states; i++)
                printf("  状态 %.*s %.*s%s\n", STR_FMT(v->states[i].name),
                                STR_FMT(v->states[i].label), v->states[i].final ? "（终结）" : "");
        for (size_t i = 0; i < v->n_acts; i++)
                print_act(v, &v->acts[i]);
        for (size_t i = 0; i < v->n_clocks; i++) {
                const struct clock_definition *c = &v->clocks[i];
                printf("  期限 %.*s %.*s：", STR_FMT(c->name), STR_FMT(c->label));
                if (c->length == NULL && c->fixed == NULL)
                        printf("%d%s", c->rule.length, deadline_unit_zh(c->rule.unit));
                else
                        printf("依情形");
                printf("（%.*s）\n", STR_FMT(c->basis));
        }
        for (size_t i = 0; i < v->n_documents; i++)
                printf("  文书 %.*s %.*s\n", STR_FMT(v->documents[i].name),
                                STR_FMT(v->documents[i].label));
}

bool cmd_procedure_show(struct cli *cli, struct err *err)
{
        const struct catalogue *catalogue;
        if (!find_catalogue(cli, &catalogue, err))
                return false;
        const struct procedure *p = catalogue_procedure(catalogue, cli->words[0]);
        if (p == NULL)
                return err_field(err, E_NOT_FOUND, cli->words[0], "没有这个程序");
        printf("%.*s %.*s\n", STR_FMT(p->name), STR_FMT(p->label));
        for (size_t v = 0; v < p->n_versions; v++)
                print_version(p->versions[v], cli->arena);
        return true;
}

/* "some/where/procedures/permit.yaml" is recorded as "procedures/permit.yaml". */
static struct str recorded_name(struct str path)
{
        size_t slashes = 0, at = path.n;
        while (at > 0) {
                if (path.p[at - 1] == '/' && ++slashes == 2)
                        break;
                at--;
        }
        return str_slice(path, at, path.n);
}

bool cmd_definition_activate(struct cli *cli, struct err *err)
{
        for (size_t i = 0; i < cli->n_words; i++) {
                struct definition_source source = { .name = recorded_name(cli->words[i]) };
                if (!cli_read_file(cli->arena, cli->words[i], LIMIT_DEFINITION_BYTES, &source.text,
                                    err) ||
                                !definitions_activate(cli->desk, &source, STR_LIT("system"), err))
                        return false;
                printf("已启用 %.*s\n", STR_FMT(source.name));
        }
        return true;
}

bool cmd_calendar_load(struct cli *cli, struct err *err)
{
        struct calendar_file file = { .name = recorded_name(cli->words[0]) };
        const struct moved_clock *moved;
        size_t n;
        if (!cli_read_file(cli->arena, cli->words[0], LIMIT_DEFINITION_BYTES, &file.text, err) ||
                        !calendar_load(cli->arena, cli->desk, &file, STR_LIT("system"), &moved, &n,
                                        err))
                return false;
        printf("已登记 %.*s，%zu 个进行中的期限变动\n", STR_FMT(file.name), n);
        for (size_t i = 0; i < n; i++)
                printf("%.*s\t%.*s\t%.*s\t%.*s%s\n", STR_FMT(moved[i].number),
                                STR_FMT(moved[i].label),
                                STR_FMT(date_format(cli->arena, moved[i].old_day)),
                                STR_FMT(date_format(cli->arena, moved[i].new_day)),
                                moved[i].provisional ? "\t暂定" : "");
        return true;
}

/* ---- rehearse ---- */

struct rehearsing {
        struct cli *cli;
        struct catalogue catalogue;
        const struct calendar_set *calendars;
        bool tap, bless;
        int n_tests, n_failed, n_faults;
};

static void tell_block(struct rehearsing *r, struct str path, const struct rehearsal_block *block)
{
        struct str heading = block->heading.n > 0 ? block->heading : STR_LIT("（准备）");
        bool ok = block->same && block->n_faults == 0;
        r->n_tests++;
        r->n_failed += !ok;
        r->n_faults += block->n_faults;
        if (r->tap)
                printf("%s %d - %.*s: %.*s\n", ok ? "ok" : "not ok", r->n_tests, STR_FMT(path),
                                STR_FMT(heading));
        if (ok || r->bless)
                return;
        const char *mark = r->tap ? "# " : "";
        fprintf(r->tap ? stdout : stderr, "%s%.*s:%d: %.*s%s\n%s  应为 %.*s\n%s  得到 %.*s\n", mark,
                        STR_FMT(path), block->first_difference, STR_FMT(heading),
                        block->n_faults > 0 ? "（有脚本错误）" : "", mark, STR_FMT(block->expected),
                        mark, STR_FMT(block->got));
}

static bool rehearse_file(struct rehearsing *r, struct str path, struct err *err)
{
        struct arena *arena = arena_open();
        struct rehearsal rehearsal;
        struct str text;
        bool ok = cli_read_file(arena, path, REHEARSAL_BYTES_MAX, &text, err) &&
                  rehearse(arena, &r->catalogue, r->calendars, text, &rehearsal, err);
        int faults = r->n_faults;
        for (size_t i = 0; ok && i < rehearsal.n_blocks; i++)
                tell_block(r, path, &rehearsal.blocks[i]);
        if (ok && !r->tap && !cli_has(r->cli, "quiet") && !r->bless)
                printf("%.*s", STR_FMT(rehearsal.text));
        if (ok && r->bless && r->n_faults > faults)
                ok = err_set(err, E_REHEARSAL, "%.*s 有脚本错误，没有改写", STR_FMT(path));
        else if (ok && r->bless && !str_eq(text, rehearsal.text))
                ok = file_replace(path, rehearsal.text, err);
        arena_close(&arena);
        return ok;
}

/* A folder stands for the rehearsals in it. */
static bool rehearse_path(struct rehearsing *r, struct str path, struct err *err)
{
        struct dirent **entries;
        int n = scandir(str_c(r->cli->arena, path), &entries, NULL, alphasort);
        if (n < 0)
                return rehearse_file(r, path, err);
        bool ok = true;
        for (int i = 0; i < n; i++) {
                if (ok && str_ends(str_of(entries[i]->d_name), STR_LIT(".rehearsal")))
                        ok = rehearse_file(r,
                                        str_format(r->cli->arena, "%.*s/%s", STR_FMT(path),
                                                        entries[i]->d_name),
                                        err);
                free(entries[i]);
        }
        free(entries);
        return ok;
}

bool cmd_rehearse(struct cli *cli, struct err *err)
{
        struct rehearsing r = {
                .cli = cli, .tap = cli_has(cli, "tap"), .bless = cli_has(cli, "bless")
        };
        struct site_data data;
        if (!data_read(cli->arena, cli_option(cli, "data"), &data, err) ||
                        !data_catalogue(cli->arena, &data, &r.catalogue, err) ||
                        !data_calendars(cli->arena, &data, &r.calendars, err))
                return false;
        for (size_t i = 0; i < cli->n_words; i++)
                if (!rehearse_path(&r, cli->words[i], err))
                        return false;
        if (r.tap) /* whoever reads TAP counts for himself */
                printf("1..%d\n", r.n_tests);
        else if (r.n_failed > 0 && !r.bless)
                return err_set(err, E_REHEARSAL_DIFFERS, "%d 段中有 %d 段", r.n_tests, r.n_failed);
        return true;
}
