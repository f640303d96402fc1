/* procedure/lint_disclosure.c - does a definition show what must not be shown?
 *
 * A stranger sees titles, numbers, publications and public documents. Only public
 * fields may go there; published ones where a publication puts them; personal
 * ones under a mask, where a publication lists them. */
#include "procedure/lint.h"

#include "screen/identifier.h"

static bool is_open(const struct field *field, bool published)
{
        return field->class == CLASS_PUBLIC || (published && field->class == CLASS_PUBLISHED);
}

/* ---- Expressions that strangers see ---- */

/* What the name in a slot would show, in words; NULL = nothing to hide. */
static const char *secret_of(struct lint *l, size_t slot, bool published, bool staff_only)
{
        const struct version *v = l->v;
        size_t field = slot;
        if (slot >= version_slot_before(v))
                field = slot - version_slot_before(v);
        if (field < v->n_fields) {
                if (staff_only)
                        return v->fields[field].class == CLASS_PERSONAL ? "个人信息" : NULL;
                return is_open(&v->fields[field], published) ? NULL : "不公开的字段";
        }
        if (staff_only)
                return NULL;
        if (slot == version_slot_fixed(v, NAME_ACTOR))
                return "经办人";
        if (slot == version_slot_fixed(v, NAME_CHILDREN) ||
                        slot == version_slot_fixed(v, NAME_PARENT))
                return "其他办件的字段";
        if (slot >= version_slot_did(v) && slot < version_slot_clocks(v))
                return "经办人";
        if (slot < version_slot_lookups(v) || slot >= version_slot_parameters(v))
                return NULL;
        const struct lookup *lookup = &v->lookups[slot - version_slot_lookups(v)];
        const struct reg *reg = catalogue_register(l->r->catalogue, lookup->reg);
        return reg != NULL && !reg->public ? "不公开的名录" : NULL;
}

static void lint_title(struct lint *l, const char *section, struct str name,
                const struct feel_expression *title, bool published, bool staff_only)
{
        size_t n = 0;
        const size_t *slots = title != NULL ? feel_slots_read(title, &n) : NULL;
        for (size_t i = 0; i < n; i++) {
                const char *secret = secret_of(l, slots[i], published, staff_only);
                if (secret != NULL)
                        lint_fault(l, section, name, "标题不能用“%.*s”：是%s",
                                        STR_FMT(l->v->schema->names[slots[i]].name), secret);
        }
}

/* ---- Publications ---- */

static bool is_mask(struct str mask)
{
        enum identifier_kind kind;
        return identifier_kind_of(mask, &kind);
}

static void lint_reads(struct lint *l, const struct publication *publication)
{
        for (size_t i = 0; i < publication->n_reads; i++) {
                const struct field *field = &l->v->fields[publication->reads[i]];
                bool shown = false;
                for (size_t k = 0; k < publication->n_shows; k++)
                        shown |= publication->shows[k] == publication->reads[i];
                if (!shown || (field->type != FIELD_TEXT && field->type != FIELD_LONG_TEXT))
                        lint_fault(l, "publications", publication->name,
                                        "公示 %.*s：reads 中的“%.*s”应当是 shows 中的文字",
                                        STR_FMT(publication->name), STR_FMT(field->name));
        }
}

static void lint_publication(struct lint *l, const struct publication *publication)
{
        const struct version *v = l->v;
        for (size_t i = 0; i < publication->n_shows; i++) {
                const struct field *field = &v->fields[publication->shows[i]];
                if (!is_open(field, true))
                        lint_fault(l, "publications", publication->name,
                                        "公示 %.*s：不能公开字段“%.*s”（class 应为 public 或 "
                                        "published；个人信息写在 masked 中）",
                                        STR_FMT(publication->name), STR_FMT(field->name));
        }
        for (size_t i = 0; i < publication->n_masked; i++) {
                const struct masked_field *masked = &publication->masked[i];
                const struct field *field = &v->fields[masked->field];
                if (field->class != CLASS_PERSONAL)
                        lint_fault(l, "publications", publication->name,
                                        "公示 %.*s：字段“%.*s”不是个人信息，不用脱敏",
                                        STR_FMT(publication->name), STR_FMT(field->name));
                if (!is_mask(masked->mask))
                        lint_fault(l, "publications", publication->name,
                                        "公示 %.*s：不认识的脱敏方式“%.*s”",
                                        STR_FMT(publication->name), STR_FMT(masked->mask));
        }
        lint_reads(l, publication);
        lint_title(l, "publications", publication->name, publication->title, true, false);
}

