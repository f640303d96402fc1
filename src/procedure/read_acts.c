/* procedure/read_acts.c - the acts of a version. */
#include "procedure/draft.h"

#include <assert.h>

#include "procedure/schema.h"

static const char act_keys[] =
                "label by from to needs takes once private within differs_from require "
                "warn set starts stops voids pauses resumes extends document publishes "
                "withdraws opens then writes recuses assigns moves notifies hint";

/* ---- Names ---- */

/* The `as` names of one list of an act; each once in the version. */
static void take_locals(const struct yaml *act, const char *key, struct str *locals, size_t *n)
{
        const struct yaml *rows = yaml_get(act, key);
        size_t n_rows = rows == NULL ? 0 : rows->kind == YAML_LIST ? rows->n : 1;
        for (size_t i = 0; i < n_rows; i++) {
                const struct yaml *as =
                                yaml_get(rows->kind == YAML_LIST ? &rows->items[i] : rows, "as");
                bool known = as == NULL || as->kind != YAML_TEXT;
                for (size_t j = 0; j < *n && !known; j++)
                        known = str_eq(locals[j], as->text);
                if (!known)
                        locals[(*n)++] = as->text;
        }
}

static size_t count_rows(const struct yaml *act, const char *key)
{
        const struct yaml *rows = yaml_get(act, key);
        return rows == NULL ? 0 : rows->kind == YAML_LIST ? rows->n : 1;
}

void draft_act_names(struct draft *d, const struct yaml *acts)
{
        d->acts = read_key_names(d->r, acts, STR_LIT("办理动作"));
        struct act *rows = arena_new_array(d->r->arena, d->acts.n, struct act);
        size_t n_locals = 0;
        for (size_t i = 0; i < d->acts.n; i++) {
                const struct yaml *act = &acts->pairs[i].value;
                rows[i] = (struct act){ .name = d->acts.items[i],
                        .label = d->acts.items[i],
                        .line = acts->pairs[i].line,
                        .within = -1 };
                n_locals += count_rows(act, "opens") + count_rows(act, "then") +
                            count_rows(act, "writes");
        }
        struct str *locals = arena_new_array(d->r->arena, n_locals, struct str);
        n_locals = 0;
        for (size_t i = 0; i < d->acts.n; i++) {
                take_locals(&acts->pairs[i].value, "opens", locals, &n_locals);
                take_locals(&acts->pairs[i].value, "then", locals, &n_locals);
                take_locals(&acts->pairs[i].value, "writes", locals, &n_locals);
        }
        d->v->acts = rows;
        d->v->n_acts = d->acts.n;
        d->v->locals = locals;
        d->v->n_locals = n_locals;
}

/* ---- Who, from where, to where ---- */

static const struct str *read_people(struct draft *d, const struct yaml *node, const char *key,
                struct str where, size_t *ret_n)
{
        const struct yaml *items = read_list(d->r, node, key, where, ret_n);
        struct str *people = arena_new_array(d->r->arena, *ret_n, struct str);
        for (size_t i = 0; i < *ret_n; i++) {
                people[i] = items[i].text;
                read_name(d->r, people[i], items[i].line, where);
        }
        return people;
}

static void read_from(struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        size_t n;
        const struct yaml *items = read_list(d->r, node, "from", where, &n);
        size_t *from = arena_new_array(d->r->arena, n, size_t);
        for (size_t i = 0; i < n; i++) {
                if (str_is(items[i].text, "new")) {
                        act->from_new = true;
                } else if (str_is(items[i].text, "any")) {
                        act->from_any = true;
                } else {
                        int state = read_index(d->r, &items[i], &d->states, "状态", where);
                        if (state >= 0)
                                from[act->n_from++] = (size_t)state;
                }
        }
        act->from = from;
        if (n == 0)
                read_fault(d->r, act->line, "%.*s：缺少 from（从哪些状态，或 new，或 any）",
                                STR_FMT(where));
        if (n > 1 && act->from_any)
                read_fault(d->r, items[0].line, "%.*s：from 写了 any 就不能再写别的",
                                STR_FMT(where));
}

