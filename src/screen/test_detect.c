#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "screen/detect.h"

static struct date day(const char *text)
{
        struct date date;
        struct err err;
        assert_true(date_parse(str_of(text), &date, &err));
        return date;
}

/* "mobile 138..., resident_id? 1101..."; ? = suspect, ! = a minor's. */
static struct str summary(struct arena *arena, struct str text, const struct detection *detection)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < detection->n; i++) {
                const struct finding *f = &detection->findings[i];
                struct str found = str_slice(text, f->from, f->to);
                buf_format(&buf, "%s%s%s%s %.*s", i == 0 ? "" : ", ", identifier_name(f->kind),
                                f->suspect ? "?" : "", f->minor ? "!" : "", STR_FMT(found));
        }
        return buf_str(&buf);
}

static const struct {
        const char *why, *text, *found;
} rows[] = {
        { "D1", "身份证号11010519491231002X，", "resident_id 11010519491231002X" },
        { "D1, small x", "11010519491231002x", "resident_id 11010519491231002x" },
        { "D1, check digit wrong: 疑似, never dropped", "号110105194912310020。",
                        "resident_id? 110105194912310020" },
        { "D1, region mistyped", "100105194912310028", "resident_id? 100105194912310028" },
        { "D1 in full width", "１１０１０５１９４９１２３１００２Ｘ",
                        "resident_id １１０１０５１９４９１２３１００２Ｘ" },
        { "D1 over two lines", "110105194912\n31002X", "resident_id 110105194912\n31002X" },
        { "D1 in table cells", "110105\t19491231\t002X", "resident_id 110105\t19491231\t002X" },
        { "D1 with characters of no width",
                        "110105\xe2\x80\x8b"
                        "19491231\xe2\x80\x8b"
                        "002X",
                        "resident_id 110105\xe2\x80\x8b"
                        "19491231\xe2\x80\x8b"
                        "002X" },
        { "D1 in Chinese numerals", "四四〇五二四一八八〇〇一〇一〇〇一四",
                        "resident_id 四四〇五二四一八八〇〇一〇一〇〇一四" },
        { "D1 glued to letters", "ID110105194912310", "" },
        { "D1 behind letters", "ID440524188001010014", "resident_id 440524188001010014" },
        { "a longer run is no D1", "4405241880010100140", "" },
        { "D1 born after today", "110105209912310029", "resident_id? 110105209912310029" },
        { "D1 of a minor", "350203201501010014", "resident_id! 350203201501010014" },
        { "D2", "旧证110105491231002", "resident_id 110105491231002" },
        { "15 digits without a date are no D2", "110105499931002", "" },
        { "D3", "810000199408230021", "resident_id 810000199408230021" },
        { "D4", "代码91110000600037341L", "credit_code 91110000600037341L" },
        { "D4, check wrong", "91110000600037341M", "credit_code? 91110000600037341M" },
        { "D5 as printed", "60003734-1", "org_code 60003734-1" },
        { "D5 behind its name", "组织机构代码600037341", "org_code 600037341" },
        { "D5, nine digits are anything", "600037341", "" },
        { "D6 by its word", "卡号4111111111111111", "bank_card 4111111111111111" },
        { "D6 by 62", "6222021234567890128", "bank_card 6222021234567890128" },
        { "D6 in groups of four", "6222 0212 3456 7890 128", "bank_card 6222 0212 3456 7890 128" },
        { "D6, Luhn wrong", "账号：4111111111111112", "bank_card? 4111111111111112" },
        { "16 digits without word or 62", "4111111111111111", "" },
        { "D7", "电话13812345678", "mobile 13812345678" },
        { "D7 in groups", "138-1234-5678", "mobile 138-1234-5678" },
        { "D7 with the country", "+86 138 1234 5678", "mobile 86 138 1234 5678" },
        { "D7 behind letters", "tel13812345678", "mobile 13812345678" },
        { "D7 inside a longer run", "1381234567890", "" },
        { "D7 behind a Chinese numeral", "之一13812345678", "mobile 13812345678" },
        { "D7 in Chinese numerals", "一三八一二三四五六七八", "mobile 一三八一二三四五六七八" },
        { "figures of a column are no D7", "15 3000 40000", "" },
        { "two of them", "13812345678、13987654321", "mobile 13812345678, mobile 13987654321" },
        { "on a line after a date", "2021-09-28 13812345678", "mobile 13812345678" },
        { "D8 with its area", "0592-2660000", "phone 0592-2660000" },
        { "D8 by its word", "电话：2660000", "phone 2660000" },
        { "D8, seven digits are anything", "编号2660000", "" },
        { "hotlines are no D8", "电话12348", "" },
        { "D9", "护照号E12345678", "passport E12345678" },
        { "D9 without its word", "型号E12345678", "" },
        { "D10", "通行证H1234567800", "hk_macao_permit H1234567800" },
        { "D10, Taiwan", "台胞证12345678", "taiwan_permit 12345678" },
        { "D11", "驾驶闽D12345行驶", "plate 闽D12345" },
        { "D11 with a dot, new energy", "闽D·D12345", "plate 闽D·D12345" },
        { "D12", "邮箱：zhang.san@example.cn。", "email zhang.san@example.cn" },
        { "D12 holds a mobile", "13812345678@139.com", "email 13812345678@139.com" },
        { "D12 in full width", "ａ＠ｂ．ｃｎ", "email ａ＠ｂ．ｃｎ" },
        { "an at sign alone", "@ a@ @b", "" },
        { "D13", "住厦门市思明区湖滨南路1号302室，", "address 厦门市思明区湖滨南路1号302室" },
        { "D13, Chinese numerals", "住阳光小区三栋四〇二室", "address 阳光小区三栋四〇二室" },
        { "D13, a village", "后溪镇苏山村12号", "address 后溪镇苏山村12号" },
        { "a paper's number is no D13", "道路交通事故认定书第3号", "" },
        { "an office of a 街道 is no D13", "街道办3号文件", "" },
        { "D16", "申请人张三请求复议", "name 张三" },
        { "D16 behind a colon", "当事人：李明辉，男", "name 李明辉" },
        { "D16, rare surname behind a colon", "受援人：仝某某", "" },
        { "D16 in brackets", "投诉人（王芳）称", "name 王芳" },
        { "D16, compound surname", "患者欧阳明珠因病", "name 欧阳明珠" },
        { "D16, the sentence goes on", "申请人不服处罚", "" },
        { "D16, 当事人陈述", "听取当事人陈述", "" },
        { "D16, a unit", "申请人：江苏某某有限公司", "" },
        { "D16 again", "申请人张三称，张三已到场。", "name 张三, name 张三" },
        { "D16, masked already", "申请人张某称", "" },
        { "ordinary text", "2021年9月28日，本机关受理第12号申请，罚款3000元。", "" },
        { "a document number", "厦司罚〔2021〕12号", "" },
        { "all at once", "申请人：张三，身份证11010519491231002X，手机13812345678",
                        "name 张三, resident_id 11010519491231002X, mobile 13812345678" },
        { "", "", "" },
};

