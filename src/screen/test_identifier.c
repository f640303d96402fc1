#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "screen/identifier.h"

static void test_probe(void **state)
{
        (void)state;
        static const struct {
                const char *why, *line;
                bool ok;
        } rows[] = {
                { "GB 11643, check character X", "resident_id\t11010519491231002X", true },
                { "GB 11643, digit check", "resident_id\t440524188001010014", true },
                { "GB 11643, wrong check", "resident_id\t110105194912310020", false },
                { "small x is X", "resident_id\t11010519491231002x", true },
                { "X stands at the end only", "resident_id\t1101051949123X0021", false },
                { "no 30 February", "resident_id\t11010519490230002X", false },
                { "no province 10", "resident_id\t100105194912310021", false },
                { "born before 1850", "resident_id\t110105184912310026", false },
                { "born tomorrow", "resident_id\t11010519491231002X\t1949-12-30", false },
                { "born today", "resident_id\t11010519491231002X\t1949-12-31", true },
                { "old 15 digits", "resident_id\t110105491231002", true },
                { "old 15 digits, no such day", "resident_id\t110105490230002", false },
                { "residence permit, Hong Kong", "resident_id\t810000199408230021", true },
                { "residence permit, Taiwan", "resident_id\t830000199408230021", false },
                { "17 digits", "resident_id\t11010519491231002", false },
                { "blank inside", "resident_id\t110105 19491231002X", false },
                { "GB 32100", "credit_code\t91110000600037341L", true },
                { "GB 32100, small letter", "credit_code\t91110000600037341l", true },
                { "GB 32100, first changed", "credit_code\tA1110000600037341L", false },
                { "GB 32100 uses no I", "credit_code\t9111000060003734IL", false },
                { "region must be digits", "credit_code\t9111A000600037341L", false },
                { "registered nationally", "credit_code\t91100000100003962T", true },
                { "GB 11714", "org_code\t600037341", true },
                { "GB 11714 as printed", "org_code\t60003734-1", true },
                { "GB 11714, wrong check", "org_code\t600037342", false },
                { "Luhn", "bank_card\t4111111111111111", true },
                { "Luhn broken", "bank_card\t4111111111111112", false },
                { "Luhn, 19 digits", "bank_card\t6222021234567890128", true },
                { "Luhn, 19 digits, two swapped", "bank_card\t6222021234567890182", false },
                { "12 digits", "bank_card\t411111111111", false },
                { "20 digits", "bank_card\t41111111111111111111", false },
                { "all zeros pass Luhn but are no card", "bank_card\t0000000000000000", false },
                { "mobile", "mobile\t13812345678", true },
                { "12 begins no mobile", "mobile\t12812345678", false },
                { "ten digits", "mobile\t1381234567", false },
                { "full-width digits are for normalize", "mobile\t１３８12345678", false },
                { "area and seven digits", "phone\t0592-2660000", true },
                { "area of three", "phone\t010-88886666", true },
                { "no area", "phone\t2660000", true },
                { "with extension", "phone\t0592-2660000-801", true },
                { "400", "phone\t400-810-1234", true },
                { "too short", "phone\t266000", false },
                { "two hyphens", "phone\t0592--2660000", false },
                { "hotlines are no subscriber's", "phone\t12348", false },
                { "passport", "passport\tE12345678", true },
                { "passport of two letters", "passport\tEA1234567", true },
                { "passport without letter", "passport\t12345678", false },
                { "Hong Kong permit", "hk_macao_permit\tH1234567800", true },
                { "Macao permit", "hk_macao_permit\tM12345678", true },
                { "nine digits", "hk_macao_permit\tH123456789", false },
                { "Taiwan permit", "taiwan_permit\t12345678", true },
                { "Taiwan permit of nine", "taiwan_permit\t123456789", false },
                { "email", "email\tzhang.san@example.gov.cn", true },
                { "two dots", "email\tzhang..san@example.cn", false },
                { "no top domain", "email\tzhang@example", false },
                { "digits as top domain", "email\tzhang@127.0.0.1", false },
                { "two at signs", "email\ta@b@example.cn", false },
                { "plate", "plate\t闽D12345", true },
                { "new energy plate", "plate\t闽DD12345", true },
                { "learner's plate", "plate\t闽D1234学", true },
                { "plates use no O", "plate\t闽DO1234", false },
                { "no such province", "plate\t国D12345", false },
                { "name", "name\t张三", true },
                { "joined name", "name\t阿卜杜拉·买买提", true },
                { "one character", "name\t张", false },
                { "latin", "name\tZhang", false },
                { "address", "address\t厦门市思明区湖滨南路1号", true },
                { "no door", "address\t厦门市", false },
                { "unknown kind", "shoe_size\t42", false },
                { "empty", "mobile\t", false },
                { "no value", "mobile", false },
                { "bad UTF-8", "name\t\xff\xfe", false },
                { "bad day", "mobile\t13812345678\tx", false },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str got = identifier_probe(arena, str_of(rows[i].line));
                if (str_is(got, "ok") != rows[i].ok ||
                                (!rows[i].ok && !str_starts(got, STR_LIT("bad\t"))))
                        fail_msg("%s: %s: %.*s", rows[i].why, rows[i].line, STR_FMT(got));
        }
        arena_close(&arena);
}

