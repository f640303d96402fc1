/* Reading the streams of a scenario: variables, steps, paths. */
#include "desk/scenario_reader.h"

#include "base/limits.h"

#define MAX_MATTERS  20000000u
#define MAX_CHILDREN 10000

/* ---- Variables ---- */

static bool read_choices(struct reader *r, const struct yaml *map,
                const struct scenario_choice **ret, size_t *ret_n, int64_t *ret_total)
{
        size_t n = map->n;
        struct scenario_choice *choices = arena_new_array(r->arena, n + 1, struct scenario_choice);
        *ret_total = 0;
        if (map->kind == YAML_TEXT) {
                choices[0] = (struct scenario_choice){ map->text, 1 };
                n = 1;
                *ret_total = 1;
        }
        for (size_t i = 0; map->kind != YAML_TEXT && i < n; i++) {
                bool list = map->kind == YAML_LIST;
                choices[i].text = list ? map->items[i].text : map->pairs[i].key;
                choices[i].weight = 1;
                if (!list && !scenario_read_int(r, &map->pairs[i].value, &choices[i].weight))
                        return false;
                if (choices[i].weight < 0)
                        return scenario_fail(r, map->line, "份额不能为负");
                *ret_total += choices[i].weight;
        }
        if (*ret_total <= 0)
                return scenario_fail(r, map->line, "至少要有一个选项");
        *ret = choices;
        *ret_n = n;
        return true;
}

static bool read_range(struct reader *r, const struct yaml *v, int64_t *min, int64_t *max)
{
        if (v->kind == YAML_LIST && v->n == 2)
                return scenario_read_int(r, &v->items[0], min) &&
                       scenario_read_int(r, &v->items[1], max) &&
                       (*min <= *max || scenario_fail(r, v->line, "范围倒置"));
        *max = 0;
        return scenario_read_int(r, v, min) && (*max = *min, true);
}

static bool row_matches(const struct value *row, const struct yaml *where)
{
        for (size_t i = 0; where != NULL && i < where->n; i++) {
                const struct value *v = value_get(row, where->pairs[i].key);
                struct str want = where->pairs[i].value.text;
                if (want.n == 0 ? v != NULL
                                : v == NULL || v->kind != VALUE_STRING || !str_eq(v->string, want))
                        return false;
        }
        return true;
}

static bool read_entry_var(struct reader *r, const struct yaml *map, struct scenario_var *var)
{
        const struct value *all;
        size_t n, kept = 0;
        struct str key = scenario_text_of(map, "key");
        if (!scenario_only(r, map, "file rows where key in_turn") ||
                        !scenario_rows_of(r, map, &all, &n))
                return false;
        struct value *rows = arena_new_array(r->arena, n, struct value);
        for (size_t i = 0; i < n; i++) {
                const struct value *id = key.n != 0 ? value_get(&all[i], key) : NULL;
                if (!row_matches(&all[i], yaml_get(map, "where")))
                        continue;
                rows[kept++] = id != NULL && id->kind == VALUE_STRING
                                               ? scenario_with_member(r->arena, &all[i], "key",
                                                                 id->string)
                                               : all[i];
        }
        if (kept == 0)
                return scenario_fail(r, map->line, "没有符合条件的条目");
        var->rows = rows;
        var->n_rows = kept;
        var->in_turn = str_is(scenario_text_of(map, "in_turn"), "true");
        return true;
}

static bool find_pool(struct reader *r, const struct yaml *v, size_t *ret)
{
        for (size_t i = 0; i < r->scenario->n_pools; i++) {
                if (str_eq(r->scenario->pools[i].name, v->text)) {
                        *ret = i;
                        return true;
                }
        }
        return scenario_fail_text(r, v->line, "没有这个总数", v->text);
}

static bool read_var(
                struct reader *r, struct str name, const struct yaml *v, struct scenario_var *var);

static bool read_list_var(struct reader *r, const struct yaml *v, struct scenario_var *var)
{
        struct scenario_var *of = arena_new(r->arena, struct scenario_var);
        const struct yaml *count = yaml_get(v, "count");
        if (!scenario_only(r, v, "of count") || yaml_get(v, "of") == NULL || count == NULL)
                return scenario_fail(r, v->line, "列表要有 of 和 count");
        var->of = of;
        if (!read_range(r, count, &var->min, &var->max) || var->min < 0 || var->max > 10000)
                return scenario_fail(r, v->line, "count 不正确");
        return read_var(r, STR_LIT(""), yaml_get(v, "of"), of);
}

