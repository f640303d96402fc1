#include "desk/scenario.h"

#include "base/limits.h"
#include "desk/files.h"
#include "procedure/yaml.h"

#define MAX_MATTERS  20000000u
#define MAX_CHILDREN 10000

struct reader {
        struct arena *arena;
        struct scenario *scenario;
        struct str folder, file; /* file: for messages */
        const struct scenario_var *stream_vars;
        size_t n_stream_vars;
        struct err *err;
};

static bool fail(struct reader *r, int line, const char *what)
{
        return err_field(r->err, E_SCENARIO,
                        str_format(r->arena, "%.*s:%d", STR_FMT(r->file), line), "%s", what);
}

static bool fail_text(struct reader *r, int line, const char *what, struct str text)
{
        return fail(r, line,
                        str_c(r->arena, str_format(r->arena, "%s「%.*s」", what, STR_FMT(text))));
}

static bool load(struct reader *r, struct str name, const struct yaml **ret)
{
        struct str text;
        int line = 0;
        struct str path = str_format(r->arena, "%.*s/%.*s", STR_FMT(r->folder), STR_FMT(name));
        r->file = name;
        if (!file_read(r->arena, path, LIMIT_DEFINITION_BYTES, &text, r->err))
                return false;
        if (yaml_parse(r->arena, text, ret, &line, r->err))
                return true;
        struct err why = *r->err;
        return fail(r, line, why.detail);
}

/* Keys that a map may have; anything else is a slip of the pen. */
static bool only(struct reader *r, const struct yaml *map, const char *keys)
{
        for (size_t i = 0; i < map->n; i++) {
                struct str key = map->pairs[i].key, rest = str_of(keys), word;
                bool known = false;
                while ((word = str_split(&rest, ' ')).p != NULL)
                        known = known || str_eq(word, key);
                if (!known)
                        return fail_text(r, map->pairs[i].line, "不认识的词", key);
        }
        return true;
}

static struct str text_of(const struct yaml *map, const char *key)
{
        const struct yaml *v = yaml_get(map, key);
        return v != NULL && v->kind == YAML_TEXT ? v->text : STR_LIT("");
}

static bool read_int(struct reader *r, const struct yaml *v, int64_t *ret)
{
        if (v->kind == YAML_TEXT && str_to_int(v->text, ret))
                return true;
        return fail_text(r, v->line, "应为整数：", v->text);
}

static bool int_of(struct reader *r, const struct yaml *map, const char *key, int64_t otherwise,
                int64_t *ret)
{
        const struct yaml *v = yaml_get(map, key);
        *ret = otherwise;
        return v == NULL || read_int(r, v, ret);
}

static bool date_of_key(struct reader *r, const struct yaml *map, const char *key,
                struct date otherwise, struct date *ret)
{
        const struct yaml *v = yaml_get(map, key);
        struct err why;
        *ret = otherwise;
        if (v == NULL || date_parse(v->text, ret, &why))
                return true;
        return fail_text(r, v->line, "应为日期：", v->text);
}

/* A template: YAML as it stands, all scalars texts. */
static struct value to_value(struct arena *arena, const struct yaml *v)
{
        if (v == NULL || v->kind == YAML_NULL)
                return value_null();
        if (v->kind == YAML_TEXT)
                return value_string(v->text);
        if (v->kind == YAML_LIST) {
                struct value *items = arena_new_array(arena, v->n, struct value);
                for (size_t i = 0; i < v->n; i++)
                        items[i] = to_value(arena, &v->items[i]);
                return value_list(items, v->n);
        }
        struct member *members = arena_new_array(arena, v->n, struct member);
        for (size_t i = 0; i < v->n; i++)
                members[i] = (struct member){ v->pairs[i].key,
                        to_value(arena, &v->pairs[i].value) };
        return value_sort_members(members, v->n) ? value_context(members, v->n) : value_null();
}

/* ---- Rows of a register: TSV with a heading line, cells may be JSON ---- */

static struct value read_cell(struct arena *arena, struct str cell)
{
        struct value v;
        struct err err;
        bool json = cell.n > 1 && (cell.p[0] == '[' || cell.p[0] == '{');
        return json && value_parse_json(arena, cell, &v, &err) ? v : value_string(cell);
}

