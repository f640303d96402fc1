#include "web/terms.h"

#include "desk/paper.h"
#include "procedure/describe.h"
#include "web/words.h"

#define STEPS_MAX 400 /* days of one derivation; a year's term has 366 */

struct str terms_starts(struct visit *visit, const struct version *version, size_t clock)
{
        struct buf buf = BUF(visit->arena);
        for (size_t i = 0; i < version->n_acts; i++)
                for (size_t k = 0; k < version->acts[i].n_clock_steps; k++) {
                        const struct clock_step *step = &version->acts[i].clock_steps[k];
                        if (step->verb != CLOCK_START || step->clock != clock)
                                continue;
                        buf_c(&buf, buf.n == 0 ? "" : "、");
                        buf_str_add(&buf, version->acts[i].label);
                }
        return buf.n == 0 ? STR_LIT("—") : buf_str(&buf);
}

struct value terms_notes(struct visit *visit, const struct version *version,
                const struct clock_definition *clock)
{
        struct arena *arena = visit->arena;
        struct view_list notes = VIEW_LIST(arena);
        for (size_t i = 0; i < clock->n_paused_in; i++)
                view_add_text(&notes, str_format(arena, "“%.*s”期间不计",
                                                      STR_FMT(version->states[clock->paused_in[i]]
                                                                                      .label)));
        if (clock->extend_by > 0)
                view_add_text(&notes, str_format(arena, "可延长 %d %s%s", clock->extend_by,
                                                      deadline_unit_zh(clock->rule.unit),
                                                      clock->extend_once ? "，一次" : ""));
        if (clock->expires >= 0)
                view_add_text(&notes,
                                str_format(arena, "届满时自动：%.*s",
                                                STR_FMT(version->acts[clock->expires].label)));
        else if (clock->of_party)
                view_add_text(&notes, STR_LIT("当事人的期限，届满后不再享有"));
        return view_list_end(&notes);
}

struct value terms_view(struct visit *visit, const struct version *version)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < version->n_clocks; i++) {
                const struct clock_definition *clock = &version->clocks[i];
                struct view view = VIEW(visit->arena);
                view_text(&view, "label", clock->label);
                view_text(&view, "length", describe_length(visit->arena, clock));
                view_text(&view, "starts", terms_starts(visit, version, i));
                view_put(&view, "notes", terms_notes(visit, version, clock));
                view_text(&view, "basis", clock->basis);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* ---- The count ---- */

static struct value step_view(struct visit *visit, const struct derivation *derivation,
                const struct derivation_line *line)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "date", date_format(visit->arena, line->date));
        view_c(&view, "weekday", derivation_weekday_zh(line->date));
        if (line->kind == DERIVATION_COUNTED)
                view_int(&view, "number", line->count);
        view_text(&view, "why", derivation_line_zh(visit->arena, derivation, line));
        return view_end(&view);
}

void terms_add_steps(struct visit *visit, struct view *view, const struct derivation *derivation)
{
        struct view_list steps = VIEW_LIST(visit->arena);
        size_t n = derivation->n_lines;
        for (size_t i = 0; i < n && i < STEPS_MAX; i++)
                view_add(&steps, step_view(visit, derivation, &derivation->lines[i]));
        view_put(view, "steps", view_list_end(&steps));
        if (n > STEPS_MAX)
                view_int(view, "more_steps", (int64_t)(n - STEPS_MAX));
}

/* ---- A clock of a matter ---- */

static struct str length_of(struct visit *visit, const struct matter *matter, size_t i,
                const struct derivation *derivation)
{
        const struct deadline_rule *rule = &matter->version->clocks[i].rule;
        int length = matter->clocks[i].length > 0 ? matter->clocks[i].length : rule->length;
        if (derivation != NULL && derivation->term->rule->length > 0)
                length = derivation->term->rule->length;
        if (rule->unit == DEADLINE_FIXED || rule->unit == DEADLINE_UNTIL)
                return STR_LIT("法定日期");
        struct str text = str_format(visit->arena, "%d %s", length, deadline_unit_zh(rule->unit));
        if (matter->clocks[i].extended == 0)
                return text;
        return str_format(visit->arena, "%.*s，已延长 %d %s", STR_FMT(text),
                        matter->clocks[i].extended, deadline_unit_zh(rule->unit));
}

/* Which act set it running: the deed of that moment that has the step. */
static struct str start_label(const struct matter *matter, size_t clock)
{
        const struct version *version = matter->version;
        for (size_t i = matter->n_deeds; i-- > 0;) {
                const struct deed *deed = &matter->deeds[i];
                if (deed->act >= version->n_acts ||
                                deed->time.second != matter->clocks[clock].started.second)
                        continue;
                const struct act *act = &version->acts[deed->act];
                for (size_t k = 0; k < act->n_clock_steps; k++)
                        if (act->clock_steps[k].verb == CLOCK_START &&
                                        act->clock_steps[k].clock == clock)
                                return act->label;
        }
        return STR_LIT("起算");
}

/* "2021年3月1日至2021年3月5日"; until is the first day that counts again. */
static void add_pauses(struct visit *visit, struct view *view, const struct matter_clock *clock)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < clock->n_pauses; i++) {
                struct str from = date_format_zh(visit->arena, clock->pauses[i].from);
                struct date until = clock->pauses[i].until;
                if (date_is_none(until))
                        view_add_text(&list, str_format(visit->arena, "%.*s起，还没有恢复",
                                                             STR_FMT(from)));
                else if (date_cmp(clock->pauses[i].from, until) < 0)
                        view_add_text(&list,
                                        str_format(visit->arena, "%.*s至%.*s", STR_FMT(from),
                                                        STR_FMT(date_format_zh(visit->arena,
                                                                        date_add_days(until,
                                                                                        -1)))));
        }
        if (list.n != 0)
                view_put(view, "pauses", view_list_end(&list));
}

struct value terms_clock_view(struct visit *visit, const struct matter *matter, size_t i)
{
        const struct clock_definition *definition = &matter->version->clocks[i];
        const struct matter_clock *clock = &matter->clocks[i];
        const struct calendar *calendar = visit->world.circumstances.calendar;
        struct derivation derivation;
        struct view view = VIEW(visit->arena);
        struct err err;
        bool counted = paper_derivation(
                        visit->arena, matter, i, calendar, visit->today, &derivation, &err);
        view_text(&view, "id", definition->name);
        view_text(&view, "label", definition->label);
        view_put(&view, "state", words_clock(visit->arena, definition, clock));
        view_text(&view, "length", length_of(visit, matter, i, counted ? &derivation : NULL));
        view_text(&view, "basis", definition->basis);
        add_pauses(visit, &view, clock);
        if (!counted)
                return view_end(&view);
        view_day(&view, "last_day", derivation.deadline.last_day);
        view_day(&view, "started_on",
                        definition->rule.unit == DEADLINE_HOURS
                                        ? moment_date(derivation.term->start_moment)
                                        : derivation.term->start);
        view_text(&view, "start_label", start_label(matter, i));
        view_some(&view, "left",
                        words_left(visit->arena, matter, i, calendar, visit->today,
                                        derivation.deadline.last_day));
        view_yes(&view, "provisional", derivation.deadline.provisional);
        terms_add_steps(visit, &view, &derivation);
        return view_end(&view);
}
