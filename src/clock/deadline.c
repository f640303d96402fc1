#include "clock/deadline.h"

#include <assert.h>

#define DAY_SECONDS       86400
#define MONTHS_A_YEAR     12
#define FIRST_DATABLE_DAY (-62091) /* 1800-01-01, DATE_MIN_YEAR */
#define LAST_DATABLE_DAY  376199   /* 2999-12-31, DATE_MAX_YEAR */

static const struct unit {
        const char *name, *zh;
        int length_max;
} units[] = {
        [DEADLINE_WORKING_DAYS] = { "working_days", "个工作日", 3000 },
        [DEADLINE_DAYS] = { "days", "日", 3660 },
        [DEADLINE_MONTHS] = { "months", "个月", 600 },
        [DEADLINE_YEARS] = { "years", "年", 50 },
        [DEADLINE_HOURS] = { "hours", "小时", 87840 },
        [DEADLINE_FIXED] = { "fixed", "日前", 0 },
        [DEADLINE_UNTIL] = { "until", "日止", 0 },
};

int deadline_length_max(enum deadline_unit unit)
{
        return units[unit].length_max;
}

const char *deadline_unit_name(enum deadline_unit unit)
{
        return units[unit].name;
}

const char *deadline_unit_zh(enum deadline_unit unit)
{
        return units[unit].zh;
}

bool deadline_unit_parse(struct str text, enum deadline_unit *ret)
{
        for (size_t i = 0; i < N_ELEMENTS(units); i++)
                if (str_is(text, units[i].name)) {
                        *ret = (enum deadline_unit)i;
                        return true;
                }
        return false;
}

/* ---- what is refused ---- */

static bool refuse_rule(const struct deadline_rule *rule, struct err *err, const char *why)
{
        return err_field(err, E_DEADLINE_RULE, str_of(rule->id), "%s", why);
}

static bool is_date_unit(enum deadline_unit unit)
{
        return unit == DEADLINE_FIXED || unit == DEADLINE_UNTIL;
}

static bool check_length(const struct deadline_term *term, struct err *err)
{
        const struct deadline_rule *rule = term->rule;
        int max = deadline_length_max(rule->unit);
        if (is_date_unit(rule->unit)) {
                if (rule->length == 0 && term->extension == 0 && term->n_pauses == 0)
                        return true;
                return refuse_rule(rule, err, "固定日期没有长度，不能中止或延长");
        }
        if (rule->length >= 1 && rule->length <= max && term->extension >= 0 &&
                        term->extension <= max - rule->length)
                return true;
        return err_field(err, E_DEADLINE_RULE, str_of(rule->id), "长度应在1至%d%s之间（含延长）",
                        max, deadline_unit_zh(rule->unit));
}

/* True from 1800-01-01 to 2999-12-31, with a month to spare at either end. */
static bool is_datable(int64_t day)
{
        return day > FIRST_DATABLE_DAY + 31 && day < LAST_DATABLE_DAY - 31;
}

static bool check_start(const struct deadline_term *term, struct err *err)
{
        const struct deadline_rule *rule = term->rule;
        bool counted = !is_date_unit(rule->unit) && rule->unit != DEADLINE_HOURS;
        int64_t start = term->start.day;
        if (rule->unit == DEADLINE_HOURS)
                start = term->start_moment.second / DAY_SECONDS;
        if (!is_datable(start) || (counted && !calendar_holds(term->start)))
                return err_field(err, E_DEADLINE_RANGE, str_of(rule->id), "起算日");
        return true;
}

static bool check_pauses(const struct deadline_term *term, struct err *err)
{
        if (term->n_pauses > DEADLINE_PAUSES_MAX)
                return refuse_rule(term->rule, err, "中止次数太多");
        for (size_t i = 0; i < term->n_pauses; i++) {
                struct deadline_pause pause = term->pauses[i];
                if (!is_datable(pause.from.day) ||
                                (!date_is_none(pause.until) && !is_datable(pause.until.day)))
                        return err_field(err, E_DEADLINE_RANGE, str_of(term->rule->id), "中止日期");
        }
        return true;
}