static bool read_line(struct reader *r, struct str heading, struct str line, int number,
                struct value *ret)
{
        struct member *members = arena_new_array(r->arena, 128, struct member);
        size_t n = 0;
        while (heading.p != NULL) {
                struct str name = str_split(&heading, '\t');
                if (line.p == NULL)
                        return fail(r, number, "这一行的栏数少于表头");
                struct str cell = str_split(&line, '\t');
                if (cell.n == 0)
                        continue;
                if (n == 128)
                        return fail(r, number, "栏数太多");
                members[n++] = (struct member){ name, read_cell(r->arena, cell) };
        }
        if (line.p != NULL)
                return fail(r, number, "这一行的栏数多于表头");
        if (!value_sort_members(members, n))
                return fail(r, number, "表头有重复的栏");
        *ret = value_context(members, n);
        return true;
}

static bool read_tsv(struct reader *r, struct str name, const struct value **ret, size_t *ret_n)
{
        struct str text, line, file = r->file;
        struct str path = str_format(r->arena, "%.*s/%.*s", STR_FMT(r->folder), STR_FMT(name));
        if (!file_read(r->arena, path, LIMIT_BODY_BYTES, &text, r->err))
                return false;
        size_t room = 1, n = 0;
        for (size_t i = 0; i < text.n; i++)
                room += text.p[i] == '\n';
        struct value *rows = arena_new_array(r->arena, room, struct value);
        struct str heading = { NULL, 0 };
        r->file = name;
        for (int number = 1; (line = str_split(&text, '\n')).p != NULL; number++) {
                if (str_trim(line).n == 0 || line.p[0] == '#')
                        continue;
                if (heading.p == NULL)
                        heading = line;
                else if (!read_line(r, heading, line, number, &rows[n++]))
                        return false;
        }
        r->file = file;
        *ret = rows;
        *ret_n = n;
        return true;
}

static bool rows_of(struct reader *r, const struct yaml *map, const struct value **ret, size_t *n)
{
        const struct yaml *inline_rows = yaml_get(map, "rows");
        struct str file = text_of(map, "file");
        if (file.n != 0)
                return read_tsv(r, file, ret, n);
        if (inline_rows == NULL || inline_rows->kind != YAML_LIST)
                return fail(r, map->line, "要有 file 或 rows");
        struct value *rows = arena_new_array(r->arena, inline_rows->n, struct value);
        for (size_t i = 0; i < inline_rows->n; i++)
                rows[i] = to_value(r->arena, &inline_rows->items[i]);
        *ret = rows;
        *n = inline_rows->n;
        return true;
}

/* The row with one more member, unless it has it. */
static struct value with_member(
                struct arena *arena, const struct value *row, const char *name, struct str text)
{
        if (row->kind != VALUE_CONTEXT || value_get(row, str_of(name)) != NULL)
                return *row;
        struct member *members = arena_grow(
                        arena, row->context.members, row->context.n, 1, sizeof(*members));
        members[row->context.n] = (struct member){ str_of(name), value_string(text) };
        return value_sort_members(members, row->context.n + 1)
                               ? value_context(members, row->context.n + 1)
                               : *row;
}

static bool read_entries(struct reader *r, const struct yaml *list)
{
        size_t n = r->scenario->n_entries;
        struct scenario_entry *entries =
                        arena_grow(r->arena, r->scenario->entries, n, 0, sizeof(*entries));
        for (size_t i = 0; list != NULL && i < list->n; i++) {
                const struct yaml *map = &list->items[i];
                const struct value *rows;
                size_t n_rows;
                struct str from = text_of(map, "from");
                if (!only(r, map, "register file rows from") || !rows_of(r, map, &rows, &n_rows))
                        return false;
                entries = arena_grow(r->arena, entries, n, n_rows, sizeof(*entries));
                for (size_t k = 0; k < n_rows; k++)
                        entries[n++] = (struct scenario_entry){
                                .reg = text_of(map, "register"),
                                .fields = from.n != 0 ? with_member(r->arena, &rows[k], "$from",
                                                                        from)
                                                      : rows[k],
                        };
        }
        r->scenario->entries = entries;
        r->scenario->n_entries = n;
        return true;
}

static bool add_staff(struct reader *r, struct str role, struct str unit, int64_t count,
                struct scenario_staff **staff, size_t *n)
{
        *staff = arena_grow(r->arena, *staff, *n, (size_t)count, sizeof(**staff));
        for (int64_t i = 1; i <= count; i++)
                (*staff)[(*n)++] = (struct scenario_staff){
                        .id = str_format(r->arena, "%.*s-%lld@%.*s", STR_FMT(role), (long long)i,
                                        STR_FMT(unit)),
                        .role = role,
                        .unit = unit,
                };
        return true;
}

