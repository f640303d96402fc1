/* web/operation.c - what machines ask for: the style sheet, health, readiness, metrics. */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "desk/doctor.h"
#include "desk/history.h"
#include "hook/subscription.h"
#include "web/door.h"
#include "web/operation.h"
#include "web/packing.h"
#include "web/route.h"

bool asset_show(struct visit *visit, struct err *err)
{
        const struct asset *asset = pages_asset(visit->portal->pages, visit->parts[0]);
        struct str accepted = http_header(visit->request, "Accept-Encoding");
        if (asset == NULL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        bool packed = asset->packed.n != 0 && packing_is_taken(accepted);
        visit_send(visit, asset->type, packed ? asset->packed : asset->bytes);
        visit->answer->encoding = packed ? "gzip" : NULL;
        visit->answer->keeping = asset->is_file ? HTTP_ASK_AGAIN : HTTP_FOR_GOOD;
        if (asset->is_file)
                visit->answer->file_name = asset->name;
        return true;
}

/* ---- Alive, and ready ---- */

/* The program answers; no more is asked, lest a full disk makes somebody restart it. */
bool health_show(struct visit *visit, struct err *err)
{
        (void)err;
        visit_send(visit, "text/plain; charset=utf-8", STR_LIT("ok\n"));
        visit->answer->keeping = HTTP_STORE_NEVER;
        return true;
}

static void check_store(struct visit *visit, struct buf *why)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct err err;
        int64_t n;
        bool found;
        if (!snapshot_open(site_store(visit->portal->site), &snapshot, &err) ||
                        !snapshot_int(snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &n, &found,
                                        &err))
                buf_format(why, "store: %s\n", err_text(err.code)->name);
}

static void check_disk(struct visit *visit, struct buf *why)
{
        struct statvfs disk;
        if (site_dir(visit->portal->site).n == 0 ||
                        statvfs(str_c(visit->arena, site_dir(visit->portal->site)), &disk) != 0)
                return;
        int64_t left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
        if (left < DOCTOR_DISK_LEAST)
                buf_format(why, "disk: %lld MB left\n", (long long)(left >> 20));
}

void operation_check_desk(struct buf *why, const struct desk_state *state, uint64_t n_waiting)
{
        if (state->failing)
                buf_c(why, "desk: the newest turn failed\n");
        if (state->busy_seconds > OPERATION_BUSY_SECONDS)
                buf_format(why, "desk: a turn takes %lld s\n", (long long)state->busy_seconds);
        if (state->clock_ahead > 0)
                buf_format(why, "clock: %lld s ahead\n", (long long)state->clock_ahead);
        if (n_waiting > OPERATION_WAITING_MAX)
                buf_c(why, "desk: too many wait\n");
}

static void check_desk(struct visit *visit, struct buf *why)
{
        if (visit->portal->door == NULL)
                return;
        struct desk_state state = door_state(visit->portal->door);
        operation_check_desk(why, &state, door_numbers(visit->portal->door).waiting);
}

bool ready_show(struct visit *visit, struct err *err)
{
        struct buf why = BUF(visit->arena);
        (void)err;
        check_store(visit, &why);
        check_disk(visit, &why);
        check_desk(visit, &why);
        visit_send(visit, "text/plain; charset=utf-8",
                        why.n == 0 ? STR_LIT("ok\n") : buf_str(&why));
        visit->answer->status = why.n == 0 ? 200 : 503;
        visit->answer->keeping = HTTP_STORE_NEVER;
        return true;
}

/* ---- /metrics, in the text format of Prometheus ---- */

static void add_metric(struct buf *out, const char *name, const char *type, const char *help,
                uint64_t value)
{
        buf_format(out, "# HELP plumbline_%s %s\n# TYPE plumbline_%s %s\nplumbline_%s %llu\n", name,
                        help, name, type, name, (unsigned long long)value);
}

