/* web/matter.c - one matter: public facts, clocks with their count, what was done and by whom,
 * publications and papers. Everything passes web/disclosure.h. */
#include <assert.h>

#include "desk/history.h"
#include "desk/paper.h"
#include "ledger/hash.h"
#include "ledger/merkle.h"
#include "web/disclosure.h"
#include "web/matter_view.h"
#include "web/route.h"
#include "web/terms.h"
#include "web/words.h"

#define CHANGES_OPEN 6 /* what an act changed is folded away for staff if it is more */

struct matter_page {
        struct visit *visit;
        struct page *page;
        const struct matter *matter;
        const struct version *version;
        enum sight sight;
        struct str url;    /* of the page: papers stand below it */
        const bool *aside; /* for each field: not told in what was done; NULL = none */
        const struct past_event *events;
        size_t n_events;
};

/* ---- Head and facts ---- */

static bool is_late(const struct matter *matter)
{
        for (size_t i = 0; i < matter->version->n_clocks; i++)
                if (matter->clocks[i].late && matter->clocks[i].status == CLOCK_EXPIRED &&
                                !matter->version->clocks[i].of_party)
                        return true;
        return false;
}

static struct value procedure_view(struct visit *visit, const struct version *version)
{
        struct view view = VIEW(visit->arena);
        struct buf url = BUF(visit->arena);
        buf_str_add(&url, visit_url(visit, "/procedures/", version->procedure->name));
        visit_query(&url, "version", version->name);
        view_text(&view, "label", version->procedure->label);
        view_text(&view, "url", buf_str(&url));
        view_text(&view, "version", version->name);
        return view_end(&view);
}

static void add_head(struct matter_page *m)
{
        struct visit *visit = m->visit;
        const struct matter *matter = m->matter;
        const struct state *state = &m->version->states[matter->state];
        struct view view = VIEW(visit->arena);
        view_text(&view, "no", matter->number);
        view_text(&view, "title", m->page->title);
        view_text(&view, "organ",
                        matter->unit.n != 0 ? visit_unit(visit, matter->unit)
                                            : site_config(visit->portal->site)->organ);
        view_day(&view, "opened_on", moment_date(matter->created));
        if (state->final)
                view_day(&view, "closed_on", moment_date(matter->changed));
        view_put(&view, "state",
                        words_state(visit->arena, state->label, state->final,
                                        !state->final && is_late(matter)));
        view_put(&view, "procedure", procedure_view(visit, m->version));
        view_put(&m->page->view, "matter", view_end(&view));
}

static void add_pair(
                struct visit *visit, struct view_list *list, struct str label, struct str value)
{
        struct view pair = VIEW(visit->arena);
        view_text(&pair, "label", label);
        view_text(&pair, "value", value);
        view_add(list, view_end(&pair));
}

static void add_file(struct visit *visit, enum sight sight, struct str url, struct view_list *list,
                struct str label, struct str hash)
{
        struct view pair = VIEW(visit->arena);
        view_text(&pair, "label", label);
        view_text(&pair, "value",
                        str_format(visit->arena, "附件 %.*s", STR_FMT(str_cut(hash, 12))));
        if (sight == SIGHT_ALL)
                view_text(&pair, "file_url",
                                str_format(visit->arena, "%.*s/files/%.*s", STR_FMT(url),
                                                STR_FMT(hash)));
        view_add(list, view_end(&pair));
}

void matter_add_field(struct visit *visit, const struct matter *matter, enum sight sight,
                struct str url, struct view_list *list, size_t index, const struct value *value)
{
        const struct field *field = &matter->version->fields[index];
        if (!disclosure_sees(sight, field) || value_is_null(*value))
                return;
        struct value open = disclosure_value_seen(visit->arena, sight, field, value);
        struct str text = visit_value(visit, field, &open);
        if (field->type == FIELD_FILE && open.kind == VALUE_STRING)
                add_file(visit, sight, url, list, field->label, open.string);
        else if (text.n != 0)
                add_pair(visit, list, field->label, text);
}

