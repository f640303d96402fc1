#include <assert.h>

#include "rules/feel_builtin.h"
#include "rules/feel_number.h"

/* A list over all arguments, or over the items of the only one if that is a list. */
static struct value items_of(const struct value *args, size_t n)
{
        return n == 1 && kind_of(&args[0]) == VALUE_LIST ? args[0] : value_list(args, n);
}

static bool call_count(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        (void)n;
        *ret = value_int((int64_t)args[0].list.n);
        return true;
}

static bool call_list_contains(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        for (size_t i = 0; i < args[0].list.n; i++) {
                enum truth equal;
                if (!feel_spend(m, 1) || !feel_equals(m, &args[0].list.items[i], &args[1], &equal))
                        return false;
                if (equal == TRUTH_TRUE) {
                        *ret = value_bool(true);
                        return true;
                }
        }
        *ret = value_bool(false);
        return true;
}

/* The least (want = -1) or greatest (want = 1); null if two have no order. */
static bool extreme(struct machine *m, struct value list, int want, struct value *ret)
{
        if (list.list.n == 0)
                return true;
        const struct value *best = &list.list.items[0];
        int order;
        if (!feel_compare(best, best, &order))
                return true;
        for (size_t i = 1; i < list.list.n; i++) {
                if (!feel_compare(&list.list.items[i], best, &order))
                        return feel_spend(m, i);
                if (order == want)
                        best = &list.list.items[i];
        }
        *ret = *best;
        return feel_spend(m, list.list.n);
}

static bool call_min(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        return extreme(m, items_of(args, n), -1, ret);
}

static bool call_max(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        return extreme(m, items_of(args, n), 1, ret);
}

/* Sums of numbers, and of durations of one kind. */
static bool total(struct machine *m, enum op op, struct value list, struct value *ret)
{
        if (list.list.n == 0)
                return true;
        struct value sum = list.list.items[0];
        if (kind_of(&sum) != VALUE_NUMBER &&
                        (op != N_ADD || (kind_of(&sum) != VALUE_DURATION &&
                                                        kind_of(&sum) != VALUE_MONTHS)))
                return true;
        for (size_t i = 1; i < list.list.n; i++) {
                const struct value *item = &list.list.items[i];
                if (kind_of(item) != kind_of(&sum))
                        return true;
                if (!feel_spend(m, 1) || !feel_arithmetic(m, op, &sum, item, &sum))
                        return false;
        }
        *ret = sum;
        return true;
}

static bool call_sum(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        return total(m, N_ADD, items_of(args, n), ret);
}

static bool call_product(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        return total(m, N_MUL, items_of(args, n), ret);
}

static bool call_mean(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct value list = items_of(args, n), sum = value_null();
        struct value count = value_int((int64_t)list.list.n);
        return total(m, N_ADD, list, &sum) && feel_arithmetic(m, N_DIV, &sum, &count, ret);
}

/* all: false decides; any: true decides; what is no truth value is unknown. */
static bool quantify(struct machine *m, struct value list, bool decides, struct value *ret)
{
        bool unknown = false;
        for (size_t i = 0; i < list.list.n; i++) {
                const struct value *item = &list.list.items[i];
                if (kind_of(item) != VALUE_BOOL) {
                        unknown = true;
                } else if (item->boolean == decides) {
                        *ret = value_bool(decides);
                        return feel_spend(m, i);
                }
        }
        *ret = unknown ? value_null() : value_bool(!decides);
        return feel_spend(m, list.list.n);
}

static bool call_all(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        return quantify(m, items_of(args, n), false, ret);
}

static bool call_any(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        return quantify(m, items_of(args, n), true, ret);
}

/* ---- Parts and changes ---- */

/* The place of a position counted from 1 or from -1 at the end, in 0..n (n: behind
 * the last); false if there is none. */
static bool place_of(struct value position, size_t n, size_t *ret)
{
        int64_t at;
        if (!decimal_to_int(position.number, &at) || at == 0)
                return false;
        if (at < 0)
                at += (int64_t)n + 1;
        if (at < 1 || at > (int64_t)n)
                return false;
        *ret = (size_t)at - 1;
        return true;
}

