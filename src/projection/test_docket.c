/* Whoever sees a part of the matters gets of every list what all of it has of his part: whether it
 * stands among the newest, far behind them, or nowhere. */
#include "projection/test_case.h"

#include "base/limits.h"
#include "projection/docket.h"

#define NEAR      20000 /* events among which Q_DOCKET_NEAR looks */
#define NEAR_DUE  2000  /* terms among which Q_CLOCKS_WORK_NEAR and Q_DOCKET_OVERDUE look */
#define FEW       7
#define NOT_FOUND (INT64_C(1) << 30) /* higher than every matter */

static int64_t begin_in(struct bureau *b, const char *unit, const char *officer)
{
        int64_t id = bureau_act(b,
                        &(struct bureau_act){ .procedure = "case",
                                        .who = officer != NULL ? "clerk" : "applicant",
                                        .act = "begin",
                                        .json = officer != NULL ? "{\"subject\":\"甲\",\"officer\":\"head\"}"
                                                                : "{\"subject\":\"乙\"}",
                                        .unit = unit });
        bureau_must(b, id != 0);
        return id;
}

/* A term of a matter as the list sees it. */
static void put_clock(struct bureau *b, int64_t matter, int64_t clock, enum clock_status status,
                bool late, struct date day)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        bool runs = status == CLOCK_RUNNING;
        struct store_param second = param_int(moment_of(day, 0, 0, 0).second);
        bureau_must(b, store_begin(b->store, &tx, &b->err));
        bureau_must(b, tx_run(tx, Q_CLOCK_PUT,
                                       PARAMS(param_int(matter), param_int(clock),
                                                       param_int(status), param_int(0),
                                                       param_int(day.day), second,
                                                       runs ? second : param_null(),
                                                       param_int(late), param_int(0)),
                                       &b->err));
        bureau_must(b, tx_commit(&tx, &b->err));
}

/* Old ones of each unit, closed and overdue among them; new ones of one unit alone. */
static struct bureau *open_many(void)
{
        static const char *const units[] = { "bureau", "siming", "lujiang" };
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        for (int i = 0; i < 30; i++) {
                int64_t id = begin_in(b, units[i % 3], i % 10 == 0 ? "head" : NULL);
                if (i % 4 == 1)
                        put_clock(b, id, 0, CLOCK_EXPIRED, true, test_date("2021-03-01"));
                if (i % 4 == 3) /* done, but late */
                        put_clock(b, id, 0, CLOCK_STOPPED, true, test_date("2021-03-01"));
                if (i % 5 == 4 && i % 3 != 0) /* not the head of the whole */
                        bureau_must(b, bureau_act(b, &(struct bureau_act){ .matter = id,
                                                                     .who = "head",
                                                                     .act = "finish" }) == id);
        }
        b->next += 2 * NEAR;
        for (int i = 0; i < 2 * FEW; i++)
                put_clock(b, begin_in(b, "bureau", NULL), 0,
                                i % 3 == 0 ? CLOCK_EXPIRED : CLOCK_RUNNING, i % 3 == 0,
                                (struct date){ test_date("2021-04-01").day + i });
        return b;
}

/* Terms of others fill what is looked at first. */
static void crowd(struct bureau *b)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        bureau_must(b, store_begin(b->store, &tx, &b->err));
        for (int64_t i = 0; i < 2 * NEAR_DUE; i++) {
                bool runs = i % 2 == 0;
                bureau_must(b, tx_run(tx, Q_CLOCK_PUT,
                                               PARAMS(param_int(NOT_FOUND + i), param_int(0),
                                                               param_int(runs ? CLOCK_RUNNING
                                                                              : CLOCK_EXPIRED),
                                                               param_int(0), param_int(1),
                                                               param_int(i),
                                                               runs ? param_int(i) : param_null(),
                                                               param_int(!runs), param_int(0)),
                                               &b->err));
        }
        bureau_must(b, tx_commit(&tx, &b->err));
}

/* ---- As a list would be without an index ---- */

static const struct {
        const char *scope, *staff;
        const char *units; /* of the scope */
} viewers[] = {
        { "[]", "nobody", "" },
        { "[\"case|lujiang\"]", "nobody", "lujiang" },
        { "[\"case|siming\",\"case|lujiang\",\"other|bureau\"]", "nobody", "siming lujiang" },
        { "[\"case|bureau\"]", "nobody", "bureau" },
        { "[\"case|lujiang\",\"case|bureau\",\"case|siming\"]", "nobody", "bureau lujiang siming" },
        { "[\"other|lujiang\"]", "head", "" },
        { "[\"case|lujiang\"]", "head", "lujiang" },
};

static bool is_assigned(struct reader *r, struct bureau *b, int64_t id, const char *staff)
{
        const struct docket_row *rows;
        const struct docket_filter filter = {
                .assigned = str_of(staff), .limit = LIMIT_PAGE_ROWS, .today = moment_date(b->now)
        };
        size_t n;
        bool more;
        bureau_must(b, docket_rows(r->arena, r->snapshot, &filter, &rows, &n, &more, &b->err));
        assert_false(more);
        for (size_t i = 0; i < n; i++)
                if (rows[i].id == id)
                        return true;
        return false;
}

static bool sees(struct reader *r, struct bureau *b, size_t viewer, const struct docket_row *row)
{
        return str_find(str_of(viewers[viewer].units), row->unit) != SIZE_MAX ||
               is_assigned(r, b, row->id, viewers[viewer].staff);
}