static bool read_person(struct reader *r, const struct yaml *v, struct scenario_var *var)
{
        int64_t min = 22, max = 60;
        if (yaml_get(v, "age") != NULL && !read_range(r, yaml_get(v, "age"), &min, &max))
                return false;
        if (min < 0 || max > 100)
                return scenario_fail(r, v->line, "年龄不正确");
        var->age_min = (int)min;
        var->age_max = (int)max;
        var->region = scenario_text_of(v, "region");
        var->prefix = scenario_text_of(v, "prefix").n == 2 ? scenario_text_of(v, "prefix")
                                                           : STR_LIT("31");
        return scenario_only(r, v, "age region prefix");
}

static bool read_var(
                struct reader *r, struct str name, const struct yaml *v, struct scenario_var *var)
{
        static const struct {
                const char *word;
                enum var_kind kind;
        } kinds[] = {
                { "person", VAR_PERSON },
                { "firm", VAR_FIRM },
                { "pick", VAR_PICK },
                { "integer", VAR_INTEGER },
                { "share", VAR_SHARE },
                { "entry", VAR_ENTRY },
                { "text", VAR_TEXT },
                { "list", VAR_LIST },
                { "rows", VAR_FIXED },
        };
        *var = (struct scenario_var){ .name = name, .kind = VAR_FIXED };
        const struct yaml *inner = v;
        bool all_rows = false;
        for (size_t i = 0; v->kind == YAML_MAP && v->n == 1 && i < N_ELEMENTS(kinds); i++) {
                if (!str_is(v->pairs[0].key, kinds[i].word))
                        continue;
                var->kind = kinds[i].kind;
                inner = &v->pairs[0].value;
                all_rows = var->kind == VAR_FIXED;
        }
        if (all_rows) /* every row of a file that fits, as a list */
                return read_entry_var(r, inner, var) &&
                       (var->fixed = value_list(var->rows, var->n_rows), true);
        switch (var->kind) {
        case VAR_PERSON:
        case VAR_FIRM:
                return read_person(r, inner, var);
        case VAR_PICK:
                return read_choices(r, inner, &var->choices, &var->n_choices, &var->total_weight);
        case VAR_INTEGER:
                return read_range(r, inner, &var->min, &var->max);
        case VAR_SHARE:
                return find_pool(r, inner, &var->pool);
        case VAR_ENTRY:
                return read_entry_var(r, inner, var);
        case VAR_LIST:
                return read_list_var(r, inner, var);
        case VAR_TEXT:
        case VAR_FIXED:
                break;
        }
        var->fixed = scenario_to_value(r->arena, inner);
        return true;
}

static bool read_vars(struct reader *r, const struct yaml *map, const struct scenario_var *base,
                size_t n_base, const struct scenario_var **ret, size_t *ret_n)
{
        size_t n = map != NULL ? map->n : 0;
        struct scenario_var *vars = arena_grow(r->arena, base, n_base, n, sizeof(*vars));
        for (size_t i = 0; i < n; i++)
                if (!read_var(r, map->pairs[i].key, &map->pairs[i].value, &vars[n_base + i]))
                        return false;
        *ret = vars;
        *ret_n = n_base + n;
        return true;
}

/* ---- Steps, paths, streams ---- */

/* "1..3 working days", "2 hours", "5 days", "same day". */
static bool read_delay(struct reader *r, const struct yaml *v, struct delay *ret)
{
        *ret = (struct delay){ DELAY_SAME_DAY, 0, 0 };
        if (v == NULL || str_is(v->text, "same day"))
                return true;
        struct str rest = v->text;
        struct str range = str_split(&rest, ' ');
        int64_t min, max;
        size_t dots = str_find(range, STR_LIT(".."));
        bool ok = dots == SIZE_MAX ? str_to_int(range, &min) && (max = min, true)
                                   : str_to_int(str_slice(range, 0, dots), &min) &&
                                                     str_to_int(str_slice(range, dots + 2, range.n),
                                                                     &max);
        static const struct {
                const char *word;
                enum delay_unit unit;
        } units[] = { { "working days", DELAY_WORKING_DAYS }, { "working day", DELAY_WORKING_DAYS },
                { "days", DELAY_DAYS }, { "day", DELAY_DAYS }, { "hours", DELAY_HOURS },
                { "hour", DELAY_HOURS } };
        for (size_t i = 0; ok && i < N_ELEMENTS(units); i++) {
                if (!str_is(rest, units[i].word) || min < 0 || max < min || max > 2000)
                        continue;
                *ret = (struct delay){ units[i].unit, (int)min, (int)max };
                return true;
        }
        return scenario_fail_text(r, v->line, "不认识的间隔", v->text);
}