static bool read_staff(struct reader *r, const struct yaml *list)
{
        size_t n = r->scenario->n_staff;
        struct scenario_staff *staff =
                        arena_grow(r->arena, r->scenario->staff, n, 0, sizeof(*staff));
        for (size_t i = 0; list != NULL && i < list->n; i++) {
                const struct yaml *map = &list->items[i], *units = yaml_get(map, "unit");
                int64_t count;
                if (!only(r, map, "role unit count") || !int_of(r, map, "count", 1, &count))
                        return false;
                if (count < 1 || count > 10000 || units == NULL)
                        return fail(r, map->line, "人员要写明岗位、单位和人数");
                size_t n_units = units->kind == YAML_LIST ? units->n : 1;
                for (size_t k = 0; k < n_units; k++) {
                        struct str unit = units->kind == YAML_LIST ? units->items[k].text
                                                                   : units->text;
                        if (!add_staff(r, text_of(map, "role"), unit, count, &staff, &n))
                                return false;
                }
        }
        r->scenario->staff = staff;
        r->scenario->n_staff = n;
        return true;
}

/* figures: {F061: {indicator: IND-MDN-04, value: "17616", unit: 件}} */
static bool read_frozen(struct reader *r, const struct yaml *list)
{
        size_t n = list != NULL ? list->n : 0;
        struct scenario_frozen *frozen = arena_new_array(r->arena, n, struct scenario_frozen);
        for (size_t i = 0; i < n; i++) {
                const struct yaml *map = &list->items[i], *figures = yaml_get(map, "figures");
                int64_t year;
                struct buf tsv = BUF(r->arena);
                if (!only(r, map, "report year figures") || !int_of(r, map, "year", 0, &year))
                        return false;
                for (size_t k = 0; figures != NULL && k < figures->n; k++) {
                        const struct yaml *f = &figures->pairs[k].value;
                        struct str qualifier = text_of(f, "qualifier");
                        buf_format(&tsv, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n",
                                        STR_FMT(figures->pairs[k].key),
                                        STR_FMT(text_of(f, "indicator")),
                                        STR_FMT(text_of(f, "value")), STR_FMT(text_of(f, "unit")),
                                        STR_FMT(qualifier.n != 0 ? qualifier : STR_LIT("=")));
                }
                frozen[i] = (struct scenario_frozen){
                        .report = text_of(map, "report"), .tsv = buf_str(&tsv), .year = (int)year
                };
        }
        r->scenario->frozen = frozen;
        r->scenario->n_frozen = n;
        return true;
}

static bool read_pools(struct reader *r, const struct yaml *map)
{
        size_t old = r->scenario->n_pools, n = map != NULL ? map->n : 0;
        struct scenario_pool *pools =
                        arena_grow(r->arena, r->scenario->pools, old, n, sizeof(*pools));
        for (size_t i = 0; i < n; i++) {
                const struct yaml *v = &map->pairs[i].value;
                struct decimal total, min = decimal_of(0);
                struct err why;
                int64_t decimals;
                struct scenario_pool *pool = &pools[old + i];
                if (!only(r, v, "total min decimals") || !int_of(r, v, "decimals", 2, &decimals))
                        return false;
                *pool = (struct scenario_pool){ .name = map->pairs[i].key,
                        .decimals = (int)decimals };
                if (!decimal_parse(text_of(v, "total"), &total, &why) ||
                                (text_of(v, "min").n != 0 &&
                                                !decimal_parse(text_of(v, "min"), &min, &why)) ||
                                decimals < 0 || decimals > 6 ||
                                !decimal_to_scaled(total, (int)decimals, &pool->total) ||
                                !decimal_to_scaled(min, (int)decimals, &pool->min))
                        return fail(r, map->pairs[i].line, "总数（total）或最小值（min）不正确");
        }
        r->scenario->pools = pools;
        r->scenario->n_pools = old + n;
        return true;
}

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
                if (!list && !read_int(r, &map->pairs[i].value, &choices[i].weight))
                        return false;
                if (choices[i].weight < 0)
                        return fail(r, map->line, "份额不能为负");
                *ret_total += choices[i].weight;
        }
        if (*ret_total <= 0)
                return fail(r, map->line, "至少要有一个选项");
        *ret = choices;
        *ret_n = n;
        return true;
}

