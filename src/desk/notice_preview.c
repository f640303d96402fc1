#include "desk/notice_preview.h"

#include "base/limits.h"
#include "projection/matter_read.h"

#define PORTION 256

struct counting {
        struct arena *arena; /* of what is kept */
        struct snapshot *snapshot;
        const struct catalogue *catalogue;
        struct date today;
        struct notice_preview *p;
        struct moved_clock *moved;
};

/* "calendars/2019-11-21-2020.tsv": by the day it was published and the year it is about. */
static struct str name_of(struct arena *arena, const struct notice *notice)
{
        static const char *const kinds[] = {
                [NOTICE_YEAR] = "", [NOTICE_AMENDS] = "-amends", [NOTICE_LAW] = "-law"
        };
        return str_format(arena, "calendars/%.*s%s-%d.tsv",
                        STR_FMT(date_format(arena, notice->known)), kinds[notice->kind],
                        notice->year);
}

/* What is in force, and with the new one beside it. */
static bool make_calendars(struct arena *arena, struct snapshot *snapshot, struct str text,
                struct date today, struct notice_preview *p, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct calendar_file *files =
                        arena_new_array(arena, CALENDAR_NOTICES_MAX + 1, struct calendar_file);
        const struct calendar_set *before, *after;
        size_t n = 0;
        if (!snapshot_rows(snapshot, Q_CALENDAR_LIST, NO_PARAMS, &rows, err))
                return false;
        while (n < CALENDAR_NOTICES_MAX && rows_next(&rows)) {
                files[n++] = (struct calendar_file){ str_copy(arena, rows_text(&rows, 0)),
                        str_copy(arena, rows_text(&rows, 1)) };
                if (str_eq(files[n - 1].name, p->name) || str_eq(files[n - 1].text, text))
                        return err_field(err, E_CALENDAR_KNOWN, p->notice.id, "%.*s",
                                        STR_FMT(files[n - 1].name));
        }
        if (!rows_end(&rows, err) || !calendar_set_new(arena, files, n, &before, err))
                return false;
        files[n] = (struct calendar_file){ p->name, text };
        if (!calendar_set_new(arena, files, n + 1, &after, err))
                return false;
        p->before = calendar_as_known(before, today);
        p->after = calendar_as_known(after, today);
        return true;
}

static void find_days(struct arena *arena, struct notice_preview *p)
{
        struct notice_day *days = arena_new_array(arena, NOTICE_DAYS_SHOWN, struct notice_day);
        struct date day, last;
        bool real = date_of(CALENDAR_FIRST_YEAR, 1, 1, &day) &&
                    date_of(CALENDAR_LAST_YEAR, 12, 31, &last);
        for (; real && date_cmp(day, last) <= 0; day = date_next(day)) {
                struct notice_day one = { day, calendar_day(p->before, day),
                        calendar_day(p->after, day) };
                if (one.before.kind == one.after.kind)
                        continue;
                if (p->n_days < NOTICE_DAYS_SHOWN)
                        days[p->n_days++] = one;
                p->n_days_all++;
        }
        p->days = days;
}

static void compare_clock(struct counting *c, const struct matter *matter, size_t i)
{
        struct notice_preview *p = c->p;
        const struct clock_definition *clock = &matter->version->clocks[i];
        struct deadline before, after;
        if (!matter_deadline(matter, i, p->before, c->today, &before) ||
                        !matter_deadline(matter, i, p->after, c->today, &after))
                return;
        if (date_cmp(before.last_day, after.last_day) == 0) {
                p->n_firm += before.provisional && !after.provisional;
                return;
        }
        if (p->n_moved < NOTICE_MOVED_SHOWN)
                c->moved[p->n_moved++] = (struct moved_clock){ matter->id,
                        str_copy(c->arena, matter->number), clock->name, clock->label,
                        before.last_day, after.last_day, after.provisional };
        p->n_moved_all++;
}

/* A portion of the matters with a running clock; their memory goes with it. */
static bool compare_portion(struct counting *c, struct arena *arena, int64_t *after, size_t *ret_n,
                struct err *err)
{
        int64_t ids[PORTION];
        size_t n = 0;
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(c->snapshot, Q_CLOCKS_COUNTING,
                            PARAMS(param_int(*after), param_int(PORTION)), &rows, err))
                return false;
        while (n < PORTION && rows_next(&rows))
                ids[n++] = rows_int(&rows, 0);
        if (!rows_end(&rows, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct matter *matter;
                if (!matter_read(arena, c->snapshot, c->catalogue, ids[i], &matter, err))
                        return false;
                for (size_t k = 0; k < matter->version->n_clocks; k++)
                        if (matter->clocks[k].status == CLOCK_RUNNING ||
                                        matter->clocks[k].status == CLOCK_PAUSED)
                                compare_clock(c, matter, k);
                *after = ids[i];
        }
        *ret_n = n;
        return true;
}

static bool find_moved(struct counting *c, struct err *err)
{
        int64_t after = 0;
        c->moved = arena_new_array(c->arena, NOTICE_MOVED_SHOWN, struct moved_clock);
        c->p->moved = c->moved;
        for (size_t n = PORTION; n == PORTION;) {
                struct arena *arena = arena_open();
                bool ok = compare_portion(c, arena, &after, &n, err);
                arena_close(&arena);
                if (!ok)
                        return false;
        }
        return true;
}

bool notice_preview(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str text, struct date today,
                struct notice_preview *ret, struct err *err)
{
        struct notice_preview p = { .name = STR_LIT("通知") };
        struct counting c = { .arena = arena,
                .snapshot = snapshot,
                .catalogue = catalogue,
                .today = today,
                .p = &p };
        if (text.n > LIMIT_DEFINITION_BYTES)
                return err_set(err, E_LIMIT, "通知最多 %u 字节", LIMIT_DEFINITION_BYTES);
        if (!notice_parse(arena, p.name, text, &p.notice, err))
                return false;
        if (date_cmp(p.notice.known, today) > 0)
                return err_field(err, E_CALENDAR_EARLY, p.notice.id, "公布于 %.*s",
                                STR_FMT(date_format(arena, p.notice.known)));
        p.name = name_of(arena, &p.notice);
        if (!make_calendars(arena, snapshot, text, today, &p, err))
                return false;
        find_days(arena, &p);
        if (!find_moved(&c, err))
                return false;
        *ret = p;
        return true;
}
