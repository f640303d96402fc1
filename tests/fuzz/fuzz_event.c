/* fuzz/fuzz_event.c - leaves, disclosed texts and field proofs from outside.
 *
 * Form feeds part the input: leaf, disclosed text, field proof. A leaf that is accepted
 * must be what the program itself would write, and a text that splits must be the only
 * text that splits so. */
#include <assert.h>

#include "fuzz.h"
#include "ledger/event.h"
#include "ledger/fields.h"

static const uint8_t secret[EVENT_SECRET_BYTES] = "plumbline fuzz";

static void check_canonical(struct arena *arena, struct str leaf)
{
        struct value value;
        struct err err;
        struct buf buf = BUF(arena);
        if (!value_parse_json(arena, leaf, &value, &err))
                assert(!"an accepted leaf is JSON");
        value_write_json(&buf, &value);
        assert(str_eq(buf_str(&buf), leaf));
}

static void check_split(struct arena *arena, struct str text)
{
        struct fields fields = fields_of(text);
        struct str name, value;
        struct err err;
        struct buf buf = BUF(arena);
        enum fields_step step;
        while ((step = fields_next(&fields, &name, &value, &err)) == FIELDS_ONE) {
                buf_c(&buf, buf.n == 0 ? "{\"" : ",\"");
                buf_str_add(&buf, name);
                buf_c(&buf, "\":");
                buf_str_add(&buf, value);
        }
        if (step == FIELDS_BAD)
                return;
        buf_c(&buf, buf.n == 0 ? "{}" : "}");
        assert(str_eq(buf_str(&buf), text));
}

/* Whatever JSON it is, sealed it checks, and each field can be proven. */
static void check_seal(struct arena *arena, struct str text)
{
        struct event event = { .organ = STR_LIT("o"),
                .procedure = STR_LIT("p@1"),
                .act = STR_LIT("a"),
                .actor = STR_LIT("u") };
        struct sealed sealed;
        struct leaf leaf;
        struct err err;
        memcpy(event.secret, secret, sizeof(secret));
        if (!value_parse_json(arena, text, &event.data, &err) ||
                        !ledger_seal(arena, LEDGER_SHA256, &event, &sealed, &err))
                return;
        size_t n;
        if (!ledger_parse_leaf(sealed.leaf, &leaf, &err) ||
                        !ledger_check_event(
                                        LEDGER_SHA256, &leaf, sealed.disclosed, secret, &n, &err))
                assert(!"what was sealed checks");
        assert(n == event.data.context.n);
        if (n == 0)
                return;
        struct str proof;
        struct value shown;
        const struct member *last = &event.data.context.members[n - 1];
        if (!ledger_prove_fields(arena, LEDGER_SHA256, &leaf, sealed.disclosed, secret, &last->name,
                            1, &proof, &err) ||
                        !ledger_check_fields(arena, LEDGER_SHA256, &leaf, proof, &shown, &err))
                assert(!"what was sealed can be proven");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str rest = { (const char *)data, size };
        struct str text = str_split(&rest, '\f'), disclosed = str_split(&rest, '\f');
        struct arena *arena = arena_open();
        struct leaf leaf = { .seq = 0 };
        struct value shown;
        struct err err;
        if (ledger_parse_leaf(text, &leaf, &err))
                check_canonical(arena, text);
        else
                (void)err_sentence(arena, &err);
        if (!ledger_check_event(LEDGER_SHA256, &leaf, disclosed, secret, NULL, &err))
                (void)err_sentence(arena, &err);
        if (!ledger_check_fields(arena, LEDGER_SHA256, &leaf, rest, &shown, &err))
                (void)err_sentence(arena, &err);
        check_split(arena, disclosed);
        check_seal(arena, disclosed);
        arena_close(&arena);
        return 0;
}