static void test_findings(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        const struct detect_options options = { .today = day("2021-09-28") };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct detection detection;
                struct err err;
                struct str text = str_of(rows[i].text);
                assert_true(detect_identifiers(arena, text, &options, &detection, &err));
                struct str got = summary(arena, text, &detection);
                if (!str_is(got, rows[i].found))
                        fail_msg("%s: %s -> %.*s", rows[i].why, rows[i].text, STR_FMT(got));
        }
        arena_close(&arena);
}

static void test_masked_text(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text, *masked;
        } masks[] = {
                { "a sentence", "申请人张三（身份证号11010519491231002X，住湖滨南路1号，电话138 1234 5678）不服，张三要求听证。",
                                "申请人张某（身份证号******************，住湖滨南路***，电话138 **** 5678）不服，张某要求听证。" },
                { "a unit's code stays, its clerk's mobile goes",
                                "91110000600037341L 联系人：王芳 13912345678",
                                "91110000600037341L 联系人：王某 139****5678" },
                { "nothing to hide", "行政复议决定书", "行政复议决定书" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(masks); i++) {
                struct str got = detect_probe(arena, str_of(masks[i].text));
                if (!str_is(got, masks[i].masked))
                        fail_msg("%s: %.*s", masks[i].why, STR_FMT(got));
        }
        assert_true(str_starts(detect_probe(arena, STR_LIT("\xff")), STR_LIT("bad\t")));
        arena_close(&arena);
}

static void test_allowed_values_pass(void **state)
{
        (void)state;
        static const struct str allowed[] = { STR_LIT("@xm.gov.cn"), STR_LIT("05922660000"),
                STR_LIT("李明辉") };
        const struct detect_options options = {
                .today = DATE_NONE, .allowed = allowed, .n_allowed = 3
        };
        struct arena *arena = arena_open();
        struct str text = STR_LIT(
                        "电话0592-2660000、0592-2660001，邮箱sfj@XM.gov.cn、a@b.cn，联系人李明辉");
        struct detection detection;
        struct err err;
        assert_true(detect_identifiers(arena, text, &options, &detection, &err));
        assert_string_equal(str_c(arena, summary(arena, text, &detection)),
                        "phone 0592-2660001, email a@b.cn");
        arena_close(&arena);
}

