/* What a form sent, in both codings: what is read, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "web/posted.h"

static struct arena *arena;

/* "name=value|name=value", a file as "name=FILE(its name,type)bytes". */
static struct str shown(const struct posted *posted)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < posted->n; i++) {
                const struct posted_field *f = &posted->fields[i];
                buf_format(&buf, "%s%.*s=", i == 0 ? "" : "|", STR_FMT(f->name));
                if (f->is_file)
                        buf_format(&buf, "FILE(%.*s,%.*s)", STR_FMT(f->file_name),
                                        STR_FMT(f->type));
                buf_str_add(&buf, f->value);
        }
        return buf_str(&buf);
}

struct row {
        const char *why;
        struct str body;
        const char *shown; /* NULL: refused with E_HTTP_FORM */
};

#define ROW(why, body, shown)                                                                      \
        {                                                                                          \
                why, { body, sizeof(body) - 1 }, shown                                             \
        }

static void check(
                const struct row *row, bool ok, const struct posted *posted, const struct err *err)
{
        if (ok != (row->shown != NULL))
                fail_msg("%s: %s %s", row->why, ok ? "read" : "refused", ok ? "" : err->detail);
        if (!ok)
                assert_int_equal(err->code, E_HTTP_FORM);
        else if (!str_is(shown(posted), row->shown))
                fail_msg("%s: %s", row->why, str_c(arena, shown(posted)));
}

/* ---- application/x-www-form-urlencoded ---- */

static const struct row urlencoded_rows[] = {
        ROW("texts in their order", "b=2&a=1", "b=2|a=1"),
        ROW("nothing", "", ""),
        ROW("an empty text is one", "a=", "a="),
        ROW("no equals sign", "a", "a="),
        ROW("a name several times: check boxes", "k=1&k=2", "k=1|k=2"),
        ROW("Chinese", "%E5%8E%A6=%E9%97%A8", "厦=门"),
        ROW("a blank either way", "a=x+y%20z", "a=x y z"),
        ROW("what would end a field stands encoded", "a=%26%3D%2B", "a=&=+"),
        ROW("an equals sign in the text", "a=b=c", "a=b=c"),
        ROW("line ends become one LF", "a=1%0D%0A2%0D3%0A4", "a=1\n2\n3\n4"),
        ROW("a tab stays", "a=1%092", "a=1\t2"),
        ROW("markup is text", "a=%3Cscript%3E", "a=<script>"),
        ROW("no name", "=1", NULL),
        ROW("an empty field", "a=1&&b=2", NULL),
        ROW("a broken escape", "a=%4", NULL),
        ROW("an escape that is none", "a=%zz", NULL),
        ROW("not UTF-8", "a=%ff", NULL),
        ROW("half a character", "a=%E5%8E", NULL),
        ROW("a surrogate", "a=%ED%A0%80", NULL),
        ROW("NUL", "a=1%002", NULL),
        ROW("NUL as it is",
                        "a=1\0"
                        "2",
                        NULL),
        ROW("a control character", "a=%1b", NULL),
        ROW("delete", "a=%7f", NULL),
        ROW("a name that is not UTF-8", "%ff=1", NULL),
};

static void test_urlencoded(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(urlencoded_rows); i++) {
                struct posted posted;
                struct err err;
                bool ok = posted_parse_urlencoded(arena, urlencoded_rows[i].body, &posted, &err);
                check(&urlencoded_rows[i], ok, &posted, &err);
        }
}

/* ---- multipart/form-data ---- */

#define PART(head, bytes) "--X\r\nContent-Disposition: form-data; " head "\r\n\r\n" bytes "\r\n"

