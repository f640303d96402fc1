/* Deciding and folding, against a small procedure with one of everything. */
#include "procedure/test_decide.h"

/* ---- The order of the checks, one row for each refusal ---- */

static void test_refusals(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        struct matter *open = begin(world, "{\"subject\":\"事由\",\"amount\":\"3\"}");
        struct err err;
        struct matter *recused =
                        act(world, open, "clerk2", "step_back", "{\"officer\":\"head1\"}", 8, &err);
        static const struct {
                const char *why, *who, *act, *json;
                enum err_code code;
                const char *basis;
        } rows[] = {
                { "no such act", "clerk1", "fly", "{}", E_ACT_UNKNOWN, "" },
                { "a party is no clerk", "applicant", "wait", "{}", E_ACT_ROLE, "" },
                { "a clerk is no head", "clerk1", "extend", "{}", E_ACT_ROLE, "" },
                { "wrong state", "clerk1", "go_on", "{}", E_ACT_STATE, "" },
                { "a matter begins once", "clerk1", "begin", "{\"subject\":\"a\"}", E_ACT_STATE,
                                "" },
                { "a field that this act does not take", "clerk1", "ask",
                                "{\"days\":3,\"subject\":\"b\"}", E_FIELD_UNKNOWN, "" },
                { "a field that does not exist", "clerk1", "ask", "{\"days\":3,\"x\":1}",
                                E_FIELD_UNKNOWN, "" },
                { "missing", "clerk1", "ask", "{}", E_FIELD_MISSING, "" },
                { "empty is missing", "clerk1", "ask", "{\"days\":\" \"}", E_FIELD_MISSING, "" },
                { "not a number", "clerk1", "ask", "{\"days\":\"三\"}", E_FIELD_VALUE, "" },
                { "not whole", "clerk1", "ask", "{\"days\":1.5}", E_FIELD_VALUE, "" },
                { "a clock of no length", "clerk1", "ask", "{\"days\":0}", E_CLOCK_LENGTH, "" },
                { "a clock without its day", "clerk1", "count_on", "{}", E_CLOCK_START, "" },
                { "hours without their moment", "clerk1", "arrest", "{}", E_CLOCK_START, "" },
                { "hours that have not begun", "clerk1", "arrest",
                                "{\"at\":\"2021-09-28T09:00:01+08:00\"}", E_CLOCK_START, "" },
                { "an entry that is held", "clerk1", "drop", "{\"officer\":\"k1\"}",
                                E_REGISTER_HELD, "" },
                { "to the unit it is in", "clerk1", "move", "{\"officer\":\"u1\"}", E_ACT_MOVE,
                                "" },
                { "to a unit that does not stand", "clerk1", "move", "{\"officer\":\"u9\"}",
                                E_ACT_MOVE, "" },
                { "a clock beyond reason", "clerk1", "ask", "{\"days\":100000}", E_CLOCK_LENGTH,
                                "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                if (act(world, open, rows[i].who, rows[i].act, rows[i].json, 9, &err) != NULL)
                        fail_msg("%s: was done", rows[i].why);
                if (err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
        }
        assert_null(act(world, recused, "head1", "extend", "{}", 9, &err));
        assert_int_equal(err.code, E_ACT_RECUSED);

        /* A matter belongs to a unit that exists. */
        struct actor stray = actor_of("clerk1");
        struct act_request request = { .act = STR_LIT("begin"),
                .fields = value_context(NULL, 0),
                .unit = STR_LIT("nowhere") };
        struct outcome outcome;
        assert_false(procedure_decide(world->arena, open->version, NULL, &stray, &request,
                        &world->now, &outcome, &err));
        assert_int_equal(err.code, E_ACT_UNIT);
}

/* A matter that moves keeps its number and its terms; figures count it where it began. */
static void test_moves(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\"}");
        const char *due = last_day(world, matter, "answer");
        assert_string_equal(str_c(world->arena, matter_home(matter)), "u1");
        struct matter *moved =
                        act(world, matter, "clerk1", "move", "{\"officer\":\"u2\"}", 8, &err);
        assert_non_null(moved);
        assert_string_equal(str_c(world->arena, moved->unit), "u2");
        assert_string_equal(str_c(world->arena, matter_home(moved)), "u1");
        assert_string_equal(last_day(world, moved, "answer"), due);
        /* Nobody named: it stays. And from the second unit it may go on to a third, or back. */
        struct matter *stays = act(world, moved, "clerk1", "move", "{\"officer\":null}", 9, &err);
        assert_string_equal(str_c(world->arena, stays->unit), "u2");
        assert_null(act(world, moved, "clerk1", "move", "{\"officer\":\"u2\"}", 9, &err));
        assert_int_equal(err.code, E_ACT_MOVE);
        struct matter *back = act(world, moved, "clerk1", "move", "{\"officer\":\"u1\"}", 9, &err);
        assert_string_equal(str_c(world->arena, back->unit), "u1");
        assert_string_equal(str_c(world->arena, matter_home(back)), "u1");
}

/* Bytes that deciding takes for an act which opens n matters. */
static size_t held_for(struct world *world, const struct matter *matter, int n)
{
        struct arena *arena = arena_open();
        struct actor clerk = actor_of("clerk1");
        struct act_request request = { .act = STR_LIT("scatter") };
        struct outcome outcome;
        struct err err;
        assert_true(value_parse_json(
                        arena, str_format(arena, "{\"days\":%d}", n), &request.fields, &err));
        assert_true(procedure_decide(arena, matter->version, matter, &clerk, &request, &world->now,
                        &outcome, &err));
        assert_int_equal(outcome.n_consequences, n);
        size_t held = arena_held(arena);
        arena_close(&arena);
        return held;
}

/* Ten times as many take ten times as much, not a hundred times. */
static void test_many_follow(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\"}");
        size_t few = held_for(world, matter, 400), many = held_for(world, matter, 4000);
        if (many > 20 * few)
                fail_msg("400: %zu bytes, 4000: %zu bytes", few, many);
}

