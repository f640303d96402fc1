#include "projection/projection.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "projection/fold.h"
#include "projection/indicator.h"
#include "projection/list.h"
#include "projection/matter_read.h"

#define META_COUNTED "projection.counted"

struct planned {
        const struct version *version; /* the key */
        const struct plan *plan;
        UT_hash_handle hh;
};

const struct plan *fold_plan(struct projection *projection, const struct version *version)
{
        struct planned *planned;
        HASH_FIND_PTR(projection->plans, &version, planned);
        if (planned != NULL)
                return planned->plan;
        planned = calloc(1, sizeof(*planned));
        if (planned == NULL)
                abort();
        planned->version = version;
        planned->plan = plan_new(projection->arena, projection->catalogue, version);
        HASH_ADD_PTR(projection->plans, version, planned);
        return planned->plan;
}

static void forget_plans(struct projection *projection)
{
        struct planned *planned, *next;
        HASH_ITER (hh, projection->plans, planned, next) {
                HASH_DEL(projection->plans, planned);
                free(planned);
        }
}

/* ---- What is in force ---- */

/* Two numbers that change whenever a definition or a calendar does. */
static bool read_in_force(struct snapshot *snapshot, int64_t *ret_definitions,
                int64_t *ret_calendars, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_IN_FORCE_MARK, NO_PARAMS, &rows, err))
                return false;
        if (rows_next(&rows)) {
                *ret_definitions = rows_int(&rows, 0);
                *ret_calendars = rows_int(&rows, 1);
        }
        return rows_end(&rows, err);
}

/* What is held already stays: a catalogue is large, and old ones are kept. */
static bool read_definitions(
                struct projection *projection, struct snapshot *snapshot, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(projection->arena, struct definition_source);
        struct str problems;
        int64_t mark = 0, calendars = 0;
        if (!read_in_force(snapshot, &mark, &calendars, err))
                return false;
        if (projection->catalogue != NULL && mark == projection->definitions)
                return true;
        if (!snapshot_rows(snapshot, Q_DEFINITION_LIST, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct definition_source *)list_add(&list) = (struct definition_source){
                        .name = str_copy(projection->arena, rows_text(&rows, 0)),
                        .text = str_copy(projection->arena, rows_text(&rows, 1)),
                        .accepted = true,
                };
        struct catalogue *catalogue = arena_new(projection->arena, struct catalogue);
        if (!rows_end(&rows, err) ||
                        (list.n != 0 && !catalogue_load(projection->arena, list.items, list.n,
                                                        catalogue, &problems, err)))
                return false;
        projection->catalogue = catalogue;
        projection->definitions = mark;
        forget_plans(projection);
        cache_forget_entries(projection->cache); /* they are kept as registers had them read */
        return true;
}

static bool read_calendars(
                struct projection *projection, struct snapshot *snapshot, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(projection->arena, struct calendar_file);
        int64_t definitions = 0, mark = 0;
        if (!read_in_force(snapshot, &definitions, &mark, err))
                return false;
        if (projection->calendars != NULL && mark == projection->calendars_mark)
                return true;
        if (!snapshot_rows(snapshot, Q_CALENDAR_LIST, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct calendar_file *)list_add(&list) = (struct calendar_file){
                        .name = str_copy(projection->arena, rows_text(&rows, 0)),
                        .text = str_copy(projection->arena, rows_text(&rows, 1)),
                };
        if (!rows_end(&rows, err) || !calendar_set_new(projection->arena, list.items, list.n,
                                                     &projection->calendars, err))
                return false;
        projection->calendars_mark = mark;
        return true;
}

static bool read_marks(struct projection *projection, struct snapshot *snapshot, struct err *err)
{
        int64_t year;
        bool found;
        if (!snapshot_int(snapshot, Q_FREEZE_LAST, NO_PARAMS, &year, &found, err))
                return false;
        projection->frozen_through = found ? period_year((int)year).to : 0;
        return snapshot_int(snapshot, Q_META_GET, PARAMS(param_text(STR_LIT(META_COUNTED))),
                        &projection->counted, &found, err);
}

bool projection_reload(struct projection *projection, struct snapshot *snapshot, struct err *err)
{
        if (!projection->given && (!read_definitions(projection, snapshot, err) ||
                                                  !read_calendars(projection, snapshot, err)))
                return false;
        projection->stale = projection->redefined = false;
        return read_marks(projection, snapshot, err);
}

bool projection_is_behind(struct projection *projection, struct snapshot *snapshot, bool *ret,
                struct err *err)
{
        int64_t definitions = 0, calendars = 0;
        *ret = false;
        if (projection->given)
                return true;
        if (!read_in_force(snapshot, &definitions, &calendars, err))
                return false;
        *ret = definitions != projection->definitions || calendars != projection->calendars_mark;
        return true;
}

bool projection_follow(struct projection *projection, struct snapshot *snapshot, struct err *err)
{
        projection->given = false;
        projection->definitions = projection->calendars_mark = -1;
        return projection_reload(projection, snapshot, err);
}

static struct projection *projection_new(const struct site_facts *site)
{
        struct projection *projection = calloc(1, sizeof(*projection));
        if (projection == NULL)
                abort();
        projection->soonest_look = INT64_MAX;
        projection->arena = arena_open();
        projection->site = site;
        projection->cache = cache_open();
        return projection;
}

bool projection_open(struct snapshot *snapshot, const struct site_facts *site,
                struct projection **ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_META_GET,
                            PARAMS(param_text(STR_LIT("projection.rebuilding"))), &rows, err))
                return false;
        bool unfinished = rows_next(&rows) && str_is(rows_text(&rows, 0), "1");
        if (!rows_end(&rows, err))
                return false;
        if (unfinished)
                return err_set(err, E_FOLD_UNFINISHED, "读表不完整");
        struct projection *projection = projection_new(site);
        if (!projection_reload(projection, snapshot, err)) {
                projection_close(&projection);
                return false;
        }
        *ret = projection;
        return true;
}