static const struct row multipart_rows[] = {
        ROW("texts", PART("name=\"a\"", "1") PART("name=\"b\"", "2") "--X--\r\n", "a=1|b=2"),
        ROW("no line end behind the last", PART("name=\"a\"", "1") "--X--", "a=1"),
        ROW("nothing", "--X--\r\n", ""),
        ROW("a file",
                        "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.pdf\"\r\n"
                        "Content-Type: application/pdf\r\n\r\n%PDF\r\n--X--\r\n",
                        "f=FILE(a.pdf,application/pdf)%PDF"),
        ROW("a file not chosen", PART("name=\"f\"; filename=\"\"", "") "--X--", "f=FILE(,)"),
        ROW("a file's line ends stay", PART("name=\"f\"; filename=\"a\"", "1\r\n2") "--X--",
                        "f=FILE(a,)1\r\n2"),
        ROW("a text's become LF", PART("name=\"a\"", "1\r\n2") "--X--", "a=1\n2"),
        ROW("something like a boundary within", PART("name=\"a\"", "1\r\n--Y") "--X--", "a=1\n--Y"),
        ROW("names of headers in any case",
                        "--X\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--",
                        "a=1"),
        ROW("parameters without quotes", PART("name=a", "1") "--X--", "a=1"),
        ROW("a quote in a name, as browsers send it", PART("name=\"a%22b\"", "1") "--X--",
                        "a\"b=1"),
        ROW("folders are left out", PART("name=\"f\"; filename=\"../../etc/passwd\"", "x") "--X--",
                        "f=FILE(passwd,)x"),
        ROW("those of Windows too", PART("name=\"f\"; filename=\"C:\\a\\b.doc\"", "x") "--X--",
                        "f=FILE(b.doc,)x"),
        ROW("Chinese", PART("name=\"f\"; filename=\"申请书.pdf\"", "x") "--X--",
                        "f=FILE(申请书.pdf,)x"),
        ROW("an empty text", PART("name=\"a\"", "") "--X--", "a="),

        ROW("no end", PART("name=\"a\"", "1"), NULL),
        ROW("cut off within a text", "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
                        NULL),
        ROW("something in front", "x\r\n" PART("name=\"a\"", "1") "--X--", NULL),
        ROW("something behind", PART("name=\"a\"", "1") "--X--\r\nx", NULL),
        ROW("bare line feeds", "--X\nContent-Disposition: form-data; name=\"a\"\n\n1\n--X--", NULL),
        ROW("no name", PART("filename=\"a\"", "1") "--X--", NULL),
        ROW("an empty name", PART("name=\"\"", "1") "--X--", NULL),
        ROW("two names", PART("name=\"a\"; name=\"b\"", "1") "--X--", NULL),
        ROW("filename* is not for forms (RFC 7578 section 4.2)",
                        PART("name=\"a\"; filename*=UTF-8''x", "1") "--X--", NULL),
        ROW("a quote left open", PART("name=\"a", "1") "--X--", NULL),
        ROW("not a form's part",
                        "--X\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--X--",
                        NULL),
        ROW("no disposition", "--X\r\nContent-Type: text/plain\r\n\r\n1\r\n--X--", NULL),
        ROW("two dispositions",
                        "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n"
                        "Content-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n--X--",
                        NULL),
        ROW("another coding",
                        "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--X--",
                        NULL),
        ROW("a line without a colon",
                        "--X\r\nContent-Disposition: form-data; name=\"a\"\r\nx\r\n\r\n1\r\n--X--",
                        NULL),
        ROW("NUL in a text",
                        PART("name=\"a\"", "1\0"
                                           "2") "--X--",
                        NULL),
        ROW("not UTF-8", PART("name=\"a\"", "\xff") "--X--", NULL),
        ROW("a file's name that is not UTF-8", PART("name=\"f\"; filename=\"\xff\"", "1") "--X--",
                        NULL),
        ROW("nothing at all", "", NULL),
};

static void test_multipart(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(multipart_rows); i++) {
                struct posted posted;
                struct err err;
                bool ok = posted_parse_multipart(arena, STR_LIT("multipart/form-data; boundary=X"),
                                multipart_rows[i].body, &posted, &err);
                check(&multipart_rows[i], ok, &posted, &err);
        }
}

