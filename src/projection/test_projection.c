/* Acts go in, rows come out; and the log alone makes the same rows again. */
#include "projection/test_case.h"

#include "projection/docket.h"
#include "projection/register_read.h"

/* ---- Matters ---- */

static void test_matter_and_lists(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        struct matter *matter;
        const struct docket_row *rows;
        const struct clock_row *clocks;
        size_t n;
        bool more;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b, "{\"subject\":\"房屋拆迁\",\"applicant_name\":\"张镕\","
                              "\"officer\":\"clerk\"}");
        int64_t other = bureau_act(b, &(struct bureau_act){ .procedure = "case",
                                                      .who = "applicant",
                                                      .act = "begin",
                                                      .json = "{\"subject\":\"道路施工\"}",
                                                      .unit = "lujiang" });
        assert_true(other > id);

        reader_open(&r, b);
        bureau_must(b, matter_read_by_number(r.arena, r.snapshot, r.world.catalogue,
                                       STR_LIT("厦司测〔2021〕1号"), &matter, &b->err));
        assert_int_equal(matter->id, id);
        assert_true(str_is(matter->fields[0].string, "房屋拆迁"));
        assert_false(matter_read_by_number(
                        r.arena, r.snapshot, r.world.catalogue, STR_LIT("没有"), &matter, &b->err));
        assert_int_equal(b->err.code, E_NOT_FOUND);

        /* 20 working days from 2021-03-01: the day itself does not count. */
        bureau_must(b, clock_rows(r.arena, r.snapshot, id, &clocks, &n, &b->err));
        assert_int_equal(n, 1);
        assert_int_equal(clocks[0].last_day.day, test_date("2021-03-29").day);
        assert_int_equal(clocks[0].status, CLOCK_RUNNING);
        const int64_t asked[] = { other, 999999, id };
        bureau_must(b, clock_rows_of_all(r.arena, r.snapshot, asked, N_ELEMENTS(asked), &clocks, &n,
                                       &b->err));
        assert_int_equal(n, 2);
        assert_int_equal(clocks[0].matter, id);
        assert_int_equal(clocks[1].matter, other);
        assert_int_equal(clocks[0].last_day.day, test_date("2021-03-29").day);
        bureau_must(b, clock_rows_of_all(r.arena, r.snapshot, asked, 0, &clocks, &n, &b->err));
        assert_int_equal(n, 0);
        bureau_must(b, clock_rows_due(r.arena, r.snapshot, b->now, 10, &clocks, &n, &b->err));
        assert_int_equal(n, 0);
        bureau_must(b, clock_rows_due(r.arena, r.snapshot, test_moment("2021-04-30 00:00"), 10,
                                       &clocks, &n, &b->err));
        assert_int_equal(n, 2);
        bureau_must(b, clock_rows_ahead(r.arena, r.snapshot, STR_LIT(""), NULL, 1, &clocks, &n,
                                       &b->err));
        assert_int_equal(n, 1);
        bureau_must(b, clock_rows_ahead(r.arena, r.snapshot, STR_LIT(""), &clocks[0], 5, &clocks,
                                       &n, &b->err));
        assert_int_equal(n, 1);

        struct {
                const char *why;
                struct docket_filter filter;
                size_t n;
                bool more;
        } lists[] = {
                { "all", { .open = false }, 2, false },
                { "a page of one", { .limit = 1 }, 1, true },
                { "below", { .below = other }, 1, false },
                { "a procedure", { .procedure = STR_LIT("case") }, 2, false },
                { "a state", { .procedure = STR_LIT("case"), .state = STR_LIT("done") }, 0, false },
                { "open", { .procedure = STR_LIT("case"), .state = STR_LIT("open"), .open = true },
                                2, false },
                { "a unit and all below it", { .unit = STR_LIT("siming") }, 1, false },
                { "one unit", { .unit = STR_LIT("lujiang") }, 1, false },
                { "the whole tree", { .unit = STR_LIT("bureau") }, 2, false },
                { "assigned", { .assigned = STR_LIT("clerk") }, 1, false },
                { "nobody's", { .assigned = STR_LIT("head") }, 0, false },
                { "two characters of the title", { .text = STR_LIT("拆迁") }, 1, false },
                { "a rare name's last character", { .text = STR_LIT("镕") }, 1, false },
                { "the number", { .text = STR_LIT("2021〕2号") }, 1, false },
                { "assigned and found", { .text = STR_LIT("施工"), .assigned = STR_LIT("clerk") },
                                0, false },
                { "signs alone find nothing", { .text = STR_LIT("〔〕") }, 0, false },
                { "strangers see nothing that is not published", { .stranger = true }, 0, false },
                { "late", { .late = true }, 0, false },
        };
        for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
                lists[i].filter.today = moment_date(b->now);
                if (lists[i].filter.limit == 0)
                        lists[i].filter.limit = 10;
                bureau_must(b, docket_rows(r.arena, r.snapshot, &lists[i].filter, &rows, &n, &more,
                                               &b->err));
                if (n != lists[i].n || more != lists[i].more)
                        fail_msg("%s: %zu", lists[i].why, n);
        }
        /* In every order each matter once, a page of one at a time. */
        for (int order = DOCKET_NEWEST; order <= DOCKET_BY_DUE; order++) {
                struct docket_filter filter = { .limit = 1,
                        .today = moment_date(b->now),
                        .order = (enum docket_order)order,
                        .catalogue = r.world.catalogue };
                int64_t ids[3] = { 0 };
                size_t seen = 0;
                do {
                        bureau_must(b, docket_rows(r.arena, r.snapshot, &filter, &rows, &n, &more,
                                                       &b->err));
                        assert_true(n == 1 && seen < 2);
                        ids[seen++] = filter.below = rows[0].id;
                        filter.below_day = rows[0].last_day;
                } while (more);
                assert_int_equal(seen, 2);
                bool falls = order == DOCKET_NEWEST || order == DOCKET_BY_NUMBER_DOWN;
                assert_true(falls == (ids[0] > ids[1]));
        }
        const struct docket_tally *tallies;
        bureau_must(b, docket_tallies(r.arena, r.snapshot, STR_LIT(""), moment_date(b->now),
                                       &tallies, &n, &b->err));
        assert_int_equal(n, 1);
        assert_int_equal(tallies[0].n, 2);
        const struct docket_alarm *alarms;
        bureau_must(b, docket_alarms(r.arena, r.snapshot, r.world.catalogue, STR_LIT("bureau"),
                                       moment_date(b->now), &alarms, &n, &b->err));
        assert_int_equal(n, 0); /* nothing is late, and nobody was warned */
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* 依法公开的只是公示所列的内容；撤回后不再可见。 */
static void test_publication(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        const struct publication_row *rows;
        const struct docket_row *seen;
        size_t n;
        bool more;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b,
                        "{\"subject\":\"房屋拆迁\",\"applicant_name\":\"张三丰\",\"amount\":12.5,"
                        "\"firm\":\"f1\"}");
        change(b, id, "show", NULL);
        reader_open(&r, b);
        struct docket_filter stranger = { .stranger = true,
                .today = test_date("2021-03-30"),
                .limit = 10,
                .text = STR_LIT("拆迁") };
        bureau_must(b, publication_rows(r.arena, r.snapshot, id, &rows, &n, &b->err));
        assert_int_equal(n, 1);
        assert_true(str_is(rows[0].title, "房屋拆迁"));
        struct buf buf = BUF(r.arena);
        value_write_json(&buf, &rows[0].shown);
        assert_true(str_is(buf_str(&buf),
                        "[{\"field\":\"subject\",\"label\":\"事由\",\"value\":\"房屋拆迁\"},"
                        "{\"field\":\"amount\",\"label\":\"金额\",\"value\":\"12.5\"},"
                        "{\"field\":\"applicant_name\",\"label\":\"申请人\",\"value\":\"张某\"}]"));
        static const struct {
                const char *reason, *publication, *day, *text;
                size_t n;
        } lists[] = {
                { "the last of its 30 days", "notice", "2021-03-30", "", 1 },
                { "another publication", "other", "2021-03-30", "", 0 },
                { "found by what it shows", "", "2021-03-30", "拆迁", 1 },
                { "a name finds nothing", "", "2021-03-30", "张三丰", 0 },
                { "nothing to look for", "notice", "2021-03-30", "！", 0 },
                { "30 days are over", "", "2021-03-31", "", 0 },
        };
        for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
                const struct publication_filter filter = { .procedure = STR_LIT("case"),
                        .publication = str_of(lists[i].publication),
                        .text = str_of(lists[i].text),
                        .today = test_date(lists[i].day),
                        .limit = 10 };
                int64_t count = -1;
                bureau_must(b, publication_rows_list(
                                               r.arena, r.snapshot, &filter, &rows, &n, &b->err));
                bureau_must(b, publication_count(r.arena, r.snapshot, &filter, &count, &b->err));
                if (n != lists[i].n || count != (int64_t)n)
                        fail_msg("%s: %zu, counted %lld", lists[i].reason, n, (long long)count);
                if (n == 1)
                        assert_int_not_equal(rows[0].number.n, 0);
        }
        bureau_must(b, docket_rows(r.arena, r.snapshot, &stranger, &seen, &n, &more, &b->err));
        assert_int_equal(n, 1);
        stranger.text = STR_LIT("张三丰"); /* a name finds nothing for a stranger */
        bureau_must(b, docket_rows(r.arena, r.snapshot, &stranger, &seen, &n, &more, &b->err));
        assert_int_equal(n, 0);
        stranger.text = STR_LIT("拆迁");
        stranger.today = test_date("2021-03-31");
        bureau_must(b, docket_rows(r.arena, r.snapshot, &stranger, &seen, &n, &more, &b->err));
        assert_int_equal(n, 0);
        reader_close(&r);

        bureau_time(b, "2021-03-05 09:00");
        change(b, id, "hide", NULL);
        reader_open(&r, b);
        const struct publication_filter hidden = {
                .procedure = STR_LIT("case"), .today = test_date("2021-03-05"), .limit = 10
        };
        bureau_must(b, publication_rows_list(r.arena, r.snapshot, &hidden, &rows, &n, &b->err));
        assert_int_equal(n, 0);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* A changed title, name or key is found under the new one only. */
