/* web/work_matter.c - a matter for those whose work it is: everything of it, what may be done now
 * and by whom, and why the rest may not (work_offer.c). */
#include "base/limits.h"
#include "projection/matter_read.h"
#include "web/disclosure.h"
#include "web/files.h"
#include "web/matter_view.h"
#include "web/route.h"
#include "web/words.h"
#include "web/work.h"

#define BASE "/work/matters/"

static bool find(struct visit *visit, struct matter **ret, enum sight *ret_sight, struct err *err)
{
        return disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                        visit->parts[0], visit->today, ret, ret_sight, err);
}

/* ---- Family ---- */

static bool add_relative(struct visit *visit, int64_t id, const char *what, struct view_list *list,
                struct err *err)
{
        struct matter *matter;
        enum sight sight;
        struct str title;
        struct view view = VIEW(visit->arena);
        if (!matter_read(visit->arena, visit->snapshot, visit->catalogue, id, &matter, err) ||
                        !disclosure_sight(visit->snapshot, &visit->viewer, matter, visit->today,
                                        &sight, err))
                return false;
        if (sight == SIGHT_NONE)
                return true;
        if (!matter_title(visit, matter, &title, err))
                return false;
        const struct state *state = &matter->version->states[matter->state];
        view_c(&view, "kinship", what);
        view_text(&view, "relative_no", matter->number);
        view_text(&view, "relative_title", title);
        view_text(&view, "relative_url", visit_url(visit, BASE, matter->number));
        view_text(&view, "relative_procedure", matter->version->procedure->label);
        view_put(&view, "relative_state",
                        words_state(visit->arena, state->label, state->final, false));
        view_add(list, view_end(&view));
        return true;
}

static bool child_ids(struct visit *visit, int64_t parent, int64_t ids[LIMIT_PAGE_ROWS],
                size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret_n = 0;
        if (!snapshot_rows(visit->snapshot, Q_MATTER_CHILDREN, PARAMS(param_int(parent)), &rows,
                            err))
                return false;
        while (*ret_n < LIMIT_PAGE_ROWS && rows_next(&rows))
                ids[(*ret_n)++] = rows_int(&rows, 0);
        return rows_end(&rows, err);
}

bool work_add_family(struct page *page, const struct matter *matter, struct err *err)
{
        struct visit *visit = page->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        int64_t ids[LIMIT_PAGE_ROWS];
        size_t n;
        if (matter->parent != 0 && !add_relative(visit, matter->parent, "所属办件", &list, err))
                return false;
        if (!child_ids(visit, matter->id, ids, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!add_relative(visit, ids[i], "下级办件", &list, err))
                        return false;
        if (list.n != 0)
                view_put(&page->view, "family", view_list_end(&list));
        return true;
}

/* ---- What was just done ---- */

static struct str deed_label(const struct matter *matter, int64_t seq)
{
        for (size_t i = 0; i < matter->n_deeds; i++)
                if (matter->deeds[i].seq == seq && matter->deeds[i].act < matter->version->n_acts)
                        return matter->version->acts[matter->deeds[i].act].label;
                else if (matter->deeds[i].seq == seq && str_is(matter->deeds[i].name, ACT_NOTE))
                        return STR_LIT("备注");
        return STR_LIT("");
}

static void add_done(
                struct visit *visit, const struct matter *matter, struct page *page, int64_t seq)
{
        struct view view = VIEW(visit->arena);
        struct view_list papers = VIEW_LIST(visit->arena);
        struct str label = deed_label(matter, seq);
        if (label.n == 0)
                return;
        for (size_t i = 0; i < matter->n_documents; i++)
                if (matter->documents[i].seq == seq)
                        view_add_text(&papers,
                                        str_format(visit->arena, "%.*s %.*s",
                                                        STR_FMT(matter->version->documents[matter->documents[i].document]
                                                                                        .label),
                                                        STR_FMT(matter->documents[i].number)));
        view_text(&view, "done_label", label);
        view_int(&view, "done_seq", seq);
        view_put(&view, "papers", view_list_end(&papers));
        view_put(&page->view, "done", view_end(&view));
}

/* ---- The page ---- */

static void add_people(struct visit *visit, const struct matter *matter, struct page *page)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < matter->n_assigned; i++)
                view_add_text(&list, visit_staff(visit, matter->assigned[i]));
        if (list.n != 0)
                view_put(&page->view, "assigned", view_list_end(&list));
        struct view_list recused = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < matter->n_recused; i++)
                view_add_text(&recused, visit_staff(visit, matter->recused[i]));
        if (recused.n != 0)
                view_put(&page->view, "recused", view_list_end(&recused));
}

