/* fuzz/fuzz_pack.c - packed values from a damaged store: refused, or a value that
 * can be printed, copied and packed again. */
#include <assert.h>

#include "base/value.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena = arena_open();
        struct value value, again;
        struct err err;
        if (value_unpack(arena, (struct str){ (const char *)data, size }, &value, &err)) {
                struct buf text = BUF(arena), packed = BUF(arena);
                value_write_json(&text, &value);
                assert(str_is_utf8(buf_str(&text)));
                assert(str_is_utf8(value_text(arena, &value)));
                struct value copy = value_copy(arena, &value);
                value_pack(&packed, &copy);
                bool ok = value_unpack(arena, buf_str(&packed), &again, &err);
                assert(ok && value_eq(&value, &again));
        } else {
                assert(err.code == E_PACK);
        }
        arena_close(&arena);
        return 0;
}
