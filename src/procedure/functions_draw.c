/* The draw, as definitions call it: contexts in, contexts out.
 *
 *   draw_freeze(objects, inspectors)          -> {objects, inspectors, hash, n_objects}
 *   draw_gaps(frozen, options)                -> texts; empty = every draw can be staffed
 *   draw_sizes(frozen, strata)                -> {stratum, size, sample, weight} each
 *   draw_announcement(batch, frozen, strata, options, sources, method?) -> the file that is
 *                        published before the public values are known (docs/draw-format.md);
 *                        options null = no inspectors drawn; method: "ticket" or "rfc3797"
 *   draw_seed(batch, frozen, strata, options, sources, values, method?) -> 64 hex digits: the
 *                        seed covers all that was announced; with rfc3797 a blank and the key
 *   draw_publication(batch, frozen, strata, options, sources, values, replaced, substituted,
 *                        method?) -> the file that `plumbline draw verify` checks; replaced:
 *                        {object, reason}, substituted: {object, inspector, reason, day}
 *   draw_select(frozen, strata, seed)         -> {stratum, size, sample, picks, substitutes}
 *                                                each; a pick is {id, name, region, ticket, order}
 *   draw_pair(frozen, ids, seed, options)     -> {object, officers, guests, substitutes} each
 *   draw_next_object(frozen, strata, seed, id, spent)              -> a pick, or null
 *   draw_next_inspector(frozen, ids, seed, options, id, inspector, spent, day) -> {id, name}, or
 *                        null; day: on which the certificate must be valid (null = options.day)
 *
 * objects: {key or id, name, stratum, region, weight, excluded}; inspectors: {key or
 * id, name, unit, district, kind: "officer"|"guest", valid_to, lead, load, recusals};
 * strata: {name, ratio (percent) and minimum, or count; substitutes}; options: {day,
 * officers, guests, cross_district, need_lead, basis}; sources: {source, issue, shape}. */
#include "procedure/functions.h"

#include "draw/draw.h"
#include "draw/pair.h"
#include "draw/publication.h"

#define UNUSED_HOST (void)self, (void)user, (void)n_args

static const struct value *member(const struct value *context, const char *name)
{
        static const struct value none = { .kind = VALUE_NULL };
        if (context->kind != VALUE_CONTEXT)
                return &none;
        const struct value *v = value_get(context, str_of(name));
        return v != NULL ? v : &none;
}

static struct str text_of(const struct value *context, const char *name)
{
        const struct value *v = member(context, name);
        return v->kind == VALUE_STRING ? v->string : STR_LIT("");
}

static struct str id_of(const struct value *context)
{
        struct str id = text_of(context, "id");
        return id.n != 0 ? id : text_of(context, "key");
}

/* A whole number, also where JSON brought it back as text. */
static int64_t whole_of(const struct value *context, const char *name, int64_t otherwise)
{
        const struct value *v = member(context, name);
        int64_t n;
        if (v->kind == VALUE_NUMBER && decimal_to_int(v->number, &n))
                return n;
        if (v->kind == VALUE_STRING && str_to_int(v->string, &n))
                return n;
        return otherwise;
}

static bool true_of(const struct value *context, const char *name)
{
        const struct value *v = member(context, name);
        return v->kind == VALUE_BOOL && v->boolean;
}

static struct date read_date(const struct value *v)
{
        struct date date;
        struct err err;
        if (v->kind == VALUE_DATE)
                return v->date;
        if (v->kind == VALUE_STRING && date_parse(v->string, &date, &err))
                return date;
        return DATE_NONE;
}

static struct date date_of_member(const struct value *context, const char *name)
{
        return read_date(member(context, name));
}

static const struct value *items_of(const struct value *list, size_t *n)
{
        *n = list->kind == VALUE_LIST ? list->list.n : 0;
        return list->kind == VALUE_LIST ? list->list.items : NULL;
}

static struct value context_of(struct arena *arena, const struct member *members, size_t n)
{
        struct member *copy = arena_grow(arena, members, n, 0, sizeof(*copy));
        return value_sort_members(copy, n) ? value_context(copy, n) : value_null();
}