/* Where a note is written; its key, and what was typed but not taken. */
static bool add_note_form(struct page *page, const struct matter *matter, const struct str *typed,
                struct err *err)
{
        struct visit *visit = page->visit;
        struct view view = VIEW(visit->arena);
        struct str key;
        if (!work_key(visit, STR_LIT(""), &key, err))
                return false;
        view_text(&view, "note_url",
                        str_format(visit->arena, "%.*s/notes",
                                        STR_FMT(visit_url(visit, BASE, matter->number))));
        visit_carry(visit, &view, "note_key", key);
        view_text(&view, "note_typed", typed != NULL ? *typed : STR_LIT(""));
        view_int(&view, "note_max", NOTE_MAX);
        view_put(&page->view, "note_form", view_end(&view));
        return true;
}

static bool add_work(struct page *page, const struct matter *matter, int64_t done,
                const struct str *typed, struct err *err)
{
        struct visit *visit = page->visit;
        if (!work_add_offer(page, matter, err))
                return false;
        add_people(visit, matter, page);
        add_done(visit, matter, page, done);
        if (work_is_draw(matter->version))
                view_text(&page->view, "console_url",
                                visit_url(visit, "/work/draws/", matter->number));
        if (matter->version->n_parties != 0)
                view_text(&page->view, "code_url",
                                str_format(visit->arena, "%.*s/code",
                                                STR_FMT(visit_url(visit, BASE, matter->number))));
        return work_add_family(page, matter, err) && add_note_form(page, matter, typed, err);
}

bool work_matter_send(struct visit *visit, const struct str *typed, const struct err *why,
                struct err *err)
{
        struct matter *matter;
        enum sight sight;
        struct str title;
        int64_t done = -1;
        if (!find(visit, &matter, &sight, err) || !matter_title(visit, matter, &title, err))
                return false;
        if (visit->route->fields != NULL && !visit_int(visit, "done", INT64_MAX, -1, &done, err))
                return false;
        struct page page = work_begin(visit, "work-matter", "/work/matters", title);
        page_crumb(&page, STR_LIT("办件"), STR_LIT("/work/matters"));
        page_crumb(&page, matter->number, STR_LIT(""));
        if (sight == SIGHT_ALL && !add_work(&page, matter, done, typed, err))
                return false;
        return matter_fill(&page, matter, sight, BASE, err) && work_send(&page, why, err);
}

bool work_matter_show(struct visit *visit, struct err *err)
{
        return work_matter_send(visit, NULL, NULL, err);
}

bool work_document_show(struct visit *visit, struct err *err)
{
        struct matter *matter;
        enum sight sight;
        if (!find(visit, &matter, &sight, err))
                return false;
        struct page page = work_begin(visit, "work-document", "/work/matters", STR_LIT("文书"));
        return matter_fill_document(
                               &page, matter, sight, visit_url(visit, BASE, matter->number), err) &&
               page_send(&page, err);
}

/* ---- Files ---- */

/* Only through a field that the viewer may see: knowing a hash opens nothing. */
bool work_file_show(struct visit *visit, struct err *err)
{
        struct matter *matter;
        enum sight sight;
        struct kept_file file;
        bool named = false;
        if (!find(visit, &matter, &sight, err))
                return false;
        bool *shown = arena_new_array(visit->arena, matter->version->n_fields, bool);
        for (size_t i = 0; i < matter->version->n_fields; i++) {
                shown[i] = disclosure_sees(sight, &matter->version->fields[i]) &&
                           files_named(&matter->version->fields[i], &matter->fields[i],
                                           visit->parts[1]);
                named |= shown[i];
        }
        if (sight != SIGHT_ALL || !named)
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (!files_read(visit->arena, visit->snapshot, visit->parts[1], &file, err))
                return false;
        matter_note_fields(visit, matter, shown);
        visit_send(visit, str_c(visit->arena, file.type), file.bytes);
        visit->answer->file_name = str_format(visit->arena, "%.*s%.*s",
                        STR_FMT(str_cut(visit->parts[1], 12)), STR_FMT(files_ending(file.name)));
        return true;
}
