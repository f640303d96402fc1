#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "ledger/event.h"
#include "ledger/merkle.h"

static const enum ledger_hash algorithms[] = { LEDGER_SHA256, LEDGER_SM3 };

static struct value data_of(struct arena *arena, const char *json)
{
        struct value data;
        struct err err;
        if (!value_parse_json(arena, str_of(json), &data, &err))
                fail_msg("%s", json);
        return data;
}

static const char sample_json[] =
                "{\"amount\":1250,\"id_no\":\"35020319900101001X\",\"note\":\"a\\\"},{\\\\\","
                "\"列表\":[1,{\"x\":\"]\"},null],\"姓名\":\"林某\",\"是否听证\":true}";

static struct event sample(struct arena *arena)
{
        struct event event = {
                .organ = STR_LIT("思明区司法局"),
                .seq = 41,
                .matter = STR_LIT("思司罚〔2021〕7号"),
                .procedure = STR_LIT("penalty@2021-07-15"),
                .act = STR_LIT("file_case"),
                .actor = STR_LIT("chen.ming"),
                .time = { 1632790800 },
                .data = data_of(arena, sample_json),
        };
        for (int i = 0; i < EVENT_SECRET_BYTES; i++)
                event.secret[i] = (uint8_t)(i * 7 + 1);
        return event;
}

static struct sealed seal(
                struct arena *arena, enum ledger_hash algorithm, const struct event *event)
{
        struct sealed sealed;
        struct err err;
        if (!ledger_seal(arena, algorithm, event, &sealed, &err))
                fail_msg("%s: %s", err.field, err.detail);
        return sealed;
}

static struct leaf leaf_of(struct str bytes)
{
        struct leaf leaf;
        struct err err;
        if (!ledger_parse_leaf(bytes, &leaf, &err))
                fail_msg("%s", err.detail);
        return leaf;
}

/* The formula of event.h written out from the hash alone, so that a stranger's twenty
 * lines and ours are compared. Three fields at most. */
static struct hash commit_by_hand(const struct event *event, const char *const *fields)
{
        struct hash digests[3];
        size_t n = 0;
        for (; fields[n] != NULL; n += 1) {
                struct str value = str_of(fields[n]), name = str_split(&value, '=');
                struct hmac hmac;
                hmac_init(&hmac, LEDGER_SHA256, event->secret, EVENT_SECRET_BYTES);
                char info[128], input[256];
                int n_info = snprintf(
                                info, sizeof(info), "plumbline field %.*s\x01", STR_FMT(name));
                struct hash salt = hmac_bytes(&hmac, (struct str){ info, (size_t)n_info });
                int n_input = snprintf(input, sizeof(input), "%c", 2);
                memcpy(input + n_input, salt.b, 16);
                n_input += 16;
                input[n_input++] = 0;
                input[n_input++] = (char)name.n;
                n_input += snprintf(input + n_input, sizeof(input) - (size_t)n_input, "%.*s%.*s",
                                STR_FMT(name), STR_FMT(value));
                digests[n] = hash_bytes(LEDGER_SHA256, (struct str){ input, (size_t)n_input });
        }
        for (size_t i = 0; i < n; i++)
                for (size_t j = i + 1; j < n; j++)
                        if (memcmp(&digests[i], &digests[j], sizeof(struct hash)) > 0) {
                                struct hash swap = digests[i];
                                digests[i] = digests[j];
                                digests[j] = swap;
                        }
        struct hasher hasher;
        hasher_start(&hasher, LEDGER_SHA256);
        hasher_add(&hasher, "\x03", 1);
        hasher_add(&hasher, digests, n * sizeof(struct hash));
        return hasher_finish(&hasher);
}

