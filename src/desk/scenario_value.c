#include "desk/scenario.h"

#include "base/limits.h"
#include "screen/identifier.h"

#define MAX_DEPTH 8 /* of values that lean on values */

/* SplitMix64's finisher over the pair. */
uint64_t scenario_mix(uint64_t seed, uint64_t place)
{
        uint64_t z = seed + 0x9E3779B97F4A7C15u * (place + 1);
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        return z ^ z >> 31;
}

size_t scenario_below(uint64_t number, size_t n)
{
        return n == 0 ? 0 : (size_t)((unsigned __int128)number * n >> 64);
}

static uint64_t hash_text(struct str s)
{
        uint64_t h = 0xCBF29CE484222325u;
        for (size_t i = 0; i < s.n; i++)
                h = (h ^ (unsigned char)s.p[i]) * 0x100000001B3u;
        return h;
}

static const char *const surnames[] = { "陈", "林", "黄", "张", "李", "王", "吴", "刘", "蔡", "杨",
        "许", "郑", "谢", "洪", "郭", "邱", "曾", "叶", "苏", "庄", "欧阳", "上官" };
static const char *const given[] = { "志明", "秀英", "建国", "丽华", "伟", "芳", "国强", "美玲",
        "文杰", "晓燕", "海峰", "雅琴", "俊", "静怡", "镕", "喆", "子轩", "欣怡", "德福", "玉兰",
        "宏达", "春梅" };
static const char *const streets[] = { "湖滨南路", "禾祥西路", "后江埭路", "莲前西路", "嘉禾路",
        "仙岳路", "杏林湾路", "同集路", "滨海大道", "沧林路" };
static const char *const firm_words[] = { "鹭江", "海丝", "天衡", "厦大", "远大", "明鼎", "信实",
        "联合", "正和", "鼎信", "博远", "众诚" };

static struct value context_of(struct arena *arena, struct member *members, size_t n)
{
        struct member *copy = arena_grow(arena, members, n, 0, sizeof(*copy));
        return value_sort_members(copy, n) ? value_context(copy, n) : value_null();
}

static struct str region_of(const struct scenario_case *one, const struct scenario_var *var)
{
        return var->region.n == 6 ? var->region : one->scenario->site.region;
}

static struct value make_person(struct arena *arena, const struct scenario_case *one,
                const struct scenario_var *var, uint64_t number)
{
        int span = var->age_max - var->age_min + 1;
        int days = (int)scenario_below(scenario_mix(number, 1), (size_t)span * 365);
        struct date birth = date_add_days(one->scenario->from, -(var->age_min * 366 + 1 + days));
        struct str id = identifier_make_resident_id(arena, region_of(one, var), birth,
                        (int)scenario_below(scenario_mix(number, 2), 1000));
        struct str name = str_format(arena, "%s%s",
                        surnames[scenario_below(scenario_mix(number, 3), N_ELEMENTS(surnames))],
                        given[scenario_below(scenario_mix(number, 4), N_ELEMENTS(given))]);
        struct str mobile = str_format(arena, "139%08llu",
                        (unsigned long long)(scenario_mix(number, 5) % 100000000u));
        struct str address = str_format(arena, "%.*s%s%zu号", STR_FMT(one->scenario->site.city),
                        streets[scenario_below(scenario_mix(number, 6), N_ELEMENTS(streets))],
                        scenario_below(scenario_mix(number, 7), 400) + 1);
        struct member members[] = {
                { STR_LIT("address"), value_string(address) },
                { STR_LIT("birth"), value_date(birth) },
                { STR_LIT("id_no"), value_string(id) },
                { STR_LIT("mobile"), value_string(mobile) },
                { STR_LIT("name"), value_string(name) },
        };
        return context_of(arena, members, N_ELEMENTS(members));
}

static struct value make_firm(struct arena *arena, const struct scenario_case *one,
                const struct scenario_var *var, uint64_t number)
{
        struct str code = identifier_make_credit_code(arena, var->prefix, region_of(one, var),
                        (int)(scenario_mix(number, 1) % 100000000u));
        struct str name = str_format(arena, "%s%s%zu所",
                        firm_words[scenario_below(scenario_mix(number, 2), N_ELEMENTS(firm_words))],
                        firm_words[scenario_below(scenario_mix(number, 3), N_ELEMENTS(firm_words))],
                        scenario_below(scenario_mix(number, 4), 900) + 100);
        struct member members[] = {
                { STR_LIT("credit_code"), value_string(code) },
                { STR_LIT("name"), value_string(name) },
        };
        return context_of(arena, members, N_ELEMENTS(members));
}

