#include "draw/publication.h"

#include <assert.h>

#include "draw/rfc3797.h"
#include "draw/ticket.h"

/* RFC 3797 knows decimal numbers alone. */
static bool check_shapes(const struct draw_publication *publication, struct err *err)
{
        if (publication->plan.method != DRAW_RFC3797)
                return true;
        for (size_t i = 0; i < publication->n_sources; i++) {
                const struct seed_source *source = &publication->sources[i];
                if (memchr(source->shape.p, 'h', source->shape.n) != NULL)
                        return err_field(err, E_RFC3797, source->source, "此方法只用十进制数");
        }
        return true;
}

/* The numbers of a value as published: runs of digits and points. */
static struct rfc3797_source key_source(struct arena *arena, struct str value)
{
        struct str *numbers = arena_new_array(arena, value.n, struct str);
        size_t n = 0, from = 0;
        for (size_t i = 0; i <= value.n; i++) {
                if (i < value.n && ((value.p[i] >= '0' && value.p[i] <= '9') || value.p[i] == '.'))
                        continue;
                if (i > from)
                        numbers[n++] = str_slice(value, from, i);
                from = i + 1;
        }
        return (struct rfc3797_source){ numbers, n };
}

bool draw_publication_key(struct arena *arena, const struct draw_publication *publication,
                struct str *ret, struct err *err)
{
        struct rfc3797_source sources[SEED_SOURCES_MAX];
        if (publication->plan.method != DRAW_RFC3797) {
                *ret = STR_LIT("");
                return true;
        }
        if (!check_shapes(publication, err))
                return false;
        for (size_t i = 0; i < publication->n_sources; i++)
                sources[i] = key_source(arena, publication->values[i]);
        return rfc3797_key(arena, sources, publication->n_sources, ret, err);
}

/* Closed objects and their replacements are both spent. */
static bool compute_replacements(struct arena *arena, const struct draw_publication *publication,
                struct draw_publication_result *result, struct err *err)
{
        size_t n = publication->n_replacements;
        struct draw_pick *by = arena_new_array(arena, n, struct draw_pick);
        size_t *spent = arena_new_array(arena, 2 * n, size_t);
        for (size_t i = 0; i < n; i++) {
                const struct draw_publication_replacement *closed = &publication->replacements[i];
                size_t object = pool_find_object(&publication->pool, closed->object);
                if (object == SIZE_MAX)
                        return err_field(err, E_DRAW_SUBSTITUTE, closed->object,
                                        "名录库中没有此对象");
                if (closed->reason.n == 0)
                        return err_field(err, E_DRAW_SUBSTITUTE, closed->object, "没有说明原因");
                for (size_t j = 0; j < i; j++)
                        if (spent[2 * j] == object)
                                return err_field(err, E_DRAW_SUBSTITUTE, closed->object,
                                                "此对象已经替换过");
                if (!draw_substitute(&result->draw, object, spent, 2 * i, &by[i], err))
                        return false;
                spent[2 * i] = object;
                spent[2 * i + 1] = by[i].object;
        }
        result->replaced_by = by;
        return true;
}

static bool compute_tasks(struct arena *arena, const struct draw_publication *publication,
                struct draw_publication_result *result, struct err *err)
{
        size_t n = publication->n_replacements, at = 0;
        for (size_t s = 0; s < result->draw.n_strata; s++)
                n += result->draw.strata[s].size.sample;
        size_t *objects = arena_new_array(arena, n, size_t);
        for (size_t s = 0; s < result->draw.n_strata; s++)
                for (size_t i = 0; i < result->draw.strata[s].size.sample; i++)
                        objects[at++] = result->draw.strata[s].picks[i].object;
        for (size_t i = 0; i < publication->n_replacements; i++)
                objects[at++] = result->replaced_by[i].object;
        assert(at == n);

        struct pair_task *tasks = arena_new_array(arena, n, struct pair_task);
        if (!pair_compute(arena, &publication->pool, &publication->rule, &result->seed, objects, n,
                            tasks, err))
                return false;
        result->tasks = tasks;
        result->n_tasks = n;
        return true;
}

