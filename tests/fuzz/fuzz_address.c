/* fuzz/fuzz_address.c - request targets and header fields from strangers.
 *
 * The first line is a request target, every further one a header field "name:value". What is
 * read holds to its limits, reads the same when written anew, and finds a route or none. */
#include <assert.h>

#include "fuzz.h"
#include "web/guard.h"
#include "web/route.h"

static void write_anew(struct buf *buf, const struct address *address)
{
        buf_c(buf, address->n_segments == 0 ? "/" : "");
        for (size_t i = 0; i < address->n_segments; i++) {
                buf_char(buf, '/');
                address_encode(buf, address->segments[i]);
        }
        for (size_t i = 0; i < address->n_fields; i++) {
                buf_char(buf, i == 0 ? '?' : '&');
                address_encode(buf, address->fields[i].name);
                buf_char(buf, '=');
                address_encode(buf, address->fields[i].value);
        }
}

/* Encoding may lengthen an address past the limit; else it reads the same. */
static void check_again(struct arena *arena, const struct address *address)
{
        struct buf buf = BUF(arena);
        struct address again;
        struct err err;
        write_anew(&buf, address);
        if (!address_parse(arena, buf_str(&buf), &again, &err)) {
                assert(err.code == E_HTTP_TARGET_LONG);
                return;
        }
        assert(again.n_segments == address->n_segments && again.n_fields == address->n_fields);
        for (size_t i = 0; i < again.n_segments; i++)
                assert(str_eq(again.segments[i], address->segments[i]));
        for (size_t i = 0; i < again.n_fields; i++)
                assert(str_eq(again.fields[i].value, address->fields[i].value));
}

static void check_address(struct arena *arena, struct str raw)
{
        struct address address;
        struct visit visit = { .arena = arena };
        struct err err;
        if (!address_parse(arena, raw, &address, &err)) {
                assert(err.code == E_HTTP_TARGET || err.code == E_HTTP_TARGET_LONG);
                return;
        }
        assert(address.n_segments <= ADDRESS_SEGMENTS_MAX);
        for (size_t i = 0; i < address.n_segments; i++) {
                assert(address.segments[i].n != 0 && str_is_utf8(address.segments[i]));
                assert(!str_is(address.segments[i], ".."));
        }
        check_again(arena, &address);
        const struct route *route = route_find(HTTP_GET, &address, &visit);
        if (route != NULL && !route_check(route, &address, &err))
                assert(err.code == E_HTTP_QUERY);
}

static void check_fields(struct str rest)
{
        struct guard_field fields[GUARD_FIELDS_MAX + 1];
        struct guard_request request = {
                .method = STR_LIT("GET"), .version = STR_LIT("HTTP/1.1"), .fields = fields
        };
        struct guard_verdict verdict;
        struct err err;
        while (rest.n != 0 && request.n_fields < N_ELEMENTS(fields)) {
                struct str line = str_split(&rest, '\n');
                struct str name = str_split(&line, ':');
                fields[request.n_fields++] = (struct guard_field){ .name = name, .value = line };
        }
        if (!guard_check(&request, &verdict, &err))
                assert(err.code == E_HTTP_MESSAGE);
        else
                assert(request.n_fields > 0); /* a Host at least */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str rest = { (const char *)data, size };
        struct arena *arena = arena_open();
        check_address(arena, str_split(&rest, '\n'));
        check_fields(rest);
        arena_close(&arena);
        return 0;
}
