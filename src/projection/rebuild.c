#include "projection/rebuild.h"

#include "ledger/event.h"
#include "projection/list.h"
#include "projection/projection.h"
#include "projection/tables.h"

#define PORTION         1000 /* events in one transaction */
#define META_REBUILDING STR_LIT("projection.rebuilding")
#define META_COUNTED    STR_LIT("projection.counted")

struct rebuilding {
        struct store *from, *to;
        const struct site_facts *site;
        const struct value *parameters;
        const struct rebuild_progress *progress;
        struct projection *projection;
        struct arena *arena;   /* of one event */
        struct list delivered; /* messages that need not be sent again */
        int64_t done, total;
        struct err *err;
};

struct delivery {
        int64_t seq, n, done;
};

static bool put_meta(struct tx *tx, struct str key, const char *value, struct err *err)
{
        return tx_run(tx, Q_META_PUT, PARAMS(param_text(key), param_text(str_of(value))), err);
}

/* ---- Before and after ---- */

static bool read_delivered(struct rebuilding *r, struct snapshot *snapshot)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        bool found;
        if (!snapshot_int(snapshot, Q_EVENT_COUNT, NO_PARAMS, &r->total, &found, r->err) ||
                        !snapshot_rows(snapshot, Q_OUTBOX_DELIVERED, NO_PARAMS, &rows, r->err))
                return false;
        while (rows_next(&rows))
                *(struct delivery *)list_add(&r->delivered) = (struct delivery){ rows_int(&rows, 0),
                        rows_int(&rows, 1), rows_int(&rows, 2) };
        return rows_end(&rows, r->err);
}

static bool empty_tables(struct rebuilding *r)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        const struct delivery *rows = r->delivered.items;
        if (!store_begin(r->to, &tx, r->err) || !put_meta(tx, META_REBUILDING, "1", r->err) ||
                        !put_meta(tx, META_COUNTED, "0", r->err))
                return false;
        for (size_t i = 0; i < r->delivered.n; i++)
                if (!tx_run(tx, Q_DELIVERED_PUT,
                                    PARAMS(param_int(rows[i].seq), param_int(rows[i].n),
                                                    param_int(rows[i].done)),
                                    r->err))
                        return false;
        for (size_t i = 0; i < N_ELEMENTS(read_tables); i++)
                if (!tx_run(tx, read_tables[i].drop, NO_PARAMS, r->err))
                        return false;
        return tx_commit(&tx, r->err);
}

static bool finish(struct rebuilding *r)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        return store_begin(r->to, &tx, r->err) && tx_run(tx, Q_DELIVERED_BACK, NO_PARAMS, r->err) &&
               tx_run(tx, Q_DELIVERED_FORGET, NO_PARAMS, r->err) &&
               put_meta(tx, META_REBUILDING, "0", r->err) && tx_commit(&tx, r->err);
}

/* ---- One event ---- */

struct stored {
        int64_t id, matter;
        struct leaf leaf;
        struct str data, key;
};

static bool read_event(struct rebuilding *r, const struct rows *rows, struct stored *ret)
{
        ret->id = rows_int(rows, 0);
        ret->matter = rows_int(rows, 1);
        ret->data = str_copy(r->arena, rows_text(rows, 4));
        ret->key = str_copy(r->arena, rows_text(rows, 6));
        return ledger_parse_leaf(str_copy(r->arena, rows_blob(rows, 3)), &ret->leaf, r->err);
}

