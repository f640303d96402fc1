/* fuzz/fuzz_draw.c - published draws, and RFC 3797 probes, from outside.
 *
 * A file that verifies must be, value for value, what the program writes for its inputs;
 * a verdict of true means that picks were compared. */
#include <assert.h>

#include "draw/rfc3797.h"
#include "draw/verify.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str text = { (const char *)data, size };
        struct arena *arena = arena_open();
        struct draw_report report;
        struct err err;
        if (draw_verify(arena, text, &report, &err)) {
                struct draw_publication publication;
                struct value file, again;
                bool ok = value_parse_json(arena, text, &file, &err) &&
                          draw_publication_read(arena, &file, &publication, &err) &&
                          draw_publication_write(arena, &publication, &again, &err);
                assert(ok && value_eq(&file, &again));
                assert(report.n_picks > 0 && report.n_problems == 0);
        } else {
                (void)err_sentence(arena, &err);
        }
        if (str_is_utf8(text))
                (void)rfc3797_probe(arena, text);
        arena_close(&arena);
        return 0;
}