static struct value make_pick(const struct scenario_var *var, uint64_t number)
{
        int64_t at = (int64_t)scenario_below(number, (size_t)var->total_weight);
        for (size_t i = 0; i < var->n_choices; i++) {
                at -= var->choices[i].weight;
                if (at < 0)
                        return value_string(var->choices[i].text);
        }
        return value_null();
}

static bool fill(struct arena *arena, const struct scenario_case *one, const struct value *template,
                unsigned depth, struct value *ret, struct err *err);

static bool make_var(struct arena *arena, const struct scenario_case *one,
                const struct scenario_var *var, uint64_t number, unsigned depth, struct value *ret,
                struct err *err)
{
        switch (var->kind) {
        case VAR_PERSON:
                *ret = make_person(arena, one, var, number);
                return true;
        case VAR_FIRM:
                *ret = make_firm(arena, one, var, number);
                return true;
        case VAR_PICK:
                *ret = make_pick(var, number);
                return true;
        case VAR_INTEGER:
                *ret = value_int(var->min + (int64_t)scenario_below(number,
                                                            (size_t)(var->max - var->min + 1)));
                return true;
        case VAR_SHARE: {
                const struct scenario_pool *pool = &one->scenario->pools[var->pool];
                size_t part = one->path->pool_base[var->pool] + one->index;
                *ret = value_number(decimal_from_scaled(pool->parts[part], pool->decimals));
                return true;
        }
        case VAR_ENTRY: {
                size_t row = var->in_turn ? one->index % var->n_rows
                                          : scenario_below(number, var->n_rows);
                *ret = var->rows[row];
                return true;
        }
        case VAR_LIST: {
                size_t n = (size_t)var->min + scenario_below(scenario_mix(number, 0),
                                                              (size_t)(var->max - var->min + 1));
                struct value *items = arena_new_array(arena, n, struct value);
                for (size_t i = 0; i < n; i++)
                        if (!make_var(arena, one, var->of, scenario_mix(number, i + 1), depth + 1,
                                            &items[i], err))
                                return false;
                *ret = value_list(items, n);
                return true;
        }
        case VAR_TEXT:
        case VAR_FIXED:
                break;
        }
        return fill(arena, one, &var->fixed, depth + 1, ret, err);
}

/* "$name" or "$name.member". */
static bool find_name(struct arena *arena, const struct scenario_case *one, struct str name,
                unsigned depth, struct value *ret, struct err *err)
{
        struct str rest = name;
        struct str head = str_split(&rest, '.');
        if (str_is(head, "index")) {
                *ret = value_int((int64_t)one->index + 1);
                return true;
        }
        if (str_is(head, "child") && one->child != 0) {
                *ret = value_int((int64_t)one->child);
                return true;
        }
        for (size_t i = one->path->n_vars; i > 0; i--) {
                const struct scenario_var *var = &one->path->vars[i - 1];
                if (!str_eq(var->name, head))
                        continue;
                if (!make_var(arena, one, var, scenario_mix(one->seed, hash_text(head)), depth, ret,
                                    err))
                        return false;
                while (rest.n != 0) {
                        struct str part = str_split(&rest, '.');
                        const struct value *v =
                                        ret->kind == VALUE_CONTEXT ? value_get(ret, part) : NULL;
                        if (v == NULL)
                                return err_field(err, E_SCENARIO, name, "没有这一部分");
                        *ret = *v;
                }
                return true;
        }
        return err_field(err, E_SCENARIO, name, "没有声明这个变量");
}

/* "today", "today+5", "today-30". */
static bool find_day(const struct scenario_case *one, struct str text, struct value *ret)
{
        int64_t days = 0;
        if (!str_starts(text, STR_LIT("today")))
                return false;
        struct str rest = str_slice(text, 5, text.n);
        if (rest.n != 0 && rest.p[0] == '+')
                rest = str_slice(rest, 1, rest.n);
        else if (rest.n != 0 && rest.p[0] != '-')
                return false;
        if (rest.n != 0 && (!str_to_int(rest, &days) || days > 10000 || days < -100000))
                return false;
        *ret = value_date(date_add_days(one->today, (int)days));
        return true;
}