bool projection_open_with(const struct catalogue *catalogue, const struct calendar_set *calendars,
                const struct site_facts *site, struct projection **ret, struct err *err)
{
        (void)err;
        struct projection *projection = projection_new(site);
        projection->given = true;
        projection->catalogue = catalogue;
        projection->calendars = calendars;
        *ret = projection;
        return true;
}

void projection_set_parameters(struct projection *projection, const struct value *parameters)
{
        projection->parameters = parameters;
}

void projection_close(struct projection **projection)
{
        struct projection *p = *projection;
        if (p == NULL)
                return;
        forget_plans(p);
        cache_close(&p->cache);
        arena_close(&p->arena);
        free(p);
        *projection = NULL;
}

const struct catalogue *projection_catalogue(const struct projection *projection)
{
        return projection->catalogue;
}

const struct calendar_set *projection_calendars(const struct projection *projection)
{
        return projection->calendars;
}

bool projection_is_stale(const struct projection *projection)
{
        return projection->stale;
}

bool projection_is_shaken(const struct projection *projection)
{
        return projection->shaken;
}

int64_t projection_soonest_look(struct projection *projection)
{
        int64_t soonest = projection->soonest_look;
        projection->soonest_look = INT64_MAX;
        return soonest;
}

/* ---- With the transaction ---- */

size_t projection_mark(const struct projection *projection)
{
        return cache_mark(projection->cache);
}

/* What is in force may have been undone with the rest: it is read again. */
void projection_back(struct projection *projection, size_t mark)
{
        cache_back(projection->cache, mark);
        projection->stale = projection->stale || projection->shaken;
        projection->redefined = projection->redefined || projection->shaken;
        if (projection->shaken)
                projection->definitions = projection->calendars_mark =
                                -1; /* the marks of what was undone say nothing */
}

