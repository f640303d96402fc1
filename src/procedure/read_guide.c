/* procedure/read_guide.c - the section `guide` of a version. */
#include "procedure/draft.h"
#include "procedure/guide.h"

static const char guide_keys[] =
                "about subject audience who materials fees remedies questions presets items "
                "office";

static const struct str *read_texts(struct reader *r, const struct yaml *map, const char *key,
                struct str where, size_t *ret_n)
{
        const struct yaml *nodes = read_list(r, map, key, where, ret_n);
        struct str *texts = arena_new_array(r->arena, *ret_n, struct str);
        for (size_t i = 0; i < *ret_n; i++)
                texts[i] = nodes[i].text;
        return texts;
}

static void read_lines(struct reader *r, const struct yaml *map, const char *key, struct str where,
                struct guide_lines *ret)
{
        size_t n;
        const struct yaml *rows = read_rows(r, map, key, where, &n);
        struct guide_line *lines = arena_new_array(r->arena, n, struct guide_line);
        for (size_t i = 0; i < n; i++) {
                if (!read_keys(r, &rows[i], where, "say basis"))
                        continue;
                lines[ret->n].say = read_must(r, &rows[i], "say", where);
                lines[ret->n++].basis = read_must(r, &rows[i], "basis", where);
        }
        ret->items = lines;
}

/* ---- What the form asks ---- */

static bool is_among(const size_t *fields, size_t n, size_t field)
{
        for (size_t i = 0; i < n; i++)
                if (fields[i] == field)
                        return true;
        return false;
}

/* Does any act that begins a matter without an account take the field? */
static bool is_asked(const struct version *v, size_t field)
{
        for (size_t i = 0; i < v->n_acts; i++) {
                const struct act *act = &v->acts[i];
                if (guide_is_open(v, act) &&
                                (is_among(act->needs, act->n_needs, field) ||
                                                is_among(act->takes, act->n_takes, field)))
                        return true;
        }
        return false;
}

static void check_asked(struct draft *d, int line, size_t field, struct str where)
{
        if (!is_asked(d->v, field))
                read_fault(d->r, line, "%.*s：当事人开始办件的动作不填字段“%.*s”", STR_FMT(where),
                                STR_FMT(d->v->fields[field].name));
}

static void read_questions(
                struct draft *d, const struct yaml *map, struct str where, struct guide *guide)
{
        struct reader *r = d->r;
        size_t n;
        const struct yaml *rows = read_rows(r, map, "questions", where, &n);
        struct guide_question *questions = arena_new_array(r->arena, n, struct guide_question);
        for (size_t i = 0; i < n; i++) {
                struct guide_question *question = &questions[i];
                if (!read_keys(r, &rows[i], where, "label help when fields"))
                        continue;
                question->label = read_must(r, &rows[i], "label", where);
                question->help = read_text(r, &rows[i], "help", where);
                question->when = read_feel_at(r, &rows[i], "when", &d->reach, FEEL_BOOLEAN, where);
                question->fields = read_indexes(r, &rows[i], "fields", &d->fields, "字段", where,
                                &question->n_fields);
                for (size_t k = 0; k < question->n_fields; k++)
                        check_asked(d, rows[i].line, question->fields[k], where);
        }
        guide->questions = questions;
        guide->n_questions = n;
}

static void read_presets(
                struct draft *d, const struct yaml *map, struct str where, struct guide *guide)
{
        const struct yaml *section = read_section(d->r, map, "presets", where);
        if (section == NULL)
                return;
        struct guide_preset *presets =
                        arena_new_array(d->r->arena, section->n, struct guide_preset);
        for (size_t i = 0; i < section->n; i++) {
                const struct yaml_pair *pair = &section->pairs[i];
                struct yaml name = { .kind = YAML_TEXT, .line = pair->line, .text = pair->key };
                int field = read_index(d->r, &name, &d->fields, "字段", where);
                if (field < 0)
                        continue;
                check_asked(d, pair->line, (size_t)field, where);
                presets[guide->n_presets++] = (struct guide_preset){ (size_t)field,
                        read_value(d->r, &pair->value) };
        }
        guide->presets = presets;
}

static bool is_preset(const struct guide *guide, size_t field)
{
        for (size_t i = 0; i < guide->n_presets; i++)
                if (guide->presets[i].field == field)
                        return true;
        return false;
}