static void read_target(
                struct draft *d, const struct yaml *row, struct target *target, struct str where)
{
        *target = (struct target){ .state = 0 };
        if (!read_keys(d->r, row, where, "when to"))
                return;
        target->when = read_feel_at(d->r, row, "when", &d->reach, FEEL_BOOLEAN, where);
        const struct yaml *to = yaml_get(row, "to");
        if (to == NULL) {
                read_fault(d->r, row->line, "%.*s：to 的这一行缺少 to", STR_FMT(where));
                return;
        }
        int state = read_index(d->r, to, &d->states, "状态", where);
        target->state = state >= 0 ? (size_t)state : 0;
}

static void read_targets(
                struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        const struct yaml *to = yaml_get(node, "to");
        if (to == NULL || to->kind == YAML_NULL) {
                if (act->from_new)
                        read_fault(d->r, act->line, "%.*s：from: new 的动作要写 to",
                                        STR_FMT(where));
                return;
        }
        size_t n = to->kind == YAML_LIST ? to->n : 1;
        struct target *targets = arena_new_array(d->r->arena, n, struct target);
        act->to = targets;
        if (to->kind == YAML_TEXT) {
                int state = read_index(d->r, to, &d->states, "状态", where);
                targets[0].state = state >= 0 ? (size_t)state : 0;
                act->n_to = state >= 0;
                return;
        }
        for (size_t i = 0; i < n; i++) {
                read_target(d, to->kind == YAML_LIST ? &to->items[i] : to, &targets[i], where);
                bool last = i + 1 == n;
                if (!last && targets[i].when == NULL)
                        read_fault(d->r, to->line, "%.*s：to 中只有最后一行可以没有 when",
                                        STR_FMT(where));
        }
        act->n_to = d->states.n != 0 ? n : 0;
}

/* ---- Fields ---- */

static void check_overlap(struct draft *d, const struct act *act, struct str where)
{
        for (size_t i = 0; i < act->n_needs; i++)
                for (size_t j = 0; j < act->n_takes; j++)
                        if (act->needs[i] == act->takes[j])
                                read_fault(d->r, act->line,
                                                "%.*s：字段“%.*s”同时在 needs 和 takes 中",
                                                STR_FMT(where),
                                                STR_FMT(d->fields.items[act->needs[i]]));
}

static bool fits(
                struct arena *arena, const struct feel_expression *value, const struct field *field)
{
        if (value == NULL)
                return true; /* already noted */
        const struct feel_type *type = schema_field_type(arena, field);
        if (type->kind == FEEL_LIST) /* of what, input_compute() sees */
                type = feel_type_of(FEEL_LIST);
        return feel_type_fits(feel_result_type(value), type);
}

/* Each name must be a field, and each value fit it. */
static void check_assignments(struct draft *d, const struct yaml *section,
                const struct assignment *rows, size_t n, const struct field *fields,
                const struct names *names, const char *what, struct str where)
{
        for (size_t i = 0; i < n; i++) {
                int line = section->pairs[i].line;
                struct yaml name = { .kind = YAML_TEXT, .line = line, .text = rows[i].name };
                int field = read_index(d->r, &name, names, what, where);
                if (field < 0 || fits(d->r->arena, rows[i].value, &fields[field]))
                        continue;
                const struct feel_type *type = schema_field_type(d->r->arena, &fields[field]);
                struct str has = feel_type_format(d->r->arena, feel_result_type(rows[i].value));
                struct str wants = feel_type_format(d->r->arena, type);
                read_fault(d->r, line, "%.*s：字段“%.*s”要 %.*s，表达式给的是 %.*s", STR_FMT(where),
                                STR_FMT(rows[i].name), STR_FMT(wants), STR_FMT(has));
        }
}