static bool read_range(struct reader *r, const struct yaml *v, int64_t *min, int64_t *max)
{
        if (v->kind == YAML_LIST && v->n == 2)
                return read_int(r, &v->items[0], min) && read_int(r, &v->items[1], max) &&
                       (*min <= *max || fail(r, v->line, "范围倒置"));
        *max = 0;
        return read_int(r, v, min) && (*max = *min, true);
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
        struct str key = text_of(map, "key");
        if (!only(r, map, "file rows where key in_turn") || !rows_of(r, map, &all, &n))
                return false;
        struct value *rows = arena_new_array(r->arena, n, struct value);
        for (size_t i = 0; i < n; i++) {
                const struct value *id = key.n != 0 ? value_get(&all[i], key) : NULL;
                if (!row_matches(&all[i], yaml_get(map, "where")))
                        continue;
                rows[kept++] = id != NULL && id->kind == VALUE_STRING
                                               ? with_member(r->arena, &all[i], "key", id->string)
                                               : all[i];
        }
        if (kept == 0)
                return fail(r, map->line, "没有符合条件的条目");
        var->rows = rows;
        var->n_rows = kept;
        var->in_turn = str_is(text_of(map, "in_turn"), "true");
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
        return fail_text(r, v->line, "没有这个总数", v->text);
}

static bool read_var(
                struct reader *r, struct str name, const struct yaml *v, struct scenario_var *var);

static bool read_list_var(struct reader *r, const struct yaml *v, struct scenario_var *var)
{
        struct scenario_var *of = arena_new(r->arena, struct scenario_var);
        const struct yaml *count = yaml_get(v, "count");
        if (!only(r, v, "of count") || yaml_get(v, "of") == NULL || count == NULL)
                return fail(r, v->line, "列表要有 of 和 count");
        var->of = of;
        if (!read_range(r, count, &var->min, &var->max) || var->min < 0 || var->max > 10000)
                return fail(r, v->line, "count 不正确");
        return read_var(r, STR_LIT(""), yaml_get(v, "of"), of);
}

static bool read_person(struct reader *r, const struct yaml *v, struct scenario_var *var)
{
        int64_t min = 22, max = 60;
        if (yaml_get(v, "age") != NULL && !read_range(r, yaml_get(v, "age"), &min, &max))
                return false;
        if (min < 0 || max > 100)
                return fail(r, v->line, "年龄不正确");
        var->age_min = (int)min;
        var->age_max = (int)max;
        var->region = text_of(v, "region");
        var->prefix = text_of(v, "prefix").n == 2 ? text_of(v, "prefix") : STR_LIT("31");
        return only(r, v, "age region prefix");
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
        var->fixed = to_value(r->arena, inner);
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
        return fail_text(r, v->line, "不认识的间隔", v->text);
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
                return fail(r, v->line, "slice 只用于 on: children");
        size_t dots = str_find(v->text, STR_LIT(".."));
        bool ok = dots == SIZE_MAX ? str_to_int(v->text, &from) && (to = from, true)
                                   : str_to_int(str_slice(v->text, 0, dots), &from) &&
                                                     str_to_int(str_slice(v->text, dots + 2,
                                                                                v->text.n),
                                                                     &to);
        if (!ok || from < 1 || to < from || to > MAX_CHILDREN)
                return fail_text(r, v->line, "slice 应为 1..20 的样子：", v->text);
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
        struct str on = text_of(map, "on");
        size_t i = 0;
        while (i < N_ELEMENTS(words) && !str_is(on, words[i].word))
                i++;
        if (i == N_ELEMENTS(words))
                return fail_text(r, map->line, "on 应为 child 或 children：", on);
        step->on = words[i].on;
        if (step->on == STEP_CHILDREN && step->procedure.n == 0)
                return fail(r, map->line, "on: children 要有 procedure");
        return read_slice(r, map, step);
}

