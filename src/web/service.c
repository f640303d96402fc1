/* web/service.c - find a service (事项), and what to know before applying (办事指南).
 *
 * A service is a procedure that somebody without an account may begin; where its guide says
 * so, each entry of a register is one. Nothing is listed by name: what is here follows from
 * the definitions in force today. */
#include <assert.h>

#include "procedure/diagram.h"
#include "procedure/guide.h"
#include "projection/register_read.h"
#include "web/disclosure.h"
#include "web/route.h"
#include "web/terms.h"
#include "web/words.h"

#define ITEMS_MAX 1000 /* entries of one register that are services */
#define OTHER     "其他"

struct service {
        const struct version *version;
        const struct guide *guide; /* may be NULL */
        const struct act *act;     /* that begins it */
};

static bool service_of(struct visit *visit, const struct procedure *procedure, struct service *ret)
{
        const struct version *version = procedure_version_on(procedure, visit->today);
        int act = version != NULL ? guide_act(version) : -1;
        if (act < 0)
                return false;
        *ret = (struct service){ version, version->guide, &version->acts[act] };
        return true;
}

static struct str subject_of(const struct service *service)
{
        return service->guide != NULL ? service->guide->subject : STR_LIT(OTHER);
}

static bool is_for(const struct service *service, struct str audience)
{
        for (size_t i = 0; service->guide != NULL && i < service->guide->n_audience; i++)
                if (str_eq(service->guide->audience[i], audience))
                        return true;
        return audience.n == 0;
}

/* ---- Entries of a register that are services ---- */

static struct str entry_text(const struct value *entry, struct str name)
{
        const struct value *value = value_get(entry, name);
        return value != NULL && value->kind == VALUE_STRING ? value->string : STR_LIT("");
}

typedef void service_found(void *user, struct str key, const struct value *entry);

/* Calls `found` for each entry in force that is a service. */
static bool each_item(struct visit *visit, const struct guide *guide, service_found *found,
                void *user, struct err *err)
{
        struct str after = STR_LIT("");
        const struct register_row *rows;
        size_t n, seen = 0;
        do {
                if (!register_rows(visit->arena, visit->snapshot, visit->catalogue,
                                    guide->reg->name, visit->today, after, VISIT_PAGE_ROWS, &rows,
                                    &n, err))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        bool is;
                        if (!guide_has_item(visit->arena, guide, &rows[i].entry,
                                            &visit->world.circumstances, &is, err))
                                return false;
                        if (is)
                                found(user, rows[i].key, &rows[i].entry);
                        after = rows[i].key;
                }
                seen += n;
        } while (n == VISIT_PAGE_ROWS && seen < ITEMS_MAX);
        return true;
}

static void count_one(void *user, struct str key, const struct value *entry)
{
        (void)key;
        (void)entry;
        ++*(int64_t *)user;
}

/* ---- /services ---- */

struct listing {
        struct visit *visit;
        struct str q, audience, subject;
        const struct service *services;
        size_t n;
        const struct service *at; /* whose entries are listed */
        struct view_list items;   /* of the group at hand */
        int64_t n_found;
};

static struct str list_url(
                struct visit *visit, struct str q, struct str audience, struct str subject)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, "/services");
        visit_query(&url, "q", q);
        visit_query(&url, "audience", audience);
        visit_query(&url, "subject", subject);
        return buf_str(&url);
}

static struct str item_url(struct visit *visit, const struct service *service, struct str key)
{
        struct buf url = BUF(visit->arena);
        buf_str_add(&url, visit_url(visit, "/services/", service->version->procedure->name));
        visit_query(&url, "item", key);
        return buf_str(&url);
}

static bool says(struct str text, struct str q)
{
        return str_find(text, q) != SIZE_MAX;
}

static void add_item(void *user, struct str key, const struct value *entry)
{
        struct listing *l = user;
        const struct guide *guide = l->at->guide;
        struct str label = entry_text(entry, guide->item_label);
        struct view view = VIEW(l->visit->arena);
        if (l->q.n != 0 && !says(label, l->q) && !says(key, l->q))
                return;
        view_text(&view, "label", label);
        view_text(&view, "note", key);
        view_text(&view, "url", item_url(l->visit, l->at, key));
        view_add(&l->items, view_end(&view));
        l->n_found++;
}

static void add_service(struct listing *l, struct str note)
{
        const struct procedure *procedure = l->at->version->procedure;
        struct view view = VIEW(l->visit->arena);
        view_text(&view, "label", procedure->label);
        view_text(&view, "note", note);
        view_text(&view, "url", visit_url(l->visit, "/services/", procedure->name));
        view_add(&l->items, view_end(&view));
        l->n_found++;
}

/* A service that stands in a register is shown as a whole, and entry by entry where
 * somebody looks for something. */