static bool is_shown(const struct version *v, size_t field)
{
        for (size_t i = 0; i < v->n_publications; i++)
                for (size_t j = 0; j < v->publications[i].n_shows; j++)
                        if (v->publications[i].shows[j] == field)
                                return true;
        return false;
}

static bool shows_one_of(const struct publication *publication, const int *fields, size_t n)
{
        for (size_t i = 0; i < publication->n_shows; i++)
                for (size_t j = 0; j < n; j++)
                        if (fields[j] >= 0 && publication->shows[i] == (size_t)fields[j])
                                return true;
        return false;
}

/* What proves a draw must be published, and stay so. */
static void lint_draw(struct lint *l)
{
        const struct version *v = l->v;
        const int fields[] = { v->draw.announced, v->draw.file, v->draw.fault };
        if (v->draw.announced < 0)
                return;
        for (size_t i = 0; i < N_ELEMENTS(fields); i++)
                if (fields[i] >= 0 && !is_shown(v, (size_t)fields[i]))
                        lint_fault(l, "draw", STR_LIT(""), "draw：没有公示显示字段“%.*s”",
                                        STR_FMT(v->fields[fields[i]].name));
        for (size_t i = 0; i < v->n_publications; i++)
                if (v->publications[i].days != 0 &&
                                shows_one_of(&v->publications[i], fields, N_ELEMENTS(fields)))
                        lint_fault(l, "publications", v->publications[i].name,
                                        "公示 %.*s：抽取的公示（含作废的）没有期限",
                                        STR_FMT(v->publications[i].name));
        for (size_t i = 0; i < v->n_acts; i++)
                if (v->acts[i].n_withdraws > 0)
                        lint_fault(l, "acts", v->acts[i].name,
                                        "办理动作 %.*s：抽取的公示（含作废的）不能撤下",
                                        STR_FMT(v->acts[i].name));
}

/* ---- Document texts ---- */

/* What a text may name beside fields and lookups (matter_view). */
static const char *const view_names[] = {
        "clock",
        "created_on",
        "document_number",
        "law",
        "number",
        "organ",
        "procedure_label",
        "state",
        "today",
        "unit_name",
};

static bool is_view_name(const struct version *v, struct str name)
{
        for (size_t i = 0; i < N_ELEMENTS(view_names); i++)
                if (str_is(name, view_names[i]))
                        return true;
        for (size_t i = 0; i < v->n_lookups; i++)
                if (str_eq(v->lookups[i].name, name))
                        return true;
        return false;
}

/* Names inside `{{#list}}` are the items' first. */
static bool is_item_name(const struct version *v, struct str name)
{
        for (size_t i = 0; i < v->n_fields; i++)
                for (size_t j = 0; j < v->fields[i].n_items; j++)
                        if (str_eq(v->fields[i].items[j].name, name))
                                return true;
        return false;
}

static void lint_name(struct lint *l, const struct document *document, struct str name, bool any)
{
        int field = version_field(l->v, name);
        if (!any && field < 0 && !is_view_name(l->v, name) && !is_item_name(l->v, name))
                lint_fault(l, "documents", document->name,
                                "文书 %.*s：正文用到的“%.*s”既不是字段，也不是内置名称",
                                STR_FMT(document->name), STR_FMT(name));
        if (field >= 0 && document->class == CLASS_PUBLIC && !is_open(&l->v->fields[field], false))
                lint_fault(l, "documents", document->name,
                                "文书 %.*s：是公开文书，正文不能用不公开的字段“%.*s”",
                                STR_FMT(document->name), STR_FMT(name));
}

/* The first name of "#a.b|zh", "a", "/a"; empty for "." and comments. */
static struct str name_in(struct str tag)
{
        while (tag.n != 0 && memchr("#?^/{&> \t", tag.p[0], 9) != NULL)
                tag = str_slice(tag, 1, tag.n);
        size_t end = 0;
        while (end < tag.n && memchr(".|? }\t", tag.p[end], 6) == NULL)
                end++;
        return str_slice(tag, 0, end);
}