/* ---- Clocks ---- */

static const struct {
        const char *key;
        enum clock_verb verb;
} verbs[] = {
        /* in the order in which they are done */
        { "voids", CLOCK_VOID },
        { "stops", CLOCK_STOP },
        { "resumes", CLOCK_RESUME },
        { "pauses", CLOCK_PAUSE },
        { "extends", CLOCK_EXTEND },
        { "starts", CLOCK_START },
};

static const struct feel_expression *read_step_value(struct draft *d, enum clock_verb verb,
                int clock, const struct yaml *node, struct str where)
{
        if (node == NULL)
                return NULL;
        if (verb == CLOCK_EXTEND)
                return read_feel(d->r, node, &d->reach, FEEL_NUMBER, where);
        const struct feel_expression *value = read_feel(d->r, node, &d->reach, FEEL_ANY, where);
        enum feel_kind kind = value != NULL ? feel_result_type(value)->kind : FEEL_ANY;
        if (verb != CLOCK_START)
                read_fault(d->r, node->line, "%.*s：只有 starts 和 extends 可以带表达式",
                                STR_FMT(where));
        else if (kind != FEEL_ANY && kind != FEEL_NULL && kind != FEEL_DATE &&
                        kind != FEEL_DATE_TIME)
                read_fault(d->r, node->line, "%.*s：期限的起算日应是日期", STR_FMT(where));
        else if (kind == FEEL_DATE && clock >= 0 && d->v->clocks[clock].rule.unit == DEADLINE_HOURS)
                read_fault(d->r, node->line, "%.*s：按小时计的期限要从时刻（datetime）起算",
                                STR_FMT(where));
        return value;
}

/* FEEL, or {from: FEEL, when: FEEL} for a clock that starts only sometimes. */
static struct clock_step read_step(struct draft *d, enum clock_verb verb, int clock,
                const struct yaml *node, struct str where)
{
        struct clock_step step = { .verb = verb, .clock = clock >= 0 ? (size_t)clock : 0 };
        if (verb != CLOCK_START || node->kind != YAML_MAP) {
                step.value = read_step_value(d, verb, clock, node, where);
                return step;
        }
        read_keys(d->r, node, where, "from when");
        step.value = read_step_value(d, verb, clock, yaml_get(node, "from"), where);
        step.when = read_feel_at(d->r, node, "when", &d->reach, FEEL_BOOLEAN, where);
        return step;
}

/* A clock, a list of clocks, or a map clock: FEEL. */
static void read_steps(struct draft *d, const struct yaml *node, const char *key,
                enum clock_verb verb, struct clock_step *steps, size_t *n, struct str where)
{
        const struct yaml *value = yaml_get(node, key);
        if (value == NULL || value->kind == YAML_NULL)
                return;
        if (value->kind != YAML_MAP) {
                size_t n_clocks;
                const size_t *clocks =
                                read_indexes(d->r, node, key, &d->clocks, "期限", where, &n_clocks);
                for (size_t i = 0; i < n_clocks; i++)
                        steps[(*n)++] = (struct clock_step){ .verb = verb, .clock = clocks[i] };
                return;
        }
        for (size_t i = 0; i < value->n; i++) {
                const struct yaml_pair *pair = &value->pairs[i];
                struct yaml name = { .kind = YAML_TEXT, .line = pair->line, .text = pair->key };
                int clock = read_index(d->r, &name, &d->clocks, "期限", where);
                struct clock_step step = read_step(d, verb, clock, &pair->value,
                                str_format(d->r->arena, "%.*s 的 %s", STR_FMT(where), key));
                if (clock >= 0)
                        steps[(*n)++] = step;
        }
}