static bool add_found(struct listing *l, struct err *err)
{
        struct visit *visit = l->visit;
        const struct guide *guide = l->at->guide;
        struct str about = guide != NULL ? guide->about : STR_LIT("");
        bool named = l->q.n == 0 || says(l->at->version->procedure->label, l->q) ||
                     says(about, l->q);
        bool has_items = guide != NULL && guide->reg != NULL;
        int64_t n = 0;
        if (has_items && !each_item(visit, guide, count_one, &n, err))
                return false;
        if (named)
                add_service(l, has_items ? str_format(visit->arena, "%.*s共 %lld 个事项。",
                                                           STR_FMT(about), (long long)n)
                                         : about);
        if (!has_items || (l->q.n == 0 && l->subject.n == 0))
                return true;
        return each_item(visit, guide, add_item, l, err);
}

static bool add_group(
                struct listing *l, struct view_list *groups, struct str subject, struct err *err)
{
        struct view group = VIEW(l->visit->arena);
        l->items = VIEW_LIST(l->visit->arena);
        for (size_t i = 0; i < l->n; i++) {
                l->at = &l->services[i];
                if (str_eq(subject_of(l->at), subject) && is_for(l->at, l->audience) &&
                                !add_found(l, err))
                        return false;
        }
        if (l->items.n == 0)
                return true;
        view_text(&group, "title", subject);
        view_put(&group, "items", view_list_end(&l->items));
        view_add(groups, view_end(&group));
        return true;
}

static void add_text_once(struct view_list *list, struct str text)
{
        for (size_t i = 0; i < list->n; i++)
                if (str_eq(list->items[i].string, text))
                        return;
        view_add_text(list, text);
}

