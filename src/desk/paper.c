#include "desk/paper.h"

#include <assert.h>

#include "template/template.h"

const char *paper_clock_status(enum clock_status status)
{
        static const char *const names[] = { "未起算", "进行中", "中止", "已停止", "已届满",
                "已作废" };
        return names[status];
}

const char *paper_clock_late(
                const struct clock_definition *definition, const struct matter_clock *clock)
{
        if (!clock->late)
                return "";
        return definition->of_party ? " 期满" : " 逾期";
}

static struct str option_label(const struct field *field, struct str key)
{
        for (size_t i = 0; i < field->n_options; i++)
                if (str_eq(field->options[i].key, key))
                        return field->options[i].label;
        return key;
}

struct str paper_field(struct arena *arena, const struct field *field, const struct value *value)
{
        if (field->n_options == 0)
                return value_text(arena, value);
        if (value->kind == VALUE_STRING)
                return option_label(field, value->string);
        if (value->kind != VALUE_LIST)
                return value_text(arena, value);
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < value->list.n; i++) {
                buf_c(&buf, i == 0 ? "" : "、");
                if (value->list.items[i].kind == VALUE_STRING)
                        buf_str_add(&buf, option_label(field, value->list.items[i].string));
        }
        return buf_str(&buf);
}

/* The view of a matter with options as their labels and the document's own number. */
static struct value view_of(struct arena *arena, const struct matter *matter,
                const struct issued_document *issued, const struct circumstances *circumstances)
{
        struct value view = matter_view(arena, matter, circumstances);
        struct member *members = arena_new_array(arena, view.context.n + 1, struct member);
        size_t n = 0;
        for (size_t i = 0; i < view.context.n; i++) {
                members[n] = view.context.members[i];
                int field = version_field(matter->version, members[n].name);
                if (field >= 0 && matter->version->fields[field].n_options > 0 &&
                                !value_is_null(members[n].value))
                        members[n].value = value_string(paper_field(
                                        arena, &matter->version->fields[field], &members[n].value));
                n++;
        }
        members[n++] = (struct member){ STR_LIT("document_number"), value_string(issued->number) };
        bool unique = value_sort_members(members, n);
        assert(unique);
        return value_context(members, n);
}

bool paper_document(struct arena *arena, const struct matter *matter,
                const struct issued_document *issued, const struct circumstances *circumstances,
                struct str *ret, struct err *err)
{
        assert(issued->document < matter->version->n_documents);
        const struct document *document = &matter->version->documents[issued->document];
        struct value view = view_of(arena, matter, issued, circumstances);
        struct buf buf = BUF(arena);
        if (document->text != NULL && !template_render(document->text, &view, &buf, err))
                return false;
        *ret = buf_str(&buf);
        return true;
}

bool paper_derivation(struct arena *arena, const struct matter *matter, size_t clock,
                const struct calendar *calendar, struct date today, struct derivation *ret,
                struct err *err)
{
        struct matter_term *term = arena_new(arena, struct matter_term);
        if (!matter_term(matter, clock, today, term))
                return err_field(err, E_CLOCK_IDLE, matter->version->clocks[clock].label, "%s",
                                paper_clock_status(matter->clocks[clock].status));
        return derivation_compute(arena, &term->term, calendar, ret, err);
}
