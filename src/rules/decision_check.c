#include <assert.h>

#include "rules/decision_tree.h"
#include "rules/feel_machine.h"

#define CASES_MAX 100000u

/* A part of an input's domain that no test divides: one value, the open stretch
 * between two neighbouring bounds, or whatever no test names. */
struct cell {
        bool is_point;
        bool has_low, has_high; /* a stretch; neither: everything else */
        struct value low, high; /* a point: low */
};

struct axis {
        struct value *points; /* sorted where they have an order */
        size_t n_points;
        bool ordered, is_closed; /* closed: the allowed values are all there is */
        struct cell *cells;
        size_t n_cells;
};

struct check {
        struct arena *arena;
        const struct decision *decision;
        struct axis axes[DECISION_INPUTS_MAX];
        struct decision_report *report;
        size_t at[DECISION_INPUTS_MAX]; /* the case looked at */
        struct err err;                 /* of comparisons; never shown */
};

/* ---- Which tests are plain ---- */

static bool is_literal(const struct node *node)
{
        return node == NULL || (node->op == N_LITERAL && kind_of(&node->literal) < VALUE_LIST);
}

static bool is_plain_test(const struct node *test)
{
        switch (test->op) {
        case N_LITERAL:
                return is_literal(test);
        case N_RANGE:
                return is_literal(test->a) && is_literal(test->b);
        case N_TEST_EQ:
        case N_TEST_NE:
                return is_literal(test->a);
        default:
                return false;
        }
}

static bool is_plain(const struct feel_expression *tests)
{
        for (size_t i = 0; i < tests->root->n; i++)
                if (!is_plain_test(tests->root->items[i]))
                        return false;
        return true;
}

/* ---- The cells of an input ---- */

static bool same(const struct value *a, const struct value *b)
{
        int order;
        return feel_compare(a, b, &order) ? order == 0 : value_eq(a, b);
}

static void add_point(struct check *c, struct axis *axis, const struct value *v)
{
        if (value_is_null(*v))
                return;
        for (size_t i = 0; i < axis->n_points; i++)
                if (same(&axis->points[i], v))
                        return;
        struct value *more = arena_new_array(c->arena, axis->n_points + 1, struct value);
        size_t at = axis->n_points;
        int order;
        if (at != 0)
                memcpy(more, axis->points, at * sizeof(*more));
        for (; at > 0 && feel_compare(v, &more[at - 1], &order) && order < 0; at--)
                more[at] = more[at - 1];
        more[at] = *v;
        axis->points = more;
        axis->n_points++;
}

static void add_points_of(struct check *c, struct axis *axis, const struct feel_expression *tests)
{
        for (size_t i = 0; i < tests->root->n; i++) {
                const struct node *test = tests->root->items[i];
                const struct node *parts[2] = { test, NULL };
                if (test->op == N_RANGE) {
                        parts[0] = test->a;
                        parts[1] = test->b;
                } else if (test->op != N_LITERAL) {
                        parts[0] = test->a;
                }
                for (int j = 0; j < 2; j++)
                        if (parts[j] != NULL)
                                add_point(c, axis, &parts[j]->literal);
        }
}

static void add_cell(struct axis *axis, struct cell cell)
{
        axis->cells[axis->n_cells++] = cell;
}

static void make_cells(struct check *c, struct axis *axis)
{
        size_t n = axis->n_points;
        axis->cells = arena_new_array(c->arena, 2 * n + 1, struct cell);
        for (size_t i = 0; i < n; i++) {
                const struct value *point = &axis->points[i];
                if (axis->ordered)
                        add_cell(axis, (struct cell){ .has_low = i > 0,
                                                       .has_high = true,
                                                       .low = i > 0 ? point[-1] : value_null(),
                                                       .high = *point });
                add_cell(axis, (struct cell){ .is_point = true, .low = *point });
        }
        if (!axis->is_closed)
                add_cell(axis, (struct cell){ .has_low = axis->ordered && n > 0,
                                               .low = n > 0 ? axis->points[n - 1] : value_null() });
}

static bool is_ordered_kind(enum feel_kind kind)
{
        return kind == FEEL_NUMBER || (kind >= FEEL_DATE && kind <= FEEL_MONTHS);
}

