/* fuzz/fuzz_posted.c - forms from strangers, in both codings; cookies.
 *
 * The first line is the Content-Type (multipart) or a Cookie header, the rest the body. What is
 * read holds to the limits and is text. */
#include <assert.h>

#include "base/limits.h"
#include "fuzz.h"
#include "web/cookie.h"
#include "web/posted.h"

static void check(const struct posted *posted)
{
        size_t n_files = 0;
        assert(posted->n <= LIMIT_FORM_FIELDS);
        for (size_t i = 0; i < posted->n; i++) {
                const struct posted_field *field = &posted->fields[i];
                size_t at = 0;
                n_files += field->is_file;
                assert(field->name.n != 0 && str_is_utf8(field->name));
                assert(field->is_file || str_is_utf8(field->value));
                assert(field->file_name.n == 0 ||
                                memchr(field->file_name.p, '/', field->file_name.n) == NULL);
                assert(posted_next(posted, field->name, &at) != NULL);
        }
        assert(n_files <= LIMIT_FORM_FILES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str rest = { (const char *)data, size };
        struct arena *arena = arena_open();
        struct posted posted;
        struct err err;
        struct str line = str_split(&rest, '\n');
        if (posted_parse_urlencoded(arena, rest, &posted, &err))
                check(&posted);
        else
                assert(err.code == E_HTTP_FORM || err.code == E_HTTP_LARGE);
        if (posted_parse_multipart(arena, line, rest, &posted, &err))
                check(&posted);
        else
                assert(err.code == E_HTTP_FORM || err.code == E_HTTP_LARGE);
        struct str cookie = cookie_find(line, "s");
        assert(cookie.n == 0 || memchr(cookie.p, ';', cookie.n) == NULL);
        arena_close(&arena);
        return 0;
}
