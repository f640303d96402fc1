/* fuzz/fuzz_note.c - signed notes, checkpoints, verifier keys and tile names from outside.
 *
 * A form feed parts the input: note, verifier key. The note is opened with that key; the
 * whole note is read as a checkpoint and as the name of a tile as well. */
#include <assert.h>

#include "fuzz.h"
#include "ledger/checkpoint.h"
#include "ledger/tile.h"

static void check_key(struct arena *arena, struct str text, const struct note_key *key)
{
        assert(str_eq(note_key_format(arena, key), text));
}

/* What can be signed can be opened, and reads the same. */
static void check_signing(struct arena *arena, struct str text)
{
        static const uint8_t seed[SIGNATURE_SEED_BYTES] = { 7 };
        struct note_signer signer;
        struct str note, again;
        struct err err;
        if (!note_signer_init(STR_LIT("fuzz"), seed, &signer, &err))
                assert(!"a name that can be used");
        if (!note_sign(arena, text, &signer, &note, &err))
                return;
        if (!note_open(arena, note, &signer.key, 1, &again, &err))
                assert(!"what was signed opens");
        assert(str_eq(again, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str rest = { (const char *)data, size };
        struct str note = str_split(&rest, '\f');
        struct arena *arena = arena_open();
        struct note_key key;
        struct checkpoint checkpoint;
        struct err err;
        bool has_key = note_key_parse(arena, rest, &key, &err);
        if (has_key)
                check_key(arena, rest, &key);
        if (!checkpoint_open(arena, note, STR_LIT(""), &key, has_key, &checkpoint, &err))
                (void)err_sentence(arena, &err);
        if (!checkpoint_parse(arena, note, &checkpoint, &err))
                (void)err_sentence(arena, &err);
        check_signing(arena, note);
        struct tile_name name;
        if (tile_parse(note, &name, &err))
                assert(str_eq(tile_format(arena, &name), note));
        arena_close(&arena);
        return 0;
}
