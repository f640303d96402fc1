/* web/events.c - /work/events: one event, as soon as the log has grown past what the page knows by
 * something that its viewer may see. */
#include "web/live.h"
#include "web/route.h"
#include "web/viewer.h"

#define AWAY_MAX 1000 /* events; whoever missed more is told without looking */

/* What the browser saw last, by itself; none = it has just opened the page. */
static int64_t last_seen(const struct visit *visit, int64_t size)
{
        int64_t seen;
        struct str id = http_header(visit->request, "Last-Event-ID");
        return str_to_int(id, &seen) && seen >= 0 && seen <= size ? seen : size;
}

/* Is one of the events from..size - 1 about a matter that the viewer sees? Who looks at the whole
 * bureau is told of all. */
static bool concerns(struct visit *visit, int64_t from, int64_t size, bool *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret = from < size && (dashboard_is_open(visit) || size - from > AWAY_MAX);
        if (*ret || from >= size)
                return true;
        if (!snapshot_rows(visit->snapshot, Q_EVENTS_ABOUT,
                            PARAMS(param_int(from), param_int(size),
                                            param_text(visit->viewer.actor.id)),
                            &rows, err))
                return false;
        while (rows_next(&rows))
                *ret |= rows_int(&rows, 2) != 0 ||
                        viewer_has(&visit->viewer, rows_text(&rows, 0), rows_text(&rows, 1));
        return rows_end(&rows, err);
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
        bool found, changed;
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
        if (!concerns(visit, visit->live_from, size, &changed, err))
                return false;
        send_event(visit, size, changed);
        return true;
}