static bool add_facts(struct matter_page *m, struct err *err)
{
        struct view_list facts = VIEW_LIST(m->visit->arena);
        if (m->sight == SIGHT_ALL)
                return work_fill_facts(m->page, m->matter, m->url, err);
        for (size_t i = 0; i < m->version->n_fields; i++)
                matter_add_field(m->visit, m->matter, m->sight, m->url, &facts, i,
                                &m->matter->fields[i]);
        view_put(&m->page->view, "facts", view_list_end(&facts));
        return true;
}

/* ---- Clocks ---- */

static void add_clocks(struct matter_page *m)
{
        struct view_list clocks = VIEW_LIST(m->visit->arena);
        for (size_t i = 0; i < m->version->n_clocks; i++)
                if (m->matter->clocks[i].status != CLOCK_NONE)
                        view_add(&clocks, terms_clock_view(m->visit, m->matter, i));
        if (clocks.n != 0)
                view_put(&m->page->view, "clocks", view_list_end(&clocks));
}

/* ---- What was done ---- */

/* The kernel's own acts: a note, or what the timers looked at. */
static struct str kernel_label(struct matter_page *m, const struct fact *fact)
{
        if (str_is(fact->act, ACT_NOTE))
                return STR_LIT("备注");
        if (str_is(fact->act, ACT_CODE))
                return STR_LIT("补发查询码");
        const struct value *name = value_get(&fact->data, STR_LIT("$clock"));
        int clock = name != NULL && name->kind == VALUE_STRING
                                    ? version_clock(m->version, name->string)
                                    : -1;
        struct str label = clock >= 0 ? m->version->clocks[clock].label : STR_LIT("期限");
        bool expired = str_is(fact->act, ACT_EXPIRE);
        return str_format(m->visit->arena, "%.*s%s", STR_FMT(label),
                        expired ? "届满" : "即将届满的提醒");
}

static struct value event_proof(struct matter_page *m, const struct past_event *event)
{
        struct view view = VIEW(m->visit->arena);
        struct hash leaf =
                        merkle_leaf(site_config(m->visit->portal->site)->hash, event->leaf_bytes);
        char *hex = arena_alloc(m->visit->arena, HASH_HEX);
        hash_write_hex(leaf.b, HASH_BYTES, hex);
        view_int(&view, "seq", event->leaf.seq);
        view_text(&view, "url",
                        m->sight == SIGHT_ALL ? str_format(m->visit->arena, "%.*s/proofs/%lld",
                                                                STR_FMT(m->url),
                                                                (long long)event->leaf.seq)
                                              : str_format(m->visit->arena, "/ledger/%lld",
                                                                (long long)event->leaf.seq));
        view_text(&view, "leaf", (struct str){ hex, HASH_HEX });
        return view_end(&view);
}

/* In the order of the definition. */
static struct value event_changes(struct matter_page *m, const struct past_event *event)
{
        struct view_list list = VIEW_LIST(m->visit->arena);
        for (size_t i = 0; i < m->version->n_fields; i++) {
                const struct value *value =
                                value_get(&event->fact.data, m->version->fields[i].name);
                if (value != NULL && (m->aside == NULL || !m->aside[i]))
                        matter_add_field(m->visit, m->matter, m->sight, m->url, &list, i, value);
        }
        return view_list_end(&list);
}

/* Staff are named to staff; to others their post stands for them. */
static struct str actor_of(
                struct matter_page *m, const struct act *act, const struct past_event *event)
{
        struct visit *visit = m->visit;
        struct str posts = words_actor(
                        visit->arena, visit->catalogue, m->version, act, event->fact.actor);
        struct value entry;
        struct err err;
        bool found = false;
        if (m->sight != SIGHT_ALL ||
                        !world_entry(&visit->world, visit->arena, STR_LIT("staff"),
                                        event->fact.actor, moment_date(event->leaf.time), &entry,
                                        &found, &err) ||
                        !found)
                return posts;
        const struct value *name = value_get(&entry, STR_LIT("name"));
        if (name == NULL || name->kind != VALUE_STRING)
                return event->fact.actor;
        return str_format(visit->arena, "%.*s（%.*s）", STR_FMT(name->string), STR_FMT(posts));
}

/* What is written down among staff is for staff: nobody else learns that it was. */
static bool is_told(const struct matter_page *m, const struct past_event *event)
{
        return m->sight == SIGHT_ALL || !act_is_among_staff(event->fact.act);
}

