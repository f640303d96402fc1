/* cli/cmd_report.c - the report, its figures, and the records behind them. */
#include "base/limits.h"
#include "cli/commands.h"
#include "desk/desk.h"
#include "desk/freeze.h"
#include "projection/indicator.h"
#include "projection/report.h"
#include "projection/world.h"
#include "store/store.h"

#define REPORT_USUAL "annual"

struct reading {
        struct cli *cli;
        struct snapshot *snapshot;
        struct world world;
        int year;
};

static bool parse_year(struct str text, int *ret, struct err *err)
{
        int64_t year;
        if (!str_to_int(text, &year) || year < DATE_MIN_YEAR || year > DATE_MAX_YEAR)
                return err_set(err, E_USAGE, "年份不正确：%.*s", STR_FMT(text));
        *ret = (int)year;
        return true;
}

static bool reading_open(struct cli *cli, struct str year, struct reading *ret, struct err *err)
{
        *ret = (struct reading){ .cli = cli };
        if (!parse_year(year, &ret->year, err) ||
                        !snapshot_open(site_store(cli->site), &ret->snapshot, err))
                return false;
        struct desk_clock clock = desk_system_clock();
        world_open(&ret->world, ret->snapshot, site_catalogue(cli->site), site_calendars(cli->site),
                        site_facts(cli->site), clock.now(NULL));
        ret->world.parameters = &site_config(cli->site)->parameters;
        return true;
}

static struct str report_name(const struct cli *cli)
{
        struct str name = cli_option(cli, "report");
        return name.n > 0 ? name : STR_LIT(REPORT_USUAL);
}

static void print_tsv(const struct report_view *view)
{
        for (size_t i = 0; i < view->n_lines; i++) {
                const struct report_line *line = &view->lines[i];
                printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_FMT(line->id), STR_FMT(line->shown),
                                STR_FMT(line->unit), STR_FMT(line->qualifier),
                                STR_FMT(line->indicator));
        }
}

static void print_text(const struct report_view *view)
{
        struct str section = STR_LIT("");
        printf("%.*s %d%s\n", STR_FMT(view->definition->label), view->year,
                        view->frozen ? "（已固定）" : "");
        for (size_t i = 0; i < view->n_lines; i++) {
                const struct report_line *line = &view->lines[i];
                if (line->figure != NULL && !str_eq(line->figure->section, section)) {
                        section = line->figure->section;
                        printf("\n【%.*s】\n", STR_FMT(section));
                }
                printf("%.*s  %.*s\n", STR_FMT(line->id), STR_FMT(line->text));
        }
}

bool cmd_report(struct cli *cli, struct err *err)
{
        struct reading reading;
        struct report_view view;
        if (!reading_open(cli, cli->words[0], &reading, err))
                return false;
        bool ok = report_read(
                        cli->arena, &reading.world, report_name(cli), reading.year, &view, err);
        if (ok && cli_has(cli, "tsv"))
                print_tsv(&view);
        else if (ok)
                print_text(&view);
        snapshot_close(&reading.snapshot);
        return ok;
}

bool cmd_report_freeze(struct cli *cli, struct err *err)
{
        int year;
        if (!parse_year(cli->words[0], &year, err) ||
                        !report_freeze_year(
                                        cli->desk, report_name(cli), year, STR_LIT("system"), err))
                return false;
        printf("已固定 %.*s %d\n", STR_FMT(report_name(cli)), year);
        return true;
}

bool cmd_report_load(struct cli *cli, struct err *err)
{
        int year;
        size_t n;
        struct str tsv;
        if (!parse_year(cli->words[0], &year, err) ||
                        !cli_read_file(cli->arena, cli->words[1], LIMIT_BODY_BYTES, &tsv, err) ||
                        !report_load_year(cli->desk, report_name(cli), year, tsv, STR_LIT("system"),
                                        &n, err))
                return false;
        printf("已登记 %d 年已公布的数据 %zu 项\n", year, n);
        return true;
}

/* ---- figure: the rows behind it ---- */

/* "F058" of the report, or NULL: an indicator's own id. */
static const struct report_figure *figure_of(const struct reading *reading, struct str id)
{
        const struct report_definition *report = catalogue_report(
                        site_catalogue(reading->cli->site), report_name(reading->cli));
        for (size_t i = 0; report != NULL && i < report->n_figures; i++)
                if (str_eq(report->figures[i].id, id))
                        return &report->figures[i];
        return NULL;
}