static void read_clock_steps(
                struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        size_t room = 0;
        for (size_t i = 0; i < N_ELEMENTS(verbs); i++) {
                const struct yaml *value = yaml_get(node, verbs[i].key);
                room += value == NULL ? 0 : value->kind == YAML_TEXT ? 1 : value->n;
        }
        struct clock_step *steps = arena_new_array(d->r->arena, room, struct clock_step);
        for (size_t i = 0; i < N_ELEMENTS(verbs); i++)
                read_steps(d, node, verbs[i].key, verbs[i].verb, steps, &act->n_clock_steps, where);
        act->clock_steps = steps;
}

/* ---- What else follows ---- */

/* The reach inside a row that goes through a list; notes `each` without `as`. */
static struct reach reach_of_row(struct draft *d, const struct yaml *row, struct str where)
{
        struct reach reach = d->reach;
        reach.local = read_text(d->r, row, "as", where);
        bool has_each = yaml_get(row, "each") != NULL;
        if (has_each != (reach.local.n != 0))
                read_fault(d->r, row->line, "%.*s：each 和 as 要一起写", STR_FMT(where));
        if (reach.local.n != 0)
                read_name(d->r, reach.local, row->line, where);
        return reach;
}

static void read_openings(
                struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        const struct yaml *rows = read_rows(d->r, node, "opens", where, &act->n_opens);
        struct opening *opens = arena_new_array(d->r->arena, act->n_opens, struct opening);
        for (size_t i = 0; i < act->n_opens; i++) {
                const struct yaml *row = &rows[i];
                struct str place = str_format(d->r->arena, "%.*s 的 opens", STR_FMT(where));
                if (!read_keys(d->r, row, place, "procedure act with each as unit when"))
                        continue;
                struct reach reach = reach_of_row(d, row, place);
                size_t n_with;
                const struct assignment *with =
                                read_assignments(d->r, row, "with", &reach, place, &n_with);
                opens[i] = (struct opening){
                        .procedure = read_must(d->r, row, "procedure", place),
                        .act = read_must(d->r, row, "act", place),
                        .with = with,
                        .n_with = n_with,
                        .each = read_feel_at(d->r, row, "each", &d->reach, FEEL_LIST, place),
                        .as = reach.local,
                        .unit = read_feel_at(d->r, row, "unit", &reach, FEEL_STRING, place),
                        .when = read_feel_at(d->r, row, "when", &reach, FEEL_BOOLEAN, place),
                };
        }
        act->opens = opens;
}

/* The reach inside a row of `then`: on sub-matters, whose procedure it names, or on the parent. */
static struct reach reach_of_reaction(
                struct draft *d, const struct yaml *row, bool below, struct str where)
{
        struct reach reach = d->reach;
        bool named = yaml_get(row, "procedure") != NULL && yaml_get(row, "as") != NULL;
        bool none = yaml_get(row, "procedure") == NULL && yaml_get(row, "as") == NULL;
        if (below ? !named : !none)
                read_fault(d->r, row->line,
                                below ? "%.*s：on: children 要写 procedure（哪个程序的下级办件）和 as（"
                                        "在 when、with 里叫它什么）"
                                      : "%.*s：只有 on: children 才写 procedure 和 as",
                                STR_FMT(where));
        reach.local = read_text(d->r, row, "as", where);
        if (reach.local.n != 0)
                read_name(d->r, reach.local, row->line, where);
        return reach;
}

static void read_reactions(
                struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        const struct yaml *rows = read_rows(d->r, node, "then", where, &act->n_then);
        struct reaction *then = arena_new_array(d->r->arena, act->n_then, struct reaction);
        for (size_t i = 0; i < act->n_then; i++) {
                const struct yaml *row = &rows[i];
                struct str place = str_format(d->r->arena, "%.*s 的 then", STR_FMT(where));
                if (!read_keys(d->r, row, place, "on procedure as act with when"))
                        continue;
                bool below = read_word(d->r, row, "on", "parent children", place) == 1;
                struct reach reach = reach_of_reaction(d, row, below, place);
                size_t n_with;
                const struct assignment *with =
                                read_assignments(d->r, row, "with", &reach, place, &n_with);
                then[i] = (struct reaction){
                        .procedure = read_text(d->r, row, "procedure", place),
                        .as = reach.local,
                        .act = read_must(d->r, row, "act", place),
                        .with = with,
                        .n_with = n_with,
                        .when = read_feel_at(d->r, row, "when", &reach, FEEL_BOOLEAN, place),
                };
        }
        act->then = then;
}

