/* procedure/read_clocks.c - the clocks (期限) of a version. */
#include "procedure/draft.h"

static const char clock_keys[] =
                "label length before fixed whose paused_in extend expires yellow red roll basis";

/* The words of a length, longest first where one begins another. */
static const struct {
        const char *word;
        enum deadline_unit unit;
} units[] = {
        { "working days", DEADLINE_WORKING_DAYS },
        { "working day", DEADLINE_WORKING_DAYS },
        { "days", DEADLINE_DAYS },
        { "day", DEADLINE_DAYS },
        { "months", DEADLINE_MONTHS },
        { "month", DEADLINE_MONTHS },
        { "years", DEADLINE_YEARS },
        { "year", DEADLINE_YEARS },
        { "hours", DEADLINE_HOURS },
        { "hour", DEADLINE_HOURS },
};

static bool unit_of(struct str word, enum deadline_unit *ret)
{
        for (size_t i = 0; i < N_ELEMENTS(units); i++) {
                if (!str_is(word, units[i].word))
                        continue;
                *ret = units[i].unit;
                return true;
        }
        return false;
}

/* "20 working days". */
static bool length_of(struct str text, int *ret_length, enum deadline_unit *ret_unit)
{
        struct str rest = str_trim(text);
        struct str digits = str_split(&rest, ' ');
        int64_t length;
        if (!str_to_int(digits, &length) || rest.p == NULL || !unit_of(str_trim(rest), ret_unit))
                return false;
        if (length < 1 || length > deadline_length_max(*ret_unit))
                return false;
        *ret_length = (int)length;
        return true;
}

static void fault_length(struct draft *d, const struct yaml *node, struct str where)
{
        read_fault(d->r, node->line,
                        "%.*s：期限“%.*s”看不懂，应如 20 working days、15 days、"
                        "1 month、2 years、24 hours",
                        STR_FMT(where), STR_FMT(node->text));
}

void draft_clock_names(struct draft *d, const struct yaml *clocks)
{
        d->clocks = read_key_names(d->r, clocks, STR_LIT("期限"));
        struct clock_definition *rows =
                        arena_new_array(d->r->arena, d->clocks.n, struct clock_definition);
        for (size_t i = 0; i < d->clocks.n; i++)
                rows[i] = (struct clock_definition){ .name = d->clocks.items[i],
                        .label = d->clocks.items[i],
                        .expires = -1,
                        .yellow = -1,
                        .red = -1 };
        d->v->clocks = rows;
        d->v->n_clocks = d->clocks.n;
}

/* {value: FEEL, unit: working days} */
static void read_computed(struct draft *d, const struct yaml *node, struct clock_definition *clock,
                struct str where)
{
        read_keys(d->r, node, where, "value unit");
        clock->length = read_feel_at(d->r, node, "value", &d->reach, FEEL_NUMBER, where);
        if (yaml_get(node, "value") == NULL)
                read_fault(d->r, node->line, "%.*s：length 缺少 value", STR_FMT(where));
        if (!unit_of(read_must(d->r, node, "unit", where), &clock->rule.unit))
                read_fault(d->r, node->line,
                                "%.*s：length 的 unit 只能是 working days、days、"
                                "months、years、hours",
                                STR_FMT(where));
}

static void read_length(struct draft *d, const struct yaml *node, struct clock_definition *clock,
                struct str where)
{
        const struct yaml *length = yaml_get(node, "length");
        const struct yaml *fixed = yaml_get(node, "fixed");
        clock->before = read_feel_at(d->r, node, "before", &d->reach, FEEL_DATE, where);
        clock->fixed = read_feel_at(d->r, node, "fixed", &d->reach, FEEL_DATE, where);
        clock->rule.before = clock->before != NULL;
        if (fixed != NULL) {
                clock->rule.unit = DEADLINE_FIXED;
                if (length != NULL || clock->before != NULL)
                        read_fault(d->r, fixed->line, "%.*s：fixed 不能和 length、before 一起写",
                                        STR_FMT(where));
        } else if (length == NULL) {
                read_fault(d->r, node->line, "%.*s：缺少 length", STR_FMT(where));
        } else if (length->kind == YAML_MAP) {
                read_computed(d, length, clock, where);
        } else if (length->kind != YAML_TEXT ||
                        !length_of(length->text, &clock->rule.length, &clock->rule.unit)) {
                fault_length(d, length, where);
        }
        if (clock->before != NULL && clock->rule.unit == DEADLINE_HOURS)
                read_fault(d->r, node->line, "%.*s：before 不能按小时倒算", STR_FMT(where));
}

