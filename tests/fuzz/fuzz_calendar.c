/* fuzz/fuzz_calendar.c - calendar data from outside: read, build, count.
 *
 * Form feeds part the input into files, so that amendments and clashes are reached. */
#include <assert.h>

#include "clock/calendar.h"
#include "clock/deadline.h"
#include "fuzz.h"

/* What must hold of any calendar that was accepted. */
static void check(struct arena *arena, const struct calendar *calendar)
{
        static const struct deadline_rule rule = { "x", "", DEADLINE_WORKING_DAYS, 20 };
        struct deadline_term term = { .rule = &rule };
        struct err err;
        size_t n;
        const struct notice *const *notices = calendar_notices(calendar, &n);
        for (size_t i = 0; i < n; i++) {
                struct calendar_year page;
                if (!calendar_year(arena, calendar, notices[i]->year, &page, &err))
                        continue;
                for (size_t s = 0; s < page.n_spans; s++) {
                        struct deadline got;
                        term.start = page.spans[s].from;
                        if (!deadline_compute(&term, calendar, &got, &err))
                                continue;
                        assert(calendar_is_working_day(calendar, got.last_day));
                        assert(calendar_working_days(calendar, term.start, got.last_day) == 20);
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct calendar_file files[8];
        struct str rest = { (const char *)data, size };
        size_t n = 0;
        for (; rest.p != NULL && n < N_ELEMENTS(files); n++)
                files[n] = (struct calendar_file){ STR_LIT("input"), str_split(&rest, '\f') };

        struct arena *arena = arena_open();
        const struct calendar_set *set;
        struct err err;
        if (calendar_set_new(arena, files, n, &set, &err))
                check(arena, calendar_latest(set));
        else
                (void)err_sentence(arena, &err);
        arena_close(&arena);
        return 0;
}