static bool spreads(struct world *world, const struct matter *matter, size_t n_children,
                struct outcome *ret, struct err *err)
{
        struct actor clerk = actor_of("clerk1");
        struct act_request request = { .act = STR_LIT("spread"), .fields = value_context(NULL, 0) };
        world->n_children = n_children;
        bool ok = procedure_decide(world->arena, matter->version, matter, &clerk, &request,
                        &world->now, ret, err);
        world->n_children = 0;
        return ok;
}

/* Sub-matters are told one by one, those of the procedure for which it holds; where there are more
 * than are looked at, none is, rather than some. */
static void test_sub_matters_are_told(void **state)
{
        struct world *world = *state;
        struct outcome outcome;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\",\"kind\":\"甲\"}");
        assert_true(spreads(world, matter, 7, &outcome, &err));
        static const struct {
                const char *child, *subject;
        } rows[] = { { "(0)", "a0" }, { "(4)", "a4" }, { "(6)", "a6" } };
        assert_int_equal(outcome.n_consequences, N_ELEMENTS(rows));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct consequence *next = &outcome.consequences[i];
                assert_true(str_is(next->child, rows[i].child) && next->procedure == NULL);
                assert_true(str_is(next->request.act, "hear") && !next->on_parent);
                assert_true(str_is(value_get(&next->request.fields, STR_LIT("subject"))->string,
                                rows[i].subject));
        }
        assert_true(spreads(world, matter, 0, &outcome, &err) && outcome.n_consequences == 0);
        assert_true(spreads(world, matter, FAMILY_MAX - 1, &outcome, &err));
        assert_false(spreads(world, matter, FAMILY_MAX, &outcome, &err));
        assert_int_equal(err.code, E_ACT_COMPUTED);
}