static void test_search_and_keys_follow(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        struct value others;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b, "{\"subject\":\"旧题目\",\"applicant_name\":\"张三\","
                              "\"officer\":\"clerk\"}");
        change(b, id, "change",
                        "{\"subject\":\"新题目\",\"applicant_name\":\"李四\","
                        "\"officer\":\"head\"}");
        static const struct {
                const char *text, *assigned, *key;
                size_t n;
        } rows[] = {
                { "旧题", "", "张三", 0 },
                { "新题", "", "李四", 1 },
                { "李四", "head", "李四", 1 },
                { "李四", "clerk", "张三", 0 },
        };
        reader_open(&r, b);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct docket_filter filter = { .text = str_of(rows[i].text),
                        .assigned = str_of(rows[i].assigned),
                        .limit = 5 };
                const struct docket_row *found;
                size_t n;
                bool more;
                bureau_must(b, docket_rows(r.arena, r.snapshot, &filter, &found, &n, &more,
                                               &b->err));
                assert_int_equal(n, rows[i].n);
                assert_true(r.world.lookups.matters_with(&r.world, r.arena,
                                STR_LIT("case.same_person"), str_of(rows[i].key), 0, &others));
                assert_int_equal(others.list.n, rows[i].n);
        }
        struct rows waiting = { 0 };
        bureau_must(b, snapshot_rows(r.snapshot, Q_OUTBOX_WAITING, PARAMS(param_int(10)), &waiting,
                                       &b->err));
        assert_true(rows_next(&waiting));
        assert_true(str_is(rows_text(&waiting, 3), "applicant"));
        assert_false(rows_next(&waiting));
        rows_close(&waiting);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* ---- Registers, units, roles ---- */