static void test_the_leaf_is_as_documented(void **state)
{
        struct arena *arena = *state;
        struct event event = sample(arena);
        event.data = data_of(arena, "{\"b\":\"x\",\"a\":1,\"c\":null}");
        struct sealed sealed = seal(arena, LEDGER_SHA256, &event);
        assert_true(str_is(sealed.disclosed, "{\"a\":1,\"b\":\"x\",\"c\":null}"));

        static const char *const fields[] = { "a=1", "b=\"x\"", "c=null", NULL };
        struct hash data = commit_by_hand(&event, fields);
        char hex[HASH_HEX + 1] = { 0 };
        hash_write_hex(data.b, HASH_BYTES, hex);
        struct str expected = str_format(arena,
                        "{\"act\":\"file_case\",\"actor\":\"chen.ming\",\"data\":\"%s\","
                        "\"matter\":\"思司罚〔2021〕7号\",\"on_behalf\":null,"
                        "\"organ\":\"思明区司法局\",\"procedure\":\"penalty@2021-07-15\","
                        "\"seq\":41,\"time\":\"2021-09-28T09:00:00+08:00\"}",
                        hex);
        assert_true(str_eq(sealed.leaf, expected));

        /* Canonical: the one JSON writer of the program would write the same. */
        struct value parsed;
        struct err err;
        assert_true(value_parse_json(arena, sealed.leaf, &parsed, &err));
        struct buf buf = BUF(arena);
        value_write_json(&buf, &parsed);
        assert_true(str_eq(buf_str(&buf), sealed.leaf));

        struct hash leaf_hash = merkle_leaf(LEDGER_SHA256, sealed.leaf);
        assert_true(hash_eq(&leaf_hash, &sealed.leaf_hash));
}

static void test_round_trip(void **state)
{
        struct arena *arena = *state;
        for (size_t i = 0; i < N_ELEMENTS(algorithms); i++) {
                struct event event = sample(arena);
                event.on_behalf = STR_LIT("office-2");
                struct sealed sealed = seal(arena, algorithms[i], &event);
                assert_true(str_is(sealed.disclosed, sample_json));
                struct leaf leaf = leaf_of(sealed.leaf);
                assert_true(str_eq(leaf.organ, event.organ));
                assert_true(str_eq(leaf.matter, event.matter));
                assert_true(str_eq(leaf.procedure, event.procedure));
                assert_true(str_eq(leaf.act, event.act));
                assert_true(str_eq(leaf.actor, event.actor));
                assert_true(str_eq(leaf.on_behalf, event.on_behalf));
                assert_int_equal(leaf.seq, event.seq);
                assert_int_equal(leaf.time.second, event.time.second);
                size_t n;
                struct err err;
                assert_true(ledger_check_event(
                                algorithms[i], &leaf, sealed.disclosed, event.secret, &n, &err));
                assert_int_equal(n, 6);
                assert_false(ledger_check_event(algorithms[1 - i], &leaf, sealed.disclosed,
                                event.secret, &n, &err));
        }
}

/* RFC 8785 section 3.2.2.2: short escapes for five, \u00xx for the other controls. */
static void test_every_character_of_a_value(void **state)
{
        struct arena *arena = *state;
        char text[127];
        for (int c = 1; c < 128; c++)
                text[c - 1] = (char)c;
        struct member member = { STR_LIT("text"),
                value_string((struct str){ text, sizeof(text) }) };
        struct event event = sample(arena);
        event.data = value_context(&member, 1);
        struct sealed sealed = seal(arena, LEDGER_SHA256, &event);
        struct str start =
                        STR_LIT("{\"text\":\"\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007"
                                "\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013"
                                "\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c"
                                "\\u001d\\u001e\\u001f !\\\"#$%&");
        assert_true(str_starts(sealed.disclosed, start));
        struct leaf leaf = leaf_of(sealed.leaf);
        struct value again;
        struct err err;
        assert_true(ledger_check_event(
                        LEDGER_SHA256, &leaf, sealed.disclosed, event.secret, NULL, &err));
        assert_true(value_parse_json(arena, sealed.disclosed, &again, &err));
        assert_true(value_eq(&again, &event.data));
}

static void test_no_fields_and_many(void **state)
{
        struct arena *arena = *state;
        static const size_t rows[] = { 0, 1, 16, 17, LIMIT_EVENT_FIELDS, LIMIT_EVENT_FIELDS + 1 };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct member *members = arena_new_array(arena, rows[i], struct member);
                for (size_t j = 0; j < rows[i]; j++)
                        members[j] = (struct member){ str_format(arena, "f%04zu", j),
                                value_int((int64_t)j) };
                struct event event = sample(arena);
                event.data = value_context(members, rows[i]);
                struct sealed sealed;
                struct err err;
                bool ok = ledger_seal(arena, LEDGER_SHA256, &event, &sealed, &err);
                assert_int_equal(ok, rows[i] <= LIMIT_EVENT_FIELDS);
                if (!ok) {
                        assert_int_equal(err.code, E_LIMIT);
                        continue;
                }
                struct leaf leaf = leaf_of(sealed.leaf);
                size_t n;
                assert_true(ledger_check_event(
                                LEDGER_SHA256, &leaf, sealed.disclosed, event.secret, &n, &err));
                assert_int_equal(n, rows[i]);
        }
}

