/* draw/test_fixture.h - a small pool and the ways in which tests vary it. */
#ifndef DRAW_TEST_FIXTURE_H
#define DRAW_TEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw/draw.h"

static inline struct date day(const char *text)
{
        struct date date;
        struct err err;
        assert_true(date_parse(str_of(text), &date, &err));
        return date;
}

/* "A01|律师事务所|350203|1|reason", cells from the right may be missing. */
static inline struct pool_object object_of(const char *row)
{
        struct str rest = str_of(row);
        struct str id = str_split(&rest, '|'), stratum = str_split(&rest, '|');
        struct str region = str_split(&rest, '|'), weight = str_split(&rest, '|');
        int64_t number = 1;
        if (weight.n > 0)
                assert_true(str_to_int(weight, &number));
        return (struct pool_object){ .id = id,
                .name = id,
                .stratum = stratum,
                .region = region,
                .weight = (uint32_t)number,
                .excluded = rest };
}

/* "P01|350203|2025-12-31|0|A01 A02": a valid_to of "guest" is a guest, a trailing
 * "!" on the id marks a lead. */
static inline struct pool_inspector inspector_of(struct arena *arena, const char *row)
{
        struct str rest = str_of(row);
        struct str id = str_split(&rest, '|'), district = str_split(&rest, '|');
        struct str valid_to = str_split(&rest, '|'), load = str_split(&rest, '|');
        struct pool_inspector inspector = { .id = id,
                .name = id,
                .unit = STR_LIT("司法局"),
                .district = district,
                .kind = POOL_OFFICER,
                .valid_to = DATE_NONE };
        int64_t number = 0;
        if (str_ends(id, STR_LIT("!"))) {
                inspector.id.n--;
                inspector.lead = true;
        }
        if (str_is(valid_to, "guest"))
                inspector.kind = POOL_GUEST;
        else if (valid_to.n > 0)
                inspector.valid_to = day(str_c(arena, valid_to));
        if (load.n > 0)
                assert_true(str_to_int(load, &number));
        inspector.load = (uint32_t)number;
        struct str *recusals = arena_new_array(arena, 16, struct str);
        while (rest.p != NULL && rest.n > 0)
                recusals[inspector.n_recusals++] = str_split(&rest, ' ');
        inspector.recusals = recusals;
        return inspector;
}

static inline bool freeze(struct arena *arena, const char *const *objects,
                const char *const *inspectors, struct pool *ret, struct err *err)
{
        struct pool_object o[64];
        struct pool_inspector p[64];
        size_t n = 0, m = 0;
        for (; objects != NULL && objects[n] != NULL; n++)
                o[n] = object_of(objects[n]);
        for (; inspectors != NULL && inspectors[m] != NULL; m++)
                p[m] = inspector_of(arena, inspectors[m]);
        return pool_freeze(arena, o, n, p, m, ret, err);
}

static inline struct pool frozen(
                struct arena *arena, const char *const *objects, const char *const *inspectors)
{
        struct pool pool;
        struct err err;
        if (!freeze(arena, objects, inspectors, &pool, &err))
                fail_msg("%s", err_sentence(arena, &err).p);
        return pool;
}

#define ROWS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif
