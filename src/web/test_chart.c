/* Charts: axes as rows, drawings as golden files, hostile words that stay words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "template/template.h"
#include "web/chart.h"
#include "web/chart_scale.h"

static struct arena *arena;
static const char *root;

/* ---- Axes ---- */

static void test_axes(void **state)
{
        (void)state;
        static const struct {
                const char *why, *least, *most;
                bool whole;
                const char *ticks;
        } rows[] = {
                { "ten matters in steps of two", "0", "10", true, "0 2 4 6 8 10" },
                { "the axis ends at a tick", "0", "11", true, "0 5 10 15" },
                { "no half matters", "0", "2", true, "0 1 2" },
                { "one matter", "0", "1", true, "0 1" },
                { "nothing at all still has an axis", "0", "0", true, "0 1" },
                { "halves where amounts have them", "0", "2.3", false, "0 0.5 1 1.5 2 2.5" },
                { "a fraction of one", "0", "0.07", false, "0 0.02 0.04 0.06 0.08" },
                { "corrections may come below zero", "-3", "9", true, "-5 0 5 10" },
                { "all below zero", "-9", "-3", true, "-10 -8 -6 -4 -2 0" },
                { "thousands are grouped", "0", "9000", true, "0 2,000 4,000 6,000 8,000 10,000" },
                { "from ten thousand on in 万", "0", "38000", true, "0 1万 2万 3万 4万" },
                { "short in 万 too", "0", "9600", true, "0 2,000 4,000 6,000 8,000 10,000" },
                { "halves of 万", "0", "12500", true, "0 0.5万 1万 1.5万" },
                { "millions", "0", "2300000", true, "0 50万 100万 150万 200万 250万" },
                { "from a hundred million on in 亿", "0", "96686030000", false,
                                "0 200亿 400亿 600亿 800亿 1,000亿" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct decimal least, most;
                struct err err;
                int64_t low, high;
                struct buf got = BUF(arena);
                assert_true(decimal_parse(str_of(rows[i].least), &least, &err));
                assert_true(decimal_parse(str_of(rows[i].most), &most, &err));
                assert_true(chart_amount(least, &low) && chart_amount(most, &high));
                struct chart_scale scale = chart_scale(low, high, rows[i].whole);
                for (int64_t at = scale.low; at <= scale.high; at += scale.step) {
                        buf_c(&got, got.n == 0 ? "" : " ");
                        buf_str_add(&got, chart_tick(arena, &scale, at));
                }
                if (!str_is(buf_str(&got), rows[i].ticks))
                        fail_msg("%s: %s", rows[i].why, str_c(arena, buf_str(&got)));
        }
}

/* Whatever the numbers: zero and both ends are on the axis, ticks are one to six. */
static void test_axes_hold_everything(void **state)
{
        (void)state;
        uint64_t seed = 20210101;
        for (int i = 0; i < 20000; i++) {
                int64_t ends[2];
                for (int k = 0; k < 2; k++) {
                        seed = seed * 6364136223846793005u + 1442695040888963407u;
                        ends[k] = (int64_t)(seed >> 4 >> (seed % 61)) % CHART_AMOUNT_MAX;
                }
                int64_t least = i % 3 == 0 ? -ends[0] : 0, most = i % 5 == 1 ? 0 : ends[1];
                struct chart_scale scale = chart_scale(least, most, i % 2 == 0);
                assert_true(scale.low <= least && most <= scale.high);
                assert_true(scale.low <= 0 && 0 <= scale.high && scale.low < scale.high);
                assert_true((scale.high - scale.low) % scale.step == 0);
                assert_true((scale.high - scale.low) / scale.step <= 5);
                assert_int_equal(chart_place(&scale, scale.low, 1000), 0);
                assert_int_equal(chart_place(&scale, scale.high, 1000), 1000);
        }
}

static void test_too_large_for_an_axis(void **state)
{
        (void)state;
        struct decimal number;
        struct err err;
        int64_t amount;
        assert_true(decimal_parse(STR_LIT("1000000000000000000"), &number, &err));
        assert_false(chart_amount(number, &amount));
        assert_false(chart_amount(decimal_neg(number), &amount));
        const struct str series[] = { STR_LIT("今年") };
        const struct chart_item items[] = { { .label = STR_LIT("甲"),
                        .values[0] = { .has = true, .number = number } } };
        const struct chart chart = { .id = STR_LIT("c"),
                .title = STR_LIT("大数"),
                .series = series,
                .n_series = 1,
                .items = items,
                .n_items = 1 };
        struct value view = chart_view(arena, &chart, true);
        assert_null(value_get(&view, STR_LIT("drawing")));
        assert_non_null(value_get(&view, STR_LIT("rows")));
}

/* ---- Drawings ---- */

static bool read_file(const char *path, struct str *ret)
{
        FILE *file = fopen(path, "rb");
        struct buf buf = BUF(arena);
        char piece[4096];
        size_t n;
        if (file == NULL)
                return false;
        while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
                buf_add(&buf, piece, n);
        fclose(file);
        *ret = buf_str(&buf);
        return true;
}

static struct str print(const struct chart *chart)
{
        const struct template *template;
        struct value view = chart_view(arena, chart, true);
        struct buf out = BUF(arena);
        struct str text;
        struct err err;
        assert_true(read_file(str_format(arena, "%s/pages/parts/chart.html", root).p, &text));
        if (!template_parse(arena, STR_LIT("chart"), text, TEMPLATE_HTML, NULL, &template, &err) ||
                        !template_render(template, &view, &out, &err))
                fail_msg("%s", str_c(arena, err_sentence(arena, &err)));
        return buf_str(&out);
}

/* Months of two years; some months are still to come, one was corrected below zero. */
static struct chart_item *months(size_t n_items)
{
        static const int numbers[12][3] = { { 120, 98, 40 }, { 86, 90, 12 }, { 1043, 870, 55 },
                { 640, 700, 0 }, { 512, 498, 7 }, { -12, 30, 3 }, { 300, 310, 21 }, { 280, 0, 18 },
                { 275, 260, 9 }, { 190, 240, 4 }, { 0, 210, 2 }, { 0, 333, 1 } };
        struct chart_item *items = arena_new_array(arena, n_items, struct chart_item);
        for (size_t i = 0; i < n_items; i++) {
                items[i].label = str_format(arena, "%zu月", i + 1);
                items[i].name = str_format(arena, "2021年%zu月", i + 1);
                for (size_t s = 0; s < 3; s++)
                        items[i].values[s] = (struct chart_value){
                                s > 0 || i < 10, decimal_of(numbers[i % 12][s]),
                                str_format(arena, "/figures/F1?year=%zu&month=%zu", 2021 - s, i + 1)
                        };
        }
        return items;
}

static struct chart_item *districts(void)
{
        static const char *const names[] = { "思明区司法局", "湖里区司法局",
                "厦门市医患纠纷调解处理中心（含各区工作站）", "集美区" };
        struct chart_item *items = arena_new_array(arena, N_ELEMENTS(names), struct chart_item);
        for (size_t i = 0; i < N_ELEMENTS(names); i++) {
                items[i].label = str_of(names[i]);
                for (size_t s = 0; s < 3; s++)
                        items[i].values[s] = (struct chart_value){ true,
                                decimal_of((int64_t)(12345 / (i + 1) / (s + 1))),
                                str_format(arena, "/figures/F1?unit=u%zu", i) };
        }
        return items;
}

static void test_drawings_are_golden(void **state)
{
        (void)state;
        const struct str years[] = { STR_LIT("2021年"), STR_LIT("2020年") };
        const struct str results[] = { STR_LIT("准予"), STR_LIT("不予"), STR_LIT("撤回") };
        const struct {
                const char *name;
                struct chart chart;
        } rows[] = {
                { "columns", { .kind = CHART_COLUMNS,
                                             .series = years,
                                             .n_series = 1,
                                             .items = months(12),
                                             .n_items = 12 } },
                { "columns-two", { .kind = CHART_COLUMNS,
                                                 .series = years,
                                                 .n_series = 2,
                                                 .items = months(6),
                                                 .n_items = 6 } },
                { "columns-compared", { .kind = CHART_COLUMNS,
                                                      .series = years,
                                                      .n_series = 2,
                                                      .compares = true,
                                                      .items = months(12),
                                                      .n_items = 12 } },
                { "columns-pile", { .kind = CHART_COLUMNS_PILE,
                                                  .series = results,
                                                  .n_series = 3,
                                                  .items = months(12),
                                                  .n_items = 12 } },
                { "lines", { .kind = CHART_LINES,
                                           .series = years,
                                           .n_series = 2,
                                           .items = months(12),
                                           .n_items = 12 } },
                { "many", { .kind = CHART_LINES,
                                          .series = years,
                                          .n_series = 1,
                                          .items = months(60),
                                          .n_items = 60 } },
                { "rows", { .kind = CHART_ROWS,
                                          .series = years,
                                          .n_series = 1,
                                          .items = districts(),
                                          .n_items = 4 } },
                { "rows-compared", { .kind = CHART_ROWS,
                                                   .series = years,
                                                   .n_series = 2,
                                                   .compares = true,
                                                   .items = districts(),
                                                   .n_items = 4 } },
                { "rows-pile", { .kind = CHART_ROWS_PILE,
                                               .series = results,
                                               .n_series = 3,
                                               .items = districts(),
                                               .n_items = 4 } },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct chart chart = rows[i].chart;
                chart.id = str_of("c1");
                chart.title = STR_LIT("各月受理");
                chart.unit = STR_LIT("件");
                chart.heading = STR_LIT("月份");
                const char *golden = str_format(
                                arena, "%s/tests/golden/charts/%s.html", root, rows[i].name)
                                                     .p;
                struct str got = print(&chart), want;
                if (getenv("PLUMBLINE_BLESS") != NULL) {
                        FILE *file = fopen(golden, "wb");
                        assert_non_null(file);
                        assert_int_equal(fwrite(got.p, 1, got.n, file), got.n);
                        assert_int_equal(fclose(file), 0);
                        continue;
                }
                if (!read_file(golden, &want))
                        fail_msg("%s is missing: run with PLUMBLINE_BLESS=1", golden);
                if (!str_eq(got, want))
                        fail_msg("%s differs: see git diff after PLUMBLINE_BLESS=1", golden);
        }
}

/* No mark leads anywhere: then it is one image. */
static void test_role(void **state)
{
        (void)state;
        const struct str series[] = { STR_LIT("今年") };
        struct chart_item items[] = { { .label = STR_LIT("甲"),
                        .values[0] = { .has = true, .number = decimal_of(3) } } };
        const struct chart chart = { .id = STR_LIT("c"),
                .title = STR_LIT("图"),
                .series = series,
                .n_series = 1,
                .items = items,
                .n_items = 1 };
        assert_int_not_equal(str_find(print(&chart), STR_LIT("role=\"img\"")), SIZE_MAX);
        items[0].values[0].url = STR_LIT("/matters");
        assert_int_not_equal(str_find(print(&chart), STR_LIT("role=\"group\"")), SIZE_MAX);
        assert_int_equal(str_find(print(&chart), STR_LIT("style=")), SIZE_MAX);
}

/* ---- Hostile words ---- */

/* The tags of a text, without what stands in their attributes. */
static struct str tags_of(struct str html)
{
        struct buf buf = BUF(arena);
        bool tag = false, quoted = false;
        for (size_t i = 0; i < html.n; i++) {
                char c = html.p[i];
                if (!tag && c == '<')
                        tag = true;
                if (tag && !quoted)
                        buf_char(&buf, c);
                if (tag && c == '"')
                        quoted = !quoted;
                if (tag && !quoted && c == '>')
                        tag = false;
        }
        return buf_str(&buf);
}

static struct str print_named(struct str word)
{
        const struct str series[] = { word, word };
        struct chart_item *items = districts();
        for (size_t i = 0; i < 4; i++)
                items[i].label = items[i].name = word;
        const struct chart chart = { .kind = CHART_ROWS,
                .id = STR_LIT("c1"),
                .title = word,
                .unit = word,
                .heading = word,
                .note = word,
                .series = series,
                .n_series = 2,
                .items = items,
                .n_items = 4 };
        return print(&chart);
}

static void test_hostile_words_stay_words(void **state)
{
        (void)state;
        static const char *const words[] = {
                "<script>alert(1)</script>",
                "\"><svg onload=alert(1)>",
                "' onmouseover='alert(1)",
                "</title></svg><img src=x>",
                "]]><!--",
                "&lt;&#60;&amp",
                "javascript:alert(1)",
                "url(#x);fill:red",
                "{{title}}{{{note_html}}}",
                "\xe2\x80\xae"
                "翻转\t\r\n",
                "𠮷野家龘👩‍👩‍👧‍👦",
        };
        struct str plain = tags_of(print_named(STR_LIT("甲")));
        for (size_t i = 0; i < N_ELEMENTS(words); i++)
                if (!str_eq(tags_of(print_named(str_of(words[i]))), plain))
                        fail_msg("%s changes the page", words[i]);
        uint64_t seed = 7;
        static const char letters[] = "<>\"'&;/=!-[]{}#()% \n甲svgaonload";
        for (int i = 0; i < 500; i++) {
                struct buf word = BUF(arena);
                for (int k = 0; k < 24; k++) {
                        seed = seed * 6364136223846793005u + 1442695040888963407u;
                        char c = letters[(seed >> 33) % (sizeof(letters) - 1)];
                        buf_char(&word, (unsigned char)c < 0x80 ? c : '"');
                }
                if (!str_eq(tags_of(print_named(buf_str(&word))), plain))
                        fail_msg("%s changes the page", str_c(arena, buf_str(&word)));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_axes),
                cmocka_unit_test(test_axes_hold_everything),
                cmocka_unit_test(test_too_large_for_an_axis),
                cmocka_unit_test(test_drawings_are_golden),
                cmocka_unit_test(test_role),
                cmocka_unit_test(test_hostile_words_stay_words),
        };
        arena = arena_open();
        root = getenv("PLUMBLINE_SOURCE") != NULL ? getenv("PLUMBLINE_SOURCE") : ".";
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
