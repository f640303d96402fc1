#include "web/words.h"

#include "web/pages.h"
#include "web/view.h"

struct value words_state(struct arena *arena, struct str label, bool final, bool late)
{
        return view_tag(arena, label, final ? "green" : late ? "red" : "blue");
}

struct value words_clock(struct arena *arena, const struct clock_definition *definition,
                const struct matter_clock *clock)
{
        static const struct {
                const char *label, *tone;
        } in_time[] = {
                [CLOCK_NONE] = { "未起算", "grey" },
                [CLOCK_RUNNING] = { "进行中", "blue" },
                [CLOCK_PAUSED] = { "中止", "yellow" },
                [CLOCK_STOPPED] = { "按期完成", "green" },
                [CLOCK_EXPIRED] = { "已届满", "grey" },
                [CLOCK_VOIDED] = { "已作废", "grey" },
        };
        if (clock->status == CLOCK_RUNNING && clock->warned != CLOCK_QUIET)
                return view_tag(arena, STR_LIT("即将届满"),
                                clock->warned == CLOCK_RED ? "red" : "yellow");
        if (clock->late && !definition->of_party && clock->status != CLOCK_VOIDED)
                return view_tag(arena,
                                clock->status == CLOCK_STOPPED ? STR_LIT("逾期完成")
                                                               : STR_LIT("已逾期"),
                                "red");
        return view_tag(arena, str_of(in_time[clock->status].label), in_time[clock->status].tone);
}

struct str words_left(struct arena *arena, const struct matter *matter, size_t clock,
                const struct calendar *calendar, struct date today, struct date last_day)
{
        const struct matter_clock *c = &matter->clocks[clock];
        const struct clock_definition *definition = &matter->version->clocks[clock];
        bool working = definition->rule.unit == DEADLINE_WORKING_DAYS;
        const char *unit = working ? "个工作日" : "日";
        if (c->status != CLOCK_RUNNING || date_is_none(last_day))
                return STR_LIT("");
        int left = matter_units_left(matter, clock, calendar, today, last_day);
        if (left == 0)
                return STR_LIT("今天是最后一日");
        return left > 0 ? str_format(arena, "还剩 %d %s", left, unit)
                        : str_format(arena, "已超过 %d %s", -left, unit);
}

static struct str party_label(const struct version *version, struct str name)
{
        int party = version_party(version, name);
        return party >= 0 ? version->parties[party].label : STR_LIT("");
}

struct str words_people(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version, const struct act *act)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < act->n_roles; i++) {
                struct str party = party_label(version, act->roles[i]);
                buf_c(&buf, i == 0 ? "" : "、");
                buf_str_add(&buf, party.n != 0 ? party : catalogue_role(catalogue, act->roles[i]));
        }
        return buf_str(&buf);
}

struct str words_recipients(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version, const struct recipients *recipients)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < recipients->n; i++) {
                struct str party = party_label(version, recipients->names[i]);
                buf_c(&buf, i == 0 ? "" : "、");
                buf_str_add(&buf, party.n != 0 ? party
                                               : catalogue_role(catalogue, recipients->names[i]));
        }
        if (recipients->n == 0 && recipients->is_noted)
                buf_c(&buf, "不发，只入卷");
        return buf_str(&buf);
}

struct str words_actor(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version, const struct act *act, struct str actor)
{
        struct buf buf = BUF(arena);
        struct str party = party_label(version, actor);
        if (party.n != 0)
                return party;
        if (act == NULL || str_is(actor, "system"))
                return catalogue_role(catalogue, STR_LIT("system"));
        for (size_t i = 0; i < act->n_roles; i++) {
                if (party_label(version, act->roles[i]).n != 0 || str_is(act->roles[i], "system"))
                        continue;
                buf_c(&buf, buf.n == 0 ? "" : "、");
                buf_str_add(&buf, catalogue_role(catalogue, act->roles[i]));
        }
        return buf_str(&buf);
}