static struct str hex(struct arena *arena, const uint8_t *bytes, size_t n)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < n; i++)
                buf_format(&buf, "%02x", bytes[i]);
        return buf_str(&buf);
}

static bool bad(struct err *err, const char *what)
{
        return err_set(err, E_ACT_COMPUTED, "抽取参数不正确：%s", what);
}

static const struct str *read_recusals(
                struct arena *arena, const struct value *inspector, size_t *n)
{
        const struct value *items = items_of(member(inspector, "recusals"), n);
        struct str *ids = arena_new_array(arena, *n, struct str);
        for (size_t i = 0; i < *n; i++)
                ids[i] = items[i].kind == VALUE_STRING ? items[i].string : STR_LIT("");
        return ids;
}

static bool read_pool(struct arena *arena, const struct value *objects,
                const struct value *inspectors, struct pool *ret, struct err *err)
{
        size_t n_objects, n_inspectors;
        const struct value *o = items_of(objects, &n_objects);
        const struct value *p = items_of(inspectors, &n_inspectors);
        struct pool_object *to = arena_new_array(arena, n_objects, struct pool_object);
        struct pool_inspector *who = arena_new_array(arena, n_inspectors, struct pool_inspector);
        for (size_t i = 0; i < n_objects; i++) {
                int64_t weight = whole_of(&o[i], "weight", 1);
                to[i] = (struct pool_object){
                        .id = id_of(&o[i]),
                        .name = text_of(&o[i], "name"),
                        .stratum = text_of(&o[i], "stratum"),
                        .region = text_of(&o[i], "region"),
                        .weight = weight > 0 && weight <= POOL_WEIGHT_MAX ? (uint32_t)weight : 0,
                        .excluded = text_of(&o[i], "excluded"),
                };
        }
        for (size_t i = 0; i < n_inspectors; i++) {
                int64_t load = whole_of(&p[i], "load", 0);
                who[i] = (struct pool_inspector){
                        .id = id_of(&p[i]),
                        .name = text_of(&p[i], "name"),
                        .unit = text_of(&p[i], "unit"),
                        .district = text_of(&p[i], "district"),
                        .kind = str_is(text_of(&p[i], "kind"), "guest") ? POOL_GUEST : POOL_OFFICER,
                        .valid_to = date_of_member(&p[i], "valid_to"),
                        .lead = true_of(&p[i], "lead"),
                        .load = load > 0 && load < INT32_MAX ? (uint32_t)load : 0,
                };
                who[i].recusals = read_recusals(arena, &p[i], &who[i].n_recusals);
        }
        return pool_freeze(arena, to, n_objects, who, n_inspectors, ret, err);
}

static bool read_frozen(
                struct arena *arena, const struct value *frozen, struct pool *ret, struct err *err)
{
        if (frozen->kind != VALUE_CONTEXT)
                return bad(err, "名录库尚未冻结");
        if (!read_pool(arena, member(frozen, "objects"), member(frozen, "inspectors"), ret, err))
                return false;
        struct pool_hash hash = pool_hash(arena, ret);
        if (!str_eq(hex(arena, hash.bytes, sizeof(hash.bytes)), text_of(frozen, "hash")))
                return bad(err, "名录库与冻结时的摘要不一致");
        return true;
}

static struct value date_text(struct arena *arena, struct date day)
{
        return date_is_none(day) ? value_null() : value_string(date_format(arena, day));
}

static struct value object_value(struct arena *arena, const struct pool_object *object)
{
        const struct member members[] = {
                { STR_LIT("excluded"), value_string(object->excluded) },
                { STR_LIT("id"), value_string(object->id) },
                { STR_LIT("name"), value_string(object->name) },
                { STR_LIT("region"), value_string(object->region) },
                { STR_LIT("stratum"), value_string(object->stratum) },
                { STR_LIT("weight"), value_int(object->weight) },
        };
        return context_of(arena, members, N_ELEMENTS(members));
}

