#include "clock/derivation.h"

#include <assert.h>

#include "clock/walk.h"

#define LINES_APART 62 /* of more lines, runs are drawn together */

/* The lines so far; there is room for every day of the period. */
struct writer {
        const struct deadline_term *term;
        const struct calendar *calendar;
        struct derivation_line *lines;
        size_t n, room;
};

static void write_line(
                struct writer *writer, struct date date, enum derivation_kind kind, int count)
{
        assert(writer->n < writer->room);
        writer->lines[writer->n++] = (struct derivation_line){
                .date = date,
                .kind = kind,
                .count = count,
                .day = calendar_day(writer->calendar, date),
        };
}

static void write_forward(struct writer *writer)
{
        const struct deadline_term *term = writer->term;
        const struct calendar *calendar = writer->calendar;
        bool working = term->rule->unit == DEADLINE_WORKING_DAYS;
        int count = 0, length = walk_length(term);
        struct date day = term->start;
        write_line(writer, day, DERIVATION_START, 0);
        while (count < length || (!working && !walk_may_end(term, calendar, day))) {
                day = date_next(day);
                if (walk_is_paused(term, day))
                        write_line(writer, day, DERIVATION_PAUSED, count);
                else if (count == length)
                        write_line(writer, day,
                                        walk_may_end(term, calendar, day) ? DERIVATION_LAST
                                                                          : DERIVATION_ROLLED,
                                        count);
                else if (working && !calendar_is_working_day(calendar, day))
                        write_line(writer, day, DERIVATION_SKIPPED, count);
                else
                        write_line(writer, day, DERIVATION_COUNTED, ++count);
        }
}

/* Counted back from the start, written in order of date. */
static void write_backward(struct writer *writer, struct date last_day)
{
        const struct deadline_term *term = writer->term;
        bool working = term->rule->unit == DEADLINE_WORKING_DAYS;
        int n_clear = 0;
        for (struct date day = date_next(last_day); date_cmp(day, term->start) < 0;
                        day = date_next(day))
                n_clear += !working || calendar_is_working_day(writer->calendar, day);

        write_line(writer, last_day, DERIVATION_LAST, n_clear);
        for (struct date day = date_next(last_day); date_cmp(day, term->start) < 0;
                        day = date_next(day)) {
                if (working && !calendar_is_working_day(writer->calendar, day))
                        write_line(writer, day, DERIVATION_SKIPPED, n_clear);
                else
                        write_line(writer, day, DERIVATION_COUNTED, n_clear--);
        }
        write_line(writer, term->start, DERIVATION_START, 0);
}

/* Hours and fixed dates: only the days on which something happens. */
static void write_ends(struct writer *writer, struct date first, struct date last_day)
{
        if (date_cmp(last_day, first) < 0)
                write_line(writer, last_day, DERIVATION_LAST, 0);
        write_line(writer, first, first.day == last_day.day ? DERIVATION_LAST : DERIVATION_START,
                        0);
        for (struct date day = date_next(first); date_cmp(day, last_day) < 0; day = date_next(day))
                if (walk_is_paused(writer->term, day))
                        write_line(writer, day, DERIVATION_PAUSED, 0);
        if (date_cmp(last_day, first) > 0)
                write_line(writer, last_day, DERIVATION_LAST, 0);
}

bool derivation_compute(struct arena *arena, const struct deadline_term *term,
                const struct calendar *calendar, struct derivation *ret, struct err *err)
{
        assert(arena && term && term->rule && calendar && ret && err);
        struct deadline deadline;
        if (!deadline_compute(term, calendar, &deadline, err))
                return false;

        enum deadline_unit unit = term->rule->unit;
        struct date first = unit == DEADLINE_HOURS ? moment_date(term->start_moment) : term->start;
        int days = deadline.last_day.day - first.day;
        struct writer writer = { .term = term, .calendar = calendar };
        writer.room = (size_t)(days < 0 ? -days : days) + 1;
        writer.lines = arena_new_array(arena, writer.room, struct derivation_line);
        if (unit == DEADLINE_HOURS || unit == DEADLINE_FIXED || unit == DEADLINE_UNTIL)
                write_ends(&writer, first, deadline.last_day);
        else if (term->rule->before)
                write_backward(&writer, deadline.last_day);
        else
                write_forward(&writer);

        /* The walk and the tables must have come to the same day. */
        bool reversed = days < 0;
        assert(writer.n > 0);
        assert(writer.lines[reversed ? 0 : writer.n - 1].date.day == deadline.last_day.day);
        for (size_t i = 0; i < writer.n; i++)
                writer.lines[i].last = writer.lines[i].date.day == deadline.last_day.day;

        *ret = (struct derivation){ term, calendar, deadline, writer.lines, writer.n };
        return true;
}

