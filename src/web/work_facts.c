/* web/work_facts.c - what a clerk reads of a matter's fields: the parties, the files, the facts,
 * and apart from them what the program keeps for itself.
 *
 * Which is which follows from the definition: the kind of a field, its class, whether a person
 * ever gives it, and the questions of the guide that ask for it. */
#include "procedure/guide.h"
#include "web/disclosure.h"
#include "web/files.h"
#include "web/matter_view.h"
#include "web/view.h"
#include "web/work.h"

#define SHORT_TEXT  200 /* a personal text no longer than this names or reaches somebody */
#define DIGEST_SIZE 32u /* hexadecimal digits from which on a text is a digest */

enum kind { KIND_FACT, KIND_PARTY, KIND_FILE, KIND_ASIDE };

struct facts {
        struct visit *visit;
        const struct matter *matter;
        const struct version *version;
        struct str url;
        bool *given; /* for each field: somebody gives it with an act */
        bool *told;  /* ... it stands on the page already */
};

/* ---- Kinds ---- */

static void note_given(struct facts *f)
{
        for (size_t i = 0; i < f->version->n_acts; i++) {
                const struct act *act = &f->version->acts[i];
                if (!work_is_for_people(act))
                        continue;
                for (size_t k = 0; k < act->n_needs; k++)
                        f->given[act->needs[k]] = true;
                for (size_t k = 0; k < act->n_takes; k++)
                        f->given[act->takes[k]] = true;
        }
}

static bool is_about_person(const struct field *field)
{
        if (field->type == FIELD_IDENTIFIER || field->mask.n != 0)
                return true;
        if (field->class != CLASS_PERSONAL)
                return false;
        for (size_t i = 0; i < field->n_items; i++)
                if (is_about_person(&field->items[i]))
                        return true;
        return field->type == FIELD_TEXT && field->max_length <= SHORT_TEXT;
}

/* "applicant_name" is of the party "applicant". */
static bool is_of(const struct field *field, const struct option *party)
{
        return str_starts(field->name, party->key) && field->type <= FIELD_IDENTIFIER &&
               (field->name.n == party->key.n || field->name.p[party->key.n] == '_');
}

static bool is_of_party(const struct version *version, const struct field *field)
{
        for (size_t i = 0; i < version->n_parties; i++)
                if (is_of(field, &version->parties[i]) &&
                                (field->type != FIELD_TEXT || field->max_length <= SHORT_TEXT))
                        return true;
        return false;
}

static bool is_digest(const struct value *value)
{
        if (value->kind != VALUE_STRING || value->string.n < DIGEST_SIZE)
                return false;
        for (size_t i = 0; i < value->string.n; i++)
                if (strchr("0123456789abcdef", value->string.p[i]) == NULL)
                        return false;
        return true;
}

/* What nobody gives and no stranger is shown: keys, flags, lists of ids. Days, amounts and
 * decisions that follow from what was given are read like facts. */
static bool is_kept_for_itself(const struct field *field)
{
        static const bool kinds[FIELD_ANY + 1] = { [FIELD_TEXT] = true,
                [FIELD_LONG_TEXT] = true,
                [FIELD_INTEGER] = true,
                [FIELD_BOOL] = true,
                [FIELD_LIST] = true,
                [FIELD_IDENTIFIER] = true };
        return kinds[field->type] &&
               (field->class == CLASS_INTERNAL || field->class == CLASS_PERSONAL);
}

static enum kind kind_of(const struct facts *f, size_t i)
{
        const struct field *field = &f->version->fields[i];
        if (field->type == FIELD_FILE)
                return KIND_FILE;
        if (field->type == FIELD_ANY || is_digest(&f->matter->fields[i]) ||
                        (!f->given[i] && is_kept_for_itself(field)))
                return KIND_ASIDE;
        return is_about_person(field) || is_of_party(f->version, field) ? KIND_PARTY : KIND_FACT;
}

const bool *work_aside(struct arena *arena, const struct matter *matter)
{
        const struct version *version = matter->version;
        bool *aside = arena_new_array(arena, version->n_fields, bool);
        struct facts f = { .matter = matter,
                .version = version,
                .given = arena_new_array(arena, version->n_fields, bool) };
        note_given(&f);
        for (size_t i = 0; i < version->n_fields; i++)
                aside[i] = kind_of(&f, i) == KIND_ASIDE;
        return aside;
}

/* ---- Parties ---- */

static void tell(struct facts *f, struct view_list *list, size_t i)
{
        if (f->told[i])
                return;
        f->told[i] = true;
        matter_add_field(f->visit, f->matter, SIGHT_ALL, f->url, list, i, &f->matter->fields[i]);
}

static void add_group(struct view_list *groups, struct str label, const struct view_list *facts)
{
        struct view view = VIEW(groups->arena);
        if (facts->n == 0)
                return;
        view_text(&view, "party_label", label);
        view_put(&view, "facts", view_list_end(facts));
        view_add(groups, view_end(&view));
}

/* How many of its fields say who somebody is. */
static size_t count_party(const struct facts *f, const struct guide_question *question)
{
        size_t n = 0;
        for (size_t i = 0; i < question->n_fields; i++)
                n += kind_of(f, question->fields[i]) == KIND_PARTY;
        return n;
}