static struct value inspector_value(struct arena *arena, const struct pool_inspector *inspector)
{
        struct value *recusals = arena_new_array(arena, inspector->n_recusals, struct value);
        for (size_t i = 0; i < inspector->n_recusals; i++)
                recusals[i] = value_string(inspector->recusals[i]);
        const struct member members[] = {
                { STR_LIT("district"), value_string(inspector->district) },
                { STR_LIT("id"), value_string(inspector->id) },
                { STR_LIT("kind"),
                                value_string(inspector->kind == POOL_GUEST ? STR_LIT("guest")
                                                                           : STR_LIT("officer")) },
                { STR_LIT("lead"), value_bool(inspector->lead) },
                { STR_LIT("load"), value_int(inspector->load) },
                { STR_LIT("name"), value_string(inspector->name) },
                { STR_LIT("recusals"), value_list(recusals, inspector->n_recusals) },
                { STR_LIT("unit"), value_string(inspector->unit) },
                { STR_LIT("valid_to"), date_text(arena, inspector->valid_to) },
        };
        return context_of(arena, members, N_ELEMENTS(members));
}

HOST(host_draw_freeze)
{
        UNUSED_HOST;
        struct pool pool;
        if (!read_pool(arena, &args[0], &args[1], &pool, err))
                return false;
        struct value *objects = arena_new_array(arena, pool.n_objects, struct value);
        for (size_t i = 0; i < pool.n_objects; i++)
                objects[i] = object_value(arena, &pool.objects[i]);
        struct value *inspectors = arena_new_array(arena, pool.n_inspectors, struct value);
        for (size_t i = 0; i < pool.n_inspectors; i++)
                inspectors[i] = inspector_value(arena, &pool.inspectors[i]);
        struct pool_hash hash = pool_hash(arena, &pool);
        const struct member members[] = {
                { STR_LIT("hash"), value_string(hex(arena, hash.bytes, sizeof(hash.bytes))) },
                { STR_LIT("inspectors"), value_list(inspectors, pool.n_inspectors) },
                { STR_LIT("n_objects"), value_int((int64_t)pool.n_objects) },
                { STR_LIT("objects"), value_list(objects, pool.n_objects) },
        };
        *ret = context_of(arena, members, N_ELEMENTS(members));
        return true;
}

static bool read_rule(const struct value *options, struct pair_rule *ret, struct err *err)
{
        *ret = (struct pair_rule){
                .day = date_of_member(options, "day"),
                .n_officers = (int32_t)whole_of(options, "officers", PAIR_OFFICERS_MIN),
                .n_guests = (int32_t)whole_of(options, "guests", 0),
                .need_lead = true_of(options, "need_lead"),
                .cross_district = true_of(options, "cross_district"),
                .basis = text_of(options, "basis"),
        };
        return !date_is_none(ret->day) || bad(err, "没有检查日期");
}

/* ratio is in percent, with at most two decimals. */
static bool read_ratio(const struct value *stratum, int32_t *ret, struct err *err)
{
        const struct value *v = member(stratum, "ratio");
        struct decimal ratio;
        int64_t scaled;
        if (v->kind == VALUE_NUMBER)
                ratio = v->number;
        else if (v->kind != VALUE_STRING || !decimal_parse(v->string, &ratio, err))
                return bad(err, "抽取比例不是数值");
        if (!decimal_to_scaled(ratio, 2, &scaled) || scaled < INT32_MIN || scaled > INT32_MAX)
                return bad(err, "抽取比例最多两位小数");
        *ret = (int32_t)scaled;
        return true;
}

static bool read_method(const struct value *method, enum draw_method *ret, struct err *err)
{
        static const char *const names[] = { "ticket", "rfc3797" };
        *ret = DRAW_TICKET;
        if (method->kind == VALUE_NULL)
                return true;
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
                if (method->kind == VALUE_STRING && str_is(method->string, names[i])) {
                        *ret = (enum draw_method)i;
                        return true;
                }
        return bad(err, "抽取方法应为 ticket 或 rfc3797");
}

static bool read_plan(struct arena *arena, const struct value *strata, struct draw_plan *ret,
                struct err *err)
{
        size_t n;
        const struct value *items = items_of(strata, &n);
        struct draw_stratum *to = arena_new_array(arena, n, struct draw_stratum);
        for (size_t i = 0; i < n; i++) {
                bool counted = member(&items[i], "count")->kind != VALUE_NULL;
                to[i] = (struct draw_stratum){
                        .name = text_of(&items[i], "name"),
                        .rule = counted ? DRAW_COUNT : DRAW_RATIO,
                        .minimum = (int32_t)whole_of(&items[i], "minimum", 1),
                        .count = (int32_t)whole_of(&items[i], "count", 0),
                        .n_substitutes = (int32_t)whole_of(&items[i], "substitutes", 3),
                };
                if (!counted && !read_ratio(&items[i], &to[i].ratio, err))
                        return false;
        }
        *ret = (struct draw_plan){
                .method = DRAW_TICKET, .strata = to, .n_strata = n, .total = -1
        };
        return true;
}

