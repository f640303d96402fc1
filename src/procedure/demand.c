#include "procedure/demand.h"

#include "rules/feel_clause.h"

/* Whose names the terms of a clause are. */
struct subject {
        struct arena *arena;
        const struct version *version; /* NULL: of rows */
        const struct act *act;
        const struct field *list;
};

struct demands {
        struct demand *items;
        size_t n;
};

/* ---- What may stand already ---- */

static bool holds(const size_t *indexes, size_t n, size_t index)
{
        for (size_t i = 0; i < n; i++)
                if (indexes[i] == index)
                        return true;
        return false;
}

static bool takes(const struct act *act, size_t field)
{
        return holds(act->needs, act->n_needs, field) || holds(act->takes, act->n_takes, field);
}

static bool computes(const struct act *act, struct str name)
{
        for (size_t i = 0; i < act->n_set; i++)
                if (str_eq(act->set[i].name, name))
                        return true;
        return false;
}

static bool can_begin_in(const struct version *version, const struct act *act, size_t state)
{
        return (act->from_any && !version->states[state].final) ||
               holds(act->from, act->n_from, state);
}

/* Marks the states in which the act may leave a matter that is in `from`. */
static void mark_after(const struct act *act, size_t from, bool *marks)
{
        if (act->n_to == 0)
                marks[from] = true;
        for (size_t i = 0; i < act->n_to; i++)
                marks[act->to[i].state] = true;
}

/* In which states may a matter be once `first` was done? */
static const bool *states_after(
                struct arena *arena, const struct version *version, const struct act *first)
{
        bool *marks = arena_new_array(arena, version->n_states, bool);
        for (size_t i = 0; i < version->n_states; i++)
                marks[i] = false;
        for (size_t i = 0; first->from_new && i < first->n_to; i++)
                marks[first->to[i].state] = true;
        for (size_t i = 0; i < version->n_states; i++)
                if (can_begin_in(version, first, i))
                        mark_after(first, i, marks);
        for (size_t round = 0; round < version->n_states; round++)
                for (size_t i = 0; i < version->n_states; i++)
                        for (size_t k = 0; marks[i] && k < version->n_acts; k++)
                                if (can_begin_in(version, &version->acts[k], i))
                                        mark_after(&version->acts[k], i, marks);
        return marks;
}

/* May `second` be done in a matter in which `first` was? */
static bool may_follow(struct arena *arena, const struct version *version, const struct act *first,
                const struct act *second)
{
        if (first == second && first->once)
                return false;
        const bool *marks = states_after(arena, version, first);
        for (size_t i = 0; i < version->n_states; i++)
                if (marks[i] && can_begin_in(version, second, i))
                        return true;
        return false;
}

/* Is a field that the act is not given empty, because no act before it can have filled it? */
static bool starts_empty(const struct subject *subject, size_t field)
{
        const struct version *version = subject->version;
        for (size_t i = 0; i < version->n_acts; i++) {
                const struct act *act = &version->acts[i];
                if ((takes(act, field) || computes(act, version->fields[field].name)) &&
                                may_follow(subject->arena, version, act, subject->act))
                        return false;
        }
        return true;
}

/* ---- One term ---- */

static const struct field *column_of(const struct field *list, struct str name)
{
        for (size_t i = 0; i < list->n_items; i++)
                if (str_eq(list->items[i].name, name))
                        return &list->items[i];
        return NULL;
}

/* The field that is given under the name, as it is given; NULL: none, or it is computed. */
static const struct field *field_of(const struct subject *subject, struct str name)
{
        if (subject->version == NULL)
                return column_of(subject->list, name);
        int index = version_field(subject->version, name);
        if (index < 0 || !takes(subject->act, (size_t)index) || computes(subject->act, name))
                return NULL;
        return &subject->version->fields[index];
}

static bool is_empty_unless_given(const struct subject *subject, const struct field *field)
{
        return subject->version == NULL ||
               starts_empty(subject, (size_t)(field - subject->version->fields));
}

