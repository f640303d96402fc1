#include "web/portal.h"

#include <assert.h>
#include <time.h>

#include "base/log.h"
#include "web/route.h"

static struct moment machine_now(void *user)
{
        (void)user;
        return (struct moment){ time(NULL) };
}

/* ---- Refusals ---- */

static bool send_error(struct visit *visit, const struct err *why, struct err *err)
{
        const struct err_text *text = err_text(why->code);
        struct page page = page_begin(visit, "error", "/", str_of(text->sentence));
        struct view view = VIEW(visit->arena);
        bool ours = text->kind == ERR_BROKEN; /* its detail is for the log */
        view_int(&view, "status", http_status(why));
        view_c(&view, "code", text->name);
        view_c(&view, "sentence", text->sentence);
        const char *detail = ours ? "" : why->detail;
        if (text->kind == ERR_MISSING && detail[0] == '\0')
                detail = "这个地址没有内容：可能是编号写错了，也可能是依法不公开。";
        view_some(&view, "detail", str_of(detail));
        view_c(&view, "hint", text->hint);
        view_some(&view, "basis", str_of(err_basis(why)));
        view_put(&page.view, "error", view_end(&view));
        return page_send(&page, err);
}

static void refuse(struct visit *visit, const struct err *why)
{
        struct err err;
        if (err_text(why->code)->kind == ERR_BROKEN)
                log_line(LOG_ERROR, "web", "%s: %s", err_text(why->code)->name, why->detail);
        if (!send_error(visit, why, &err)) {
                log_line(LOG_ERROR, "web", "error page: %s: %s", err_text(err.code)->name,
                                err.detail);
                visit_send(visit, "text/plain; charset=utf-8",
                                str_of(err_text(why->code)->sentence));
        }
        visit->answer->status = http_status(why);
        visit->answer->keeping = HTTP_STORE_NEVER;
        visit->answer->file_name.n = 0;
}

static void refuse_request(
                void *user, struct arena *arena, const struct err *why, struct http_response *ret)
{
        struct visit visit = { .arena = arena, .portal = user, .answer = ret };
        refuse(&visit, why);
}

/* ---- Requests ---- */

static bool answer(struct visit *visit, struct err *err)
{
        struct portal *portal = (struct portal *)visit->portal;
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        if (!snapshot_open(site_store(portal->site), &snapshot, err))
                return false;
        visit->snapshot = snapshot;
        visit->catalogue = site_catalogue(portal->site);
        world_open(&visit->world, snapshot, visit->catalogue, site_calendars(portal->site),
                        site_facts(portal->site), visit->now);
        visit->world.parameters = &site_config(portal->site)->parameters;
        if (!visit->route->handler(visit, err))
                return false;
        if (visit->world.failed) {
                *err = visit->world.err;
                return false;
        }
        return true;
}

static void handle(void *user, struct arena *arena, const struct http_request *request,
                struct http_response *ret)
{
        const struct portal *portal = user;
        struct visit visit = { .arena = arena,
                .portal = portal,
                .request = request,
                .answer = ret,
                .now = portal->clock.now(portal->clock.user) };
        struct err err;
        visit.today = moment_date(visit.now);
        visit.route = route_find(&request->address, &visit);
        if (visit.route == NULL) {
                visit.as_json = false;
                (void)err_set(&err, E_NOT_FOUND, "%s", "");
                refuse(&visit, &err);
        } else if (!route_check(visit.route, &request->address, &err) || !answer(&visit, &err)) {
                refuse(&visit, &err);
        }
}

/* ---- The portal ---- */

bool portal_open(struct site *site, struct desk *desk, const struct portal_options *options,
                struct portal **ret, struct err *err)
{
        struct arena *arena = arena_open();
        struct portal *portal = arena_new(arena, struct portal);
        *portal = (struct portal){ .site = site,
                .desk = desk,
                .clock = options->clock,
                .notice = str_copy(arena, options->notice),
                .arena = arena };
        if (portal->clock.now == NULL)
                portal->clock.now = machine_now;
        struct http_options http = {
                .bind = options->bind != NULL ? options->bind : "127.0.0.1",
                .port = options->port,
                .threads = options->threads,
                .connections = options->connections,
                .idle_seconds = options->idle_seconds,
                .handler = handle,
                .refuser = refuse_request,
                .user = portal,
        };
        if (!pages_open(options->data, &portal->pages, err) ||
                        !http_start(&http, &portal->http, err)) {
                pages_close(&portal->pages);
                arena_close(&arena);
                return false;
        }
        *ret = portal;
        return true;
}

int portal_port(const struct portal *portal)
{
        return http_port(portal->http);
}

void portal_close(struct portal **closing)
{
        struct portal *portal = *closing;
        if (portal == NULL)
                return;
        *closing = NULL;
        http_stop(&portal->http);
        pages_close(&portal->pages);
        struct arena *arena = portal->arena;
        arena_close(&arena);
}
