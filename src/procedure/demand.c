#include "procedure/demand.h"

#include "rules/feel_demand.h"

static bool any_demands(const struct rule *rules, size_t n, struct str list, struct str column)
{
        for (size_t i = 0; i < n; i++)
                if (feel_demands(rules[i].that, list, column))
                        return true;
        return false;
}

bool act_demands(const struct act *act, const struct field *list, const struct field *column)
{
        return column->required ||
               any_demands(list->checks, list->n_checks, STR_LIT("value"), column->name) ||
               (act != NULL && any_demands(act->require, act->n_require, list->name, column->name));
}