static bool check_term(const struct deadline_term *term, struct err *err)
{
        const struct deadline_rule *rule = term->rule;
        if ((size_t)rule->unit >= N_ELEMENTS(units) || rule->roll > DEADLINE_ROLL_NON_WORKING)
                return refuse_rule(rule, err, "单位或顺延方式不存在");
        if (rule->closing_minute < 0 || rule->closing_minute >= 24 * 60)
                return refuse_rule(rule, err, "业务截止时间应在一天之内");
        if (rule->roll > DEADLINE_ROLL_NONE &&
                        (is_date_unit(rule->unit) || rule->unit == DEADLINE_HOURS || rule->before))
                return refuse_rule(rule, err, "固定日期、小时和提前量不顺延");
        if (rule->before && (is_date_unit(rule->unit) || rule->unit == DEADLINE_HOURS ||
                                            term->n_pauses != 0))
                return refuse_rule(rule, err, "提前量只能用日、工作日、月或年，不能中止");
        return check_length(term, err) && check_start(term, err) && check_pauses(term, err);
}

static bool refuse_range(const struct deadline_rule *rule, struct err *err)
{
        return err_field(err, E_DEADLINE_RANGE, str_of(rule->id), "届满日");
}

static bool refuse_stopped(const struct deadline_rule *rule, struct date since, struct err *err)
{
        char text[11];
        date_write(since, text);
        return err_field(err, E_DEADLINE_STOPPED, str_of(rule->id), "自%s起中止", text);
}

/* ---- pauses ---- */

struct deadline_pause deadline_pause_through(struct date sent, struct date arrived)
{
        return (struct deadline_pause){ sent, date_next(arrived) };
}

/* No end is the latest end. */
static struct date end_of(struct deadline_pause pause)
{
        return date_is_none(pause.until) ? (struct date){ INT32_MAX } : pause.until;
}

size_t deadline_merge_pauses(
                const struct deadline_pause *pauses, size_t n, struct deadline_pause *merged)
{
        size_t n_sorted = 0;
        for (size_t i = 0; i < n; i++) {
                struct deadline_pause pause = { pauses[i].from, end_of(pauses[i]) };
                if (date_cmp(pause.from, pause.until) >= 0)
                        continue;
                size_t at = n_sorted++;
                for (; at > 0 && date_cmp(merged[at - 1].from, pause.from) > 0; at--)
                        merged[at] = merged[at - 1];
                merged[at] = pause;
        }
        size_t n_merged = 0;
        for (size_t i = 0; i < n_sorted; i++) {
                struct deadline_pause *last = n_merged != 0 ? &merged[n_merged - 1] : NULL;
                if (last == NULL || date_cmp(last->until, merged[i].from) < 0)
                        merged[n_merged++] = merged[i];
                else if (date_cmp(last->until, merged[i].until) < 0)
                        last->until = merged[i].until;
        }
        for (size_t i = 0; i < n_merged; i++)
                if (merged[i].until.day == INT32_MAX)
                        merged[i].until = DATE_NONE;
        return n_merged;
}

/* ---- counting ---- */

/* Everything the count looks at, with the pauses put in order. */
struct count {
        const struct deadline_rule *rule;
        const struct calendar *calendar;
        enum deadline_unit unit; /* DEADLINE_DAYS or DEADLINE_WORKING_DAYS */
        struct deadline_pause pauses[DEADLINE_PAUSES_MAX];
        size_t n_pauses;
};

static int units_between(const struct count *count, struct date from, struct date to)
{
        if (count->unit == DEADLINE_DAYS)
                return to.day - from.day;
        return calendar_working_days(count->calendar, from, to);
}

static bool add_units(const struct count *count, struct date day, int n, struct date *ret)
{
        if (count->unit == DEADLINE_WORKING_DAYS)
                return calendar_add_working_days(count->calendar, day, n, ret);
        *ret = date_add_days(day, n);
        return calendar_holds(*ret);
}

/* The day on which the n-th unit after `start` is spent: whole runs between the
 * pauses are counted at once. */
