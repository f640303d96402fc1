/* procedure/read_indicators.c - an indicators file, bound to what it counts. */
#include "procedure/read_file.h"

#include <assert.h>

#include "procedure/schema.h"

static const char indicator_keys[] =
                "label unit scope law note count of sum distinct "
                "count_entries sum_entries distinct_entries ratio growth where date each "
                "percent decimals scale parameters versions";

/* The key that tells the kind, and the key that says what is added up. */
static const struct {
        const char *key, *amount;
        enum indicator_kind kind;
        enum feel_kind type;
} kinds[] = {
        { "count_entries", NULL, INDICATOR_COUNT_ENTRIES, FEEL_ANY },
        { "sum_entries", "sum", INDICATOR_SUM_ENTRIES, FEEL_NUMBER },
        { "distinct_entries", "distinct", INDICATOR_DISTINCT_ENTRIES, FEEL_ANY },
        { "ratio", NULL, INDICATOR_RATIO, FEEL_ANY },
        { "growth", NULL, INDICATOR_GROWTH, FEEL_ANY },
        { "count", NULL, INDICATOR_COUNT, FEEL_ANY },
        { "sum", "sum", INDICATOR_SUM, FEEL_NUMBER },
        { "distinct", "distinct", INDICATOR_DISTINCT, FEEL_ANY },
};

struct making {
        struct reader *r;
        const struct yaml *node;
        struct indicator *indicator;
        size_t kind; /* row of kinds */
        struct str where;
};

/* Letters, digits, dashes and underscores: IND-MDN-01. */
static bool is_id(struct str id)
{
        for (size_t i = 0; i < id.n; i++) {
                char c = id.p[i];
                bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
                if (!ok)
                        return false;
        }
        return id.n != 0 && id.n <= 64;
}

static bool find_kind(const struct yaml *node, size_t *ret)
{
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
                if (yaml_get(node, kinds[i].key) == NULL)
                        continue;
                *ret = i;
                return true;
        }
        return false;
}

/* ---- Over matters ---- */

static void bind_version(
                struct making *m, const struct version *v, struct indicator_binding *binding)
{
        struct indicator *indicator = m->indicator;
        struct reader *r = m->r;
        struct str place =
                        str_format(r->arena, "%.*s（%.*s）", STR_FMT(m->where), STR_FMT(v->name));
        struct reach reach = {
                .schema = schema_with_parameters(r->arena, v->schema, indicator->parameters,
                                indicator->n_parameters),
                .version = v,
                .n_fields = v->n_fields,
                .each = yaml_get(m->node, "each") != NULL,
        };
        *binding = (struct indicator_binding){
                .version = v,
                .where = read_feel_at(r, m->node, "where", &reach, FEEL_BOOLEAN, place),
                .date = read_feel_at(r, m->node, "date", &reach, FEEL_DATE, place),
        };
        if (kinds[m->kind].amount != NULL)
                binding->amount = read_feel_at(r, m->node, kinds[m->kind].amount, &reach,
                                kinds[m->kind].type, place);
        reach.each = false;
        binding->each = read_feel_at(r, m->node, "each", &reach, FEEL_LIST, place);
}

/* Without `versions`, an indicator counts all of them. */
static bool counts_version(const struct yaml *versions, size_t n, const struct version *v)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(versions[i].text, v->name))
                        return true;
        return n == 0;
}

static size_t count_versions(struct making *m, const struct yaml *procedures, size_t n)
{
        size_t total = 0;
        for (size_t i = 0; i < n; i++) {
                const struct procedure *p =
                                catalogue_procedure(m->r->catalogue, procedures[i].text);
                if (p == NULL)
                        read_fault(m->r, procedures[i].line, "%.*s：没有程序“%.*s”",
                                        STR_FMT(m->where), STR_FMT(procedures[i].text));
                else
                        total += p->n_versions;
        }
        return total;
}