/* `10 working days`, or {by: 10 working days, once: true}. */
static void read_extension(struct draft *d, const struct yaml *node, struct clock_definition *clock,
                struct str where)
{
        const struct yaml *extend = yaml_get(node, "extend"), *by = extend;
        enum deadline_unit unit;
        if (extend == NULL || extend->kind == YAML_NULL)
                return;
        if (extend->kind == YAML_MAP) {
                read_keys(d->r, extend, where, "by once");
                clock->extend_once = read_bool(d->r, extend, "once", where);
                by = yaml_get(extend, "by");
                if (by == NULL)
                        return; /* by how much, each act says */
        }
        if (by->kind != YAML_TEXT || !length_of(by->text, &clock->extend_by, &unit))
                fault_length(d, by, where);
        else if (unit != clock->rule.unit)
                read_fault(d->r, by->line, "%.*s：延长的单位应与期限的单位一致", STR_FMT(where));
}

static void read_clock(
                struct draft *d, const struct yaml_pair *pair, struct clock_definition *clock)
{
        static const enum deadline_roll rolls[] = { DEADLINE_ROLL_USUAL, DEADLINE_ROLL_NONE,
                DEADLINE_ROLL_HOLIDAY, DEADLINE_ROLL_NON_WORKING };
        struct reader *r = d->r;
        const struct yaml *node = &pair->value;
        struct str where = str_format(r->arena, "期限 %.*s", STR_FMT(clock->name));
        clock->rule.id = str_c(
                        r->arena, str_format(r->arena, "%.*s.%.*s", STR_FMT(d->v->procedure->name),
                                                  STR_FMT(clock->name)));
        clock->rule.basis = "";
        if (!read_keys(r, node, where, clock_keys))
                return;
        clock->label = read_must(r, node, "label", where);
        clock->basis = read_text(r, node, "basis", where);
        clock->rule.basis = str_c(r->arena, clock->basis);
        if (clock->basis.n == 0)
                read_fault(r, pair->line, "%.*s：没有写法律依据（basis）", STR_FMT(where));
        read_length(d, node, clock, where);
        clock->rule.roll =
                        rolls[read_word(r, node, "roll", "usual none holiday non_working", where)];
        clock->of_party = read_word(r, node, "whose", "organ party", where) == 1;
        clock->paused_in = read_indexes(
                        r, node, "paused_in", &d->states, "状态", where, &clock->n_paused_in);
        read_extension(d, node, clock, where);
        const struct yaml *expires = yaml_get(node, "expires");
        if (expires != NULL)
                clock->expires = read_index(r, expires, &d->acts, "办理动作", where);
        clock->yellow = (int)read_int(r, node, "yellow", -1, 0, 1000, where);
        clock->red = (int)read_int(r, node, "red", -1, 0, 1000, where);
        if (clock->yellow > 0 && clock->red > clock->yellow)
                read_fault(r, node->line, "%.*s：red 不应大于 yellow", STR_FMT(where));
}

void draft_clocks(struct draft *d, const struct yaml *clocks)
{
        struct clock_definition *rows = (struct clock_definition *)d->v->clocks;
        for (size_t i = 0; i < d->clocks.n; i++)
                read_clock(d, &clocks->pairs[i], &rows[i]);
}