static bool read_step(struct reader *r, const struct yaml *map, struct scenario_step *step)
{
        const struct yaml *differs = yaml_get(map, "not"), *give = yaml_get(map, "give");
        struct str begin = text_of(map, "begin"), expect = text_of(map, "expect");
        struct date from = r->scenario->from, until = r->scenario->until;
        if (!only(r, map,
                            "begin act by after on_date give not unit on slice procedure expect "
                            "repeat"))
                return false;
        *step = (struct scenario_step){
                .act = begin.n != 0 ? begin : text_of(map, "act"),
                .by = text_of(map, "by"),
                .procedure = text_of(map, "procedure"),
                .unit = text_of(map, "unit"),
                .give = give != NULL ? to_value(r->arena, give) : value_context(NULL, 0),
                .expect_refused = str_is(expect, "refused"),
                .line = map->line,
        };
        if (step->act.n == 0 || step->by.n == 0)
                return fail(r, map->line, "每一步要有 act（或 begin）和 by");
        if (str_is(step->by, "system"))
                return fail(r, map->line, "system 的动作只由期限引起，不能由情景提交");
        if (step->give.kind != VALUE_CONTEXT)
                return fail(r, map->line, "give 应为字段和值");
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
                        !date_of_key(r, map, "on_date", DATE_NONE, &step->on_date))
                return false;
        if (!date_is_none(step->on_date) &&
                        (yaml_get(map, "after") != NULL || date_cmp(step->on_date, from) < 0 ||
                                        date_cmp(until, step->on_date) < 0))
                return fail(r, map->line, "on_date 应在起止日期之间，且不与 after 同用");
        return read_delay(r, yaml_get(map, "after"), &step->after);
}