/* The next tag of a text, without its braces; false at the end. */
static bool next_tag(struct str *text, struct str *ret)
{
        size_t open = str_find(*text, STR_LIT("{{"));
        if (open == SIZE_MAX)
                return false;
        *text = str_slice(*text, open + 2, text->n);
        size_t close = str_find(*text, STR_LIT("}}"));
        if (close == SIZE_MAX)
                return false;
        *ret = str_slice(*text, 0, close);
        *text = str_slice(*text, close + 2, text->n);
        return true;
}

/* Does the text go into something whose names nobody declared? */
static bool goes_into_anything(const struct version *v, struct str text)
{
        struct str tag;
        while (next_tag(&text, &tag)) {
                int field = version_field(v, name_in(tag));
                if (field >= 0 && v->fields[field].type == FIELD_ANY)
                        return true;
        }
        return false;
}

static void lint_document(struct lint *l, const struct document *document)
{
        struct str text = document->source, tag;
        bool any = goes_into_anything(l->v, text);
        while (next_tag(&text, &tag)) {
                struct str name = name_in(tag);
                if (name.n != 0 && tag.p[0] != '!' && tag.p[0] != '/')
                        lint_name(l, document, name, any);
        }
}

/* ---- Registers ---- */

/* Does an expression that goes into a public register's public field read a
 * personal field? It may have to (a certificate has a holder); somebody looks. */
static void lint_writes(struct lint *l, const struct act *act)
{
        const struct version *v = l->v;
        for (size_t i = 0; i < act->n_writes; i++) {
                const struct reg *reg = catalogue_register(l->r->catalogue, act->writes[i].reg);
                if (reg == NULL || !reg->public)
                        continue;
                for (size_t j = 0; j < act->writes[i].n_set; j++) {
                        const struct assignment *set = &act->writes[i].set[j];
                        size_t n = 0;
                        const size_t *slots =
                                        set->value != NULL ? feel_slots_read(set->value, &n) : NULL;
                        for (size_t k = 0; k < n; k++)
                                if (slots[k] < v->n_fields &&
                                                v->fields[slots[k]].class == CLASS_PERSONAL)
                                        lint_remark(l, "acts", act->name,
                                                        "办理动作 %.*s：把个人信息“%.*s”写入公开名录 "
                                                        "%.*s 的 %.*s",
                                                        STR_FMT(act->name),
                                                        STR_FMT(v->fields[slots[k]].name),
                                                        STR_FMT(reg->name), STR_FMT(set->name));
                }
        }
}

/* A step that is hidden from a party must not be open to everybody, and has to leave as it was what
 * the party is shown all the same: the state, the terms, the unit. */
static void lint_private(struct lint *l, const struct act *act)
{
        if (act->private && l->procedure->visible != VISIBLE_NEVER)
                lint_fault(l, "acts", act->name,
                                "办理动作 %.*s：private 只用于 visible: never 的程序",
                                STR_FMT(act->name));
        if (act->private && act->n_to != 0)
                lint_fault(l, "acts", act->name,
                                "办理动作 %.*s：private 的动作不能写 to，当事人从状态看得出办了什么",
                                STR_FMT(act->name));
        if (act->private && (act->n_clock_steps != 0 || act->moves != NULL))
                lint_fault(l, "acts", act->name,
                                "办理动作 %.*s：private 的动作不能改变期限或者移交，当事人看得到期限和承办单位",
                                STR_FMT(act->name));
        if (act->private && act->n_publishes + act->n_withdraws != 0)
                lint_fault(l, "acts", act->name,
                                "办理动作 %.*s：private 的动作不能公示或者撤下公示",
                                STR_FMT(act->name));
}

void lint_disclosure(struct lint *l)
{
        const struct version *v = l->v;
        enum visibility visible = l->procedure->visible;
        lint_title(l, "title", STR_LIT(""), v->title, visible == VISIBLE_PUBLISHED,
                        visible == VISIBLE_NEVER);
        for (size_t i = 0; i < v->n_publications; i++)
                lint_publication(l, &v->publications[i]);
        lint_draw(l);
        for (size_t i = 0; i < v->n_documents; i++)
                lint_document(l, &v->documents[i]);
        for (size_t i = 0; i < v->n_acts; i++) {
                lint_writes(l, &v->acts[i]);
                lint_private(l, &v->acts[i]);
        }
}