static void add_note(struct view *view, const struct past_event *event)
{
        bool code = str_is(event->fact.act, ACT_CODE);
        const struct value *note = value_get(
                        &event->fact.data, code ? STR_LIT("$identity") : STR_LIT("$note"));
        if (!act_is_among_staff(event->fact.act))
                return;
        if (note != NULL && note->kind == VALUE_STRING)
                view_text(view, "note", note->string);
        else
                view_yes(view, "note_erased", true);
}

static struct value event_view(struct matter_page *m, const struct past_event *event)
{
        struct visit *visit = m->visit;
        int index = version_act(m->version, event->fact.act);
        const struct act *act = index >= 0 ? &m->version->acts[index] : NULL;
        struct view view = VIEW(visit->arena);
        view_text(&view, "label", act != NULL ? act->label : kernel_label(m, &event->fact));
        view_text(&view, "actor", actor_of(m, act, event));
        view_moment(&view, "at", event->leaf.time);
        struct value changes = event_changes(m, event);
        view_put(&view, "changes", changes);
        if (m->sight == SIGHT_ALL && changes.list.n > CHANGES_OPEN)
                view_int(&view, "folded", (int64_t)changes.list.n);
        add_note(&view, event);
        view_put(&view, "proof", event_proof(m, event));
        return view_end(&view);
}

static void add_events(struct matter_page *m)
{
        struct view_list list = VIEW_LIST(m->visit->arena);
        for (size_t i = 0; i < m->n_events; i++)
                if (is_told(m, &m->events[i]))
                        view_add(&list, event_view(m, &m->events[i]));
        view_put(&m->page->view, "events", view_list_end(&list));
}

/* ---- Publications ---- */

static struct str member_text(struct visit *visit, const struct value *item, const char *name)
{
        const struct value *value = value_get(item, str_of(name));
        return value == NULL ? STR_LIT("") : value_text(visit->arena, value);
}

/* What was masked when it was published is text; the rest is worded as on this page. */
static struct str shown_value(struct matter_page *m, const struct value *item)
{
        int field = version_field(m->version, member_text(m->visit, item, "field"));
        const struct value *value = value_get(item, STR_LIT("value"));
        if (value == NULL)
                return STR_LIT("");
        if (field < 0 || m->version->fields[field].class == CLASS_PERSONAL)
                return value_text(m->visit->arena, value);
        return visit_value(m->visit, &m->version->fields[field], value);
}

static bool is_read(const struct publication *publication, const struct version *version,
                struct str field)
{
        for (size_t i = 0; publication != NULL && i < publication->n_reads; i++)
                if (str_eq(version->fields[publication->reads[i]].name, field))
                        return true;
        return false;
}

static struct value paragraphs_of(struct visit *visit, struct str text)
{
        struct view_list list = VIEW_LIST(visit->arena);
        while (text.n != 0) {
                struct str line = str_trim(str_split(&text, '\n'));
                if (line.n != 0)
                        view_add_text(&list, line);
        }
        return view_list_end(&list);
}

/* What was published of one field; a text to be read is said to be one, but in the workbench. */
static struct value shown_view(struct matter_page *m, const struct publication *publication,
                const struct value *item, bool *ret_read)
{
        struct view view = VIEW(m->visit->arena);
        struct str value = shown_value(m, item);
        view_text(&view, "label", member_text(m->visit, item, "label"));
        view_text(&view, "value", value);
        if (!m->page->is_work &&
                        is_read(publication, m->version, member_text(m->visit, item, "field"))) {
                view_put(&view, "paragraphs", paragraphs_of(m->visit, value));
                *ret_read = true;
        }
        return view_end(&view);
}

static struct value publication_view(struct matter_page *m, const struct publication_row *row)
{
        struct visit *visit = m->visit;
        struct view view = VIEW(visit->arena);
        struct view_list shown = VIEW_LIST(visit->arena);
        int index = version_publication(m->version, row->publication);
        const struct publication *publication =
                        index >= 0 ? &m->version->publications[index] : NULL;
        bool reads = false;
        for (size_t i = 0; row->shown.kind == VALUE_LIST && i < row->shown.list.n; i++)
                view_add(&shown, shown_view(m, publication, &row->shown.list.items[i], &reads));
        view_yes(&view, "reads", reads);
        if (reads)
                m->page->published = row->from;
        view_text(&view, "label", publication != NULL ? publication->label : row->publication);
        view_some(&view, "title", row->title);
        view_day(&view, "from", row->from);
        view_day(&view, "until", row->until);
        view_put(&view, "shown", view_list_end(&shown));
        return view_end(&view);
}

