#include "draw/draw.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "draw/rfc3797.h"
#include "draw/ticket.h"

/* Plan strata by name, for lookup only: the plan's own order is what counts. */
struct stratum_ref {
        struct str name;
        size_t index;
};

struct strata {
        const struct stratum_ref *refs;
        size_t n;
};

static int compare_refs(const void *a, const void *b)
{
        return str_cmp(((const struct stratum_ref *)a)->name,
                        ((const struct stratum_ref *)b)->name);
}

static size_t strata_find(const struct strata *strata, struct str name)
{
        const struct stratum_ref key = { .name = name };
        const struct stratum_ref *found =
                        bsearch(&key, strata->refs, strata->n, sizeof(key), compare_refs);
        return found != NULL ? found->index : SIZE_MAX;
}

static bool check_stratum(const struct draw_stratum *stratum, struct err *err)
{
        if (stratum->name.n == 0 || stratum->name.n > LIMIT_NAME_BYTES)
                return err_field(err, E_DRAW_STRATUM, stratum->name, "层名应为1至%u字节",
                                LIMIT_NAME_BYTES);
        if (stratum->rule == DRAW_RATIO && (stratum->ratio < 0 || stratum->ratio > DRAW_RATIO_ALL))
                return err_field(err, E_DRAW_RATIO, stratum->name, "比例为%d.%02d%%",
                                stratum->ratio / 100, abs(stratum->ratio % 100));
        if (stratum->minimum < 0 || stratum->count < 0 || stratum->n_substitutes < 0)
                return err_field(err, E_DRAW_SIZE, stratum->name, "数量不能为负");
        return true;
}

static bool index_strata(struct arena *arena, const struct draw_plan *plan, struct strata *ret,
                struct err *err)
{
        if (plan->n_strata < 1 || plan->n_strata > DRAW_STRATA_MAX)
                return err_set(err, E_DRAW_STRATUM, "层数应为1至%d", DRAW_STRATA_MAX);
        struct stratum_ref *refs = arena_new_array(arena, plan->n_strata, struct stratum_ref);
        for (size_t i = 0; i < plan->n_strata; i++) {
                if (!check_stratum(&plan->strata[i], err))
                        return false;
                refs[i] = (struct stratum_ref){ plan->strata[i].name, i };
        }
        qsort(refs, plan->n_strata, sizeof(*refs), compare_refs);
        for (size_t i = 1; i < plan->n_strata; i++)
                if (str_eq(refs[i - 1].name, refs[i].name))
                        return err_field(err, E_DRAW_STRATUM, refs[i].name, "同一层列了两次");
        *ret = (struct strata){ refs, plan->n_strata };
        return true;
}

static bool count_objects(const struct pool *pool, const struct draw_plan *plan,
                const struct strata *strata, struct draw_size *sizes, struct err *err)
{
        memset(sizes, 0, plan->n_strata * sizeof(*sizes));
        for (size_t i = 0; i < pool->n_objects; i++) {
                const struct pool_object *object = &pool->objects[i];
                if (object->excluded.n != 0)
                        continue;
                size_t at = strata_find(strata, object->stratum);
                if (at == SIZE_MAX)
                        return err_field(err, E_DRAW_STRATUM, object->stratum,
                                        "名录库中有这一层（对象「%.*s」），计划中没有",
                                        STR_FMT(object->id));
                sizes[at].size++;
                sizes[at].weight += object->weight;
        }
        return true;
}

static bool size_sample(const struct draw_stratum *stratum, struct draw_size *size, struct err *err)
{
        uint64_t sample = (uint64_t)stratum->count;
        if (stratum->rule == DRAW_RATIO) {
                uint64_t least = stratum->minimum > 1 ? (uint64_t)stratum->minimum : size->size > 0;
                sample = ((uint64_t)stratum->ratio * size->size + DRAW_RATIO_ALL - 1) /
                         DRAW_RATIO_ALL;
                if (sample < least)
                        sample = least;
        } else if (sample == 0 && size->size > 0) {
                return err_field(err, E_DRAW_SIZE, stratum->name, "该层有%zu个对象，至少抽1个",
                                size->size);
        }
        if (sample > size->size)
                return err_field(err, E_DRAW_SIZE, stratum->name,
                                "要抽%llu个，该层只有%zu个对象参加", (unsigned long long)sample,
                                size->size);
        size->sample = (size_t)sample;
        return true;
}

/* RFC 3797 has no weights, and numbers its list with two bytes. */
static bool check_method(const struct pool *pool, const struct draw_plan *plan,
                const struct draw_size *sizes, struct err *err)
{
        if (plan->method != DRAW_RFC3797)
                return true;
        for (size_t i = 0; i < pool->n_objects; i++)
                if (pool->objects[i].excluded.n == 0 && pool->objects[i].weight != 1)
                        return err_field(err, E_RFC3797, pool->objects[i].id, "此方法不能加权");
        for (size_t i = 0; i < plan->n_strata; i++)
                if (sizes[i].size > RFC3797_POOL_MAX)
                        return err_field(err, E_RFC3797, plan->strata[i].name,
                                        "此方法每层最多 %d 个对象", RFC3797_POOL_MAX);
        return true;
}

