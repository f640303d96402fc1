#include "procedure/read.h"

#include <assert.h>
#include <stdio.h>

#include "base/limits.h"

/* ---- Problems ---- */

static void note(struct reader *r, int line, bool remark, const char *format, va_list args)
{
        char text[1024];
        int n = vsnprintf(text, sizeof(text), format, args);
        assert(n >= 0);
        struct str whole = str_of(text);
        while (!str_is_utf8(whole) && whole.n > 0) /* cut in the middle of a character */
                whole.n--;
        problems_add(r->problems, r->source, line, remark, E_DEFINITION_FAULT,
                        str_copy(r->arena, whole));
}

void read_fault(struct reader *r, int line, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        note(r, line, false, format, args);
        va_end(args);
}

void read_remark(struct reader *r, int line, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        note(r, line, true, format, args);
        va_end(args);
}

/* Edit distance of two short names (Levenshtein); past the limit just "far". */
static size_t distance(struct str a, struct str b)
{
        if (a.n > LIMIT_NAME_BYTES || b.n > LIMIT_NAME_BYTES)
                return SIZE_MAX;
        size_t row[LIMIT_NAME_BYTES + 1];
        for (size_t j = 0; j <= b.n; j++)
                row[j] = j;
        for (size_t i = 1; i <= a.n; i++) {
                size_t corner = row[0];
                row[0] = i;
                for (size_t j = 1; j <= b.n; j++) {
                        size_t change = corner + (a.p[i - 1] != b.p[j - 1]);
                        corner = row[j];
                        size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
                        row[j] = change < step ? change : step;
                }
        }
        return row[b.n];
}

struct str read_suggestion(struct reader *r, struct str name, const struct names *among)
{
        size_t best = SIZE_MAX, which = 0;
        for (size_t i = 0; i < among->n; i++) {
                size_t d = distance(name, among->items[i]);
                if (d < best) {
                        best = d;
                        which = i;
                }
        }
        if (best > 3 || best * 2 > name.n + 1)
                return STR_LIT("");
        return str_format(r->arena, "，是否想写“%.*s”？", STR_FMT(among->items[which]));
}

/* ---- Maps ---- */

static struct names split_words(struct reader *r, const char *words)
{
        size_t n = 1;
        for (const char *c = words; *c != '\0'; c++)
                n += *c == ' ';
        struct str *items = arena_new_array(r->arena, n, struct str);
        struct str rest = str_of(words);
        for (size_t i = 0; i < n; i++)
                items[i] = str_split(&rest, ' ');
        return (struct names){ items, n };
}

static bool names_hold(const struct names *names, struct str name)
{
        for (size_t i = 0; i < names->n; i++)
                if (str_eq(names->items[i], name))
                        return true;
        return false;
}

bool read_keys(struct reader *r, const struct yaml *map, struct str where, const char *keys)
{
        if (map->kind != YAML_MAP) {
                read_fault(r, map->line, "%.*s：这里应是“键: 值”", STR_FMT(where));
                return false;
        }
        struct names known = split_words(r, keys);
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml_pair *pair = &map->pairs[i];
                if (names_hold(&known, pair->key))
                        continue;
                struct str hint = read_suggestion(r, pair->key, &known);
                read_fault(r, pair->line, "%.*s：不认识的键“%.*s”%.*s", STR_FMT(where),
                                STR_FMT(pair->key), STR_FMT(hint));
        }
        return true;
}

const struct yaml *read_section(
                struct reader *r, const struct yaml *map, const char *key, struct str where)
{
        const struct yaml *node = yaml_get(map, key);
        if (node == NULL || node->kind == YAML_NULL)
                return NULL;
        if (node->kind == YAML_MAP)
                return node;
        read_fault(r, node->line, "%.*s：%s 应是一组“名称: 内容”", STR_FMT(where), key);
        return NULL;
}