void projection_keep(struct projection *projection)
{
        cache_keep(projection->cache);
        projection->shaken = false;
}

void projection_forget(struct projection *projection)
{
        projection_back(projection, 0);
        projection->shaken = false;
}

void projection_start_over(struct projection *projection)
{
        projection_forget(projection);
        cache_clear(projection->cache);
        projection->stale = projection->redefined = !projection->given;
}

static void open_world(struct world *world, struct tx *tx, struct projection *projection,
                struct moment now)
{
        world_open(world, tx_snapshot(tx), projection->catalogue, projection->calendars,
                        projection->site, now);
        world->cache = projection->cache;
        world->parameters = projection->parameters;
}

void projection_circumstances(struct arena *arena, struct tx *tx, struct projection *projection,
                struct moment now, struct circumstances *ret)
{
        struct world *world = arena_new(arena, struct world);
        open_world(world, tx, projection, now);
        world->tx = tx;
        *ret = world->circumstances;
}

bool projection_lookup_failed(const struct circumstances *circumstances, struct err *err)
{
        const struct world *world = circumstances->lookups->user;
        if (world->failed)
                *err = world->err;
        return world->failed;
}

bool projection_matter(struct arena *arena, struct tx *tx, struct projection *projection,
                int64_t id, struct matter **ret, struct err *err)
{
        struct matter_row row;
        bool found;
        if (!matter_row_get(arena, tx_snapshot(tx), projection->cache, id, &row, &found, err))
                return false;
        if (!found)
                return err_set(err, E_NOT_FOUND, "没有办件 #%lld", (long long)id);
        return matter_row_open(arena, projection->catalogue, &row, ret, err);
}

bool projection_look_ahead(struct arena *arena, struct tx *tx, struct projection *projection,
                int64_t id, struct err *err)
{
        struct matter_row row;
        struct str packed;
        bool found;
        return cache_get_matter(projection->cache, id, &packed) ||
               matter_row_get(arena, tx_snapshot(tx), projection->cache, id, &row, &found, err);
}

bool projection_find(struct tx *tx, struct projection *projection, struct str number, int64_t *ret,
                struct err *err)
{
        if (cache_get_number(projection->cache, number, ret))
                return true;
        if (!matter_find(tx_snapshot(tx), number, ret, err))
                return false;
        cache_put_number(projection->cache, number, *ret);
        return true;
}

bool projection_settled(const struct projection *projection, struct str key)
{
        int64_t id;
        return cache_get_receipt(projection->cache, key, &id);
}

/* ---- Folding ---- */

const struct value *fold_data(const struct fold *fold, const char *name)
{
        return fold->fact->data.kind == VALUE_CONTEXT ? value_get(&fold->fact->data, str_of(name))
                                                      : NULL;
}

bool fold_broken(struct fold *fold, const char *what)
{
        return err_set(fold->err, E_FOLD_DATA, "%.*s #%lld：%s", STR_FMT(fold->fact->act),
                        (long long)fold->id, what);
}

static bool count_again(struct fold *fold, int64_t id)
{
        bool found;
        struct matter *matter;
        if (!matter_row_get(fold->arena, tx_snapshot(fold->tx), fold->projection->cache, id,
                            &fold->row, &found, fold->err) ||
                        !found ||
                        !matter_row_open(fold->arena, fold->projection->catalogue, &fold->row,
                                        &matter, fold->err))
                return false;
        struct str old = fold->row.counted;
        fold->after = matter;
        fold->plan = fold_plan(fold->projection, matter->version);
        if (!fold_contributions(fold, true))
                return false;
        if (str_eq(old, fold->row.counted))
                return true;
        matter_row_keep(fold->arena, fold->projection->cache, &fold->row);
        return tx_put(fold->tx, Q_MATTER_SET_COUNTED,
                        PARAMS(param_int(id), param_blob(fold->row.counted)), fold->err);
}

#define PORTION 256