static bool is_staff_role(const struct scenario *scenario, struct str role)
{
        for (size_t i = 0; i < scenario->n_staff; i++)
                if (str_eq(scenario->staff[i].role, role))
                        return true;
        return false;
}

/* "1..20" or "7"; the children are counted from 1 in the order in which they were opened. */
static bool read_slice(struct reader *r, const struct yaml *map, struct scenario_step *step)
{
        const struct yaml *v = yaml_get(map, "slice");
        int64_t from, to;
        if (v == NULL)
                return true;
        if (step->on != STEP_CHILDREN)
                return scenario_fail(r, v->line, "slice 只用于 on: children");
        size_t dots = str_find(v->text, STR_LIT(".."));
        bool ok = dots == SIZE_MAX ? str_to_int(v->text, &from) && (to = from, true)
                                   : str_to_int(str_slice(v->text, 0, dots), &from) &&
                                                     str_to_int(str_slice(v->text, dots + 2,
                                                                                v->text.n),
                                                                     &to);
        if (!ok || from < 1 || to < from || to > MAX_CHILDREN)
                return scenario_fail_text(r, v->line, "slice 应为 1..20 的样子：", v->text);
        step->slice_from = (uint32_t)from;
        step->slice_to = (uint32_t)to;
        return true;
}

static bool read_target(struct reader *r, const struct yaml *map, struct scenario_step *step)
{
        static const struct {
                const char *word;
                enum step_target on;
        } words[] = { { "", STEP_SELF }, { "child", STEP_CHILD }, { "children", STEP_CHILDREN } };
        struct str on = scenario_text_of(map, "on");
        size_t i = 0;
        while (i < N_ELEMENTS(words) && !str_is(on, words[i].word))
                i++;
        if (i == N_ELEMENTS(words))
                return scenario_fail_text(r, map->line, "on 应为 child 或 children：", on);
        step->on = words[i].on;
        if (step->on == STEP_CHILDREN && step->procedure.n == 0)
                return scenario_fail(r, map->line, "on: children 要有 procedure");
        return read_slice(r, map, step);
}

static bool read_step(struct reader *r, const struct yaml *map, struct scenario_step *step)
{
        const struct yaml *differs = yaml_get(map, "not"), *give = yaml_get(map, "give");
        struct str begin = scenario_text_of(map, "begin"), expect = scenario_text_of(map, "expect");
        struct date from = r->scenario->from, until = r->scenario->until;
        if (!scenario_only(r, map,
                            "begin act by after on_date give not unit on slice procedure expect "
                            "repeat"))
                return false;
        *step = (struct scenario_step){
                .act = begin.n != 0 ? begin : scenario_text_of(map, "act"),
                .by = scenario_text_of(map, "by"),
                .procedure = scenario_text_of(map, "procedure"),
                .unit = scenario_text_of(map, "unit"),
                .give = give != NULL ? scenario_to_value(r->arena, give) : value_context(NULL, 0),
                .expect_refused = str_is(expect, "refused"),
                .line = map->line,
        };
        if (step->act.n == 0 || step->by.n == 0)
                return scenario_fail(r, map->line, "每一步要有 act（或 begin）和 by");
        if (str_is(step->by, "system"))
                return scenario_fail(r, map->line, "system 的动作只由期限引起，不能由情景提交");
        if (step->give.kind != VALUE_CONTEXT)
                return scenario_fail(r, map->line, "give 应为字段和值");
        step->by_assigned = str_is(step->by, "assigned");
        step->by_party = !step->by_assigned && !is_staff_role(r->scenario, step->by);
        if (differs != NULL) {
                size_t n = differs->kind == YAML_LIST ? differs->n : 1;
                struct str *names = arena_new_array(r->arena, n, struct str);
                for (size_t i = 0; i < n; i++)
                        names[i] = differs->kind == YAML_LIST ? differs->items[i].text
                                                              : differs->text;
                step->differs = names;
                step->n_differs = n;
        }
        if (!read_target(r, map, step) ||
                        !scenario_date_of_key(r, map, "on_date", DATE_NONE, &step->on_date))
                return false;
        if (!date_is_none(step->on_date) &&
                        (yaml_get(map, "after") != NULL || date_cmp(step->on_date, from) < 0 ||
                                        date_cmp(until, step->on_date) < 0))
                return scenario_fail(r, map->line, "on_date 应在起止日期之间，且不与 after 同用");
        return read_delay(r, yaml_get(map, "after"), &step->after);
}