static bool count_forward(const struct count *count, struct date start, int n, struct date *ret,
                struct err *err)
{
        struct date at = start;
        for (size_t i = 0; i < count->n_pauses; i++) {
                struct deadline_pause pause = count->pauses[i];
                struct date before = date_add_days(pause.from, -1);
                if (date_cmp(before, at) > 0) {
                        int run = units_between(count, at, before);
                        if (n <= run)
                                break;
                        n -= run;
                        at = before;
                }
                if (date_is_none(pause.until))
                        return refuse_stopped(count->rule, pause.from, err);
                if (date_cmp(pause.until, at) > 0)
                        at = date_add_days(pause.until, -1);
                if (!calendar_holds(at))
                        return refuse_range(count->rule, err);
        }
        return add_units(count, at, n, ret) || refuse_range(count->rule, err);
}

static bool may_end_on(const struct count *count, struct date day)
{
        switch (count->rule->roll) {
        case DEADLINE_ROLL_NONE:
                return true;
        case DEADLINE_ROLL_HOLIDAY:
                return !calendar_is_holiday(count->calendar, day);
        default:
                return calendar_is_working_day(count->calendar, day);
        }
}

/* The first day from `day` on on which the period may end. */
static bool roll(const struct count *count, struct date day, struct date *ret, struct err *err)
{
        for (size_t i = 0;;) {
                if (i < count->n_pauses && date_cmp(count->pauses[i].from, day) <= 0) {
                        struct deadline_pause pause = count->pauses[i++];
                        if (date_is_none(pause.until))
                                return refuse_stopped(count->rule, pause.from, err);
                        if (date_cmp(day, pause.until) < 0)
                                day = pause.until;
                } else if (!calendar_holds(day)) {
                        return refuse_range(count->rule, err);
                } else if (may_end_on(count, day)) {
                        break;
                } else {
                        day = date_next(day);
                }
        }
        *ret = day;
        return true;
}

/* A period of months that is paused ends as many days later as were excluded:
 * its length in days is fixed by the start alone. */
static int length_in_units(const struct deadline_term *term)
{
        int length = term->rule->length + term->extension;
        if (term->rule->unit == DEADLINE_YEARS)
                length *= MONTHS_A_YEAR;
        if (term->rule->unit == DEADLINE_YEARS || term->rule->unit == DEADLINE_MONTHS)
                return date_add_months(term->start, length).day - term->start.day;
        return length;
}

static void count_begin(const struct deadline_term *term, const struct calendar *calendar,
                struct count *ret)
{
        bool working = term->rule->unit == DEADLINE_WORKING_DAYS;
        ret->rule = term->rule;
        ret->calendar = calendar;
        ret->unit = working ? DEADLINE_WORKING_DAYS : DEADLINE_DAYS;
        ret->n_pauses = deadline_merge_pauses(term->pauses, term->n_pauses, ret->pauses);
}

/* The last second at which an act of that day is still in time (第二百零三条第二款). */
static struct moment close_of(const struct deadline_rule *rule, struct date day)
{
        int minute = rule->closing_minute;
        if (minute == 0)
                return moment_of(day, 23, 59, 59);
        return moment_of(day, minute / 60, minute % 60, 0);
}

static struct deadline without_roll(const struct deadline_rule *rule, struct date day)
{
        return (struct deadline){ .last_day = day, .nominal = day, .due = close_of(rule, day) };
}

/* ---- one function for each way of counting ---- */

static bool compute_forward(const struct deadline_term *term, const struct calendar *calendar,
                struct deadline *ret, struct err *err)
{
        struct count count;
        count_begin(term, calendar, &count);
        bool working = count.unit == DEADLINE_WORKING_DAYS;
        struct date nominal, last_day;
        if (!count_forward(&count, term->start, length_in_units(term), &nominal, err))
                return false;
        last_day = nominal;
        if (!working && term->rule->roll != DEADLINE_ROLL_NONE &&
                        !roll(&count, nominal, &last_day, err))
                return false;

        /* Only the days that the calendar was asked about can make it provisional. */
        bool asked = working || term->rule->roll != DEADLINE_ROLL_NONE;
        struct date first = working ? date_next(term->start) : nominal;
        *ret = without_roll(term->rule, last_day);
        ret->nominal = nominal;
        ret->provisional = asked && !calendar_covers(calendar, first, last_day);
        return true;
}

/* Counted back, the start day and `length` whole units after the last day stay
 * clear; of working days the last day is one itself. */
