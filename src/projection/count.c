/* What a matter contributes to indicators, kept by difference. */
#include "projection/fold.h"

#include "base/limits.h"
#include "projection/indicator.h"
#include "projection/list.h"

#define EACH_MAX 65535

struct contribution {
        struct str indicator;
        int natural; /* the month it belongs to */
        int month;   /* the month it counts in: later, where that was frozen */
        int n;       /* which of the matter's */
        int64_t amount;
        struct str distinct;
};

/* ---- As bytes in the matter's row ---- */

struct packed {
        int32_t natural, month;
        int64_t amount;
        uint16_t n, n_indicator, n_distinct;
};

static void pack(struct buf *buf, const struct contribution *c)
{
        struct packed p;
        memset(&p, 0, sizeof(p));
        p.natural = c->natural;
        p.month = c->month;
        p.amount = c->amount;
        p.n = (uint16_t)c->n;
        p.n_indicator = (uint16_t)c->indicator.n;
        p.n_distinct = (uint16_t)c->distinct.n;
        buf_add(buf, &p, sizeof(p));
        buf_str_add(buf, c->indicator);
        buf_str_add(buf, c->distinct);
}

static bool unpack(struct str packed, size_t *at, struct contribution *ret)
{
        struct packed p;
        if (*at + sizeof(p) > packed.n)
                return false;
        memcpy(&p, packed.p + *at, sizeof(p));
        *at += sizeof(p);
        *ret = (struct contribution){
                .natural = p.natural,
                .month = p.month,
                .amount = p.amount,
                .n = p.n,
                .indicator = { packed.p + *at, p.n_indicator },
                .distinct = { packed.p + *at + p.n_indicator, p.n_distinct },
        };
        *at += (size_t)p.n_indicator + p.n_distinct;
        return *at <= packed.n;
}

/* ---- What the matter contributes as it stands ---- */

static bool eval(struct fold *fold, const struct plan_indicator *p,
                const struct feel_expression *expression, const struct value *each,
                struct value *ret)
{
        return indicator_eval(fold->arena, p->indicator, fold->after, expression, each,
                        &fold->world.circumstances, ret, fold->err);
}

static bool month_of(struct fold *fold, const struct plan_indicator *p, const struct value *each,
                int *ret)
{
        struct value v;
        struct err err;
        struct date day = DATE_NONE;
        if (!eval(fold, p, p->binding->date, each, &v))
                return false;
        if (v.kind == VALUE_DATE)
                day = v.date;
        else if (v.kind == VALUE_MOMENT)
                day = moment_date(v.moment);
        else if (v.kind == VALUE_STRING && !date_parse(v.string, &day, &err))
                day = DATE_NONE;
        *ret = date_is_none(day) ? 0 : period_of(day);
        return true;
}

/* At most LIMIT_KEY_BYTES, cut between characters. */
static struct str shortened(struct str s)
{
        size_t n = s.n < LIMIT_KEY_BYTES ? s.n : LIMIT_KEY_BYTES;
        while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
                n--;
        return (struct str){ s.p, n };
}

/* The amount in ten-thousandths, or the text that counts once; *ret_none: neither. */
static bool amount_of(struct fold *fold, const struct plan_indicator *p, const struct value *each,
                struct contribution *c, bool *ret_none)
{
        struct value v;
        *ret_none = false;
        c->amount = 1;
        if (p->indicator->kind == INDICATOR_COUNT)
                return true;
        if (!eval(fold, p, p->binding->amount, each, &v))
                return false;
        if (p->indicator->kind == INDICATOR_DISTINCT) {
                c->distinct = v.kind == VALUE_NULL ? STR_LIT("") : value_text(fold->arena, &v);
                *ret_none = c->distinct.n == 0;
                c->distinct = shortened(c->distinct);
                return true;
        }
        *ret_none = v.kind != VALUE_NUMBER ||
                    !decimal_to_scaled(decimal_round(v.number, INDICATOR_AMOUNT_DECIMALS,
                                                       DECIMAL_HALF_EVEN),
                                    INDICATOR_AMOUNT_DECIMALS, &c->amount);
        return true;
}