/* ---- in Chinese ---- */

const char *derivation_weekday_zh(struct date date)
{
        static const char *const names[] = { "周一", "周二", "周三", "周四", "周五", "周六",
                "周日" };
        return names[date_weekday(date) - 1];
}

/* "（国庆节调休上班）", "（周末）"; nothing for an ordinary working day. */
static void add_day(struct buf *buf, const struct derivation_line *line)
{
        if (line->day.kind == CALENDAR_WORKDAY)
                return;
        if (line->day.name.n == 0)
                buf_format(buf, "（%s）", calendar_kind_name(line->day.kind));
        else
                buf_format(buf, "（%.*s%s）", STR_FMT(line->day.name),
                                line->day.kind == CALENDAR_STATUTORY
                                                ? "，法定节假日"
                                                : calendar_kind_name(line->day.kind));
}

static const char *words_of(const struct derivation *derivation, enum derivation_kind kind)
{
        static const char *const forward[] = {
                [DERIVATION_START] = "起算日不计入",
                [DERIVATION_COUNTED] = "计入第%d日",
                [DERIVATION_SKIPPED] = "不计",
                [DERIVATION_PAUSED] = "中止不计",
                [DERIVATION_ROLLED] = "不作为届满日，顺延",
                [DERIVATION_LAST] = "顺延至此",
        };
        static const char *const backward[] = {
                [DERIVATION_START] = "当日不计入",
                [DERIVATION_COUNTED] = "留出第%d日",
                [DERIVATION_SKIPPED] = "不计",
                [DERIVATION_LAST] = "最迟在此日",
        };
        static const char *const dates[] = {
                [DERIVATION_START] = "规定的日期",
                [DERIVATION_LAST] = "最迟在此日",
        };
        static const char *const hours[] = {
                [DERIVATION_START] = "即时起算",
                [DERIVATION_PAUSED] = "中止不计",
                [DERIVATION_LAST] = "按时刻计算",
        };
        switch (derivation->term->rule->unit) {
        case DEADLINE_HOURS:
                return hours[kind];
        case DEADLINE_FIXED:
        case DEADLINE_UNTIL:
                return dates[kind];
        default:
                return derivation->term->rule->before ? backward[kind] : forward[kind];
        }
}

static void add_words(struct buf *buf, const struct derivation *derivation,
                const struct derivation_line *line)
{
        const char *words = words_of(derivation, line->kind);
        struct str before = str_of(words), number = STR_LIT("%d");
        size_t at = str_find(before, number);
        if (at == SIZE_MAX) {
                buf_c(buf, words);
                return;
        }
        buf_add(buf, words, at);
        buf_int(buf, line->count);
        buf_c(buf, words + at + number.n);
}

/* A day on which the count ended but the period may not: the roll begins here. */
static bool is_rolled_from(const struct derivation *derivation, const struct derivation_line *line)
{
        return line->kind == DERIVATION_COUNTED && !line->last && !derivation->term->rule->before &&
               line->date.day == derivation->deadline.nominal.day;
}

struct str derivation_line_zh(struct arena *arena, const struct derivation *derivation,
                const struct derivation_line *line)
{
        struct buf buf = BUF(arena);
        add_words(&buf, derivation, line);
        add_day(&buf, line);
        if (is_rolled_from(derivation, line))
                buf_c(&buf, "，遇休息日顺延");
        if (line->last)
                buf_c(&buf, "，届满");
        return buf_str(&buf);
}