/* A histogram; bounds in seconds. */
static void add_times(
                struct buf *out, const char *name, const char *help, const struct meter_reading *r)
{
        buf_format(out, "# HELP plumbline_%s %s\n# TYPE plumbline_%s histogram\n", name, help,
                        name);
        for (size_t i = 0; i < METER_BUCKETS; i++)
                buf_format(out, "plumbline_%s_bucket{le=\"%g\"} %llu\n", name,
                                (double)meter_bounds[i] / 1e6, (unsigned long long)r->counts[i]);
        buf_format(out,
                        "plumbline_%s_bucket{le=\"+Inf\"} %llu\nplumbline_%s_sum %.6f\n"
                        "plumbline_%s_count %llu\n",
                        name, (unsigned long long)r->counts[METER_BUCKETS], name, r->seconds, name,
                        (unsigned long long)r->counts[METER_BUCKETS]);
}

/* The store's file with its log; of a server's nothing is known here. */
static void add_store(struct visit *visit, struct buf *out)
{
        const char *file = store_where(site_store(visit->portal->site));
        const char *log = str_c(visit->arena, str_format(visit->arena, "%s-wal", file));
        struct stat about;
        if (stat(file, &about) != 0)
                return;
        add_metric(out, "store_bytes", "gauge", "Size of the store.", (uint64_t)about.st_size);
        uint64_t bytes = stat(log, &about) == 0 ? (uint64_t)about.st_size : 0;
        add_metric(out, "store_log_bytes", "gauge", "Size of the log beside the store.", bytes);
}

/* What is left of the disk under the folder, where attached files go whatever keeps the records. */
static void add_disk(struct visit *visit, struct buf *out)
{
        struct statvfs disk;
        if (site_dir(visit->portal->site).n > 0 &&
                        statvfs(str_c(visit->arena, site_dir(visit->portal->site)), &disk) == 0)
                add_metric(out, "disk_free_bytes", "gauge",
                                "Free on the disk of the site's folder.",
                                (uint64_t)disk.f_bavail * disk.f_frsize);
}

static void add_desk(struct visit *visit, struct buf *out)
{
        if (visit->portal->door == NULL)
                return;
        struct desk_numbers n = door_numbers(visit->portal->door);
        add_metric(out, "acts_total", "counter",
                        "What was handed in and done: acts, repeated ones, and chores such as drafts.",
                        n.done);
        add_metric(out, "acts_refused_total", "counter", "Acts refused.", n.refused);
        add_metric(out, "acts_repeated_total", "counter", "Acts answered from their key.",
                        n.repeated);
        add_metric(out, "batches_total", "counter", "Transactions of the writer.", n.batches);
        add_metric(out, "batches_failed_total", "counter", "Transactions that failed.",
                        n.failed_batches);
        add_metric(out, "queue_waiting", "gauge", "Acts waiting for the writer.", n.waiting);
        struct desk_state state = door_state(visit->portal->door);
        add_times(out, "turn_seconds", "From a transaction's beginning to its commit.",
                        &state.turns);
        add_metric(out, "desk_failing", "gauge", "The newest turn failed.", state.failing);
        add_metric(out, "desk_busy_seconds", "gauge", "Age of the turn under way.",
                        (uint64_t)state.busy_seconds);
        add_metric(out, "clock_ahead_seconds", "gauge", "The clock leapt, and is not believed.",
                        (uint64_t)state.clock_ahead);
}

static void add_http(struct visit *visit, struct buf *out)
{
        struct http_numbers n = http_numbers(visit->portal->http);
        buf_c(out, "# HELP plumbline_http_answers_total Answers by hundreds of the status.\n"
                   "# TYPE plumbline_http_answers_total counter\n");
        for (size_t i = 1; i < N_ELEMENTS(n.answered); i++)
                buf_format(out, "plumbline_http_answers_total{class=\"%zuxx\"} %llu\n", i,
                                (unsigned long long)n.answered[i]);
        add_metric(out, "http_refused_total", "counter", "Requests that the guard refused.",
                        n.refused);
        struct meter_reading times = meter_read(visit->portal->times);
        add_times(out, "http_seconds", "From a request's head to its answer.", &times);
}