static void test_events_refused(void **state)
{
        struct arena *arena = *state;
        static const char long_text[LIMIT_EVENT_TEXT_BYTES + 1] = { [0 ... LIMIT_EVENT_TEXT_BYTES] =
                                                                                    'x' };
        static const struct {
                const char *why;
                const char *organ, *act, *data;
                int64_t seq, second;
                enum err_code code;
        } rows[] = {
                { "as it should be", "o", "a", "{}", 0, 0, E_NONE },
                { "no organ", "", "a", "{}", 0, 0, E_EVENT_TEXT },
                { "no act", "o", "", "{}", 0, 0, E_EVENT_TEXT },
                { "a quote would need an escape", "o\"", "a", "{}", 0, 0, E_EVENT_TEXT },
                { "so would a backslash", "o\\", "a", "{}", 0, 0, E_EVENT_TEXT },
                { "and a line end", "o\n", "a", "{}", 0, 0, E_EVENT_TEXT },
                { "not UTF-8", "o\xff", "a", "{}", 0, 0, E_EVENT_TEXT },
                { "too long", long_text, "a", "{}", 0, 0, E_EVENT_TEXT },
                { "seq before the beginning", "o", "a", "{}", -1, 0, E_EVENT_TEXT },
                { "seq that JSON readers round", "o", "a", "{}", (int64_t)1 << 53, 0,
                                E_EVENT_TEXT },
                { "a year with five digits", "o", "a", "{}", 0, 253402300800, E_EVENT_TEXT },
                { "a time beyond any date", "o", "a", "{}", 0, INT64_MAX, E_EVENT_TEXT },
                { "data is no context", "o", "a", "[]", 0, 0, E_EVENT_FIELD },
                { "a field without a name", "o", "a", "{\"\":1}", 0, 0, E_EVENT_FIELD },
                { "a quote in a name", "o", "a", "{\"a\\\"\":1}", 0, 0, E_EVENT_FIELD },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct event event = sample(arena);
                event.organ = (struct str){ rows[i].organ,
                        strnlen(rows[i].organ, sizeof(long_text)) };
                event.act = str_of(rows[i].act);
                event.seq = rows[i].seq;
                event.time.second = rows[i].second;
                event.data = data_of(arena, rows[i].data);
                struct sealed sealed = { .leaf = STR_LIT("as it was") };
                struct err err = { .code = E_NONE };
                bool ok = ledger_seal(arena, LEDGER_SHA256, &event, &sealed, &err);
                if (ok != (rows[i].code == E_NONE) || err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err.detail);
                assert_true(ok || str_is(sealed.leaf, "as it was"));
        }
}

static void test_unsorted_and_double_fields(void **state)
{
        struct arena *arena = *state;
        static const char *const rows[][2] = { { "b", "a" }, { "a", "a" } };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct member members[2] = { { str_of(rows[i][0]), value_int(1) },
                        { str_of(rows[i][1]), value_int(2) } };
                struct event event = sample(arena);
                event.data = value_context(members, 2);
                struct sealed sealed;
                struct err err;
                assert_false(ledger_seal(arena, LEDGER_SHA256, &event, &sealed, &err));
                assert_int_equal(err.code, E_EVENT_FIELD);
        }
}

static void test_an_event_too_large(void **state)
{
        struct arena *arena = *state;
        char *text = arena_alloc(arena, LIMIT_EVENT_BYTES);
        memset(text, 'x', LIMIT_EVENT_BYTES);
        struct member member = { STR_LIT("a"),
                value_string((struct str){ text, LIMIT_EVENT_BYTES }) };
        struct event event = sample(arena);
        event.data = value_context(&member, 1);
        struct sealed sealed;
        struct err err;
        assert_false(ledger_seal(arena, LEDGER_SHA256, &event, &sealed, &err));
        assert_int_equal(err.code, E_LIMIT);
}

