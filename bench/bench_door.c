/* bench/bench_door.c - the same case work as the peers of peers.sh do it, over our own HTTP server
 * and through the desk: a request is handed in, received, taken up, sent back for correction;
 * fifty are listed. Every act is durable before it is answered.
 *
 * It stands in for the forms and for signing in: who acts is fixed, answers are JSON.
 *
 * usage: bench_door SITE PORT     SITE as bench_growth makes it; until it is told to stop
 *
 *   POST /cases                   {"id": N}
 *   POST /cases/N/receive|process|correct
 *   GET  /cases                   the newest fifty */
#include <signal.h>

#include "bench/bench.h"
#include "desk/desk.h"
#include "projection/docket.h"
#include "web/http.h"

#define ROWS 50

struct front {
        struct site *site;
        struct desk *desk;
};

static const char request_fields[] =
                "{\"applicant_type\":\"自然人\",\"applicant_name\":\"林静\",\"form_wanted\":\"纸质\","
                "\"delivery\":\"邮寄\",\"submit_mode\":\"当面\",\"info_name\":\"年度预算\",\"id_type\":"
                "\"居民身份证\",\"id_no\":\"350203198001010013\",\"contact_phone\":\"13900000000\","
                "\"address\":\"增长市\"}";

static const struct step {
        const char *name, *act, *actor, *fields; /* %s: today */
} steps[] = {
        { "receive", "confirm_receipt", "window_clerk-1@office", "{\"received_on\":\"%s\"}" },
        { "process", "process", "office_info-1@office", "{}" },
        { "correct", "ask_correction", "office_info-1@office",
                        "{\"correction_items\":\"请写明文件名称\"}" },
};

static void say(struct http_response *ret, int status, struct str body)
{
        *ret = (struct http_response){ .status = status,
                .type = "application/json",
                .keeping = HTTP_STORE_NEVER,
                .body = body };
}

static void refuse(
                void *user, struct arena *arena, const struct err *why, struct http_response *ret)
{
        struct buf buf = BUF(arena);
        (void)user;
        buf_c(&buf, "{\"error\":");
        value_write_json_string(&buf, str_format(arena, "%s %s %s", err_text(why->code)->name,
                                                      why->field, why->detail));
        buf_c(&buf, "}");
        say(ret, http_status(why), buf_str(&buf));
}

static bool admit(void *user, struct arena *arena, struct http_request *request,
                enum http_body *ret, struct err *err)
{
        (void)user, (void)arena, (void)request, (void)err;
        *ret = HTTP_JSON;
        return true;
}

static bool submit(struct front *front, struct arena *arena, struct submission *s,
                struct http_response *ret, struct err *err)
{
        struct receipt receipt;
        if (!desk_submit(arena, front->desk, s, &receipt, err))
                return false;
        struct buf buf = BUF(arena);
        buf_format(&buf, "{\"id\":%lld,\"state\":", (long long)receipt.matter);
        value_write_json_string(&buf, receipt.state);
        buf_c(&buf, "}");
        say(ret, 200, buf_str(&buf));
        return true;
}

static bool create(struct front *front, struct arena *arena, struct http_response *ret,
                struct err *err)
{
        struct submission s = { .procedure = STR_LIT("foi_request"),
                .act = STR_LIT("submit"),
                .by = BY_PARTY,
                .actor = STR_LIT("applicant"),
                .unit = STR_LIT("office") };
        return value_parse_json(arena, str_of(request_fields), &s.fields, err) &&
               submit(front, arena, &s, ret, err);
}

static bool go_on(struct front *front, struct arena *arena, struct str id, struct str name,
                struct http_response *ret, struct err *err)
{
        const struct step *step = steps;
        while (step < steps + N_ELEMENTS(steps) && !str_is(name, step->name))
                step++;
        if (step == steps + N_ELEMENTS(steps))
                return err_set(err, E_NOT_FOUND, "%.*s", STR_FMT(name));
        char today[11];
        struct desk_clock clock = desk_system_clock();
        date_write(moment_date(clock.now(clock.user)), today);
        struct str fields = str_of(step->fields);
        size_t hole = str_find(fields, STR_LIT("%s"));
        if (hole != SIZE_MAX)
                fields = str_format(arena, "%.*s%s%.*s", STR_FMT(str_slice(fields, 0, hole)), today,
                                STR_FMT(str_slice(fields, hole + 2, fields.n)));
        struct submission s = { .matter = str_format(arena, "#%.*s", STR_FMT(id)),
                .act = str_of(step->act),
                .actor = str_of(step->actor) };
        return value_parse_json(arena, fields, &s.fields, err) &&
               submit(front, arena, &s, ret, err);
}

static bool list(struct front *front, struct arena *arena, struct http_response *ret,
                struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct desk_clock clock = desk_system_clock();
        struct docket_filter filter = { .limit = ROWS,
                .today = moment_date(clock.now(clock.user)) };
        const struct docket_row *rows;
        size_t n;
        bool more;
        if (!snapshot_open(site_store(front->site), &snapshot, err) ||
                        !docket_rows(arena, snapshot, &filter, &rows, &n, &more, err))
                return false;
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < n; i++) {
                buf_format(&buf, "%s{\"id\":%lld,\"number\":", i == 0 ? "[" : ",",
                                (long long)rows[i].id);
                value_write_json_string(&buf, rows[i].number);
                buf_c(&buf, ",\"state\":");
                value_write_json_string(&buf, rows[i].state);
                buf_c(&buf, ",\"title\":");
                value_write_json_string(&buf, rows[i].title);
                buf_c(&buf, "}");
        }
        buf_c(&buf, n == 0 ? "[]" : "]");
        say(ret, 200, buf_str(&buf));
        return true;
}

static void handle(void *user, struct arena *arena, struct http_request *request,
                struct http_response *ret)
{
        const struct address *a = &request->address;
        struct err err = { 0 };
        bool done;
        if (a->n_segments == 1 && request->method == HTTP_POST)
                done = create(user, arena, ret, &err);
        else if (a->n_segments == 3 && request->method == HTTP_POST)
                done = go_on(user, arena, a->segments[1], a->segments[2], ret, &err);
        else
                done = list(user, arena, ret, &err);
        if (!done)
                refuse(user, arena, &err, ret);
}

int main(int argc, char **argv)
{
        struct front front = { 0 };
        struct http *http;
        struct err err;
        sigset_t stops;
        int number;
        if (argc != 3) {
                fprintf(stderr, "usage: bench_door SITE PORT\n");
                return 2;
        }
        sigemptyset(&stops);
        sigaddset(&stops, SIGTERM);
        sigaddset(&stops, SIGINT);
        pthread_sigmask(SIG_BLOCK, &stops, NULL);
        must(site_open(str_of(argv[1]), &front.site, &err), &err);
        must(desk_open(front.site, &(struct desk_options){ 0 }, &front.desk, &err), &err);
        struct http_options options = { .bind = "127.0.0.1",
                .port = number_argument(argc, argv, 2, 0),
                .handler = handle,
                .admitter = admit,
                .refuser = refuse,
                .user = &front };
        must(http_start(&options, &http, &err), &err);
        while (sigwait(&stops, &number) != 0)
                continue;
        http_stop(&http);
        must(desk_close(&front.desk, &err), &err);
        site_close(&front.site);
        return 0;
}
