#include "draw/pair.h"

#include <assert.h>
#include <stdlib.h>

#include "draw/ticket.h"

static bool check_rule(const struct pair_rule *rule, struct err *err)
{
        if (date_is_none(rule->day))
                return err_set(err, E_PAIR_RULE, "没有检查日期");
        if (rule->n_officers < PAIR_OFFICERS_MIN || rule->n_officers > PAIR_TEAM_MAX) {
                err_set(err, E_PAIR_RULE, "执法人员应为%d至%d名", PAIR_OFFICERS_MIN, PAIR_TEAM_MAX);
                return err_cite(err, rule->basis);
        }
        if (rule->n_guests < 0 || rule->n_guests > PAIR_TEAM_MAX)
                return err_set(err, E_PAIR_RULE, "受邀人员应为0至%d名", PAIR_TEAM_MAX);
        return true;
}

static bool is_certified(const struct pool_inspector *inspector, struct date day)
{
        return inspector->kind == POOL_OFFICER && !date_is_none(inspector->valid_to) &&
               date_cmp(day, inspector->valid_to) <= 0;
}

static bool is_barred(const struct pair_rule *rule, const struct pool_inspector *inspector,
                const struct pool_object *object)
{
        return rule->cross_district && inspector->district.n != 0 &&
               str_eq(inspector->district, object->region);
}

/* Officers without a valid certificate are nothing; guests need none. */
static bool may_inspect(const struct pair_rule *rule, const struct pool_inspector *inspector,
                const struct pool_object *object, struct date day)
{
        return (inspector->kind == POOL_GUEST || is_certified(inspector, day)) &&
               !is_barred(rule, inspector, object) && !pool_is_recused(inspector, object->id);
}

/* Who has how much to do is what changes from task to task. */
struct pairing {
        struct arena *arena;
        const struct pool *pool;
        const struct pair_rule *rule;
        const struct seed *seed;
        struct hasher *hasher;
        uint32_t *loads;                /* one for each inspector */
        struct pair_member *candidates; /* room for everyone, used task after task */
};

static int compare_members(const void *a, const void *b)
{
        const struct pair_member *x = a, *y = b;
        if (x->load != y->load)
                return x->load > y->load ? 1 : -1;
        int order = memcmp(x->ticket, y->ticket, TICKET_BYTES);
        return order != 0 ? order : (x->inspector > y->inspector) - (x->inspector < y->inspector);
}

/* Moves the first who may lead to the front; the others keep their order. */
static bool put_lead_first(const struct pool *pool, struct pair_member *members, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                if (!pool->inspectors[members[i].inspector].lead)
                        continue;
                struct pair_member lead = members[i];
                memmove(members + 1, members, i * sizeof(*members));
                members[0] = lead;
                return true;
        }
        return false;
}

/* Everyone of this kind who may inspect the object, in order. */
static size_t order_candidates(
                const struct pairing *pairing, size_t object, enum pool_inspector_kind kind)
{
        const struct pool *pool = pairing->pool;
        const struct pool_object *about = &pool->objects[object];
        struct pair_member *members = pairing->candidates;
        size_t n = 0;
        for (size_t i = 0; i < pool->n_inspectors; i++) {
                const struct pool_inspector *inspector = &pool->inspectors[i];
                if (inspector->kind != kind ||
                                !may_inspect(pairing->rule, inspector, about, pairing->rule->day))
                        continue;
                const struct str parts[] = {
                        { (const char *)pairing->seed->bytes, sizeof(pairing->seed->bytes) },
                        STR_LIT("inspector"),
                        about->id,
                        inspector->id,
                };
                members[n] = (struct pair_member){ .inspector = i, .load = pairing->loads[i] };
                hasher_parts(pairing->hasher, parts, N_ELEMENTS(parts), members[n].ticket);
                n++;
        }
        qsort(members, n, sizeof(*members), compare_members);
        return n;
}

struct team {
        const struct pair_member *members; /* those on the task, then the substitutes */
        size_t n, n_substitutes;
};

