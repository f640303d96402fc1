#include "clock/calendar.h"

#include <assert.h>
#include <stdlib.h>

/* 1996-01-01 to 2095-12-31; a test holds the two to the years of the header. */
#define FIRST_DAY 9496
#define N_DAYS    36525
#define N_YEARS   (CALENDAR_LAST_YEAR - CALENDAR_FIRST_YEAR + 1)

/* What decided a day: a row of a notice. */
struct cause {
        const struct notice *notice;
        const struct notice_row *row;
};

struct calendar {
        const struct notice *const *notices; /* the first n_notices of the set */
        size_t n_notices;
        const struct cause *causes; /* of the set; cause 0 is nobody */
        uint8_t kind[N_DAYS];       /* enum calendar_kind */
        uint16_t cause[N_DAYS];
        uint16_t rank[N_DAYS];         /* working days up to and with this day */
        uint16_t working[N_DAYS];      /* the inverse: [rank - 1] = day */
        uint16_t covered[N_YEARS + 1]; /* years covered before this one */
};

struct calendar_set {
        const struct notice *const *notices; /* by day of becoming known, then year */
        size_t n_notices;
        const struct cause *causes;
        const struct calendar *const *versions; /* the first knows nothing */
        size_t n_versions;
};

bool calendar_holds(struct date day)
{
        return day.day >= FIRST_DAY && day.day < FIRST_DAY + N_DAYS;
}

static bool is_working_kind(enum calendar_kind kind)
{
        return kind <= CALENDAR_MAKEUP;
}

static bool is_weekend(struct date day)
{
        return date_weekday(day) >= SATURDAY;
}

/* ---- building one version ---- */

static void mark(struct calendar *calendar, const struct notice_row *row, struct date from,
                struct date to, size_t cause)
{
        static const uint8_t kinds[] = {
                [ROW_OFF] = CALENDAR_BRIDGE,
                [ROW_STATUTORY] = CALENDAR_STATUTORY,
                [ROW_WORK] = CALENDAR_MAKEUP,
                [ROW_FIXED] = CALENDAR_STATUTORY,
        };
        for (struct date day = from; date_cmp(day, to) <= 0; day = date_next(day)) {
                if (!calendar_holds(day))
                        continue;
                calendar->kind[day.day - FIRST_DAY] = kinds[row->kind];
                calendar->cause[day.day - FIRST_DAY] = (uint16_t)cause;
        }
}

/* The row's days in that year; a row of 29 February is off in leap years only. */
static void mark_fixed(
                struct calendar *calendar, const struct notice_row *row, int year, size_t cause)
{
        for (struct date day = row->from; date_cmp(day, row->to) <= 0; day = date_next(day)) {
                int of_2000, month, of_month;
                struct date there;
                date_parts(day, &of_2000, &month, &of_month);
                if (date_of(year, month, of_month, &there))
                        mark(calendar, row, there, there, cause);
        }
}

static bool is_arranged(const struct calendar *calendar, int year)
{
        for (size_t i = 0; i < calendar->n_notices; i++)
                if (calendar->notices[i]->kind == NOTICE_YEAR && calendar->notices[i]->year == year)
                        return true;
        return false;
}

/* The law that holds in a year: of those known, the one that began last. */
static const struct notice *law_of(const struct calendar *calendar, int year)
{
        const struct notice *law = NULL;
        for (size_t i = 0; i < calendar->n_notices; i++) {
                const struct notice *notice = calendar->notices[i];
                if (notice->kind == NOTICE_LAW && notice->year <= year &&
                                (law == NULL || notice->year >= law->year))
                        law = notice;
        }
        return law;
}

/* True if a later notice of the year arranges the whole year or this festival anew. */
static bool is_superseded(const struct calendar *calendar, size_t i, const struct notice_row *row)
{
        for (size_t j = i + 1; j < calendar->n_notices; j++) {
                const struct notice *later = calendar->notices[j];
                if (later->kind == NOTICE_LAW || later->year != calendar->notices[i]->year)
                        continue;
                if (later->kind == NOTICE_YEAR || notice_has_festival(later, row->name))
                        return true;
        }
        return false;
}

