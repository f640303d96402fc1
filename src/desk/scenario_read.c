#include "desk/scenario_reader.h"

#include "base/limits.h"
#include "desk/file_sweep.h"
#include "desk/files.h"

bool scenario_fail(struct reader *r, int line, const char *what)
{
        return err_field(r->err, E_SCENARIO,
                        str_format(r->arena, "%.*s:%d", STR_FMT(r->file), line), "%s", what);
}

bool scenario_fail_text(struct reader *r, int line, const char *what, struct str text)
{
        return scenario_fail(r, line,
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
        return scenario_fail(r, line, why.detail);
}

/* Keys that a map may have; anything else is a slip of the pen. */
bool scenario_only(struct reader *r, const struct yaml *map, const char *keys)
{
        for (size_t i = 0; i < map->n; i++) {
                struct str key = map->pairs[i].key, rest = str_of(keys), word;
                bool known = false;
                while ((word = str_split(&rest, ' ')).p != NULL)
                        known = known || str_eq(word, key);
                if (!known)
                        return scenario_fail_text(r, map->pairs[i].line, "不认识的词", key);
        }
        return true;
}

struct str scenario_text_of(const struct yaml *map, const char *key)
{
        const struct yaml *v = yaml_get(map, key);
        return v != NULL && v->kind == YAML_TEXT ? v->text : STR_LIT("");
}

bool scenario_read_int(struct reader *r, const struct yaml *v, int64_t *ret)
{
        if (v->kind == YAML_TEXT && str_to_int(v->text, ret))
                return true;
        return scenario_fail_text(r, v->line, "应为整数：", v->text);
}

bool scenario_int_of(struct reader *r, const struct yaml *map, const char *key, int64_t otherwise,
                int64_t *ret)
{
        const struct yaml *v = yaml_get(map, key);
        *ret = otherwise;
        return v == NULL || scenario_read_int(r, v, ret);
}

bool scenario_date_of_key(struct reader *r, const struct yaml *map, const char *key,
                struct date otherwise, struct date *ret)
{
        const struct yaml *v = yaml_get(map, key);
        struct err why;
        *ret = otherwise;
        if (v == NULL || date_parse(v->text, ret, &why))
                return true;
        return scenario_fail_text(r, v->line, "应为日期：", v->text);
}

/* A template: YAML as it stands, all scalars texts. */
struct value scenario_to_value(struct arena *arena, const struct yaml *v)
{
        if (v == NULL || v->kind == YAML_NULL)
                return value_null();
        if (v->kind == YAML_TEXT)
                return value_string(v->text);
        if (v->kind == YAML_LIST) {
                struct value *items = arena_new_array(arena, v->n, struct value);
                for (size_t i = 0; i < v->n; i++)
                        items[i] = scenario_to_value(arena, &v->items[i]);
                return value_list(items, v->n);
        }
        struct member *members = arena_new_array(arena, v->n, struct member);
        for (size_t i = 0; i < v->n; i++)
                members[i] = (struct member){ v->pairs[i].key,
                        scenario_to_value(arena, &v->pairs[i].value) };
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

static bool read_line(struct reader *r, struct str heading, size_t n_columns, struct str line,
                int number, struct value *ret)
{
        struct member *members = arena_new_array(r->arena, n_columns, struct member);
        size_t n = 0;
        while (heading.p != NULL) {
                struct str name = str_split(&heading, '\t');
                if (line.p == NULL)
                        return scenario_fail(r, number, "这一行的栏数少于表头");
                struct str cell = str_split(&line, '\t');
                if (cell.n == 0)
                        continue;
                members[n++] = (struct member){ name, read_cell(r->arena, cell) };
        }
        if (line.p != NULL)
                return scenario_fail(r, number, "这一行的栏数多于表头");
        if (!value_sort_members(members, n))
                return scenario_fail(r, number, "表头有重复的栏");
        *ret = value_context(members, n);
        return true;
}

static size_t n_of(struct str text, char c)
{
        size_t n = 0;
        for (size_t i = 0; i < text.n; i++)
                n += text.p[i] == c;
        return n;
}

static bool read_tsv(struct reader *r, struct str name, struct sheet *ret)
{
        struct str text, line, file = r->file;
        struct str path = str_format(r->arena, "%.*s/%.*s", STR_FMT(r->folder), STR_FMT(name));
        if (!file_read(r->arena, path, LIMIT_BODY_BYTES, &text, r->err))
                return false;
        struct value *rows = arena_new_array(r->arena, n_of(text, '\n') + 1, struct value);
        struct str heading = { NULL, 0 };
        size_t n = 0, n_columns = 0;
        r->file = name;
        for (int number = 1; (line = str_split(&text, '\n')).p != NULL; number++) {
                if (str_trim(line).n == 0 || line.p[0] == '#')
                        continue;
                if (heading.p == NULL) {
                        heading = line;
                        n_columns = n_of(line, '\t') + 1;
                } else if (!read_line(r, heading, n_columns, line, number, &rows[n++])) {
                        return false;
                }
        }
        r->file = file;
        *ret = (struct sheet){ name, rows, n };
        return true;
}

/* Many variables draw from one file: it is read once. */
static bool sheet_of(struct reader *r, struct str name, const struct sheet **ret)
{
        for (size_t i = 0; i < r->n_sheets; i++)
                if (str_eq(r->sheets[i].name, name)) {
                        *ret = &r->sheets[i];
                        return true;
                }
        struct sheet sheet;
        if (!read_tsv(r, name, &sheet))
                return false;
        r->sheets = arena_push(r->arena, r->sheets, r->n_sheets, sizeof(*r->sheets));
        r->sheets[r->n_sheets] = sheet;
        *ret = &r->sheets[r->n_sheets++];
        return true;
}

bool scenario_rows_of(struct reader *r, const struct yaml *map, const struct value **ret, size_t *n)
{
        const struct yaml *inline_rows = yaml_get(map, "rows");
        struct str file = scenario_text_of(map, "file");
        if (file.n != 0) {
                const struct sheet *sheet;
                if (!sheet_of(r, file, &sheet))
                        return false;
                *ret = sheet->rows;
                *n = sheet->n_rows;
                return true;
        }
        if (inline_rows == NULL || inline_rows->kind != YAML_LIST)
                return scenario_fail(r, map->line, "要有 file 或 rows");
        struct value *rows = arena_new_array(r->arena, inline_rows->n, struct value);
        for (size_t i = 0; i < inline_rows->n; i++)
                rows[i] = scenario_to_value(r->arena, &inline_rows->items[i]);
        *ret = rows;
        *n = inline_rows->n;
        return true;
}

/* The row with one more member, unless it has it. */
struct value scenario_with_member(
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
                struct str from = scenario_text_of(map, "from");
                if (!scenario_only(r, map, "register file rows from") ||
                                !scenario_rows_of(r, map, &rows, &n_rows))
                        return false;
                entries = arena_grow(r->arena, entries, n, n_rows, sizeof(*entries));
                for (size_t k = 0; k < n_rows; k++)
                        entries[n++] = (struct scenario_entry){
                                .reg = scenario_text_of(map, "register"),
                                .fields = from.n != 0 ? scenario_with_member(r->arena, &rows[k],
                                                                        "$from", from)
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
                if (!scenario_only(r, map, "role unit count") ||
                                !scenario_int_of(r, map, "count", 1, &count))
                        return false;
                if (count < 1 || count > 10000 || units == NULL)
                        return scenario_fail(r, map->line, "人员要写明岗位、单位和人数");
                size_t n_units = units->kind == YAML_LIST ? units->n : 1;
                for (size_t k = 0; k < n_units; k++) {
                        struct str unit = units->kind == YAML_LIST ? units->items[k].text
                                                                   : units->text;
                        if (!add_staff(r, scenario_text_of(map, "role"), unit, count, &staff, &n))
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
                if (!scenario_only(r, map, "report year figures") ||
                                !scenario_int_of(r, map, "year", 0, &year))
                        return false;
                for (size_t k = 0; figures != NULL && k < figures->n; k++) {
                        const struct yaml *f = &figures->pairs[k].value;
                        struct str qualifier = scenario_text_of(f, "qualifier");
                        buf_format(&tsv, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n",
                                        STR_FMT(figures->pairs[k].key),
                                        STR_FMT(scenario_text_of(f, "indicator")),
                                        STR_FMT(scenario_text_of(f, "value")),
                                        STR_FMT(scenario_text_of(f, "unit")),
                                        STR_FMT(qualifier.n != 0 ? qualifier : STR_LIT("=")));
                }
                frozen[i] = (struct scenario_frozen){ .report = scenario_text_of(map, "report"),
                        .tsv = buf_str(&tsv),
                        .year = (int)year };
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
                if (!scenario_only(r, v, "total min decimals") ||
                                !scenario_int_of(r, v, "decimals", 2, &decimals))
                        return false;
                *pool = (struct scenario_pool){ .name = map->pairs[i].key,
                        .decimals = (int)decimals };
                if (!decimal_parse(scenario_text_of(v, "total"), &total, &why) ||
                                (scenario_text_of(v, "min").n != 0 &&
                                                !decimal_parse(scenario_text_of(v, "min"), &min,
                                                                &why)) ||
                                decimals < 0 || decimals > 6 ||
                                !decimal_to_scaled(total, (int)decimals, &pool->total) ||
                                !decimal_to_scaled(min, (int)decimals, &pool->min))
                        return scenario_fail(r, map->pairs[i].line,
                                        "总数（total）或最小值（min）不正确");
        }
        r->scenario->pools = pools;
        r->scenario->n_pools = old + n;
        return true;
}

static bool read_stream_files(struct reader *r, const struct yaml *files)
{
        for (size_t i = 0; files != NULL && i < files->n; i++) {
                const struct yaml *root;
                if (!load(r, files->items[i].text, &root))
                        return false;
                if (!scenario_only(r, root, "pools staff entries streams") ||
                                !read_entries(r, yaml_get(root, "entries")) ||
                                !read_staff(r, yaml_get(root, "staff")) ||
                                !read_pools(r, yaml_get(root, "pools")) ||
                                !scenario_read_streams(r, yaml_get(root, "streams")))
                        return false;
        }
        return true;
}

static bool read_site(struct reader *r, const struct yaml *map)
{
        struct site_config *site = &r->scenario->site;
        const struct yaml *parameters = yaml_get(map, "parameters");
        if (map == NULL || !scenario_only(r, map, "organ prefix region city parameters"))
                return scenario_fail(r, 0, "要有 site：organ、prefix、region、city");
        *site = (struct site_config){ .organ = scenario_text_of(map, "organ"),
                .prefix = scenario_text_of(map, "prefix"),
                .region = scenario_text_of(map, "region"),
                .city = scenario_text_of(map, "city"),
                .hash = LEDGER_SHA256,
                .store = STR_LIT("sqlite"),
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .keep_files = FILE_SWEEP_DAYS,
                .parameters = parameters != NULL ? scenario_to_value(r->arena, parameters)
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
        if (!scenario_only(&r, root,
                            "scenario label seed from until site entries staff frozen pools "
                            "streams freeze"))
                return false;
        scenario.name = scenario_text_of(root, "scenario");
        scenario.label = scenario_text_of(root, "label");
        const struct yaml *freeze = yaml_get(root, "freeze");
        scenario.freeze_report = scenario_text_of(freeze, "report");
        if (!scenario_int_of(&r, root, "seed", 1, &seed) ||
                        !scenario_date_of_key(&r, root, "from", DATE_NONE, &scenario.from) ||
                        !scenario_date_of_key(&r, root, "until", DATE_NONE, &scenario.until) ||
                        !scenario_date_of_key(&r, freeze, "on", DATE_NONE, &scenario.freeze_on))
                return false;
        scenario.seed = (uint64_t)seed;
        if (date_is_none(scenario.from) || date_is_none(scenario.until) ||
                        date_cmp(scenario.from, scenario.until) > 0)
                return scenario_fail(&r, 0, "要有起止日期 from、until");
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
