#include "procedure/yaml.h"

#include <assert.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/limits.h"

#define MAP_KEYS_MAX 4096u /* no map of a definition comes near */

struct reading {
        struct arena *arena;
        yaml_parser_t *parser;
        int line; /* of the event at hand */
        struct err *err;
};

/* What libyaml says, as somebody who never met it would want to hear it. */
static const struct {
        const char *problem, *chinese;
} sayings[] = {
        { "mapping values are not allowed",
                        "冒号的位置不对；文字里有冒号加空格时，请给整段文字加引号" },
        { "did not find expected ',' or '}'",
                        "花括号里缺少逗号或右括号；文字以 { 开头或含有逗号时请加引号" },
        { "did not find expected ',' or ']'", "方括号里缺少逗号或右括号；文字里有逗号时请加引号" },
        { "could not find expected ':'", "键的后面缺少冒号" },
        { "found character that cannot start",
                        "这里不能用这个字符开头（制表符、@、%、` 等请加引号，缩进请用空格）" },
        { "found a tab character", "缩进请用空格，不用制表符" },
        { "did not find expected key", "缩进不齐，或缺少键" },
        { "did not find expected '-'", "缩进不齐，或缺少短横线" },
        { "found unexpected end of stream", "引号没有配对" },
        { "did not find expected <document start>", "一个文件只能有一份定义，或缩进不齐" },
        { "found duplicate", "指令重复" },
        { "control characters are not allowed", "含有控制字符" },
};

static bool refuse(struct reading *r, const char *what)
{
        return err_set(r->err, E_DEFINITION_YAML, "%s", what);
}

static bool refuse_by_libyaml(struct reading *r)
{
        const char *problem = r->parser->problem != NULL ? r->parser->problem : "?";
        size_t line = r->parser->problem_mark.line;
        r->line = line < INT32_MAX ? (int)line + 1 : 1;
        for (size_t i = 0; i < N_ELEMENTS(sayings); i++)
                if (strstr(problem, sayings[i].problem) != NULL)
                        return refuse(r, sayings[i].chinese);
        return refuse(r, problem);
}

static bool next(struct reading *r, yaml_event_t *event)
{
        if (!yaml_parser_parse(r->parser, event))
                return refuse_by_libyaml(r);
        r->line = (int)event->start_mark.line + 1;
        return true;
}

static bool is_null(const yaml_event_t *event, struct str text)
{
        return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
               (text.n == 0 || str_is(text, "~") || str_is(text, "null"));
}

static bool is_tagged(const yaml_char_t *tag, const yaml_char_t *anchor)
{
        return tag != NULL || anchor != NULL;
}

static bool read_scalar(struct reading *r, const yaml_event_t *event, struct yaml *ret)
{
        if (is_tagged(event->data.scalar.tag, event->data.scalar.anchor))
                return refuse(r, "不允许使用标签（!）和锚点（&）");
        struct str text = { (const char *)event->data.scalar.value, event->data.scalar.length };
        if (!str_is_utf8(text))
                return refuse(r, "含有不能使用的字符");
        ret->kind = is_null(event, text) ? YAML_NULL : YAML_TEXT;
        ret->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        ret->text = str_copy(r->arena, text);
        return true;
}

static bool read_node(
                struct reading *r, const yaml_event_t *event, unsigned depth, struct yaml *ret);

/* Makes room for one more element behind n of them. */
static void *grow(struct arena *arena, void *old, size_t n, size_t size)
{
        if (n != 0 && (n & (n - 1)) != 0)
                return old;
        assert(old != NULL || n == 0);
        void *wider = arena_array(arena, n != 0 ? 2 * n : 1, size);
        if (n != 0)
                memcpy(wider, old, n * size);
        return wider;
}

static bool read_list(struct reading *r, unsigned depth, struct yaml *ret)
{
        struct yaml *items = NULL;
        for (;;) {
                yaml_event_t event;
                if (!next(r, &event))
                        return false;
                bool end = event.type == YAML_SEQUENCE_END_EVENT, ok = true;
                if (!end) {
                        items = grow(r->arena, items, ret->n, sizeof(*items));
                        ok = read_node(r, &event, depth, &items[ret->n]);
                        ret->n++;
                }
                yaml_event_delete(&event);
                if (!ok)
                        return false;
                if (end)
                        break;
        }
        ret->kind = YAML_LIST;
        ret->items = items;
        return true;
}

static bool read_pair(struct reading *r, const yaml_event_t *event, unsigned depth,
                struct yaml_pair *pair)
{
        struct yaml key = { 0 };
        if (event->type != YAML_SCALAR_EVENT)
                return refuse(r, "键只能是文字");
        if (!read_scalar(r, event, &key))
                return false;
        if (key.kind != YAML_TEXT || key.text.n == 0)
                return refuse(r, "键不能为空");
        pair->key = key.text;
        pair->line = r->line;

        yaml_event_t value;
        if (!next(r, &value))
                return false;
        bool ok = read_node(r, &value, depth, &pair->value);
        yaml_event_delete(&value);
        return ok;
}

