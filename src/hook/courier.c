#include "hook/courier.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/steady.h"
#include "desk/fetch.h"
#include "hook/spool.h"
#include "hook/subscription.h"
#include "hook/target.h"
#include "store/lease.h"

struct courier {
        struct desk *desk;
        struct courier_options options;
        struct arena *arena; /* for as long as it lives */
        struct fetch *fetch;
        struct str host; /* of the address that is being told */
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t stopping;
        bool stop;       /* under the mutex */
        bool has_looked; /* for notices that were left hidden */
        char holder[LEASE_HOLDER_BYTES];
};

static struct moment now(const struct courier *c)
{
        return c->options.clock.now(c->options.clock.user);
}

static bool is_stopping(struct courier *c)
{
        pthread_mutex_lock(&c->mutex);
        bool stop = c->stop;
        pthread_mutex_unlock(&c->mutex);
        return stop;
}

static int64_t steady_seconds(void)
{
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        return at.tv_sec;
}

static struct store *store_of(struct courier *c)
{
        return site_store(desk_site(c->desk));
}

static void give(struct courier *c, struct str lease)
{
        struct err err;
        if (!lease_give(store_of(c), lease, str_of(c->holder), &err))
                log_line(LOG_WARN, "hook", "lease not given up, it runs out by itself: %s",
                                err_text(err.code)->name);
}

/* ---- One subscriber ---- */

/* Asked by libcurl for each address that a name was resolved to. */
static bool may_connect(void *user, const struct sockaddr *address)
{
        const struct courier *c = user;
        return target_is_public(address) ||
               target_is_named(c->host, site_config(desk_site(c->desk))->receivers);
}

struct found {
        struct subscription s;
        struct message message;
        bool any;         /* there is a message ... */
        int64_t position; /* ... at this place; else all before it passes by */
        int64_t size;
};

/* The next event that he is to be told of. *ret_due false: he has ended, or it is not time. */
static bool find_next(struct courier *c, struct arena *arena, struct str id, struct found *ret,
                bool *ret_due, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct site *site = desk_site(c->desk);
        bool found;
        if (!snapshot_open(store_of(c), &snapshot, err) ||
                        !subscription_get(arena, snapshot, id, &ret->s, ret_due, err) ||
                        !snapshot_int(snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &ret->size,
                                        &found, err))
                return false;
        *ret_due = *ret_due && ret->s.next_try.second <= now(c).second;
        ret->position = ret->s.position;
        ret->any = false;
        struct arena *one _cleanup_(arena_close) = arena_open();
        for (unsigned n = 0; *ret_due && found && n < COURIER_SCAN && ret->position < ret->size;
                        n++) {
                struct message message;
                arena_reset(one);
                if (!message_of(one, snapshot, site_catalogue(site), site_config(site)->hash,
                                    ret->s.filter, ret->position, moment_date(now(c)), &message,
                                    &ret->any, err))
                        return false;
                if (ret->any) {
                        ret->message = (struct message){ message.position,
                                str_copy(arena, message.id), str_copy(arena, message.body) };
                        return true;
                }
                ret->position++;
        }
        return true;
}

/* True if he has received it; else *err says what came instead. */
static bool post(struct courier *c, struct arena *arena, const struct found *f, struct err *err)
{
        struct str headers[MESSAGE_HEADERS];
        struct fetched answer;
        if (!target_check(f->s.url, site_config(desk_site(c->desk))->receivers, &c->host, err))
                return false;
        message_headers(arena, &f->message, f->s.secret, now(c), headers);
        struct fetch_post_json asked = { .url = f->s.url,
                .headers = headers,
                .n_headers = MESSAGE_HEADERS,
                .body = f->message.body,
                .limit = COURIER_ANSWER_BYTES,
                .seconds = c->options.seconds };
        if (!fetch_post_json(arena, c->fetch, &asked, &answer, err))
                return false;
        if (answer.status >= 200 && answer.status < 300)
                return true;
        bool moved = answer.status >= 300 && answer.status < 400;
        return err_set(err, E_HOOK_ANSWER, "对方答复 %d%s", answer.status,
                        moved ? "（要求转到别处，不跟随）" : "");
}

static void log_failure(const struct subscription *s, const struct err *why)
{
        log_event(LOG_WARN, "hook", "not received", "subscription=%.*s position=%lld error=%s",
                        STR_FMT(s->id), (long long)s->position, err_text(why->code)->name);
}

static bool note_failure(struct courier *c, struct arena *arena, const struct subscription *s,
                const struct err *why, struct err *err)
{
        struct str trouble = why->detail[0] != '\0' ? str_of(why->detail)
                                                    : str_of(err_text(why->code)->sentence);
        log_failure(s, why);
        return subscription_failed(
                        c->desk, s, str_copy(arena, trouble), c->options.first_wait, now(c), err);
}

/* One event, or so many that pass by. *ret_more: there may be something left to do at once. */
static bool tell_one(struct courier *c, struct arena *arena, struct str id, bool *ret_more,
                struct err *err)
{
        struct found f;
        struct err why;
        bool due;
        *ret_more = false;
        if (!find_next(c, arena, id, &f, &due, err))
                return false;
        if (!due || (!f.any && f.position == f.s.position))
                return true;
        if (f.position != f.s.position) { /* what passes by is noted first */
                if (!subscription_forward(c->desk, &f.s, f.position, false, now(c), ret_more, err))
                        return false;
                f.s.position = f.position;
                if (!f.any || !*ret_more)
                        return true;
        }
        if (!post(c, arena, &f, &why)) {
                *ret_more = false;
                return note_failure(c, arena, &f.s, &why, err);
        }
        return subscription_forward(c->desk, &f.s, f.position + 1, true, now(c), ret_more, err);
}