/* Leaves that say something readable, but not in the one way it is written. */
static void test_leaves_not_canonical(void **state)
{
        (void)state;
#define ZEROS "00000000000000000000000000000000"
#define HEAD  "{\"act\":\"a\",\"actor\":\"b\",\"data\":\"" ZEROS ZEROS "\","
#define BARE  "\"matter\":null,\"on_behalf\":null,"
#define ORGAN "\"organ\":\"o\",\"procedure\":\"p@1\","
#define TIME  "\"time\":\"2021-09-28T09:00:00+08:00\"}"
#define TAIL  ORGAN "\"seq\":7," TIME
        static const struct {
                const char *why, *leaf;
                bool ok;
        } rows[] = {
                { "canonical", HEAD BARE TAIL, true },
                { "empty is written null", HEAD "\"matter\":\"\",\"on_behalf\":null," TAIL, false },
                { "white space", HEAD "\"matter\": null,\"on_behalf\":null," TAIL, false },
                { "a member more", HEAD "\"extra\":1," BARE TAIL, false },
                { "a member less", HEAD "\"matter\":null," TAIL, false },
                { "another order", HEAD "\"on_behalf\":null,\"matter\":null," TAIL, false },
                { "text behind", HEAD BARE TAIL " ", false },
                { "an escape", HEAD "\"matter\":\"\\u0041\",\"on_behalf\":null," TAIL, false },
                { "not UTF-8", HEAD "\"matter\":\"\xc0\xaf\",\"on_behalf\":null," TAIL, false },
                { "seq with a leading zero", HEAD BARE ORGAN "\"seq\":07," TIME, false },
                { "seq past 2^53", HEAD BARE ORGAN "\"seq\":9007199254740992," TIME, false },
                { "negative seq", HEAD BARE ORGAN "\"seq\":-1," TIME, false },
                { "the same moment in UTC",
                                HEAD BARE ORGAN "\"seq\":7,\"time\":\"2021-09-28T01:00:00Z\"}",
                                false },
                { "a day that is not",
                                HEAD BARE ORGAN "\"seq\":7,\"time\":\"2021-09-31T09:00:00+08:00\"}",
                                false },
                { "nothing", "", false },
                { "not an object", "null", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct leaf leaf;
                struct err err = { .code = E_NONE };
                bool ok = ledger_parse_leaf(str_of(rows[i].leaf), &leaf, &err);
                if (ok != rows[i].ok || err.code != (ok ? E_NONE : E_EVENT_LEAF))
                        fail_msg("%s", rows[i].why);
        }
}

/* Leaf and content change in any single bit: it shows, in the leaf's hash or at once. */
static void test_every_flip_shows(void **state)
{
        struct arena *arena = *state;
        for (size_t a = 0; a < N_ELEMENTS(algorithms); a++) {
                struct event event = sample(arena);
                struct sealed sealed = seal(arena, algorithms[a], &event);
                struct leaf leaf = leaf_of(sealed.leaf);
                struct err err;

                struct str copy = str_copy(arena, sealed.leaf);
                for (size_t bit = 0; bit < 8 * copy.n; bit++) {
                        ((char *)copy.p)[bit / 8] ^= (char)(1 << bit % 8);
                        struct hash hash = merkle_leaf(algorithms[a], copy);
                        assert_false(hash_eq(&hash, &sealed.leaf_hash));
                        ((char *)copy.p)[bit / 8] ^= (char)(1 << bit % 8);
                }
                copy = str_copy(arena, sealed.disclosed);
                for (size_t bit = 0; bit < 8 * copy.n; bit++) {
                        ((char *)copy.p)[bit / 8] ^= (char)(1 << bit % 8);
                        assert_false(ledger_check_event(
                                        algorithms[a], &leaf, copy, event.secret, NULL, &err));
                        assert_true(err.code == E_EVENT_CHANGED || err.code == E_EVENT_DISCLOSED);
                        ((char *)copy.p)[bit / 8] ^= (char)(1 << bit % 8);
                }
                for (size_t bit = 0; bit < 8 * sizeof(event.secret); bit++) {
                        event.secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        assert_false(ledger_check_event(algorithms[a], &leaf, sealed.disclosed,
                                        event.secret, NULL, &err));
                        event.secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
                }
                for (size_t bit = 0; bit < 8 * sizeof(leaf.data); bit++) {
                        leaf.data.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        assert_false(ledger_check_event(algorithms[a], &leaf, sealed.disclosed,
                                        event.secret, NULL, &err));
                        leaf.data.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                }
        }
}

static void test_disclosed_texts_refused(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text;
        } rows[] = {
                { "nothing", "" },
                { "a list", "[]" },
                { "does not end", "{" },
                { "ends in a name", "{\"a" },
                { "no value", "{\"a\":}" },
                { "value does not end", "{\"a\":[1" },
                { "string does not end", "{\"a\":\"\\\"}" },
                { "brackets cross", "{\"a\":]}" },
                { "text behind", "{\"a\":1}}" },
                { "white space", "{ \"a\":1}" },
                { "unsorted", "{\"b\":1,\"a\":1}" },
                { "twice", "{\"a\":1,\"a\":1}" },
                { "comma at the end", "{\"a\":1,}" },
                { "escape in a name", "{\"a\\u0041\":1}" },
                { "no name", "{\"\":1}" },
        };
        struct leaf leaf = { .seq = 0 };
        uint8_t secret[EVENT_SECRET_BYTES] = { 0 };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err = { .code = E_NONE };
                bool ok = ledger_check_event(
                                LEDGER_SHA256, &leaf, str_of(rows[i].text), secret, NULL, &err);
                if (ok || err.code != E_EVENT_DISCLOSED)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
        }
}