#define SEED_HEX (2 * sizeof(((struct seed *)0)->bytes))

static bool read_seed_hex(struct str text, struct seed *ret, struct err *err)
{
        for (size_t i = 0; i < SEED_HEX; i++) {
                const char *digits = "0123456789abcdef";
                const char *at = memchr(digits, text.p[i], 16);
                if (at == NULL)
                        return bad(err, "随机种子应为 64 位十六进制");
                uint8_t digit = (uint8_t)(at - digits);
                uint8_t *byte = &ret->bytes[i / 2];
                *byte = (uint8_t)(i % 2 == 0 ? digit << 4 : *byte | digit);
        }
        return true;
}

/* As draw_seed() gave it: a key behind the seed means RFC 3797. */
static bool read_seed(
                const struct value *text, struct seed *ret, struct str *ret_key, struct err *err)
{
        struct str given = text->kind == VALUE_STRING ? text->string : STR_LIT("");
        if (given.n < SEED_HEX || (given.n > SEED_HEX && given.p[SEED_HEX] != ' '))
                return bad(err, "随机种子应为 64 位十六进制");
        *ret_key = given.n > SEED_HEX ? str_slice(given, SEED_HEX + 1, given.n) : STR_LIT("");
        return read_seed_hex(given, ret, err);
}

HOST(host_draw_gaps)
{
        UNUSED_HOST;
        struct pool pool;
        struct pair_rule rule;
        const struct pair_gap *gaps;
        size_t n;
        if (!read_frozen(arena, &args[0], &pool, err) || !read_rule(&args[1], &rule, err) ||
                        !pair_gaps(arena, &pool, &rule, &gaps, &n, err))
                return false;
        struct value *texts = arena_new_array(arena, n, struct value);
        for (size_t i = 0; i < n; i++)
                texts[i] = value_string(pair_gap_text(arena, &pool, &gaps[i]));
        *ret = value_list(texts, n);
        return true;
}

HOST(host_draw_sizes)
{
        UNUSED_HOST;
        struct pool pool;
        struct draw_plan plan;
        if (!read_frozen(arena, &args[0], &pool, err) || !read_plan(arena, &args[1], &plan, err))
                return false;
        struct draw_size *sizes = arena_new_array(arena, plan.n_strata, struct draw_size);
        if (!draw_sizes(arena, &pool, &plan, sizes, err))
                return false;
        struct value *rows = arena_new_array(arena, plan.n_strata, struct value);
        for (size_t i = 0; i < plan.n_strata; i++) {
                const struct member members[] = {
                        { STR_LIT("sample"), value_int((int64_t)sizes[i].sample) },
                        { STR_LIT("size"), value_int((int64_t)sizes[i].size) },
                        { STR_LIT("stratum"), value_string(plan.strata[i].name) },
                        { STR_LIT("weight"), value_int((int64_t)sizes[i].weight) },
                };
                rows[i] = context_of(arena, members, N_ELEMENTS(members));
        }
        *ret = value_list(rows, plan.n_strata);
        return true;
}

static void read_sources(
                struct arena *arena, const struct value *sources, struct draw_publication *ret)
{
        size_t n;
        const struct value *items = items_of(sources, &n);
        struct seed_source *from = arena_new_array(arena, n, struct seed_source);
        for (size_t i = 0; i < n; i++)
                from[i] = (struct seed_source){ .source = text_of(&items[i], "source"),
                        .issue = text_of(&items[i], "issue"),
                        .shape = text_of(&items[i], "shape") };
        ret->sources = from;
        ret->n_sources = n;
}

