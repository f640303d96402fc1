/* What a line of the log looks like, and that it stays one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static struct moment at_nine(void *user)
{
        (void)user;
        struct date day = { 0 };
        assert_true(date_of(2026, 3, 31, &day));
        return moment_of(day, 9, 0, 0);
}

/* What was written to standard error meanwhile. */
static int saved;
static FILE *caught;

static void catch_lines(void)
{
        fflush(stderr);
        saved = dup(STDERR_FILENO);
        caught = tmpfile();
        assert_non_null(caught);
        dup2(fileno(caught), STDERR_FILENO);
}

static const char *caught_lines(void)
{
        static char text[8192];
        fflush(stderr);
        dup2(saved, STDERR_FILENO);
        close(saved);
        rewind(caught);
        text[fread(text, 1, sizeof(text) - 1, caught)] = '\0';
        fclose(caught);
        return text;
}

static void test_lines(void **state)
{
        (void)state;
        catch_lines();
        log_line(LOG_INFO, "desk", "batch of %d", 3);
        log_line(LOG_DEBUG, "desk", "not shown");
        log_line(LOG_WARN, "web", "a \"quote\", a \\ and\na second line");
        log_set_clock(at_nine, NULL);
        log_set_request("5f3c-\" msg=\"forged\n");
        log_event(LOG_ERROR, "web", "answered", "route=\"%s\" status=%d", "/matters/{}", 500);
        log_set_request(NULL);
        log_event(LOG_INFO, "web", "stopped", "%s", "");
        log_set_clock(NULL, NULL);
        assert_string_equal(caught_lines(),
                        "level=info room=desk msg=\"batch of 3\"\n"
                        "level=warn room=web msg=\"a \\\"quote\\\", a \\\\ and a second line\"\n"
                        "time=2026-03-31T09:00:00+08:00 level=error room=web "
                        "request=5f3c-msgforged msg=\"answered\" route=\"/matters/{}\" "
                        "status=500\n"
                        "time=2026-03-31T09:00:00+08:00 level=info room=web msg=\"stopped\"\n");
}

static void test_levels(void **state)
{
        enum log_level level = LOG_INFO;
        (void)state;
        assert_true(log_level_parse(STR_LIT("error"), &level));
        assert_int_equal(level, LOG_ERROR);
        assert_false(log_level_parse(STR_LIT("loud"), &level));
        log_set_level(LOG_ERROR);
        assert_false(log_shows(LOG_WARN));
        catch_lines();
        log_line(LOG_WARN, "desk", "hidden");
        log_set_level(LOG_INFO);
        assert_string_equal(caught_lines(), "");
}

static void test_long_lines(void **state)
{
        char text[4000];
        (void)state;
        memset(text, '"', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        catch_lines();
        log_line(LOG_INFO, "desk", "%s", text);
        const char *line = caught_lines();
        assert_true(strlen(line) < 2100);
        assert_true(line[strlen(line) - 1] == '\n');
        char id[200];
        memset(id, 'a', sizeof(id) - 1);
        id[sizeof(id) - 1] = '\0';
        log_set_request(id);
        assert_int_equal(strlen(log_request()), LOG_REQUEST_BYTES - 1);
        log_set_request("");
        assert_string_equal(log_request(), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_levels),
                cmocka_unit_test(test_long_lines),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
