/* procedure/read_tables.c - the decision tables of a version, and how they are called. */
#include "procedure/draft.h"

#include "rules/decision.h"

/* The words of docs/procedures.md and the types they mean. */
static const struct {
        const char *word;
        enum feel_kind kind;
} types[] = {
        { "text", FEEL_STRING },
        { "number", FEEL_NUMBER },
        { "integer", FEEL_NUMBER },
        { "bool", FEEL_BOOLEAN },
        { "date", FEEL_DATE },
        { "any", FEEL_ANY },
};

struct tabling {
        struct draft *d;
        const struct yaml *node;
        struct decision_table *table;
        struct str where;
};

static const struct feel_type *type_of(struct tabling *t, struct str word, int line)
{
        for (size_t i = 0; i < N_ELEMENTS(types); i++)
                if (str_is(word, types[i].word))
                        return feel_type_of(types[i].kind);
        read_fault(t->d->r, line, "%.*s：类型“%.*s”只能是 text、number、integer、bool、date、any",
                        STR_FMT(t->where), STR_FMT(word));
        return feel_type_of(FEEL_ANY);
}

/* ---- Parts ---- */

static void read_inputs(struct tabling *t)
{
        const struct yaml *map = read_section(t->d->r, t->node, "inputs", t->where);
        struct names names = read_key_names(t->d->r, map, t->where);
        struct decision_input *inputs =
                        arena_new_array(t->d->r->arena, names.n, struct decision_input);
        if (names.n == 0)
                read_fault(t->d->r, t->node->line, "%.*s：缺少 inputs", STR_FMT(t->where));
        for (size_t i = 0; i < names.n; i++) {
                inputs[i].name = names.items[i];
                inputs[i].type = type_of(t, map->pairs[i].value.text, map->pairs[i].line);
        }
        t->table->inputs = inputs;
        t->table->n_inputs = names.n;
}

/* `number`, or {type: text, allowed: '"重", "轻"', otherwise: '"轻"'}. */
static void read_output(struct tabling *t)
{
        struct reader *r = t->d->r;
        const struct yaml *node = yaml_get(t->node, "output");
        struct decision_output *output = arena_new(r->arena, struct decision_output);
        t->table->outputs = output;
        t->table->n_outputs = 1;
        output->type = feel_type_of(FEEL_ANY);
        if (node == NULL) {
                read_fault(r, t->node->line, "%.*s：缺少 output", STR_FMT(t->where));
        } else if (node->kind == YAML_MAP) {
                read_keys(r, node, t->where, "type allowed otherwise");
                output->type = type_of(t, read_must(r, node, "type", t->where), node->line);
                output->allowed = read_text(r, node, "allowed", t->where);
                output->otherwise = read_text(r, node, "otherwise", t->where);
        } else {
                output->type = type_of(t, node->text, node->line);
        }
}

/* Tests, result, and perhaps a note: the article, or why. */
static bool read_rule(struct tabling *t, const struct yaml *row, struct decision_rule *rule)
{
        size_t n = t->table->n_inputs;
        bool fits = row->kind == YAML_LIST && (row->n == n + 1 || row->n == n + 2);
        for (size_t i = 0; fits && i < row->n; i++)
                fits = row->items[i].kind == YAML_TEXT || row->items[i].kind == YAML_NULL;
        if (!fits) {
                read_fault(t->d->r, row->line,
                                "%.*s：每行应有 %zu 个条件和 1 个结果（末尾可加说明）",
                                STR_FMT(t->where), n);
                return false;
        }
        struct str *cells = arena_new_array(t->d->r->arena, row->n, struct str);
        for (size_t i = 0; i < row->n; i++)
                cells[i] = row->items[i].kind == YAML_NULL ? STR_LIT("null") : row->items[i].text;
        *rule = (struct decision_rule){ .tests = cells, .results = &cells[n] };
        if (row->n == n + 2)
                rule->note = cells[n + 1];
        return true;
}

static bool read_lines(struct tabling *t)
{
        size_t n;
        const struct yaml *rows = read_rows(t->d->r, t->node, "rules", t->where, &n);
        struct decision_rule *rules = arena_new_array(t->d->r->arena, n, struct decision_rule);
        bool ok = n != 0;
        if (n == 0)
                read_fault(t->d->r, t->node->line, "%.*s：缺少 rules", STR_FMT(t->where));
        for (size_t i = 0; i < n; i++)
                ok = read_rule(t, &rows[i], &rules[i]) && ok;
        t->table->rules = rules;
        t->table->n_rules = n;
        return ok;
}