static bool size_strata(const struct pool *pool, const struct draw_plan *plan,
                const struct strata *strata, struct draw_size *ret, struct err *err)
{
        if (!count_objects(pool, plan, strata, ret, err) || !check_method(pool, plan, ret, err))
                return false;
        int64_t total = 0;
        for (size_t i = 0; i < plan->n_strata; i++) {
                if (!size_sample(&plan->strata[i], &ret[i], err))
                        return false;
                total += (int64_t)ret[i].sample;
        }
        if (plan->total >= 0 && total != plan->total)
                return err_set(err, E_DRAW_TOTAL, "公告总数%lld，各层合计%lld",
                                (long long)plan->total, (long long)total);
        return true;
}

bool draw_sizes(struct arena *arena, const struct pool *pool, const struct draw_plan *plan,
                struct draw_size *ret, struct err *err)
{
        struct strata strata;
        struct draw_size *sizes = arena_new_array(arena, plan->n_strata, struct draw_size);
        if (!index_strata(arena, plan, &strata, err) ||
                        !size_strata(pool, plan, &strata, sizes, err))
                return false;
        memcpy(ret, sizes, plan->n_strata * sizeof(*ret));
        return true;
}

/* The lowest `want` tickets seen so far: kept twice as many before each cut, so
 * that a million objects cost one comparison each and not a full sort. */
struct lowest {
        struct draw_pick *kept;
        size_t n, want;
        bool is_cut; /* below[] holds the want-th ticket of the last cut */
        uint8_t below[TICKET_BYTES];
};

/* Equal tickets of two objects would be a SHA-256 collision; the pool's order
 * settles even that. */
static int compare_picks(const void *a, const void *b)
{
        const struct draw_pick *x = a, *y = b;
        int order = memcmp(x->ticket, y->ticket, TICKET_BYTES);
        return order != 0 ? order : (x->object > y->object) - (x->object < y->object);
}

static void lowest_cut(struct lowest *lowest)
{
        qsort(lowest->kept, lowest->n, sizeof(*lowest->kept), compare_picks);
        if (lowest->n < lowest->want || lowest->want == 0)
                return;
        lowest->n = lowest->want;
        lowest->is_cut = true;
        memcpy(lowest->below, lowest->kept[lowest->n - 1].ticket, TICKET_BYTES);
}

static void lowest_add(struct lowest *lowest, const struct draw_pick *pick)
{
        if (lowest->want == 0)
                return;
        if (lowest->is_cut && memcmp(pick->ticket, lowest->below, TICKET_BYTES) > 0)
                return;
        lowest->kept[lowest->n++] = *pick;
        if (lowest->n == 2 * lowest->want)
                lowest_cut(lowest);
}

/* An object's lowest ticket among its `weight` many. */
static struct draw_pick best_ticket(struct hasher *hasher, const struct seed *seed,
                const struct pool_object *object, size_t index)
{
        struct draw_pick best = { .object = index };
        char k_text[12];
        struct str parts[] = {
                { (const char *)seed->bytes, sizeof(seed->bytes) },
                STR_LIT("object"),
                object->stratum,
                object->id,
                { k_text, 0 },
        };
        for (uint32_t k = 1; k <= object->weight; k++) {
                uint8_t ticket[TICKET_BYTES];
                size_t n = 0;
                if (k >= 100)
                        k_text[n++] = (char)('0' + k / 100);
                if (k >= 10)
                        k_text[n++] = (char)('0' + k / 10 % 10);
                k_text[n++] = (char)('0' + k % 10);
                parts[4].n = n;
                hasher_parts(hasher, parts, N_ELEMENTS(parts), ticket);
                if (k == 1 || memcmp(ticket, best.ticket, TICKET_BYTES) < 0) {
                        best.k = k;
                        memcpy(best.ticket, ticket, TICKET_BYTES);
                }
        }
        return best;
}

static size_t n_published(const struct draw_stratum *stratum, const struct draw_size *size)
{
        size_t left = size->size - size->sample;
        size_t wanted = (size_t)stratum->n_substitutes;
        return size->sample + (wanted < left ? wanted : left);
}

static void set_result(struct draw_result *result, const struct draw_size *size,
                const struct draw_pick *picks, size_t n)
{
        assert(n >= size->sample);
        *result = (struct draw_result){
                .size = *size,
                .picks = picks,
                .substitutes = picks + size->sample,
                .n_substitutes = n - size->sample,
        };
}

