#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

static void test_every_code_tells_a_clerk_what_to_do(void **state)
{
        (void)state;
        for (size_t i = 1; i < N_ERR_CODES; i++) {
                const struct err_text *text = err_text((enum err_code)i);
                assert_memory_equal(text->name, "E_", 2);
                assert_true(str_is_utf8(str_of(text->sentence)));
                if (text->sentence[0] == '\0')
                        fail_msg("%s has no sentence", text->name);
                /* What to do about a rule stands in the definition that sets it. */
                if (text->hint[0] == '\0' && !str_ends(str_of(text->name), STR_LIT("_RULE")))
                        fail_msg("%s does not say what to do", text->name);
        }
}

static void test_the_kind_picks_status_and_exit_code(void **state)
{
        (void)state;
        static const struct {
                enum err_kind kind;
                const char *name;
                int status, exit_code;
        } rows[] = {
                { ERR_INVALID, "invalid", 422, 2 },
                { ERR_DENIED, "denied", 403, 3 },
                { ERR_MISSING, "missing", 404, 4 },
                { ERR_CONFLICT, "conflict", 409, 5 },
                { ERR_BUSY, "busy", 503, 6 },
                { ERR_BROKEN, "broken", 500, 1 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                assert_string_equal(err_kind_name(rows[i].kind), rows[i].name);
                assert_int_equal(err_http_status(rows[i].kind), rows[i].status);
                assert_int_equal(err_exit_code(rows[i].kind), rows[i].exit_code);
        }
}

static void test_sentence(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct err err;
        assert_false(err_set(&err, E_LIMIT, "%s", ""));
        assert_true(str_is(err_sentence(arena, &err), "内容超出上限。请缩短后再提交"));
        assert_false(err_field(&err, E_LIMIT, STR_LIT("说明"), "最多 %d 字", 2000));
        assert_true(str_is(err_sentence(arena, &err),
                        "内容超出上限「说明」：最多 2000 字。请缩短后再提交"));
        assert_string_equal(err_basis(&err), "");
        assert_false(err_cite(&err, STR_LIT("政府信息公开条例 第三十条")));
        assert_true(str_ends(err_sentence(arena, &err), STR_LIT("（政府信息公开条例 第三十条）")));
        /* A new error forgets the field and the article of the one before. */
        assert_false(err_set(&err, E_LIMIT, "x"));
        assert_string_equal(err.field, "");
        assert_string_equal(err.basis, "");
        arena_close(&arena);
}

/* However long the detail, it fits, and ends with a whole character. */
static void test_long_details_are_cut_between_characters(void **state)
{
        (void)state;
        char text[3000];
        struct err err;
        for (size_t lead = 0; lead < 3; lead++) {
                memset(text, 'a', lead);
                size_t n = lead;
                for (; n + 3 < sizeof(text); n += 3)
                        memcpy(text + n, "准", 3);
                text[n] = '\0';
                err_field(&err, E_LIMIT, str_of(text), "%s", text);
                err_cite(&err, str_of(text));
                assert_true(str_is_utf8(str_of(err.detail)));
                assert_true(str_is_utf8(str_of(err.field)));
                assert_true(str_is_utf8(str_of(err.basis)));
                assert_true(strlen(err.detail) > sizeof(err.detail) - 4);
                assert_true(strlen(err.field) > sizeof(err.field) - 4);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_code_tells_a_clerk_what_to_do),
                cmocka_unit_test(test_the_kind_picks_status_and_exit_code),
                cmocka_unit_test(test_sentence),
                cmocka_unit_test(test_long_details_are_cut_between_characters),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