static bool read_steps(struct reader *r, const struct yaml *list, struct scenario_path *path)
{
        struct scenario_step *steps = NULL;
        size_t n = 0;
        if (list == NULL || list->kind != YAML_LIST || list->n == 0)
                return scenario_fail(r, list != NULL ? list->line : 0, "路径要有 acts");
        for (size_t i = 0; i < list->n; i++) {
                int64_t times;
                struct scenario_step step;
                if (!read_step(r, &list->items[i], &step) ||
                                !scenario_int_of(r, &list->items[i], "repeat", 1, &times))
                        return false;
                if (times < 1 || times > 100)
                        return scenario_fail(r, list->items[i].line, "repeat 不正确");
                steps = arena_grow(r->arena, steps, n, (size_t)times, sizeof(*steps));
                while (times-- > 0)
                        steps[n++] = step;
        }
        path->steps = steps;
        path->n_steps = n;
        return true;
}

/* Does a template name this variable (also inside a text)? */
static bool names(const struct value *v, struct str var)
{
        if (v->kind == VALUE_STRING) {
                struct str rest = v->string;
                size_t at;
                while ((at = str_find(rest, STR_LIT("$"))) != SIZE_MAX) {
                        rest = str_slice(rest, at + 1, rest.n);
                        char after = rest.n > var.n ? rest.p[var.n] : '}';
                        if (str_starts(rest, var) && (after == '}' || after == '.'))
                                return true;
                }
        }
        for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.n; i++)
                if (names(&v->list.items[i], var))
                        return true;
        for (size_t i = 0; v->kind == VALUE_CONTEXT && i < v->context.n; i++)
                if (names(&v->context.members[i].value, var))
                        return true;
        return false;
}

static bool gives(const struct scenario_path *path, struct str var)
{
        for (size_t i = 0; i < path->n_steps; i++)
                if (names(&path->steps[i].give, var))
                        return true;
        return false;
}

/* Which pools this path takes parts of, and from which part on. */
static void count_pools(struct reader *r, struct scenario_path *path)
{
        struct scenario *s = r->scenario;
        path->pool_base = arena_new_array(r->arena, s->n_pools, size_t);
        for (size_t i = 0; i < s->n_pools; i++) {
                bool takes = false;
                for (size_t v = 0; v < path->n_vars && !takes; v++)
                        takes = path->vars[v].kind == VAR_SHARE && path->vars[v].pool == i &&
                                gives(path, path->vars[v].name);
                path->pool_base[i] = s->pools[i].n;
                if (takes)
                        s->pools[i].n += path->count;
        }
}

static bool read_window(
                struct reader *r, const struct yaml *arrive, struct date *from, struct date *to)
{
        return scenario_date_of_key(r, arrive, "from", *from, from) &&
               scenario_date_of_key(r, arrive, "to", *to, to) &&
               (date_cmp(*from, *to) <= 0 ||
                               scenario_fail(r, arrive != NULL ? arrive->line : 0, "起止日期倒置"));
}

static bool read_path(struct reader *r, const struct yaml *map, const struct yaml *arrive,
                struct scenario_path *path, bool *ret_shared)
{
        struct scenario *s = r->scenario;
        int64_t count;
        if (!scenario_only(r, map, "name count share arrive finish vars acts"))
                return false;
        *path = (struct scenario_path){
                .name = scenario_text_of(map, "name"), .from = s->from, .to = s->until
        };
        if (!read_window(r, arrive, &path->from, &path->to) ||
                        !read_window(r, yaml_get(map, "arrive"), &path->from, &path->to) ||
                        !scenario_date_of_key(r, map, "finish", s->until, &path->finish) ||
                        !scenario_int_of(r, map, "count", 0, &count) ||
                        !read_vars(r, yaml_get(map, "vars"), r->stream_vars, r->n_stream_vars,
                                        &path->vars, &path->n_vars))
                return false;
        *ret_shared = yaml_get(map, "share") != NULL;
        if (count < 0 || count > MAX_MATTERS)
                return scenario_fail(r, map->line, "件数不正确");
        path->count = (size_t)count;
        return read_steps(r, yaml_get(map, "acts"), path);
}