static void draw_by_ticket(struct arena *arena, const struct pool *pool,
                const struct draw_plan *plan, const struct strata *strata,
                const struct draw_size *sizes, const struct seed *seed, struct draw_result *results)
{
        struct lowest *lowest = arena_new_array(arena, plan->n_strata, struct lowest);
        for (size_t s = 0; s < plan->n_strata; s++) {
                lowest[s].want = n_published(&plan->strata[s], &sizes[s]);
                lowest[s].kept = arena_new_array(arena, 2 * lowest[s].want, struct draw_pick);
        }
        _cleanup_(hasher_close) struct hasher *hasher = hasher_open();
        for (size_t i = 0; i < pool->n_objects; i++) {
                const struct pool_object *object = &pool->objects[i];
                if (object->excluded.n != 0)
                        continue;
                struct draw_pick pick = best_ticket(hasher, seed, object, i);
                lowest_add(&lowest[strata_find(strata, object->stratum)], &pick);
        }
        for (size_t s = 0; s < plan->n_strata; s++) {
                lowest_cut(&lowest[s]);
                set_result(&results[s], &sizes[s], lowest[s].kept, lowest[s].n);
        }
}

/* The numbered list of a stratum is its objects in the draw, by id; the key gets
 * the number of the stratum as one more source, so that strata differ. */
static bool draw_stratum_by_rfc3797(struct arena *arena, const struct pool *pool,
                const struct draw_plan *plan, size_t s, const struct draw_size *size,
                struct draw_result *result, struct err *err)
{
        size_t n = n_published(&plan->strata[s], size), n_members = 0;
        size_t *members = arena_new_array(arena, size->size, size_t);
        for (size_t i = 0; i < pool->n_objects; i++) {
                const struct pool_object *object = &pool->objects[i];
                if (object->excluded.n != 0 || !str_eq(object->stratum, plan->strata[s].name))
                        continue;
                members[n_members++] = i;
        }
        assert(n_members == size->size);

        struct draw_pick *picks = arena_new_array(arena, n, struct draw_pick);
        struct rfc3797_pick *numbers = arena_new_array(arena, n, struct rfc3797_pick);
        struct str key = str_format(arena, "%.*s%zu./", STR_FMT(plan->key), s + 1);
        if (n > 0 && !rfc3797_select(arena, key, n_members, n, numbers, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                picks[i] = (struct draw_pick){ .object = members[numbers[i].number - 1], .k = 1 };
                memcpy(picks[i].ticket, numbers[i].digest, sizeof(numbers[i].digest));
        }
        set_result(result, size, picks, n);
        return true;
}

bool draw_compute(struct arena *arena, const struct pool *pool, const struct draw_plan *plan,
                const struct seed *seed, struct draw *ret, struct err *err)
{
        struct strata strata;
        if (!index_strata(arena, plan, &strata, err))
                return false;
        struct draw_size *sizes = arena_new_array(arena, plan->n_strata, struct draw_size);
        struct draw_result *results = arena_new_array(arena, plan->n_strata, struct draw_result);
        if (!size_strata(pool, plan, &strata, sizes, err))
                return false;

        if (plan->method == DRAW_TICKET)
                draw_by_ticket(arena, pool, plan, &strata, sizes, seed, results);
        else
                for (size_t s = 0; s < plan->n_strata; s++)
                        if (!draw_stratum_by_rfc3797(
                                            arena, pool, plan, s, &sizes[s], &results[s], err))
                                return false;
        *ret = (struct draw){
                .strata = results,
                .n_strata = plan->n_strata,
                .n_ticket = plan->method == DRAW_TICKET ? TICKET_BYTES : 16,
        };
        return true;
}

static bool picks_hold(const struct draw_pick *picks, size_t n, size_t object)
{
        for (size_t i = 0; i < n; i++)
                if (picks[i].object == object)
                        return true;
        return false;
}

static bool spent_holds(const size_t *spent, size_t n, size_t object)
{
        for (size_t i = 0; i < n; i++)
                if (spent[i] == object)
                        return true;
        return false;
}

bool draw_substitute(const struct draw *draw, size_t object, const size_t *spent, size_t n_spent,
                struct draw_pick *ret, struct err *err)
{
        for (size_t s = 0; s < draw->n_strata; s++) {
                const struct draw_result *result = &draw->strata[s];
                bool drawn = picks_hold(result->picks, result->size.sample, object) ||
                             (picks_hold(result->substitutes, result->n_substitutes, object) &&
                                             spent_holds(spent, n_spent, object));
                if (!drawn)
                        continue;
                for (size_t i = 0; i < result->n_substitutes; i++) {
                        if (spent_holds(spent, n_spent, result->substitutes[i].object))
                                continue;
                        *ret = result->substitutes[i];
                        return true;
                }
                return err_set(err, E_DRAW_SUBSTITUTE, "该层公布的递补对象已用完");
        }
        return err_set(err, E_DRAW_SUBSTITUTE, "该对象没有被抽中");
}