/* Where a figure counts each text once (家、名), the text stands last. */
static void print_row(struct arena *arena, const struct indicator_row *row)
{
        printf("%.*s\t%.*s\t%d\t%.*s\t%.*s\t%s\t%.*s\n", STR_FMT(row->number),
                        STR_FMT(decimal_format(arena, row->amount)), row->month, STR_FMT(row->unit),
                        STR_FMT(row->title), row->late ? "迟到" : "", STR_FMT(row->distinct));
}

static bool print_rows(struct reading *reading, struct str id, int64_t limit, struct err *err)
{
        struct indicator_cursor cursor = { 0 };
        const struct indicator_row *rows;
        struct arena *arena = arena_open();
        size_t n;
        bool more = true, ok = true;
        while (ok && more && limit > 0) {
                size_t page = limit < (int64_t)LIMIT_PAGE_ROWS ? (size_t)limit : LIMIT_PAGE_ROWS;
                ok = indicator_rows(arena, &reading->world, id, period_year(reading->year),
                                STR_LIT(""), &cursor, page, &rows, &n, &more, err);
                for (size_t i = 0; ok && i < n; i++)
                        print_row(arena, &rows[i]);
                limit -= ok ? (int64_t)n : 0;
                cursor.key = str_copy(reading->cli->arena, cursor.key);
        }
        arena_close(&arena);
        return ok;
}

static bool open_indicator(struct reading *reading, struct str id, int64_t limit, struct err *err)
{
        struct figure figure;
        if (!indicator_value(reading->cli->arena, &reading->world, id, period_year(reading->year),
                            STR_LIT(""), &figure, err))
                return false;
        const struct indicator *indicator = figure.indicator;
        fprintf(stderr, "%.*s %d：%.*s%.*s\n", STR_FMT(indicator->label), reading->year,
                        STR_FMT(figure.text), STR_FMT(indicator->unit));
        if (indicator->kind == INDICATOR_RATIO) {
                fprintf(stderr, "由 %.*s 和 %.*s 得出，请分别查看\n",
                                STR_FMT(indicator->operand[0]), STR_FMT(indicator->operand[1]));
                return true;
        }
        if (indicator->kind == INDICATOR_GROWTH) {
                fprintf(stderr, "由 %.*s 的 %d 年和 %d 年得出，请分别查看\n",
                                STR_FMT(indicator->operand[0]), reading->year, reading->year - 1);
                return true;
        }
        return print_rows(reading, id, limit, err);
}

bool cmd_figure(struct cli *cli, struct err *err)
{
        struct reading reading;
        int64_t limit;
        bool ok = true;
        if (!cli_has(cli, "year"))
                return err_set(err, E_USAGE, "要写明 --year");
        if (!cli_int(cli, "limit", INT64_MAX, &limit, err) ||
                        !reading_open(cli, cli_option(cli, "year"), &reading, err))
                return false;
        const struct report_figure *figure = figure_of(&reading, cli->words[0]);
        if (figure != NULL && figure->parameter.n > 0)
                fprintf(stderr, "%.*s 是参数 %.*s，不由记录得出\n", STR_FMT(figure->id),
                                STR_FMT(figure->parameter));
        else
                ok = open_indicator(&reading, figure != NULL ? figure->indicator : cli->words[0],
                                limit, err);
        snapshot_close(&reading.snapshot);
        return ok;
}

/* ---- recount ---- */

bool cmd_recount(struct cli *cli, struct err *err)
{
        struct reading reading;
        struct report_view kept, computed;
        size_t n_different = 0;
        if (!reading_open(cli, cli->words[0], &reading, err))
                return false;
        bool ok = report_read(cli->arena, &reading.world, report_name(cli), reading.year, &kept,
                                  err) &&
                  report_compute(cli->arena, &reading.world, report_name(cli), reading.year,
                                  &computed, err);
        for (size_t i = 0; ok && i < kept.n_lines; i++)
                for (size_t k = 0; k < computed.n_lines; k++) {
                        const struct report_line *a = &kept.lines[i], *b = &computed.lines[k];
                        if (!str_eq(a->id, b->id) || str_eq(a->shown, b->shown))
                                continue;
                        printf("%.*s\t%.*s\t%.*s\n", STR_FMT(a->id), STR_FMT(a->shown),
                                        STR_FMT(b->shown));
                        n_different++;
                }
        if (ok)
                printf("重算 %zu 项，与%s不同的 %zu 项\n", computed.n_lines,
                                kept.frozen ? "已固定的数据" : "现有数据", n_different);
        snapshot_close(&reading.snapshot);
        return ok;
}