static void test_field_values(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        static const struct {
                const char *why, *json;
                enum err_code code; /* E_NONE = taken */
        } rows[] = {
                { "money as text", "{\"subject\":\"a\",\"amount\":\"12.50\"}", E_NONE },
                { "money as number", "{\"subject\":\"a\",\"amount\":12.5}", E_NONE },
                { "a third decimal", "{\"subject\":\"a\",\"amount\":\"1.005\"}", E_FIELD_VALUE },
                { "below min", "{\"subject\":\"a\",\"amount\":-1}", E_FIELD_VALUE },
                { "the field's own rule", "{\"subject\":\"a\",\"amount\":101}", E_FIELD_RULE },
                { "ten characters fit", "{\"subject\":\"一二三四五六七八九十\"}", E_NONE },
                { "eleven do not", "{\"subject\":\"一二三四五六七八九十一\"}", E_FIELD_VALUE },
                { "a control character", "{\"subject\":\"a\\u0001\"}", E_FIELD_VALUE },
                { "an option", "{\"subject\":\"a\",\"kind\":\"甲\"}", E_NONE },
                { "no option", "{\"subject\":\"a\",\"kind\":\"丙\"}", E_FIELD_VALUE },
                { "a day", "{\"subject\":\"a\",\"on\":\"2021-02-28\"}", E_NONE },
                { "no such day", "{\"subject\":\"a\",\"on\":\"2021-02-29\"}", E_FIELD_VALUE },
                { "rows", "{\"subject\":\"a\",\"rows\":[{\"name\":\"x\",\"on\":\"2021-01-01\"}]}",
                                E_NONE },
                { "a row without what each row needs",
                                "{\"subject\":\"a\",\"rows\":[{\"on\":\"2021-01-01\"}]}",
                                E_FIELD_MISSING },
                { "a row where it is blank", "{\"subject\":\"a\",\"rows\":[{\"name\":\" \"}]}",
                                E_FIELD_MISSING },
                { "a column nobody declared", "{\"subject\":\"a\",\"rows\":[{\"y\":1}]}",
                                E_FIELD_UNKNOWN },
                { "a check digit that holds",
                                "{\"subject\":\"a\",\"id_no\":\"11010519491231002X\"}", E_NONE },
                { "one that does not (GB 11643)",
                                "{\"subject\":\"a\",\"id_no\":\"110105194912310020\"}",
                                E_FIELD_IDENTIFIER },
                { "a row that is no row", "{\"subject\":\"a\",\"rows\":[1]}", E_FIELD_VALUE },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err = { .code = E_NONE };
                act(world, NULL, "clerk1", "begin", rows[i].json, 7, &err);
                if (err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
        }
}

static void test_numbers_have_no_gaps(void **state)
{
        struct world *world = *state;
        struct err err;
        world->n_series = 0;
        set_time(world, "2021-12-31 09:00");
        struct matter *first = begin(world, "{\"subject\":\"a\"}");
        assert_string_equal(str_c(world->arena, first->number), "厦司测〔2021〕001号");
        assert_string_equal(str_c(world->arena, first->documents[0].number), "厦司回〔2021〕1号");
        /* A refusal takes no number. */
        assert_null(act(world, NULL, "clerk1", "begin", "{}", 8, &err));
        struct matter *second = begin(world, "{\"subject\":\"b\"}");
        assert_string_equal(str_c(world->arena, second->number), "厦司测〔2021〕002号");
        /* A new year, a new series. */
        set_time(world, "2022-01-04 09:00");
        struct matter *third = begin(world, "{\"subject\":\"c\"}");
        assert_string_equal(str_c(world->arena, third->number), "厦司测〔2022〕001号");
}

/* A paper's number may hold the matter's, and fields: each filling is a series of its own. What
 * would break a number, or is missing, is refused and takes none. */
static void test_numbers_hold_fields(void **state)
{
        struct world *world = *state;
        struct err err;
        const struct {
                const char *json, *number;
        } rows[] = {
                { "{\"mark\":\"思\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "思甲2021090112-1" },
                { "{\"mark\":\"思\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "思甲2021090112-2" },
                { "{\"mark\":\"湖\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "湖甲2021090112-1" },
                { "{\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"{n}\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"a/b\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"a b\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"湖\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "湖甲2021090112-2" },
        };
        world->n_series = 0;
        set_time(world, "2021-09-28 09:00");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct matter *matter = begin(world, "{\"subject\":\"a\"}");
                matter = act(world, matter, "clerk1", "slip", rows[i].json, 8, &err);
                assert_int_equal(matter != NULL, rows[i].number != NULL);
                if (matter == NULL)
                        assert_int_equal(err.code, E_ACT_COMPUTED);
                else
                        assert_string_equal(str_c(world->arena, matter->documents[1].number),
                                        rows[i].number);
        }
        struct matter *matter = begin(world, "{\"subject\":\"a\"}");
        matter = act(world, matter, "clerk1", "promise", "{}", 8, &err);
        assert_non_null(matter);
        struct str promised = str_format(world->arena, "K%.*s", STR_FMT(matter->number));
        assert_true(str_eq(matter->documents[1].number, promised));
}

/* "applicant head" */
static const char *sent_to(struct world *world, const struct fact *fact, const char *document)
{
        struct buf buf = BUF(world->arena);
        int index = version_document(fact->version, str_of(document));
        assert_true(index >= 0);
        struct recipients to = fact_recipients(world->arena, fact, (size_t)index);
        for (size_t i = 0; i < to.n; i++)
                buf_format(&buf, "%s%.*s", i == 0 ? "" : " ", STR_FMT(to.names[i]));
        buf_c(&buf, to.n == 0 && to.is_noted ? "on file" : "");
        return str_c(world->arena, buf_str(&buf));
}

/* Each paper goes to its own; who is told is whoever the act tells and whoever gets a paper. */
static void test_papers_have_recipients(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        struct matter *open = begin(world, "{\"subject\":\"a\"}");
        static const struct {
                const char *why, *who, *json;
                const char *one, *some, *none, *whom_told, *notified;
        } rows[] = {
                { "as each paper says, and by its condition", "clerk1", "{\"kind\":\"甲\"}",
                                "applicant", "other clerk", "on file", "head other",
                                "[\"head\",\"other\",\"applicant\",\"clerk\"]" },
                { "the condition does not hold: the other does not get it", "clerk1", "{}",
                                "applicant", "clerk", "on file", "head other",
                                "[\"head\",\"other\",\"applicant\",\"clerk\"]" },
                { "a paper that does not say goes to the party that did the act too", "applicant",
                                "{}", "applicant", "clerk", "on file", "head other applicant",
                                "[\"head\",\"other\",\"applicant\",\"clerk\"]" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct actor actor = actor_of(rows[i].who);
                struct act_request request = { .act = STR_LIT("post") };
                struct outcome outcome;
                struct err err;
                assert_true(value_parse_json(
                                world->arena, str_of(rows[i].json), &request.fields, &err));
                if (!procedure_decide(world->arena, open->version, open, &actor, &request,
                                    &world->now, &outcome, &err))
                        fail_msg("%s: %.*s", rows[i].why,
                                        STR_FMT(err_sentence(world->arena, &err)));
                const struct fact *fact = &outcome.fact;
                print_message("%s\n", rows[i].why);
                assert_string_equal(sent_to(world, fact, "to_one"), rows[i].one);
                assert_string_equal(sent_to(world, fact, "to_some"), rows[i].some);
                assert_string_equal(sent_to(world, fact, "to_none"), rows[i].none);
                assert_string_equal(sent_to(world, fact, "to_whom_told"), rows[i].whom_told);
                struct buf buf = BUF(world->arena);
                value_write_json(&buf, value_get(&fact->data, STR_LIT("$notified")));
                assert_string_equal(str_c(world->arena, buf_str(&buf)), rows[i].notified);
        }
}

/* One decision, several papers: which is issued hangs on the matter, and a paper not
 * issued takes no number. Later acts can name the number. */
static void test_documents_by_condition(void **state)
{
        struct world *world = *state;
        struct err err;
        world->n_series = 0;
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\",\"amount\":3}");
        matter = act(world, matter, "clerk1", "print", "{}", 8, &err);
        assert_non_null(matter);
        assert_int_equal(matter->n_documents, 2);
        assert_string_equal(str_c(world->arena, matter->documents[1].number), "厦司小〔2021〕1号");
        matter = act(world, matter, "clerk1", "file", "{}", 9, &err);
        assert_null(matter); /* rows were never given: not true */
        matter = begin(world, "{\"subject\":\"a\",\"amount\":9,\"rows\":[{\"name\":\"甲\","
                              "\"on\":\"2021-09-29\"},{\"name\":\"乙\",\"on\":\"2021-09-28\"},"
                              "{\"name\":\"丙\",\"on\":\"2022-01-01\"}]}");
        matter = act(world, matter, "clerk1", "print", "{}", 8, &err);
        assert_non_null(matter);
        assert_string_equal(str_c(world->arena, matter->documents[1].number), "闽司大〔2021〕1号");
        /* The refusal names the rows it means. */
        assert_null(act(world, matter, "clerk1", "file", "{}", 9, &err));
        assert_string_equal(err.detail, "日期在将来：甲、丙");
        set_time(world, "2022-01-04 09:00");
        matter = act(world, matter, "clerk1", "file", "{}", 9, &err);
        assert_non_null(matter);
        int officer = version_field(matter->version, STR_LIT("officer"));
        assert_int_equal(matter->fields[officer].kind, VALUE_NULL);
}

/* An entry amended keeps what is not set; an entry that does not stand cannot be. */
static void test_amended_entries(void **state)
{
        struct world *world = *state;
        struct err err;
        struct outcome outcome;
        struct actor clerk = actor_of("clerk1");
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\"}");
        struct act_request request = { .act = STR_LIT("mark") };
        assert_true(value_parse_json(
                        world->arena, STR_LIT("{\"officer\":\"k1\"}"), &request.fields, &err));
        assert_true(procedure_decide(world->arena, matter->version, matter, &clerk, &request,
                        &world->now, &outcome, &err));
        struct buf json = BUF(world->arena);
        value_write_json(&json, value_get(&outcome.fact.data, STR_LIT("$writes")));
        assert_string_equal(str_c(world->arena, buf_str(&json)),
                        "[{\"key\":\"k1\",\"register\":\"cards\","
                        "\"set\":{\"name\":\"某甲\",\"status\":\"停用\"}}]");
        assert_true(value_parse_json(
                        world->arena, STR_LIT("{\"officer\":\"k2\"}"), &request.fields, &err));
        assert_false(procedure_decide(world->arena, matter->version, matter, &clerk, &request,
                        &world->now, &outcome, &err));
        assert_int_equal(err.code, E_ACT_COMPUTED);
}

static void test_separation_and_rules(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        /* head1 registered it by being a "headclerk"? No: a head may not begin. */
        assert_null(act(world, NULL, "head1", "begin", "{\"subject\":\"a\"}", 7, &err));
        assert_int_equal(err.code, E_ACT_ROLE);

        struct matter *poor = begin(world, "{\"subject\":\"a\",\"amount\":9}");
        assert_null(act(world, poor, "head1", "check", "{}", 8, &err));
        assert_int_equal(err.code, E_ACT_RULE);
        assert_string_equal(err.basis, "测试法 第三条");
        /* A rule over nothing is not true. */
        struct matter *unknown = begin(world, "{\"subject\":\"a\"}");
        assert_null(act(world, unknown, "head1", "check", "{}", 8, &err));
        assert_int_equal(err.code, E_ACT_RULE);

        struct matter *b = begin(world, "{\"subject\":\"a\",\"amount\":1,\"kind\":\"乙\"}");
        struct matter *waiting = act(world, b, "head1", "check", "{}", 8, &err);
        assert_string_equal(waiting->version->states[waiting->state].name.p, "waiting");
        struct matter *a = begin(world, "{\"subject\":\"a\",\"amount\":1,\"kind\":\"甲\"}");
        struct matter *checked = act(world, a, "head1", "check", "{}", 8, &err);
        assert_string_equal(checked->version->states[checked->state].name.p, "checked");
        struct matter *done = act(world, checked, "head1", "finish", "{}", 9, &err);
        assert_null(act(world, done, "clerk1", "step_back", "{\"officer\":\"x\"}", 10, &err));
        assert_int_equal(err.code, E_ACT_STATE);
}

static void test_computed_numbers_are_exact(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":\"33.33\"}");
        int total = version_field(m->version, STR_LIT("total"));
        assert_string_equal(
                        str_c(world->arena, decimal_format(world->arena, m->fields[total].number)),
                        "36.663");
}

static void test_offer_names_the_reason(void **state)
{
        struct world *world = *state;
        struct err errs[32];
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\"}");
        struct actor clerk = actor_of("clerk1");
        procedure_offer(world->arena, m, &clerk, &world->now, errs);
        const struct version *v = m->version;
        assert_int_equal(errs[version_act(v, STR_LIT("wait"))].code, E_NONE);
        assert_int_equal(errs[version_act(v, STR_LIT("extend"))].code, E_ACT_ROLE);
        assert_int_equal(errs[version_act(v, STR_LIT("go_on"))].code, E_ACT_STATE);
}

/* What stands in the way whatever is given: not the rules about what is given. */
static void test_what_lies_ahead(void **state)
{
        struct world *world = *state;
        struct err errs[8];
        struct actor clerk = actor_of("clerk1");
        set_time(world, "2021-09-28 09:00");
        struct matter *heavy = begin(world, "{\"subject\":\"a\",\"amount\":9}");
        struct matter *light = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        size_t weigh = (size_t)version_act(heavy->version, STR_LIT("weigh"));
        size_t check = (size_t)version_act(heavy->version, STR_LIT("check"));
        assert_int_equal(procedure_ahead(world->arena, heavy, weigh, &clerk, &world->now, errs, 8),
                        2);
        assert_int_equal(errs[0].code, E_ACT_RULE);
        assert_string_equal(errs[0].detail, "太重");
        assert_string_equal(err_basis(&errs[0]), "测试法 第七条");
        assert_string_equal(errs[1].detail, "换人");
        assert_int_equal(procedure_ahead(world->arena, heavy, weigh, &clerk, &world->now, errs, 1),
                        1);
        assert_int_equal(procedure_ahead(world->arena, light, weigh, &clerk, &world->now, errs, 8),
                        1);
        assert_int_equal(procedure_ahead(world->arena, light, weigh, NULL, &world->now, errs, 8),
                        0); /* whoever does it */
        assert_int_equal(
                        procedure_ahead(world->arena, heavy, check, NULL, &world->now, errs, 8), 1);
        assert_int_equal(
                        procedure_ahead(world->arena, light, check, NULL, &world->now, errs, 8), 0);
}

/* A note changes nothing of the matter; who may not act on it may not write one. */
static void test_notes(void **state)
{
        static const struct {
                const char *who, *json;
                enum err_code code;
        } rows[] = {
                { "clerk1", "{\"note\":\"来电催办\"}", E_NONE },
                { "head1", "{\"note\":\"来电催办\"}", E_NONE },
                { "guest1", "{\"note\":\"来电催办\"}", E_ACT_ROLE },
                { "applicant", "{\"note\":\"来电催办\"}", E_ACT_ROLE },
                { "clerk9", "{\"note\":\"来电催办\"}", E_ACT_RECUSED },
                { "clerk1", "{}", E_FIELD_MISSING },
                { "clerk1", "{\"note\":\" \"}", E_FIELD_MISSING },
                { "clerk1", "{\"note\":1}", E_FIELD_MISSING },
                { "clerk1", "{\"note\":\"a\",\"subject\":\"b\"}", E_FIELD_UNKNOWN },
                { "clerk1", "{\"note\":\"a\\u0007\"}", E_FIELD_VALUE },
        };
        struct world *world = *state;
        struct err err;
        struct fact fact;
        struct value fields;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\"}");
        m = act(world, m, "clerk1", "step_back", "{\"officer\":\"clerk9\"}", 8, &err);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct actor actor = actor_of(rows[i].who);
                enum err_code code = E_NONE;
                assert_true(value_parse_json(world->arena, str_of(rows[i].json), &fields, &err));
                if (!procedure_note(world->arena, m, &actor, &fields, &world->now, &fact, &err))
                        code = err.code;
                if (code != rows[i].code)
                        fail_msg("%zu: %s", i, err_text(code)->name);
        }
        struct member long_note = { STR_LIT("note"), value_string(STR_LIT("")) };
        char *text = arena_alloc(world->arena, NOTE_MAX + 1);
        memset(text, 'x', NOTE_MAX + 1);
        struct actor clerk = actor_of("clerk1");
        for (size_t n = NOTE_MAX; n <= NOTE_MAX + 1; n++) {
                long_note.value = value_string((struct str){ text, n });
                fields = value_context(&long_note, 1);
                assert_true(procedure_note(world->arena, m, &clerk, &fields, &world->now, &fact,
                                            &err) == (n == NOTE_MAX));
        }
        set_time(world, "2021-09-30 09:00");
        fields = value_context(&long_note, 1);
        long_note.value = value_string(STR_LIT("来电"));
        assert_true(procedure_note(world->arena, m, &clerk, &fields, &world->now, &fact, &err));
        struct matter *after = matter_copy(world->arena, m);
        assert_true(matter_apply(world->arena, after, &fact, 9, &err));
        assert_int_equal(after->n_deeds, m->n_deeds + 1);
        assert_int_equal(after->last_seq, 9);
        assert_int_equal(after->changed.second, m->changed.second);
        assert_int_equal(after->state, m->state);
        fact.data = value_context(NULL, 0); /* erased */
        assert_true(matter_apply(world->arena, after, &fact, 10, &err));
        /* Another query code: the deed says whose; without that it was never recorded. */
        assert_true(value_parse_json(world->arena,
                        STR_LIT("{\"party\":\"nobody\",\"identity\":\"护照\"}"), &fields, &err));
        assert_false(procedure_code(world->arena, m, &clerk, &fields, &world->now, &fact, &err));
        assert_int_equal(err.code, E_FIELD_MISSING);
        assert_true(value_parse_json(world->arena,
                        STR_LIT("{\"party\":\"applicant\",\"identity\":\"护照\"}"), &fields, &err));
        assert_true(procedure_code(world->arena, m, &clerk, &fields, &world->now, &fact, &err));
        assert_true(matter_apply(world->arena, after, &fact, 11, &err));
        assert_true(str_is(after->deeds[after->n_deeds - 1].name, "sys_code.applicant"));
        fact.data = value_context(NULL, 0);
        assert_false(matter_apply(world->arena, after, &fact, 12, &err));
        assert_int_equal(err.code, E_MATTER_FOLD);
        fact.act = STR_LIT(ACT_NOTE);
        struct matter *none = matter_new(world->arena, m->version);
        assert_false(matter_apply(world->arena, none, &fact, 10, &err));
        assert_int_equal(err.code, E_MATTER_FOLD);
}

