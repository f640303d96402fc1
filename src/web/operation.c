/* web/operation.c - what machines ask for: the style sheet, health, metrics. */
#include "web/door.h"
#include "web/route.h"

bool asset_show(struct visit *visit, struct err *err)
{
        const struct asset *asset = pages_asset(visit->portal->pages, visit->parts[0]);
        struct str accepted = http_header(visit->request, "Accept-Encoding");
        if (asset == NULL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        bool packed = asset->packed.n != 0 && str_find(accepted, STR_LIT("gzip")) != SIZE_MAX;
        visit_send(visit, asset->type, packed ? asset->packed : asset->bytes);
        visit->answer->encoding = packed ? "gzip" : NULL;
        visit->answer->keeping = HTTP_FOR_GOOD;
        return true;
}

/* The store can be read: the snapshot was opened before we came here. */
bool health_show(struct visit *visit, struct err *err)
{
        int64_t n;
        bool found;
        if (!snapshot_int(visit->snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &n, &found, err))
                return false;
        visit_send(visit, "text/plain; charset=utf-8", STR_LIT("ok\n"));
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

static void add_desk(struct visit *visit, struct buf *out)
{
        if (visit->portal->door == NULL)
                return;
        struct desk_numbers n = door_numbers(visit->portal->door);
        add_metric(out, "acts_total", "counter", "Acts accepted since the start.", n.done);
        add_metric(out, "acts_refused_total", "counter", "Acts refused.", n.refused);
        add_metric(out, "acts_repeated_total", "counter", "Acts answered from their key.",
                        n.repeated);
        add_metric(out, "batches_total", "counter", "Transactions of the writer.", n.batches);
        add_metric(out, "batches_failed_total", "counter", "Transactions that failed.",
                        n.failed_batches);
        add_metric(out, "queue_waiting", "gauge", "Acts waiting for the writer.", n.waiting);
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
        add_http(visit, &out);
        visit_send(visit, "text/plain; version=0.0.4; charset=utf-8", buf_str(&out));
        visit->answer->keeping = HTTP_STORE_NEVER;
        return true;
}