/* Statutory days lie within days off, so rows are marked in this order. */
static const enum notice_row_kind marking_order[] = { ROW_OFF, ROW_STATUTORY, ROW_WORK };

static void mark_notice(struct calendar *calendar, size_t i, size_t first_cause)
{
        const struct notice *notice = calendar->notices[i];
        for (size_t k = 0; k < N_ELEMENTS(marking_order); k++)
                for (size_t r = 0; r < notice->n_rows; r++) {
                        const struct notice_row *row = &notice->rows[r];
                        if (row->kind == marking_order[k] && !is_superseded(calendar, i, row))
                                mark(calendar, row, row->from, row->to, first_cause + r);
                }
}

static size_t cause_of(const struct calendar *calendar, const struct notice *notice)
{
        size_t first = 1;
        for (size_t i = 0; calendar->notices[i] != notice; i++)
                first += calendar->notices[i]->n_rows;
        return first;
}

static void mark_law(struct calendar *calendar, int year)
{
        const struct notice *law = law_of(calendar, year);
        if (law == NULL)
                return;
        size_t first_cause = cause_of(calendar, law);
        for (size_t r = 0; r < law->n_rows; r++)
                mark_fixed(calendar, &law->rows[r], year, first_cause + r);
}

static void count_working_days(struct calendar *calendar)
{
        uint16_t n = 0;
        for (int i = 0; i < N_DAYS; i++) {
                if (is_working_kind(calendar->kind[i]))
                        calendar->working[n++] = (uint16_t)i;
                calendar->rank[i] = n;
        }
}

static struct calendar *build_version(
                struct arena *arena, const struct calendar_set *set, size_t n_notices)
{
        struct calendar *calendar = arena_new(arena, struct calendar);
        calendar->notices = set->notices;
        calendar->n_notices = n_notices;
        calendar->causes = set->causes;
        for (int i = 0; i < N_DAYS; i++)
                if (is_weekend((struct date){ FIRST_DAY + i }))
                        calendar->kind[i] = CALENDAR_WEEKEND;
        for (int y = 0; y < N_YEARS; y++) {
                bool arranged = is_arranged(calendar, CALENDAR_FIRST_YEAR + y);
                calendar->covered[y + 1] = (uint16_t)(calendar->covered[y] + arranged);
                if (!arranged)
                        mark_law(calendar, CALENDAR_FIRST_YEAR + y);
        }
        for (size_t i = 0; i < n_notices; i++)
                if (set->notices[i]->kind != NOTICE_LAW)
                        mark_notice(calendar, i, cause_of(calendar, set->notices[i]));
        count_working_days(calendar);
        return calendar;
}

/* ---- building the set ---- */

static int notice_cmp(const void *left, const void *right)
{
        const struct notice *a = *(const struct notice *const *)left;
        const struct notice *b = *(const struct notice *const *)right;
        int order = date_cmp(a->known, b->known);
        if (order == 0)
                order = (a->year > b->year) - (a->year < b->year);
        return order != 0 ? order : (a->kind == NOTICE_LAW) - (b->kind == NOTICE_LAW);
}

static bool read_notices(struct arena *arena, const struct calendar_file *files, size_t n_files,
                const struct notice **notices, struct err *err)
{
        for (size_t i = 0; i < n_files; i++) {
                struct notice *notice = arena_new(arena, struct notice);
                if (!notice_parse(arena, files[i].name, files[i].text, notice, err))
                        return false;
                if (notice->kind != NOTICE_LAW &&
                                (notice->year <= CALENDAR_FIRST_YEAR ||
                                                notice->year > CALENDAR_LAST_YEAR))
                        return err_field(err, E_CALENDAR_SYNTAX, files[i].name,
                                        "年份应在%d至%d之间", CALENDAR_FIRST_YEAR + 1,
                                        CALENDAR_LAST_YEAR);
                notices[i] = notice;
        }
        qsort(notices, n_files, sizeof(notices[0]), notice_cmp);
        for (size_t i = 1; i < n_files; i++)
                if (notice_cmp(&notices[i - 1], &notices[i]) == 0)
                        return err_field(err, E_CALENDAR_CONFLICT, notices[i]->id,
                                        "%d年有两份同一天公布的通知", notices[i]->year);
        return true;
}