static void test_field_proof(void **state)
{
        struct arena *arena = *state;
        for (size_t a = 0; a < N_ELEMENTS(algorithms); a++) {
                struct event event = sample(arena);
                struct sealed sealed = seal(arena, algorithms[a], &event);
                struct leaf leaf = leaf_of(sealed.leaf);
                struct str names[] = { STR_LIT("是否听证"), STR_LIT("amount") }, proof;
                struct err err;
                assert_true(ledger_prove_fields(arena, algorithms[a], &leaf, sealed.disclosed,
                                event.secret, names, 2, &proof, &err));
                struct value shown;
                assert_true(ledger_check_fields(arena, algorithms[a], &leaf, proof, &shown, &err));
                struct value expected = data_of(arena, "{\"amount\":1250,\"是否听证\":true}");
                assert_true(value_eq(&shown, &expected));
                assert_false(ledger_check_fields(
                                arena, algorithms[1 - a], &leaf, proof, &shown, &err));
        }
}

/* What is not shown cannot be read from the proof, nor guessed and tried: neither names,
 * values, salts nor the secret stand in it. */
static void test_field_proof_hides_the_rest(void **state)
{
        struct arena *arena = *state;
        struct event event = sample(arena);
        struct sealed sealed = seal(arena, LEDGER_SHA256, &event);
        struct leaf leaf = leaf_of(sealed.leaf);
        struct str names[] = { STR_LIT("amount"), STR_LIT("id_no"), STR_LIT("note"),
                STR_LIT("列表"), STR_LIT("姓名"), STR_LIT("是否听证") };
        struct err err;
        struct str all;
        assert_true(ledger_prove_fields(arena, LEDGER_SHA256, &leaf, sealed.disclosed, event.secret,
                        names, 6, &all, &err));
        char secret[2 * EVENT_SECRET_BYTES];
        hash_write_hex(event.secret, sizeof(event.secret), secret);

        struct value opened;
        assert_true(value_parse_json(arena, all, &opened, &err));
        const struct value *fields = value_get(&opened, STR_LIT("fields"));
        for (size_t shown = 0; shown < 6; shown++) {
                struct str proof;
                assert_true(ledger_prove_fields(arena, LEDGER_SHA256, &leaf, sealed.disclosed,
                                event.secret, &names[shown], 1, &proof, &err));
                assert_int_equal(str_find(proof, (struct str){ secret, sizeof(secret) }), SIZE_MAX);
                for (size_t i = 0; i < 6; i++) {
                        const struct value *field = &fields->list.items[i];
                        struct str salt = value_get(field, STR_LIT("salt"))->string;
                        struct buf quoted = BUF(arena);
                        value_write_json_string(&quoted, names[i]);
                        bool named = str_find(proof, buf_str(&quoted)) != SIZE_MAX;
                        bool salted = str_find(proof, salt) != SIZE_MAX;
                        assert_int_equal(named, i == shown);
                        assert_int_equal(salted, i == shown);
                }
        }
}

static void test_every_flip_in_a_field_proof_shows(void **state)
{
        struct arena *arena = *state;
        struct arena *scratch = arena_open();
        struct event event = sample(arena);
        struct sealed sealed = seal(arena, LEDGER_SHA256, &event);
        struct leaf leaf = leaf_of(sealed.leaf);
        struct str names[] = { STR_LIT("note"), STR_LIT("姓名") }, proof;
        struct err err;
        assert_true(ledger_prove_fields(arena, LEDGER_SHA256, &leaf, sealed.disclosed, event.secret,
                        names, 2, &proof, &err));
        struct str copy = str_copy(arena, proof);
        for (size_t bit = 0; bit < 8 * copy.n; bit++) {
                struct value shown;
                ((char *)copy.p)[bit / 8] ^= (char)(1 << bit % 8);
                if (ledger_check_fields(scratch, LEDGER_SHA256, &leaf, copy, &shown, &err))
                        fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
                ((char *)copy.p)[bit / 8] ^= (char)(1 << bit % 8);
                arena_reset(scratch);
        }
        arena_close(&scratch);
}