static bool read_values(struct arena *arena, const struct value *given,
                struct draw_publication *ret, struct err *err)
{
        size_t n;
        const struct value *texts = items_of(given, &n);
        if (n == 0 || n != ret->n_sources)
                return bad(err, "公布的随机数与预告的来源个数不一致");
        struct str *values = arena_new_array(arena, n, struct str);
        for (size_t i = 0; i < n; i++)
                values[i] = texts[i].kind == VALUE_STRING ? texts[i].string
                                                          : text_of(&texts[i], "value");
        ret->values = values;
        return true;
}

/* args: batch, frozen, strata, options (null: objects alone), sources; method may be NULL */
static bool read_announcement(struct arena *arena, const struct value *args,
                const struct value *method, struct draw_publication *ret, struct err *err)
{
        struct draw_publication publication = { .has_pairs = args[3].kind == VALUE_CONTEXT };
        if (args[0].kind != VALUE_STRING)
                return bad(err, "没有批次号");
        publication.batch = args[0].string;
        if (!read_frozen(arena, &args[1], &publication.pool, err) ||
                        !read_plan(arena, &args[2], &publication.plan, err) ||
                        (method != NULL && !read_method(method, &publication.plan.method, err)) ||
                        (publication.has_pairs && !read_rule(&args[3], &publication.rule, err)))
                return false;
        read_sources(arena, &args[4], &publication);
        *ret = publication;
        return true;
}

static struct value json_text(struct arena *arena, const struct value *file)
{
        struct buf buf = BUF(arena);
        value_write_json(&buf, file);
        return value_string(buf_str(&buf));
}

HOST(host_draw_announcement)
{
        UNUSED_HOST;
        struct draw_publication publication;
        struct value file;
        if (!read_announcement(arena, args, n_args > 5 ? &args[5] : NULL, &publication, err) ||
                        !draw_publication_announce(arena, &publication, &file, err))
                return false;
        *ret = json_text(arena, &file);
        return true;
}

HOST(host_draw_seed)
{
        UNUSED_HOST;
        struct draw_publication publication;
        struct seed seed;
        struct str key;
        if (!read_announcement(arena, args, n_args > 6 ? &args[6] : NULL, &publication, err) ||
                        !read_values(arena, &args[5], &publication, err) ||
                        !draw_publication_seed(arena, &publication, &seed, err) ||
                        !draw_publication_key(arena, &publication, &key, err))
                return false;
        struct str digits = hex(arena, seed.bytes, sizeof(seed.bytes));
        *ret = value_string(
                        key.n == 0 ? digits
                                   : str_format(arena, "%.*s %.*s", STR_FMT(digits), STR_FMT(key)));
        return true;
}

static void read_replaced(
                struct arena *arena, const struct value *list, struct draw_publication *publication)
{
        size_t n;
        const struct value *items = items_of(list, &n);
        struct draw_publication_replacement *to =
                        arena_new_array(arena, n, struct draw_publication_replacement);
        for (size_t i = 0; i < n; i++)
                to[i] = (struct draw_publication_replacement){ text_of(&items[i], "object"),
                        text_of(&items[i], "reason") };
        publication->replacements = to;
        publication->n_replacements = n;
}

static void read_substituted(
                struct arena *arena, const struct value *list, struct draw_publication *publication)
{
        size_t n;
        const struct value *items = items_of(list, &n);
        struct draw_publication_substitution *to =
                        arena_new_array(arena, n, struct draw_publication_substitution);
        for (size_t i = 0; i < n; i++) {
                struct date on = date_of_member(&items[i], "day");
                to[i] = (struct draw_publication_substitution){ text_of(&items[i], "object"),
                        text_of(&items[i], "inspector"), text_of(&items[i], "reason"),
                        date_is_none(on) ? publication->rule.day : on };
        }
        publication->substitutions = to;
        publication->n_substitutions = n;
}

HOST(host_draw_publication)
{
        UNUSED_HOST;
        struct draw_publication publication;
        struct value file;
        if (!read_announcement(arena, args, n_args > 8 ? &args[8] : NULL, &publication, err) ||
                        !read_values(arena, &args[5], &publication, err))
                return false;
        read_replaced(arena, &args[6], &publication);
        read_substituted(arena, &args[7], &publication);
        if (!draw_publication_write(arena, &publication, &file, err))
                return false;
        *ret = json_text(arena, &file);
        return true;
}

