/* What is told of an event: its public side, signed; and of which events nothing. */
#include "hook/message.h"

#include "hook/test_letters.h"

static struct test_site *t;

static bool find(struct str filter, int64_t position, struct message *ret)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        bool any;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, message_of(t->arena, snapshot, site_catalogue(t->site), LEDGER_SHA256, filter,
                                     position, moment_date(t->now), ret, &any, &t->err));
        return any;
}

/* The example of Standard Webhooks 1.0, "Signature scheme", worked out with another library as well. */
static void test_signature(void **state)
{
        (void)state;
        struct str secret, lines[MESSAGE_HEADERS];
        assert_true(hash_parse_base64(
                        t->arena, STR_LIT("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &secret));
        const struct message message = { .position = 7,
                .id = STR_LIT("msg_p5jXN8AQM9LWM0D4loKWxJek"),
                .body = STR_LIT("{\"test\": 2432232314}") };
        message_headers(t->arena, &message, secret, (struct moment){ 1614265330 }, lines);
        assert_true(str_is(lines[0], "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek"));
        assert_true(str_is(lines[1], "webhook-timestamp: 1614265330"));
        assert_true(str_is(lines[2],
                        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_true(str_is(lines[3], "Plumbline-Log-Position: 7"));
        assert_true(str_is(message_secret_text(t->arena, secret),
                        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
}

static void test_body(void **state)
{
        (void)state;
        struct message message, again;
        struct receipt receipt = test_write(t);
        assert_true(find(STR_LIT(""), receipt.seq, &message));
        struct str expected = str_format(t->arena,
                        "\"matter\":\"测信〔2021〕1号\",\"position\":%lld,"
                        "\"procedure\":\"letter\","
                        "\"url\":\"/matters/%%E6%%B5%%8B%%E4%%BF%%A1%%E3%%80%%942021%%E3%%80%%951%%E5%%8F%%B7\"},"
                        "\"timestamp\":\"2021-03-01T09:00:00+08:00\",\"type\":\"letter.write\"}",
                        (long long)receipt.seq);
        if (!str_starts(message.body,
                            STR_LIT("{\"data\":{\"act\":\"write\",\"fields\":{\"steps\":"
                                    "[{\"what\":\"收\"}],\"subject\":\"修路\"},\"leaf\":\"")) ||
                        !str_ends(message.body, expected))
                fail_msg("%s", str_c(t->arena, message.body));
        assert_false(test_has(message.body, "密"));
        assert_false(test_has(message.body, "li\""));
        assert_true(find(STR_LIT(""), receipt.seq, &again));
        assert_true(str_eq(message.id, again.id) && str_eq(message.body, again.body));
        test_must(t, test_do(t, "测信〔2021〕1号.answer", "li",
                                     "{\"opinion\":\"密见\",\"result\":\"密果\"}", &receipt));
        assert_true(find(STR_LIT(""), receipt.seq, &message));
        assert_true(test_has(message.body, "\"fields\":{}"));
        assert_false(test_has(message.body, "密"));
        assert_false(str_eq(message.id, again.id));
}

static void test_which(void **state)
{
        (void)state;
        struct message message;
        struct receipt letter = test_write(t), note;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"密\"}", &note));
        static const struct {
                const char *filter;
                bool told;
        } rows[] = {
                { "", true },
                { "  ", true },
                { "letter", true },
                { "letter.write", true },
                { "note letter.write", true },
                { "letter.answer", false },
                { "note", false },
                { "lette", false },
                { "letter.writ", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (find(str_of(rows[i].filter), letter.seq, &message) != rows[i].told)
                        fail_msg("'%s'", rows[i].filter);
        assert_false(find(STR_LIT(""), note.seq, &message)); /* hidden */
        assert_false(find(STR_LIT("note"), note.seq, &message));
        assert_false(find(STR_LIT(""), 0, &message)); /* a definition */
        test_must(t, test_do(t, str_format(t->arena, "%.*s.sys_note", STR_FMT(letter.number)).p,
                                     "li", "{\"note\":\"密记\"}", &note));
        assert_false(find(STR_LIT(""), note.seq, &message)); /* between staff */
        assert_false(find(STR_LIT("letter.sys_note"), note.seq, &message));
}

/* Of a register only to who asked for it, if it is public; of its entries what is open. */
static void test_registers(void **state)
{
        (void)state;
        struct message message;
        struct receipt unit, staff, later, gone;
        test_must(t, test_do(t, "register:units.put", "system",
                                     "{\"id\":\"x y\",\"name\":\"新科\"}", &unit));
        test_must(t, test_do(t, "register:staff.put", "system",
                                     "{\"id\":\"zhao\",\"name\":\"密\",\"unit\":\"b\"}", &staff));
        test_must(t, test_do(t, "register:units.put", "system",
                                     "{\"id\":\"z\",\"name\":\"以后\",\"$from\":\"2022-01-01\"}",
                                     &later));
        test_must(t, test_do(t, "register:units.end", "system", "{\"id\":\"x y\"}", &gone));
        assert_true(find(STR_LIT("letter register:units"), unit.seq, &message));
        struct str expected = str_format(t->arena,
                        "\"position\":%lld,\"register\":\"units\",\"url\":\"/registers/units?key=x%%20y\"},"
                        "\"timestamp\":\"2021-03-01T09:00:00+08:00\",\"type\":\"register:units.put\"}",
                        (long long)unit.seq);
        if (!str_starts(message.body, STR_LIT("{\"data\":{\"act\":\"put\",\"fields\":{")) ||
                        !test_has(message.body, "\"name\":\"新科\"") ||
                        !test_has(message.body, "\"key\":\"x y\",\"leaf\":\"") ||
                        !str_ends(message.body, expected))
                fail_msg("%s", str_c(t->arena, message.body));
        assert_true(find(STR_LIT("register:units.put"), unit.seq, &message));
        assert_false(find(STR_LIT("register:units.end"), unit.seq, &message));
        assert_true(find(STR_LIT("register:units.end"), gone.seq, &message));
        assert_true(test_has(message.body, "\"act\":\"end\",\"fields\":{},\"key\":\"x y\""));
        assert_false(find(STR_LIT(""), unit.seq, &message)); /* all acts on matters */
        assert_false(find(STR_LIT("register:units"), later.seq, &message));
        assert_false(find(STR_LIT("register:staff"), staff.seq, &message));
}

static void test_filters(void **state)
{
        (void)state;
        static const struct {
                const char *filter;
                bool taken;
        } rows[] = {
                { "", true },
                { "letter", true },
                { "register:units", true },
                { "letter register:units.put register:units.end", true },
                { "register:units.answer", false },
                { "register:staff", false }, /* not public */
                { "register:", false },
                { "units", false },
                { "letter.answer letter.write", true },
                { "note", false }, /* never seen, so never told of */
                { "letter.sign", false },
                { "letter.", false },
                { "nobody", false },
                { "letter,note", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                bool ok = message_filter_check(
                                site_catalogue(t->site), str_of(rows[i].filter), &t->err);
                if (ok != rows[i].taken || (!ok && t->err.code != E_HOOK_FILTER))
                        fail_msg("'%s'", rows[i].filter);
        }
        char filter[MESSAGE_FILTER_BYTES + 2];
        memset(filter, ' ', sizeof(filter));
        assert_false(message_filter_check(
                        site_catalogue(t->site), (struct str){ filter, sizeof(filter) }, &t->err));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_signature),
                cmocka_unit_test(test_body),
                cmocka_unit_test(test_which),
                cmocka_unit_test(test_registers),
                cmocka_unit_test(test_filters),
        };
        t = test_open_letters("", NULL);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(t);
        return failed;
}