/* The fact again; of an erased event what was left of its data. */
static bool make_fact(struct rebuilding *r, struct tx *tx, const struct stored *e, struct fact *ret)
{
        struct projection *p = r->projection;
        *ret = (struct fact){
                .matter = e->matter != e->id ? e->matter : 0,
                .act = e->leaf.act,
                .actor = e->leaf.actor,
                .on_behalf = e->leaf.on_behalf,
                .time = e->leaf.time,
                .data = value_context(NULL, 0),
        };
        bool defines = str_is(e->leaf.procedure, KIND_DEFINITION + 1) ||
                       str_is(e->leaf.procedure, KIND_CALENDAR + 1);
        if (!defines && projection_is_stale(p) && !projection_reload(p, tx_snapshot(tx), r->err))
                return false;
        if (!kind_parse(r->arena, projection_catalogue(p), e->leaf.procedure, ret, r->err))
                return false;
        if (e->data.n != 0 && !value_parse_json(r->arena, e->data, &ret->data, r->err))
                return false;
        return ret->version == NULL || matter_type_data(r->arena, ret->version, &ret->data, r->err);
}

static bool fold_event(struct rebuilding *r, struct tx *tx, const struct stored *e)
{
        struct fact fact;
        struct matter *before = NULL, *after = NULL;
        if (!make_fact(r, tx, e, &fact))
                return false;
        if (fact.version != NULL && fact.matter == 0) {
                after = matter_new(r->arena, fact.version);
                after->id = e->id;
        } else if (fact.version != NULL) {
                if (!projection_matter(r->arena, tx, r->projection, fact.matter, &before, r->err))
                        return false;
                after = matter_copy(r->arena, before);
        }
        if (after != NULL && !matter_apply(r->arena, after, &fact, e->id, r->err))
                return false;
        return projection_apply(
                        r->arena, tx, r->projection, before, after, &fact, e->id, e->key, r->err);
}

static bool fold_portion(struct rebuilding *r, int64_t *after, bool *ret_more)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        int n = 0;
        if (!snapshot_open(r->from, &snapshot, r->err) || !store_begin(r->to, &tx, r->err) ||
                        !snapshot_rows(snapshot, Q_EVENTS_FROM,
                                        PARAMS(param_int(*after), param_int(INT64_MAX),
                                                        param_int(PORTION)),
                                        &rows, r->err))
                return false;
        while (rows_next(&rows)) {
                struct stored e;
                arena_reset(r->arena);
                if (!read_event(r, &rows, &e) || !fold_event(r, tx, &e))
                        return false;
                *after = e.id + 1;
                n++;
        }
        if (!rows_end(&rows, r->err) || !tx_commit(&tx, r->err))
                return false;
        projection_keep(r->projection);
        r->done += n;
        *ret_more = n == PORTION;
        return true;
}

static bool tell(struct rebuilding *r)
{
        const struct rebuild_progress *p = r->progress;
        return p == NULL || p->tell(p->user, r->done, r->total) ||
               err_set(r->err, E_FOLD_STOPPED, "%lld/%lld", (long long)r->done,
                               (long long)r->total);
}

static bool fold_all(struct rebuilding *r)
{
        int64_t after = 0;
        bool more = true;
        while (more)
                if (!tell(r) || !fold_portion(r, &after, &more))
                        return false;
        return tell(r);
}

static bool prepare(struct rebuilding *r)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(r->from, &snapshot, r->err) && read_delivered(r, snapshot);
}

/* Not projection_open(): that refuses tables which are being rebuilt. */
static bool start(struct rebuilding *r)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        if (!projection_open_with(NULL, NULL, r->site, &r->projection, r->err) ||
                        !snapshot_open(r->to, &snapshot, r->err))
                return false;
        projection_set_parameters(r->projection, r->parameters);
        return projection_follow(r->projection, snapshot, r->err);
}

bool projection_rebuild(struct store *from, struct store *to, const struct site_facts *site,
                const struct value *parameters, const struct rebuild_progress *progress,
                struct err *err)
{
        struct arena *held _cleanup_(arena_close) = arena_open();
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct rebuilding r = { .from = from,
                .to = to,
                .site = site,
                .parameters = parameters,
                .progress = progress,
                .arena = arena,
                .delivered = LIST(held, struct delivery),
                .err = err };
        bool done = prepare(&r) && empty_tables(&r) && start(&r) && fold_all(&r) && finish(&r);
        projection_close(&r.projection);
        return done;
}