/* Only literals are allowed: then they are all that need be covered. */
static bool is_listed(const struct feel_expression *allowed)
{
        if (allowed == NULL || allowed->root->flag || allowed->root->n == 0)
                return false;
        for (size_t i = 0; i < allowed->root->n; i++)
                if (allowed->root->items[i]->op != N_LITERAL)
                        return false;
        return true;
}

static bool make_axis(struct check *c, size_t input)
{
        const struct decision *d = c->decision;
        struct axis *axis = &c->axes[input];
        enum feel_kind kind = d->table->inputs[input].type->kind;
        axis->ordered = is_ordered_kind(kind) && !is_listed(d->allowed[input]);
        axis->is_closed = kind == FEEL_BOOLEAN || is_listed(d->allowed[input]);
        if (kind == FEEL_BOOLEAN) {
                add_point(c, axis, &(struct value){ .kind = VALUE_BOOL, .boolean = true });
                add_point(c, axis, &(struct value){ .kind = VALUE_BOOL, .boolean = false });
        }
        if (d->allowed[input] != NULL) {
                if (!is_plain(d->allowed[input]))
                        return false;
                add_points_of(c, axis, d->allowed[input]);
        }
        for (size_t i = 0; i < d->table->n_rules; i++) {
                const struct feel_expression *tests = d->tests[i * d->table->n_inputs + input];
                if (!is_plain(tests))
                        return false;
                if (!is_listed(d->allowed[input]))
                        add_points_of(c, axis, tests);
        }
        make_cells(c, axis);
        return true;
}

/* ---- Does a test take a cell ---- */

/* Is the bound at or outside the cell's own end? side = -1: the lower one. */
static bool reaches(const struct node *bound, bool has_end, const struct value *end, int side)
{
        int order;
        if (bound == NULL)
                return true;
        if (!has_end || !feel_compare(&bound->literal, end, &order))
                return false;
        return order == 0 || order == side;
}

static bool test_takes(struct check *c, const struct node *test, const struct cell *cell)
{
        struct machine m = { .arena = c->arena, .err = &c->err };
        const struct node *literal = test->op == N_LITERAL ? test : test->a;
        enum truth truth = TRUTH_FALSE;
        if (test->op == N_RANGE && cell->is_point) {
                struct range range = {
                        .has_low = test->a != NULL,
                        .has_high = test->b != NULL,
                        .low = test->a != NULL ? test->a->literal : value_null(),
                        .high = test->b != NULL ? test->b->literal : value_null(),
                        .low_closed = test->flag,
                        .high_closed = test->high_closed,
                };
                return feel_in_range(&range, &cell->low) == TRUTH_TRUE;
        }
        if (test->op == N_RANGE)
                return reaches(test->a, cell->has_low, &cell->low, -1) &&
                       reaches(test->b, cell->has_high, &cell->high, 1);
        if (!cell->is_point)
                return test->op == N_TEST_NE;
        if (!feel_equals(&m, &cell->low, &literal->literal, &truth))
                return false;
        return truth == (test->op == N_TEST_NE ? TRUTH_FALSE : TRUTH_TRUE);
}

static bool takes(struct check *c, const struct feel_expression *tests, const struct cell *cell)
{
        const struct node *root = tests->root;
        if (root->n == 0)
                return true;
        for (size_t i = 0; i < root->n; i++)
                if (test_takes(c, root->items[i], cell))
                        return !root->flag;
        return root->flag;
}

/* ---- Cases ---- */

static const struct cell *cell_of(const struct check *c, size_t input)
{
        return &c->axes[input].cells[c->at[input]];
}

static bool is_allowed(struct check *c)
{
        const struct decision *d = c->decision;
        for (size_t i = 0; i < d->table->n_inputs; i++)
                if (d->allowed[i] != NULL && !takes(c, d->allowed[i], cell_of(c, i)))
                        return false;
        return true;
}

static bool rule_takes(struct check *c, size_t rule)
{
        const struct decision *d = c->decision;
        for (size_t i = 0; i < d->table->n_inputs; i++)
                if (!takes(c, d->tests[rule * d->table->n_inputs + i], cell_of(c, i)))
                        return false;
        return true;
}