static struct value pick_value(struct arena *arena, const struct pool *pool,
                const struct draw_pick *pick, size_t n_ticket, size_t order)
{
        const struct pool_object *object = &pool->objects[pick->object];
        const struct member members[] = {
                { STR_LIT("id"), value_string(object->id) },
                { STR_LIT("name"), value_string(object->name) },
                { STR_LIT("order"), value_int((int64_t)order) },
                { STR_LIT("region"), value_string(object->region) },
                { STR_LIT("stratum"), value_string(object->stratum) },
                { STR_LIT("ticket"), value_string(hex(arena, pick->ticket, n_ticket)) },
        };
        return context_of(arena, members, N_ELEMENTS(members));
}

static struct value pick_values(struct arena *arena, const struct pool *pool,
                const struct draw *draw, const struct draw_pick *picks, size_t n)
{
        struct value *items = arena_new_array(arena, n, struct value);
        for (size_t i = 0; i < n; i++)
                items[i] = pick_value(arena, pool, &picks[i], draw->n_ticket, i + 1);
        return value_list(items, n);
}

static bool read_draw(struct arena *arena, const struct value *args, struct pool *pool,
                struct draw_plan *plan, struct draw *draw, struct err *err)
{
        struct seed seed;
        if (!read_frozen(arena, &args[0], pool, err) || !read_plan(arena, &args[1], plan, err) ||
                        !read_seed(&args[2], &seed, &plan->key, err))
                return false;
        plan->method = plan->key.n > 0 ? DRAW_RFC3797 : DRAW_TICKET;
        return draw_compute(arena, pool, plan, &seed, draw, err);
}

HOST(host_draw_select)
{
        UNUSED_HOST;
        struct pool pool;
        struct draw_plan plan;
        struct draw draw;
        if (!read_draw(arena, args, &pool, &plan, &draw, err))
                return false;
        struct value *rows = arena_new_array(arena, draw.n_strata, struct value);
        for (size_t i = 0; i < draw.n_strata; i++) {
                const struct draw_result *r = &draw.strata[i];
                const struct member members[] = {
                        { STR_LIT("picks"), pick_values(arena, &pool, &draw, r->picks,
                                                            r->size.sample) },
                        { STR_LIT("sample"), value_int((int64_t)r->size.sample) },
                        { STR_LIT("size"), value_int((int64_t)r->size.size) },
                        { STR_LIT("stratum"), value_string(plan.strata[i].name) },
                        { STR_LIT("substitutes"), pick_values(arena, &pool, &draw, r->substitutes,
                                                                  r->n_substitutes) },
                };
                rows[i] = context_of(arena, members, N_ELEMENTS(members));
        }
        *ret = value_list(rows, draw.n_strata);
        return true;
}

/* Ids (texts, or contexts with `id`) as indexes of the pool. */
static bool read_ids(struct arena *arena, const struct pool *pool, const struct value *ids,
                size_t (*find)(const struct pool *, struct str), const size_t **ret, size_t *n,
                struct err *err)
{
        const struct value *items = items_of(ids, n);
        size_t *indexes = arena_new_array(arena, *n, size_t);
        for (size_t i = 0; i < *n; i++) {
                struct str id = items[i].kind == VALUE_STRING ? items[i].string : id_of(&items[i]);
                indexes[i] = find(pool, id);
                if (indexes[i] == SIZE_MAX)
                        return bad(err, "名录库中没有这个编号");
        }
        *ret = indexes;
        return true;
}

static struct value member_value(
                struct arena *arena, const struct pool *pool, const struct pair_member *who)
{
        const struct pool_inspector *inspector = &pool->inspectors[who->inspector];
        const struct member members[] = {
                { STR_LIT("district"), value_string(inspector->district) },
                { STR_LIT("id"), value_string(inspector->id) },
                { STR_LIT("name"), value_string(inspector->name) },
                { STR_LIT("unit"), value_string(inspector->unit) },
        };
        return context_of(arena, members, N_ELEMENTS(members));
}

