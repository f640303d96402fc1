/* Proof files: what ours and tools/proof_verify.py, which shares no line with it, say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/consistency.h"
#include "ledger/proof_pack.h"

#define N_EVENTS 11
#define PROVEN   6

struct small_log {
        struct arena *arena;
        enum ledger_hash algorithm;
        struct hash hashes[N_EVENTS];
        struct event event; /* the proven one */
        struct sealed sealed;
        struct note_signer signer;
        struct str note;
};

/* The hash of a full subtree, from the leaves. */
static bool get(void *context, unsigned level, uint64_t index, struct hash *ret)
{
        const struct small_log *log = context;
        struct hash left, right;
        if (level == 0) {
                *ret = log->hashes[index];
                return true;
        }
        if (!get(context, level - 1, 2 * index, &left) ||
                        !get(context, level - 1, 2 * index + 1, &right))
                return false;
        *ret = merkle_node(log->algorithm, &left, &right);
        return true;
}

static struct merkle_source source_of(struct small_log *log)
{
        return (struct merkle_source){ log->algorithm, get, log };
}

static void make_log(struct small_log *log, struct arena *arena, enum ledger_hash algorithm)
{
        static const uint8_t seed[SIGNATURE_SEED_BYTES] = { 7, 1 };
        static const char json[] = "{\"$number\":\"测函〔2021〕1号\",\"amount\":\"12.5\",\"id_no\":"
                                   "\"35020319900101001X\",\"note\":\"a\\\"\\n\\u0001é\",\"列表\":"
                                   "[1,{\"x\":null}]}";
        struct err err;
        *log = (struct small_log){ .arena = arena, .algorithm = algorithm };
        for (int64_t i = 0; i < N_EVENTS; i++) {
                struct event event = {
                        .organ = STR_LIT("测试局"),
                        .seq = i,
                        .matter = STR_LIT("测函〔2021〕1号"),
                        .procedure = STR_LIT("note@N1"),
                        .act = STR_LIT("write"),
                        .actor = STR_LIT("li"),
                        .time = { 1632790800 + i },
                        .secret = { (uint8_t)i, 3 },
                };
                struct sealed sealed;
                assert_true(value_parse_json(arena, str_of(json), &event.data, &err));
                assert_true(ledger_seal(arena, algorithm, &event, &sealed, &err));
                log->hashes[i] = sealed.leaf_hash;
                if (i == PROVEN) {
                        log->event = event;
                        log->sealed = sealed;
                }
        }
        struct merkle_source source = source_of(log);
        struct checkpoint head = { STR_LIT("plumbline/350200"), N_EVENTS, { { 0 } } };
        assert_true(merkle_root_at(&source, N_EVENTS, &head.root, &err));
        assert_true(note_signer_init(head.origin, seed, &log->signer, &err));
        assert_true(checkpoint_sign(arena, &head, &log->signer, &log->note, &err));
}

static struct str prove(struct small_log *log, const struct str *names, size_t n)
{
        struct proof proof = {
                .algorithm = log->algorithm, .checkpoint = log->note, .leaf = log->sealed.leaf
        };
        struct merkle_source source = source_of(log);
        struct leaf leaf;
        struct err err;
        assert_true(merkle_prove_inclusion(&source, PROVEN, N_EVENTS, &proof.inclusion, &err));
        assert_true(ledger_parse_leaf(log->sealed.leaf, &leaf, &err));
        if (n != 0)
                assert_true(ledger_prove_fields(log->arena, log->algorithm, &leaf,
                                log->sealed.disclosed, log->event.secret, names, n, &proof.fields,
                                &err));
        return proof_format(log->arena, &proof);
}

static const struct str both[] = { { "note", 4 }, { "列表", 6 } };

static void test_what_it_shows(void **state)
{
        static const struct {
                const char *why;
                enum ledger_hash algorithm;
                size_t n;
        } rows[] = {
                { "two fields, and no other", LEDGER_SHA256, 2 },
                { "that the event stands, and no field", LEDGER_SHA256, 0 },
                { "national algorithms", LEDGER_SM3, 1 },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                struct small_log log;
                struct proof_shown shown;
                struct err err;
                make_log(&log, arena, rows[i].algorithm);
                struct str text = prove(&log, both, rows[i].n);
                if (!proof_check(arena, text, &log.signer.key, 1, &shown, &err))
                        fail_msg("%s: %s", rows[i].why, err.detail);
                assert_int_equal(shown.fields.context.n, rows[i].n);
                assert_int_equal(shown.leaf.seq, PROVEN);
                assert_int_equal(shown.head.size, N_EVENTS);
                /* 个人信息 of a field that is not shown is not in the file. */
                assert_true(str_find(text, STR_LIT("35020319900101001X")) == SIZE_MAX);
                arena_close(&arena);
        }
}