static void write_cell(struct buf *buf, const struct check *c, size_t input)
{
        const struct cell *cell = cell_of(c, input);
        struct str low = feel_string(buf->arena, &cell->low);
        struct str high = feel_string(buf->arena, &cell->high);
        buf_str_add(buf, c->decision->table->inputs[input].name);
        if (cell->is_point && cell->low.kind == VALUE_STRING)
                buf_format(buf, " “%.*s”", STR_FMT(low));
        else if (cell->is_point)
                buf_format(buf, " = %.*s", STR_FMT(low));
        else if (cell->has_low && cell->has_high)
                buf_format(buf, " (%.*s..%.*s)", STR_FMT(low), STR_FMT(high));
        else if (cell->has_low)
                buf_format(buf, " > %.*s", STR_FMT(low));
        else if (cell->has_high)
                buf_format(buf, " < %.*s", STR_FMT(high));
        else
                buf_c(buf, c->axes[input].n_points == 0 ? " 任意" : " 其他");
}

static bool is_known(const struct decision_report *report, size_t a, size_t b)
{
        for (size_t i = 0; i < report->n_findings && a != SIZE_MAX; i++)
                if (report->findings[i].rules[0] == a && report->findings[i].rules[1] == b)
                        return true;
        return false;
}

/* An overlap of two rules is told once, a gap for every case. */
static void find(struct check *c, size_t a, size_t b)
{
        struct decision_report *report = c->report;
        if (report->n_findings == DECISION_FINDINGS_MAX || is_known(report, a, b))
                return;
        struct buf buf = BUF(c->arena);
        for (size_t i = 0; i < c->decision->table->n_inputs; i++) {
                if (i != 0)
                        buf_c(&buf, "，");
                write_cell(&buf, c, i);
        }
        report->findings[report->n_findings++] =
                        (struct decision_finding){ buf_str(&buf), { a, b } };
}

/* Do two rules of an "any" table say the same, word for word or as literals? */
static bool say_the_same(const struct decision *d, size_t a, size_t b)
{
        size_t n = d->table->n_outputs;
        for (size_t i = 0; i < n; i++) {
                const struct node *x = d->results[a * n + i]->root;
                const struct node *y = d->results[b * n + i]->root;
                bool literals = x->op == N_LITERAL && y->op == N_LITERAL;
                if (literals ? !value_eq(&x->literal, &y->literal)
                             : !str_eq(d->table->rules[a].results[i],
                                               d->table->rules[b].results[i]))
                        return false;
        }
        return true;
}

static void look(struct check *c)
{
        const struct decision *d = c->decision;
        size_t first = SIZE_MAX;
        bool has_default = false;
        c->report->n_cases++;
        if (!is_allowed(c))
                return;
        for (size_t i = 0; i < d->table->n_rules; i++) {
                if (!rule_takes(c, i))
                        continue;
                if (first == SIZE_MAX)
                        first = i;
                else if (d->table->hit == DECISION_UNIQUE)
                        find(c, first, i);
                else if (d->table->hit == DECISION_ANY && !say_the_same(d, first, i))
                        find(c, first, i);
        }
        for (size_t i = 0; i < d->table->n_outputs; i++)
                has_default = has_default || d->otherwise[i] != NULL;
        if (first == SIZE_MAX && !has_default && d->table->hit < DECISION_RULE_ORDER)
                find(c, SIZE_MAX, SIZE_MAX);
}

/* The next case, as an odometer counts; false after the last. */
static bool next_case(struct check *c)
{
        for (size_t i = c->decision->table->n_inputs; i-- > 0;) {
                if (++c->at[i] < c->axes[i].n_cells)
                        return true;
                c->at[i] = 0;
        }
        return false;
}

void decision_check(
                struct arena *arena, const struct decision *decision, struct decision_report *ret)
{
        struct check *c = arena_new(arena, struct check);
        *c = (struct check){ .arena = arena, .decision = decision, .report = ret };
        *ret = (struct decision_report){ 0 };
        size_t n_cases = 1;
        for (size_t i = 0; i < decision->table->n_inputs; i++) {
                if (!make_axis(c, i))
                        return;
                n_cases *= c->axes[i].n_cells;
                if (n_cases * decision->table->n_rules > CASES_MAX * 10 || n_cases > CASES_MAX)
                        return;
        }
        ret->is_checked = true;
        if (n_cases == 0)
                return;
        do
                look(c);
        while (next_case(c));
}