static void test_register_days(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        bureau_must(b, bureau_entry(b, "firms", "put",
                                       "{\"code\":\"a\",\"name\":\"一\","
                                       "\"$from\":\"2020-01-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put",
                                       "{\"code\":\"a\",\"name\":\"二\",\"staff\":3,"
                                       "\"$from\":\"2020-06-01\",\"$until\":\"2020-12-31\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put",
                                       "{\"code\":\"b\",\"name\":\"三\","
                                       "\"$from\":\"2020-01-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "end", "{\"code\":\"b\",\"$end\":\"2020-03-01\"}"));
        static const struct {
                const char *why, *key, *day, *name;
        } rows[] = {
                { "before it begins", "a", "2019-12-31", NULL },
                { "its first day", "a", "2020-01-01", "一" },
                { "the day before the next", "a", "2020-05-31", "一" },
                { "a new entry ends the old one", "a", "2020-06-01", "二" },
                { "`until` is the last day it holds", "a", "2020-12-31", "二" },
                { "and then it does not", "a", "2021-01-01", NULL },
                { "`end` is the first day it does not hold", "b", "2020-03-01", NULL },
                { "the day before", "b", "2020-02-29", "三" },
        };
        reader_open(&r, b);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct value entry;
                bool found;
                bureau_must(b, register_entry(r.arena, r.snapshot, r.world.catalogue,
                                               STR_LIT("firms"), str_of(rows[i].key),
                                               test_date(rows[i].day), &entry, &found, &b->err));
                if (found != (rows[i].name != NULL) ||
                                (found && !str_is(value_get(&entry, STR_LIT("name"))->string,
                                                          rows[i].name)))
                        fail_msg("%s", rows[i].why);
                if (found)
                        assert_true(str_is(
                                        value_get(&entry, STR_LIT("code"))->string, rows[i].key));
        }
        const struct register_row *all;
        size_t n;
        int64_t count;
        bureau_must(b, register_rows(r.arena, r.snapshot, r.world.catalogue, STR_LIT("firms"),
                                       test_date("2020-02-01"), STR_LIT("a"), 10, &all, &n,
                                       &b->err));
        assert_int_equal(n, 1);
        assert_true(str_is(all[0].key, "b"));
        bureau_must(b, register_history(r.arena, r.snapshot, r.world.catalogue, STR_LIT("firms"),
                                       STR_LIT("a"), &all, &n, &b->err));
        assert_int_equal(n, 2);
        bureau_must(b, register_count(r.snapshot, STR_LIT("firms"), test_date("2020-02-01"), &count,
                                       &b->err));
        assert_int_equal(count, 2);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* A register asked for more entries than a world remembers still answers for each of them, for
 * each day, and as a whole. */
static void test_memory_is_bounded(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        struct value entry, all[2];
        bool found;
        bureau_must(b, bureau_entry(b, "firms", "put", "{\"code\":\"a\",\"name\":\"一\"}"));
        reader_open(&r, b);
        r.world.memory = r.arena;
        for (int i = 0; i < 1000; i++) {
                struct str key = i % 2 == 0 ? STR_LIT("a")
                                            : str_format(r.arena, "no such firm %d", i);
                struct date day = date_add_days(moment_date(b->now), i % 3 == 0 ? 0 : -1);
                bureau_must(b, world_entry(&r.world, r.arena, STR_LIT("firms"), key, day, &entry,
                                               &found, &b->err));
                assert_int_equal(found, i % 2 == 0 && i % 3 == 0);
                if (found)
                        assert_true(str_is(value_get(&entry, STR_LIT("key"))->string, "a"));
        }
        assert_true(r.world.n_remembered < 1000);
        for (int i = 0; i < 2; i++)
                assert_true(r.world.lookups.entries(
                                &r.world, r.arena, STR_LIT("firms"), moment_date(b->now), &all[i]));
        assert_int_equal(all[0].list.n, 1);
        assert_int_equal(all[1].list.n, 1);
        reader_close(&r);
        bureau_close(&b);
}

static void test_roles(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_must(b, bureau_entry(b, "delegations", "put",
                                       "{\"id\":\"d1\",\"from_staff\":\"clerk\","
                                       "\"to_staff\":\"head\","
                                       "\"role\":\"clerk\",\"unit\":\"siming\","
                                       "\"$from\":\"2021-05-01\",\"$until\":\"2021-05-31\"}"));
        static const struct {
                const char *why, *who, *behalf, *role, *unit, *day;
                bool holds;
        } rows[] = {
                { "for the own unit", "clerk", "", "clerk", "bureau", "2021-02-01", true },
                { "and all below it", "clerk", "", "clerk", "lujiang", "2021-02-01", true },
                { "not another role", "clerk", "", "head", "bureau", "2021-02-01", false },
                { "not for the unit above", "head", "", "head", "bureau", "2021-02-01", false },
                { "granted for a while", "head", "", "clerk", "lujiang", "2021-03-31", true },
                { "and no longer", "head", "", "clerk", "lujiang", "2021-04-01", false },
                { "delegated, within its scope", "head", "", "clerk", "lujiang", "2021-05-31",
                                true },
                { "acting for somebody", "head", "clerk", "clerk", "siming", "2021-05-01", true },
                { "outside the scope", "head", "clerk", "clerk", "bureau", "2021-05-01", false },
                { "outside the days", "head", "clerk", "clerk", "siming", "2021-06-01", false },
                { "acting for somebody who did not delegate", "head", "nobody", "clerk", "siming",
                                "2021-05-01", false },
                { "nobody we know", "ghost", "", "clerk", "bureau", "2021-02-01", false },
        };
        struct reader r;
        reader_open(&r, b);
        /* Read each time; then once, and answered out of the memory. */
        for (size_t i = 0; i < 3 * N_ELEMENTS(rows); i++) {
                size_t k = i % N_ELEMENTS(rows);
                struct actor actor = { .id = str_of(rows[k].who),
                        .is_staff = true,
                        .on_behalf = str_of(rows[k].behalf) };
                if (i == N_ELEMENTS(rows))
                        r.world.memory = r.arena;
                bool holds = r.world.lookups.holds_role(&r.world, &actor, str_of(rows[k].role),
                                str_of(rows[k].unit), test_date(rows[k].day));
                if (holds != rows[k].holds)
                        fail_msg("%s, asked %zu times before", rows[k].why, i / N_ELEMENTS(rows));
        }
        assert_true(r.world.n_remembered > 0);
        struct actor party = { .id = STR_LIT("applicant") };
        assert_true(r.world.lookups.holds_role(&r.world, &party, STR_LIT("applicant"),
                        STR_LIT("bureau"), moment_date(b->now)));
        struct actor actor;
        bureau_must(b, world_actor(r.arena, &r.world, STR_LIT("clerk"), &actor, &b->err));
        assert_true(str_is(actor.name, "林某"));
        assert_false(world_actor(r.arena, &r.world, STR_LIT("ghost"), &actor, &b->err));
        int64_t number;
        assert_false(r.world.lookups.next_number(&r.world, STR_LIT("s"), &number, &b->err));
        assert_int_equal(b->err.code, E_FOLD_READER);
        reader_close(&r);
        bureau_close(&b);
}

/* ---- Definitions and calendars ---- */

/* 节假日安排公布后，正在计算的期限随之移动。 */
static void test_calendar_moves_clocks(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        const struct clock_row *clocks;
        size_t n;
        static const char *const days[] = { "2022-01-26", "2022-01-27" };
        bureau_time(b, "2021-12-29 09:00"); /* 2022 is not yet known to this bureau */
        int64_t id = begin(b, "{\"subject\":\"一\"}");
        for (int i = 0; i < 2; i++) {
                struct reader r;
                reader_open(&r, b);
                bureau_must(b, clock_rows(r.arena, r.snapshot, id, &clocks, &n, &b->err));
                char text[11];
                date_write(clocks[0].last_day, text);
                assert_string_equal(text, days[i]);
                assert_int_equal(clocks[0].provisional, i == 0);
                reader_close(&r);
                if (i == 0)
                        bureau_must(b, bureau_text(b, KIND_CALENDAR, ACT_LOAD, "calendars/2022.tsv",
                                                       bureau_file(b, "calendars/2022.tsv")));
        }
        assert_rebuilds(b);
        bureau_close(&b);
}

/* ---- Failure ---- */

static bool whole_life(struct bureau *b)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        int64_t id, next = b->next;
        struct bureau_act acts[] = {
                { .procedure = "case",
                                .who = "clerk",
                                .act = "begin",
                                .key = "key-1",
                                .json = "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\","
                                        "\"firm\":\"f1\",\"amount\":3,"
                                        "\"applicant_name\":\"张三\",\"officer\":\"clerk\"}" },
                { .who = "clerk", .act = "show" },
                { .who = "clerk", .act = "change", .json = "{\"amount\":4,\"officer\":\"head\"}" },
        };
        arena_reset(b->act);
        bool done = store_begin(b->store, &tx, &b->err);
        for (size_t i = 0; done && i < N_ELEMENTS(acts); i++) {
                acts[i].matter = i == 0 ? 0 : id;
                done = bureau_try(b, tx, &acts[i], &id);
        }
        done = done && tx_commit(&tx, &b->err);
        if (done)
                projection_keep(b->projection);
        else {
                projection_forget(b->projection);
                b->next = next;
        }
        return done;
}