static bool fill_text(struct arena *arena, const struct scenario_case *one, struct str text,
                unsigned depth, struct value *ret, struct err *err)
{
        struct buf buf = BUF(arena);
        if (text.n > 1 && text.p[0] == '$')
                return find_name(arena, one, str_slice(text, 1, text.n), depth, ret, err);
        if (find_day(one, text, ret))
                return true;
        for (;;) {
                size_t at = str_find(text, STR_LIT("{$"));
                size_t end = at == SIZE_MAX ? SIZE_MAX
                                            : str_find(str_slice(text, at, text.n), STR_LIT("}"));
                if (end == SIZE_MAX)
                        break;
                struct value v;
                buf_str_add(&buf, str_slice(text, 0, at));
                if (!find_name(arena, one, str_slice(text, at + 2, at + end), depth, &v, err))
                        return false;
                buf_str_add(&buf, value_text(arena, &v));
                text = str_slice(text, at + end + 1, text.n);
        }
        if (buf.n == 0) {
                *ret = value_string(text);
                return true;
        }
        buf_str_add(&buf, text);
        *ret = value_string(buf_str(&buf));
        return true;
}

static bool fill(struct arena *arena, const struct scenario_case *one, const struct value *template,
                unsigned depth, struct value *ret, struct err *err)
{
        if (depth > MAX_DEPTH)
                return err_set(err, E_SCENARIO, "变量互相引用");
        if (template->kind == VALUE_STRING)
                return fill_text(arena, one, template->string, depth, ret, err);
        *ret = *template;
        if (template->kind == VALUE_LIST) {
                struct value *items = arena_new_array(arena, template->list.n, struct value);
                for (size_t i = 0; i < template->list.n; i++)
                        if (!fill(arena, one, &template->list.items[i], depth + 1, &items[i], err))
                                return false;
                ret->list.items = items;
        } else if (template->kind == VALUE_CONTEXT) {
                struct member *members = arena_new_array(arena, template->context.n, struct member);
                for (size_t i = 0; i < template->context.n; i++) {
                        members[i].name = template->context.members[i].name;
                        if (!fill(arena, one, &template->context.members[i].value, depth + 1,
                                            &members[i].value, err))
                                return false;
                }
                ret->context.members = members;
        }
        return true;
}

bool scenario_give(struct arena *arena, const struct scenario_case *one, const struct value *give,
                struct value *ret, struct err *err)
{
        return fill(arena, one, give, 0, ret, err);
}

/* Weights between 1 and 64, so that parts look like life: many small, few large.
 * Running sums, rounded down, make the parts add up to the total exactly. */
static bool share_pool(
                struct arena *arena, struct scenario_pool *pool, uint64_t seed, struct err *err)
{
        pool->parts = arena_new_array(arena, pool->n, int64_t);
        if (pool->n == 0)
                return true;
        int64_t floor = pool->min * (int64_t)pool->n;
        if (pool->total < floor)
                return err_field(err, E_SCENARIO, pool->name, "总数不够每件的最小值");
        unsigned __int128 spare = (unsigned __int128)(pool->total - floor), sum = 0, run = 0;
        for (size_t i = 0; i < pool->n; i++)
                sum += (uint64_t)1 << scenario_mix(seed, i) % 7;
        for (size_t i = 0; i < pool->n; i++) {
                unsigned __int128 before = spare * run / sum;
                run += (uint64_t)1 << scenario_mix(seed, i) % 7;
                pool->parts[i] = pool->min + (int64_t)(spare * run / sum - before);
        }
        return true;
}

bool scenario_share(struct arena *arena, struct scenario *scenario, struct err *err)
{
        for (size_t i = 0; i < scenario->n_pools; i++) {
                struct scenario_pool *pool = &scenario->pools[i];
                uint64_t seed = scenario_mix(scenario->seed, hash_text(pool->name));
                if (!share_pool(arena, pool, seed, err))
                        return false;
        }
        return true;
}