static const struct cause *list_causes(struct arena *arena, const struct calendar_set *set)
{
        size_t n = 1;
        for (size_t i = 0; i < set->n_notices; i++)
                n += set->notices[i]->n_rows;
        assert(n <= UINT16_MAX);
        struct cause *causes = arena_new_array(arena, n, struct cause);
        n = 1;
        for (size_t i = 0; i < set->n_notices; i++)
                for (size_t r = 0; r < set->notices[i]->n_rows; r++)
                        causes[n++] = (struct cause){ set->notices[i], &set->notices[i]->rows[r] };
        return causes;
}

bool calendar_set_new(struct arena *arena, const struct calendar_file *files, size_t n_files,
                const struct calendar_set **ret, struct err *err)
{
        assert(arena && ret && err);
        assert(files || n_files == 0);
        if (n_files > CALENDAR_NOTICES_MAX)
                return err_set(err, E_LIMIT, "节假日数据超过%u份", CALENDAR_NOTICES_MAX);

        const struct notice **notices = arena_new_array(arena, n_files, const struct notice *);
        if (!read_notices(arena, files, n_files, notices, err))
                return false;

        struct calendar_set *set = arena_new(arena, struct calendar_set);
        set->notices = notices;
        set->n_notices = n_files;
        set->causes = list_causes(arena, set);
        const struct calendar **versions =
                        arena_new_array(arena, n_files + 1, const struct calendar *);
        versions[set->n_versions++] = build_version(arena, set, 0);
        for (size_t i = 0; i < n_files; i++)
                if (i + 1 == n_files || date_cmp(notices[i]->known, notices[i + 1]->known) != 0)
                        versions[set->n_versions++] = build_version(arena, set, i + 1);
        set->versions = versions;
        *ret = set;
        return true;
}

const struct calendar *calendar_as_known(const struct calendar_set *set, struct date day)
{
        size_t v = set->n_versions - 1;
        while (v > 0 && date_cmp(calendar_known(set->versions[v]), day) > 0)
                v--;
        return set->versions[v];
}

const struct calendar *calendar_latest(const struct calendar_set *set)
{
        return set->versions[set->n_versions - 1];
}

struct date calendar_known(const struct calendar *calendar)
{
        size_t n = calendar->n_notices;
        return n != 0 ? calendar->notices[n - 1]->known : DATE_NONE;
}

const struct notice *const *calendar_notices(const struct calendar *calendar, size_t *n)
{
        *n = calendar->n_notices;
        return calendar->notices;
}

/* ---- questions ---- */

static enum calendar_kind kind_of(const struct calendar *calendar, struct date day)
{
        if (calendar_holds(day))
                return calendar->kind[day.day - FIRST_DAY];
        return is_weekend(day) ? CALENDAR_WEEKEND : CALENDAR_WORKDAY;
}

bool calendar_is_working_day(const struct calendar *calendar, struct date day)
{
        return is_working_kind(kind_of(calendar, day));
}

bool calendar_is_holiday(const struct calendar *calendar, struct date day)
{
        return kind_of(calendar, day) >= CALENDAR_BRIDGE;
}

bool calendar_covers(const struct calendar *calendar, struct date from, struct date to)
{
        if (date_cmp(from, to) > 0)
                return true;
        if (!calendar_holds(from) || !calendar_holds(to))
                return false;
        int first = date_year(from) - CALENDAR_FIRST_YEAR,
            last = date_year(to) - CALENDAR_FIRST_YEAR;
        return calendar->covered[last + 1] - calendar->covered[first] == last - first + 1;
}