/* Are its values written in one way only? What is typed freely is trimmed, numbers have many. */
static bool has_keys(const struct field *field)
{
        return field->type == FIELD_BOOL || (field->type == FIELD_ENUM && field->n_options > 0);
}

static bool is_always_given(const struct subject *subject, const struct field *field)
{
        if (subject->version == NULL)
                return field->required;
        return holds(subject->act->needs, subject->act->n_needs,
                        (size_t)(field - subject->version->fields));
}

static bool is_one_of(const struct value *value, const struct value *values, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (value_eq(value, &values[i]))
                        return true;
        return false;
}

/* All keys of the field but these. */
static struct demand_term others(struct arena *arena, struct demand_term but)
{
        const struct field *field = but.field;
        size_t n_all = field->type == FIELD_BOOL ? 2 : field->n_options, n = 0;
        struct value *keys = arena_new_array(arena, n_all, struct value);
        for (size_t i = 0; i < n_all; i++) {
                keys[n] = field->type == FIELD_BOOL ? value_bool(i == 0)
                                                    : value_string(field->options[i].key);
                n += !is_one_of(&keys[n], but.among, but.n_among);
        }
        return (struct demand_term){ field, keys, n };
}

/* Both hold: of what is among two sets, what is among both. False: nothing is. */
static bool narrow(struct arena *arena, struct demand_term *term, struct demand_term by)
{
        if (term->n_among == 0) {
                *term = by;
                return true;
        }
        if (by.n_among == 0)
                return true;
        struct value *left = arena_new_array(arena, term->n_among, struct value);
        size_t n = 0;
        for (size_t i = 0; i < term->n_among; i++)
                if (is_one_of(&term->among[i], by.among, by.n_among))
                        left[n++] = term->among[i];
        term->among = left;
        term->n_among = n;
        return n > 0;
}

/* ---- One clause ---- */

struct sides {
        struct demand_term *when, *then;
        size_t n_when, n_then;
        bool untold;
        bool loosened; /* "one of these" is told as "given" */
};

static struct demand_term *term_of(struct demand_term *terms, size_t n, const struct field *field)
{
        for (size_t i = 0; i < n; i++)
                if (terms[i].field == field)
                        return &terms[i];
        return NULL;
}

static bool add_when(const struct subject *subject, struct sides *sides, struct demand_term term)
{
        struct demand_term *same = term_of(sides->when, sides->n_when, term.field);
        if (same != NULL)
                return narrow(subject->arena, same, term);
        sides->when[sides->n_when++] = term;
        return true;
}

static bool add_then(const struct subject *subject, struct sides *sides, struct demand_term term)
{
        struct demand_term *same = term_of(sides->then, sides->n_then, term.field);
        sides->untold |= !is_always_given(subject, term.field) &&
                         !is_empty_unless_given(subject, term.field);
        if (same != NULL)
                same->n_among = 0; /* one set or the other: it has to be given */
        else
                sides->then[sides->n_then++] = term;
        return true;
}

/* Of "a or b or c": what is surely false where something is given stands before it (`when`), what
 * has to be given behind. False: the clause always holds. */
static bool add_term(
                const struct subject *subject, const struct feel_term *term, struct sides *sides)
{
        const struct field *field = field_of(subject, term->name);
        bool keys = field != NULL && has_keys(field);
        bool always = field != NULL && is_always_given(subject, field);
        if (term->kind == FEEL_UNTOLD || field == NULL ||
                        (!keys && (term->kind == FEEL_NOT_AMONG ||
                                                  (term->kind == FEEL_AMONG && always)))) {
                sides->untold = true;
                return true;
        }
        struct demand_term given = { field, NULL, 0 },
                           values = { field, term->values, term->n_values };
        switch (term->kind) {
        case FEEL_MISSING:
                return add_when(subject, sides, given);
        case FEEL_NOT_AMONG:
                return add_when(subject, sides, values);
        case FEEL_AMONG:
                if (always)
                        values = others(subject->arena, values);
                if (always)
                        return values.n_among > 0 && add_when(subject, sides, values);
                sides->loosened |= !keys;
                return add_then(subject, sides, keys ? values : given);
        default:
                return !always && add_then(subject, sides, given);
        }
}