static void test_boundary(void **state)
{
        (void)state;
        static const struct {
                const char *type;
                bool ok;
        } rows[] = {
                { "multipart/form-data; boundary=X", true },
                { "multipart/form-data; boundary=\"X\"", true },
                { "multipart/form-data; charset=utf-8; Boundary=X", true },
                { "multipart/form-data;boundary=X ", true },
                { "multipart/form-data", false },
                { "multipart/form-data; boundary=", false },
                { "multipart/form-data; boundary=X; boundary=X", false },
                { "multipart/form-data; boundary=\"X", false },
                { "multipart/form-data; boundary="
                  "01234567890123456789012345678901234567890123456789012345678901234567890",
                                false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct posted posted;
                struct err err;
                if (posted_parse_multipart(arena, str_of(rows[i].type), STR_LIT("--X--"), &posted,
                                    &err) != rows[i].ok)
                        fail_msg("%s", rows[i].type);
        }
}

/* ---- Limits ---- */

static void test_limits(void **state)
{
        (void)state;
        struct posted posted;
        struct err err;
        struct buf texts = BUF(arena), files = BUF(arena);
        buf_c(&texts, "a=");
        for (size_t i = 1; i < LIMIT_FORM_FIELDS; i++)
                buf_c(&texts, "&a=");
        assert_true(posted_parse_urlencoded(arena, buf_str(&texts), &posted, &err));
        assert_int_equal(posted.n, LIMIT_FORM_FIELDS);
        buf_c(&texts, "&a=");
        assert_false(posted_parse_urlencoded(arena, buf_str(&texts), &posted, &err));
        assert_int_equal(err.code, E_HTTP_LARGE);
        for (size_t i = 0; i <= LIMIT_FORM_FILES; i++)
                buf_c(&files, PART("name=\"f\"; filename=\"a\"", "x"));
        buf_c(&files, "--X--");
        assert_false(posted_parse_multipart(arena, STR_LIT("multipart/form-data; boundary=X"),
                        buf_str(&files), &posted, &err));
        assert_int_equal(err.code, E_HTTP_LARGE);
}

/* The form says so beside its field (files_take()), and keeps what else was typed. */
static void test_one_file_too_large(void **state)
{
        (void)state;
        struct posted posted;
        struct err err;
        struct buf body = BUF(arena);
        buf_c(&body, "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"大\"\r\n\r\n");
        char *bytes = arena_alloc(arena, LIMIT_FILE_BYTES + 1);
        buf_add(&body, bytes, LIMIT_FILE_BYTES + 1);
        buf_c(&body, "\r\n--X--");
        assert_true(posted_parse_multipart(arena, STR_LIT("multipart/form-data; boundary=X"),
                        buf_str(&body), &posted, &err));
        assert_int_equal(posted.fields[0].value.n, LIMIT_FILE_BYTES + 1);
}

static void test_finding(void **state)
{
        (void)state;
        struct posted posted;
        struct err err;
        size_t at = 0;
        assert_true(posted_parse_urlencoded(arena, STR_LIT("a=1&b=2&a=3"), &posted, &err));
        assert_true(str_is(posted_text(&posted, STR_LIT("a")), "1"));
        assert_int_equal(posted_text(&posted, STR_LIT("c")).n, 0);
        assert_true(str_is(posted_next(&posted, STR_LIT("a"), &at)->value, "1"));
        assert_true(str_is(posted_next(&posted, STR_LIT("a"), &at)->value, "3"));
        assert_null(posted_next(&posted, STR_LIT("a"), &at));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_urlencoded),
                cmocka_unit_test(test_multipart),
                cmocka_unit_test(test_boundary),
                cmocka_unit_test(test_limits),
                cmocka_unit_test(test_one_file_too_large),
                cmocka_unit_test(test_finding),
        };
        arena = arena_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