static bool is_overdue(struct reader *r, struct bureau *b, const struct docket_row *row)
{
        const struct clock_row *clocks;
        size_t n;
        bureau_must(b, clock_rows(r->arena, r->snapshot, row->id, &clocks, &n, &b->err));
        for (size_t i = 0; i < n; i++)
                if (clocks[i].status == CLOCK_EXPIRED && clocks[i].late)
                        return !row->final;
        return false;
}

/* The same list, a page of so many at a time. */
static size_t list_is(struct reader *r, struct bureau *b, size_t viewer,
                struct docket_filter filter, const struct docket_row *all, size_t n_all)
{
        const struct docket_row *rows = NULL;
        size_t n = 0, at = 0, seen = 0;
        bool more = true;
        filter.scope = str_of(viewers[viewer].scope);
        filter.scope_staff = str_of(viewers[viewer].staff);
        for (size_t i = 0; i < n_all; i++) {
                bool is_mine = sees(r, b, viewer, &all[i]) &&
                               (!filter.overdue || is_overdue(r, b, &all[i]));
                if (!is_mine)
                        continue;
                if (at == n) {
                        assert_true(more);
                        bureau_must(b, docket_rows(r->arena, r->snapshot, &filter, &rows, &n, &more,
                                                       &b->err));
                        at = 0;
                        if (n == 0)
                                fail_msg("viewer %zu lacks %lld", viewer, (long long)all[i].id);
                        filter.below = rows[n - 1].id;
                }
                if (rows[at].id != all[i].id)
                        fail_msg("viewer %zu: %lld, not %lld", viewer, (long long)rows[at].id,
                                        (long long)all[i].id);
                at++;
                seen++;
        }
        assert_int_equal(at, n);
        if (seen == 0)
                bureau_must(b, docket_rows(r->arena, r->snapshot, &filter, &rows, &n, &more,
                                               &b->err));
        assert_true(seen == 0 ? n == 0 && !more : !more);
        return seen;
}

static void check_lists(struct bureau *b)
{
        static const struct docket_filter lists[] = {
                { .limit = FEW },
                { .limit = 2 },
                { .limit = LIMIT_PAGE_ROWS },
                { .limit = FEW, .open = true },
                { .limit = FEW, .closed = true },
                { .limit = FEW, .late = true },
                { .limit = FEW, .overdue = true },
                { .limit = 2, .overdue = true },
                { .limit = FEW, .state = { "done", 4 } },
                { .limit = FEW, .below = 2 * NEAR },
        };
        struct reader r;
        size_t n, n_seen = 0;
        bool more;
        reader_open(&r, b);
        for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
                const struct docket_row *all;
                struct docket_filter filter = lists[i], whole;
                filter.today = moment_date(b->now);
                whole = filter;
                whole.limit = LIMIT_PAGE_ROWS;
                whole.overdue = false;
                bureau_must(b, docket_rows(r.arena, r.snapshot, &whole, &all, &n, &more, &b->err));
                assert_true(n > 0 && !more);
                for (size_t viewer = 0; viewer < N_ELEMENTS(viewers); viewer++)
                        n_seen += list_is(&r, b, viewer, filter, all, n);
        }
        assert_true(n_seen > 100);
        reader_close(&r);
}

static void test_lists_of_a_part(void **state)
{
        (void)state;
        struct bureau *b = open_many();
        check_lists(b);
        crowd(b);
        check_lists(b);
        bureau_close(&b);
}

/* ---- What runs out next ---- */

static size_t n_due(struct bureau *b, size_t viewer, size_t limit)
{
        struct reader r;
        const struct clock_row *clocks;
        const struct docket_row *all;
        const struct docket_filter whole = {
                .limit = LIMIT_PAGE_ROWS, .open = true, .today = moment_date(b->now)
        };
        size_t n, n_all, n_mine = 0;
        bool more;
        reader_open(&r, b);
        bureau_must(b, clock_rows_work(r.arena, r.snapshot, str_of(viewers[viewer].scope),
                                       str_of(viewers[viewer].staff), limit, &clocks, &n, &b->err));
        for (size_t i = 1; i < n; i++)
                assert_true(clocks[i - 1].due.second <= clocks[i].due.second);
        bureau_must(b, docket_rows(r.arena, r.snapshot, &whole, &all, &n_all, &more, &b->err));
        for (size_t i = 0; i < n_all; i++) {
                const struct clock_row *own;
                size_t n_own, at = 0;
                bureau_must(b, clock_rows(r.arena, r.snapshot, all[i].id, &own, &n_own, &b->err));
                bool is_mine = sees(&r, b, viewer, &all[i]) && n_own == 1 &&
                               own[0].status == CLOCK_RUNNING;
                while (at < n && clocks[at].matter != all[i].id)
                        at++;
                n_mine += is_mine;
                if (limit > n_all)
                        assert_true(is_mine == (at < n));
                else
                        assert_true(is_mine || at == n);
        }
        assert_int_equal(n, n_mine < limit ? n_mine : limit);
        reader_close(&r);
        return n;
}

static void test_what_runs_out_next(void **state)
{
        (void)state;
        struct bureau *b = open_many();
        size_t counts[N_ELEMENTS(viewers)], sum = 0;
        for (size_t i = 0; i < N_ELEMENTS(viewers); i++)
                sum += counts[i] = n_due(b, i, 100);
        assert_true(sum > 30);
        for (size_t i = 0; i < N_ELEMENTS(viewers); i++)
                (void)n_due(b, i, 3);
        crowd(b);
        for (size_t i = 0; i < N_ELEMENTS(viewers); i++)
                assert_int_equal(n_due(b, i, 100), counts[i]);
        bureau_close(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lists_of_a_part),
                cmocka_unit_test(test_what_runs_out_next),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
