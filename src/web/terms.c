#include "web/terms.h"

#include "procedure/describe.h"

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