static bool call_sublist(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        const struct value *list = &args[0];
        size_t from;
        int64_t length;
        if (!place_of(args[1], list->list.n, &from))
                return true;
        length = (int64_t)(list->list.n - from);
        if (n == 3 && !value_is_null(args[2]) &&
                        (!decimal_to_int(args[2].number, &length) || length < 0 ||
                                        length > (int64_t)(list->list.n - from)))
                return true;
        *ret = value_list(list->list.items + from, (size_t)length);
        return feel_spend(m, 1);
}

static bool push_all(struct machine *m, struct list *list, const struct value *items, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!list_push(m, list, &items[i]))
                        return false;
        return true;
}

static bool call_append(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct list list = { 0 };
        if (!push_all(m, &list, args[0].list.items, args[0].list.n) ||
                        !push_all(m, &list, args + 1, n - 1))
                return false;
        *ret = list_value(&list);
        return true;
}

static bool call_concatenate(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct list list = { 0 };
        for (size_t i = 0; i < n; i++)
                if (!push_all(m, &list, args[i].list.items, args[i].list.n))
                        return false;
        *ret = list_value(&list);
        return true;
}

static bool call_insert_before(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct list list = { 0 };
        size_t at;
        if (!place_of(args[1], args[0].list.n, &at))
                return true;
        if (!push_all(m, &list, args[0].list.items, at) || !list_push(m, &list, &args[2]) ||
                        !push_all(m, &list, args[0].list.items + at, args[0].list.n - at))
                return false;
        *ret = list_value(&list);
        return true;
}

static bool call_remove(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct list list = { 0 };
        size_t at;
        if (!place_of(args[1], args[0].list.n, &at))
                return true;
        if (!push_all(m, &list, args[0].list.items, at) ||
                        !push_all(m, &list, args[0].list.items + at + 1, args[0].list.n - at - 1))
                return false;
        *ret = list_value(&list);
        return true;
}

/* Replaces the items for which match(item, newItem) is true. */
static bool replace_matches(struct machine *m, const struct value *args, struct value *ret)
{
        struct list list = { 0 };
        for (size_t i = 0; i < args[0].list.n; i++) {
                struct value pair[2] = { args[0].list.items[i], args[2] }, matches;
                if (!feel_call(m, function_of(&args[1]), pair, 2, &matches))
                        return false;
                if (kind_of(&matches) != VALUE_BOOL)
                        return true;
                if (!list_push(m, &list, matches.boolean ? &args[2] : &pair[0]))
                        return false;
        }
        *ret = list_value(&list);
        return true;
}

static bool call_list_replace(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct list list = { 0 };
        size_t at;
        if (kind_of(&args[1]) == KIND_FUNCTION)
                return replace_matches(m, args, ret);
        if (kind_of(&args[1]) != VALUE_NUMBER || !place_of(args[1], args[0].list.n, &at))
                return true;
        if (!push_all(m, &list, args[0].list.items, args[0].list.n))
                return false;
        list.items[at] = args[2];
        *ret = list_value(&list);
        return true;
}

static bool call_reverse(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct list list = { 0 };
        for (size_t i = args[0].list.n; i-- > 0;)
                if (!list_push(m, &list, &args[0].list.items[i]))
                        return false;
        *ret = list_value(&list);
        return true;
}

static bool call_index_of(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct list list = { 0 };
        for (size_t i = 0; i < args[0].list.n; i++) {
                enum truth equal;
                struct value position = value_int((int64_t)i + 1);
                if (!feel_spend(m, 1) || !feel_equals(m, &args[0].list.items[i], &args[1], &equal))
                        return false;
                if (equal == TRUTH_TRUE && !list_push(m, &list, &position))
                        return false;
        }
        *ret = list_value(&list);
        return true;
}

static bool push_distinct(struct machine *m, struct list *list, const struct value *v)
{
        for (size_t i = 0; i < list->n; i++) {
                enum truth equal;
                if (!feel_spend(m, 1) || !feel_equals(m, &list->items[i], v, &equal))
                        return false;
                if (equal == TRUTH_TRUE)
                        return true;
        }
        return list_push(m, list, v);
}

