#include "draw/publication.h"

#include "base/limits.h"

static bool bad(struct err *err, const char *path, const char *what)
{
        return err_field(err, E_DRAW_FORMAT, str_of(path), "%s", what);
}

/* A context with no member but these (separated by blanks). */
static bool only(const struct value *context, const char *path, const char *names, struct err *err)
{
        if (context == NULL || context->kind != VALUE_CONTEXT)
                return bad(err, path, "应为对象");
        for (size_t i = 0; i < context->context.n; i++) {
                struct str name = context->context.members[i].name, known = str_of(names);
                bool found = false;
                while (known.p != NULL && !found)
                        found = str_eq(str_split(&known, ' '), name);
                if (!found)
                        return err_field(err, E_DRAW_FORMAT, str_of(path), "多出成员「%.*s」",
                                        STR_FMT(name));
        }
        return true;
}

static const struct value *member(const struct value *context, const char *name)
{
        return value_get(context, str_of(name));
}

static bool read_string(
                const struct value *context, const char *name, struct str *ret, struct err *err)
{
        const struct value *value = member(context, name);
        if (value == NULL || value->kind != VALUE_STRING)
                return bad(err, name, "应为文字");
        *ret = value->string;
        return true;
}

static bool read_int(const struct value *context, const char *name, int64_t max, int64_t *ret,
                struct err *err)
{
        const struct value *value = member(context, name);
        int64_t number;
        if (value == NULL || value->kind != VALUE_NUMBER ||
                        !decimal_to_int(value->number, &number) || number < -max || number > max)
                return bad(err, name, "应为整数");
        *ret = number;
        return true;
}

static bool read_int32(const struct value *context, const char *name, int32_t *ret, struct err *err)
{
        int64_t number;
        if (!read_int(context, name, INT32_MAX, &number, err))
                return false;
        *ret = (int32_t)number;
        return true;
}

static bool read_count(
                const struct value *context, const char *name, uint32_t *ret, struct err *err)
{
        int64_t number;
        if (!read_int(context, name, INT32_MAX, &number, err))
                return false;
        if (number < 0)
                return bad(err, name, "不能为负");
        *ret = (uint32_t)number;
        return true;
}

static bool read_bool(const struct value *context, const char *name, bool *ret, struct err *err)
{
        const struct value *value = member(context, name);
        if (value == NULL || value->kind != VALUE_BOOL)
                return bad(err, name, "应为 true 或 false");
        *ret = value->boolean;
        return true;
}

/* "" is no date. */
static bool read_date(const struct value *context, const char *name, bool required,
                struct date *ret, struct err *err)
{
        struct str text;
        if (!read_string(context, name, &text, err))
                return false;
        if (text.n == 0 && !required) {
                *ret = DATE_NONE;
                return true;
        }
        return date_parse(text, ret, err) || bad(err, name, "应为日期");
}

static bool read_list(const struct value *context, const char *name, const struct value **ret,
                struct err *err)
{
        const struct value *value = member(context, name);
        if (value == NULL || value->kind != VALUE_LIST)
                return bad(err, name, "应为列表");
        *ret = value;
        return true;
}

static bool read_strings(struct arena *arena, const struct value *context, const char *name,
                const struct str **ret, size_t *n_ret, struct err *err)
{
        const struct value *list = NULL;
        if (!read_list(context, name, &list, err))
                return false;
        struct str *strings = arena_new_array(arena, list->list.n, struct str);
        for (size_t i = 0; i < list->list.n; i++) {
                if (list->list.items[i].kind != VALUE_STRING)
                        return bad(err, name, "应为文字的列表");
                strings[i] = list->list.items[i].string;
        }
        *ret = strings;
        *n_ret = list->list.n;
        return true;
}

static bool read_object(const struct value *value, struct pool_object *ret, struct err *err)
{
        return only(value, "pool.objects", "id name stratum region weight excluded", err) &&
               read_string(value, "id", &ret->id, err) &&
               read_string(value, "name", &ret->name, err) &&
               read_string(value, "stratum", &ret->stratum, err) &&
               read_string(value, "region", &ret->region, err) &&
               read_count(value, "weight", &ret->weight, err) &&
               read_string(value, "excluded", &ret->excluded, err);
}

static bool read_inspector(struct arena *arena, const struct value *value,
                struct pool_inspector *ret, struct err *err)
{
        struct str kind;
        if (!only(value, "pool.inspectors",
                            "id name unit district kind valid_to lead load recusals", err) ||
                        !read_string(value, "kind", &kind, err))
                return false;
        if (!str_is(kind, "officer") && !str_is(kind, "guest"))
                return bad(err, "kind", "应为 officer 或 guest");
        ret->kind = str_is(kind, "officer") ? POOL_OFFICER : POOL_GUEST;
        return read_string(value, "id", &ret->id, err) &&
               read_string(value, "name", &ret->name, err) &&
               read_string(value, "unit", &ret->unit, err) &&
               read_string(value, "district", &ret->district, err) &&
               read_date(value, "valid_to", false, &ret->valid_to, err) &&
               read_bool(value, "lead", &ret->lead, err) &&
               read_count(value, "load", &ret->load, err) &&
               read_strings(arena, value, "recusals", &ret->recusals, &ret->n_recusals, err);
}

bool draw_publication_read_pool(
                struct arena *arena, const struct value *value, struct pool *ret, struct err *err)
{
        const struct value *objects, *inspectors;
        if (!only(value, "pool", "objects inspectors sha256", err) ||
                        !read_list(value, "objects", &objects, err) ||
                        !read_list(value, "inspectors", &inspectors, err))
                return false;
        if (objects->list.n > LIMIT_POOL_OBJECTS || inspectors->list.n > LIMIT_POOL_INSPECTORS)
                return err_field(err, E_LIMIT, STR_LIT("pool"), "名录过大");
        struct pool_object *o = arena_new_array(arena, objects->list.n, struct pool_object);
        struct pool_inspector *p =
                        arena_new_array(arena, inspectors->list.n, struct pool_inspector);
        for (size_t i = 0; i < objects->list.n; i++)
                if (!read_object(&objects->list.items[i], &o[i], err))
                        return false;
        for (size_t i = 0; i < inspectors->list.n; i++)
                if (!read_inspector(arena, &inspectors->list.items[i], &p[i], err))
                        return false;
        return pool_freeze(arena, o, objects->list.n, p, inspectors->list.n, ret, err);
}

static bool read_stratum(const struct value *value, struct draw_stratum *ret, struct err *err)
{
        struct str rule;
        if (!only(value, "announcement.strata", "name rule ratio minimum count substitutes", err) ||
                        !read_string(value, "name", &ret->name, err) ||
                        !read_string(value, "rule", &rule, err) ||
                        !read_int32(value, "substitutes", &ret->n_substitutes, err))
                return false;
        if (str_is(rule, "count")) {
                ret->rule = DRAW_COUNT;
                return read_int32(value, "count", &ret->count, err);
        }
        if (!str_is(rule, "ratio"))
                return bad(err, "rule", "应为 ratio 或 count");
        ret->rule = DRAW_RATIO;
        return read_int32(value, "ratio", &ret->ratio, err) &&
               read_int32(value, "minimum", &ret->minimum, err);
}

static bool read_sources(struct arena *arena, const struct value *announcement,
                struct draw_publication *ret, struct err *err)
{
        const struct value *list = NULL;
        if (!read_list(announcement, "sources", &list, err))
                return false;
        if (list->list.n > SEED_SOURCES_MAX)
                return bad(err, "sources", "来源过多");
        struct seed_source *sources = arena_new_array(arena, list->list.n, struct seed_source);
        for (size_t i = 0; i < list->list.n; i++) {
                const struct value *source = &list->list.items[i];
                if (!only(source, "announcement.sources", "source issue shape", err) ||
                                !read_string(source, "source", &sources[i].source, err) ||
                                !read_string(source, "issue", &sources[i].issue, err) ||
                                !read_string(source, "shape", &sources[i].shape, err))
                        return false;
        }
        ret->sources = sources;
        ret->n_sources = list->list.n;
        return true;
}

