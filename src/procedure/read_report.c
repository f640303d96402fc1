/* procedure/read_report.c - a report file: its figures, one after the other. */
#include "procedure/read_file.h"

static const char figure_keys[] =
                "id section text indicator parameter unit qualifier scope down_to";

static bool is_taken(const struct report_figure *figures, size_t n, struct str id)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(figures[i].id, id))
                        return true;
        return false;
}

/* "IND-AID-06.threshold": an indicator's or a procedure's parameter. */
static bool parameter_exists(const struct catalogue *catalogue, struct str name)
{
        struct str rest = name;
        struct str owner = str_split(&rest, '.');
        const struct indicator *indicator = catalogue_indicator(catalogue, owner);
        for (size_t i = 0; indicator != NULL && i < indicator->n_parameters; i++)
                if (str_eq(indicator->parameters[i].name, rest))
                        return true;
        const struct procedure *procedure = catalogue_procedure(catalogue, owner);
        if (procedure == NULL || procedure->n_versions == 0)
                return false;
        const struct version *newest = procedure->versions[procedure->n_versions - 1];
        for (size_t i = 0; i < newest->n_parameters; i++)
                if (str_eq(newest->parameters[i].name, rest))
                        return true;
        return false;
}

static void read_figure(struct reader *r, const struct yaml *node, struct report_figure *figure)
{
        struct str where = STR_LIT("报告数据");
        if (!read_keys(r, node, where, figure_keys))
                return;
        figure->id = read_must(r, node, "id", where);
        where = str_format(r->arena, "报告数据 %.*s", STR_FMT(figure->id));
        figure->section = read_text(r, node, "section", where);
        figure->text = read_must(r, node, "text", where);
        figure->indicator = read_text(r, node, "indicator", where);
        figure->parameter = read_text(r, node, "parameter", where);
        figure->unit = read_text(r, node, "unit", where);
        figure->scope = read_text(r, node, "scope", where);
        figure->qualifier = read_text(r, node, "qualifier", where);
        figure->down_to = read_int(r, node, "down_to", 0, 1, 1000000000, where);
        if (figure->qualifier.n == 0)
                figure->qualifier = STR_LIT("=");
        if ((figure->indicator.n != 0) == (figure->parameter.n != 0))
                read_fault(r, node->line, "%.*s：indicator 和 parameter 要写一个，只写一个",
                                STR_FMT(where));
        if (figure->parameter.n != 0 && !parameter_exists(r->catalogue, figure->parameter))
                read_remark(r, node->line, "%.*s：没有参数“%.*s”", STR_FMT(where),
                                STR_FMT(figure->parameter));
        if (figure->text.n != 0 && str_find(figure->text, STR_LIT("{value}")) == SIZE_MAX)
                read_fault(r, node->line, "%.*s：text 里没有 {value}", STR_FMT(where));
}

const struct report_definition *read_report(struct reader *r, const struct yaml *root)
{
        struct report_definition *report = arena_new(r->arena, struct report_definition);
        struct str where = STR_LIT("报告");
        read_keys(r, root, where, "report label title readers figures");
        report->name = read_must(r, root, "report", where);
        read_name(r, report->name, root->line, where);
        report->label = read_must(r, root, "label", where);
        report->title = read_must(r, root, "title", where);
        report->readers = read_role_names(r, root, "readers", where, &report->n_readers);
        const struct yaml *items = read_rows(r, root, "figures", where, &report->n_figures);
        struct report_figure *figures =
                        arena_new_array(r->arena, report->n_figures, struct report_figure);
        for (size_t i = 0; i < report->n_figures; i++) {
                read_figure(r, &items[i], &figures[i]);
                if (figures[i].id.n != 0 && is_taken(figures, i, figures[i].id))
                        read_fault(r, items[i].line, "报告数据 %.*s：编号重复",
                                        STR_FMT(figures[i].id));
        }
        report->figures = figures;
        return report;
}