static bool compute_backward(const struct deadline_term *term, const struct calendar *calendar,
                struct deadline *ret, struct err *err)
{
        const struct deadline_rule *rule = term->rule;
        int length = rule->length + term->extension;
        bool working = rule->unit == DEADLINE_WORKING_DAYS;
        struct date day = term->start;
        if (working) {
                if (!calendar_add_working_days(calendar, day, -length - 1, &day))
                        return refuse_range(rule, err);
        } else if (rule->unit == DEADLINE_DAYS) {
                day = date_add_days(day, -length - 1);
        } else {
                int months = rule->unit == DEADLINE_YEARS ? length * MONTHS_A_YEAR : length;
                day = date_add_days(date_add_months(day, -months), -1);
        }
        *ret = without_roll(rule, day);
        ret->provisional =
                        working && !calendar_covers(calendar, day, date_add_days(term->start, -1));
        return true;
}

/* Hours stand still from the first second of a pause to the first after it. */
static bool compute_hours(const struct deadline_term *term, struct deadline *ret, struct err *err)
{
        struct deadline_pause pauses[DEADLINE_PAUSES_MAX];
        size_t n_pauses = deadline_merge_pauses(term->pauses, term->n_pauses, pauses);
        int64_t left = (int64_t)(term->rule->length + term->extension) * 3600;
        int64_t at = term->start_moment.second;
        for (size_t i = 0; i < n_pauses; i++) {
                int64_t from = moment_of(pauses[i].from, 0, 0, 0).second;
                if (from > at) {
                        if (left <= from - at)
                                break;
                        left -= from - at;
                        at = from;
                }
                if (date_is_none(pauses[i].until))
                        return refuse_stopped(term->rule, pauses[i].from, err);
                int64_t until = moment_of(pauses[i].until, 0, 0, 0).second;
                at = until > at ? until : at;
        }
        struct moment due = { at + left };
        if (!is_datable(due.second / DAY_SECONDS))
                return refuse_range(term->rule, err);
        *ret = without_roll(term->rule, moment_date(due));
        ret->due = due;
        return true;
}

bool deadline_compute(const struct deadline_term *term, const struct calendar *calendar,
                struct deadline *ret, struct err *err)
{
        assert(term && term->rule && calendar && ret && err);
        assert(term->pauses || term->n_pauses == 0);

        if (!check_term(term, err))
                return false;
        if (term->rule->before)
                return compute_backward(term, calendar, ret, err);
        switch (term->rule->unit) {
        case DEADLINE_HOURS:
                return compute_hours(term, ret, err);
        case DEADLINE_FIXED:
                *ret = without_roll(term->rule, date_add_days(term->start, -1));
                return true;
        case DEADLINE_UNTIL:
                *ret = without_roll(term->rule, term->start);
                return true;
        default:
                return compute_forward(term, calendar, ret, err);
        }
}

bool deadline_spent(const struct deadline_term *term, const struct calendar *calendar,
                struct date day, int *ret, struct err *err)
{
        assert(term && term->rule && calendar && ret && err);
        if (!check_term(term, err))
                return false;
        if (term->rule->before || (term->rule->unit != DEADLINE_DAYS &&
                                                  term->rule->unit != DEADLINE_WORKING_DAYS))
                return refuse_rule(term->rule, err, "只有日和工作日能算已用天数");
        if (!calendar_holds(day))
                return err_field(err, E_DEADLINE_RANGE, str_of(term->rule->id), "查询日");

        struct count count;
        count_begin(term, calendar, &count);
        int spent = 0, length = term->rule->length + term->extension;
        struct date at = term->start;
        for (size_t i = 0; i < count.n_pauses && date_cmp(at, day) < 0; i++) {
                struct date before = date_add_days(count.pauses[i].from, -1);
                if (date_cmp(before, at) > 0) {
                        before = date_cmp(before, day) < 0 ? before : day;
                        spent += units_between(&count, at, before);
                        at = before;
                }
                struct date until = end_of(count.pauses[i]);
                if (date_cmp(until, at) > 0)
                        at = date_add_days(until, -1);
        }
        if (date_cmp(at, day) < 0)
                spent += units_between(&count, at, day);
        *ret = spent < length ? spent : length;
        return true;
}

int deadline_working_days_left(
                const struct calendar *calendar, struct date today, struct date last_day)
{
        return calendar_working_days(calendar, today, last_day);
}