static void add_line(struct arena *arena, struct buf *buf, const struct derivation *derivation,
                const struct derivation_line *line)
{
        char date[11];
        date_write(line->date, date);
        struct str words = derivation_line_zh(arena, derivation, line);
        buf_format(buf, "%s  %s  %.*s", date, derivation_weekday_zh(line->date), STR_FMT(words));
        if (line->day.notice != NULL)
                buf_format(buf, "  %.*s", STR_FMT(line->day.notice->id));
        buf_char(buf, '\n');
}

/* Counted days that nobody needs to see one by one. */
static bool is_dull(const struct derivation *derivation, const struct derivation_line *line)
{
        return derivation->n_lines > LINES_APART &&
               derivation->term->rule->unit != DEADLINE_WORKING_DAYS &&
               (line->kind == DERIVATION_COUNTED || line->kind == DERIVATION_PAUSED) &&
               !line->last && !is_rolled_from(derivation, line);
}

static void add_run(struct buf *buf, const struct derivation *derivation,
                const struct derivation_line *first, const struct derivation_line *last)
{
        char from[11], to[11];
        date_write(first->date, from);
        date_write(last->date, to);
        buf_format(buf, "%s  至    %s  ", from, to);
        add_words(buf, derivation, first);
        if (first->kind == DERIVATION_COUNTED)
                buf_format(buf, "至第%d日", last->count);
        buf_char(buf, '\n');
}

static void add_lines(struct arena *arena, struct buf *buf, const struct derivation *derivation)
{
        for (size_t i = 0; i < derivation->n_lines;) {
                const struct derivation_line *line = &derivation->lines[i];
                size_t end = i + 1;
                if (is_dull(derivation, line))
                        while (end < derivation->n_lines &&
                                        derivation->lines[end].kind == line->kind &&
                                        is_dull(derivation, &derivation->lines[end]))
                                end++;
                if (end - i > 2)
                        add_run(buf, derivation, line, &derivation->lines[end - 1]);
                else
                        for (size_t k = i; k < end; k++)
                                add_line(arena, buf, derivation, &derivation->lines[k]);
                i = end;
        }
}

static void add_head(struct buf *buf, const struct derivation *derivation)
{
        const struct deadline_term *term = derivation->term;
        const struct deadline_rule *rule = term->rule;
        buf_format(buf, "期限：%s", rule->id);
        if (rule->length > 0)
                buf_format(buf, "，%s%d%s", rule->before ? "提前至少" : "", rule->length,
                                deadline_unit_zh(rule->unit));
        if (term->extension > 0)
                buf_format(buf, "，延长%d%s", term->extension, deadline_unit_zh(rule->unit));
        if (rule->basis != NULL && rule->basis[0] != '\0')
                buf_format(buf, "（%s）", rule->basis);
        buf_char(buf, '\n');
}

static void add_result(struct arena *arena, struct buf *buf, const struct derivation *derivation)
{
        struct deadline deadline = derivation->deadline;
        int second = moment_second_of_day(deadline.due);
        struct str day = date_format_zh(arena, deadline.last_day);
        buf_format(buf, "届满：%.*s（%s）", STR_FMT(day), derivation_weekday_zh(deadline.last_day));
        if (derivation->term->rule->unit == DEADLINE_HOURS)
                buf_format(buf, "%d时%02d分%02d秒", second / 3600, second / 60 % 60, second % 60);
        else if (derivation->term->rule->closing_minute == 0)
                buf_c(buf, "24时");
        else
                buf_format(buf, "%d时%02d分", second / 3600, second / 60 % 60);
        buf_char(buf, '\n');
        if (deadline.provisional)
                buf_c(buf, "暂定：期间涉及放假安排尚未公布的年份，国务院通知公布后可能变动\n");
        struct date known = calendar_known(derivation->calendar);
        if (!date_is_none(known)) {
                day = date_format_zh(arena, known);
                buf_format(buf, "日历：按截至%.*s公布的放假安排推算\n", STR_FMT(day));
        }
}

struct str derivation_format(struct arena *arena, const struct derivation *derivation)
{
        struct buf buf = BUF(arena);
        add_head(&buf, derivation);
        add_lines(arena, &buf, derivation);
        add_result(arena, &buf, derivation);
        return buf_str(&buf);
}
