#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/value.h"
#include "ledger/probe.h"

#define N_PROOFS 134
#define N_GOOD   9

/* Every proof that transparency-dev publishes, the good and the spoilt. */
static void test_published_proofs(void **state)
{
        (void)state;
        char path[4096], *line = NULL;
        size_t capacity = 0, n = 0, n_good = 0;
        ssize_t length;
        const char *source = getenv("PLUMBLINE_SOURCE");
        snprintf(path, sizeof(path), "%s/tests/data/merkle/proofs.jsonl", source ? source : ".");
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        struct arena *arena = arena_open();
        while ((length = getline(&line, &capacity, file)) > 0) {
                struct value row;
                struct err err = { .code = E_NONE };
                struct str json = { line, (size_t)length };
                assert_true(value_parse_json(arena, json, &row, &err));
                bool wanted = !value_get(&row, STR_LIT("wantErr"))->boolean;
                bool ok = merkle_probe(arena, json, &err);
                if (ok != wanted)
                        fail_msg("%s: %s %s",
                                        str_c(arena, value_get(&row, STR_LIT("path"))->string),
                                        ok ? "verifies" : err_text(err.code)->name, err.detail);
                assert_true(ok || err.code == E_LEDGER_PROOF);
                n++;
                n_good += ok;
                arena_reset(arena);
        }
        assert_int_equal(n, N_PROOFS);
        assert_int_equal(n_good, N_GOOD);
        arena_close(&arena);
        free(line);
        fclose(file);
}

static void test_malformed_probes(void **state)
{
        (void)state;
#define ROOT "\"bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\""
        static const struct {
                const char *why, *json;
                enum err_code code; /* E_NONE = verifies */
        } rows[] = {
                { "one leaf",
                                "{\"leafIdx\":0,\"treeSize\":1,\"leafHash\":" ROOT ",\"root\":" ROOT
                                ",\"proof\":null}",
                                E_NONE },
                { "an empty list is null",
                                "{\"leafIdx\":0,\"treeSize\":1,\"leafHash\":" ROOT ",\"root\":" ROOT
                                ",\"proof\":[]}",
                                E_NONE },
                { "equal trees",
                                "{\"size1\":7,\"size2\":7,\"root1\":" ROOT ",\"root2\":" ROOT
                                ",\"proof\":null}",
                                E_NONE },
                { "nothing follows from the empty tree",
                                "{\"size1\":0,\"size2\":7,\"root1\":" ROOT ",\"root2\":" ROOT
                                ",\"proof\":null}",
                                E_LEDGER_PROOF },
                { "no proof",
                                "{\"leafIdx\":0,\"treeSize\":1,\"leafHash\":" ROOT ",\"root\":" ROOT
                                "}",
                                E_PROBE },
                { "a size below zero",
                                "{\"leafIdx\":-1,\"treeSize\":1,\"leafHash\":" ROOT
                                ",\"root\":" ROOT ",\"proof\":null}",
                                E_PROBE },
                { "a size past 64 bits",
                                "{\"leafIdx\":0,\"treeSize\":18446744073709551616,"
                                "\"leafHash\":" ROOT ",\"root\":" ROOT ",\"proof\":null}",
                                E_PROBE },
                { "half a leaf",
                                "{\"leafIdx\":0.5,\"treeSize\":1,\"leafHash\":" ROOT
                                ",\"root\":" ROOT ",\"proof\":null}",
                                E_PROBE },
                { "a short hash",
                                "{\"leafIdx\":0,\"treeSize\":1,\"leafHash\":\"AAAA\",\"root\":" ROOT
                                ",\"proof\":null}",
                                E_LEDGER_PROOF },
                { "not base64",
                                "{\"leafIdx\":0,\"treeSize\":1,\"leafHash\":\"A\",\"root\":" ROOT
                                ",\"proof\":null}",
                                E_PROBE },
                { "proof is text",
                                "{\"leafIdx\":0,\"treeSize\":1,\"leafHash\":" ROOT ",\"root\":" ROOT
                                ",\"proof\":\"\"}",
                                E_PROBE },
                { "not an object", "[]", E_PROBE },
                { "not JSON", "{", E_JSON },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err = { .code = E_NONE };
                bool ok = merkle_probe(arena, str_of(rows[i].json), &err);
                if (ok != (rows[i].code == E_NONE) || err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
        }
        arena_close(&arena);
}

static void test_hash_probe(void **state)
{
        (void)state;
        static const struct {
                const char *why, *line, *answer; /* NULL = refused */
        } rows[] = {
                { "abc: FIPS 180-4 B.1 and GB/T 32905-2016 A.1", "616263",
                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\t"
                                "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" },
                { "an empty line is the empty text", "\n",
                                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\t"
                                "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b" },
                { "upper case and a line end", "FF\r\n",
                                "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89\t"
                                "17a7aef8e0b9a44e3cab58928af82109ac6b62bdc21b22284831af7429382b7b" },
                { "half a byte", "f", NULL },
                { "not a digit", "zz", NULL },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer;
                struct err err = { .code = E_NONE };
                bool ok = hash_probe(arena, str_of(rows[i].line), &answer, &err);
                if (ok != (rows[i].answer != NULL) || (ok && !str_is(answer, rows[i].answer)))
                        fail_msg("%s: %.*s", rows[i].why, STR_FMT(answer));
                assert_true(ok || err.code == E_PROBE);
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_published_proofs),
                cmocka_unit_test(test_malformed_probes),
                cmocka_unit_test(test_hash_probe),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