/* Whatever step of the store fails, nothing of the transaction is left, in the tables or
 * in the caches, and the same acts succeed afterwards. */
static void test_every_step_may_fail(void **state)
{
        (void)state;
        struct bureau *b = open_bureau_on(bureau_store(true));
        bureau_time(b, "2021-03-01 09:00");
        int64_t failed = 0;
        for (int64_t n = 1;; n += n < 12 ? 1 : 3) {
                fake_fail_at(b->store, n);
                bool done = whole_life(b);
                fake_fail_at(b->store, 0);
                if (done)
                        break;
                failed++;
                struct snapshot *snapshot = NULL;
                int64_t count;
                bool found;
                bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
                bureau_must(b, snapshot_int(snapshot, Q_MATTER_COUNT, NO_PARAMS, &count, &found,
                                               &b->err));
                assert_int_equal(count, 0);
                snapshot_close(&snapshot);
        }
        assert_true(failed > 15);
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "1");
        assert_rebuilds(b);
        assert_false(whole_life(b)); /* the idempotency key is taken */
        assert_int_equal(b->err.code, E_STORE_CONFLICT);
        bureau_close(&b);
}

/* One refused act inside a batch undoes only itself. */
static void test_savepoint_in_a_batch(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct tx *tx = NULL;
        int64_t one, two, ignored;
        bureau_time(b, "2021-03-01 09:00");
        bureau_must(b, store_begin(b->store, &tx, &b->err));
        struct bureau_act begins = { .procedure = "case",
                .who = "clerk",
                .act = "begin",
                .json = "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}" };
        bureau_must(b, bureau_try(b, tx, &begins, &one));
        bureau_must(b, tx_save(tx, &b->err));
        size_t mark = projection_mark(b->projection);
        int64_t next = b->next;
        bureau_must(b, bureau_try(b, tx,
                                       &(struct bureau_act){ .matter = one,
                                                       .who = "clerk",
                                                       .act = "change",
                                                       .json = "{\"kind\":\"乙\"}" },
                                       &ignored));
        bureau_must(b, tx_back(tx, &b->err));
        projection_back(b->projection, mark);
        b->next = next;
        bureau_must(b, bureau_try(b, tx, &begins, &two));
        bureau_must(b, tx_commit(&tx, &b->err));
        projection_keep(b->projection);
        change(b, one, "change", "{\"amount\":5}"); /* from a cache that is not stale */
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "2");
        assert_rebuilds(b);
        bureau_close(&b);
}