static bool next_matters(struct tx *tx, int64_t after, int64_t *ids, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret_n = 0;
        if (!snapshot_rows(tx_snapshot(tx), Q_MATTERS_FROM,
                            PARAMS(param_int(after), param_int(PORTION)), &rows, err))
                return false;
        while (*ret_n < PORTION && rows_next(&rows))
                ids[(*ret_n)++] = rows_int(&rows, 0);
        return rows_end(&rows, err);
}

bool projection_recount(struct arena *arena, struct tx *tx, struct projection *projection,
                struct moment now, struct err *err)
{
        int64_t ids[PORTION], after = 0;
        size_t n;
        (void)arena;
        do {
                if (!next_matters(tx, after, ids, &n, err))
                        return false;
                struct arena *portion _cleanup_(arena_close) = arena_open();
                struct fact none = { .time = now };
                struct fold fold = { .arena = portion,
                        .tx = tx,
                        .projection = projection,
                        .fact = &none,
                        .err = err };
                open_world(&fold.world, tx, projection, now);
                for (size_t i = 0; i < n; i++)
                        if (!count_again(&fold, ids[i]))
                                return false;
                if (fold.world.failed) {
                        *err = fold.world.err;
                        return false;
                }
                if (n != 0)
                        after = ids[n - 1];
        } while (n == PORTION);
        return true;
}

/* New definitions count for the matters there are, once, before the next fact. */
static bool catch_up(struct arena *arena, struct tx *tx, struct projection *projection,
                const struct fact *fact, struct err *err)
{
        char text[32];
        if (projection->stale && !projection_reload(projection, tx_snapshot(tx), err))
                return false;
        if (projection->given || projection->counted == projection->definitions)
                return true;
        projection->shaken = true;
        snprintf(text, sizeof(text), "%lld", (long long)projection->definitions);
        if (!projection_recount(arena, tx, projection, fact->time, err) ||
                        !tx_put(tx, Q_META_PUT,
                                        PARAMS(param_text(STR_LIT(META_COUNTED)),
                                                        param_text(str_of(text))),
                                        err))
                return false;
        projection->counted = projection->definitions;
        return true;
}

/* Definitions come in one by one, and so do notices of holidays: they are read when something
 * else follows. */
static bool is_gathered(const struct projection *projection, const struct fact *fact)
{
        return str_is(fact->reg, KIND_DEFINITION) ||
               (str_is(fact->reg, KIND_CALENDAR) && !projection->redefined);
}

static bool is_kernel(const struct fact *fact)
{
        return fact->version == NULL && fact->reg.n != 0 && fact->reg.p[0] == '$';
}

static bool fold_fact(struct fold *fold)
{
        if (is_kernel(fold->fact)) {
                fold->projection->shaken = true;
                return fold_kernel(fold);
        }
        if (fold->fact->version == NULL)
                return fold_writes(fold);
        fold->plan = fold_plan(fold->projection, fold->after->version);
        return fold_matter(fold);
}

bool projection_apply(struct arena *arena, struct tx *tx, struct projection *projection,
                const struct matter *before, const struct matter *after, const struct fact *fact,
                int64_t id, struct str key, struct err *err)
{
        assert((fact->version == NULL) == (after == NULL) && (after != NULL || before == NULL));
        struct fold fold = { .arena = arena,
                .tx = tx,
                .projection = projection,
                .fact = fact,
                .id = id,
                .before = before,
                .after = after,
                .err = err };
        if (!is_gathered(projection, fact) && !catch_up(arena, tx, projection, fact, err))
                return false;
        open_world(&fold.world, tx, projection, fact->time);
        if (!fold_fact(&fold))
                return false;
        if (fold.world.failed) {
                *err = fold.world.err;
                return false;
        }
        if (key.n == 0)
                return true;
        cache_put_receipt(projection->cache, key, id);
        return tx_put(tx, Q_RECEIPT_PUT, PARAMS(param_text(key), param_int(id)), err);
}