static bool tell(struct courier *c, struct arena *arena, struct str id, struct err *err)
{
        struct str lease = str_format(arena, "webhook:%.*s", STR_FMT(id));
        int64_t until = steady_seconds() + COURIER_TURN_SECONDS;
        bool more = true, held = false, ok = true;
        struct arena *one _cleanup_(arena_close) = arena_open();
        while (ok && more && !is_stopping(c) && steady_seconds() <= until) {
                arena_reset(one);
                ok = lease_take(store_of(c), lease, str_of(c->holder), c->options.lease, &held,
                                err);
                if (!ok || !held)
                        return ok;
                ok = tell_one(c, one, id, &more, err);
        }
        if (held)
                give(c, lease);
        return ok;
}

/* ---- All of them ---- */

static bool find_due(struct courier *c, struct arena *arena, const struct subscription **ret,
                size_t *ret_n, int64_t *ret_size, bool *ret_notices, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        int64_t waiting = 0;
        bool found;
        if (!snapshot_open(store_of(c), &snapshot, err) ||
                        !subscription_list(arena, snapshot, ret, ret_n, err) ||
                        !snapshot_int(snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), ret_size,
                                        &found, err) ||
                        !snapshot_int(snapshot, Q_OUTBOX_ANY, NO_PARAMS, &waiting, ret_notices,
                                        err))
                return false;
        return true;
}

static bool write_notices(struct courier *c, struct err *err)
{
        struct spool spool = { .folder = site_config(desk_site(c->desk))->spool,
                .holder = str_of(c->holder),
                .lease = c->options.lease,
                .now = now(c) };
        return spool.folder.n == 0 || spool_write(c->desk, &spool, err);
}

static void log_trouble(const struct err *err)
{
        log_line(LOG_ERROR, "hook", "%s: %s", err_text(err->code)->name, err->detail);
}

/* What goes wrong with one does not keep the others from being told. */
static bool look(struct courier *c, struct arena *arena, struct err *err)
{
        const struct subscription *list;
        size_t n;
        int64_t size = 0;
        bool notices;
        if (!find_due(c, arena, &list, &n, &size, &notices, err))
                return false;
        struct err one;
        if ((notices || !c->has_looked) && !write_notices(c, &one))
                log_trouble(&one);
        c->has_looked = true;
        for (size_t i = 0; i < n && !is_stopping(c); i++)
                if (list[i].position < size && list[i].next_try.second <= now(c).second &&
                                !tell(c, arena, list[i].id, &one))
                        log_trouble(&one);
        return true;
}

static void sleep_until_next(struct courier *c)
{
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_sec += c->options.look_ms / 1000;
        at.tv_nsec += (long)(c->options.look_ms % 1000) * 1000000;
        if (at.tv_nsec >= 1000000000) {
                at.tv_sec++;
                at.tv_nsec -= 1000000000;
        }
        pthread_mutex_lock(&c->mutex);
        while (!c->stop && pthread_cond_timedwait(&c->stopping, &c->mutex, &at) == 0)
                continue;
        pthread_mutex_unlock(&c->mutex);
}

static void *run(void *user)
{
        struct courier *c = user;
        struct arena *arena = arena_open();
        while (!is_stopping(c)) {
                struct err err;
                arena_reset(arena);
                if (!look(c, arena, &err))
                        log_trouble(&err);
                sleep_until_next(c);
        }
        arena_close(&arena);
        return NULL;
}

/* ---- Starting and stopping ---- */

static void set_defaults(struct courier_options *o, struct arena *arena)
{
        o->clock = o->clock.now != NULL ? o->clock : desk_system_clock();
        o->look_ms = o->look_ms != 0 ? o->look_ms : COURIER_LOOK_MS;
        o->seconds = o->seconds != 0 ? o->seconds : COURIER_SECONDS;
        o->first_wait = o->first_wait != 0 ? o->first_wait : HOOK_FIRST_WAIT;
        o->lease = o->lease != 0 ? o->lease : COURIER_LEASE;
        o->ca = str_copy(arena, o->ca);
}

static void free_courier(struct courier *c)
{
        struct arena *arena = c->arena;
        fetch_close(&c->fetch);
        pthread_cond_destroy(&c->stopping);
        pthread_mutex_destroy(&c->mutex);
        arena_close(&arena);
}

bool courier_start(struct desk *desk, const struct courier_options *options, struct courier **ret,
                struct err *err)
{
        struct arena *arena = arena_open();
        struct courier *c = arena_new(arena, struct courier);
        c->desk = desk;
        c->arena = arena;
        if (options != NULL)
                c->options = *options;
        set_defaults(&c->options, arena);
        lease_holder(c->holder);
        pthread_mutex_init(&c->mutex, NULL);
        steady_cond_init(&c->stopping);
        c->fetch = fetch_open_guarded(c->options.ca, may_connect, c);
        if (pthread_create(&c->thread, NULL, run, c) != 0) {
                free_courier(c);
                return err_set(err, E_DESK_BUSY, "不能启动推送线程");
        }
        *ret = c;
        return true;
}

void courier_stop(struct courier **stopping)
{
        struct courier *c = *stopping;
        if (c == NULL)
                return;
        *stopping = NULL;
        pthread_mutex_lock(&c->mutex);
        c->stop = true;
        pthread_cond_signal(&c->stopping);
        pthread_mutex_unlock(&c->mutex);
        pthread_join(c->thread, NULL);
        free_courier(c);
}