static bool add_publications(struct matter_page *m, struct err *err)
{
        struct view_list list = VIEW_LIST(m->visit->arena);
        const struct publication_row *rows;
        size_t n;
        if (!publication_rows(m->visit->arena, m->visit->snapshot, m->matter->id, &rows, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (disclosure_publication(&rows[i], m->visit->today))
                        view_add(&list, publication_view(m, &rows[i]));
        if (list.n != 0)
                view_put(&m->page->view, "publications", view_list_end(&list));
        view_yes(&m->page->view, "text_first", !date_is_none(m->page->published));
        return true;
}

/* ---- Papers ---- */

static struct str document_id(struct visit *visit, const struct matter *matter,
                const struct issued_document *issued)
{
        return str_format(visit->arena, "%lld-%.*s", (long long)issued->seq,
                        STR_FMT(matter->version->documents[issued->document].name));
}

/* Whom it was sent to: for those whose work it is. */
static void add_recipients(
                struct matter_page *m, struct view *view, const struct issued_document *issued)
{
        struct arena *arena = m->visit->arena;
        for (size_t i = 0; m->sight == SIGHT_ALL && i < m->n_events; i++) {
                if (m->events[i].id != issued->seq)
                        continue;
                struct recipients to = fact_recipients(arena, &m->events[i].fact, issued->document);
                struct str words = words_recipients(arena, m->visit->catalogue, m->version, &to);
                if (words.n != 0)
                        view_text(view, "sent_to", words);
        }
}

static void add_documents(struct matter_page *m)
{
        struct visit *visit = m->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < m->matter->n_documents; i++) {
                const struct issued_document *issued = &m->matter->documents[i];
                const struct document *document = &m->version->documents[issued->document];
                struct view view = VIEW(visit->arena);
                if (!disclosure_paper(m->sight, document))
                        continue;
                view_text(&view, "label", document->label);
                view_text(&view, "no", issued->number);
                view_text(&view, "issued_on", date_format(visit->arena, moment_date(issued->time)));
                view_text(&view, "url",
                                str_format(visit->arena, "%.*s/documents/%.*s", STR_FMT(m->url),
                                                STR_FMT(document_id(visit, m->matter, issued))));
                add_recipients(m, &view, issued);
                view_add(&list, view_end(&view));
        }
        if (list.n != 0)
                view_put(&m->page->view, "documents", view_list_end(&list));
}

/* ---- /matters/NUMBER ---- */

bool matter_title(
                struct visit *visit, const struct matter *matter, struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret = matter->number;
        if (!snapshot_rows(visit->snapshot, Q_MATTER_GET, PARAMS(param_int(matter->id)), &rows,
                            err))
                return false;
        if (rows_next(&rows) && rows_text(&rows, 9).n != 0)
                *ret = str_copy(visit->arena, rows_text(&rows, 9));
        return rows_end(&rows, err);
}

/* Who read which personal fields is noted (portal.c); 个人信息保护法 第五十一条. */
void matter_note_reading(struct visit *visit, const struct matter *matter)
{
        bool *all = arena_new_array(visit->arena, matter->version->n_fields, bool);
        for (size_t i = 0; i < matter->version->n_fields; i++)
                all[i] = true;
        matter_note_fields(visit, matter, all);
}

void matter_note_fields(struct visit *visit, const struct matter *matter, const bool *shown)
{
        struct buf names = BUF(visit->arena);
        for (size_t i = 0; i < matter->version->n_fields; i++)
                if (shown[i] && matter->version->fields[i].class == CLASS_PERSONAL &&
                                !value_is_null(matter->fields[i]))
                        buf_format(&names, "%s%.*s", names.n == 0 ? "" : " ",
                                        STR_FMT(matter->version->fields[i].name));
        visit->read_matter = names.n != 0 ? matter->id : 0;
        visit->read_fields = buf_str(&names);
}

bool matter_fill(struct page *page, const struct matter *matter, enum sight sight, const char *base,
                struct err *err)
{
        struct matter_page m = { .visit = page->visit,
                .page = page,
                .matter = matter,
                .version = matter->version,
                .sight = sight,
                .url = visit_url(page->visit, base, matter->number) };
        if (!history_read(page->visit->arena, page->visit->snapshot, m.version, matter->id,
                            &m.events, &m.n_events, err))
                return false;
        if (sight == SIGHT_ALL)
                m.aside = work_aside(page->visit->arena, matter);
        add_head(&m);
        if (sight == SIGHT_ALL)
                matter_note_reading(page->visit, matter);
        add_clocks(&m);
        add_documents(&m);
        add_events(&m);
        return add_facts(&m, err) && add_publications(&m, err);
}

static bool find(struct visit *visit, struct matter **ret, struct err *err)
{
        return disclosure_matter(visit->arena, visit->snapshot, visit->catalogue, visit->parts[0],
                        visit->today, ret, err);
}

bool matter_show(struct visit *visit, struct err *err)
{
        struct matter *matter;
        struct str title;
        if (!find(visit, &matter, err) || !matter_title(visit, matter, &title, err))
                return false;
        struct page page = page_begin(visit, "matter", "/matters", title);
        page_crumb(&page, matter->number, STR_LIT(""));
        return matter_fill(&page, matter, SIGHT_PUBLIC, "/matters/", err) && page_send(&page, err);
}

/* ---- /matters/NUMBER/documents/SEQ-NAME ---- */

static const struct issued_document *find_document(
                struct visit *visit, const struct matter *matter, enum sight sight)
{
        for (size_t i = 0; i < matter->n_documents; i++) {
                const struct issued_document *issued = &matter->documents[i];
                if (disclosure_paper(sight, &matter->version->documents[issued->document]) &&
                                str_eq(document_id(visit, matter, issued), visit->parts[1]))
                        return issued;
        }
        return NULL;
}

/* What the paper's text may have put down: the fields that it names. */
static void note_paper(
                struct visit *visit, const struct matter *then, const struct document *document)
{
        const struct version *version = then->version;
        bool *named = arena_new_array(visit->arena, version->n_fields, bool);
        for (size_t i = 0; i < version->n_fields; i++)
                named[i] = str_find(document->source, version->fields[i].name) != SIZE_MAX;
        matter_note_fields(visit, then, named);
}

bool matter_fill_document(struct page *page, const struct matter *matter, enum sight sight,
                struct str url, struct err *err)
{
        struct visit *visit = page->visit;
        struct matter *then;
        struct world world;
        struct str text;
        const struct issued_document *issued = find_document(visit, matter, sight);
        if (issued == NULL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        const struct document *document = &matter->version->documents[issued->document];
        world_open(&world, visit->snapshot, visit->catalogue, site_calendars(visit->portal->site),
                        site_facts(visit->portal->site), issued->time);
        world.parameters = &site_config(visit->portal->site)->parameters;
        if (!history_matter_at(visit->arena, visit->snapshot, matter->version, matter->id,
                            issued->seq, &then, err) ||
                        !paper_document(visit->arena, then, issued, &world.circumstances, &text,
                                        err))
                return false;
        if (sight == SIGHT_ALL)
                note_paper(visit, then, document);
        struct view view = VIEW(visit->arena);
        page->title = document->label;
        page_crumb(page, matter->number, url);
        page_crumb(page, document->label, STR_LIT(""));
        view_text(&view, "label", document->label);
        view_text(&view, "no", issued->number);
        view_day(&view, "issued_on", moment_date(issued->time));
        view_text(&view, "text", text);
        view_text(&view, "matter_no", matter->number);
        view_text(&view, "matter_url", url);
        view_put(&page->view, "document", view_end(&view));
        return true;
}

bool document_show(struct visit *visit, struct err *err)
{
        struct matter *matter;
        if (!find(visit, &matter, err))
                return false;
        struct page page = page_begin(visit, "document", "/matters", STR_LIT("文书"));
        return matter_fill_document(&page, matter, SIGHT_PUBLIC,
                               visit_url(visit, "/matters/", matter->number), err) &&
               page_send(&page, err);
}
