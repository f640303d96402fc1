/* web/calculator.c - which day is the last? Any term of any definition, from any day.
 *
 * The same count as on the page of a matter (clock/derivation.h), so that anybody can check a
 * bureau with a date and a term from the law. */
#include "clock/derivation.h"
#include "procedure/guide.h"
#include "web/route.h"
#include "web/terms.h"

struct calculation {
        struct visit *visit;
        const struct version *version;
        const struct clock_definition *clock; /* NULL: nothing chosen yet */
        struct date from, pause_from, pause_until;
        int64_t length, extension;
};

/* ---- What was asked ---- */

static bool refuse(const char *field, const char *why, struct err *err)
{
        return err_field(err, E_HTTP_QUERY, str_of(field), "%s", why);
}

/* "foi_request.answer", of the version in force on the event's day. */
static bool find_clock(struct calculation *c, struct str name, struct err *err)
{
        size_t dot = str_find(name, STR_LIT("."));
        if (dot == SIZE_MAX)
                return refuse("clock", "请从列表中选择期限", err);
        const struct procedure *procedure =
                        catalogue_procedure(c->visit->catalogue, str_slice(name, 0, dot));
        struct date day = date_is_none(c->from) ? c->visit->today : c->from;
        c->version = procedure != NULL ? procedure_version_on(procedure, day) : NULL;
        if (procedure != NULL && c->version == NULL)
                c->version = procedure->versions[0];
        int clock = c->version != NULL ? version_clock(c->version, str_slice(name, dot + 1, name.n))
                                       : -1;
        if (clock < 0)
                return refuse("clock", "这一天适用的版本里没有这个期限，请另选", err);
        c->clock = &c->version->clocks[clock];
        return true;
}

static bool read_pause(struct calculation *c, struct err *err)
{
        struct visit *visit = c->visit;
        if (!visit_date(visit, "pause_from", &c->pause_from, err) ||
                        !visit_date(visit, "pause_until", &c->pause_until, err))
                return false;
        if (date_is_none(c->pause_from) != date_is_none(c->pause_until))
                return refuse("pause_from", "扣除的期间请把起止日期都填上", err);
        return date_is_none(c->pause_from) || date_cmp(c->pause_from, c->pause_until) <= 0 ||
               refuse("pause_from", "扣除的期间起日应不晚于止日", err);
}

static bool read_asked(struct calculation *c, struct err *err)
{
        struct visit *visit = c->visit;
        struct str name = visit_field(visit, "clock");
        if (!visit_date(visit, "from", &c->from, err) || !read_pause(c, err) ||
                        !visit_int(visit, "length", MATTER_LENGTH_MAX, 0, &c->length, err) ||
                        !visit_int(visit, "extension", MATTER_LENGTH_MAX, 0, &c->extension, err))
                return false;
        return name.n == 0 || find_clock(c, name, err);
}

/* ---- The count ---- */

/* The length the law gives, or the one that was asked for. 0: it has to be asked for. */
static bool length_of(struct calculation *c, int *ret, struct err *err)
{
        struct value *none = arena_new_array(c->visit->arena, c->version->n_fields, struct value);
        *ret = (int)c->length;
        if (c->length != 0)
                return true;
        return guide_length(c->visit->arena, c->version, c->clock, none,
                        &c->visit->world.circumstances, ret, err);
}

static bool count(struct calculation *c, int length, struct derivation *ret, struct err *err)
{
        struct arena *arena = c->visit->arena;
        struct deadline_rule *rule = arena_new(arena, struct deadline_rule);
        struct deadline_pause *pause = arena_new(arena, struct deadline_pause);
        struct deadline_term *term = arena_new(arena, struct deadline_term);
        bool fixed = c->clock->rule.unit == DEADLINE_FIXED || c->clock->rule.unit == DEADLINE_UNTIL;
        *rule = c->clock->rule;
        rule->basis = str_c(arena, c->clock->basis);
        rule->length = fixed ? 0 : length;
        *pause = (struct deadline_pause){ c->pause_from,
                date_is_none(c->pause_until) ? DATE_NONE : date_next(c->pause_until) };
        *term = (struct deadline_term){ .rule = rule,
                .start = c->from,
                .start_moment = moment_of(c->from, 9, 0, 0),
                .pauses = pause,
                .n_pauses = date_is_none(c->pause_from) ? 0 : 1,
                .extension = (int)c->extension };
        return derivation_compute(arena, term, c->visit->world.circumstances.calendar, ret, err);
}

