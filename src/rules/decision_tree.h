/* rules/decision_tree.h - a compiled decision table; for the rules room alone. */
#ifndef RULES_DECISION_TREE_H
#define RULES_DECISION_TREE_H

#include "rules/decision.h"

struct decision {
        const struct decision_table *table;
        struct feel_schema schema;                  /* the inputs, then the caller's names */
        const struct feel_expression **expressions; /* of the inputs; over the caller's schema */
        const struct feel_expression **allowed;     /* of the inputs; NULL = anything */
        const struct feel_expression **tests;       /* n_rules x n_inputs */
        const struct feel_expression **results;     /* n_rules x n_outputs */
        const struct feel_expression **otherwise;   /* of the outputs; NULL = null */
        struct value *ranks;                        /* of each output: a list, or null */
        const struct feel_type *type;
};

#endif