/* A question half of which asks who somebody is stands here as a whole. */
static void add_question(
                struct facts *f, const struct guide_question *question, struct view_list *groups)
{
        struct view_list facts = VIEW_LIST(f->visit->arena);
        size_t n = count_party(f, question);
        for (size_t i = 0; n != 0 && i < question->n_fields; i++) {
                enum kind kind = kind_of(f, question->fields[i]);
                if (kind == KIND_PARTY || (2 * n >= question->n_fields && kind == KIND_FACT))
                        tell(f, &facts, question->fields[i]);
        }
        add_group(groups, question->label, &facts);
}

static void add_party(struct facts *f, const struct option *party, struct view_list *groups)
{
        struct view_list facts = VIEW_LIST(f->visit->arena);
        for (size_t i = 0; i < f->version->n_fields; i++)
                if (kind_of(f, i) == KIND_PARTY && is_of(&f->version->fields[i], party))
                        tell(f, &facts, i);
        add_group(groups, party->label, &facts);
}

static struct value parties_view(struct facts *f)
{
        struct view_list groups = VIEW_LIST(f->visit->arena), rest = VIEW_LIST(f->visit->arena);
        const struct guide *guide = f->version->guide;
        for (size_t i = 0; guide != NULL && i < guide->n_questions; i++)
                add_question(f, &guide->questions[i], &groups);
        for (size_t i = 0; i < f->version->n_parties; i++)
                add_party(f, &f->version->parties[i], &groups);
        for (size_t i = 0; i < f->version->n_fields; i++)
                if (kind_of(f, i) == KIND_PARTY)
                        tell(f, &rest, i);
        add_group(&groups, groups.n == 0 ? STR_LIT("有关的人") : STR_LIT("其他有关的人"), &rest);
        return view_list_end(&groups);
}

/* ---- Files ---- */

static struct str size_text(struct arena *arena, size_t bytes)
{
        if (bytes < 1024)
                return str_format(arena, "%zu 字节", bytes);
        if (bytes < 1024 * 1024)
                return str_format(arena, "%zu KB", (bytes + 1023) / 1024);
        return str_format(arena, "%zu.%zu MB", bytes >> 20, (bytes >> 10 & 1023) * 10 / 1024);
}

static bool add_file(struct facts *f, struct view_list *files, struct str label, struct str hex,
                struct err *err)
{
        struct view view = VIEW(f->visit->arena);
        struct file_head head;
        bool kept;
        if (!files_head(f->visit->arena, f->visit->snapshot, hex, &head, &kept, err))
                return false;
        view_text(&view, "file_label", label);
        view_text(&view, "file_name",
                        kept ? head.name
                             : str_format(f->visit->arena, "%.*s……", STR_FMT(str_cut(hex, 12))));
        if (kept) {
                view_text(&view, "file_size", size_text(f->visit->arena, head.bytes));
                view_text(&view, "file_url",
                                str_format(f->visit->arena, "%.*s/files/%.*s", STR_FMT(f->url),
                                                STR_FMT(hex)));
        }
        view_add(files, view_end(&view));
        return true;
}

static bool add_files(struct facts *f, struct view_list *files, const struct field *field,
                const struct value *value, struct err *err)
{
        if (field->type == FIELD_FILE && value->kind == VALUE_STRING)
                return add_file(f, files, field->label, value->string, err);
        for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.n; i++)
                for (size_t k = 0; k < field->n_items; k++) {
                        const struct value *item = &value->list.items[i];
                        const struct value *member =
                                        item->kind == VALUE_CONTEXT
                                                        ? value_get(item, field->items[k].name)
                                                        : NULL;
                        if (member != NULL && field->items[k].type == FIELD_FILE &&
                                        !add_files(f, files, &field->items[k], member, err))
                                return false;
                }
        return true;
}

/* ---- The page ---- */

bool work_fill_facts(
                struct page *page, const struct matter *matter, struct str url, struct err *err)
{
        struct arena *arena = page->visit->arena;
        struct facts f = { .visit = page->visit,
                .matter = matter,
                .version = matter->version,
                .url = url,
                .given = arena_new_array(arena, matter->version->n_fields, bool),
                .told = arena_new_array(arena, matter->version->n_fields, bool) };
        struct view_list facts = VIEW_LIST(arena), files = VIEW_LIST(arena);
        struct view_list aside = VIEW_LIST(arena);
        note_given(&f);
        struct value parties = parties_view(&f);
        for (size_t i = 0; i < f.version->n_fields; i++) {
                enum kind kind = kind_of(&f, i);
                if (!add_files(&f, &files, &f.version->fields[i], &matter->fields[i], err))
                        return false;
                if (kind != KIND_FILE)
                        tell(&f, kind == KIND_ASIDE ? &aside : &facts, i);
        }
        view_put(&page->view, "facts", view_list_end(&facts));
        view_put(&page->view, "parties", parties);
        view_put(&page->view, "files", view_list_end(&files));
        view_put(&page->view, "aside", view_list_end(&aside));
        return true;
}
