#include "web/portal.h"

#include <assert.h>
#include <time.h>

#include "account/secret.h"
#include "base/log.h"
#include "web/door.h"
#include "web/problem.h"
#include "web/route.h"
#include "web/remit.h"
#include "web/tally.h"
#include "web/token.h"
#include "web/throttle.h"

static struct moment machine_now(void *user)
{
        (void)user;
        return (struct moment){ time(NULL) };
}

/* ---- Refusals ---- */

static bool send_error(struct visit *visit, const struct err *why, struct err *err)
{
        const struct err_text *text = err_text(why->code);
        if (problem_is_wanted(visit)) {
                problem_send(visit, why);
                return true;
        }
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
        const struct err_text *text = err_text(why->code);
        if (text->kind == ERR_BROKEN)
                log_line(LOG_ERROR, "web", "%s: %s", text->name, why->detail);
        else if (text->kind == ERR_BUSY) /* its detail may be about somebody */
                log_line(LOG_WARN, "web", "%s", text->name);
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

static bool read_posted(struct visit *visit, struct err *err)
{
        const struct http_request *request = visit->request;
        if (request->body_type == HTTP_FORM)
                return posted_parse_urlencoded(visit->arena, request->body, &visit->posted, err);
        if (request->body_type == HTTP_FILES)
                return posted_parse_multipart(
                                visit->arena, request->type, request->body, &visit->posted, err);
        return true;
}

/* Who is not yet who he has to be is sent where he can become it; a program is told. */
static bool send_to_sign_in(struct visit *visit, struct err *err)
{
        static const char *const pages[] = {
                [SESSION_OPEN] = "/work/sign-in",
                [SESSION_HALF] = "/work/code",
                [SESSION_CHANGE] = "/work/password",
        };
        struct buf url = BUF(visit->arena);
        if (visit->route->who == WHO_PROGRAM)
                return err_set(err, E_HTTP_TOKEN, "%s", "");
        if (visit->route->method == HTTP_POST || problem_is_wanted(visit))
                return err_set(err, E_ACCOUNT_SESSION, "%s", "");
        const struct viewer *viewer = &visit->viewer;
        bool has = viewer->has_session;
        buf_c(&url, pages[has ? viewer->session.state : SESSION_OPEN]);
        if (!has)
                visit_query(&url, "to", visit->request->address.path);
        visit_go(visit, buf_str(&url));
        return true;
}

static bool is_let_in(struct visit *visit)
{
        const struct viewer *viewer = &visit->viewer;
        switch (visit->route->who) {
        case WHO_ANYONE:
                break;
        case WHO_STAFF:
                return viewer->kind == VIEWER_STAFF && !viewer->is_program;
        case WHO_PROGRAM:
                return viewer->is_program;
        }
        return true;
}

/* What was posted, and whether it was ours to answer. */
static bool take_posted(struct visit *visit, struct err *err)
{
        if (!read_posted(visit, err))
                return false;
        if (visit->route->who == WHO_PROGRAM) /* a browser brings no token by itself */
                return true;
        visit->is_forged = !token_check(visit, err);
        return !visit->is_forged || visit->route->is_lenient;
}

static bool check_role(struct visit *visit, struct err *err)
{
        const char *role = visit->route->role;
        if (role == NULL || viewer_holds(visit, str_of(role), visit->viewer.actor.unit))
                return true;
        return err_set(err, E_ACT_ROLE, "%.*s",
                        STR_FMT(catalogue_role(visit->catalogue, str_of(role))));
}

static bool call_handler(struct visit *visit, struct err *err)
{
        const struct route *route = visit->route;
        if (visit->wait != NULL)
                return door_go_on(visit, err);
        if (!is_let_in(visit))
                return send_to_sign_in(visit, err);
        if (route->who == WHO_STAFF && !check_role(visit, err))
                return false;
        if (route->method == HTTP_POST)
                return take_posted(visit, err) && route->act(visit, visit->portal->door, err);
        return route->show(visit, err);
}

static void note_use(struct visit *visit)
{
        const struct viewer *viewer = &visit->viewer;
        if (visit->wait == NULL && viewer->kind == VIEWER_STAFF && viewer->has_session &&
                        session_is_stale(&viewer->session, visit->now))
                door_touch(visit->portal->door, &viewer->session, visit->now);
        if (visit->read_matter != 0 && viewer->kind == VIEWER_STAFF)
                door_note_reading(visit->portal->door, viewer->actor.id, visit->read_matter,
                                visit->read_fields, visit->now);
}

static bool answer(struct visit *visit, struct err *err)
{
        const struct portal *portal = visit->portal;
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        if (visit->route->bare)
                return visit->route->show(visit, err);
        if (!snapshot_open(site_store(portal->site), &snapshot, err))
                return false;
        visit->snapshot = snapshot;
        visit->catalogue = site_catalogue(portal->site);
        world_open(&visit->world, snapshot, visit->catalogue, site_calendars(portal->site),
                        site_facts(portal->site), visit->now);
        visit->world.parameters = &site_config(portal->site)->parameters;
        visit->world.memory = visit->arena;
        bool ok = (visit->wait != NULL || viewer_open(visit, err)) && call_handler(visit, err);
        note_use(visit);
        if (!ok)
                return false;
        if (visit->is_personal || visit->route->who != WHO_ANYONE)
                visit->answer->keeping = HTTP_STORE_NEVER;
        visit->answer->may_pack = visit->answer->keeping == HTTP_ASK_AGAIN &&
                                  visit->viewer.kind == VIEWER_STRANGER;
        if (visit->world.failed) {
                *err = visit->world.err;
                return false;
        }
        return true;
}

static int64_t microseconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct visit *visit_new(const struct portal *portal, struct arena *arena,
                struct http_request *request, struct http_response *ret)
{
        struct visit *visit = arena_new(arena, struct visit);
        *visit = (struct visit){ .arena = arena,
                .portal = portal,
                .request = request,
                .answer = ret,
                .now = portal->clock.now(portal->clock.user) };
        visit->today = moment_date(visit->now);
        visit->began = microseconds();
        visit->route = route_find(request->method, &request->address, visit);
        return visit;
}

static bool no_route(struct visit *visit, struct err *err)
{
        visit->answer->allow = route_methods(&visit->request->address);
        if (visit->answer->allow != NULL)
                return err_set(err, E_HTTP_METHOD, "%s", "");
        return err_set(err, E_NOT_FOUND, "%s", "");
}

/* The row's pattern and never the address: that may name somebody. */
static void note(const struct visit *visit)
{
        static const char *const methods[] = {
                [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST"
        };
        const struct http_response *answer = visit->answer;
        enum http_method method = visit->request->method;
        int64_t took = microseconds() - visit->began;
        enum log_level level = answer->status >= 500 ? LOG_WARN
                               : method == HTTP_POST ? LOG_INFO
                                                     : LOG_DEBUG;
        meter_add(visit->portal->times, took);
        log_event(level, "web", "answered", "method=%s route=\"%s\" status=%d bytes=%zu us=%lld",
                        methods[method], visit->route != NULL ? visit->route->pattern : "",
                        answer->status, answer->body.n, (long long)took);
}

static void handle(void *user, struct arena *arena, struct http_request *request,
                struct http_response *ret)
{
        struct visit *visit = request->kept;
        struct err err;
        if (visit == NULL)
                visit = visit_new(user, arena, request, ret);
        visit->answer = ret; /* of this call */
        bool ok = visit->route != NULL ? route_check(visit->route, &request->address, &err)
                                       : no_route(visit, &err);
        bool waited = visit->wait != NULL;
        if (!ok || !answer(visit, &err))
                refuse(visit, &err);
        if (waited || visit->wait == NULL) /* else it sleeps, and is called again */
                note(visit);
}

/* Before the body of a POST is read: somebody must want it. */
static bool admit(void *user, struct arena *arena, struct http_request *request,
                enum http_body *ret, struct err *err)
{
        struct http_response unused = { 0 };
        const struct portal *portal = user;
        struct visit *visit = visit_new(portal, arena, request, &unused);
        if (visit->route == NULL)
                return no_route(visit, err);
        if (portal->door == NULL)
                return err_set(err, E_HTTP_METHOD, "这里只能查看");
        bool is_program = visit->route->who == WHO_PROGRAM;
        const char *brings = is_program ? "Authorization" : "Cookie";
        if (visit->route->who != WHO_ANYONE && http_header(request, brings).n == 0)
                return err_set(err, is_program ? E_HTTP_TOKEN : E_ACCOUNT_SESSION, "%s", "");
        *ret = (enum http_body)visit->route->takes;
        return true;
}

/* ---- The portal ---- */

bool portal_open(struct site *site, struct desk *desk, const struct portal_options *options,
                struct portal **ret, struct err *err)
{
        struct arena *arena = arena_open();
        struct portal *portal = arena_new(arena, struct portal);
        *portal = (struct portal){ .site = site,
                .door = desk != NULL ? door_open(desk) : NULL,
                .times = arena_new(arena, struct meter),
                .clock = options->clock,
                .notice = str_copy(arena, options->notice),
                .https = options->https,
                .throttle = throttle_open(),
                .tally = tally_open(),
                .remits = remits_open(),
                .live = desk != NULL ? live_open() : NULL,
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
                .admitter = admit,
                .refuser = refuse_request,
                .user = portal,
        };
        if ((desk != NULL && !secret_of_site(desk, &portal->secret, err)) ||
                        !pages_open(options->data, &portal->pages, err) ||
                        !http_start(&http, &portal->http, err)) {
                live_close(&portal->live);
                pages_close(&portal->pages);
                door_close(&portal->door);
                throttle_close(&portal->throttle);
                tally_close(&portal->tally);
                remits_close(&portal->remits);
                arena_close(&arena);
                return false;
        }
        if (desk != NULL)
                desk_listen(desk, live_changed, portal->live);
        portal->desk = desk;
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
        if (portal->desk != NULL) {
                desk_listen(portal->desk, NULL, NULL);
                live_stop(portal->live);
        }
        http_stop(&portal->http);
        live_close(&portal->live);
        door_close(&portal->door);
        throttle_close(&portal->throttle);
        tally_close(&portal->tally);
        remits_close(&portal->remits);
        pages_close(&portal->pages);
        struct arena *arena = portal->arena;
        arena_close(&arena);
}