/* Working days up to and with this day; before the table none, after it all. */
static int rank_of(const struct calendar *calendar, struct date day)
{
        if (day.day < FIRST_DAY)
                return 0;
        int last = FIRST_DAY + N_DAYS - 1;
        return calendar->rank[(day.day < last ? day.day : last) - FIRST_DAY];
}

int calendar_working_days(const struct calendar *calendar, struct date from, struct date to)
{
        return rank_of(calendar, to) - rank_of(calendar, from);
}

bool calendar_add_working_days(
                const struct calendar *calendar, struct date day, int n, struct date *ret)
{
        if (n == 0) {
                *ret = day;
                return true;
        }
        if (!calendar_holds(day) || n > N_DAYS || n < -N_DAYS)
                return false;
        /* Backwards, a working day that we start from is not one of the n. */
        int rank = rank_of(calendar, day) + n;
        if (n < 0 && !calendar_is_working_day(calendar, day))
                rank++;
        if (rank < 1 || rank > calendar->rank[N_DAYS - 1])
                return false;
        *ret = (struct date){ FIRST_DAY + calendar->working[rank - 1] };
        return true;
}

struct date calendar_on_or_after(const struct calendar *calendar, struct date day)
{
        while (!calendar_is_working_day(calendar, day))
                day = date_next(day);
        return day;
}

struct date calendar_on_or_before(const struct calendar *calendar, struct date day)
{
        while (!calendar_is_working_day(calendar, day))
                day = date_add_days(day, -1);
        return day;
}

struct date calendar_next_working_day(const struct calendar *calendar, struct date day)
{
        return calendar_on_or_after(calendar, date_next(day));
}

struct calendar_day calendar_day(const struct calendar *calendar, struct date day)
{
        struct calendar_day ret = { .kind = kind_of(calendar, day) };
        size_t cause = calendar_holds(day) ? calendar->cause[day.day - FIRST_DAY] : 0;
        if (cause != 0) {
                ret.name = calendar->causes[cause].row->name;
                ret.notice = calendar->causes[cause].notice;
        }
        return ret;
}

const char *calendar_kind_name(enum calendar_kind kind)
{
        static const char *const names[] = {
                [CALENDAR_WORKDAY] = "工作日",
                [CALENDAR_MAKEUP] = "调休上班",
                [CALENDAR_WEEKEND] = "周末",
                [CALENDAR_BRIDGE] = "调休放假",
                [CALENDAR_STATUTORY] = "法定节假日",
        };
        return names[kind];
}

bool calendar_year(struct arena *arena, const struct calendar *calendar, int year,
                struct calendar_year *ret, struct err *err)
{
        struct date first, last;
        if (year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR ||
                        !date_of(year, 1, 1, &first) || !date_of(year, 12, 31, &last))
                return err_set(err, E_CALENDAR_YEAR, "%d年", year);

        struct calendar_span *spans = arena_new_array(arena, 366, struct calendar_span);
        size_t n = 0;
        for (struct date day = first; date_cmp(day, last) <= 0; day = date_next(day)) {
                struct calendar_day what = calendar_day(calendar, day);
                if (what.notice == NULL)
                        continue;
                struct calendar_span *before = n != 0 ? &spans[n - 1] : NULL;
                if (before != NULL && date_next(before->to).day == day.day &&
                                before->day.kind == what.kind &&
                                str_eq(before->day.name, what.name))
                        before->to = day;
                else
                        spans[n++] = (struct calendar_span){ day, day, what };
        }
        *ret = (struct calendar_year){
                .year = year,
                .provisional = !calendar_covers(calendar, first, last),
                .n_working_days = calendar_working_days(calendar, date_add_days(first, -1), last),
                .spans = spans,
                .n_spans = n,
        };
        return true;
}
