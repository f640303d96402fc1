#include "rules/feel_builtin.h"

/* Two ranges side by side. A point is the closed range from itself to itself, which
 * makes the rules of DMN 1.5 table 78 for points those for ranges. */
struct pair {
        struct range a, b;
        bool a_is_point, b_is_point;
        int starts, ends; /* order of the two starts, of the two ends */
        int start_end;    /* of a's start and b's end */
        int end_start;    /* of a's end and b's start */
};

static struct range as_range(const struct value *v, bool *is_point)
{
        *is_point = kind_of(v) != KIND_RANGE;
        if (!*is_point)
                return *range_of(v);
        return (struct range){ *v, *v, true, true, true, true };
}

/* A bound that is not there lies before or behind everything. */
static bool order_bounds(const struct value *a, int a_missing, const struct value *b, int b_missing,
                int *ret)
{
        if (a_missing == 0 && b_missing == 0)
                return feel_compare(a, b, ret);
        *ret = (a_missing > b_missing) - (a_missing < b_missing);
        return true;
}

static bool pair_of(const struct value *args, struct pair *ret)
{
        struct pair p;
        p.a = as_range(&args[0], &p.a_is_point);
        p.b = as_range(&args[1], &p.b_is_point);
        int a_low = p.a.has_low ? 0 : -1, a_high = p.a.has_high ? 0 : 1;
        int b_low = p.b.has_low ? 0 : -1, b_high = p.b.has_high ? 0 : 1;
        if (!order_bounds(&p.a.low, a_low, &p.b.low, b_low, &p.starts) ||
                        !order_bounds(&p.a.high, a_high, &p.b.high, b_high, &p.ends) ||
                        !order_bounds(&p.a.low, a_low, &p.b.high, b_high, &p.start_end) ||
                        !order_bounds(&p.a.high, a_high, &p.b.low, b_low, &p.end_start))
                return false;
        *ret = p;
        return true;
}

/* Does a hold something before b's first? */
static bool starts_earlier(const struct pair *p)
{
        return p->starts < 0 || (p->starts == 0 && p->a.low_closed && !p->b.low_closed);
}

static bool starts_later(const struct pair *p)
{
        return p->starts > 0 || (p->starts == 0 && !p->a.low_closed && p->b.low_closed);
}

static bool ends_later(const struct pair *p)
{
        return p->ends > 0 || (p->ends == 0 && p->a.high_closed && !p->b.high_closed);
}

static bool before(const struct pair *p)
{
        return p->end_start < 0 || (p->end_start == 0 && (!p->a.high_closed || !p->b.low_closed));
}

static bool meets(const struct pair *p)
{
        return !p->a_is_point && !p->b_is_point && p->end_start == 0 && p->a.high_closed &&
               p->b.low_closed;
}

static bool overlaps(const struct pair *p)
{
        return !p->a_is_point && !p->b_is_point &&
               (p->end_start > 0 || (p->end_start == 0 && p->a.high_closed && p->b.low_closed)) &&
               (p->start_end < 0 || (p->start_end == 0 && p->a.low_closed && p->b.high_closed));
}

static bool overlaps_before(const struct pair *p)
{
        return overlaps(p) && starts_earlier(p) && !ends_later(p);
}

static bool finishes(const struct pair *p)
{
        bool ends_with = p->ends == 0 && p->a.high_closed == p->b.high_closed;
        return !p->b_is_point && ends_with && !starts_earlier(p);
}

static bool includes(const struct pair *p)
{
        bool ends_earlier = p->ends < 0 || (p->ends == 0 && !p->a.high_closed && p->b.high_closed);
        return !p->a_is_point && !starts_later(p) && !ends_earlier;
}

static bool starts(const struct pair *p)
{
        bool starts_with = p->starts == 0 && p->a.low_closed == p->b.low_closed;
        return !p->b_is_point && starts_with && !ends_later(p);
}

static bool coincides(const struct pair *p)
{
        return p->starts == 0 && p->ends == 0 && p->a.low_closed == p->b.low_closed &&
               p->a.high_closed == p->b.high_closed;
}

static bool relate(const struct value *args, bool (*rule)(const struct pair *), bool swap,
                struct value *ret)
{
        struct value swapped[2] = { args[1], args[0] };
        struct pair pair;
        if (pair_of(swap ? swapped : args, &pair))
                *ret = value_bool(rule(&pair));
        return true;
}

#define RELATION(name, rule, swap)                                                                 \
        static bool call_##name(                                                                   \
                        struct machine *m, const struct value *args, size_t n, struct value *ret)  \
        {                                                                                          \
                (void)m, (void)n;                                                                  \
                return relate(args, rule, swap, ret);                                              \
        }

RELATION(before, before, false)
RELATION(after, before, true)
RELATION(meets, meets, false)
RELATION(met_by, meets, true)
RELATION(overlaps, overlaps, false)
RELATION(overlaps_before, overlaps_before, false)
RELATION(overlaps_after, overlaps_before, true)
RELATION(finishes, finishes, false)
RELATION(finished_by, finishes, true)
RELATION(includes, includes, false)
RELATION(during, includes, true)
RELATION(starts, starts, false)
RELATION(started_by, starts, true)
RELATION(coincides, coincides, false)

const struct builtin feel_ranges[] = {
        { "before", "range1:a,range2:a", 'b', call_before },
        { "before", "point1:a,point2:a", 'b', call_before },
        { "before", "point:a,range:a", 'b', call_before },
        { "after", "range1:a,range2:a", 'b', call_after },
        { "after", "point1:a,point2:a", 'b', call_after },
        { "after", "point:a,range:a", 'b', call_after },
        { "meets", "range1:r,range2:r", 'b', call_meets },
        { "met by", "range1:r,range2:r", 'b', call_met_by },
        { "overlaps", "range1:r,range2:r", 'b', call_overlaps },
        { "overlaps before", "range1:r,range2:r", 'b', call_overlaps_before },
        { "overlaps after", "range1:r,range2:r", 'b', call_overlaps_after },
        { "finishes", "range1:a,range2:r", 'b', call_finishes },
        { "finishes", "point:a,range:r", 'b', call_finishes },
        { "finished by", "range1:r,range2:a", 'b', call_finished_by },
        { "finished by", "range:r,point:a", 'b', call_finished_by },
        { "includes", "range1:r,range2:a", 'b', call_includes },
        { "includes", "range:r,point:a", 'b', call_includes },
        { "during", "range1:a,range2:r", 'b', call_during },
        { "during", "point:a,range:r", 'b', call_during },
        { "starts", "range1:a,range2:r", 'b', call_starts },
        { "starts", "point:a,range:r", 'b', call_starts },
        { "started by", "range1:r,range2:a", 'b', call_started_by },
        { "started by", "range:r,point:a", 'b', call_started_by },
        { "coincides", "range1:a,range2:a", 'b', call_coincides },
        { "coincides", "point1:a,point2:a", 'b', call_coincides },
        { 0 },
};