/* The text of a QR code is the file, and nothing else is. */
static void test_packed(void **state)
{
        static const struct {
                enum ledger_hash algorithm;
                size_t n;
        } rows[] = { { LEDGER_SHA256, 2 }, { LEDGER_SHA256, 0 }, { LEDGER_SM3, 1 } };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                struct small_log log;
                struct str packed, again;
                struct err err;
                make_log(&log, arena, rows[i].algorithm);
                struct str text = prove(&log, both, rows[i].n);
                assert_true(proof_pack(arena, text, &packed, &err));
                assert_true(str_starts(packed, STR_LIT(PROOF_PACK_PREFIX)));
                assert_true(proof_unpack(arena, packed, &again, &err));
                assert_true(str_eq(again, text));
                for (size_t n = 0; n < packed.n; n++)
                        if (proof_unpack(arena, str_slice(packed, 0, n), &again, &err))
                                assert_false(str_eq(again, text));
                char *bytes = (char *)packed.p;
                for (size_t at = 0; at < packed.n; at++) {
                        struct proof_shown shown;
                        char was = bytes[at];
                        bytes[at] = was == 'A' ? 'B' : 'A';
                        if (proof_unpack(arena, packed, &again, &err))
                                assert_false(proof_check(
                                                arena, again, &log.signer.key, 1, &shown, &err));
                        bytes[at] = was;
                }
                assert_false(proof_unpack(arena, text, &again, &err));
                assert_int_equal(err.code, E_PROOF);
                assert_false(proof_pack(arena, STR_LIT("{\"hash\":\"sha256\"}"), &packed, &err));
                assert_int_equal(err.code, E_PROOF);
                /* A blank more is another file, and does not come back. */
                assert_false(proof_pack(
                                arena, str_format(arena, " %.*s", STR_FMT(text)), &packed, &err));
                arena_close(&arena);
        }
}

static void test_from_head_to_head(void **state)
{
        struct arena *arena = arena_open();
        struct small_log log;
        struct err err;
        (void)state;
        make_log(&log, arena, LEDGER_SHA256);
        struct merkle_source source = source_of(&log);
        for (uint64_t size = 1; size <= N_EVENTS; size++) {
                struct checkpoint first = { log.signer.key.name, size, { { 0 } } }, from, to;
                struct consistency c = { .algorithm = LEDGER_SHA256, .to = log.note };
                assert_true(merkle_root_at(&source, size, &first.root, &err));
                assert_true(checkpoint_sign(arena, &first, &log.signer, &c.from, &err));
                if (size < N_EVENTS)
                        assert_true(merkle_prove_consistency(
                                        &source, size, N_EVENTS, &c.proof, &err));
                struct str text = consistency_format(arena, &c);
                assert_true(consistency_is(text));
                if (!consistency_check(arena, text, &log.signer.key, 1, &from, &to, &err))
                        fail_msg("%llu: %s", (unsigned long long)size, err.detail);
                assert_int_equal(from.size, size);
                assert_int_equal(to.size, N_EVENTS);
                char *bytes = (char *)text.p;
                for (size_t at = 0; at < text.n; at += 3) {
                        bytes[at] ^= 1;
                        assert_false(consistency_check(
                                        arena, text, &log.signer.key, 1, &from, &to, &err));
                        bytes[at] ^= 1;
                }
        }
        arena_close(&arena);
}

static void test_every_flipped_bit_is_found(void **state)
{
        struct arena *arena = arena_open(), *scratch = arena_open();
        struct small_log log;
        struct proof_shown shown;
        struct err err;
        (void)state;
        make_log(&log, arena, LEDGER_SHA256);
        struct str text = prove(&log, both, 2);
        char *forged = (char *)str_c(arena, text);
        for (size_t at = 0; at < text.n; at++) {
                forged[at] ^= (char)(1 << at % 8);
                if (proof_check(scratch, (struct str){ forged, text.n }, &log.signer.key, 1, &shown,
                                    &err))
                        fail_msg("byte %zu", at);
                forged[at] ^= (char)(1 << at % 8);
                arena_reset(scratch);
        }
        assert_true(proof_check(
                        scratch, (struct str){ forged, text.n }, &log.signer.key, 1, &shown, &err));
        arena_close(&scratch);
        arena_close(&arena);
}

/* `from` in the proof becomes `to`. */
static const struct forgery {
        const char *why, *from, *to;
        enum err_code code;
} forgeries[] = {
        { "not JSON", "{\"checkpoint\"", "{checkpoint\"", E_JSON },
        { "a blank more", ",\"hash\":", ", \"hash\":", E_PROOF },
        { "a member more", "\"hash\":\"sha256\",\"incl", "\"hash\":\"sha256\",\"i\":1,\"incl",
                        E_PROOF },
        { "another format", "plumbline-proof 1", "plumbline-proof 2", E_PROOF },
        { "an unknown hash", "\"hash\":\"sha256\",\"incl", "\"hash\":\"md5\",\"incl", E_PROOF },
        { "another hash than the field proof's", "\"hash\":\"sha256\",\"incl",
                        "\"hash\":\"sm3\",\"incl", E_LEDGER_PROOF },
        { "another value", "[1,{\"x\":null}]", "[2,{\"x\":null}]", E_FIELD_PROOF },
        { "another name", "\"name\":\"note\"", "\"name\":\"noté\"", E_FIELD_PROOF },
        { "another act", "\\\"act\\\":\\\"write\\\"", "\\\"act\\\":\\\"sign\\\"", E_LEDGER_PROOF },
        { "another place in the log", "\\\"seq\\\":6", "\\\"seq\\\":7", E_LEDGER_PROOF },
        { "a place past the end", "\\\"seq\\\":6", "\\\"seq\\\":66", E_LEDGER_PROOF },
        { "a longer log", "\\n11\\n", "\\n12\\n", E_NOTE_SIGNATURE },
        { "another log", "{\"checkpoint\":\"plumbline/350200", "{\"checkpoint\":\"plumbline/350201",
                        E_NOTE_SIGNATURE },
        { "no signature", "\\n\\n", "\\n", E_NOTE },
        { "a member of another name", "\"inclusion\":[\"", "\"inclusion\":[],\"x\":[\"", E_PROOF },
        { "no line end", "}\n", "}", E_PROOF },
};

static struct str forge(struct arena *arena, struct str text, const struct forgery *forgery)
{
        size_t at = str_find(text, str_of(forgery->from)), n = strlen(forgery->from);
        assert_true(at != SIZE_MAX);
        struct buf buf = BUF(arena);
        buf_str_add(&buf, str_slice(text, 0, at));
        buf_c(&buf, forgery->to);
        buf_str_add(&buf, str_slice(text, at + n, text.n));
        return buf_str(&buf);
}

static void test_forgeries(void **state)
{
        struct arena *arena = arena_open();
        struct small_log log;
        (void)state;
        make_log(&log, arena, LEDGER_SHA256);
        struct str text = prove(&log, both, 2);
        for (size_t i = 0; i < N_ELEMENTS(forgeries); i++) {
                struct proof_shown shown;
                struct err err;
                assert_false(proof_check(arena, forge(arena, text, &forgeries[i]), &log.signer.key,
                                1, &shown, &err));
                if (err.code != forgeries[i].code)
                        fail_msg("%s: %s", forgeries[i].why, err_text(err.code)->name);
        }
        arena_close(&arena);
}

/* ---- The independent verifier ---- */

static void save(const char *dir, const char *name, size_t n, struct str text)
{
        char path[128];
        snprintf(path, sizeof(path), "%s/%s-%04zu", dir, name, n);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
        assert_int_equal(fclose(file), 0);
}

/* Files named good-* must be accepted and bad-* refused, each for a reason. */
static const char judge[] =
                "import sys, pathlib; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1])\n"
                "import proof_verify as v\n"
                "for p in sorted(pathlib.Path(sys.argv[2]).iterdir()):\n"
                "    try: v.check(p.read_bytes().decode(), sys.argv[3]); held = True\n"
                "    except (v.Refused, UnicodeDecodeError): held = False\n"
                "    if held != p.name.startswith('good'): sys.exit(p.name)\n";

static void test_the_other_verifier_agrees(void **state)
{
        struct arena *arena = arena_open();
        struct small_log log;
        const char *source = getenv("PLUMBLINE_SOURCE");
        char dir[] = "/tmp/proofs-XXXXXX";
        size_t n = 0;
        (void)state;
        assert_non_null(source);
        assert_non_null(mkdtemp(dir));
        make_log(&log, arena, LEDGER_SHA256);
        struct str text = prove(&log, both, 2);
        save(dir, "good", n++, text);
        save(dir, "good", n++, prove(&log, NULL, 0));
        for (size_t i = 0; i < N_ELEMENTS(forgeries); i++)
                save(dir, "bad", n++, forge(arena, text, &forgeries[i]));
        for (size_t at = 3; at < text.n; at += 11) {
                char *forged = (char *)str_c(arena, text);
                forged[at] ^= 1;
                save(dir, "bad", n++, (struct str){ forged, text.n });
        }
        struct str command = str_format(arena, "python3 -c \"$JUDGE\" %s/tools %s '%.*s' >&2",
                        source, dir, STR_FMT(note_key_format(arena, &log.signer.key)));
        assert_int_equal(setenv("JUDGE", judge, 1), 0);
        assert_int_equal(system(str_c(arena, command)), 0);
        assert_int_equal(system(str_c(arena, str_format(arena, "rm -r %s", dir))), 0);
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_it_shows),
                cmocka_unit_test(test_packed),
                cmocka_unit_test(test_from_head_to_head),
                cmocka_unit_test(test_every_flipped_bit_is_found),
                cmocka_unit_test(test_forgeries),
                cmocka_unit_test(test_the_other_verifier_agrees),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
