#include "desk/notices.h"

#include <assert.h>
#include <stdlib.h>

#include "desk/desk_state.h"
#include "desk/history.h"
#include "desk/site_state.h"
#include "projection/kinds.h"
#include "store/ids.h"

struct pending_notice {
        struct date known;
        struct str name, text;
};

static int by_day(const void *a, const void *b)
{
        const struct pending_notice *x = a, *y = b;
        int order = date_cmp(x->known, y->known);
        return order != 0 ? order : str_cmp(x->name, y->name);
}

static void add(struct notices *notices, struct date known, struct str name, struct str text)
{
        notices->rows = arena_grow(
                        notices->arena, notices->rows, notices->n, 1, sizeof(*notices->rows));
        notices->rows[notices->n++] = (struct pending_notice){ known,
                str_copy(notices->arena, name), str_copy(notices->arena, text) };
}

/* The day on which an event was recorded; DATE_NONE if there is no such event. */
static bool day_of(struct arena *arena, struct snapshot *snapshot, int64_t id, struct date *ret,
                struct err *err)
{
        struct past_event event;
        int64_t matter;
        struct err missing;
        *ret = DATE_NONE;
        if (!history_event(arena, snapshot, id, &event, &matter, &missing)) {
                if (missing.code == E_NOT_FOUND)
                        return true;
                *err = missing;
                return false;
        }
        *ret = moment_date(event.leaf.time);
        return true;
}

/* Of a site's own tables: what was loaded before it was published. */
static bool find_in_tables(struct notices *notices, struct snapshot *snapshot, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_CALENDAR_LIST, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct str text = str_copy(notices->arena, rows_text(&rows, 1));
                struct notice notice;
                struct date loaded;
                if (!notice_parse(notices->arena, rows_text(&rows, 0), text, &notice, err) ||
                                !day_of(notices->arena, snapshot, rows_int(&rows, 2), &loaded, err))
                        return false;
                if (date_cmp(loaded, notice.known) < 0)
                        add(notices, notice.known, rows_text(&rows, 0), text);
        }
        return rows_end(&rows, err);
}

/* Of a site in memory, whose calendars are given: what was published after its first event. */
static bool find_in_set(struct notices *notices, struct snapshot *snapshot,
                const struct calendar_set *set, struct err *err)
{
        struct date first;
        size_t n;
        const struct notice *const *all = calendar_notices(calendar_latest(set), &n);
        if (!day_of(notices->arena, snapshot, id_of(0, 0), &first, err))
                return false;
        for (size_t i = 0; i < n && !date_is_none(first); i++)
                if (date_cmp(first, all[i]->known) < 0)
                        add(notices, all[i]->known, all[i]->id, all[i]->id);
        return true;
}

static bool find(struct desk *desk, const struct calendar_set *set, struct err *err)
{
        struct notices *notices = &desk->notices;
        struct snapshot *snapshot = NULL;
        notices_close(notices);
        notices->arena = arena_open();
        bool ok = desk_settle(desk, err) && snapshot_open(site_store(desk->site), &snapshot, err) &&
                  (site_dir(desk->site).n > 0 ? find_in_tables(notices, snapshot, err)
                                              : find_in_set(notices, snapshot, set, err));
        snapshot_close(&snapshot);
        if (ok && notices->n > 0)
                qsort(notices->rows, notices->n, sizeof(*notices->rows), by_day);
        if (ok)
                notices->of = set;
        return ok;
}

bool notices_next(struct desk *desk, struct moment *ret, bool *ret_any, struct err *err)
{
        struct notices *notices = &desk->notices;
        const struct calendar_set *set = site_calendars(desk->site);
        if (notices->of != set && !find(desk, set, err))
                return false;
        *ret_any = notices->next < notices->n;
        if (*ret_any)
                *ret = moment_of(notices->rows[notices->next].known, 0, 0, 0);
        return true;
}

struct notice_job {
        struct job job;
        const struct pending_notice *notice;
};

static bool run_load(struct writer *w, struct job *job, struct err *err)
{
        const struct pending_notice *notice = ((struct notice_job *)job)->notice;
        struct moment morning = moment_of(notice->known, 0, 0, 0);
        struct member members[] = {
                { STR_LIT("name"), value_string(notice->name) },
                { STR_LIT("text"), value_string(notice->text) },
        };
        struct fact fact = {
                .reg = STR_LIT(KIND_CALENDAR),
                .act = STR_LIT(ACT_LOAD),
                .actor = STR_LIT("system"),
                .data = value_context(members, N_ELEMENTS(members)),
        };
        int64_t seq;
        if (w->desk->options.times_given)
                writer_set_time(w, morning.second > w->tip.time.second ? morning : w->tip.time);
        fact.time = w->now;
        return writer_record(w, &fact, NULL, STR_LIT(""), &seq, err);
}

bool notices_load(struct desk *desk, struct err *err)
{
        struct notices *notices = &desk->notices;
        assert(notices->next < notices->n);
        struct notice_job job = { .job = { .run = run_load },
                .notice = &notices->rows[notices->next] };
        if (!desk_do(desk, &job.job, err))
                return false;
        notices->next++;
        return true;
}

void notices_close(struct notices *notices)
{
        arena_close(&notices->arena);
        *notices = (struct notices){ 0 };
}