/* "x = null or x = 1 or ...": given, and another; of what has no keys that cannot be said. */
static void turn_what_is_given(const struct subject *subject, struct sides *sides)
{
        size_t n = 0;
        for (size_t i = 0; i < sides->n_then; i++) {
                struct demand_term term = sides->then[i];
                struct demand_term *when = term_of(sides->when, sides->n_when, term.field);
                if (when == NULL)
                        sides->then[n++] = term;
                else if (term.n_among == 0)
                        sides->untold = true;
                else if (!narrow(subject->arena, when, others(subject->arena, term)))
                        sides->untold = true;
        }
        sides->n_then = n;
}

/* The same words for the same fields once more. */
static bool is_said(
                const struct demands *demands, const struct rule *rule, const struct sides *sides)
{
        if (demands->n == 0)
                return false;
        const struct demand *last = &demands->items[demands->n - 1];
        bool same = last->rule == rule && last->untold && sides->untold &&
                    last->n_then == sides->n_then;
        for (size_t i = 0; same && i < sides->n_then; i++)
                same = last->then[i].field == sides->then[i].field;
        return same;
}

static void add_clause(const struct subject *subject, const struct rule *rule,
                const struct feel_clause *clause, struct demands *ret)
{
        struct arena *arena = subject->arena;
        struct sides sides = {
                .when = arena_new_array(arena, clause->n_terms, struct demand_term),
                .then = arena_new_array(arena, clause->n_terms, struct demand_term),
        };
        for (size_t i = 0; i < clause->n_terms; i++)
                if (!add_term(subject, &clause->terms[i], &sides))
                        return;
        turn_what_is_given(subject, &sides);
        sides.untold |= sides.loosened && (sides.n_when > 0 || sides.n_then > 1);
        /* Without `then` nothing may be left out that should not. */
        if (sides.n_then == 0 || is_said(ret, rule, &sides))
                return;
        ret->items = arena_push(arena, ret->items, ret->n, sizeof(*ret->items));
        ret->items[ret->n++] = (struct demand){ rule, sides.untold, sides.when,
                sides.untold ? 0 : sides.n_when, sides.then, sides.n_then };
}

static void add_rules(const struct subject *subject, const struct rule *rules, size_t n,
                struct str list, struct demands *ret)
{
        for (size_t i = 0; i < n; i++) {
                const struct feel_clause *clauses;
                size_t n_clauses =
                                list.n == 0 ? feel_clauses(subject->arena, rules[i].that, &clauses)
                                            : feel_item_clauses(subject->arena, rules[i].that, list,
                                                              &clauses);
                for (size_t k = 0; k < n_clauses; k++)
                        add_clause(subject, &rules[i], &clauses[k], ret);
        }
}

size_t act_demands(struct arena *arena, const struct version *version, const struct act *act,
                const struct demand **ret)
{
        const struct subject subject = { arena, version, act, NULL };
        struct demands demands = { NULL, 0 };
        add_rules(&subject, act->require, act->n_require, (struct str){ NULL, 0 }, &demands);
        *ret = demands.items;
        return demands.n;
}

size_t row_demands(struct arena *arena, const struct act *act, const struct field *list,
                const struct demand **ret)
{
        const struct subject subject = { arena, NULL, act, list };
        struct demands demands = { NULL, 0 };
        add_rules(&subject, list->checks, list->n_checks, STR_LIT("value"), &demands);
        if (act != NULL && !computes(act, list->name))
                add_rules(&subject, act->require, act->n_require, list->name, &demands);
        *ret = demands.items;
        return demands.n;
}

bool column_is_demanded(struct arena *arena, const struct act *act, const struct field *list,
                const struct field *column)
{
        const struct demand *demands;
        size_t n = row_demands(arena, act, list, &demands);
        if (column->required)
                return true;
        for (size_t i = 0; i < n; i++)
                if (!demands[i].untold && demands[i].n_when == 0 && demands[i].n_then == 1 &&
                                demands[i].then[0].field == column)
                        return true;
        return false;
}
