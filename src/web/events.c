/* web/events.c - /work/events: one event, as soon as the log has grown past what the page knows. */
#include "web/live.h"
#include "web/route.h"

/* What the browser saw last, by itself; none = it has just opened the page. */
static int64_t last_seen(const struct visit *visit, int64_t size)
{
        int64_t seen;
        struct str id = http_header(visit->request, "Last-Event-ID");
        return str_to_int(id, &seen) && seen >= 0 && seen <= size ? seen : size;
}

static void send_event(struct visit *visit, int64_t size, bool changed)
{
        struct buf out = BUF(visit->arena);
        buf_format(&out, "retry: 1000\nid: %lld\n", (long long)size);
        if (changed)
                buf_format(&out, "event: changed\ndata: %lld\n\n", (long long)size);
        else
                buf_c(&out, ": still here\n\n");
        visit_send(visit, "text/event-stream", buf_str(&out));
        visit->answer->keeping = HTTP_STORE_NEVER;
}

bool events_show(struct visit *visit, struct err *err)
{
        int64_t size;
        bool found;
        if (!snapshot_int(visit->snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &size, &found, err))
                return false;
        if (visit->request->kept == NULL) {
                visit->live_from = last_seen(visit, size);
                if (visit->live_from == size && visit->portal->live != NULL) {
                        if (!live_wait(visit->portal->live, visit->request, visit))
                                return err_set(err, E_HTTP_BUSY, "%s", "");
                        return true;
                }
        }
        send_event(visit, size, size > visit->live_from);
        return true;
}