static struct names field_names(struct arena *arena, const struct field *fields, size_t n)
{
        struct str *items = arena_new_array(arena, n, struct str);
        for (size_t i = 0; i < n; i++)
                items[i] = fields[i].name;
        return (struct names){ items, n };
}

/* The register of a write, and that what is set are its fields. */
static void check_write(struct draft *d, const struct yaml *row, const struct entry_write *write,
                struct str where)
{
        const struct reg *reg = catalogue_register(d->r->catalogue, write->reg);
        if (reg == NULL && write->reg.n != 0) {
                read_fault(d->r, row->line, "%.*s：没有名录“%.*s”", STR_FMT(where),
                                STR_FMT(write->reg));
        } else if (reg != NULL && write->n_set != 0) {
                struct names names = field_names(d->r->arena, reg->fields, reg->n_fields);
                check_assignments(d, yaml_get(row, "set"), write->set, write->n_set, reg->fields,
                                &names, "名录字段", where);
        }
        if (yaml_get(row, "key") == NULL)
                read_fault(d->r, row->line, "%.*s：缺少 key", STR_FMT(where));
        if (write->end != NULL && (write->n_set != 0 || write->from != NULL ||
                                                  write->until != NULL || write->amend))
                read_fault(d->r, row->line, "%.*s：end 不能和 set、amend、from、until 一起写",
                                STR_FMT(where));
}

static void read_writes(struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        const struct yaml *rows = read_rows(d->r, node, "writes", where, &act->n_writes);
        struct entry_write *writes =
                        arena_new_array(d->r->arena, act->n_writes, struct entry_write);
        struct reader *r = d->r;
        struct str place = str_format(r->arena, "%.*s 的 writes", STR_FMT(where));
        for (size_t i = 0; i < act->n_writes; i++) {
                const struct yaml *row = &rows[i];
                if (!read_keys(r, row, place, "register key set amend from until end each as when"))
                        continue;
                struct reach reach = reach_of_row(d, row, place);
                size_t n_set;
                const struct assignment *set =
                                read_assignments(r, row, "set", &reach, place, &n_set);
                writes[i] = (struct entry_write){
                        .reg = read_must(r, row, "register", place),
                        .key = read_feel_at(r, row, "key", &reach, FEEL_STRING, place),
                        .set = set,
                        .n_set = n_set,
                        .from = read_feel_at(r, row, "from", &reach, FEEL_DATE, place),
                        .until = read_feel_at(r, row, "until", &reach, FEEL_DATE, place),
                        .end = read_feel_at(r, row, "end", &reach, FEEL_DATE, place),
                        .each = read_feel_at(r, row, "each", &d->reach, FEEL_LIST, place),
                        .when = read_feel_at(r, row, "when", &reach, FEEL_BOOLEAN, place),
                        .as = reach.local,
                        .amend = read_bool(r, row, "amend", place),
                };
                check_write(d, row, &writes[i], place);
        }
        act->writes = writes;
}

/* ---- One act ---- */

static void read_conditions(
                struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        struct reader *r = d->r;
        act->once = read_bool(r, node, "once", where);
        act->private = read_bool(r, node, "private", where);
        const struct yaml *within = yaml_get(node, "within");
        if (within != NULL)
                act->within = read_index(r, within, &d->clocks, "期限", where);
        act->differs_from = read_indexes(
                        r, node, "differs_from", &d->acts, "办理动作", where, &act->n_differs_from);
        act->require = read_rules(r, node, "require", &d->reach, true, where, &act->n_require);
        act->warn = read_rules(r, node, "warn", &d->reach, false, where, &act->n_warn);
}