/* Who may act is remembered only until the register says otherwise, or the change that
 * said so is undone. */
static void test_roles_are_forgotten_in_time(void **state)
{
        static const struct {
                const char *why, *act, *json;
                bool may;
        } rows[] = {
                { "clerk as it stands", NULL, NULL, true },
                { "no longer a clerk", "put",
                                "{\"id\":\"clerk\",\"unit\":\"bureau\","
                                "\"roles\":[\"head\"]}",
                                false },
                { "clerk again", "put",
                                "{\"id\":\"clerk\",\"unit\":\"bureau\","
                                "\"roles\":[\"clerk\"]}",
                                true },
                { "no longer here", "end", "{\"id\":\"clerk\"}", false },
        };
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                if (rows[i].act != NULL)
                        bureau_must(b, bureau_entry(b, "staff", rows[i].act, rows[i].json));
                for (int k = 0; k < 2; k++) {
                        int64_t id = bureau_act(
                                        b, &(struct bureau_act){ .procedure = "case",
                                                           .who = "clerk",
                                                           .act = "begin",
                                                           .json = "{\"subject\":\"一\"}" });
                        if ((id != 0) != rows[i].may)
                                fail_msg("%s", rows[i].why);
                }
        }
        bureau_close(&b);
}

/* Data that no accepted act could have recorded is refused, not folded. */
static void test_broken_facts(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        static const struct {
                const char *reg, *act, *json;
                enum err_code code;
        } rows[] = {
                { "firms", "put", "{\"$writes\":1}", E_FOLD_DATA },
                { "firms", "put", "{\"$writes\":[1]}", E_FOLD_DATA },
                { "firms", "put", "{\"$writes\":[{\"key\":\"a\"}]}", E_FOLD_DATA },
                { "firms", "put",
                                "{\"$writes\":[{\"key\":\"a\",\"register\":\"firms\","
                                "\"from\":3}]}",
                                E_FOLD_DATA },
                { KIND_DEFINITION, "activate", "{\"name\":\"x\"}", E_FOLD_DATA },
                { KIND_DEFINITION, "retire", "{}", E_FOLD_DATA },
                { KIND_DEFINITION, "explode", "{}", E_FOLD_DATA },
                { KIND_REPORT, "freeze", "{\"report\":\"annual\"}", E_FOLD_DATA },
                { KIND_REPORT, "freeze",
                                "{\"figures\":[{}],\"report\":\"annual\","
                                "\"year\":2021}",
                                E_FOLD_DATA },
                { KIND_REPORT, "freeze",
                                "{\"figures\":[],\"report\":\"annual\","
                                "\"year\":12345678}",
                                E_FOLD_DATA },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct fact fact = { .reg = str_of(rows[i].reg),
                        .act = str_of(rows[i].act),
                        .actor = STR_LIT("system"),
                        .time = b->now };
                bureau_must(b, value_parse_json(b->arena, str_of(rows[i].json), &fact.data,
                                               &b->err));
                if (bureau_fact(b, &fact) || b->err.code != rows[i].code)
                        fail_msg("%s", rows[i].json);
        }
        struct fact fact;
        assert_false(kind_parse(b->arena, projection_catalogue(b->projection), STR_LIT("case@B"),
                        &fact, &b->err));
        assert_int_equal(b->err.code, E_FOLD_KIND);
        assert_rebuilds(b);
        bureau_close(&b);
}

