#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "screen/mask.h"

static void test_masks(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                enum identifier_kind kind;
                enum mask_degree degree;
                const char *text, *masked;
        } rows[] = {
                { "D1: whole", IDENTIFIER_RESIDENT_ID, MASK_PUBLIC, "11010519491231002X",
                                "******************" },
                { "D1: the birth date goes, the person can be told apart", IDENTIFIER_RESIDENT_ID,
                                MASK_IDENTIFY, "11010519491231002X", "110105********002X" },
                { "D2", IDENTIFIER_RESIDENT_ID, MASK_PUBLIC, "110105491231002", "***************" },
                { "blanks stay", IDENTIFIER_RESIDENT_ID, MASK_PUBLIC, "110105 19491231 002X",
                                "****** ******** ****" },
                { "full-width digits are one star each", IDENTIFIER_MOBILE, MASK_PUBLIC,
                                "１３８12345678", "１３８****5678" },
                { "D7", IDENTIFIER_MOBILE, MASK_PUBLIC, "13812341234", "138****1234" },
                { "D7, in groups", IDENTIFIER_MOBILE, MASK_PUBLIC, "138-1234-5678",
                                "138-****-5678" },
                { "D7, with the country", IDENTIFIER_MOBILE, MASK_PUBLIC, "+8613812341234",
                                "+86138****1234" },
                { "D6", IDENTIFIER_BANK_CARD, MASK_PUBLIC, "4111111111111111", "************1111" },
                { "D8: the middle four", IDENTIFIER_PHONE, MASK_PUBLIC, "0592-2660000",
                                "0592-2****00" },
                { "too short to keep a part", IDENTIFIER_PHONE, MASK_PUBLIC, "12345", "*****" },
                { "D9", IDENTIFIER_PASSPORT, MASK_PUBLIC, "E12345678", "*********" },
                { "D10", IDENTIFIER_HK_MACAO_PERMIT, MASK_PUBLIC, "H1234567800", "***********" },
                { "D11", IDENTIFIER_PLATE, MASK_PUBLIC, "闽D12345", "闽D*****" },
                { "D11, with its dot", IDENTIFIER_PLATE, MASK_PUBLIC, "闽D·12345", "闽D·*****" },
                { "D12", IDENTIFIER_EMAIL, MASK_PUBLIC, "zhang@example.cn", "z***@example.cn" },
                { "D4", IDENTIFIER_CREDIT_CODE, MASK_PUBLIC, "91110000600037341L",
                                "******************" },
                { "D16", IDENTIFIER_NAME, MASK_PUBLIC, "张三", "张某" },
                { "D16, three characters", IDENTIFIER_NAME, MASK_PUBLIC, "张三丰", "张某" },
                { "D16, compound surname", IDENTIFIER_NAME, MASK_PUBLIC, "欧阳修", "欧阳某" },
                { "a surname alone", IDENTIFIER_NAME, MASK_PUBLIC, "欧阳", "欧某" },
                { "D13: to the street", IDENTIFIER_ADDRESS, MASK_PUBLIC,
                                "厦门市思明区湖滨南路1号302室", "厦门市思明区湖滨南路***" },
                { "D13: 街道 is an office, the street follows", IDENTIFIER_ADDRESS, MASK_PUBLIC,
                                "莲前街道莲前西路1号", "莲前街道莲前西路***" },
                { "D13: an estate", IDENTIFIER_ADDRESS, MASK_PUBLIC, "阳光小区3栋402室",
                                "阳光小区***" },
                { "D13: nothing but a number", IDENTIFIER_ADDRESS, MASK_PUBLIC, "3号楼402室",
                                "***" },
                { "not UTF-8: nothing is shown", IDENTIFIER_NAME, MASK_PUBLIC, "\xff", "***" },
                { "empty", IDENTIFIER_MOBILE, MASK_PUBLIC, "", "" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str got = mask_text(
                                arena, rows[i].kind, rows[i].degree, str_of(rows[i].text));
                if (!str_is(got, rows[i].masked))
                        fail_msg("%s: %.*s", rows[i].why, STR_FMT(got));
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_masks),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