static bool read_steps(struct reader *r, const struct yaml *list, struct scenario_path *path)
{
        struct scenario_step *steps = NULL;
        size_t n = 0;
        if (list == NULL || list->kind != YAML_LIST || list->n == 0)
                return fail(r, list != NULL ? list->line : 0, "路径要有 acts");
        for (size_t i = 0; i < list->n; i++) {
                int64_t times;
                struct scenario_step step;
                if (!read_step(r, &list->items[i], &step) ||
                                !int_of(r, &list->items[i], "repeat", 1, &times))
                        return false;
                if (times < 1 || times > 100)
                        return fail(r, list->items[i].line, "repeat 不正确");
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
        return date_of_key(r, arrive, "from", *from, from) &&
               date_of_key(r, arrive, "to", *to, to) &&
               (date_cmp(*from, *to) <= 0 ||
                               fail(r, arrive != NULL ? arrive->line : 0, "起止日期倒置"));
}

static bool read_path(struct reader *r, const struct yaml *map, const struct yaml *arrive,
                struct scenario_path *path, bool *ret_shared)
{
        struct scenario *s = r->scenario;
        int64_t count;
        if (!only(r, map, "name count share arrive finish vars acts"))
                return false;
        *path = (struct scenario_path){
                .name = text_of(map, "name"), .from = s->from, .to = s->until
        };
        if (!read_window(r, arrive, &path->from, &path->to) ||
                        !read_window(r, yaml_get(map, "arrive"), &path->from, &path->to) ||
                        !date_of_key(r, map, "finish", s->until, &path->finish) ||
                        !int_of(r, map, "count", 0, &count) ||
                        !read_vars(r, yaml_get(map, "vars"), r->stream_vars, r->n_stream_vars,
                                        &path->vars, &path->n_vars))
                return false;
        *ret_shared = yaml_get(map, "share") != NULL;
        if (count < 0 || count > MAX_MATTERS)
                return fail(r, map->line, "件数不正确");
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
                if (shared[i] && !int_of(r, &list->items[i], "share", 0, &share))
                        return false;
                if (share < 0)
                        return fail(r, list->items[i].line, "份额不能为负");
                total += share;
        }
        if (count < 0 ? total > 0 : count < exact || (count > exact && total == 0))
                return fail(r, list->line, "件数与各路径之和不符");
        int64_t rest = count < 0 ? 0 : count - exact;
        for (size_t i = 0; i < list->n && total > 0; i++) {
                int64_t share = 0;
                if (!shared[i])
                        continue;
                if (!int_of(r, &list->items[i], "share", 0, &share))
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
        struct str text = text_of(arrive, "hours");
        int64_t parts[4];
        stream->minute_from = 9 * 60;
        stream->minute_to = 17 * 60;
        if (arrive == NULL || text.n == 0)
                return true;
        if (text.n != 11 || !str_to_int(str_slice(text, 0, 2), &parts[0]) ||
                        !str_to_int(str_slice(text, 3, 5), &parts[1]) ||
                        !str_to_int(str_slice(text, 6, 8), &parts[2]) ||
                        !str_to_int(str_slice(text, 9, 11), &parts[3]))
                return fail_text(r, arrive->line, "时段应为 09:00-17:00：", text);
        stream->minute_from = (int)(parts[0] * 60 + parts[1]);
        stream->minute_to = (int)(parts[2] * 60 + parts[3]);
        if (stream->minute_from < 0 || stream->minute_to > 1440 ||
                        stream->minute_from >= stream->minute_to)
                return fail_text(r, arrive->line, "时段不正确：", text);
        return true;
}

static bool read_stream(struct reader *r, const struct yaml *map, struct scenario_stream *stream)
{
        const struct yaml *arrive = yaml_get(map, "arrive"), *list = yaml_get(map, "paths");
        const struct yaml *units = yaml_get(map, "unit");
        int64_t count;
        if (!only(r, map, "name procedure count unit arrive vars paths") ||
                        (arrive != NULL && !only(r, arrive, "from to days hours")))
                return false;
        if (list == NULL || list->kind != YAML_LIST || units == NULL)
                return fail(r, map->line, "每一类办件要有 unit 和 paths");
        *stream = (struct scenario_stream){ .name = text_of(map, "name"),
                .procedure = text_of(map, "procedure"),
                .working_days = !str_is(text_of(arrive, "days"), "all") };
        if (!read_choices(r, units, &stream->units, &stream->n_units, &stream->total_weight) ||
                        !read_hours(r, arrive, stream) || !int_of(r, map, "count", -1, &count) ||
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

static bool read_streams(struct reader *r, const struct yaml *list)
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

static bool read_stream_files(struct reader *r, const struct yaml *files)
{
        for (size_t i = 0; files != NULL && i < files->n; i++) {
                const struct yaml *root;
                if (!load(r, files->items[i].text, &root))
                        return false;
                if (!only(r, root, "pools staff entries streams") ||
                                !read_entries(r, yaml_get(root, "entries")) ||
                                !read_staff(r, yaml_get(root, "staff")) ||
                                !read_pools(r, yaml_get(root, "pools")) ||
                                !read_streams(r, yaml_get(root, "streams")))
                        return false;
        }
        return true;
}

static bool read_site(struct reader *r, const struct yaml *map)
{
        struct site_config *site = &r->scenario->site;
        const struct yaml *parameters = yaml_get(map, "parameters");
        if (map == NULL || !only(r, map, "organ prefix region city parameters"))
                return fail(r, 0, "要有 site：organ、prefix、region、city");
        *site = (struct site_config){ .organ = text_of(map, "organ"),
                .prefix = text_of(map, "prefix"),
                .region = text_of(map, "region"),
                .city = text_of(map, "city"),
                .hash = LEDGER_SHA256,
                .store = STR_LIT("sqlite"),
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .parameters = parameters != NULL ? to_value(r->arena, parameters)
                                                 : value_context(NULL, 0) };
        return true;
}

bool scenario_read(struct arena *arena, struct str folder, struct scenario *ret, struct err *err)
{
        struct scenario scenario = { 0 };
        struct reader r = { .arena = arena, .scenario = &scenario, .folder = folder, .err = err };
        const struct yaml *root;
        int64_t seed;
        if (!load(&r, STR_LIT("scenario.yaml"), &root))
                return false;
        if (!only(&r, root,
                            "scenario label seed from until site entries staff frozen pools "
                            "streams freeze"))
                return false;
        scenario.name = text_of(root, "scenario");
        scenario.label = text_of(root, "label");
        const struct yaml *freeze = yaml_get(root, "freeze");
        scenario.freeze_report = text_of(freeze, "report");
        if (!int_of(&r, root, "seed", 1, &seed) ||
                        !date_of_key(&r, root, "from", DATE_NONE, &scenario.from) ||
                        !date_of_key(&r, root, "until", DATE_NONE, &scenario.until) ||
                        !date_of_key(&r, freeze, "on", DATE_NONE, &scenario.freeze_on))
                return false;
        scenario.seed = (uint64_t)seed;
        if (date_is_none(scenario.from) || date_is_none(scenario.until) ||
                        date_cmp(scenario.from, scenario.until) > 0)
                return fail(&r, 0, "要有起止日期 from、until");
        if (!read_site(&r, yaml_get(root, "site")) ||
                        !read_entries(&r, yaml_get(root, "entries")) ||
                        !read_staff(&r, yaml_get(root, "staff")) ||
                        !read_frozen(&r, yaml_get(root, "frozen")) ||
                        !read_pools(&r, yaml_get(root, "pools")) ||
                        !read_stream_files(&r, yaml_get(root, "streams")) ||
                        !scenario_share(arena, &scenario, err))
                return false;
        *ret = scenario;
        return true;
}