struct str read_text(struct reader *r, const struct yaml *map, const char *key, struct str where)
{
        const struct yaml *node = yaml_get(map, key);
        if (node == NULL || node->kind == YAML_NULL)
                return STR_LIT("");
        if (node->kind == YAML_TEXT)
                return node->text;
        read_fault(r, node->line, "%.*s：%s 应是一段文字", STR_FMT(where), key);
        return STR_LIT("");
}

struct str read_must(struct reader *r, const struct yaml *map, const char *key, struct str where)
{
        const struct yaml *node = yaml_get(map, key);
        struct str text = read_text(r, map, key, where);
        bool missing = node == NULL || node->kind == YAML_NULL ||
                       (node->kind == YAML_TEXT && str_trim(text).n == 0);
        if (missing)
                read_fault(r, node != NULL ? node->line : map->line, "%.*s：缺少 %s",
                                STR_FMT(where), key);
        return text;
}

bool read_bool(struct reader *r, const struct yaml *map, const char *key, struct str where)
{
        struct str text = read_text(r, map, key, where);
        if (text.n != 0 && !str_is(text, "true") && !str_is(text, "false"))
                read_fault(r, yaml_get(map, key)->line, "%.*s：%s 只能是 true 或 false",
                                STR_FMT(where), key);
        return str_is(text, "true");
}

int64_t read_int(struct reader *r, const struct yaml *map, const char *key, int64_t otherwise,
                int64_t min, int64_t max, struct str where)
{
        struct str text = read_text(r, map, key, where);
        if (text.n == 0)
                return otherwise;
        int64_t number;
        if (str_to_int(text, &number) && number >= min && number <= max)
                return number;
        read_fault(r, yaml_get(map, key)->line, "%.*s：%s 应是 %lld 到 %lld 的整数", STR_FMT(where),
                        key, (long long)min, (long long)max);
        return otherwise;
}

bool read_is_name(struct str name)
{
        if (name.n == 0 || name.n > LIMIT_NAME_BYTES || name.p[0] < 'a' || name.p[0] > 'z')
                return false;
        for (size_t i = 1; i < name.n; i++) {
                char c = name.p[i];
                if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
                        return false;
        }
        return true;
}

void read_name(struct reader *r, struct str name, int line, struct str where)
{
        if (!read_is_name(name))
                read_fault(r, line,
                                "%.*s：标识“%.*s”只能用小写字母、数字和下划线，以字母开头，"
                                "不超过 %u 个字符",
                                STR_FMT(where), STR_FMT(name), LIMIT_NAME_BYTES);
}

/* ---- Lists ---- */

const struct yaml *read_list(struct reader *r, const struct yaml *map, const char *key,
                struct str where, size_t *ret_n)
{
        *ret_n = 0;
        const struct yaml *node = yaml_get(map, key);
        if (node == NULL || node->kind == YAML_NULL)
                return NULL;
        const struct yaml *items = node->kind == YAML_LIST ? node->items : node;
        size_t n = node->kind == YAML_LIST ? node->n : 1;
        for (size_t i = 0; i < n; i++) {
                if (items[i].kind == YAML_TEXT)
                        continue;
                read_fault(r, items[i].line, "%.*s：%s 应是一个名称，或名称的列表", STR_FMT(where),
                                key);
                return NULL;
        }
        *ret_n = n;
        return items;
}

const struct str *read_role_names(struct reader *r, const struct yaml *map, const char *key,
                struct str where, size_t *ret_n)
{
        const struct yaml *items = read_list(r, map, key, where, ret_n);
        struct str *roles = arena_new_array(r->arena, *ret_n, struct str);
        for (size_t i = 0; i < *ret_n; i++) {
                roles[i] = items[i].text;
                read_name(r, roles[i], items[i].line, where);
                if (!catalogue_is_post(r->catalogue, roles[i]) && !str_is(roles[i], "system"))
                        read_remark(r, items[i].line,
                                        "%.*s：岗位“%.*s”在岗位名称里没有，不能授予任何人",
                                        STR_FMT(where), STR_FMT(roles[i]));
        }
        return roles;
}

