#include "clock/probe.h"

#include <assert.h>

#include "clock/deadline.h"

static bool read_line(
                struct str line, struct deadline_rule *rule, struct date *start, struct err *err)
{
        struct str rest = str_trim(line);
        struct str day = str_split(&rest, '\t'), length = str_split(&rest, '\t'), unit = rest;
        int64_t n;
        if (!str_is_utf8(line))
                return err_set(err, E_UTF8, "试算行");
        if (!date_parse(day, start, err))
                return false;
        if (!str_to_int(length, &n))
                return err_set(err, E_PROBE_LINE, "长度应是整数");
        if (!deadline_unit_parse(unit, &rule->unit) || rule->unit > DEADLINE_MONTHS)
                return err_set(err, E_PROBE_LINE, "单位应是 working_days、days 或 months");
        /* What is too long stays too long: the rule says so. */
        rule->length = n > INT32_MAX ? INT32_MAX : n < 0 ? 0 : (int)n;
        return true;
}

/* Errors are one cell of one line, whatever the line held. */
static void add_error(const struct err *err, struct buf *out)
{
        buf_format(out, "error\t%s\t", err_text(err->code)->name);
        struct str sentence = err_sentence(out->arena, err);
        for (size_t i = 0; i < sentence.n; i++)
                buf_char(out, (unsigned char)sentence.p[i] < ' ' ? ' ' : sentence.p[i]);
}

void clock_probe(const struct calendar *calendar, struct str line, struct buf *out)
{
        assert(calendar && out);
        struct deadline_rule rule = { .id = "probe" };
        struct deadline_term term = { .rule = &rule };
        struct deadline deadline;
        struct err err;
        if (!read_line(line, &rule, &term.start, &err) ||
                        !deadline_compute(&term, calendar, &deadline, &err)) {
                add_error(&err, out);
                return;
        }
        char last_day[11];
        date_write(deadline.last_day, last_day);
        buf_c(out, last_day);
        buf_c(out, deadline.provisional ? "\tprovisional" : "\tfirm");
}
