/* Which acts may be late at once: those told of an hour, or of a day before their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "desk/hasty.h"
#include "procedure/definition.h"

static const char text[] =
                "procedure: change\n"
                "label: 变更\n"
                "visible: never\n"
                "versions:\n"
                "  - version: C1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '变〔{year}〕{n}号'\n"
                "    title: subject\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, class: public, max: 100}\n"
                "      changed_on: {label: 变更之日, type: date}\n"
                "      held_at: {label: 时刻, type: datetime}\n"
                "      held_on: {label: 日期, type: date}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      file: {label: 备案, by: clerk, from: new, to: open, needs: [subject],\n"
                "             takes: [changed_on, held_on], starts: {filing: changed_on}}\n"
                "      hold: {label: 扣押, by: clerk, from: open, needs: [held_at], takes: [held_on],\n"
                "             starts: {tell: held_at}}\n"
                "      seize: {label: 扣押, by: clerk, from: open, starts: {tell: now()}}\n"
                "      again: {label: 重来, by: clerk, from: open, takes: [changed_on], starts: filing}\n"
                "      close: {label: 办结, by: clerk, from: open, to: done, stops: [filing, tell]}\n"
                "    clocks:\n"
                "      filing: {label: 备案期限, length: 15 days, basis: 测试法 第一条}\n"
                "      tell: {label: 告知期限, length: 24 hours, basis: 测试法 第二条}\n";

static const struct {
        const char *what, *act, *field, *value;
        bool hasty;
} rows[] = {
        { "a day before", "file", "changed_on", "2021-04-05", true },
        { "the day itself", "file", "changed_on", "2021-04-06", false },
        { "a day to come", "file", "changed_on", "2021-04-07", false },
        { "no day", "file", "changed_on", "上周", false },
        { "a field that no clock starts from", "file", "held_on", "2021-04-05", false },
        { "told of no day", "file", "subject", "甲", false },
        { "hours, whatever is told", "hold", "held_at", "2021-04-06 11:00", true },
        { "hours, from no field", "seize", "changed_on", "2021-04-06", true },
        { "a clock that starts now", "again", "changed_on", "2021-04-05", false },
        { "no clock at all", "close", "changed_on", "2021-04-05", false },
        { "an act of nobody", "shut", "changed_on", "2021-04-05", false },
};

static struct hasty *read_acts(struct arena *arena)
{
        const struct definition_source source = { STR_LIT("procedures/change.yaml"), str_of(text) };
        struct catalogue *catalogue = arena_new(arena, struct catalogue);
        struct str problems = { 0 };
        struct err err;
        if (!catalogue_load(arena, &source, 1, catalogue, &problems, &err))
                fail_msg("%.*s", STR_FMT(problems));
        return hasty_acts(arena, catalogue);
}

static void test_rows(void **state)
{
        struct arena *arena = arena_open();
        const struct hasty *hasty = read_acts(arena);
        struct submission s = { 0 };
        struct err err;
        (void)state;
        assert_true(moment_parse(STR_LIT("2021-04-06 12:00"), &s.time, &err));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct member given = { str_of(rows[i].field),
                        value_string(str_of(rows[i].value)) };
                s.act = str_of(rows[i].act);
                s.fields = value_context(&given, 1);
                if (hasty_is(hasty, &s) != rows[i].hasty)
                        fail_msg("%s", rows[i].what);
        }
        struct member given = { STR_LIT("changed_on"),
                value_date(date_add_days(moment_date(s.time), -1)) };
        s.act = STR_LIT("file");
        s.fields = value_context(&given, 1);
        assert_true(hasty_is(hasty, &s)); /* as a scenario works it out */
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
