/* plumbline run-year: a new bureau lives the year of a scenario. */
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/data.h"
#include "desk/simulate.h"

#define BAR_CELLS 40

/* One line, drawn over itself on a terminal; else one line a month. */
static void show_progress(void *user, const struct simulate_progress *progress)
{
        int *last_month = user, year, month, day;
        date_parts(progress->day, &year, &month, &day);
        size_t planned = progress->n_planned != 0 ? progress->n_planned : 1;
        int cells = (int)(progress->n_acts * BAR_CELLS / planned);
        bool terminal = isatty(STDERR_FILENO);
        if (!terminal && *last_month == month)
                return;
        *last_month = month;
        fprintf(stderr, "%s%d年%2d月%2d日 [", terminal ? "\r" : "", year, month, day);
        for (int i = 0; i < BAR_CELLS; i++)
                fputs(i < cells ? "█" : "·", stderr);
        fprintf(stderr, "] 已办理 %zu 次%s", progress->n_acts, terminal ? "" : "\n");
        fflush(stderr);
}

static void print_faults(struct arena *arena, const struct simulate_result *result)
{
        size_t shown = result->n_faults < SIMULATE_FAULTS_KEPT ? result->n_faults
                                                               : SIMULATE_FAULTS_KEPT;
        for (size_t i = 0; i < shown; i++) {
                const struct simulate_fault *f = &result->faults[i];
                struct str why = f->err.code == E_NONE ? STR_LIT("应当被拒绝，却办理了")
                                                       : err_sentence(arena, &f->err);
                fprintf(stderr, "  %.*s·%.*s 第 %d 行 %.*s（%.*s）：%.*s\n", STR_FMT(f->stream),
                                STR_FMT(f->path), f->line, STR_FMT(f->act),
                                STR_FMT(moment_format(arena, f->time)), STR_FMT(why));
        }
        if (result->n_faults > shown)
                fprintf(stderr, "  …… 另有 %zu 处\n", result->n_faults - shown);
}

static bool live(struct cli *cli, const struct scenario *scenario, struct simulate_result *ret,
                struct err *err)
{
        struct site *site;
        struct desk *desk;
        struct err closing;
        int last_month = 0;
        const struct desk_options options = { .times_given = true,
                .without_thread = true,
                .flush_behind = true,
                .checkpoint_events = 100000,
                .checkpoint_seconds = 3600 };
        if (!site_open(cli->site_dir, &site, err))
                return false;
        if (!desk_open(site, &options, &desk, err)) {
                site_close(&site);
                return false;
        }
        bool ok = simulate_run(desk, scenario, show_progress, &last_month, ret, err);
        if (isatty(STDERR_FILENO))
                fputc('\n', stderr);
        if (!desk_close(&desk, ok ? err : &closing))
                ok = false;
        site_close(&site);
        return ok;
}

bool cmd_run_year(struct cli *cli, struct err *err)
{
        struct scenario scenario;
        struct site_data data;
        struct simulate_result result = { 0 };
        if (!scenario_read(cli->arena, cli->words[0], &scenario, err) ||
                        !data_read(cli->arena, cli_option(cli, "data"), &data, err) ||
                        !site_init(cli->site_dir, &scenario.site, &data,
                                        simulate_beginning(&scenario), err))
                return false;
        fprintf(stderr, "%.*s：计划 %zu 件，%zu 次办理\n", STR_FMT(scenario.label),
                        scenario.n_matters, scenario.n_acts);
        if (!live(cli, &scenario, &result, err))
                return false;
        printf("%.*s：%zu 件，办理 %zu 次，其中拒绝 %zu 次，期限动作 %zu 次\n",
                        STR_FMT(scenario.label), result.n_matters, result.n_acts, result.n_refused,
                        result.n_timers);
        if (result.n_faults == 0)
                return true;
        print_faults(cli->arena, &result);
        return err_set(err, E_SCENARIO, "有 %zu 次办理的结果与情景不符", result.n_faults);
}
