/* fuzz/fuzz_json.c - JSON from outside, and what is made of an accepted value. */
#include <assert.h>

#include "base/value.h"
#include "fuzz.h"

/* Canonical text is read back as the same value and written the same. */
static void check_canonical(struct arena *arena, const struct value *value)
{
        struct value again;
        struct err err;
        struct buf once = BUF(arena), twice = BUF(arena);
        value_write_json(&once, value);
        assert(str_is_utf8(buf_str(&once)));
        bool ok = value_parse_json(arena, buf_str(&once), &again, &err);
        assert(ok);
        value_write_json(&twice, &again);
        assert(str_eq(buf_str(&once), buf_str(&twice)));
}

static void check_packed(struct arena *arena, const struct value *value)
{
        struct value again;
        struct err err;
        struct buf packed = BUF(arena);
        value_pack(&packed, value);
        bool ok = value_unpack(arena, buf_str(&packed), &again, &err);
        assert(ok && value_eq(value, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena = arena_open();
        struct value value;
        struct err err;
        if (value_parse_json(arena, (struct str){ (const char *)data, size }, &value, &err)) {
                check_canonical(arena, &value);
                check_packed(arena, &value);
                assert(str_is_utf8(value_text(arena, &value)));
        } else {
                assert(str_is_utf8(err_sentence(arena, &err)));
        }
        arena_close(&arena);
        return 0;
}
