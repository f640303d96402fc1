#include "web/figures.h"

#include <assert.h>

#include "desk/history.h"

const struct report_definition *figures_report(const struct visit *visit)
{
        const struct report_definition *usual =
                        catalogue_report(visit->catalogue, STR_LIT("annual"));
        if (usual != NULL || visit->catalogue->n_reports == 0)
                return usual;
        return &visit->catalogue->reports[0];
}

/* Puts `with` for the first `mark`. */
static struct str fill(struct arena *arena, struct str text, struct str mark, struct str with)
{
        size_t at = str_find(text, mark);
        if (at == SIZE_MAX)
                return text;
        struct buf buf = BUF(arena);
        buf_str_add(&buf, str_slice(text, 0, at));
        buf_str_add(&buf, with);
        buf_str_add(&buf, str_slice(text, at + mark.n, text.n));
        return buf_str(&buf);
}

struct str figures_title(struct visit *visit, const struct report_definition *report, int year)
{
        struct str title = fill(visit->arena, report->title, STR_LIT("{organ}"),
                        site_config(visit->portal->site)->organ);
        return fill(visit->arena, title, STR_LIT("{year}"), str_format(visit->arena, "%d", year));
}

/* ---- Years ---- */

static bool frozen_years(struct visit *visit, struct figures_years *years, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        const struct report_definition *report = figures_report(visit);
        if (!snapshot_rows(visit->snapshot, Q_FREEZE_LIST, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows)) {
                int year = (int)rows_int(&rows, 1);
                if (report == NULL || !str_eq(rows_text(&rows, 0), report->name))
                        continue;
                if (year > years->frozen)
                        years->frozen = year;
                if (year < years->first)
                        years->first = year;
        }
        return rows_end(&rows, err);
}

bool figures_years(struct visit *visit, struct figures_years *ret, struct err *err)
{
        struct past_event opening;
        struct err why;
        int64_t matter;
        int today = date_year(visit->today);
        *ret = (struct figures_years){ .first = today, .last = today };
        if (history_event(visit->arena, visit->snapshot, 0, &opening, &matter, &why)) {
                int began = date_year(moment_date(opening.leaf.time));
                if (began < ret->first)
                        ret->first = began;
        } else if (why.code != E_NOT_FOUND) { /* a ledger without events has no years */
                *err = why;
                return false;
        }
        return frozen_years(visit, ret, err);
}

/* ---- Words of a figure ---- */

struct str figures_qualifier(struct visit *visit, struct str qualifier)
{
        static const struct {
                const char *sign, *word;
        } words[] = {
                { "=", "" },
                { ">", "超过 " },
                { ">=", "不少于 " },
                { "<", "少于 " },
                { "<=", "不超过 " },
                { "~", "约 " },
                { "~<", "近 " },
                { "~>", "略高于 " },
                { "per district", "每区 " },
                { "threshold", "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(words); i++)
                if (str_is(qualifier, words[i].sign))
                        return str_of(words[i].word);
        return str_format(visit->arena, "（%.*s）", STR_FMT(qualifier));
}

struct str figures_label(struct visit *visit, const struct report_line *line)
{
        struct str text = line->figure != NULL ? line->figure->text : STR_LIT("");
        struct str mark = STR_LIT("{value}");
        const struct indicator *indicator = catalogue_indicator(visit->catalogue, line->indicator);
        size_t at = str_find(text, mark);
        if (at == SIZE_MAX || at == 0)
                return indicator != NULL ? indicator->label : (text.n != 0 ? text : line->id);
        struct str before = str_slice(text, 0, at);
        struct str after = str_slice(text, at + mark.n, text.n);
        if (after.n > line->unit.n && indicator != NULL)
                return indicator->label;
        return before;
}

struct str figures_url(struct visit *visit, struct str id, int year)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, "/figures/");
        address_encode(&url, id);
        visit_query(&url, "year", str_format(visit->arena, "%d", year));
        return buf_str(&url);
}

struct value figures_view(struct visit *visit, const struct report_line *line,
                const struct report_line *previous, int year)
{
        struct view view = VIEW(visit->arena);
        bool undefined = str_is(line->shown, REPORT_UNDEFINED);
        view_text(&view, "id", line->id);
        view_text(&view, "label", figures_label(visit, line));
        if (line->figure != NULL)
                view_some(&view, "scope", line->figure->scope);
        if (undefined || !line->has_value) {
                view_c(&view, "note",
                                undefined ? "这项业务还没有办件记录，不作推算"
                                          : "没有可比的基数，不作推算");
                return view_end(&view);
        }
        view_text(&view, "value", view_grouped(visit->arena, line->shown));
        view_text(&view, "unit", line->unit);
        view_text(&view, "url", figures_url(visit, line->id, year));
        view_some(&view, "qualifier", figures_qualifier(visit, line->qualifier));
        if (previous != NULL && previous->has_value)
                view_text(&view, "previous", view_grouped(visit->arena, previous->shown));
        return view_end(&view);
}