/* What `count` leaves is divided by shares; the last takes the rest. */
static bool divide_rest(struct reader *r, const struct yaml *list, struct scenario_path *paths,
                const bool *shared, int64_t count)
{
        int64_t exact = 0, total = 0, given = 0, run = 0;
        for (size_t i = 0; i < list->n; i++)
                exact += shared[i] ? 0 : (int64_t)paths[i].count;
        for (size_t i = 0; i < list->n; i++) {
                int64_t share = 0;
                if (shared[i] && !scenario_int_of(r, &list->items[i], "share", 0, &share))
                        return false;
                if (share < 0)
                        return scenario_fail(r, list->items[i].line, "份额不能为负");
                total += share;
        }
        if (count < 0 ? total > 0 : count < exact || (count > exact && total == 0))
                return scenario_fail(r, list->line, "件数与各路径之和不符");
        int64_t rest = count < 0 ? 0 : count - exact;
        for (size_t i = 0; i < list->n && total > 0; i++) {
                int64_t share = 0;
                if (!shared[i])
                        continue;
                if (!scenario_int_of(r, &list->items[i], "share", 0, &share))
                        return false;
                run += share;
                int64_t upto = rest * run / total;
                paths[i].count = (size_t)(upto - given);
                given = upto;
        }
        return true;
}

/* "09:00-17:00" as minutes. */
static bool read_hours(struct reader *r, const struct yaml *arrive, struct scenario_stream *stream)
{
        struct str text = scenario_text_of(arrive, "hours");
        int64_t parts[4];
        stream->minute_from = 9 * 60;
        stream->minute_to = 17 * 60;
        if (arrive == NULL || text.n == 0)
                return true;
        if (text.n != 11 || !str_to_int(str_slice(text, 0, 2), &parts[0]) ||
                        !str_to_int(str_slice(text, 3, 5), &parts[1]) ||
                        !str_to_int(str_slice(text, 6, 8), &parts[2]) ||
                        !str_to_int(str_slice(text, 9, 11), &parts[3]))
                return scenario_fail_text(r, arrive->line, "时段应为 09:00-17:00：", text);
        stream->minute_from = (int)(parts[0] * 60 + parts[1]);
        stream->minute_to = (int)(parts[2] * 60 + parts[3]);
        if (stream->minute_from < 0 || stream->minute_to > 1440 ||
                        stream->minute_from >= stream->minute_to)
                return scenario_fail_text(r, arrive->line, "时段不正确：", text);
        return true;
}

static bool read_stream(struct reader *r, const struct yaml *map, struct scenario_stream *stream)
{
        const struct yaml *arrive = yaml_get(map, "arrive"), *list = yaml_get(map, "paths");
        const struct yaml *units = yaml_get(map, "unit");
        int64_t count;
        if (!scenario_only(r, map, "name procedure count unit arrive vars paths") ||
                        (arrive != NULL && !scenario_only(r, arrive, "from to days hours")))
                return false;
        if (list == NULL || list->kind != YAML_LIST || units == NULL)
                return scenario_fail(r, map->line, "每一类办件要有 unit 和 paths");
        *stream = (struct scenario_stream){ .name = scenario_text_of(map, "name"),
                .procedure = scenario_text_of(map, "procedure"),
                .working_days = !str_is(scenario_text_of(arrive, "days"), "all") };
        if (!read_choices(r, units, &stream->units, &stream->n_units, &stream->total_weight) ||
                        !read_hours(r, arrive, stream) ||
                        !scenario_int_of(r, map, "count", -1, &count) ||
                        !read_vars(r, yaml_get(map, "vars"), NULL, 0, &r->stream_vars,
                                        &r->n_stream_vars))
                return false;
        struct scenario_path *paths = arena_new_array(r->arena, list->n, struct scenario_path);
        bool *shared = arena_new_array(r->arena, list->n, bool);
        for (size_t i = 0; i < list->n; i++)
                if (!read_path(r, &list->items[i], arrive, &paths[i], &shared[i]))
                        return false;
        if (!divide_rest(r, list, paths, shared, count))
                return false;
        for (size_t i = 0; i < list->n; i++) {
                count_pools(r, &paths[i]);
                r->scenario->n_matters += paths[i].count;
                r->scenario->n_acts += paths[i].count * paths[i].n_steps;
        }
        stream->paths = paths;
        stream->n_paths = list->n;
        return true;
}

bool scenario_read_streams(struct reader *r, const struct yaml *list)
{
        size_t old = r->scenario->n_streams, n = list != NULL ? list->n : 0;
        struct scenario_stream *streams =
                        arena_grow(r->arena, r->scenario->streams, old, n, sizeof(*streams));
        for (size_t i = 0; i < n; i++)
                if (!read_stream(r, &list->items[i], &streams[old + i]))
                        return false;
        r->scenario->streams = streams;
        r->scenario->n_streams = old + n;
        return true;
}