static void check_versions(struct making *m, const struct yaml *versions, size_t n_versions,
                const struct yaml *procedures, size_t n)
{
        for (size_t i = 0; i < n_versions; i++) {
                bool found = false;
                for (size_t j = 0; j < n; j++) {
                        const struct procedure *p =
                                        catalogue_procedure(m->r->catalogue, procedures[j].text);
                        found = found ||
                                (p != NULL && procedure_version(p, versions[i].text) != NULL);
                }
                if (!found)
                        read_fault(m->r, versions[i].line, "%.*s：没有版本“%.*s”",
                                        STR_FMT(m->where), STR_FMT(versions[i].text));
        }
}

static void bind_matters(struct making *m)
{
        struct reader *r = m->r;
        const char *key = m->indicator->kind == INDICATOR_COUNT ? "count" : "of";
        size_t n, n_versions;
        const struct yaml *procedures = read_list(r, m->node, key, m->where, &n);
        const struct yaml *versions = read_list(r, m->node, "versions", m->where, &n_versions);
        if (n == 0)
                read_fault(r, m->node->line, "%.*s：缺少 %s（哪个程序）", STR_FMT(m->where), key);
        if (yaml_get(m->node, "date") == NULL)
                read_fault(r, m->node->line, "%.*s：缺少 date（按哪一天归入期间）",
                                STR_FMT(m->where));
        check_versions(m, versions, n_versions, procedures, n);
        struct indicator_binding *bindings = arena_new_array(
                        r->arena, count_versions(m, procedures, n), struct indicator_binding);
        m->indicator->bindings = bindings;
        for (size_t i = 0; i < n; i++) {
                const struct procedure *p = catalogue_procedure(r->catalogue, procedures[i].text);
                for (size_t j = 0; p != NULL && j < p->n_versions; j++)
                        if (counts_version(versions, n_versions, p->versions[j]))
                                bind_version(m, p->versions[j],
                                                &bindings[m->indicator->n_bindings++]);
        }
}

/* ---- Over entries ---- */

static void bind_entries(struct making *m)
{
        struct reader *r = m->r;
        struct indicator *indicator = m->indicator;
        const char *key = kinds[m->kind].key;
        struct str name = read_must(r, m->node, key, m->where);
        indicator->reg = catalogue_register(r->catalogue, name);
        if (indicator->reg == NULL) {
                read_fault(r, yaml_get(m->node, key)->line, "%.*s：没有名录“%.*s”",
                                STR_FMT(m->where), STR_FMT(name));
                return;
        }
        struct reach reach = {
                .schema = schema_with_parameters(r->arena, indicator->reg->schema,
                                indicator->parameters, indicator->n_parameters),
                .n_fields = indicator->reg->n_fields,
        };
        indicator->where = read_feel_at(r, m->node, "where", &reach, FEEL_BOOLEAN, m->where);
        if (kinds[m->kind].amount != NULL)
                indicator->amount = read_feel_at(r, m->node, kinds[m->kind].amount, &reach,
                                kinds[m->kind].type, m->where);
}

/* ---- Over other indicators ---- */

static void bind_operands(struct making *m)
{
        size_t n, wanted = m->indicator->kind == INDICATOR_RATIO ? 2 : 1;
        const char *key = kinds[m->kind].key;
        const struct yaml *items = read_list(m->r, m->node, key, m->where, &n);
        if (n != wanted)
                read_fault(m->r, m->node->line, "%.*s：%s 应写 %zu 个指标编号", STR_FMT(m->where),
                                key, wanted);
        for (size_t i = 0; i < n && i < wanted; i++)
                m->indicator->operand[i] = items[i].text;
}

/* ---- One indicator ---- */