static bool read_plan(struct arena *arena, const struct value *announcement, struct draw_plan *ret,
                struct err *err)
{
        struct str method;
        const struct value *list, *total = member(announcement, "total");
        if (!read_string(announcement, "method", &method, err) ||
                        !read_list(announcement, "strata", &list, err))
                return false;
        if (!str_is(method, "ticket") && !str_is(method, "rfc3797"))
                return bad(err, "method", "应为 ticket 或 rfc3797");
        if (list->list.n > DRAW_STRATA_MAX)
                return bad(err, "strata", "层数过多");
        struct draw_stratum *strata = arena_new_array(arena, list->list.n, struct draw_stratum);
        for (size_t i = 0; i < list->list.n; i++)
                if (!read_stratum(&list->list.items[i], &strata[i], err))
                        return false;
        *ret = (struct draw_plan){
                .method = str_is(method, "ticket") ? DRAW_TICKET : DRAW_RFC3797,
                .strata = strata,
                .n_strata = list->list.n,
                .total = -1,
        };
        if (total == NULL || value_is_null(*total))
                return true;
        if (!read_int(announcement, "total", INT32_MAX, &ret->total, err))
                return false;
        return ret->total >= 0 || bad(err, "total", "不能为负");
}

static bool read_rule(
                const struct value *announcement, struct draw_publication *ret, struct err *err)
{
        const struct value *rule = member(announcement, "inspectors");
        if (rule == NULL || value_is_null(*rule))
                return true;
        ret->has_pairs = true;
        return only(rule, "announcement.inspectors", "day officers guests lead cross_district",
                               err) &&
               read_date(rule, "day", true, &ret->rule.day, err) &&
               read_int32(rule, "officers", &ret->rule.n_officers, err) &&
               read_int32(rule, "guests", &ret->rule.n_guests, err) &&
               read_bool(rule, "lead", &ret->rule.need_lead, err) &&
               read_bool(rule, "cross_district", &ret->rule.cross_district, err);
}

static bool read_replacements(struct arena *arena, const struct value *file,
                struct draw_publication *ret, struct err *err)
{
        const struct value *list = NULL;
        if (!read_list(file, "replacements", &list, err))
                return false;
        struct draw_publication_replacement *items =
                        arena_new_array(arena, list->list.n, struct draw_publication_replacement);
        for (size_t i = 0; i < list->list.n; i++) {
                const struct value *item = &list->list.items[i];
                if (!only(item, "replacements", "object reason by ticket", err) ||
                                !read_string(item, "object", &items[i].object, err) ||
                                !read_string(item, "reason", &items[i].reason, err))
                        return false;
        }
        ret->replacements = items;
        ret->n_replacements = list->list.n;
        return true;
}

static bool read_substitutions(struct arena *arena, const struct value *file,
                struct draw_publication *ret, struct err *err)
{
        const struct value *list = NULL;
        if (!read_list(file, "substitutions", &list, err))
                return false;
        struct draw_publication_substitution *items =
                        arena_new_array(arena, list->list.n, struct draw_publication_substitution);
        for (size_t i = 0; i < list->list.n; i++) {
                const struct value *item = &list->list.items[i];
                if (!only(item, "substitutions", "object inspector reason day by ticket", err) ||
                                !read_string(item, "object", &items[i].object, err) ||
                                !read_string(item, "inspector", &items[i].inspector, err) ||
                                !read_string(item, "reason", &items[i].reason, err) ||
                                !read_date(item, "day", true, &items[i].day, err))
                        return false;
        }
        ret->substitutions = items;
        ret->n_substitutions = list->list.n;
        return true;
}

bool draw_publication_read(struct arena *arena, const struct value *file,
                struct draw_publication *ret, struct err *err)
{
        struct draw_publication read = { 0 };
        struct str format;
        size_t n_values;
        if (!only(file, "file",
                            "format batch pool announcement values seed key strata tasks "
                            "replacements substitutions",
                            err) ||
                        !read_string(file, "format", &format, err))
                return false;
        if (!str_is(format, DRAW_FORMAT))
                return bad(err, "format", "应为 plumbline-draw 1");
        const struct value *announcement = member(file, "announcement");
        if (!only(announcement, "announcement", "method sources strata total inspectors", err) ||
                        !read_string(file, "batch", &read.batch, err) ||
                        !draw_publication_read_pool(arena, member(file, "pool"), &read.pool, err) ||
                        !read_sources(arena, announcement, &read, err) ||
                        !read_plan(arena, announcement, &read.plan, err) ||
                        !read_rule(announcement, &read, err) ||
                        !read_strings(arena, file, "values", &read.values, &n_values, err) ||
                        !read_replacements(arena, file, &read, err) ||
                        !read_substitutions(arena, file, &read, err))
                return false;
        if (n_values != read.n_sources)
                return bad(err, "values", "应与来源一一对应");
        *ret = read;
        return true;
}
