#include "desk/writer.h"

#include <assert.h>

#include "base/log.h"
#include "desk/desk_state.h"
#include "ledger/event.h"
#include "projection/matter_read.h"
#include "projection/projection.h"
#include "store/ids.h"

#define ORGAN 0 /* the first of the store */

bool writer_is_store_failure(const struct err *err)
{
        return err->code != E_STORE_CONFLICT &&
               strncmp(err_text(err->code)->name, "E_STORE_", 8) == 0;
}

/* ---- The turn ---- */

static bool read_time(struct writer *w, int64_t seq, struct moment *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct leaf leaf;
        if (!snapshot_rows(tx_snapshot(w->tx), Q_EVENT_GET, PARAMS(param_int(id_of(ORGAN, seq))),
                            &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) && err_set(err, E_LEDGER_NODE, "缺少最新的事件");
        if (!ledger_parse_leaf(rows_blob(&rows, 3), &leaf, err))
                return false;
        *ret = leaf.time;
        return rows_end(&rows, err);
}

/* Where the ledger ends: what we remember, unless somebody else has written. */
static bool find_tip(struct writer *w, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(tx_snapshot(w->tx), Q_LEDGER_GET, PARAMS(param_int(ORGAN)), &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) && err_set(err, E_SITE_LEDGER, "没有账本");
        struct sealer *sealer = &w->desk->sealer;
        int64_t size = rows_int(&rows, 2);
        bool same = w->desk->has_tip && size == w->desk->tip.next_seq;
        if (same && sealer->knows) {
                w->tip = w->desk->tip;
                return rows_end(&rows, err);
        }
        sealer_forget(sealer);
        if (!same)
                projection_start_over(w->projection);
        struct tip tip = { .next_seq = size };
        if (!sealer_start(sealer, rows_blob(&rows, 3), err))
                return false;
        if (sealer->frontier.size != (uint64_t)size)
                return err_set(err, E_LEDGER_FRONTIER, "条数不符");
        if (!rows_end(&rows, err) || (size > 0 && !read_time(w, size - 1, &tip.time, err)))
                return false;
        w->tip = tip;
        return true;
}

static bool open_tx(struct writer *w, struct err *err)
{
        struct desk *desk = w->desk;
        struct turns *turns = &desk->turns_ahead;
        if (turns->tx != NULL) {
                w->tx = turns->tx;
                w->tip = desk->tip;
                turns->tx = NULL;
                return true;
        }
        return (desk->has_thread || desk->behind != NULL ? store_begin_unflushed : store_begin)(
                               site_store(desk->site), &w->tx, err) &&
               find_tip(w, err);
}

bool writer_begin(struct writer *writer, struct err *err)
{
        if (open_tx(writer, err) && (!projection_is_stale(writer->projection) ||
                                                    projection_reload(writer->projection,
                                                                    tx_snapshot(writer->tx), err)))
                return true;
        writer_rollback(writer);
        return false;
}

bool writer_end(struct writer *writer, struct err *err)
{
        const struct desk *desk = writer->desk;
        bool changed = writer->tip.next_seq != desk->tip.next_seq || !desk->has_tip;
        return !changed || sealer_end(&writer->desk->sealer, writer->tx, err);
}

bool writer_commit(struct writer *writer, struct err *err)
{
        if (!writer_end(writer, err) || !tx_commit(&writer->tx, err))
                return false;
        projection_keep(writer->projection);
        return true;
}

/* What was handed over before this turn is let finish. */
void writer_rollback(struct writer *writer)
{
        const struct turns *turns = &writer->desk->turns_ahead;
        struct err ignored; /* it may be of this turn; what was lost is seen by its commit */
        if (writer->tx != NULL && turns->n_handed != turns->n_committed) {
                bool fine = tx_settle(writer->tx, &ignored);
                (void)fine;
        }
        tx_rollback(&writer->tx);
        sealer_forget(&writer->desk->sealer);
        projection_forget(writer->projection);
}

static void note_lookups(struct writer *writer)
{
        if (writer->circumstances.lookups != NULL && !writer->lookup_failed)
                writer->lookup_failed = projection_lookup_failed(
                                &writer->circumstances, &writer->lookup_err);
}

void writer_set_time(struct writer *writer, struct moment now)
{
        note_lookups(writer);
        writer->now = now;
        writer->today = moment_date(now);
        projection_circumstances(
                        writer->arena, writer->tx, writer->projection, now, &writer->circumstances);
}

bool writer_lookup_failed(struct writer *writer, struct err *err)
{
        note_lookups(writer);
        if (writer->lookup_failed)
                *err = writer->lookup_err;
        return writer->lookup_failed;
}

bool writer_mark(struct writer *writer, struct err *err)
{
        if (writer->saved)
                return true;
        if (writer->careful && !tx_save(writer->tx, err))
                return false;
        writer->runs_mark = tx_runs(writer->tx);
        writer->saved = true;
        writer->mark = writer->tip;
        if (writer->careful)
                writer->frontier_mark = writer->desk->sealer.frontier;
        writer->cache_mark = projection_mark(writer->projection);
        return true;
}

bool writer_end_job(struct writer *writer, bool ok, struct err *err)
{
        if (!writer->saved)
                return true;
        writer->saved = false;
        if (ok)
                return !writer->careful || tx_release(writer->tx, err);
        writer->tip = writer->mark;
        projection_back(writer->projection, writer->cache_mark);
        if (writer->careful) {
                writer->desk->sealer.frontier = writer->frontier_mark;
                return tx_back(writer->tx, err);
        }
        writer->again = tx_runs(writer->tx) != writer->runs_mark;
        return !writer->again;
}

/* ---- Finding ---- */

bool writer_find(struct writer *writer, struct str number_or_id, int64_t *ret, struct err *err)
{
        if (number_or_id.n > 1 && number_or_id.p[0] == '#' &&
                        str_to_int(str_slice(number_or_id, 1, number_or_id.n), ret))
                return true;
        if (projection_find(writer->tx, writer->projection, number_or_id, ret, err))
                return true;
        if (err->code == E_NOT_FOUND)
                return err_field(err, E_NOT_FOUND, number_or_id, "没有这个办件");
        return false;
}

bool writer_matter(struct writer *writer, int64_t id, struct matter **ret, struct err *err)
{
        return projection_matter(writer->arena, writer->tx, writer->projection, id, ret, err);
}

bool writer_look_ahead(struct writer *writer, int64_t id, struct err *err)
{
        return projection_look_ahead(writer->arena, writer->tx, writer->projection, id, err);
}

/* ---- Recording ---- */

static bool seal(struct writer *w, const struct fact *fact, const struct matter *matter,
                int64_t previous, struct str key, struct err *err)
{
        struct sealing *sealing = arena_new(w->arena, struct sealing);
        *sealing = (struct sealing){
                .sealer = &w->desk->sealer,
                .event = {
                        .organ = site_config(w->desk->site)->organ,
                        .seq = w->tip.next_seq,
                        .matter = matter != NULL ? matter->number : STR_LIT(""),
                        .procedure = kind_format(w->arena, fact),
                        .act = fact->act,
                        .actor = fact->actor,
                        .on_behalf = fact->on_behalf,
                        .time = fact->time,
                        .data = fact->data,
                },
                .id = id_of(ORGAN, w->tip.next_seq),
                .matter = matter != NULL ? matter->id : 0,
                .previous = previous,
                .key = key,
                .careful = w->careful,
        };
        return desk_entropy(w->desk, sealing->event.secret, sizeof(sealing->event.secret), err) &&
               sealer_put(w->arena, w->tx, sealing, err);
}

bool writer_record(struct writer *writer, const struct fact *given, struct matter *matter,
                struct str key, int64_t *ret_seq, struct err *err)
{
        assert((given->version == NULL) == (matter == NULL));
        struct fact fact = *given;
        int64_t seq = writer->tip.next_seq, id = id_of(ORGAN, seq);
        struct matter *before = NULL;
        int64_t previous = 0;
        if (!writer_mark(writer, err))
                return false;
        if (matter != NULL) {
                if (fact.matter != 0) {
                        before = matter_copy(writer->arena, matter);
                        previous = matter->last_seq;
                } else {
                        matter->id = id;
                }
                if (!matter_apply(writer->arena, matter, &fact, id, err))
                        return false;
        }
        if (!seal(writer, &fact, matter, previous, key, err) ||
                        !projection_apply(writer->arena, writer->tx, writer->projection, before,
                                        matter, &fact, id, key, err))
                return false;
        writer->tip.next_seq++;
        writer->tip.time = fact.time;
        if (fact.version == NULL && fact.reg.n > 0 && fact.reg.p[0] == '$')
                writer_set_time(writer, writer->now); /* definitions or calendars may be new */
        *ret_seq = seq;
        return true;
}