static bool give_up(void *user, int64_t done, int64_t total)
{
        (void)user;
        return done < total;
}

/* In place: broken off it is begun again, and what was delivered stays delivered. */
static void test_rebuild_in_place(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct rebuild_progress stop = { give_up, NULL };
        struct snapshot *snapshot = NULL;
        struct projection *projection = NULL;
        struct tx *tx = NULL;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(
                        b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}");
        change(b, id, "change", "{\"amount\":5}");
        bureau_must(b, store_begin(b->store, &tx, &b->err));
        bureau_must(b, tx_run(tx, Q_OUTBOX_DONE,
                                       PARAMS(param_int(b->next - 1), param_int(0), param_int(7)),
                                       &b->err));
        bureau_must(b, tx_commit(&tx, &b->err));

        assert_false(projection_rebuild(b->store, b->store, &test_site, NULL, &stop, &b->err));
        assert_int_equal(b->err.code, E_FOLD_STOPPED);
        bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
        assert_false(projection_open(snapshot, &test_site, &projection, &b->err));
        assert_int_equal(b->err.code, E_FOLD_UNFINISHED);
        snapshot_close(&snapshot);

        bureau_must(b, projection_rebuild(b->store, b->store, &test_site, NULL, NULL, &b->err));
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "1");
        assert_rebuilds(b);
        bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
        struct rows rows = { 0 };
        bureau_must(b, snapshot_rows(snapshot, Q_OUTBOX_WAITING, PARAMS(param_int(9)), &rows,
                                       &b->err));
        assert_false(rows_next(&rows));
        rows_close(&rows);
        snapshot_close(&snapshot);
        bureau_close(&b);
}