static bool contribute(struct fold *fold, const struct plan_indicator *p, const struct value *each,
                int n, struct list *list)
{
        const struct indicator_binding *b = p->binding;
        struct contribution c = { .indicator = p->indicator->id, .n = n };
        struct value holds;
        bool none;
        if (b->where != NULL) {
                if (!eval(fold, p, b->where, each, &holds))
                        return false;
                if (holds.kind != VALUE_BOOL || !holds.boolean)
                        return true;
        }
        if (!month_of(fold, p, each, &c.natural))
                return false;
        if (c.natural == 0)
                return true;
        if (!amount_of(fold, p, each, &c, &none))
                return false;
        if (!none)
                *(struct contribution *)list_add(list) = c;
        return true;
}

static bool contributions(struct fold *fold, const struct plan_indicator *p, struct list *list)
{
        struct value items;
        if (p->binding->each == NULL)
                return contribute(fold, p, NULL, 0, list);
        if (!eval(fold, p, p->binding->each, NULL, &items))
                return false;
        if (items.kind != VALUE_LIST)
                return items.kind == VALUE_NULL || contribute(fold, p, &items, 0, list);
        for (size_t i = 0; i < items.list.n && i < EACH_MAX; i++)
                if (!contribute(fold, p, &items.list.items[i], (int)i, list))
                        return false;
        return true;
}

/* ---- The difference ---- */

static bool change_total(
                struct fold *fold, const struct contribution *c, int month, int n, int64_t amount)
{
        return tx_put(fold->tx, Q_TOTAL_ADD,
                        PARAMS(param_text(c->indicator), param_int(month),
                                        param_text(matter_home(fold->after)), param_int(n),
                                        param_int(amount)),
                        fold->err);
}

static bool add_total(struct fold *fold, const struct contribution *c, int month, int sign)
{
        return change_total(fold, c, month, sign, sign * c->amount);
}

static bool add_row(struct fold *fold, const struct contribution *c, int month, bool late,
                int64_t amount)
{
        return tx_put(fold->tx, Q_CONTRIBUTION_ADD,
                        PARAMS(param_text(c->indicator), param_int(month),
                                        param_int(fold->after->id), param_int(c->n),
                                        param_int(late), param_text(matter_home(fold->after)),
                                        param_int(amount),
                                        c->distinct.n != 0 ? param_text(c->distinct)
                                                           : param_null()),
                        fold->err);
}

/* Late rows are sums of what came and went; one that comes to nothing is dropped. */
static bool add_late(struct fold *fold, const struct contribution *c, int month, int sign)
{
        return add_row(fold, c, month, true, sign * c->amount) &&
               tx_put(fold->tx, Q_CONTRIBUTION_SWEEP,
                               PARAMS(param_text(c->indicator), param_int(month),
                                               param_int(fold->after->id), param_int(c->n)),
                               fold->err) &&
               add_total(fold, c, month, sign);
}

static int first_open_month(const struct fold *fold)
{
        return period_next(fold->projection->frozen_through);
}

static bool put(struct fold *fold, struct contribution *c)
{
        c->month = c->natural;
        if (c->natural <= fold->projection->frozen_through) {
                c->month = first_open_month(fold);
                return add_late(fold, c, c->month, 1);
        }
        return add_row(fold, c, c->month, false, c->amount) && add_total(fold, c, c->month, 1);
}

static bool take_back(struct fold *fold, const struct contribution *c)
{
        /* What is frozen stays; the correction counts in the first open month. */
        if (c->month <= fold->projection->frozen_through)
                return add_late(fold, c, first_open_month(fold), -1);
        if (c->month != c->natural)
                return add_late(fold, c, c->month, -1);
        return tx_put(fold->tx, Q_CONTRIBUTION_DROP,
                               PARAMS(param_text(c->indicator), param_int(c->month),
                                               param_int(fold->after->id), param_int(c->n),
                                               param_int(0)),
                               fold->err) &&
               add_total(fold, c, c->month, -1);
}