static bool call_union(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct list list = { 0 };
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < args[i].list.n; j++)
                        if (!push_distinct(m, &list, &args[i].list.items[j]))
                                return false;
        *ret = list_value(&list);
        return true;
}

static bool flatten(struct machine *m, struct list *list, const struct value *v, unsigned depth)
{
        if (kind_of(v) != VALUE_LIST)
                return list_push(m, list, v);
        if (depth == LIMIT_NESTING)
                return feel_exhausted(m, "列表嵌套太深");
        if (!feel_spend(m, 1))
                return false;
        for (size_t i = 0; i < v->list.n; i++)
                if (!flatten(m, list, &v->list.items[i], depth + 1))
                        return false;
        return true;
}

static bool call_flatten(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct list list = { 0 };
        if (!flatten(m, &list, &args[0], 0))
                return false;
        *ret = list_value(&list);
        return true;
}

/* ---- Sorting and statistics ---- */

/* Does b come before a? By the caller's function, or by order. */
static bool comes_before(struct machine *m, const struct function *precedes, const struct value *b,
                const struct value *a, bool *ret, bool *is_sorted)
{
        int order;
        struct value pair[2] = { *b, *a }, answer;
        if (precedes == NULL) {
                *is_sorted = feel_compare(b, a, &order);
                *ret = *is_sorted && order < 0;
                return feel_spend(m, 1);
        }
        if (!feel_call(m, precedes, pair, 2, &answer))
                return false;
        *is_sorted = kind_of(&answer) == VALUE_BOOL;
        *ret = *is_sorted && answer.boolean;
        return true;
}

/* A stable merge of the two sorted halves of items, through spare. */
static bool merge(struct machine *m, const struct function *precedes, struct value *items,
                size_t middle, size_t n, struct value *spare, bool *is_sorted)
{
        size_t a = 0, b = middle, to = 0;
        while (a < middle && b < n) {
                bool before;
                if (!comes_before(m, precedes, &items[b], &items[a], &before, is_sorted))
                        return false;
                if (!*is_sorted)
                        return true;
                spare[to++] = items[before ? b++ : a++];
        }
        while (a < middle)
                spare[to++] = items[a++];
        while (b < n)
                spare[to++] = items[b++];
        memcpy(items, spare, n * sizeof(*items));
        return true;
}

/* The function may contradict itself: the merge still ends. */
static bool merge_sort(struct machine *m, const struct function *precedes, struct value *items,
                size_t n, struct value *spare, bool *is_sorted)
{
        if (n < 2)
                return true;
        size_t middle = n / 2;
        if (!merge_sort(m, precedes, items, middle, spare, is_sorted) || !*is_sorted ||
                        !merge_sort(m, precedes, items + middle, n - middle, spare, is_sorted) ||
                        !*is_sorted)
                return !*is_sorted;
        return merge(m, precedes, items, middle, n, spare, is_sorted);
}

/* A sorted copy; *ret stays null if two items have no order. */
static bool sort(struct machine *m, const struct function *precedes, struct value list,
                struct value *ret)
{
        size_t n = list.list.n;
        bool is_sorted = true;
        if (!feel_spend(m, n))
                return false;
        struct value *items = arena_new_array(m->arena, n, struct value);
        struct value *spare = arena_new_array(m->arena, n, struct value);
        if (n != 0)
                memcpy(items, list.list.items, n * sizeof(*items));
        if (!merge_sort(m, precedes, items, n, spare, &is_sorted))
                return false;
        if (is_sorted)
                *ret = value_list(items, n);
        return true;
}

static bool call_sort(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        return sort(m, n == 2 && !value_is_null(args[1]) ? function_of(&args[1]) : NULL, args[0],
                        ret);
}

static bool all_numbers(const struct value *list)
{
        for (size_t i = 0; i < list->list.n; i++)
                if (kind_of(&list->list.items[i]) != VALUE_NUMBER)
                        return false;
        return true;
}