static void test_damaged_rows_and_events_are_refused(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        struct buf packed = BUF(world->arena);
        matter_pack(&packed, m);
        for (size_t n = 0; n < packed.n; n++) {
                struct matter *cut = matter_new(world->arena, m->version);
                assert_false(matter_unpack(
                                world->arena, str_slice(buf_str(&packed), 0, n), cut, &err));
        }
        static const char *const bad[] = {
                "{\"nobody\":1}",
                "{\"$to\":\"nowhere\"}",
                "{\"$to\":1}",
                "{\"$documents\":{\"none\":\"1\"}}",
                "{\"$documents\":1}",
                "{\"$recused\":1}",
                "{\"$expired\":\"none\"}",
                "{\"$clocks\":{\"answer\":{\"by\":-1}}}",
        };
        for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
                struct fact fact = { .matter = m->id,
                        .version = m->version,
                        .act = STR_LIT("extend"),
                        .actor = STR_LIT("head1"),
                        .time = world->now.now };
                struct matter *copy = matter_copy(world->arena, m);
                assert_true(value_parse_json(world->arena, str_of(bad[i]), &fact.data, &err));
                if (matter_apply(world->arena, copy, &fact, 9, &err))
                        fail_msg("%s was folded", bad[i]);
                assert_int_equal(err.code, E_MATTER_FOLD);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_refusals),
                cmocka_unit_test(test_moves),
                cmocka_unit_test(test_many_follow),
                cmocka_unit_test(test_sub_matters_are_told),
                cmocka_unit_test(test_field_values),
                cmocka_unit_test(test_numbers_have_no_gaps),
                cmocka_unit_test(test_numbers_hold_fields),
                cmocka_unit_test(test_papers_have_recipients),
                cmocka_unit_test(test_documents_by_condition),
                cmocka_unit_test(test_amended_entries),
                cmocka_unit_test(test_separation_and_rules),
                cmocka_unit_test(test_computed_numbers_are_exact),
                cmocka_unit_test(test_offer_names_the_reason),
                cmocka_unit_test(test_what_lies_ahead),
                cmocka_unit_test(test_notes),
                cmocka_unit_test(test_damaged_rows_and_events_are_refused),
        };
        return cmocka_run_group_tests(tests, world_open, world_close);
}
