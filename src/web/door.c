#include "web/door.h"

#include <stdlib.h>

#include "base/log.h"
#include "desk/chore.h"
#include "web/worker.h"

struct door {
        struct desk *desk;
        struct worker *worker;
};

/* What a suspended visit waits for. */
struct door_wait {
        struct door *door;
        struct http_connection *connection;
        struct arena *arena; /* of the other thread: the visit's may still be in use */
        door_then *then;
        door_work *work;
        void *user;
        struct desk_answer *answer;
};

/* The request sleeps from here on. */
static struct door_wait *wait_new(
                struct door *door, struct visit *visit, door_then *then, void *user)
{
        struct door_wait *wait = arena_new(visit->arena, struct door_wait);
        *wait = (struct door_wait){ .door = door,
                .connection = visit->request->connection,
                .arena = http_suspend(visit->request, visit),
                .then = then,
                .user = user };
        visit->wait = wait;
        return wait;
}

/* On the writer's thread, after the commit. */
static void take_answer(void *user, const struct desk_answer *answer)
{
        struct door_wait *wait = user;
        *wait->answer = *answer;
        if (answer->done)
                wait->answer->receipt = receipt_copy(wait->arena, &answer->receipt);
        http_resume(wait->connection);
}

bool door_submit(struct door *door, struct visit *visit, const struct submission *submission,
                struct desk_answer *answer, door_then *then, void *user)
{
        struct door_wait *wait = wait_new(door, visit, then, user);
        wait->answer = answer;
        if (!desk_submit_async(door->desk, submission, take_answer, wait, &answer->err)) {
                answer->done = false;
                http_resume(wait->connection);
        }
        return true;
}

static void do_work(void *user)
{
        struct door_wait *wait = user;
        wait->work(wait->arena, wait->door->desk, wait->user);
        http_resume(wait->connection);
}

bool door_do(struct door *door, struct visit *visit, door_work *work, door_then *then, void *user)
{
        struct door_wait *wait = wait_new(door, visit, then, user);
        wait->work = work;
        if (worker_put(door->worker, do_work, wait))
                return true;
        wait->then = NULL;
        http_resume(wait->connection);
        return true;
}

bool door_go_on(struct visit *visit, struct err *err)
{
        struct door_wait *wait = visit->wait;
        if (wait->then == NULL)
                return err_set(err, E_HTTP_BUSY, "%s", "");
        return wait->then(visit, wait->user, err);
}

struct door *door_open(struct desk *desk)
{
        struct door *door = calloc(1, sizeof(*door));
        if (door == NULL)
                abort();
        *door = (struct door){ desk, worker_open() };
        return door;
}

void door_close(struct door **closing)
{
        struct door *door = *closing;
        if (door == NULL)
                return;
        *closing = NULL;
        worker_close(&door->worker);
        free(door);
}

struct desk_state door_state(struct door *door)
{
        return desk_state_of(door->desk);
}

void door_touch(struct door *door, const struct session *session, struct moment now)
{
        session_touch(door->desk, session, now);
}

struct reading {
        struct arena *arena;
        struct str staff, fields;
        int64_t matter;
        struct moment now;
};

static bool put_reading(void *user, struct tx *tx, struct err *err)
{
        const struct reading *r = user;
        return tx_run(tx, Q_ACCESS_PUT,
                        PARAMS(param_int(r->now.second), param_text(r->staff), param_int(r->matter),
                                        param_text(r->fields)),
                        err);
}

static void drop_reading(void *user)
{
        struct reading *r = user;
        struct arena *arena = r->arena;
        arena_close(&arena);
}

void door_note_reading(struct door *door, struct str staff, int64_t matter, struct str fields,
                struct moment now)
{
        struct arena *arena = arena_open();
        struct reading *r = arena_new(arena, struct reading);
        *r = (struct reading){ arena, str_copy(arena, staff), str_copy(arena, fields), matter,
                now };
        if (chore_leave(door->desk, put_reading, drop_reading, r))
                return;
        log_line(LOG_WARN, "web", "not noted: %.*s read %.*s of %lld", STR_FMT(staff),
                        STR_FMT(fields), (long long)matter);
        arena_close(&arena);
}

struct desk_numbers door_numbers(struct door *door)
{
        return desk_numbers(door->desk);
}
