#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "procedure/diagram.h"

static const char procedure[] =
                "procedure: p\n"
                "label: 程序<1>\n"
                "visible: never\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2020-01-01\n"
                "    law: 某法\n"
                "    number: '{n}'\n"
                "    fields: {name: {label: 名称, type: text}}\n"
                "    states: {open: '办理&中', back: 退回, done: {label: 办结, final: true},\n"
                "             gone: {label: 撤回, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 开始, by: a, from: new, to: open, needs: [name]}\n"
                "      reject: {label: 退回, by: a, from: open, to: back}\n"
                "      again: {label: 重报, by: a, from: back, to: open}\n"
                "      finish: {label: 办结, by: a, from: open, to: done}\n"
                "      close: {label: 结案, by: a, from: open, to: done}\n"
                "      withdraw: {label: 撤回, by: a, from: any, to: gone}\n";

static struct str draw(struct arena *arena)
{
        const struct definition_source source = { STR_LIT("p.yaml"), str_of(procedure) };
        struct catalogue catalogue;
        struct str problems;
        struct err err;
        if (!catalogue_load(arena, &source, 1, &catalogue, &problems, &err))
                fail_msg("%.*s", STR_FMT(problems));
        struct buf buf = BUF(arena);
        if (!diagram_write(&buf, catalogue.procedures[0]->versions[0], "d1", &err))
                fail_msg("%.*s", STR_FMT(err_sentence(arena, &err)));
        return buf_str(&buf);
}

static void test_parts(void **state)
{
        static const struct {
                const char *why, *part;
        } rows[] = {
                { "the title is escaped, and read out",
                                "<title id=\"d1-title\">程序&lt;1&gt;（V1）的状态图" },
                { "every way in words", "退回：办理&amp;中 → 退回；重报：退回 → 办理&amp;中；" },
                { "labels are escaped", ">办理&amp;中</text>" },
                { "acts between the same states share an arrow",
                                "text-anchor=\"middle\" font-size=\"13\" fill=\"#334\" stroke=\"#fff\" "
                                "stroke-width=\"4\" paint-order=\"stroke\">结案</text>" },
                { "an arrow back is labelled along its lane", "writing-mode=\"vertical-rl\"" },
                { "an act from any state is written below", ">撤回：任何未终结状态 → 撤回</text>" },
                { "the end has a thick border", "stroke-width=\"3\"" },
                { "a state says what may be done in it",
                                "<title>办理&amp;中：退回、办结、结案</title>" },
        };
        (void)state;
        _cleanup_(arena_close) struct arena *arena = arena_open();
        struct str text = draw(arena);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (str_find(text, str_of(rows[i].part)) == SIZE_MAX)
                        fail_msg("%s: %s\n%.*s", rows[i].why, rows[i].part, STR_FMT(text));
}

static void test_same_bytes(void **state)
{
        (void)state;
        _cleanup_(arena_close) struct arena *arena = arena_open();
        assert_true(str_eq(draw(arena), draw(arena)));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parts),
                cmocka_unit_test(test_same_bytes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