/* "计数：行政调解；条件：kind = \"行政\"；日期：accepted_on" */
static struct str definition_of(struct making *m)
{
        static const struct {
                const char *key, *label;
        } parts[] = {
                { "count", "计数" },
                { "sum", "合计" },
                { "distinct", "去重计数" },
                { "of", "来自" },
                { "count_entries", "计名录条目" },
                { "sum_entries", "名录条目" },
                { "distinct_entries", "名录条目" },
                { "ratio", "比率" },
                { "growth", "同比增长" },
                { "each", "逐项" },
                { "where", "条件" },
                { "date", "日期" },
                { "scale", "除以" },
                { "versions", "版本" },
        };
        struct buf buf = BUF(m->r->arena);
        for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
                const struct yaml *node = yaml_get(m->node, parts[i].key);
                if (node == NULL)
                        continue;
                buf_format(&buf, "%s%s：", buf.n != 0 ? "；" : "", parts[i].label);
                buf_str_add(&buf, node->text);
                for (size_t j = 0; node->kind == YAML_LIST && j < node->n; j++) {
                        buf_c(&buf, j != 0 ? "、" : "");
                        buf_str_add(&buf, node->items[j].text);
                }
        }
        return buf_str(&buf);
}

static void read_kind(struct making *m)
{
        if (!find_kind(m->node, &m->kind)) {
                read_fault(m->r, m->node->line,
                                "%.*s：没有写算什么（count、sum、distinct、"
                                "count_entries、ratio、growth ……）",
                                STR_FMT(m->where));
                m->indicator->kind = INDICATOR_GROWTH; /* of nothing */
                return;
        }
        m->indicator->kind = kinds[m->kind].kind;
        const char *amount = kinds[m->kind].amount;
        if (amount != NULL && yaml_get(m->node, amount) == NULL)
                read_fault(m->r, m->node->line, "%.*s：缺少 %s", STR_FMT(m->where), amount);
        if (m->indicator->kind <= INDICATOR_DISTINCT)
                bind_matters(m);
        else if (m->indicator->kind <= INDICATOR_DISTINCT_ENTRIES)
                bind_entries(m);
        else
                bind_operands(m);
}

static void read_indicator(
                struct reader *r, const struct yaml_pair *pair, struct indicator *indicator)
{
        struct making m = { .r = r,
                .node = &pair->value,
                .indicator = indicator,
                .where = str_format(r->arena, "指标 %.*s", STR_FMT(pair->key)) };
        *indicator = (struct indicator){
                .id = pair->key, .label = pair->key, .scale = 1, .kind = INDICATOR_GROWTH
        };
        if (!is_id(pair->key))
                read_fault(r, pair->line, "%.*s：编号只能用字母、数字和短横线", STR_FMT(m.where));
        if (!read_keys(r, m.node, m.where, indicator_keys))
                return;
        indicator->label = read_must(r, m.node, "label", m.where);
        indicator->unit = read_text(r, m.node, "unit", m.where);
        indicator->scope = read_text(r, m.node, "scope", m.where);
        indicator->law = read_text(r, m.node, "law", m.where);
        indicator->note = read_text(r, m.node, "note", m.where);
        indicator->percent = read_bool(r, m.node, "percent", m.where);
        indicator->decimals = (int)read_int(r, m.node, "decimals", 0, 0, 6, m.where);
        indicator->scale = read_int(r, m.node, "scale", 1, 1, 1000000000, m.where);
        indicator->parameters = read_parameters(r, m.node, m.where, &indicator->n_parameters);
        indicator->definition = definition_of(&m);
        read_kind(&m);
}

const struct indicator *read_indicators(struct reader *r, const struct yaml *root, size_t *ret_n)
{
        *ret_n = 0;
        read_keys(r, root, STR_LIT("指标文件"), "indicators");
        const struct yaml *map = read_section(r, root, "indicators", STR_LIT("指标文件"));
        if (map == NULL)
                return NULL;
        struct indicator *rows = arena_new_array(r->arena, map->n, struct indicator);
        for (size_t i = 0; i < map->n; i++)
                read_indicator(r, &map->pairs[i], &rows[i]);
        *ret_n = map->n;
        return rows;
}
