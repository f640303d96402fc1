/* web/admin_template.c - /work/admin/templates: the templates of documents, looked at.
 *
 * A template is part of a procedure's definition. Here each is listed, shown as it would print,
 * with example values made from the fields or with those of a matter that the viewer may see, and
 * a changed text is tried out beside it. Nothing is stored; a new text comes into force with its
 * definition (admin_definition.c). */
#include "base/limits.h"
#include "desk/paper.h"
#include "template/template.h"
#include "web/admin.h"
#include "web/door.h"
#include "web/matter_view.h"
#include "web/route.h"
#include "web/work.h"

#define HERE "/work/admin/templates"

struct trial {
        struct visit *visit;
        const struct procedure *procedure;
        const struct version *version;
        size_t document;
        struct str number; /* of the matter asked for; empty: an example */
        struct str text;   /* to be tried */
        struct matter *matter;
        struct str printed, printed_empty; /* the second: with no field filled in */
};

/* ---- /work/admin/templates ---- */

static struct str document_url(
                struct visit *visit, const struct procedure *procedure, struct str document)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, HERE);
        visit_query(&url, "procedure", procedure->name);
        visit_query(&url, "document", document);
        return buf_str(&url);
}

static const struct version *version_today(struct visit *visit, const struct procedure *procedure)
{
        const struct version *version = procedure_version_on(procedure, visit->today);
        return version != NULL ? version : procedure->versions[0];
}

static bool list_templates(struct visit *visit, struct err *err)
{
        struct page page = admin_begin(visit, "work-index", STR_LIT("文书模板"));
        struct view_list groups = VIEW_LIST(visit->arena);
        page_crumb(&page, page.title, STR_LIT(""));
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *procedure = visit->catalogue->procedures[i];
                const struct version *version = version_today(visit, procedure);
                struct view_list items = VIEW_LIST(visit->arena);
                struct view group = VIEW(visit->arena);
                for (size_t k = 0; k < version->n_documents; k++) {
                        const struct document *document = &version->documents[k];
                        struct view item = VIEW(visit->arena);
                        view_text(&item, "label", document->label);
                        view_text(&item, "url", document_url(visit, procedure, document->name));
                        view_text(&item, "note",
                                        str_format(visit->arena, "%s%s%.*s",
                                                        document->class == CLASS_PUBLIC ? "可以公开"
                                                                                        : "内部",
                                                        document->number.n != 0 ? "　文号 " : "",
                                                        STR_FMT(document->number)));
                        view_add(&items, view_end(&item));
                }
                if (items.n == 0)
                        continue;
                view_text(&group, "title",
                                str_format(visit->arena, "%.*s（%.*s）", STR_FMT(procedure->label),
                                                STR_FMT(version->name)));
                view_put(&group, "items", view_list_end(&items));
                view_add(&groups, view_end(&group));
        }
        view_c(&page.view, "intro",
                        "各程序现行版本的文书。点开可以看模板和打印出来的样子，也可以试改；试改不保存。");
        view_put(&page.view, "groups", view_list_end(&groups));
        return page_send(&page, err);
}

/* ---- An example, made from the fields ---- */

static struct value example_of(struct visit *visit, const struct field *field);

static struct value example_row(struct visit *visit, const struct field *field)
{
        struct member *members = arena_new_array(visit->arena, field->n_items, struct member);
        for (size_t i = 0; i < field->n_items; i++)
                members[i] = (struct member){ field->items[i].name,
                        example_of(visit, &field->items[i]) };
        bool unique = value_sort_members(members, field->n_items);
        return unique ? value_context(members, field->n_items) : value_null();
}

static struct value example_of(struct visit *visit, const struct field *field)
{
        struct value *item = arena_new(visit->arena, struct value);
        struct value text =
                        value_string(str_format(visit->arena, "【%.*s】", STR_FMT(field->label)));
        switch (field->type) {
        case FIELD_INTEGER:
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                return field->has_min ? value_number(field->min) : value_int(1);
        case FIELD_BOOL:
                return value_bool(true);
        case FIELD_DATE:
                return value_date(visit->today);
        case FIELD_DATETIME:
                return value_moment(visit->now);
        case FIELD_ENUM:
                return field->n_options != 0 ? value_string(field->options[0].key) : text;
        case FIELD_ENUM_SET:
                *item = field->n_options != 0 ? value_string(field->options[0].key) : text;
                return value_list(item, 1);
        case FIELD_LIST:
                *item = field->n_items != 0 ? example_row(visit, field) : text;
                return value_list(item, 1);
        default:
                return text;
        }
}

static struct matter *example_matter(struct trial *t, bool filled)
{
        struct visit *visit = t->visit;
        struct matter *matter = matter_new(visit->arena, t->version);
        matter->number = STR_LIT("（示例编号）");
        matter->unit = visit->viewer.actor.unit;
        matter->created = visit->now;
        struct value *fields = arena_new_array(visit->arena, t->version->n_fields, struct value);
        for (size_t i = 0; i < t->version->n_fields; i++)
                fields[i] = filled ? example_of(visit, &t->version->fields[i]) : value_null();
        matter->fields = fields;
        return matter;
}

/* ---- Printing ---- */