/* Every check digit here finds each single wrong digit. */
static void check_single_changes(
                enum identifier_kind kind, struct str valid, const char *alphabet, size_t from)
{
        const char *reason;
        char text[32];
        if (!identifier_check(kind, valid, DATE_NONE, &reason))
                fail_msg("made number is refused: %.*s: %s", STR_FMT(valid), reason);
        for (size_t i = from; i < valid.n; i++) {
                for (const char *c = alphabet; *c != '\0'; c++) {
                        memcpy(text, valid.p, valid.n);
                        text[i] = *c;
                        struct str changed = { text, valid.n };
                        if (*c != valid.p[i] && identifier_check(kind, changed, DATE_NONE, &reason))
                                fail_msg("one wrong digit passes: %.*s", STR_FMT(changed));
                }
        }
}

static void test_single_changes_are_refused(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct date birth;
        assert_true(date_of(1950, 1, 1, &birth));
        for (int i = 0; i < 1000; i++) {
                struct str id = identifier_make_resident_id(arena,
                                i % 2 == 0 ? STR_LIT("350203") : STR_LIT("830000"),
                                date_add_days(birth, 23 * i), (7 * i) % 1000);
                check_single_changes(IDENTIFIER_RESIDENT_ID, id, "0123456789", 0);
                struct str code = identifier_make_credit_code(
                                arena, STR_LIT("31"), STR_LIT("350200"), 99991 * i % 100000000);
                check_single_changes(
                                IDENTIFIER_CREDIT_CODE, code, "0123456789ABCDEFGHJKLMNPQRTUWXY", 0);
                arena_reset(arena);
        }
        check_single_changes(IDENTIFIER_BANK_CARD, STR_LIT("4111111111111111"), "0123456789", 0);
        arena_close(&arena);
}

static void test_what_a_resident_id_says(void **state)
{
        (void)state;
        static const struct {
                const char *id, *on;
                int age;
                bool male;
        } rows[] = {
                { "11010519491231002X", "2021-12-30", 71, false }, /* 周岁: the day before */
                { "11010519491231002X", "2021-12-31", 72, false },
                { "440524188001010014", "1898-01-01", 18, true },
                { "110105491231003", "2021-12-31", 72, true },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct date on;
                struct err err;
                assert_true(date_parse(str_of(rows[i].on), &on, &err));
                assert_int_equal(identifier_age(str_of(rows[i].id), on), rows[i].age);
                assert_int_equal(identifier_is_male(str_of(rows[i].id)), rows[i].male);
        }
}

static void test_normalize(void **state)
{
        (void)state;
        static const struct {
                enum identifier_kind kind;
                const char *text, *normal;
        } rows[] = {
                { IDENTIFIER_RESIDENT_ID, " 110105 19491231 002x ", "11010519491231002X" },
                { IDENTIFIER_MOBILE, "１３８－1234　5678", "13812345678" },
                { IDENTIFIER_MOBILE,
                                "138\xe2\x80\x8b"
                                "12345678",
                                "13812345678" },
                { IDENTIFIER_BANK_CARD, "4111 1111 1111 1111", "4111111111111111" },
                { IDENTIFIER_EMAIL, " Zhang@Example.CN ", "Zhang@example.cn" },
                { IDENTIFIER_PLATE, "闽d·12345", "闽D12345" },
                { IDENTIFIER_PHONE, "0592－266 0000", "05922660000" },
                { IDENTIFIER_PHONE, "0592-2660000-801", "05922660000-801" },
                { IDENTIFIER_PHONE, "2660000-801", "2660000-801" },
                { IDENTIFIER_NAME, " 张三 ", "张三" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str got = identifier_normalize(arena, rows[i].kind, str_of(rows[i].text));
                if (!str_is(got, rows[i].normal))
                        fail_msg("%s: %.*s", rows[i].text, STR_FMT(got));
        }
        arena_close(&arena);
}

static void test_names(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_IDENTIFIER_KINDS; i++) {
                enum identifier_kind kind;
                assert_true(identifier_kind_of(
                                str_of(identifier_name((enum identifier_kind)i)), &kind));
                assert_int_equal(kind, i);
                assert_true(strlen(identifier_label(kind)) > 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_probe),
                cmocka_unit_test(test_single_changes_are_refused),
                cmocka_unit_test(test_what_a_resident_id_says),
                cmocka_unit_test(test_normalize),
                cmocka_unit_test(test_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
