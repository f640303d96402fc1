/* fuzz/fuzz_definition.c - definition files from outside: read, lint, describe, draw.
 *
 * Form feeds part the input into files, so that definitions can name each other. */
#include <assert.h>

#include "fuzz.h"
#include "procedure/describe.h"
#include "procedure/diagram.h"

static void show(struct arena *arena, const struct procedure *procedure)
{
        for (size_t i = 0; i < procedure->n_versions; i++) {
                const struct version *v = procedure->versions[i];
                struct buf buf = BUF(arena);
                struct err err;
                assert(v->schema->n_names == version_n_slots(v));
                assert(str_is_utf8(describe_version(arena, v)));
                if (!diagram_write(&buf, v, "d", &err))
                        (void)err_sentence(arena, &err);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct definition_source sources[8];
        struct str rest = { (const char *)data, size };
        size_t n = 0;
        for (; rest.p != NULL && n < N_ELEMENTS(sources); n++)
                sources[n] = (struct definition_source){ STR_LIT("input"), str_split(&rest, '\f') };

        struct arena *arena = arena_open();
        struct catalogue catalogue;
        struct str problems;
        struct err err;
        if (catalogue_load(arena, sources, n, &catalogue, &problems, &err)) {
                for (size_t i = 0; i < catalogue.n_procedures; i++)
                        show(arena, catalogue.procedures[i]);
        } else {
                assert(problems.n != 0);
                (void)err_sentence(arena, &err);
        }
        assert(str_is_utf8(problems));
        arena_close(&arena);
        return 0;
}
