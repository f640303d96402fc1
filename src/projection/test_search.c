#include "projection/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
        const char *why, *text, *terms;
} splits[] = {
        { "pairs, and the last character alone", "行政许可", "行政 政许 许可 可 " },
        { "a single character", "镕", "镕 " },
        { "nothing", "", "" },
        { "signs separate and are dropped", "厦司公开申〔2021〕1号",
                        "厦司 司公 公开 开申 申 2021 1 号 " },
        { "words in lower case", "Legal AID热线", "legal aid 热线 线 " },
        { "full-width letters are the same", "ＡＢ１２", "ab12 " },
        { "characters beyond the first plane, as in names (GB 18030)", "𠮷野𬱖",
                        "𠮷野 野𬱖 𬱖 " },
        { "names with a dot", "阿卜杜拉·买买提", "阿卜 卜杜 杜拉 拉 买买 买提 提 " },
        { "letters of other scripts are words", "Ürümqi", "Ürümqi " },
};

static const struct {
        const char *why, *typed;
        bool public_only;
        const char *query;
} queries[] = {
        { "two characters are one pair, a term to its end", "工伤", false, "\"工伤\"" },
        { "more are a phrase of pairs", "法律援助", false, "\"法律 律援 援助\"" },
        { "one is the beginning of a pair, or the end of a run", "镕", false, "\"镕\"*" },
        { "all parts must occur", "张三 2021", false, "\"张三\" AND \"2021\"*" },
        { "the ideographic blank separates too", "张三\343\200\200李四", false,
                        "\"张三\" AND \"李四\"" },
        { "inside a phrase a run is closed as it was when split", "公开申〔2021", false,
                        "\"公开 开申 申 2021\"*" },
        { "strangers look in public text only", "张三", true, "open : (\"张三\")" },
        { "nothing to look for", " 。、 ", true, "" },
        { "quotes and operators are not syntax", "\"a\" OR *", false, "\"a\"* AND \"or\"*" },
};

static void test_splits(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(splits); i++) {
                struct arena *arena = arena_open();
                struct buf buf = BUF(arena);
                search_split(&buf, str_of(splits[i].text));
                if (!str_is(buf_str(&buf), splits[i].terms))
                        fail_msg("%s: %.*s", splits[i].why, STR_FMT(buf_str(&buf)));
                arena_close(&arena);
        }
}

static void test_queries(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(queries); i++) {
                struct arena *arena = arena_open();
                struct str query = search_query(
                                arena, str_of(queries[i].typed), queries[i].public_only);
                if (!str_is(query, queries[i].query))
                        fail_msg("%s: %.*s", queries[i].why, STR_FMT(query));
                arena_close(&arena);
        }
}

/* A very long query is cut, not refused. */
static void test_long_query(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct buf typed = BUF(arena);
        for (int i = 0; i < 1000; i++)
                buf_c(&typed, "法");
        assert_true(search_query(arena, buf_str(&typed), false).n < 1000);
        arena_close(&arena);
}

static const struct {
        const char *why, *text, *typed;
        bool found;
} texts[] = {
        { "two characters that stand together", "郭雅琴申请执业", "雅琴", true },
        { "one character", "郭雅琴", "琴", true },
        { "the whole", "郭雅琴", "郭雅琴", true },
        { "not across what parts them", "郭雅\n琴", "雅琴", false },
        { "not in another order", "郭雅琴", "琴雅", false },
        { "all parts", "郭雅琴 准予执业", "执业 雅琴", true },
        { "one part is missing", "郭雅琴 准予执业", "执业 王", false },
        { "the beginning of a word", "plumbline", "plumb", true },
        { "not its middle", "plumbline", "line", false },
        { "a number", "清司许〔2023〕151号", "许〔2023〕151号", true },
        { "another number", "清司许〔2023〕151号", "〔2023〕15号", false },
        { "full width", "Ａ１２", "a12", true },
        { "nothing left to look for", "郭雅琴", "，。", false },
        { "nothing to look in", "", "琴", false },
};

/* As the index would, without one. */
static void test_finds(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(texts); i++)
                if (search_finds(arena, str_of(texts[i].text), str_of(texts[i].typed)) !=
                                texts[i].found)
                        fail_msg("%s", texts[i].why);
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_splits),
                cmocka_unit_test(test_queries),
                cmocka_unit_test(test_finds),
                cmocka_unit_test(test_long_query),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