static void test_field_proofs_refused(void **state)
{
        struct arena *arena = *state;
        struct event event = sample(arena);
        event.data = data_of(arena, "{\"a\":1}");
        struct sealed sealed = seal(arena, LEDGER_SHA256, &event);
        struct leaf leaf = leaf_of(sealed.leaf);
        struct str name = STR_LIT("a"), proof;
        struct err err;
        assert_true(ledger_prove_fields(arena, LEDGER_SHA256, &leaf, sealed.disclosed, event.secret,
                        &name, 1, &proof, &err));
        struct str digest = str_slice(proof, 13, 13 + HASH_HEX);
        struct str salt = str_slice(proof, str_find(proof, STR_LIT("salt")) + 7,
                        str_find(proof, STR_LIT("salt")) + 39);
        struct str field = str_format(
                        arena, "{\"name\":\"a\",\"salt\":\"%.*s\",\"value\":1}", STR_FMT(salt));
        static const struct {
                const char *why, *proof; /* @ is the digest, # the field */
                enum err_code code;
        } rows[] = {
                { "as made", "{'digests':['@'],'fields':[#],'hash':'sha256'}", E_NONE },
                { "shows nothing", "{'digests':['@'],'fields':[],'hash':'sha256'}", E_FIELD_PROOF },
                { "the same field twice", "{'digests':['@'],'fields':[#,#],'hash':'sha256'}",
                                E_FIELD_PROOF },
                { "a digest twice", "{'digests':['@','@'],'fields':[#],'hash':'sha256'}",
                                E_FIELD_PROOF },
                { "no digests", "{'digests':[],'fields':[#],'hash':'sha256'}", E_FIELD_PROOF },
                { "not canonical", "{'digests':['@'],'fields':[#],'hash':'sha256' }",
                                E_FIELD_PROOF },
                { "a member more", "{'digests':['@'],'fields':[#],'hash':'sha256','x':1}",
                                E_FIELD_PROOF },
                { "a field is no object", "{'digests':['@'],'fields':['a'],'hash':'sha256'}",
                                E_FIELD_PROOF },
                { "not JSON", "{'digests':['@'],'fields':[#]", E_JSON },
                { "another hash", "{'digests':['@'],'fields':[#],'hash':'sm3'}", E_FIELD_PROOF },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct buf text = BUF(arena);
                for (const char *c = rows[i].proof; *c != '\0'; c++) {
                        if (*c == '@')
                                buf_str_add(&text, digest);
                        else if (*c == '#')
                                buf_str_add(&text, field);
                        else
                                buf_char(&text, *c == '\'' ? '"' : *c);
                }
                struct value shown;
                err.code = E_NONE;
                bool ok = ledger_check_fields(
                                arena, LEDGER_SHA256, &leaf, buf_str(&text), &shown, &err);
                if (ok != (rows[i].code == E_NONE) || err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err.detail);
        }
        static const struct {
                const char *why, *name;
                size_t n;
        } missing[] = { { "no name", "a", 0 }, { "no such field", "b", 1 } };
        for (size_t i = 0; i < N_ELEMENTS(missing); i++) {
                name = str_of(missing[i].name);
                assert_false(ledger_prove_fields(arena, LEDGER_SHA256, &leaf, sealed.disclosed,
                                event.secret, &name, missing[i].n, &proof, &err));
                assert_int_equal(err.code, E_EVENT_NO_FIELD);
        }
}

static int open_arena(void **state)
{
        *state = arena_open();
        return 0;
}

static int close_arena(void **state)
{
        arena_close((struct arena **)state);
        return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_arena, close_arena)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_the_leaf_is_as_documented),
                TEST(test_round_trip),
                TEST(test_every_character_of_a_value),
                TEST(test_no_fields_and_many),
                TEST(test_events_refused),
                TEST(test_unsorted_and_double_fields),
                TEST(test_an_event_too_large),
                TEST(test_leaves_not_canonical),
                TEST(test_every_flip_shows),
                TEST(test_disclosed_texts_refused),
                TEST(test_field_proof),
                TEST(test_field_proof_hides_the_rest),
                TEST(test_every_flip_in_a_field_proof_shows),
                TEST(test_field_proofs_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