/* How old the oldest event is that a subscriber has not been told of; 0 = none. */
static bool oldest_of(
                struct visit *visit, const struct subscription *s, int64_t *oldest, struct err *err)
{
        struct past_event event;
        int64_t matter;
        if (!history_event(visit->arena, visit->snapshot, s->position, &event, &matter, err))
                return false;
        int64_t age = visit->now.second - event.leaf.time.second;
        *oldest = age > *oldest ? age : *oldest;
        return true;
}

static bool add_webhooks(struct visit *visit, struct buf *out, struct err *err)
{
        const struct subscription *all;
        size_t n;
        int64_t size, behind = 0, failing = 0, sent = 0, failed = 0, oldest = 0;
        bool found;
        if (!subscription_list(visit->arena, visit->snapshot, &all, &n, err) ||
                        !snapshot_int(visit->snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &size,
                                        &found, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                sent += all[i].sent;
                failed += all[i].failed;
                failing += all[i].failures != 0;
                if (!found || all[i].position >= size)
                        continue;
                behind += size - all[i].position;
                if (!oldest_of(visit, &all[i], &oldest, err))
                        return false;
        }
        add_metric(out, "webhooks", "gauge", "Subscriptions to events.", n);
        add_metric(out, "webhooks_failing", "gauge", "Those whose receiver does not take.",
                        (uint64_t)failing);
        add_metric(out, "webhook_events_waiting", "gauge", "Events not looked at yet, of all.",
                        (uint64_t)behind);
        add_metric(out, "webhook_oldest_seconds", "gauge", "Age of the oldest of them.",
                        (uint64_t)oldest);
        add_metric(out, "webhook_sent", "gauge", "Events received, of those that stand.",
                        (uint64_t)sent);
        add_metric(out, "webhook_failures", "gauge", "Tries that failed, of those that stand.",
                        (uint64_t)failed);
        return true;
}

/* The same of notices. */
static bool add_oldest_notice(struct visit *visit, struct buf *out, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct leaf leaf = { .time = visit->now };
        if (!snapshot_rows(visit->snapshot, Q_OUTBOX_OLDEST, NO_PARAMS, &rows, err))
                return false;
        if (rows_next(&rows) && !ledger_parse_leaf(rows_blob(&rows, 0), &leaf, err))
                return false;
        int64_t age = visit->now.second - leaf.time.second;
        add_metric(out, "outbox_oldest_seconds", "gauge", "Age of the oldest notice that waits.",
                        age > 0 ? (uint64_t)age : 0);
        return rows_end(&rows, err);
}

bool metrics_show(struct visit *visit, struct err *err)
{
        static const struct {
                enum query query;
                const char *name, *help;
        } gauges[] = {
                { Q_LEDGER_SIZE, "ledger_events", "Events in the ledger." },
                { Q_LEDGER_SIGNED, "ledger_signed_events", "Events under the newest signature." },
                { Q_CLOCKS_LATE, "clocks_overdue", "Clocks of the organ that ran out, unsettled." },
                { Q_CLOCKS_RUNNING, "clocks_running", "Clocks that run." },
                { Q_OUTBOX_UNDELIVERED, "outbox_waiting", "Notices not yet delivered." },
                { Q_BLOB_ORPHANS, "files_unclaimed", "Files that no record names, to be removed." },
        };
        struct buf out = BUF(visit->arena);
        add_desk(visit, &out);
        for (size_t i = 0; i < N_ELEMENTS(gauges); i++) {
                int64_t n;
                bool found;
                if (!snapshot_int(visit->snapshot, gauges[i].query, PARAMS(param_int(0)), &n,
                                    &found, err))
                        return false;
                add_metric(&out, gauges[i].name, "gauge", gauges[i].help, found ? (uint64_t)n : 0);
        }
        if (!add_webhooks(visit, &out, err) || !add_oldest_notice(visit, &out, err))
                return false;
        add_http(visit, &out);
        add_store(visit, &out);
        add_disk(visit, &out);
        visit_send(visit, "text/plain; version=0.0.4; charset=utf-8", buf_str(&out));
        visit->answer->keeping = HTTP_STORE_NEVER;
        return true;
}
