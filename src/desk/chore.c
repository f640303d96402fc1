#include "desk/chore.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/desk_state.h"

struct chore_job {
        struct job job;
        desk_chore *chore;
        void (*finished)(void *user);
        void *user;
};

static bool run_chore(struct writer *writer, struct job *job, struct err *err)
{
        struct chore_job *c = (struct chore_job *)job;
        return writer_mark(writer, err) && c->chore(c->user, writer->tx, err);
}

bool chore_do(struct desk *desk, desk_chore *chore, void *user, struct err *err)
{
        struct chore_job job = {
                .job = { .run = run_chore, .repeatable = true }, .chore = chore, .user = user
        };
        return desk_do(desk, &job.job, err);
}

static void end_chore(struct job *job, const struct err *err)
{
        struct chore_job *c = (struct chore_job *)job;
        if (err != NULL)
                log_line(LOG_WARN, "desk", "a chore was refused: %s: %s", err_text(err->code)->name,
                                err->detail);
        c->finished(c->user);
        free(c);
}

bool chore_leave(struct desk *desk, desk_chore *chore, void (*finished)(void *user), void *user)
{
        assert(desk->has_thread);
        struct chore_job *c = calloc(1, sizeof(*c));
        if (c == NULL)
                abort();
        *c = (struct chore_job){
                .job = { .run = run_chore, .answered = end_chore, .repeatable = true },
                .chore = chore,
                .finished = finished,
                .user = user,
        };
        if (queue_put(desk->queue, &c->job))
                return true;
        free(c);
        return false;
}