/* The line of the rule that an error speaks of ("name 第3行 输入2"). */
static int line_of_rule(struct tabling *t, const struct err *err)
{
        const struct yaml *rules = yaml_get(t->node, "rules");
        struct str field = str_of(err->field), mark = STR_LIT("第");
        size_t at = str_find(field, mark);
        int64_t row = 0;
        for (size_t i = at == SIZE_MAX ? field.n : at + mark.n;
                        i < field.n && field.p[i] >= '0' && field.p[i] <= '9' && row < 100000; i++)
                row = 10 * row + (field.p[i] - '0');
        if (rules == NULL || rules->kind != YAML_LIST || row < 1 || (size_t)row > rules->n)
                return t->node->line;
        return rules->items[row - 1].line;
}

/* "cases (10..11)": is there no whole number in it? */
static bool is_between_neighbours(struct str place, struct str input)
{
        size_t at = str_find(place, input);
        if (at == SIZE_MAX)
                return false;
        struct str rest = str_slice(place, at + input.n, place.n);
        if (!str_starts(rest, STR_LIT(" (")))
                return false;
        rest = str_slice(rest, 2, rest.n);
        size_t dots = str_find(rest, STR_LIT("..")), end = str_find(rest, STR_LIT(")"));
        int64_t low, high;
        return dots != SIZE_MAX && end != SIZE_MAX && dots + 2 <= end &&
               str_to_int(str_slice(rest, 0, dots), &low) &&
               str_to_int(str_slice(rest, dots + 2, end), &high) && high - low == 1;
}

/* A gap that only a fraction could fall into, where the input is an integer. */
static bool is_no_gap(struct tabling *t, struct str place)
{
        const struct yaml *inputs = yaml_get(t->node, "inputs");
        for (size_t i = 0; i < inputs->n; i++)
                if (str_is(inputs->pairs[i].value.text, "integer") &&
                                is_between_neighbours(place, inputs->pairs[i].key))
                        return true;
        return false;
}

/* Gaps and overlaps are remarks: a table may leave cases open on purpose. */
static void remark_findings(struct tabling *t, const struct decision *decision)
{
        struct decision_report report;
        decision_check(t->d->r->arena, decision, &report);
        for (size_t i = 0; report.is_checked && i < report.n_findings; i++) {
                const struct decision_finding *finding = &report.findings[i];
                bool gap = finding->rules[0] == SIZE_MAX;
                if (gap && is_no_gap(t, finding->place))
                        continue;
                if (gap)
                        read_remark(t->d->r, t->node->line, "%.*s：没有一行管 %.*s",
                                        STR_FMT(t->where), STR_FMT(finding->place));
                else
                        read_remark(t->d->r, t->node->line, "%.*s：第 %zu 行和第 %zu 行都管 %.*s",
                                        STR_FMT(t->where), finding->rules[0] + 1,
                                        finding->rules[1] + 1, STR_FMT(finding->place));
        }
}

static const struct decision *read_table(struct draft *d, const struct yaml_pair *pair)
{
        struct reader *r = d->r;
        struct tabling t = { .d = d,
                .node = &pair->value,
                .table = arena_new(r->arena, struct decision_table),
                .where = str_format(r->arena, "决策表 %.*s", STR_FMT(pair->key)) };
        struct err err;
        const struct decision *decision = NULL;
        t.table->name = pair->key;
        if (!read_keys(r, t.node, t.where, "hit inputs output rules"))
                return NULL;
        struct str hit = read_must(r, t.node, "hit", t.where);
        bool ok = hit.n != 0 && decision_hit_parse(hit, &t.table->hit, &err);
        if (hit.n != 0 && !ok)
                read_fault(r, yaml_get(t.node, "hit")->line,
                                "%.*s：命中策略“%.*s”只能是 "
                                "U A P F C R O C+ C< C> C#",
                                STR_FMT(t.where), STR_FMT(hit));
        read_inputs(&t);
        read_output(&t);
        if (!read_lines(&t) || !ok || t.table->n_inputs == 0)
                return NULL;
        if (!decision_compile(r->arena, t.table, NULL, &decision, &err)) {
                read_fault(r, line_of_rule(&t, &err), "%.*s：%s：%s（%s）", STR_FMT(t.where),
                                err.field, err_text(err.code)->sentence, err.detail);
                return NULL;
        }
        remark_findings(&t, decision);
        return decision;
}

void draft_tables(struct draft *d)
{
        const struct yaml *section = read_section(d->r, d->yaml, "tables", STR_LIT("决策表"));
        struct names names = read_key_names(d->r, section, STR_LIT("决策表"));
        struct table *tables = arena_new_array(d->r->arena, names.n, struct table);
        for (size_t i = 0; i < names.n; i++) {
                tables[d->v->n_tables].name = names.items[i];
                tables[d->v->n_tables].decision = read_table(d, &section->pairs[i]);
                d->v->n_tables += tables[d->v->n_tables].decision != NULL;
                for (size_t j = 0; j < n_procedure_hosts; j++)
                        if (str_is(names.items[i], procedure_hosts[j].name))
                                read_fault(d->r, section->pairs[i].line,
                                                "决策表“%.*s”与内置函数同名",
                                                STR_FMT(names.items[i]));
        }
        d->v->tables = tables;
}