const struct yaml *read_rows(struct reader *r, const struct yaml *map, const char *key,
                struct str where, size_t *ret_n)
{
        *ret_n = 0;
        const struct yaml *node = yaml_get(map, key);
        if (node == NULL || node->kind == YAML_NULL)
                return NULL;
        if (node->kind == YAML_TEXT) {
                read_fault(r, node->line, "%.*s：%s 应是一个列表", STR_FMT(where), key);
                return NULL;
        }
        *ret_n = node->kind == YAML_LIST ? node->n : 1;
        return node->kind == YAML_LIST ? node->items : node;
}

int read_index(struct reader *r, const struct yaml *node, const struct names *among,
                const char *what, struct str where)
{
        for (size_t i = 0; i < among->n; i++)
                if (node->kind == YAML_TEXT && str_eq(among->items[i], node->text))
                        return (int)i;
        struct str hint = read_suggestion(r, node->text, among);
        read_fault(r, node->line, "%.*s：没有%s“%.*s”%.*s", STR_FMT(where), what,
                        STR_FMT(node->text), STR_FMT(hint));
        return -1;
}

const size_t *read_indexes(struct reader *r, const struct yaml *map, const char *key,
                const struct names *among, const char *what, struct str where, size_t *ret_n)
{
        size_t n, kept = 0;
        const struct yaml *items = read_list(r, map, key, where, &n);
        size_t *indexes = arena_new_array(r->arena, n, size_t);
        for (size_t i = 0; i < n; i++) {
                int index = read_index(r, &items[i], among, what, where);
                for (size_t j = 0; j < kept && index >= 0; j++) {
                        if (indexes[j] != (size_t)index)
                                continue;
                        read_fault(r, items[i].line, "%.*s：%s 中“%.*s”重复", STR_FMT(where), key,
                                        STR_FMT(items[i].text));
                        index = -1;
                }
                if (index >= 0)
                        indexes[kept++] = (size_t)index;
        }
        *ret_n = kept;
        return indexes;
}

struct names read_key_names(struct reader *r, const struct yaml *map, struct str where)
{
        if (map == NULL)
                return (struct names){ NULL, 0 };
        struct str *items = arena_new_array(r->arena, map->n, struct str);
        for (size_t i = 0; i < map->n; i++) {
                items[i] = map->pairs[i].key;
                read_name(r, items[i], map->pairs[i].line, where);
        }
        return (struct names){ items, map->n };
}

int read_word(struct reader *r, const struct yaml *map, const char *key, const char *words,
                struct str where)
{
        struct str text = read_text(r, map, key, where);
        if (text.n == 0)
                return 0;
        struct names known = split_words(r, words);
        for (size_t i = 0; i < known.n; i++)
                if (str_eq(known.items[i], text))
                        return (int)i;
        struct str hint = read_suggestion(r, text, &known);
        read_fault(r, yaml_get(map, key)->line, "%.*s：%s 不能是“%.*s”，只能是 %s%.*s",
                        STR_FMT(where), key, STR_FMT(text), words, STR_FMT(hint));
        return 0;
}

static struct value read_scalar(const struct yaml *node)
{
        struct err ignored;
        struct decimal number;
        struct date date;
        if (node->kind == YAML_NULL)
                return value_null();
        if (!node->quoted) {
                if (str_is(node->text, "true") || str_is(node->text, "false"))
                        return value_bool(str_is(node->text, "true"));
                if (decimal_parse(node->text, &number, &ignored))
                        return value_number(number);
                if (date_parse(node->text, &date, &ignored))
                        return value_date(date);
        }
        return value_string(node->text);
}

struct value read_value(struct reader *r, const struct yaml *node)
{
        if (node->kind == YAML_MAP) {
                read_fault(r, node->line, "这里应是一个数、一段文字或一个列表");
                return value_null();
        }
        if (node->kind != YAML_LIST)
                return read_scalar(node);
        struct value *items = arena_new_array(r->arena, node->n, struct value);
        for (size_t i = 0; i < node->n; i++)
                items[i] = read_value(r, &node->items[i]);
        return value_list(items, node->n);
}