static bool is_same(const struct contribution *a, const struct contribution *b)
{
        return a->n == b->n && a->natural == b->natural && a->amount == b->amount &&
               str_eq(a->distinct, b->distinct);
}

/* In an open month, where it stays, an amount or a text is changed in place. */
static bool is_same_place(const struct fold *fold, const struct contribution *was,
                const struct contribution *now)
{
        return was->natural == now->natural && was->month == was->natural &&
               was->month > fold->projection->frozen_through;
}

static bool change(struct fold *fold, const struct contribution *was, struct contribution *now)
{
        now->month = was->month;
        return add_row(fold, now, now->month, false, now->amount - was->amount) &&
               (now->amount == was->amount ||
                               change_total(fold, now, now->month, 0, now->amount - was->amount));
}

static struct contribution *find(struct list *list, int n)
{
        struct contribution *items = list->items; /* n ascends */
        size_t low = 0, high = list->n;
        while (low < high) {
                size_t middle = (low + high) / 2;
                if (items[middle].n == n)
                        return &items[middle];
                if (items[middle].n < n)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

/* Brings one indicator from its old contributions to the new ones, and packs these. */
static bool settle(struct fold *fold, struct list *old, struct list *new, struct buf *kept)
{
        struct contribution *items = old->items;
        for (size_t i = 0; i < old->n; i++) {
                struct contribution *now = find(new, items[i].n);
                bool done = true;
                if (now != NULL && is_same(now, &items[i]))
                        now->month = items[i].month;
                else if (now != NULL && is_same_place(fold, &items[i], now))
                        done = change(fold, &items[i], now);
                else
                        done = take_back(fold, &items[i]);
                if (!done)
                        return false;
        }
        items = new->items;
        for (size_t i = 0; i < new->n; i++) {
                if (items[i].month == 0 && !put(fold, &items[i]))
                        return false;
                pack(kept, &items[i]);
        }
        return true;
}

/* The old contributions to one indicator. */
static struct list old_ones(struct fold *fold, struct str counted, struct str indicator)
{
        struct list list = LIST(fold->arena, struct contribution);
        struct contribution c;
        for (size_t at = 0; at < counted.n && unpack(counted, &at, &c);)
                if (str_eq(c.indicator, indicator))
                        *(struct contribution *)list_add(&list) = c;
        return list;
}

static const struct plan_indicator *planned(const struct plan *plan, struct str indicator)
{
        for (size_t i = 0; i < plan->n_indicators; i++)
                if (str_eq(plan->indicators[i].indicator->id, indicator))
                        return &plan->indicators[i];
        return NULL;
}

/* What counts for indicators that no longer count this version. */
static bool drop_unplanned(struct fold *fold, struct str counted)
{
        struct contribution c;
        for (size_t at = 0; at < counted.n && unpack(counted, &at, &c);)
                if (planned(fold->plan, c.indicator) == NULL && !take_back(fold, &c))
                        return false;
        return true;
}

bool fold_contributions(struct fold *fold, bool all)
{
        const struct plan *plan = fold->plan;
        struct str counted = fold->row.counted;
        struct buf kept = BUF(fold->arena);
        bool any = all;
        for (size_t i = 0; i < plan->n_indicators && !any; i++)
                any = reads_changed(&plan->indicators[i].reads, &fold->changes);
        if (!any)
                return true;
        if (all && !drop_unplanned(fold, counted))
                return false;
        for (size_t i = 0; i < plan->n_indicators; i++) {
                const struct plan_indicator *p = &plan->indicators[i];
                struct list old = old_ones(fold, counted, p->indicator->id);
                struct list new = LIST(fold->arena, struct contribution);
                if (!all && !reads_changed(&p->reads, &fold->changes)) {
                        const struct contribution *items = old.items;
                        for (size_t k = 0; k < old.n; k++)
                                pack(&kept, &items[k]);
                        continue;
                }
                if (!contributions(fold, p, &new) || !settle(fold, &old, &new, &kept))
                        return false;
        }
        fold->row.counted = buf_str(&kept);
        return true;
}
