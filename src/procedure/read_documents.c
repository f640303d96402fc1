/* procedure/read_documents.c - the documents (文书) and publications (公示) of a version. */
#include "procedure/draft.h"

#include "template/template.h"

/* ---- Documents ---- */

/* Names, or a map name: FEEL for those to whom it goes only sometimes. */
static void read_addressees(struct draft *d, const struct yaml *node, struct document *document,
                struct str where)
{
        struct reader *r = d->r;
        const struct yaml *value = yaml_get(node, "to");
        document->is_addressed = value != NULL;
        if (value == NULL)
                return;
        bool is_map = value->kind == YAML_MAP;
        const struct yaml *items = is_map ? NULL : read_list(r, node, "to", where, &document->n_to);
        if (is_map)
                document->n_to = value->n;
        struct addressee *to = arena_new_array(r->arena, document->n_to, struct addressee);
        for (size_t i = 0; i < document->n_to; i++) {
                to[i].who = is_map ? value->pairs[i].key : items[i].text;
                read_name(r, to[i].who, is_map ? value->pairs[i].line : items[i].line, where);
                if (is_map)
                        to[i].when = read_feel(
                                        r, &value->pairs[i].value, &d->reach, FEEL_BOOLEAN, where);
        }
        document->to = to;
}

static void read_document(struct draft *d, const struct yaml_pair *pair, struct document *document)
{
        struct reader *r = d->r;
        struct str where = str_format(r->arena, "文书 %.*s", STR_FMT(pair->key));
        *document = (struct document){ .name = pair->key, .label = pair->key };
        if (!read_keys(r, &pair->value, where, "label number class to text"))
                return;
        document->label = read_must(r, &pair->value, "label", where);
        document->number = read_text(r, &pair->value, "number", where);
        if (document->number.n != 0)
                read_number_format(r, d->v, document->number,
                                yaml_get(&pair->value, "number")->line, true, where);
        bool public = read_word(r, &pair->value, "class", "internal public", where) == 1;
        document->class = public ? CLASS_PUBLIC : CLASS_INTERNAL;
        read_addressees(d, &pair->value, document, where);
        struct str text = read_must(r, &pair->value, "text", where);
        document->source = text;
        struct err err;
        if (text.n != 0 && !template_parse(r->arena, pair->key, text, TEMPLATE_TEXT, NULL,
                                           &document->text, &err))
                read_fault(r, yaml_get(&pair->value, "text")->line, "%.*s：%s（%s）",
                                STR_FMT(where), err_text(err.code)->sentence, err.detail);
}

void draft_documents(struct draft *d, const struct yaml *documents)
{
        struct document *rows = arena_new_array(d->r->arena, d->documents.n, struct document);
        for (size_t i = 0; i < d->documents.n; i++)
                read_document(d, &documents->pairs[i], &rows[i]);
        d->v->documents = rows;
        d->v->n_documents = d->documents.n;
}

/* ---- Publications ---- */

static void read_masked(struct draft *d, const struct yaml *node, struct publication *publication,
                struct str where)
{
        const struct yaml *section = read_section(d->r, node, "masked", where);
        if (section == NULL)
                return;
        struct masked_field *masked = arena_new_array(d->r->arena, section->n, struct masked_field);
        for (size_t i = 0; i < section->n; i++) {
                const struct yaml_pair *pair = &section->pairs[i];
                struct yaml name = { .kind = YAML_TEXT, .line = pair->line, .text = pair->key };
                int field = read_index(d->r, &name, &d->fields, "字段", where);
                if (pair->value.kind != YAML_TEXT)
                        read_fault(d->r, pair->line, "%.*s：masked 应如 {applicant_name: name}",
                                        STR_FMT(where));
                if (field >= 0)
                        masked[publication->n_masked++] =
                                        (struct masked_field){ (size_t)field, pair->value.text };
        }
        publication->masked = masked;
}

static void read_publication(
                struct draft *d, const struct yaml_pair *pair, struct publication *publication)
{
        struct reader *r = d->r;
        const struct yaml *node = &pair->value;
        struct str where = str_format(r->arena, "公示 %.*s", STR_FMT(pair->key));
        *publication = (struct publication){ .name = pair->key, .label = pair->key };
        if (!read_keys(r, node, where, "label title shows reads masked days"))
                return;
        publication->label = read_must(r, node, "label", where);
        publication->title = read_feel_at(r, node, "title", &d->reach, FEEL_STRING, where);
        publication->shows = read_indexes(
                        r, node, "shows", &d->fields, "字段", where, &publication->n_shows);
        publication->reads = read_indexes(
                        r, node, "reads", &d->fields, "字段", where, &publication->n_reads);
        read_masked(d, node, publication, where);
        publication->days = (int)read_int(r, node, "days", 0, 1, 36500, where);
}

void draft_publications(struct draft *d, const struct yaml *publications)
{
        struct publication *rows =
                        arena_new_array(d->r->arena, d->publications.n, struct publication);
        for (size_t i = 0; i < d->publications.n; i++)
                read_publication(d, &publications->pairs[i], &rows[i]);
        d->v->publications = rows;
        d->v->n_publications = d->publications.n;
}