/* Documents an act issues: names, or a map name: FEEL for those issued only sometimes. */
static void read_issues(struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        struct reader *r = d->r;
        const struct yaml *value = yaml_get(node, "document");
        if (value == NULL || value->kind != YAML_MAP) {
                act->documents = read_indexes(r, node, "document", &d->documents, "文书", where,
                                &act->n_documents);
                return;
        }
        size_t *documents = arena_new_array(r->arena, value->n, size_t);
        const struct feel_expression **when =
                        arena_new_array(r->arena, value->n, const struct feel_expression *);
        for (size_t i = 0; i < value->n; i++) {
                const struct yaml_pair *pair = &value->pairs[i];
                struct yaml name = { .kind = YAML_TEXT, .line = pair->line, .text = pair->key };
                int document = read_index(r, &name, &d->documents, "文书", where);
                if (document < 0)
                        continue;
                documents[act->n_documents] = (size_t)document;
                when[act->n_documents++] =
                                read_feel(r, &pair->value, &d->reach, FEEL_BOOLEAN, where);
        }
        act->documents = documents;
        act->documents_when = when;
}

static void read_effects(
                struct draft *d, const struct yaml *node, struct act *act, struct str where)
{
        struct reader *r = d->r;
        act->set = read_assignments(r, node, "set", &d->reach, where, &act->n_set);
        if (act->n_set != 0)
                check_assignments(d, yaml_get(node, "set"), act->set, act->n_set, d->v->fields,
                                &d->fields, "字段", where);
        read_clock_steps(d, node, act, where);
        read_issues(d, node, act, where);
        act->publishes = read_indexes(
                        r, node, "publishes", &d->publications, "公示", where, &act->n_publishes);
        act->withdraws = read_indexes(
                        r, node, "withdraws", &d->publications, "公示", where, &act->n_withdraws);
        read_openings(d, node, act, where);
        read_reactions(d, node, act, where);
        read_writes(d, node, act, where);
        act->recuses = read_feel_at(r, node, "recuses", &d->reach, FEEL_ANY, where);
        act->assigns = read_feel_at(r, node, "assigns", &d->reach, FEEL_ANY, where);
        act->moves = read_feel_at(r, node, "moves", &d->reach, FEEL_STRING, where);
        if (act->moves != NULL && act->from_new)
                read_fault(r, act->line, "%.*s：新登记的办件还没有单位，不能写 moves",
                                STR_FMT(where));
        act->notifies = read_people(d, node, "notifies", where, &act->n_notifies);
}

static void read_act(struct draft *d, const struct yaml *node, struct act *act)
{
        struct reader *r = d->r;
        struct str where = str_format(r->arena, "办理动作 %.*s", STR_FMT(act->name));
        if (!read_keys(r, node, where, act_keys))
                return;
        act->label = read_must(r, node, "label", where);
        act->hint = read_text(r, node, "hint", where);
        act->roles = read_people(d, node, "by", where, &act->n_roles);
        if (act->n_roles == 0)
                read_fault(r, act->line, "%.*s：缺少 by，谁也不能做", STR_FMT(where));
        read_from(d, node, act, where);
        read_targets(d, node, act, where);
        act->needs = read_indexes(r, node, "needs", &d->fields, "字段", where, &act->n_needs);
        act->takes = read_indexes(r, node, "takes", &d->fields, "字段", where, &act->n_takes);
        check_overlap(d, act, where);
        read_conditions(d, node, act, where);
        read_effects(d, node, act, where);
}

void draft_acts(struct draft *d, const struct yaml *acts)
{
        struct act *rows = (struct act *)d->v->acts; /* made by draft_act_names() */
        for (size_t i = 0; i < d->acts.n; i++)
                read_act(d, &acts->pairs[i].value, &rows[i]);
}