static struct value result_view(
                struct calculation *c, const struct derivation *derivation, int length)
{
        struct visit *visit = c->visit;
        struct view view = VIEW(visit->arena);
        view_text(&view, "label", c->clock->label);
        view_text(&view, "procedure", c->version->procedure->label);
        view_text(&view, "procedure_url",
                        visit_url(visit, "/procedures/", c->version->procedure->name));
        view_text(&view, "version", c->version->name);
        view_text(&view, "length",
                        str_format(visit->arena, "%d %s", length,
                                        deadline_unit_zh(c->clock->rule.unit)));
        view_text(&view, "basis", c->clock->basis);
        view_day(&view, "from", c->from);
        view_day(&view, "last_day", derivation->deadline.last_day);
        view_yes(&view, "provisional", derivation->deadline.provisional);
        view_put(&view, "notes", terms_notes(visit, c->version, c->clock));
        terms_add_steps(visit, &view, derivation);
        return view_end(&view);
}

static bool add_result(struct calculation *c, struct page *page, struct err *err)
{
        struct derivation derivation;
        int length;
        if (c->clock == NULL || date_is_none(c->from))
                return true;
        if (!length_of(c, &length, err))
                return false;
        bool fixed = c->clock->rule.unit == DEADLINE_FIXED || c->clock->rule.unit == DEADLINE_UNTIL;
        if (length == 0 && !fixed)
                return refuse("length", "这个期限的长度依情形确定，请填写“长度”", err);
        if (!count(c, length, &derivation, err))
                return false;
        view_put(&page->view, "result", result_view(c, &derivation, length));
        return true;
}

/* ---- The form ---- */

static struct value group_view(struct visit *visit, const struct version *version)
{
        struct view_list options = VIEW_LIST(visit->arena);
        struct view group = VIEW(visit->arena);
        struct str chosen = visit_field(visit, "clock");
        for (size_t i = 0; i < version->n_clocks; i++) {
                struct view view = VIEW(visit->arena);
                struct str name = str_format(visit->arena, "%.*s.%.*s",
                                STR_FMT(version->procedure->name),
                                STR_FMT(version->clocks[i].name));
                view_text(&view, "value", name);
                view_text(&view, "label", version->clocks[i].label);
                view_yes(&view, "selected", str_eq(name, chosen));
                view_add(&options, view_end(&view));
        }
        view_text(&group, "label", version->procedure->label);
        view_put(&group, "options", view_list_end(&options));
        return view_end(&group);
}

static struct value form_view(struct calculation *c)
{
        static const char *const kept[] = { "from", "length", "extension", "pause_from",
                "pause_until" };
        struct visit *visit = c->visit;
        struct view_list groups = VIEW_LIST(visit->arena);
        struct view form = VIEW(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct version *version =
                                procedure_version_on(visit->catalogue->procedures[i], visit->today);
                if (version != NULL && version->n_clocks != 0)
                        view_add(&groups, group_view(visit, version));
        }
        for (size_t i = 0; i < N_ELEMENTS(kept); i++)
                view_some(&form, kept[i], visit_field(visit, kept[i]));
        view_put(&form, "groups", view_list_end(&groups));
        return view_end(&form);
}

/* What is wrong with what was asked stands on the page itself, beside what was typed. */
static void add_problem(struct visit *visit, struct page *page, const struct err *why)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "field", str_copy(visit->arena, str_of(why->field)));
        view_text(&view, "say",
                        why->detail[0] != '\0' ? str_copy(visit->arena, str_of(why->detail))
                                               : str_of(err_text(why->code)->sentence));
        view_put(&page->view, "problem", view_end(&view));
}

bool calculator_show(struct visit *visit, struct err *err)
{
        struct calculation c = { .visit = visit };
        struct page page = page_begin(visit, "calculator", "/calculator", STR_LIT("期限计算器"));
        struct err why;
        page_crumb(&page, page.title, STR_LIT(""));
        view_put(&page.view, "form", form_view(&c));
        if (!read_asked(&c, &why) || !add_result(&c, &page, &why)) {
                if (err_text(why.code)->kind == ERR_BROKEN) {
                        *err = why;
                        return false;
                }
                add_problem(visit, &page, &why);
        }
        return page_send(&page, err);
}