/* The version with the tried text in the place of the document's own. */
static bool with_text(struct trial *t, const struct version **version, struct err *err)
{
        struct arena *arena = t->visit->arena;
        struct version *copy = arena_new(arena, struct version);
        struct document *documents =
                        arena_new_array(arena, (*version)->n_documents, struct document);
        *copy = **version;
        for (size_t i = 0; i < copy->n_documents; i++)
                documents[i] = copy->documents[i];
        copy->documents = documents;
        *version = copy;
        return template_parse(arena, documents[t->document].name, t->text, TEMPLATE_TEXT, NULL,
                        &documents[t->document].text, err);
}

static bool print(struct trial *t, struct matter *matter, struct str *ret, struct err *err)
{
        const struct issued_document issued = {
                .document = t->document, .number = STR_LIT("（文号）"), .time = t->visit->now
        };
        return with_text(t, &matter->version, err) &&
               paper_document(t->visit->arena, matter, &issued, &t->visit->world.circumstances, ret,
                               err);
}

/* Only what he may see whole, as of now; what personal data it shows is noted. */
static bool open_matter(struct trial *t, struct err *err)
{
        struct visit *visit = t->visit;
        enum sight sight;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            t->number, visit->today, &t->matter, &sight, err))
                return false;
        int at = version_document(t->matter->version, t->version->documents[t->document].name);
        if (sight != SIGHT_ALL || t->matter->version->procedure != t->procedure || at < 0)
                return err_set(err, E_NOT_FOUND, "没有您可以查看的这一种办件");
        t->document = (size_t)at;
        matter_note_reading(visit, t->matter);
        return true;
}

/* What is wrong with a template of ours is our fault; with one that is tried, its author's. */
static bool blame(struct err *err)
{
        const struct err_text *text = err_text(err->code);
        struct err why = *err;
        if (strncmp(text->name, "E_TEMPLATE", strlen("E_TEMPLATE")) != 0)
                return false;
        return err_set(err, E_TEMPLATE_TRIED, "%s：%s", text->sentence, why.detail);
}

static bool try_text(struct trial *t, struct err *err)
{
        if (t->text.n > LIMIT_TEMPLATE_BYTES)
                return err_set(err, E_LIMIT, "一个模板最多 %u 字节", LIMIT_TEMPLATE_BYTES);
        if (t->number.n != 0)
                return open_matter(t, err) && print(t, t->matter, &t->printed, err);
        return print(t, example_matter(t, true), &t->printed, err) &&
               print(t, example_matter(t, false), &t->printed_empty, err);
}

static bool try_out(struct trial *t, struct err *err)
{
        return try_text(t, err) || blame(err);
}

/* ---- One template ---- */

static bool find(struct trial *t, struct str procedure, struct str document, struct err *err)
{
        int at;
        t->procedure = catalogue_procedure(t->visit->catalogue, procedure);
        if (t->procedure == NULL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        t->version = version_today(t->visit, t->procedure);
        at = version_document(t->version, document);
        t->document = (size_t)at;
        return at >= 0 || err_set(err, E_NOT_FOUND, "%s", "");
}

static bool send_template(struct trial *t, const struct document *document, const struct err *why,
                struct err *err)
{
        struct visit *visit = t->visit;
        struct page page = admin_begin(visit, "work-template", document->label);
        struct view view = VIEW(visit->arena);
        page_crumb(&page, STR_LIT("文书模板"), STR_LIT(HERE));
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&view, "label", document->label);
        view_text(&view, "procedure_label", t->procedure->label);
        view_text(&view, "version", t->version->name);
        view_text(&view, "procedure", t->procedure->name);
        view_text(&view, "document", document->name);
        view_text(&view, "number", t->number);
        view_text(&view, "text", str_is_utf8(t->text) ? t->text : STR_LIT(""));
        view_yes(&view, "is_changed", !str_eq(t->text, document->source));
        view_yes(&view, "of_matter", t->number.n != 0);
        if (why == NULL) {
                view_some(&view, "printed", t->printed);
                view_some(&view, "printed_empty", t->printed_empty);
        }
        view_put(&page.view, "shown", view_end(&view));
        view_yes(&page.view, "forged", visit->is_forged);
        if (!work_send(&page, why, err))
                return false;
        if (visit->is_forged)
                visit->answer->status = 403;
        return true;
}

static bool show_one(struct trial *t, bool tries, struct err *err)
{
        struct err why;
        const struct document *document = &t->version->documents[t->document];
        bool ok = !tries || try_out(t, &why);
        return send_template(t, document, ok ? NULL : &why, err);
}

bool templates_show(struct visit *visit, struct err *err)
{
        struct trial t = { .visit = visit };
        if (!admin_is_let_in(visit, err))
                return false;
        if (visit_field(visit, "procedure").n == 0)
                return list_templates(visit, err);
        if (!find(&t, visit_field(visit, "procedure"), visit_field(visit, "document"), err))
                return false;
        t.text = t.version->documents[t.document].source;
        return show_one(&t, true, err);
}

bool templates_try(struct visit *visit, struct door *door, struct err *err)
{
        struct trial t = { .visit = visit };
        (void)door; /* nothing is written */
        if (!admin_is_let_in(visit, err) || !find(&t, visit_posted(visit, "procedure"),
                                                            visit_posted(visit, "document"), err))
                return false;
        t.number = str_trim(visit_posted(visit, "number"));
        t.text = admin_pasted(visit);
        return show_one(&t, !visit->is_forged, err);
}
