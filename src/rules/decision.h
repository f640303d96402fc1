/* rules/decision.h - decision tables (DMN 1.5, chapter 8): the tables that a lawyer owns.
 *
 * Discretion in penalties (裁量基准), means tests, scores and fees are tables: each
 * rule tests the inputs and gives outputs. A table is compiled when its definition
 * is loaded, with every cell type-checked, and evaluated like an expression. Where
 * the hit policy forbids what the rules do (two rules of a unique table, unlike
 * outputs of an "any" table) evaluation fails: a doubtful penalty is never guessed.
 *
 * decision_check() finds, for tables of plain tests, what no rule covers and what
 * more than one does, before anybody is harmed by it. */
#ifndef RULES_DECISION_H
#define RULES_DECISION_H

#include "rules/feel.h"

#define DECISION_INPUTS_MAX  16u
#define DECISION_OUTPUTS_MAX 16u
#define DECISION_RULES_MAX   1000u

enum decision_hit {
        DECISION_UNIQUE,       /* U: at most one rule */
        DECISION_ANY,          /* A: all that hit say the same */
        DECISION_PRIORITY,     /* P: the output that stands first among the allowed */
        DECISION_FIRST,        /* F: the first rule that hits */
        DECISION_RULE_ORDER,   /* R: a list, in the order of the rules */
        DECISION_OUTPUT_ORDER, /* O: a list, in the order of the allowed outputs */
        DECISION_COLLECT,      /* C: a list */
        DECISION_SUM,          /* C+ */
        DECISION_MIN,          /* C< */
        DECISION_MAX,          /* C> */
        DECISION_COUNT,        /* C# */
        N_DECISION_HITS
};

/* "U", "UNIQUE", "C+", "COLLECT SUM" ... */
MUST_CHECK bool decision_hit_parse(struct str text, enum decision_hit *ret, struct err *err);

struct decision_input {
        struct str name; /* what cells may call it */
        const struct feel_type *type;
        struct str expression; /* over the schema; empty = the schema's name, if any */
        struct str allowed;    /* unary tests; empty = anything */
};

struct decision_output {
        struct str name; /* may be empty if it is the only one */
        const struct feel_type *type;
        struct str allowed;   /* literals with commas, first the most important */
        struct str otherwise; /* where no rule hits; empty = null */
};

struct decision_rule {
        const struct str *tests;   /* one unary tests cell for each input */
        const struct str *results; /* one expression for each output */
        struct str note;           /* the article, or why */
};

struct decision_table {
        struct str name;
        enum decision_hit hit;
        const struct decision_input *inputs;
        size_t n_inputs;
        const struct decision_output *outputs;
        size_t n_outputs;
        const struct decision_rule *rules;
        size_t n_rules;
};

struct decision;

/* Cells may name the inputs and what the schema (or NULL) has. The table and the
 * schema must live as long as the decision. Fails with E_DECISION or a code of
 * feel_compile(); err's field is "name 第3行 输入2". */
MUST_CHECK bool decision_compile(struct arena *arena, const struct decision_table *table,
                const struct feel_schema *schema, const struct decision **ret, struct err *err);

const struct decision_table *decision_table_of(const struct decision *decision);

/* What the decision yields: the output's type, a context of them, a list, a number. */
const struct feel_type *decision_type(const struct decision *decision);

struct decision_result {
        struct value value;  /* one output: its value; several: a context */
        const size_t *rules; /* the rules that hit, ascending from 0 */
        size_t n_rules;
};

/* Evaluates with these inputs, one for each, in order. `env` serves the schema's
 * names and may be NULL without a schema. Fails with E_DECISION if an input is not
 * allowed, with E_DECISION_HIT if the hit policy is broken, or at a limit. */
MUST_CHECK bool decision_apply(struct arena *arena, const struct decision *decision,
                const struct value *inputs, const struct feel_env *env, struct decision_result *ret,
                struct err *err);

/* As decision_apply, with the inputs computed by their expressions. */
MUST_CHECK bool decision_eval(struct arena *arena, const struct decision *decision,
                const struct feel_env *env, struct decision_result *ret, struct err *err);

/* ---- Checking a table ---- */

#define DECISION_FINDINGS_MAX 20u

struct decision_finding {
        struct str place; /* "罚款金额 (1000..5000)，情节 "严重"" */
        size_t rules[2];  /* the two that overlap; both SIZE_MAX for a gap */
};

struct decision_report {
        bool is_checked; /* false: some cell is more than plain tests, or too many cases */
        struct decision_finding findings[DECISION_FINDINGS_MAX]; /* the first of them */
        size_t n_findings;
        size_t n_cases; /* looked at */
};

/* Gaps (for tables without a default), and overlaps that the hit policy does not
 * allow. Null inputs are not looked at. */
void decision_check(
                struct arena *arena, const struct decision *decision, struct decision_report *ret);

#endif
