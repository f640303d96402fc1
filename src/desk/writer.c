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
        int64_t size = rows_int(&rows, 2);
        if (w->desk->has_tip && size == w->desk->tip.next_seq) {
                w->tip = w->desk->tip;
                return rows_end(&rows, err);
        }
        tiles_forget(&w->desk->tiles);
        projection_start_over(w->projection);
        struct tip tip = { .next_seq = size };
        if (!merkle_frontier_unpack(rows_blob(&rows, 3), &tip.frontier, err))
                return false;
        if (tip.frontier.size != (uint64_t)size)
                return err_set(err, E_LEDGER_FRONTIER, "条数不符");
        if (!rows_end(&rows, err) || (size > 0 && !read_time(w, size - 1, &tip.time, err)))
                return false;
        w->tip = tip;
        return true;
}

bool writer_begin(struct writer *writer, struct err *err)
{
        struct store *store = site_store(writer->desk->site);
        if (!(writer->desk->has_thread ? store_begin_unflushed : store_begin)(
                            store, &writer->tx, err))
                return false;
        if (!find_tip(writer, err) ||
                        (projection_is_stale(writer->projection) &&
                                        !projection_reload(writer->projection,
                                                        tx_snapshot(writer->tx), err))) {
                writer_rollback(writer);
                return false;
        }
        return true;
}

bool writer_commit(struct writer *writer, struct err *err)
{
        struct str frontier = merkle_frontier_pack(writer->arena, &writer->tip.frontier);
        bool changed = writer->tip.next_seq != writer->desk->tip.next_seq || !writer->desk->has_tip;
        if (changed && !tx_put(writer->tx, Q_LEDGER_SET,
                                       PARAMS(param_int(ORGAN), param_int(writer->tip.next_seq),
                                                       param_blob(frontier)),
                                       err)) {
                writer_rollback(writer);
                return false;
        }
        /* What came into force is read once, with its turn, and published behind it. */
        if (projection_is_stale(writer->projection) &&
                        !projection_reload(writer->projection, tx_snapshot(writer->tx), err)) {
                writer_rollback(writer);
                return false;
        }
        if (!tx_commit(&writer->tx, err)) {
                writer_rollback(writer);
                return false;
        }
        projection_keep(writer->projection);
        return true;
}

void writer_rollback(struct writer *writer)
{
        tx_rollback(&writer->tx);
        tiles_forget(&writer->desk->tiles);
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
        if (writer->careful)
                return tx_back(writer->tx, err);
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

/* ---- Recording ---- */

static bool seal(struct writer *w, const struct fact *fact, const struct matter *matter,
                struct sealed *ret, uint8_t secret[EVENT_SECRET_BYTES], struct err *err)
{
        struct event event = {
                .organ = site_config(w->desk->site)->organ,
                .seq = w->tip.next_seq,
                .matter = matter != NULL ? matter->number : STR_LIT(""),
                .procedure = kind_format(w->arena, fact),
                .act = fact->act,
                .actor = fact->actor,
                .on_behalf = fact->on_behalf,
                .time = fact->time,
                .data = fact->data,
        };
        if (!desk_entropy(w->desk, event.secret, sizeof(event.secret), err))
                return false;
        memcpy(secret, event.secret, sizeof(event.secret));
        return ledger_seal(w->arena, site_config(w->desk->site)->hash, &event, ret, err);
}

static bool append(struct writer *w, const struct sealed *sealed, const uint8_t *secret,
                int64_t matter, int64_t previous, struct str key, struct err *err)
{
        int64_t id = id_of(ORGAN, w->tip.next_seq);
        return tx_put(w->tx, Q_EVENT_ADD,
                               PARAMS(param_int(id), matter != 0 ? param_int(matter) : param_null(),
                                               previous != 0 ? param_int(previous) : param_null(),
                                               param_blob(sealed->leaf),
                                               param_text(sealed->disclosed),
                                               param_blob((struct str){ (const char *)secret,
                                                               EVENT_SECRET_BYTES }),
                                               key.n > 0 ? param_text(key) : param_null()),
                               err) &&
               tiles_append(&w->desk->tiles, w->tx, site_config(w->desk->site)->hash,
                               &w->tip.frontier, &sealed->leaf_hash, err);
}

bool writer_record(struct writer *writer, const struct fact *given, struct matter *matter,
                struct str key, int64_t *ret_seq, struct err *err)
{
        assert((given->version == NULL) == (matter == NULL));
        struct fact fact = *given;
        struct sealed sealed;
        uint8_t secret[EVENT_SECRET_BYTES];
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
        if (!seal(writer, &fact, matter, &sealed, secret, err) ||
                        !append(writer, &sealed, secret, matter != NULL ? matter->id : 0, previous,
                                        key, err) ||
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