/* The first `want` candidates and those who follow; false if there are too few. */
static bool form_team(struct pairing *pairing, size_t n_candidates, size_t want, bool lead,
                struct team *ret)
{
        if (n_candidates < want ||
                        (lead && !put_lead_first(pairing->pool, pairing->candidates, n_candidates)))
                return false;
        size_t n = n_candidates - want < PAIR_SUBSTITUTES_MAX ? n_candidates
                                                              : want + PAIR_SUBSTITUTES_MAX;
        struct pair_member *members = arena_new_array(pairing->arena, n, struct pair_member);
        if (n != 0)
                memcpy(members, pairing->candidates, n * sizeof(*members));
        for (size_t i = 0; i < want; i++)
                pairing->loads[members[i].inspector]++;
        *ret = (struct team){ members, want, n - want };
        return true;
}

static struct pair_gap gap_of(const struct pool *pool, const struct pair_rule *rule, size_t object)
{
        const struct pool_object *about = &pool->objects[object];
        struct pair_gap gap = { .object = object, .n_needed = (size_t)rule->n_officers };
        bool has_lead = false;
        for (size_t i = 0; i < pool->n_inspectors; i++) {
                const struct pool_inspector *inspector = &pool->inspectors[i];
                if (!is_certified(inspector, rule->day))
                        continue;
                gap.n_certified++;
                if (is_barred(rule, inspector, about))
                        gap.n_same_district++;
                else if (pool_is_recused(inspector, about->id))
                        gap.n_recused++;
                else
                        has_lead |= inspector->lead;
        }
        gap.n_left = gap.n_certified - gap.n_same_district - gap.n_recused;
        gap.no_lead = gap.n_left >= gap.n_needed && rule->need_lead && !has_lead;
        return gap;
}

static bool is_gap(const struct pair_gap *gap)
{
        return gap->n_left < gap->n_needed || gap->no_lead;
}

/* An object that nobody is recused from has the gap of its region: computed once
 * for each region, so that a large pool costs a lookup per object. */
struct region_gap {
        struct str region;
        struct pair_gap gap;
};

static int compare_regions(const void *a, const void *b)
{
        return str_cmp(((const struct region_gap *)a)->region,
                        ((const struct region_gap *)b)->region);
}