/* Every made number is found in every disguise, and nothing of it is left. */
static void test_made_numbers_are_found(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        const struct detect_options options = { .today = day("2021-09-28") };
        struct date birth = day("1940-01-01");
        for (int i = 0; i < 2000; i++) {
                struct str id = identifier_make_resident_id(
                                arena, STR_LIT("350203"), date_add_days(birth, 13 * i), i % 1000);
                struct buf buf = BUF(arena);
                buf_c(&buf, "当事人的证件是");
                for (size_t j = 0; j < id.n; j++) {
                        buf_char(&buf, id.p[j]);
                        if (j + 1 < id.n && (i >> (j % 11) & 1) != 0)
                                buf_c(&buf, j % 3 == 0 ? " " : j % 3 == 1 ? "-" : "\r\n");
                }
                buf_c(&buf, "，经查");
                struct detection detection;
                struct err err;
                assert_true(detect_identifiers(arena, buf_str(&buf), &options, &detection, &err));
                if (detection.n != 1 || detection.findings[0].suspect ||
                                detection.findings[0].kind != IDENTIFIER_RESIDENT_ID)
                        fail_msg("%.*s", STR_FMT(buf_str(&buf)));
                struct str masked = detection.findings[0].mask;
                for (size_t j = 0; j < masked.n; j++)
                        assert_false(masked.p[j] >= '0' && masked.p[j] <= '9');
                arena_reset(arena);
        }
        arena_close(&arena);
}

static void test_application_is_checked(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct str text = STR_LIT("张三13812345678"), masked;
        const struct finding wrong[][2] = {
                { { .from = 0, .to = 6 }, { .from = 3, .to = 8 } },  /* overlap */
                { { .from = 6, .to = 17 }, { .from = 0, .to = 6 } }, /* order */
                { { .from = 0, .to = 6 }, { .from = 6, .to = 99 } }, /* behind the end */
                { { .from = 1, .to = 6 }, { .from = 6, .to = 17 } }, /* inside a character */
                { { .from = 6, .to = 3 }, { .from = 6, .to = 17 } }, /* backwards */
        };
        struct err err;
        for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
                assert_false(detect_apply(arena, text, wrong[i], 2, &masked, &err));
                assert_int_equal(err.code, E_SCREEN_FINDING);
        }
        struct finding one = { .from = 6, .to = 17, .mask = STR_LIT("…"), .masked = false };
        assert_true(detect_apply(arena, text, &one, 1, &masked, &err));
        assert_true(str_eq(masked, text)); /* an officer let it stand */
        const struct detect_options options = { .today = DATE_NONE };
        struct detection detection;
        assert_false(detect_identifiers(arena, STR_LIT("\xc3"), &options, &detection, &err));
        assert_int_equal(err.code, E_SCREEN_TEXT);
        arena_close(&arena);
}

/* The parts of any text that are made for backtracking: a megabyte of each. What is
 * bounded is memory (time follows it), so that the test cannot flicker. */
static void test_hostile_texts(void **state)
{
        (void)state;
        static const char *const patterns[] = { "1", "1 ", "62", "@", "a@", "a.@", "路1", "路",
                "号", "申请人张", "当事人：", "闽D1", "一", "0592-", "护照E1234567",
                "卡号4111111111111111" };
        for (size_t i = 0; i < N_ELEMENTS(patterns); i++) {
                struct arena *arena = arena_open();
                struct buf buf = BUF(arena);
                while (buf.n < 200000)
                        buf_c(&buf, patterns[i]);
                const struct detect_options options = { .today = DATE_NONE };
                struct detection detection;
                struct str masked;
                struct err err;
                assert_true(detect_identifiers(arena, buf_str(&buf), &options, &detection, &err));
                assert_true(detect_apply(arena, buf_str(&buf), detection.findings, detection.n,
                                &masked, &err));
                assert_true(arena_held(arena) < 300 * buf.n);
                arena_close(&arena);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_findings),
                cmocka_unit_test(test_masked_text),
                cmocka_unit_test(test_allowed_values_pass),
                cmocka_unit_test(test_made_numbers_are_found),
                cmocka_unit_test(test_application_is_checked),
                cmocka_unit_test(test_hostile_texts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