static int pair_cmp(const void *a, const void *b)
{
        const struct yaml_pair *const *x = a, *const *y = b;
        int order = str_cmp((*x)->key, (*y)->key);
        return order != 0 ? order : ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

static bool check_doubles(struct reading *r, const struct yaml_pair *pairs, size_t n)
{
        const struct yaml_pair **sorted = arena_new_array(r->arena, n, const struct yaml_pair *);
        for (size_t i = 0; i < n; i++)
                sorted[i] = &pairs[i];
        qsort(sorted, n, sizeof(*sorted), pair_cmp);
        for (size_t i = 1; i < n; i++) {
                if (!str_eq(sorted[i - 1]->key, sorted[i]->key))
                        continue;
                r->line = sorted[i]->line;
                return err_set(r->err, E_DEFINITION_YAML, "键“%.*s”重复，第 %d 行已有",
                                STR_FMT(sorted[i]->key), sorted[i - 1]->line);
        }
        return true;
}

static bool read_map(struct reading *r, unsigned depth, struct yaml *ret)
{
        struct yaml_pair *pairs = NULL;
        for (;;) {
                yaml_event_t event;
                if (!next(r, &event))
                        return false;
                bool end = event.type == YAML_MAPPING_END_EVENT, ok = true;
                if (ret->n == MAP_KEYS_MAX) {
                        ok = err_set(r->err, E_LIMIT, "一处超过 %u 个键", MAP_KEYS_MAX);
                } else if (!end) {
                        pairs = grow(r->arena, pairs, ret->n, sizeof(*pairs));
                        ok = read_pair(r, &event, depth, &pairs[ret->n]);
                        ret->n++;
                }
                yaml_event_delete(&event);
                if (!ok)
                        return false;
                if (end)
                        break;
        }
        ret->kind = YAML_MAP;
        ret->pairs = pairs;
        return check_doubles(r, pairs, ret->n);
}

static bool read_node(
                struct reading *r, const yaml_event_t *event, unsigned depth, struct yaml *ret)
{
        if (depth == LIMIT_NESTING)
                return err_set(r->err, E_LIMIT, "嵌套超过 %u 层", LIMIT_NESTING);
        ret->line = r->line;
        switch (event->type) {
        case YAML_SCALAR_EVENT:
                return read_scalar(r, event, ret);
        case YAML_SEQUENCE_START_EVENT:
                if (is_tagged(event->data.sequence_start.tag, event->data.sequence_start.anchor))
                        return refuse(r, "不允许使用标签（!）和锚点（&）");
                return read_list(r, depth + 1, ret);
        case YAML_MAPPING_START_EVENT:
                if (is_tagged(event->data.mapping_start.tag, event->data.mapping_start.anchor))
                        return refuse(r, "不允许使用标签（!）和锚点（&）");
                return read_map(r, depth + 1, ret);
        case YAML_ALIAS_EVENT:
                return refuse(r, "不允许使用别名（*）；以 * 开头的文字请加引号");
        default:
                return refuse(r, "内容为空");
        }
}

/* Takes the next event, which must be of this type. */
static bool expect(struct reading *r, yaml_event_type_t type, const char *otherwise)
{
        yaml_event_t event;
        if (!next(r, &event))
                return false;
        bool ok = event.type == type || refuse(r, otherwise);
        yaml_event_delete(&event);
        return ok;
}

static bool read_document(struct reading *r, struct yaml *ret)
{
        if (!expect(r, YAML_STREAM_START_EVENT, "内容为空") ||
                        !expect(r, YAML_DOCUMENT_START_EVENT, "内容为空"))
                return false;
        yaml_event_t event;
        if (!next(r, &event))
                return false;
        bool ok = read_node(r, &event, 0, ret);
        yaml_event_delete(&event);
        return ok && expect(r, YAML_DOCUMENT_END_EVENT, "一个文件只能有一份定义") &&
               expect(r, YAML_STREAM_END_EVENT, "一个文件只能有一份定义");
}

bool yaml_parse(struct arena *arena, struct str text, const struct yaml **ret, int *ret_line,
                struct err *err)
{
        assert(arena && ret && ret_line && err);

        *ret_line = 1;
        if (text.n > LIMIT_DEFINITION_BYTES)
                return err_set(err, E_LIMIT, "定义文件超过 %u 字节", LIMIT_DEFINITION_BYTES);
        if (!str_is_utf8(text))
                return err_set(err, E_UTF8, "定义文件");

        yaml_parser_t parser;
        if (!yaml_parser_initialize(&parser))
                abort(); /* out of memory */
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(
                        &parser, (const unsigned char *)(text.n != 0 ? text.p : ""), text.n);
        struct reading r = { .arena = arena, .parser = &parser, .err = err };
        struct yaml *root = arena_new(arena, struct yaml);
        bool ok = read_document(&r, root);
        yaml_parser_delete(&parser);
        *ret_line = r.line;
        if (ok)
                *ret = root;
        return ok;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
        if (map == NULL || map->kind != YAML_MAP)
                return NULL;
        for (size_t i = 0; i < map->n; i++)
                if (str_is(map->pairs[i].key, key))
                        return &map->pairs[i].value;
        return NULL;
}
