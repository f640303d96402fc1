/* web/about.c - what helps a reader find his way: help, accessibility statement, site map. */
#include "procedure/guide.h"
#include "web/disclosure.h"
#include "web/route.h"

static bool send_text_page(struct visit *visit, const char *name, const char *column,
                const char *title, struct err *err)
{
        struct page page = page_begin(visit, name, column, str_of(title));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

bool help_show(struct visit *visit, struct err *err)
{
        return send_text_page(visit, "help", "/help", "帮助", err);
}

bool accessibility_show(struct visit *visit, struct err *err)
{
        return send_text_page(visit, "accessibility", "/accessibility", "无障碍声明", err);
}

/* ---- /sitemap ---- */

static void add_link(struct visit *visit, struct view_list *items, struct str label, struct str url)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "label", label);
        view_text(&view, "url", url);
        view_add(items, view_end(&view));
}

static void add_group(struct visit *visit, struct view_list *groups, const char *title,
                struct view_list *items)
{
        struct view view = VIEW(visit->arena);
        if (items->n == 0)
                return;
        view_c(&view, "title", title);
        view_put(&view, "items", view_list_end(items));
        view_add(groups, view_end(&view));
}

static void add_services(struct visit *visit, struct view_list *groups)
{
        struct view_list items = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *procedure = visit->catalogue->procedures[i];
                const struct version *version = procedure_version_on(procedure, visit->today);
                if (version != NULL && guide_act(version) >= 0)
                        add_link(visit, &items, procedure->label,
                                        visit_url(visit, "/services/", procedure->name));
        }
        add_group(visit, groups, "办事服务", &items);
}

static void add_columns(struct visit *visit, struct view_list *groups)
{
        struct view_list items = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *procedure = visit->catalogue->procedures[i];
                const struct version *version = procedure->versions[procedure->n_versions - 1];
                for (size_t k = 0; k < version->n_publications; k++)
                        add_link(visit, &items, version->publications[k].label,
                                        str_format(visit->arena, "%.*s/%.*s",
                                                        STR_FMT(visit_url(visit, "/columns/",
                                                                        procedure->name)),
                                                        STR_FMT(version->publications[k].name)));
        }
        add_group(visit, groups, "公示公告", &items);
}

static void add_registers(struct visit *visit, struct view_list *groups)
{
        struct view_list items = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_registers; i++)
                if (disclosure_register(visit->catalogue->registers[i]))
                        add_link(visit, &items, visit->catalogue->registers[i]->label,
                                        visit_url(visit, "/registers/",
                                                        visit->catalogue->registers[i]->name));
        add_group(visit, groups, "清单和名录", &items);
}

bool sitemap_show(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "index", "/sitemap", STR_LIT("网站地图"));
        struct view_list groups = VIEW_LIST(visit->arena), columns = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < n_page_columns; i++)
                add_link(visit, &columns, str_of(page_columns[i].label),
                                str_of(page_columns[i].url));
        add_group(visit, &groups, "栏目", &columns);
        add_services(visit, &groups);
        add_columns(visit, &groups);
        add_registers(visit, &groups);
        view_put(&page.view, "groups", view_list_end(&groups));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}