static const struct pair_task *find_task(
                const struct draw_publication_result *result, size_t object)
{
        for (size_t i = 0; i < result->n_tasks; i++)
                if (result->tasks[i].object == object)
                        return &result->tasks[i];
        return NULL;
}

/* Those who left this task before, and those who stepped in. */
static size_t spent_on_task(const struct draw_publication *publication, size_t before,
                const struct pair_member *by, struct str object, size_t *spent)
{
        size_t n = 0;
        for (size_t i = 0; i < before; i++) {
                if (!str_eq(publication->substitutions[i].object, object))
                        continue;
                spent[n++] = pool_find_inspector(
                                &publication->pool, publication->substitutions[i].inspector);
                spent[n++] = by[i].inspector;
        }
        return n;
}

static bool compute_substitutions(struct arena *arena, const struct draw_publication *publication,
                struct draw_publication_result *result, struct err *err)
{
        size_t n = publication->n_substitutions;
        struct pair_member *by = arena_new_array(arena, n, struct pair_member);
        size_t *spent = arena_new_array(arena, 2 * n, size_t);
        for (size_t i = 0; i < n; i++) {
                const struct draw_publication_substitution *out = &publication->substitutions[i];
                size_t object = pool_find_object(&publication->pool, out->object);
                size_t inspector = pool_find_inspector(&publication->pool, out->inspector);
                const struct pair_task *task =
                                object == SIZE_MAX ? NULL : find_task(result, object);
                if (task == NULL || inspector == SIZE_MAX || out->reason.n == 0)
                        return err_field(err, E_PAIR_SUBSTITUTE, out->inspector,
                                        "没有此检查任务、此人员或原因");
                size_t n_spent = spent_on_task(publication, i, by, out->object, spent);
                for (size_t j = 0; j < n_spent; j += 2)
                        if (spent[j] == inspector)
                                return err_field(err, E_PAIR_SUBSTITUTE, out->inspector,
                                                "此人已经退出该任务");
                if (!pair_substitute(&publication->pool, &publication->rule, task, inspector, spent,
                                    n_spent, out->day, &by[i], err))
                        return false;
        }
        result->substituted_by = by;
        return true;
}

/* Members are named in byte order below, as contexts keep them. */
static struct value context(struct arena *arena, const struct member *members, size_t n)
{
        struct member *copy = arena_new_array(arena, n, struct member);
        memcpy(copy, members, n * sizeof(*copy));
        bool distinct = value_sort_members(copy, n);
        assert(distinct);
        return value_context(copy, n);
}

#define CONTEXT(arena, ...)                                                                        \
        context(arena, (const struct member[]){ __VA_ARGS__ },                                     \
                        N_ELEMENTS(((const struct member[]){ __VA_ARGS__ })))
#define MEMBER(name, value)                                                                        \
        {                                                                                          \
                STR_LIT(name), value                                                               \
        }

static struct value *new_list(struct arena *arena, size_t n)
{
        return arena_new_array(arena, n, struct value);
}

static struct value hex_value(struct arena *arena, const uint8_t *bytes, size_t n)
{
        return value_string(hex_format(arena, bytes, n));
}

static struct value date_or_empty(struct arena *arena, struct date date)
{
        return value_string(date_is_none(date) ? STR_LIT("") : date_format(arena, date));
}

static struct value string_list(struct arena *arena, const struct str *strings, size_t n)
{
        struct value *items = new_list(arena, n);
        for (size_t i = 0; i < n; i++)
                items[i] = value_string(strings[i]);
        return value_list(items, n);
}