static int compare_strs(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool *mark_recused(struct arena *arena, const struct pool *pool)
{
        bool *recused = arena_new_array(arena, pool->n_objects, bool);
        for (size_t i = 0; i < pool->n_inspectors; i++)
                for (size_t j = 0; j < pool->inspectors[i].n_recusals; j++) {
                        size_t at = pool_find_object(pool, pool->inspectors[i].recusals[j]);
                        assert(at != SIZE_MAX);
                        recused[at] = true;
                }
        return recused;
}

static size_t regions_of(struct arena *arena, const struct pool *pool, const struct pair_rule *rule,
                struct region_gap **ret)
{
        struct str *names = arena_new_array(arena, pool->n_inspectors + 1, struct str);
        struct region_gap *regions =
                        arena_new_array(arena, pool->n_inspectors + 1, struct region_gap);
        size_t n = 0;
        for (size_t i = 0; i < pool->n_inspectors; i++)
                names[i] = pool->inspectors[i].district;
        qsort(names, pool->n_inspectors, sizeof(*names), compare_strs);
        for (size_t i = 0; i < pool->n_inspectors; i++) {
                if (n > 0 && str_eq(regions[n - 1].region, names[i]))
                        continue;
                struct pool_object object = { .id = STR_LIT(""), .region = names[i] };
                struct pool one = *pool;
                one.objects = &object;
                one.n_objects = 1;
                regions[n++] = (struct region_gap){ names[i], gap_of(&one, rule, 0) };
        }
        *ret = regions;
        return n;
}

bool pair_gaps(struct arena *arena, const struct pool *pool, const struct pair_rule *rule,
                const struct pair_gap **ret, size_t *n_ret, struct err *err)
{
        if (!check_rule(rule, err))
                return false;
        const bool *recused = mark_recused(arena, pool);
        struct region_gap *regions;
        size_t n_regions = regions_of(arena, pool, rule, &regions);
        struct pool_object elsewhere = { .id = STR_LIT("") };
        struct pool far = *pool;
        far.objects = &elsewhere;
        const struct pair_gap nobody_barred = gap_of(&far, rule, 0);

        struct buf gaps = BUF(arena);
        for (size_t i = 0; i < pool->n_objects; i++) {
                if (pool->objects[i].excluded.n != 0)
                        continue;
                const struct region_gap key = { .region = pool->objects[i].region };
                const struct region_gap *region =
                                n_regions == 0 ? NULL
                                               : bsearch(&key, regions, n_regions, sizeof(key),
                                                                 compare_regions);
                struct pair_gap gap = recused[i]       ? gap_of(pool, rule, i)
                                      : region != NULL ? region->gap
                                                       : nobody_barred;
                gap.object = i;
                if (is_gap(&gap))
                        buf_add(&gaps, &gap, sizeof(gap));
        }
        *n_ret = gaps.n / sizeof(struct pair_gap);
        struct pair_gap *list = arena_new_array(arena, *n_ret, struct pair_gap);
        if (gaps.n != 0)
                memcpy(list, gaps.p, gaps.n);
        *ret = list;
        return true;
}

struct str pair_gap_text(struct arena *arena, const struct pool *pool, const struct pair_gap *gap)
{
        const struct pool_object *object = &pool->objects[gap->object];
        struct buf buf = BUF(arena);
        buf_format(&buf, "对象「%.*s」（层「%.*s」）配不齐执法人员：检查日证件有效的%zu名",
                        STR_FMT(object->id), STR_FMT(object->stratum), gap->n_certified);
        if (gap->n_same_district > 0)
                buf_format(&buf, "，交叉检查排除本区%zu名", gap->n_same_district);
        if (gap->n_recused > 0)
                buf_format(&buf, "，回避%zu名", gap->n_recused);
        buf_format(&buf, "，可用%zu名，需要%zu名", gap->n_left, gap->n_needed);
        if (gap->no_lead)
                buf_c(&buf, "，其中没有可以带队的人");
        return buf_str(&buf);
}

static bool pair_one(struct pairing *pairing, size_t object, struct pair_task *ret, struct err *err)
{
        const struct pair_rule *rule = pairing->rule;
        struct team officers, guests;
        size_t n = order_candidates(pairing, object, POOL_OFFICER);
        if (!form_team(pairing, n, (size_t)rule->n_officers, rule->need_lead, &officers)) {
                struct pair_gap gap = gap_of(pairing->pool, rule, object);
                struct str text = pair_gap_text(pairing->arena, pairing->pool, &gap);
                err_set(err, E_PAIR_GAP, "%.*s", STR_FMT(text));
                return err_cite(err, rule->basis);
        }
        n = order_candidates(pairing, object, POOL_GUEST);
        bool ok = form_team(pairing, n, n < (size_t)rule->n_guests ? n : (size_t)rule->n_guests,
                        false, &guests);
        assert(ok);
        *ret = (struct pair_task){
                .object = object,
                .officers = officers.members,
                .n_officers = officers.n,
                .substitutes = officers.members + officers.n,
                .n_substitutes = officers.n_substitutes,
                .guests = guests.members,
                .n_guests = guests.n,
                .guest_substitutes = guests.members + guests.n,
                .n_guest_substitutes = guests.n_substitutes,
        };
        return true;
}

bool pair_compute(struct arena *arena, const struct pool *pool, const struct pair_rule *rule,
                const struct seed *seed, const size_t *objects, size_t n_objects,
                struct pair_task *ret, struct err *err)
{
        if (!check_rule(rule, err))
                return false;
        _cleanup_(hasher_close) struct hasher *hasher = hasher_open();
        struct pairing pairing = { arena, pool, rule, seed, hasher,
                arena_new_array(arena, pool->n_inspectors, uint32_t),
                arena_new_array(arena, pool->n_inspectors, struct pair_member) };
        for (size_t i = 0; i < pool->n_inspectors; i++)
                pairing.loads[i] = pool->inspectors[i].load;
        struct pair_task *tasks = arena_new_array(arena, n_objects, struct pair_task);
        for (size_t i = 0; i < n_objects; i++) {
                assert(objects[i] < pool->n_objects);
                if (!pair_one(&pairing, objects[i], &tasks[i], err))
                        return false;
        }
        if (n_objects != 0)
                memcpy(ret, tasks, n_objects * sizeof(*ret));
        return true;
}

static bool holds(const struct pair_member *members, size_t n, size_t inspector)
{
        for (size_t i = 0; i < n; i++)
                if (members[i].inspector == inspector)
                        return true;
        return false;
}

static bool is_spent(const size_t *spent, size_t n, size_t inspector)
{
        for (size_t i = 0; i < n; i++)
                if (spent[i] == inspector)
                        return true;
        return false;
}

/* Would the team still have a lead if `inspector` went? */
static bool needs_lead_after(const struct pool *pool, const struct pair_rule *rule,
                const struct pair_task *task, size_t inspector)
{
        if (!rule->need_lead || !pool->inspectors[inspector].lead)
                return false;
        for (size_t i = 0; i < task->n_officers; i++)
                if (task->officers[i].inspector != inspector &&
                                pool->inspectors[task->officers[i].inspector].lead)
                        return false;
        return true;
}

bool pair_substitute(const struct pool *pool, const struct pair_rule *rule,
                const struct pair_task *task, size_t inspector, const size_t *spent, size_t n_spent,
                struct date day, struct pair_member *ret, struct err *err)
{
        assert(inspector < pool->n_inspectors);
        bool is_guest = pool->inspectors[inspector].kind == POOL_GUEST;
        const struct pair_member *team = is_guest ? task->guests : task->officers;
        const struct pair_member *order = is_guest ? task->guest_substitutes : task->substitutes;
        size_t n_team = is_guest ? task->n_guests : task->n_officers;
        size_t n_order = is_guest ? task->n_guest_substitutes : task->n_substitutes;
        if (!holds(team, n_team, inspector) &&
                        !(holds(order, n_order, inspector) && is_spent(spent, n_spent, inspector)))
                return err_field(err, E_PAIR_SUBSTITUTE, pool->inspectors[inspector].id,
                                "此人不在该检查组");
        bool lead = needs_lead_after(pool, rule, task, inspector);
        for (size_t i = 0; i < n_order; i++) {
                const struct pool_inspector *next = &pool->inspectors[order[i].inspector];
                if (is_spent(spent, n_spent, order[i].inspector) || (lead && !next->lead) ||
                                (!is_guest && !is_certified(next, day)))
                        continue;
                *ret = order[i];
                return true;
        }
        return err_set(err, E_PAIR_SUBSTITUTE, "%s",
                        lead ? "没有其他可以带队的人" : "抽定的递补次序已用完");
}

static bool admit_one(const struct pair_rule *rule, const struct pool_object *object,
                const struct pool_inspector *inspector, struct date day, struct err *err)
{
        const char *why = NULL;
        if (is_barred(rule, inspector, object))
                why = "交叉检查不得检查本区对象";
        else if (pool_is_recused(inspector, object->id))
                why = "对该对象应当回避";
        else if (inspector->kind == POOL_OFFICER && !is_certified(inspector, day))
                why = "执法证件在检查日无效";
        if (why == NULL)
                return true;
        err_field(err, E_PAIR_TEAM, inspector->id, "%s", why);
        return err_cite(err, rule->basis);
}

bool pair_admit(const struct pool *pool, const struct pair_rule *rule, size_t object,
                const size_t *inspectors, size_t n_inspectors, struct date day, struct err *err)
{
        assert(object < pool->n_objects);
        size_t n_officers = 0;
        bool has_lead = false;
        for (size_t i = 0; i < n_inspectors; i++) {
                assert(inspectors[i] < pool->n_inspectors);
                const struct pool_inspector *inspector = &pool->inspectors[inspectors[i]];
                if (!admit_one(rule, &pool->objects[object], inspector, day, err))
                        return false;
                if (is_spent(inspectors, i, inspectors[i]))
                        return err_field(err, E_PAIR_TEAM, inspector->id, "同一人列了两次");
                n_officers += inspector->kind == POOL_OFFICER;
                has_lead |= inspector->lead;
        }
        if (n_officers < PAIR_OFFICERS_MIN) {
                err_set(err, E_PAIR_TEAM, "持证执法人员只有%zu名，受邀人员不计入", n_officers);
                return err_cite(err, rule->basis);
        }
        if (rule->need_lead && !has_lead)
                return err_set(err, E_PAIR_TEAM, "没有可以带队的人");
        return true;
}