static struct value member_values(struct arena *arena, const struct pool *pool,
                const struct pair_member *members, size_t n)
{
        struct value *items = arena_new_array(arena, n, struct value);
        for (size_t i = 0; i < n; i++)
                items[i] = member_value(arena, pool, &members[i]);
        return value_list(items, n);
}

static bool read_pairs(struct arena *arena, const struct value *args, struct pool *pool,
                struct pair_rule *rule, struct pair_task **ret, size_t *n, struct err *err)
{
        struct seed seed;
        struct str key;
        const size_t *objects;
        if (!read_frozen(arena, &args[0], pool, err) ||
                        !read_ids(arena, pool, &args[1], pool_find_object, &objects, n, err) ||
                        !read_seed(&args[2], &seed, &key, err) || !read_rule(&args[3], rule, err))
                return false;
        struct pair_task *tasks = arena_new_array(arena, *n, struct pair_task);
        *ret = tasks;
        return pair_compute(arena, pool, rule, &seed, objects, *n, tasks, err);
}

HOST(host_draw_pair)
{
        UNUSED_HOST;
        struct pool pool;
        struct pair_rule rule;
        struct pair_task *tasks;
        size_t n;
        if (!read_pairs(arena, args, &pool, &rule, &tasks, &n, err))
                return false;
        struct value *rows = arena_new_array(arena, n, struct value);
        for (size_t i = 0; i < n; i++) {
                const struct pair_task *task = &tasks[i];
                const struct pool_object *object = &pool.objects[task->object];
                const struct member members[] = {
                        { STR_LIT("guests"),
                                        member_values(arena, &pool, task->guests, task->n_guests) },
                        { STR_LIT("name"), value_string(object->name) },
                        { STR_LIT("object"), value_string(object->id) },
                        { STR_LIT("officers"), member_values(arena, &pool, task->officers,
                                                               task->n_officers) },
                        { STR_LIT("region"), value_string(object->region) },
                        { STR_LIT("stratum"), value_string(object->stratum) },
                        { STR_LIT("substitutes"), member_values(arena, &pool, task->substitutes,
                                                                  task->n_substitutes) },
                };
                rows[i] = context_of(arena, members, N_ELEMENTS(members));
        }
        *ret = value_list(rows, n);
        return true;
}

HOST(host_draw_next_object)
{
        UNUSED_HOST;
        struct pool pool;
        struct draw_plan plan;
        struct draw draw;
        struct draw_pick pick;
        const size_t *spent;
        size_t n_spent;
        if (!read_draw(arena, args, &pool, &plan, &draw, err) ||
                        !read_ids(arena, &pool, &args[4], pool_find_object, &spent, &n_spent, err))
                return false;
        size_t object = args[3].kind == VALUE_STRING ? pool_find_object(&pool, args[3].string)
                                                     : SIZE_MAX;
        if (object == SIZE_MAX)
                return bad(err, "名录库中没有这个对象");
        if (!draw_substitute(&draw, object, spent, n_spent, &pick, err))
                return false;
        *ret = pick_value(arena, &pool, &pick, draw.n_ticket, 0);
        return true;
}

HOST(host_draw_next_inspector)
{
        UNUSED_HOST;
        struct pool pool;
        struct pair_rule rule;
        struct pair_task *tasks;
        struct pair_member next;
        const size_t *spent;
        size_t n, n_spent;
        struct date day = read_date(&args[7]);
        if (!read_pairs(arena, args, &pool, &rule, &tasks, &n, err) ||
                        !read_ids(arena, &pool, &args[6], pool_find_inspector, &spent, &n_spent,
                                        err))
                return false;
        size_t object = args[4].kind == VALUE_STRING ? pool_find_object(&pool, args[4].string)
                                                     : SIZE_MAX;
        size_t inspector = args[5].kind == VALUE_STRING ? pool_find_inspector(&pool, args[5].string)
                                                        : SIZE_MAX;
        for (size_t i = 0; i < n; i++) {
                if (tasks[i].object != object || inspector == SIZE_MAX)
                        continue;
                if (!pair_substitute(&pool, &rule, &tasks[i], inspector, spent, n_spent,
                                    date_is_none(day) ? rule.day : day, &next, err))
                        return false;
                *ret = member_value(arena, &pool, &next);
                return true;
        }
        return bad(err, "没有这项检查任务或这名执法人员");
}