static bool call_median(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct value list = items_of(args, n), sorted = value_null(), two = value_int(2), sum;
        size_t count = list.list.n;
        if (count == 0 || !all_numbers(&list))
                return true;
        if (!sort(m, NULL, list, &sorted))
                return false;
        const struct value *items = sorted.list.items;
        *ret = items[count / 2];
        return count % 2 == 1 ||
               (feel_arithmetic(m, N_ADD, &items[count / 2 - 1], &items[count / 2], &sum) &&
                               feel_arithmetic(m, N_DIV, &sum, &two, ret));
}

/* The sample standard deviation: n - 1. */
static bool call_stddev(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct value list = items_of(args, n), mean;
        if (list.list.n < 2 || !all_numbers(&list))
                return true;
        if (!call_mean(m, &list, 1, &mean))
                return false;
        struct decimal sum = decimal_of(0), off;
        bool ok = kind_of(&mean) == VALUE_NUMBER;
        for (size_t i = 0; i < list.list.n && ok; i++)
                ok = decimal_sub(list.list.items[i].number, mean.number, &off) &&
                     decimal_mul(off, off, &off) && decimal_add(sum, off, &sum);
        if (ok && decimal_div(sum, decimal_of((int64_t)list.list.n - 1), &sum) &&
                        number_sqrt(sum, &sum))
                *ret = value_number(sum);
        return feel_spend(m, list.list.n);
}

/* The most frequent numbers, ascending. */
static bool call_mode(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        struct value list = items_of(args, n), sorted = value_null();
        struct list modes = { 0 };
        size_t most = 1;
        if (!all_numbers(&list))
                return true;
        if (!sort(m, NULL, list, &sorted))
                return false;
        for (size_t i = 0, run = 0; i < sorted.list.n; i++) {
                const struct value *items = sorted.list.items;
                run = i > 0 && decimal_cmp(items[i - 1].number, items[i].number) == 0 ? run + 1 : 1;
                if (run > most) {
                        most = run;
                        modes.n = 0;
                }
                if (run == most && !list_push(m, &modes, &items[i]))
                        return false;
        }
        *ret = list_value(&modes);
        return true;
}

const struct builtin feel_lists[] = {
        { "list contains", "list:l,element:a", 'b', call_list_contains },
        { "count", "list:l", 'n', call_count },
        { "min", "list:l", 'i', call_min },
        { "min", "c:a*", 'a', call_min },
        { "max", "list:l", 'i', call_max },
        { "max", "c:a*", 'a', call_max },
        { "sum", "list:l", 'i', call_sum },
        { "sum", "n:a*", 'a', call_sum },
        { "product", "list:N", 'n', call_product },
        { "product", "n:n*", 'n', call_product },
        { "mean", "list:l", 'i', call_mean },
        { "mean", "n:a*", 'a', call_mean },
        { "median", "list:N", 'n', call_median },
        { "median", "n:n*", 'n', call_median },
        { "stddev", "list:N", 'n', call_stddev },
        { "stddev", "n:n*", 'n', call_stddev },
        { "mode", "list:N", 'l', call_mode },
        { "mode", "n:n*", 'l', call_mode },
        { "all", "list:l", 'b', call_all },
        { "all", "b:a*", 'b', call_all },
        { "any", "list:l", 'b', call_any },
        { "any", "b:a*", 'b', call_any },
        { "sublist", "list:l,start position:n,length:n?", 'L', call_sublist },
        { "append", "list:l,item:a*", 'l', call_append },
        { "concatenate", "list:l*", 'l', call_concatenate },
        { "insert before", "list:l,position:n,newItem:a", 'l', call_insert_before },
        { "remove", "list:l,position:n", 'L', call_remove },
        { "list replace", "list:l,position:n,newItem:a", 'l', call_list_replace },
        { "list replace", "list:l,match:f,newItem:a", 'l', call_list_replace },
        { "reverse", "list:l", 'L', call_reverse },
        { "index of", "list:l,match:a", 'l', call_index_of },
        { "union", "list:l*", 'l', call_union },
        { "distinct values", "list:l", 'L', call_union },
        { "flatten", "list:l", 'l', call_flatten },
        { "sort", "list:l,precedes:f?", 'L', call_sort },
        { 0 },
};
