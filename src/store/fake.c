#include "store/fake.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "store/driver.h"

#define FAKE_FAILED (-1)

struct database {
        const struct driver *driver;
        void *database;
        _Atomic int64_t steps, fail_at; /* a flush may come from another thread */
        const char *only;               /* steps of this name; NULL = all */
        bool conflict;
};

struct link {
        struct database *database;
        struct link *inner;
        struct err late; /* of a put that has failed; E_NONE = none has */
};

/* Counts a step, and fails if it is the scripted one. */
static bool step(struct database *database, const char *what, struct err *err)
{
        if (database->only != NULL && strcmp(database->only, what) != 0)
                return true;
        if (++database->steps != database->fail_at)
                return true;
        return err_set(err, E_STORE_IO, "%s：第 %lld 步按脚本失败", what,
                        (long long)database->steps);
}

/* The same of a link that may have to tell of an earlier put first. */
static bool link_step(struct link *link, const char *what, struct err *err)
{
        if (driver_at_work() || link->late.code == E_NONE)
                return step(link->database, what, err);
        *err = link->late;
        return false;
}

static bool link_open(void *where, bool writes, struct link **ret, struct err *err)
{
        struct database *database = where;
        struct link *inner;
        if (!step(database, "open", err) ||
                        !database->driver->open(database->database, writes, &inner, err))
                return false;
        struct link *link = calloc(1, sizeof(*link));
        if (link == NULL)
                abort();
        *link = (struct link){ .database = database, .inner = inner };
        *ret = link;
        return true;
}

static void link_close(struct link *link)
{
        link->database->driver->close(link->inner);
        free(link);
}

static bool link_begin(struct link *link, struct err *err)
{
        link->late = (struct err){ .code = E_NONE };
        return step(link->database, "begin", err) &&
               link->database->driver->begin(link->inner, err);
}

static bool begin_unflushed(struct link *link, struct err *err)
{
        const struct driver *driver = link->database->driver;
        if (!driver_at_work()) /* then what is handed over meanwhile is the owner's */
                link->late = (struct err){ .code = E_NONE };
        return step(link->database, "begin", err) &&
               (driver->begin_unflushed != NULL ? driver->begin_unflushed : driver->begin)(
                               link->inner, err);
}

static bool link_flush(struct link *link, struct err *err)
{
        const struct driver *driver = link->database->driver;
        return step(link->database, "flush", err) &&
               (driver->flush == NULL || driver->flush(link->inner, err));
}

static void link_rollback(struct link *link)
{
        if (!driver_at_work())
                link->late = (struct err){ .code = E_NONE };
        link->database->driver->rollback(link->inner);
}

static bool link_commit(struct link *link, struct err *err)
{
        if (link_step(link, driver_at_work() ? FAKE_COMMIT_AT_WORK : "commit", err))
                return link->database->driver->commit(link->inner, err);
        if (driver_at_work() && link->database->conflict)
                err_set(err, E_STORE_CONFLICT, "commit：按脚本冲突");
        link_rollback(link);
        return false;
}

static bool link_save(struct link *link, struct err *err)
{
        return link_step(link, "save", err) && link->database->driver->save(link->inner, err);
}

static bool link_release(struct link *link, struct err *err)
{
        return link_step(link, "release", err) && link->database->driver->release(link->inner, err);
}

static bool link_back(struct link *link, struct err *err)
{
        return link_step(link, "back", err) && link->database->driver->back(link->inner, err);
}

static bool link_run(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        return link_step(link, query_names[query], err) &&
               link->database->driver->run(link->inner, query, params, n_params, err);
}

/* Work fails at once, for whoever handed it over: late. */
static bool put_at_work(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        if (link_run(link, query, params, n_params, err))
                return true;
        if (link->database->conflict)
                err_set(err, E_STORE_CONFLICT, "%s：按脚本冲突", query_names[query]);
        return false;
}

/* Fails late. */
static bool link_put(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        const struct driver *driver = link->database->driver;
        if (driver_at_work())
                return put_at_work(link, query, params, n_params, err);
        if (link->late.code != E_NONE) {
                *err = link->late;
                return false;
        }
        if (!step(link->database, query_names[query], &link->late)) {
                if (link->database->conflict)
                        err_set(&link->late, E_STORE_CONFLICT, "%s：按脚本冲突",
                                        query_names[query]);
                return true;
        }
        return (driver->put != NULL ? driver->put : driver->run)(
                        link->inner, query, params, n_params, err);
}

static bool put_work(struct link *link, const struct work *work, struct err *err)
{
        const struct driver *driver = link->database->driver;
        if (link->late.code != E_NONE) {
                *err = link->late;
                return false;
        }
        return driver->put_work != NULL ? driver->put_work(link->inner, work, err)
                                        : driver_do_work(work, err);
}