static struct value write_pool(struct arena *arena, const struct pool *pool, struct pool_hash hash)
{
        struct value *objects = new_list(arena, pool->n_objects);
        struct value *inspectors = new_list(arena, pool->n_inspectors);
        for (size_t i = 0; i < pool->n_objects; i++) {
                const struct pool_object *o = &pool->objects[i];
                objects[i] = CONTEXT(arena, MEMBER("excluded", value_string(o->excluded)),
                                MEMBER("id", value_string(o->id)),
                                MEMBER("name", value_string(o->name)),
                                MEMBER("region", value_string(o->region)),
                                MEMBER("stratum", value_string(o->stratum)),
                                MEMBER("weight", value_int(o->weight)));
        }
        for (size_t i = 0; i < pool->n_inspectors; i++) {
                const struct pool_inspector *p = &pool->inspectors[i];
                inspectors[i] = CONTEXT(arena, MEMBER("district", value_string(p->district)),
                                MEMBER("id", value_string(p->id)),
                                MEMBER("kind", value_string(p->kind == POOL_OFFICER
                                                                               ? STR_LIT("officer")
                                                                               : STR_LIT("guest"))),
                                MEMBER("lead", value_bool(p->lead)),
                                MEMBER("load", value_int(p->load)),
                                MEMBER("name", value_string(p->name)),
                                MEMBER("recusals", string_list(arena, p->recusals, p->n_recusals)),
                                MEMBER("unit", value_string(p->unit)),
                                MEMBER("valid_to", date_or_empty(arena, p->valid_to)));
        }
        return CONTEXT(arena, MEMBER("inspectors", value_list(inspectors, pool->n_inspectors)),
                        MEMBER("objects", value_list(objects, pool->n_objects)),
                        MEMBER("sha256", hex_value(arena, hash.bytes, sizeof(hash.bytes))));
}

static struct value write_stratum_plan(struct arena *arena, const struct draw_stratum *stratum)
{
        if (stratum->rule == DRAW_COUNT)
                return CONTEXT(arena, MEMBER("count", value_int(stratum->count)),
                                MEMBER("name", value_string(stratum->name)),
                                MEMBER("rule", value_string(STR_LIT("count"))),
                                MEMBER("substitutes", value_int(stratum->n_substitutes)));
        return CONTEXT(arena, MEMBER("minimum", value_int(stratum->minimum)),
                        MEMBER("name", value_string(stratum->name)),
                        MEMBER("ratio", value_int(stratum->ratio)),
                        MEMBER("rule", value_string(STR_LIT("ratio"))),
                        MEMBER("substitutes", value_int(stratum->n_substitutes)));
}

static struct value write_rule(struct arena *arena, const struct draw_publication *publication)
{
        const struct pair_rule *rule = &publication->rule;
        if (!publication->has_pairs)
                return value_null();
        return CONTEXT(arena, MEMBER("cross_district", value_bool(rule->cross_district)),
                        MEMBER("day", date_or_empty(arena, rule->day)),
                        MEMBER("guests", value_int(rule->n_guests)),
                        MEMBER("lead", value_bool(rule->need_lead)),
                        MEMBER("officers", value_int(rule->n_officers)));
}

static struct value write_announcement(
                struct arena *arena, const struct draw_publication *publication)
{
        const struct draw_plan *plan = &publication->plan;
        struct value *strata = new_list(arena, plan->n_strata);
        struct value *sources = new_list(arena, publication->n_sources);
        for (size_t i = 0; i < plan->n_strata; i++)
                strata[i] = write_stratum_plan(arena, &plan->strata[i]);
        for (size_t i = 0; i < publication->n_sources; i++) {
                const struct seed_source *source = &publication->sources[i];
                sources[i] = CONTEXT(arena, MEMBER("issue", value_string(source->issue)),
                                MEMBER("shape", value_string(source->shape)),
                                MEMBER("source", value_string(source->source)));
        }
        return CONTEXT(arena, MEMBER("inspectors", write_rule(arena, publication)),
                        MEMBER("method", value_string(plan->method == DRAW_TICKET
                                                                         ? STR_LIT("ticket")
                                                                         : STR_LIT("rfc3797"))),
                        MEMBER("sources", value_list(sources, publication->n_sources)),
                        MEMBER("strata", value_list(strata, plan->n_strata)),
                        MEMBER("total", plan->total < 0 ? value_null() : value_int(plan->total)));
}

struct str draw_publication_announcement(
                struct arena *arena, const struct draw_publication *publication)
{
        struct buf buf = BUF(arena);
        struct value announcement = write_announcement(arena, publication);
        value_write_json(&buf, &announcement);
        return buf_str(&buf);
}

bool draw_publication_announce(struct arena *arena, const struct draw_publication *publication,
                struct value *ret, struct err *err)
{
        const struct draw_plan *plan = &publication->plan;
        struct draw_size *sizes = arena_new_array(arena, plan->n_strata, struct draw_size);
        if (!draw_sizes(arena, &publication->pool, plan, sizes, err) ||
                        !seed_check_sources(publication->sources, publication->n_sources, err) ||
                        !check_shapes(publication, err))
                return false;
        *ret = CONTEXT(arena, MEMBER("announcement", write_announcement(arena, publication)),
                        MEMBER("batch", value_string(publication->batch)),
                        MEMBER("format", value_string(STR_LIT(DRAW_ANNOUNCEMENT_FORMAT))),
                        MEMBER("pool", write_pool(arena, &publication->pool,
                                                       pool_hash(arena, &publication->pool))));
        return true;
}

static bool compute_seed(struct arena *arena, const struct draw_publication *publication,
                struct pool_hash pool, struct seed *ret, struct err *err)
{
        struct seed_terms terms = {
                .batch = publication->batch,
                .pool = pool,
                .sources = publication->sources,
                .values = publication->values,
                .n_sources = publication->n_sources,
        };
        _cleanup_(hasher_close) struct hasher *hasher = hasher_open();
        hasher_bytes(hasher, draw_publication_announcement(arena, publication), terms.announcement);
        return seed_compute(arena, &terms, ret, err);
}

bool draw_publication_seed(struct arena *arena, const struct draw_publication *publication,
                struct seed *ret, struct err *err)
{
        return compute_seed(arena, publication, pool_hash(arena, &publication->pool), ret, err);
}

bool draw_publication_compute(struct arena *arena, const struct draw_publication *publication,
                struct draw_publication_result *ret, struct err *err)
{
        struct draw_publication_result result = {
                .pool = pool_hash(arena, &publication->pool),
        };
        struct draw_plan plan = publication->plan;
        if (!compute_seed(arena, publication, result.pool, &result.seed, err) ||
                        !draw_publication_key(arena, publication, &result.key, err))
                return false;
        plan.key = result.key;
        if (!draw_compute(arena, &publication->pool, &plan, &result.seed, &result.draw, err) ||
                        !compute_replacements(arena, publication, &result, err))
                return false;
        if (publication->has_pairs &&
                        (!compute_tasks(arena, publication, &result, err) ||
                                        !compute_substitutions(arena, publication, &result, err)))
                return false;
        if (!publication->has_pairs && publication->n_substitutions > 0)
                return err_set(err, E_PAIR_SUBSTITUTE, "本次抽取没有配对检查人员");
        *ret = result;
        return true;
}

static struct value write_picks(struct arena *arena, const struct pool *pool, size_t n_ticket,
                const struct draw_pick *picks, size_t n)
{
        struct value *items = new_list(arena, n);
        for (size_t i = 0; i < n; i++)
                items[i] = CONTEXT(arena,
                                MEMBER("id", value_string(pool->objects[picks[i].object].id)),
                                MEMBER("k", value_int(picks[i].k)),
                                MEMBER("number", value_int((int64_t)picks[i].object + 1)),
                                MEMBER("ticket", hex_value(arena, picks[i].ticket, n_ticket)));
        return value_list(items, n);
}

static struct value write_strata(struct arena *arena, const struct draw_publication *publication,
                const struct draw *draw)
{
        struct value *items = new_list(arena, draw->n_strata);
        for (size_t i = 0; i < draw->n_strata; i++) {
                const struct draw_result *result = &draw->strata[i];
                items[i] = CONTEXT(arena,
                                MEMBER("name", value_string(publication->plan.strata[i].name)),
                                MEMBER("picks", write_picks(arena, &publication->pool,
                                                                draw->n_ticket, result->picks,
                                                                result->size.sample)),
                                MEMBER("sample", value_int((int64_t)result->size.sample)),
                                MEMBER("size", value_int((int64_t)result->size.size)),
                                MEMBER("substitutes",
                                                write_picks(arena, &publication->pool,
                                                                draw->n_ticket, result->substitutes,
                                                                result->n_substitutes)),
                                MEMBER("weight", value_int((int64_t)result->size.weight)));
        }
        return value_list(items, draw->n_strata);
}