/* A row that somebody changed behind our back is found. */
static void test_compare_finds_tampering(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(
                        b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}");
        struct store *again = bureau_store(false);
        bureau_must(b, projection_rebuild(b->store, again, &test_site, NULL, NULL, &b->err));
        struct {
                enum query query;
                const char *table, *column;
        } rows[] = {
                { Q_MATTER_SET_SEEN, "matter", "10" },
                { Q_CONTRIBUTION_DROP, "contribution", "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct tx *tx = NULL;
                struct snapshot *live = NULL, *made = NULL;
                struct projection_difference difference;
                bureau_must(b, store_begin(b->store, &tx, &b->err));
                bool done = i == 0 ? tx_run(tx, rows[i].query,
                                                     PARAMS(param_int(id),
                                                                     param_text(STR_LIT("篡改")),
                                                                     param_int(0)),
                                                     &b->err)
                                   : tx_run(tx, rows[i].query,
                                                     PARAMS(param_text(STR_LIT("N1")),
                                                                     param_int(202103),
                                                                     param_int(id), param_int(0),
                                                                     param_int(0)),
                                                     &b->err);
                bureau_must(b, done);
                bureau_must(b, snapshot_open(again, &made, &b->err));
                bureau_must(b, projection_compare(b->arena, tx_snapshot(tx), made, &difference,
                                               &b->err));
                assert_true(difference.differs);
                assert_string_equal(difference.table, rows[i].table);
                assert_string_equal(difference.column, rows[i].column);
                tx_rollback(&tx);
                snapshot_close(&live);
                snapshot_close(&made);
        }
        store_close(&again);
        bureau_close(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_matter_and_lists),
                cmocka_unit_test(test_publication),
                cmocka_unit_test(test_search_and_keys_follow),
                cmocka_unit_test(test_register_days),
                cmocka_unit_test(test_memory_is_bounded),
                cmocka_unit_test(test_roles),
                cmocka_unit_test(test_calendar_moves_clocks),
                cmocka_unit_test(test_every_step_may_fail),
                cmocka_unit_test(test_savepoint_in_a_batch),
                cmocka_unit_test(test_roles_are_forgotten_in_time),
                cmocka_unit_test(test_broken_facts),
                cmocka_unit_test(test_rebuild_in_place),
                cmocka_unit_test(test_compare_finds_tampering),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