static void push(struct link *link)
{
        const struct driver *driver = link->database->driver;
        if (driver->push != NULL)
                driver->push(link->inner);
}

static bool settle(struct link *link, struct err *err)
{
        const struct driver *driver = link->database->driver;
        bool done = driver->settle == NULL || driver->settle(link->inner, err);
        if (!done || link->late.code == E_NONE)
                return done;
        *err = link->late;
        return false;
}

static bool is_behind(struct link *link)
{
        const struct driver *driver = link->database->driver;
        return driver->is_behind != NULL && driver->is_behind(link->inner);
}

static int64_t link_changed(struct link *link)
{
        return link->database->driver->changed(link->inner);
}

static bool link_rows(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct rows *ret, struct err *err);

static bool next_row(struct rows *rows)
{
        struct err err;
        if (rows->failed != 0)
                return false;
        struct link *link = rows->link;
        if (!step(link->database, "row", &err)) {
                rows->failed = FAKE_FAILED;
                return false;
        }
        rows->link = link->inner; /* they are its own rows */
        bool more = link->database->driver->next(rows);
        rows->link = link;
        return more;
}

static bool report(const struct rows *rows, struct err *err)
{
        if (rows->failed == FAKE_FAILED)
                return err_set(err, E_STORE_IO, "row：按脚本失败");
        return rows->link->database->driver->report(rows, err);
}

static void end(struct rows *rows)
{
        struct link *link = rows->link;
        rows->link = link->inner;
        link->database->driver->end(rows);
        rows->link = link;
}

static struct store_param value(const struct rows *rows, int column)
{
        return rows->link->database->driver->value(rows, column);
}

static int64_t integer(const struct rows *rows, int column)
{
        return rows->link->database->driver->integer(rows, column);
}

static struct str bytes(const struct rows *rows, int column)
{
        return rows->link->database->driver->bytes(rows, column);
}

static bool is_null(const struct rows *rows, int column)
{
        return rows->link->database->driver->is_null(rows, column);
}

static int width(const struct rows *rows)
{
        return rows->link->database->driver->width(rows);
}

static bool link_check(struct link *link, struct err *err)
{
        return step(link->database, "check", err) &&
               link->database->driver->check(link->inner, err);
}

static bool link_scrub(struct link *link, struct err *err)
{
        return step(link->database, "scrub", err) &&
               link->database->driver->scrub(link->inner, err);
}

static bool link_backup(struct link *link, const char *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err)
{
        return step(link->database, "backup", err) &&
               link->database->driver->backup(link->inner, to, progress, user, err);
}

static const char *where_is(const void *where)
{
        const struct database *database = where;
        return database->driver->where(database->database);
}

static void drop(void *where)
{
        struct database *database = where;
        database->driver->drop(database->database);
        free(database);
}

static const struct driver fake_driver = {
        .open = link_open,
        .close = link_close,
        .begin = link_begin,
        .begin_unflushed = begin_unflushed,
        .flush = link_flush,
        .commit = link_commit,
        .rollback = link_rollback,
        .save = link_save,
        .release = link_release,
        .back = link_back,
        .run = link_run,
        .put = link_put,
        .put_work = put_work,
        .push = push,
        .settle = settle,
        .is_behind = is_behind,
        .changed = link_changed,
        .rows = link_rows,
        .next = next_row,
        .report = report,
        .end = end,
        .value = value,
        .integer = integer,
        .bytes = bytes,
        .is_null = is_null,
        .width = width,
        .check = link_check,
        .scrub = link_scrub,
        .backup = link_backup,
        .where = where_is,
        .drop = drop,
};

static bool link_rows(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct rows *ret, struct err *err)
{
        if (!link_step(link, query_names[query], err) ||
                        !link->database->driver->rows(
                                        link->inner, query, params, n_params, ret, err))
                return false;
        ret->driver = &fake_driver;
        ret->link = link;
        return true;
}

bool fake_open(struct store **inner, struct store **ret, struct err *err)
{
        struct database *database = calloc(1, sizeof(*database));
        if (database == NULL)
                abort();
        store_take(inner, &database->driver, &database->database);
        return store_over(&fake_driver, database, ret, err);
}

void fake_fail_at(struct store *fake, int64_t n)
{
        struct database *database = store_database(fake, &fake_driver);
        database->steps = 0;
        database->fail_at = n;
}

void fake_only(struct store *fake, const char *only)
{
        struct database *database = store_database(fake, &fake_driver);
        database->only = only;
}

void fake_conflict(struct store *fake, bool conflict)
{
        struct database *database = store_database(fake, &fake_driver);
        database->conflict = conflict;
}

int64_t fake_steps(const struct store *fake)
{
        const struct database *database = store_database(fake, &fake_driver);
        return database->steps;
}
