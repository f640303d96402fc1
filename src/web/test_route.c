/* The table of routes: which row an address finds, and what a row refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/route.h"

static struct arena *arena;

struct row {
        const char *address, *pattern; /* NULL = none */
        const char *part;              /* what stands for the first {} */
        bool as_json;
};

static const struct row rows[] = {
        { "/", "/", NULL, false },
        { "/home.json", "/", NULL, true },
        { "/report/2021", "/report/{}", "2021", false },
        { "/report/2021.tsv", "/report/{}", "2021.tsv", false },
        { "/report/2021.json", "/report/{}", "2021", true },
        { "/matters", "/matters", NULL, false },
        { "/matters.json?q=x", "/matters", NULL, true },
        { "/matters/%E5%8E%A6%E3%80%942021%E3%80%951", "/matters/{}", "厦〔2021〕1", false },
        { "/matters/a/documents/7-x", "/matters/{}/documents/{}", "a", false },
        { "/checkpoint/key", "/checkpoint/key", NULL, false },
        { "/tile/0/x001/x234/067.p/8", "/tile/{*}", NULL, false },
        { "/tile/entries/000", "/tile/{*}", NULL, false },
        { "/tile", NULL, NULL, false },
        { "/log-keys", "/log-keys", NULL, false },
        { "/checkpoint.json", NULL, NULL, false },
        { "/healthz", "/healthz", NULL, false },
        { "/healthz/x", NULL, NULL, false },
        { "/matters/a/documents", NULL, NULL, false },
        { "/matters/a/b", NULL, NULL, false },
        { "/Matters", NULL, NULL, false },
        { "/.json", NULL, NULL, false },
        { "/admin", NULL, NULL, false },
};

static void test_rows(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct visit visit = { .arena = arena };
                struct address address;
                struct err err;
                assert_true(address_parse(arena, str_of(rows[i].address), &address, &err));
                const struct route *route = route_find(HTTP_GET, &address, &visit);
                if ((route == NULL) != (rows[i].pattern == NULL) ||
                                (route != NULL && strcmp(route->pattern, rows[i].pattern) != 0))
                        fail_msg("%s: %s", rows[i].address, route ? route->pattern : "none");
                if (rows[i].part != NULL)
                        assert_true(str_is(visit.parts[0], rows[i].part));
                if (route != NULL)
                        assert_int_equal(visit.as_json, rows[i].as_json);
        }
}

static void test_declared_fields_are_bounded(void **state)
{
        (void)state;
        struct visit visit = { .arena = arena };
        struct buf raw = BUF(arena);
        struct address address;
        struct err err;
        buf_c(&raw, "/matters?unknown=");
        for (size_t i = 0; i < ROUTE_FIELD_BYTES + 1; i++)
                buf_char(&raw, 'a');
        assert_true(address_parse(arena, buf_str(&raw), &address, &err));
        assert_true(route_check(route_find(HTTP_GET, &address, &visit), &address, &err));
        buf_c(&raw, "&q=");
        for (size_t i = 0; i < ROUTE_FIELD_BYTES + 1; i++)
                buf_char(&raw, 'a');
        assert_true(address_parse(arena, buf_str(&raw), &address, &err));
        assert_false(route_check(route_find(HTTP_GET, &address, &visit), &address, &err));
        assert_int_equal(err.code, E_HTTP_QUERY);
}

/* The server does not start without its pages, and says which one is missing. */
static void test_missing_pages(void **state)
{
        (void)state;
        struct pages *pages;
        struct err err;
        assert_false(pages_open(STR_LIT("/nowhere"), &pages, &err));
        assert_int_equal(err.code, E_PAGE_FILE);
        assert_string_equal(err.field, "pages/accessibility.html");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_declared_fields_are_bounded),
                cmocka_unit_test(test_missing_pages),
        };
        arena = arena_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