/* What the act needs must be asked, if anything is said about the asking. */
static void check_complete(struct draft *d, const struct yaml *map, const struct guide *guide,
                struct str where)
{
        const struct version *v = d->v;
        int index = guide_act(v);
        if (guide->n_questions == 0 || index < 0)
                return;
        for (size_t i = 0; i < v->acts[index].n_needs; i++) {
                size_t field = v->acts[index].needs[i];
                bool asked = is_preset(guide, field);
                for (size_t k = 0; k < guide->n_questions; k++)
                        asked |= is_among(guide->questions[k].fields, guide->questions[k].n_fields,
                                        field);
                if (!asked)
                        read_fault(d->r, map->line,
                                        "%.*s：questions 和 presets 都没有必填的字段“%.*s”",
                                        STR_FMT(where), STR_FMT(v->fields[field].name));
        }
}

/* ---- Services that stand in a register ---- */

static const struct field *entry_field(const struct reg *reg, struct str name)
{
        for (size_t i = 0; i < reg->n_fields; i++)
                if (str_eq(reg->fields[i].name, name))
                        return &reg->fields[i];
        return NULL;
}

/* The names are public fields of the register. */
static void check_entry_fields(struct reader *r, const struct yaml *node, const struct reg *reg,
                const struct str *names, size_t n, struct str where)
{
        for (size_t i = 0; i < n; i++) {
                const struct field *field = entry_field(reg, names[i]);
                if (field == NULL || field->class != CLASS_PUBLIC)
                        read_fault(r, node->line, "%.*s：名录“%.*s”没有公开的字段“%.*s”",
                                        STR_FMT(where), STR_FMT(reg->name), STR_FMT(names[i]));
        }
}

static void read_items(
                struct draft *d, const struct yaml *map, struct str where, struct guide *guide)
{
        struct reader *r = d->r;
        const struct yaml *node = yaml_get(map, "items");
        guide->items = -1;
        if (node == NULL || !read_keys(r, node, where, "field label where shows"))
                return;
        struct str name = read_must(r, node, "field", where);
        struct yaml text = { .kind = YAML_TEXT, .line = node->line, .text = name };
        int field = read_index(r, &text, &d->fields, "字段", where);
        guide->item_label = read_must(r, node, "label", where);
        guide->item_shows = read_texts(r, node, "shows", where, &guide->n_item_shows);
        if (field < 0)
                return;
        check_asked(d, node->line, (size_t)field, where);
        guide->reg = catalogue_register(r->catalogue, d->v->fields[field].reference);
        if (d->v->fields[field].type != FIELD_REF || guide->reg == NULL || !guide->reg->public) {
                read_fault(r, node->line, "%.*s：items 的字段应当引用一个公开的名录",
                                STR_FMT(where));
                guide->reg = NULL;
                return;
        }
        guide->items = field;
        const struct reach reach = { .schema = guide->reg->schema,
                .n_fields = guide->reg->n_fields };
        guide->item_where = read_feel_at(r, node, "where", &reach, FEEL_BOOLEAN, where);
        check_entry_fields(r, node, guide->reg, &guide->item_label, 1, where);
        check_entry_fields(r, node, guide->reg, guide->item_shows, guide->n_item_shows, where);
}

/* Over an entry of the register of units. */
static void read_office(
                struct draft *d, const struct yaml *map, struct str where, struct guide *guide)
{
        const struct reg *units = catalogue_register(d->r->catalogue, STR_LIT("units"));
        const struct yaml *node = yaml_get(map, "office");
        if (node == NULL)
                return;
        if (units == NULL) {
                read_fault(d->r, node->line, "%.*s：没有名录“units”，不能写 office",
                                STR_FMT(where));
                return;
        }
        const struct reach reach = { .schema = units->schema, .n_fields = units->n_fields };
        guide->office = read_feel_at(d->r, map, "office", &reach, FEEL_BOOLEAN, where);
}

void draft_guide(struct draft *d)
{
        static const char *const parts[] = {
                [GUIDE_WHO] = "who",
                [GUIDE_MATERIALS] = "materials",
                [GUIDE_FEES] = "fees",
                [GUIDE_REMEDIES] = "remedies",
        };
        struct reader *r = d->r;
        struct str where = STR_LIT("办事指南");
        const struct yaml *map = read_section(r, d->yaml, "guide", where);
        if (map == NULL || !read_keys(r, map, where, guide_keys))
                return;
        struct guide *guide = arena_new(r->arena, struct guide);
        if (guide_act(d->v) < 0)
                read_fault(r, map->line, "%.*s：没有当事人可以开始办件的动作", STR_FMT(where));
        guide->about = read_must(r, map, "about", where);
        guide->subject = read_must(r, map, "subject", where);
        guide->audience = read_texts(r, map, "audience", where, &guide->n_audience);
        for (size_t i = 0; i < N_GUIDE_PARTS; i++)
                read_lines(r, map, parts[i], where, &guide->parts[i]);
        read_questions(d, map, where, guide);
        read_presets(d, map, where, guide);
        check_complete(d, map, guide, where);
        read_office(d, map, where, guide);
        read_items(d, map, where, guide);
        d->v->guide = guide;
}