/* Links that choose one of the words, with "全部" before them. */
static struct value choices(struct listing *l, const struct view_list *words, bool is_subject)
{
        struct view_list list = VIEW_LIST(l->visit->arena);
        struct str chosen = is_subject ? l->subject : l->audience;
        for (size_t i = 0; i <= words->n; i++) {
                struct str word = i == 0 ? STR_LIT("") : words->items[i - 1].string;
                struct view view = VIEW(l->visit->arena);
                view_text(&view, "label", i == 0 ? STR_LIT("全部") : word);
                view_text(&view, "url",
                                list_url(l->visit, l->q, is_subject ? l->audience : word,
                                                is_subject ? word : l->subject));
                view_yes(&view, "current", str_eq(word, chosen));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

bool service_list(struct visit *visit, struct err *err)
{
        struct listing l = { .visit = visit,
                .q = visit_field(visit, "q"),
                .audience = visit_field(visit, "audience"),
                .subject = visit_field(visit, "subject") };
        const struct catalogue *catalogue = visit->catalogue;
        struct service *services =
                        arena_new_array(visit->arena, catalogue->n_procedures, struct service);
        struct view_list subjects = VIEW_LIST(visit->arena), audiences = VIEW_LIST(visit->arena);
        struct view_list groups = VIEW_LIST(visit->arena);
        struct view filter = VIEW(visit->arena);
        struct page page = page_begin(visit, "services", "/services", STR_LIT("办事服务"));
        for (size_t i = 0; i < catalogue->n_procedures; i++) {
                struct service *service = &services[l.n];
                if (!service_of(visit, catalogue->procedures[i], service))
                        continue;
                l.n++;
                add_text_once(&subjects, subject_of(service));
                for (size_t k = 0; service->guide != NULL && k < service->guide->n_audience; k++)
                        add_text_once(&audiences, service->guide->audience[k]);
        }
        l.services = services;
        for (size_t i = 0; i < subjects.n; i++)
                if ((l.subject.n == 0 || str_eq(l.subject, subjects.items[i].string)) &&
                                !add_group(&l, &groups, subjects.items[i].string, err))
                        return false;
        view_some(&filter, "q", l.q);
        view_some(&filter, "audience", l.audience);
        view_some(&filter, "subject", l.subject);
        view_put(&filter, "audiences", choices(&l, &audiences, false));
        view_put(&filter, "subjects", choices(&l, &subjects, true));
        view_put(&page.view, "filter", view_end(&filter));
        view_put(&page.view, "groups", view_list_end(&groups));
        view_int(&page.view, "n_found", l.n_found);
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

/* ---- /services/PROCEDURE ---- */

struct guide_page {
        struct visit *visit;
        struct page *page;
        struct service service;
        struct value *fields; /* what is known of a matter to come: the entry chosen */
        struct str item;      /* its key; empty = none */
        struct value entry;
        struct view_list choices; /* where none is chosen */
};

static void add_lines(struct guide_page *g)
{
        static const char *const names[] = {
                [GUIDE_WHO] = "who",
                [GUIDE_MATERIALS] = "materials",
                [GUIDE_FEES] = "fees",
                [GUIDE_REMEDIES] = "remedies",
        };
        for (size_t part = 0; part < N_GUIDE_PARTS; part++) {
                const struct guide_lines *lines = &g->service.guide->parts[part];
                struct view_list list = VIEW_LIST(g->visit->arena);
                for (size_t i = 0; i < lines->n; i++) {
                        struct view view = VIEW(g->visit->arena);
                        view_text(&view, "say", lines->items[i].say);
                        view_text(&view, "basis", lines->items[i].basis);
                        view_add(&list, view_end(&view));
                }
                view_put(&g->page->view, names[part], view_list_end(&list));
        }
}

/* What is asked when it begins: needed and, where the guide asks them, other fields. */
static struct value asked_view(struct guide_page *g)
{
        const struct version *version = g->service.version;
        struct view_list list = VIEW_LIST(g->visit->arena);
        const struct act *act = g->service.act;
        for (size_t i = 0; i < act->n_needs + act->n_takes; i++) {
                size_t index = i < act->n_needs ? act->needs[i] : act->takes[i - act->n_needs];
                const struct field *field = &version->fields[index];
                bool preset = false;
                struct view view = VIEW(g->visit->arena);
                for (size_t k = 0; g->service.guide != NULL && k < g->service.guide->n_presets; k++)
                        preset |= g->service.guide->presets[k].field == index;
                if (preset || (i >= act->n_needs && field->type != FIELD_FILE))
                        continue;
                view_text(&view, "label", field->label);
                view_some(&view, "help", field->help);
                view_yes(&view, "needed", i < act->n_needs);
                view_yes(&view, "file", field->type == FIELD_FILE);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static bool term_view(struct guide_page *g, size_t i, struct view_list *list, struct err *err)
{
        struct visit *visit = g->visit;
        const struct version *version = g->service.version;
        const struct clock_definition *clock = &version->clocks[i];
        struct view view = VIEW(visit->arena);
        int length = 0;
        if (clock->fixed == NULL && !guide_length(visit->arena, version, clock, g->fields,
                                                    &visit->world.circumstances, &length, err))
                return false;
        if (length == 0 && g->item.n != 0 && clock->length != NULL)
                return true; /* does not apply to what was chosen */
        view_text(&view, "label", clock->label);
        view_text(&view, "length",
                        length != 0 ? str_format(visit->arena, "%s%d %s",
                                                      clock->before != NULL ? "提前 " : "", length,
                                                      deadline_unit_zh(clock->rule.unit))
                                    : STR_LIT("依情形确定"));
        view_text(&view, "starts", terms_starts(visit, version, i));
        view_put(&view, "notes", terms_notes(visit, version, clock));
        view_text(&view, "basis", clock->basis);
        view_add(list, view_end(&view));
        return true;
}

/* The bureau's own terms first: how long it takes; then those of the applicant. */
static bool add_terms(struct guide_page *g, struct err *err)
{
        static const char *const names[] = { "terms", "own_terms" };
        for (size_t own = 0; own < 2; own++) {
                struct view_list list = VIEW_LIST(g->visit->arena);
                for (size_t i = 0; i < g->service.version->n_clocks; i++)
                        if (g->service.version->clocks[i].of_party == (own == 1) &&
                                        !term_view(g, i, &list, err))
                                return false;
                view_put(&g->page->view, names[own], view_list_end(&list));
        }
        return true;
}

/* ---- The entry chosen ---- */

static const struct field *entry_field(const struct reg *reg, struct str name)
{
        for (size_t i = 0; i < reg->n_fields; i++)
                if (str_eq(reg->fields[i].name, name))
                        return &reg->fields[i];
        return NULL;
}

/* A list as rows of labelled values, one text a line. */
static struct value rows_view(
                struct visit *visit, const struct field *field, const struct value *value)
{
        struct view_list list = VIEW_LIST(visit->arena);
        struct field item = *field;
        for (size_t i = 0; i < value->list.n; i++) {
                struct value one = value_list(&value->list.items[i], 1);
                view_add_text(&list, visit_value(visit, &item, &one));
        }
        return view_list_end(&list);
}

static struct value item_view(struct guide_page *g)
{
        const struct guide *guide = g->service.guide;
        struct view_list facts = VIEW_LIST(g->visit->arena);
        struct view view = VIEW(g->visit->arena);
        assert(guide != NULL); /* an item is one of its register */
        for (size_t i = 0; i < guide->n_item_shows; i++) {
                const struct field *field = entry_field(guide->reg, guide->item_shows[i]);
                const struct value *value = value_get(&g->entry, guide->item_shows[i]);
                struct view fact = VIEW(g->visit->arena);
                if (field == NULL || value == NULL || value_is_null(*value))
                        continue;
                struct value open = disclosure_value(g->visit->arena, field, value);
                view_text(&fact, "label", field->label);
                if (open.kind == VALUE_LIST)
                        view_put(&fact, "lines", rows_view(g->visit, field, &open));
                else
                        view_text(&fact, "value", visit_value(g->visit, field, &open));
                view_add(&facts, view_end(&fact));
        }
        view_text(&view, "key", g->item);
        view_put(&view, "facts", view_list_end(&facts));
        return view_end(&view);
}

static bool find_item(struct guide_page *g, struct err *err)
{
        struct visit *visit = g->visit;
        const struct guide *guide = g->service.guide;
        bool found, is = false;
        g->item = visit_field(visit, "item");
        g->fields = arena_new_array(visit->arena, g->service.version->n_fields, struct value);
        if (g->item.n == 0)
                return true;
        if (guide == NULL || guide->reg == NULL)
                return err_set(err, E_NOT_FOUND, "这项服务不分事项");
        if (!register_entry(visit->arena, visit->snapshot, visit->catalogue, guide->reg->name,
                            g->item, visit->today, &g->entry, &found, err))
                return false;
        if (found && !guide_has_item(visit->arena, guide, &g->entry, &visit->world.circumstances,
                                     &is, err))
                return false;
        g->fields[guide->items] = value_string(g->item);
        return is || err_set(err, E_NOT_FOUND, "没有这个事项，或者它现在不接收申请");
}

static void add_choice(void *user, struct str key, const struct value *entry)
{
        struct guide_page *g = user;
        struct view view = VIEW(g->visit->arena);
        view_text(&view, "label", entry_text(entry, g->service.guide->item_label));
        view_text(&view, "note", key);
        view_text(&view, "url", item_url(g->visit, &g->service, key));
        view_add(&g->choices, view_end(&view));
}

static struct value head_view(struct guide_page *g)
{
        struct visit *visit = g->visit;
        const struct version *version = g->service.version;
        const struct guide *guide = g->service.guide;
        struct view view = VIEW(visit->arena);
        struct view_list audience = VIEW_LIST(visit->arena);
        for (size_t i = 0; guide != NULL && i < guide->n_audience; i++)
                view_add_text(&audience, guide->audience[i]);
        view_text(&view, "label", version->procedure->label);
        view_some(&view, "about", guide != NULL ? guide->about : STR_LIT(""));
        view_text(&view, "law", version->law);
        view_put(&view, "audience", view_list_end(&audience));
        view_text(&view, "people",
                        words_people(visit->arena, visit->catalogue, version, g->service.act));
        view_text(&view, "procedure_url",
                        visit_url(visit, "/procedures/", version->procedure->name));
        if (visit->portal->door != NULL &&
                        (guide == NULL || guide->reg == NULL || g->item.n != 0)) {
                struct buf url = BUF(visit->arena);
                buf_str_add(&url, visit_url(visit, "/apply/", version->procedure->name));
                visit_query(&url, "item", g->item);
                view_text(&view, "apply_url", buf_str(&url));
        }
        return view_end(&view);
}

static bool add_guide(struct guide_page *g, struct err *err)
{
        struct buf diagram = BUF(g->visit->arena);
        struct view *view = &g->page->view;
        if (!add_terms(g, err) || !diagram_write(&diagram, g->service.version, "flow", err))
                return false;
        if (g->service.guide != NULL)
                add_lines(g);
        if (g->item.n != 0)
                view_put(view, "item", item_view(g));
        view_put(view, "service", head_view(g));
        view_put(view, "asked", asked_view(g));
        view_text(view, "diagram_html", buf_str(&diagram));
        return true;
}

/* Without an entry chosen, the entries to choose from. */
static bool add_choices(struct guide_page *g, struct err *err)
{
        if (g->service.guide == NULL || g->service.guide->reg == NULL || g->item.n != 0)
                return true;
        g->choices = VIEW_LIST(g->visit->arena);
        if (!each_item(g->visit, g->service.guide, add_choice, g, err))
                return false;
        view_put(&g->page->view, "choices", view_list_end(&g->choices));
        return true;
}

bool service_show(struct visit *visit, struct err *err)
{
        struct guide_page g = { .visit = visit };
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, visit->parts[0]);
        if (procedure == NULL || !service_of(visit, procedure, &g.service))
                return err_set(err, E_NOT_FOUND, "没有这项服务");
        if (!find_item(&g, err))
                return false;
        struct str title = g.item.n != 0 ? entry_text(&g.entry, g.service.guide->item_label)
                                         : procedure->label;
        struct page page = page_begin(visit, "service", "/services", title);
        g.page = &page;
        if (g.item.n != 0)
                page_crumb(&page, procedure->label,
                                visit_url(visit, "/services/", procedure->name));
        page_crumb(&page, title, STR_LIT(""));
        return add_guide(&g, err) && add_choices(&g, err) && page_send(&page, err);
}
