/* web/work_code.c - another query code for a party who lost his: who he is is looked at in person,
 * what was looked at is recorded (procedure/decide.h: ACT_CODE), the code is shown once, and the
 * one before is void. */
#include "desk/codes.h"
#include "web/disclosure.h"
#include "web/door.h"
#include "web/matter_view.h"
#include "web/route.h"
#include "web/work.h"

#define BASE "/work/matters/"

struct giving {
        struct visit *visit;
        struct matter *matter;
        struct str url, key, party, identity;
        bool checked;
        struct member fields[2];
        struct submission submission;
        bool ok;
        struct receipt receipt;
        struct err err;
};

static bool open_matter(struct giving *g, struct err *err)
{
        struct visit *visit = g->visit;
        enum sight sight;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            visit->parts[0], visit->today, &g->matter, &sight, err))
                return false;
        if (sight != SIGHT_ALL || g->matter->version->n_parties == 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        g->url = visit_url(visit, BASE, g->matter->number);
        return true;
}

static struct value parties_of(struct giving *g)
{
        const struct version *version = g->matter->version;
        struct view_list list = VIEW_LIST(g->visit->arena);
        for (size_t i = 0; i < version->n_parties; i++) {
                struct view view = VIEW(g->visit->arena);
                view_text(&view, "key", version->parties[i].key);
                view_text(&view, "option_label", version->parties[i].label);
                view_yes(&view, "chosen",
                                str_eq(version->parties[i].key, g->party) ||
                                                (g->party.n == 0 && i == 0));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct page begin_page(struct giving *g)
{
        struct page page =
                        work_begin(g->visit, "work-code", "/work/matters", STR_LIT("补发查询码"));
        page_crumb(&page, STR_LIT("办件"), STR_LIT("/work/matters"));
        page_crumb(&page, g->matter->number, g->url);
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&page.view, "matter_no", g->matter->number);
        view_text(&page.view, "matter_url", g->url);
        return page;
}

static bool send_form(struct giving *g, const struct err *why, struct err *err)
{
        struct page page = begin_page(g);
        struct view form = VIEW(g->visit->arena);
        visit_carry(g->visit, &form, "form_key", g->key);
        view_text(&form, "action", str_format(g->visit->arena, "%.*s/code", STR_FMT(g->url)));
        view_put(&form, "options", parties_of(g));
        view_text(&form, "identity", g->identity);
        view_int(&form, "identity_max", IDENTITY_MAX);
        view_put(&page.view, "code_form", view_end(&form));
        matter_note_reading(g->visit, g->matter);
        return work_fill_facts(&page, g->matter, g->url, err) && work_send(&page, why, err);
}

bool work_code_show(struct visit *visit, struct err *err)
{
        struct giving g = { .visit = visit };
        return open_matter(&g, err) && work_key(visit, STR_LIT(""), &g.key, err) &&
               send_form(&g, NULL, err);
}

/* Once: whoever comes back to it by the same key is told that it was shown. */
static bool given(struct visit *visit, void *user, struct err *err)
{
        struct giving *g = user;
        struct str code;
        if (!open_matter(g, err)) /* as it is now */
                return false;
        if (!g->ok)
                return send_form(g, &g->err, err);
        if (!codes_now(visit->arena, visit->snapshot, g->matter, g->party, &code, err))
                return false;
        struct page page = begin_page(g);
        struct view view = VIEW(visit->arena);
        if (!g->receipt.repeated)
                view_text(&view, "code", code);
        view_int(&view, "code_seq", g->receipt.seq);
        view_put(&page.view, "given", view_end(&view));
        return page_send(&page, err);
}

static void give(struct arena *arena, struct desk *desk, void *user)
{
        struct giving *g = user;
        g->ok = codes_prepare(site_store(desk_site(desk)), &g->err) &&
                desk_submit(arena, desk, &g->submission, &g->receipt, &g->err);
}

bool work_code_do(struct visit *visit, struct door *door, struct err *err)
{
        struct giving *g = arena_new(visit->arena, struct giving);
        struct err why;
        *g = (struct giving){ .visit = visit,
                .party = visit_posted(visit, "party"),
                .identity = visit_posted(visit, "identity"),
                .checked = visit_posted(visit, "checked").n != 0 };
        if (!open_matter(g, err) || !work_key(visit, visit_posted(visit, "key"), &g->key, err))
                return false;
        if (visit->is_forged)
                return err_set(&why, E_FORM_TOKEN, "%s", "") || send_form(g, &why, err);
        if (!g->checked)
                return err_field(&why, E_FIELD_MISSING, STR_LIT("当面核对"),
                                       "请当面核对证件，再勾选“已当面核对”") ||
                       send_form(g, &why, err);
        g->fields[0] = (struct member){ STR_LIT("identity"), value_string(g->identity) };
        g->fields[1] = (struct member){ STR_LIT("party"), value_string(g->party) };
        g->submission = (struct submission){ .matter = g->matter->number,
                .act = STR_LIT(ACT_CODE),
                .by = BY_STAFF,
                .actor = visit->viewer.actor.id,
                .fields = value_context(g->fields, 2),
                .key = g->key };
        return door_do(door, visit, give, given, g);
}