static struct value write_members(struct arena *arena, const struct pool *pool,
                const struct pair_member *members, size_t n)
{
        struct value *items = new_list(arena, n);
        for (size_t i = 0; i < n; i++) {
                struct str id = pool->inspectors[members[i].inspector].id;
                items[i] = CONTEXT(arena, MEMBER("id", value_string(id)),
                                MEMBER("load", value_int(members[i].load)),
                                MEMBER("ticket", hex_value(arena, members[i].ticket,
                                                                 sizeof(members[i].ticket))));
        }
        return value_list(items, n);
}

static struct value write_tasks(struct arena *arena, const struct pool *pool,
                const struct draw_publication_result *result)
{
        struct value *items = new_list(arena, result->n_tasks);
        for (size_t i = 0; i < result->n_tasks; i++) {
                const struct pair_task *task = &result->tasks[i];
                items[i] = CONTEXT(arena,
                                MEMBER("guest_substitutes",
                                                write_members(arena, pool, task->guest_substitutes,
                                                                task->n_guest_substitutes)),
                                MEMBER("guests", write_members(arena, pool, task->guests,
                                                                 task->n_guests)),
                                MEMBER("object", value_string(pool->objects[task->object].id)),
                                MEMBER("officers", write_members(arena, pool, task->officers,
                                                                   task->n_officers)),
                                MEMBER("substitutes", write_members(arena, pool, task->substitutes,
                                                                      task->n_substitutes)));
        }
        return value_list(items, result->n_tasks);
}

static struct value write_replacements(struct arena *arena,
                const struct draw_publication *publication,
                const struct draw_publication_result *result)
{
        struct value *items = new_list(arena, publication->n_replacements);
        for (size_t i = 0; i < publication->n_replacements; i++) {
                const struct draw_publication_replacement *closed = &publication->replacements[i];
                const struct draw_pick *by = &result->replaced_by[i];
                struct str id = publication->pool.objects[by->object].id;
                items[i] = CONTEXT(arena, MEMBER("by", value_string(id)),
                                MEMBER("object", value_string(closed->object)),
                                MEMBER("reason", value_string(closed->reason)),
                                MEMBER("ticket", hex_value(arena, by->ticket,
                                                                 result->draw.n_ticket)));
        }
        return value_list(items, publication->n_replacements);
}

static struct value write_substitutions(struct arena *arena,
                const struct draw_publication *publication,
                const struct draw_publication_result *result)
{
        struct value *items = new_list(arena, publication->n_substitutions);
        for (size_t i = 0; i < publication->n_substitutions; i++) {
                const struct draw_publication_substitution *out = &publication->substitutions[i];
                const struct pair_member *by = &result->substituted_by[i];
                struct str id = publication->pool.inspectors[by->inspector].id;
                items[i] = CONTEXT(arena, MEMBER("by", value_string(id)),
                                MEMBER("day", date_or_empty(arena, out->day)),
                                MEMBER("inspector", value_string(out->inspector)),
                                MEMBER("object", value_string(out->object)),
                                MEMBER("reason", value_string(out->reason)),
                                MEMBER("ticket", hex_value(arena, by->ticket, sizeof(by->ticket))));
        }
        return value_list(items, publication->n_substitutions);
}

bool draw_publication_write(struct arena *arena, const struct draw_publication *publication,
                struct value *ret, struct err *err)
{
        struct draw_publication_result result;
        if (!draw_publication_compute(arena, publication, &result, err))
                return false;
        *ret = CONTEXT(arena, MEMBER("announcement", write_announcement(arena, publication)),
                        MEMBER("batch", value_string(publication->batch)),
                        MEMBER("format", value_string(STR_LIT(DRAW_FORMAT))),
                        MEMBER("key", value_string(result.key)),
                        MEMBER("pool", write_pool(arena, &publication->pool, result.pool)),
                        MEMBER("replacements", write_replacements(arena, publication, &result)),
                        MEMBER("seed", hex_value(arena, result.seed.bytes,
                                                       sizeof(result.seed.bytes))),
                        MEMBER("strata", write_strata(arena, publication, &result.draw)),
                        MEMBER("substitutions", write_substitutions(arena, publication, &result)),
                        MEMBER("tasks", write_tasks(arena, &publication->pool, &result)),
                        MEMBER("values", string_list(arena, publication->values,
                                                         publication->n_sources)));
        return true;
}
