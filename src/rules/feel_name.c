#include <assert.h>
#include <stdio.h>

#include "rules/feel_builtin.h"
#include "rules/feel_parser.h"

/* Remembers the longest name that stands in the text. */
struct match {
        struct str name;
        size_t end;
};

static void consider(const struct parser *p, struct match *best, struct str name)
{
        size_t end = scan_known_name(p->text, p->token.from, name);
        if (end > best->end)
                *best = (struct match){ name, end };
}

static void consider_members(
                const struct parser *p, struct match *best, const struct feel_type *type)
{
        for (size_t i = 0; type->kind == FEEL_CONTEXT && i < type->n_members; i++)
                consider(p, best, type->members[i].name);
}

static bool is_open_context(const struct feel_type *type)
{
        return type->kind == FEEL_ANY || (type->kind == FEEL_CONTEXT && type->n_members == 0);
}

static void consider_words(const struct parser *p, struct match *best)
{
        for (size_t i = 0; i < p->n_words; i++)
                consider(p, best, p->words[i]);
}

/* Names of variables and of the schema. */
static void consider_values(const struct parser *p, struct match *best)
{
        for (size_t i = 0; i < p->n_locals; i++) {
                const struct local *local = &p->locals[i];
                consider(p, best, local->name);
                if (!local->is_item)
                        continue;
                consider_members(p, best, local->type);
                if (is_open_context(local->type))
                        consider_words(p, best);
        }
        for (size_t i = 0; p->schema != NULL && i < p->schema->n_names; i++)
                consider(p, best, p->schema->names[i].name);
}

static bool is_local(const struct parser *p, struct str name)
{
        for (size_t i = 0; i < p->n_locals; i++)
                if (str_eq(p->locals[i].name, name))
                        return true;
        return false;
}

static bool is_call(const struct parser *p, size_t end)
{
        return scan_token(p->text, end).kind == T_OPEN;
}

/* Functions are names only where "(" follows. */
static bool consider_functions(const struct parser *p, struct match *best)
{
        struct match function = { 0 };
        for (size_t i = 0; p->schema != NULL && i < p->schema->n_hosts; i++)
                consider(p, &function, str_of(p->schema->hosts[i].name));
        struct str name;
        size_t end = builtin_match(p->text, p->token.from, &name);
        if (end > function.end)
                function = (struct match){ name, end };
        if (function.end < best->end || function.end == 0 || !is_call(p, function.end))
                return false;
        if (function.end == best->end && is_local(p, best->name))
                return false;
        *best = function;
        return true;
}

bool name_is_declared(const struct parser *p)
{
        struct match best = { 0 };
        consider_values(p, &best);
        return best.end > p->token.to;
}

void name_take(struct parser *p, struct named *ret)
{
        assert(p->token.kind == T_NAME);
        struct match best = { 0 };
        consider_values(p, &best);
        bool is_function = consider_functions(p, &best);
        if (best.end < p->token.to) /* nothing known is as long as the word here */
                best = (struct match){ str_slice(p->text, p->token.from, p->token.to),
                        p->token.to };
        *ret = (struct named){ best.name, p->token.from, is_function };
        p->token = scan_token(p->text, best.end);
}

struct str name_take_member(struct parser *p, const struct feel_type *of)
{
        static const char *const spaced[] = { "time offset", "start included", "end included" };
        struct match best = { 0 };
        const struct feel_type *type = of->kind == FEEL_LIST ? of->item : of;
        consider_members(p, &best, type);
        if (best.end == 0)
                consider_words(p, &best);
        for (size_t i = 0; i < N_ELEMENTS(spaced); i++)
                consider(p, &best, str_of(spaced[i]));
        if (best.end < p->token.to)
                best = (struct match){ str_slice(p->text, p->token.from, p->token.to),
                        p->token.to };
        p->token = scan_token(p->text, best.end);
        return best.name;
}

void name_add_word(struct parser *p, struct str name)
{
        if (p->n_words < N_ELEMENTS(p->words))
                p->words[p->n_words++] = name;
}

bool name_bind(struct parser *p, struct str name, const struct feel_type *type, uint32_t *ret)
{
        if (p->n_locals == FEEL_LOCALS_MAX)
                return parse_refuse(p, E_FEEL_LIMIT, p->token.from, "变量超过 %u 个",
                                       FEEL_LOCALS_MAX) != NULL;
        p->locals[p->n_locals] = (struct local){ .name = name, .type = type };
        *ret = p->n_locals++;
        if (p->n_locals > p->frame)
                p->frame = p->n_locals;
        return true;
}

/* ---- What a name means ---- */

static struct node *local_node(struct parser *p, size_t at, uint32_t index)
{
        p->locals[index].is_read = true;
        struct node *node = build(p, N_LOCAL, at, p->locals[index].type);
        if (node != NULL)
                node->index = index;
        return node;
}

static const struct feel_type *member_type(const struct feel_type *type, struct str name)
{
        for (size_t i = 0; type->kind == FEEL_CONTEXT && i < type->n_members; i++)
                if (str_eq(type->members[i].name, name))
                        return type->members[i].type;
        return NULL;
}

static struct node *slot_node(struct parser *p, size_t at, struct str name)
{
        const struct feel_schema *schema = p->schema;
        for (size_t i = 0; schema != NULL && i < schema->n_names; i++) {
                if (!str_eq(schema->names[i].name, name))
                        continue;
                struct node *node = build(p, N_SLOT, at, schema->names[i].type);
                if (node == NULL)
                        return NULL;
                p->slots[i] = true;
                node->index = (uint32_t)i;
                node->name = name;
                return node;
        }
        return NULL;
}

/* Outside all variables: the schema, a builtin as a value, or an unknown name. */
static struct node *global_node(struct parser *p, const struct named *named, bool may_be_member)
{
        struct node *node = slot_node(p, named->from, named->name);
        if (node != NULL)
                return node;
        const struct builtin *builtin = builtin_next(named->name, NULL);
        if (builtin != NULL) {
                node = build(p, N_BUILTIN_VALUE, named->from, feel_type_of(FEEL_FUNCTION));
                if (node != NULL)
                        node->builtin = builtin;
                return node;
        }
        if (may_be_member && p->strict)
                return build_literal(p, named->from, value_null());
        if (p->strict)
                return parse_refuse(p, E_FEEL_NAME, named->from, "没有声明“%.*s”",
                                STR_FMT(named->name));
        node = build(p, N_NAME, named->from, feel_type_of(FEEL_ANY));
        if (node != NULL)
                node->name = named->name;
        return node;
}

static struct node *item_name_node(struct parser *p, const struct named *named, uint32_t item,
                const struct node *otherwise)
{
        struct node *node = build_unary(p, N_ITEM_NAME, named->from, otherwise);
        if (node == NULL)
                return NULL;
        node->index = item;
        node->name = named->name;
        return node;
}

/* What the name means at one variable; NULL with *refused false: nothing here. An
 * item's members come before its own name, `item`. */
static struct node *resolve_at(
                struct parser *p, const struct named *named, uint32_t at, bool *refused)
{
        const struct local *local = &p->locals[at];
        bool is_member = local->is_item && member_type(local->type, named->name) != NULL;
        *refused = false;
        if (!is_member && !str_eq(local->name, named->name))
                return NULL;
        struct node *node = local_node(p, named->from, at);
        if (node != NULL && is_member)
                node = build_path(p, named->from, node, named->name);
        *refused = node == NULL;
        return node;
}

struct node *name_resolve(struct parser *p, const struct named *named)
{
        uint32_t open[FEEL_LOCALS_MAX], n_open = 0; /* items that may have such a member */
        struct node *node = NULL;
        bool refused = false;
        for (uint32_t i = p->n_locals; i-- > 0 && node == NULL && !refused;) {
                node = resolve_at(p, named, i, &refused);
                if (p->locals[i].is_item && is_open_context(p->locals[i].type))
                        open[n_open++] = i;
        }
        if (node == NULL && !refused)
                node = global_node(p, named, n_open != 0);
        while (node != NULL && n_open > 0)
                node = item_name_node(p, named, open[--n_open], node);
        return node;
}

/* ---- Host functions ---- */

static bool read_param(struct parser *p, struct str text, struct host *host)
{
        struct str type = str_trim(text);
        bool optional = str_ends(type, STR_LIT("?")), any = str_ends(type, STR_LIT("..."));
        type = str_slice(type, 0, type.n - (any ? 3 : optional ? 1 : 0));
        if (host->n_params == FEEL_ARGS_MAX)
                return err_set(p->err, E_FEEL_LIMIT, "函数 %s 的参数太多", host->declared->name);
        if (!feel_type_parse(p->arena, type, &host->params[host->n_params++], p->err))
                return false;
        if (!optional && !any)
                host->n_required = host->n_params;
        host->variadic = any;
        return true;
}

/* Types are split at commas outside < >. */
static bool read_params(struct parser *p, struct host *host)
{
        struct str text = str_trim(str_of(host->declared->params));
        size_t from = 0;
        int open = 0;
        host->params = arena_new_array(p->arena, FEEL_ARGS_MAX, const struct feel_type *);
        for (size_t i = 0; i <= text.n && text.n != 0; i++) {
                char c = i < text.n ? text.p[i] : ',';
                open += (c == '<') - (c == '>' && text.p[i - 1] != '-');
                if (c != ',' || (open > 0 && i < text.n))
                        continue;
                if (!read_param(p, str_slice(text, from, i), host))
                        return false;
                from = i + 1;
        }
        return true;
}

void name_start_hosts(struct parser *p)
{
        size_t n = p->schema != NULL ? p->schema->n_hosts : 0;
        p->hosts = arena_new_array(p->arena, n, struct host);
}

/* Signatures are read when a call first needs them. */
const struct host *name_host(struct parser *p, struct str name, bool *ok)
{
        *ok = true;
        for (size_t i = 0; p->schema != NULL && i < p->schema->n_hosts; i++) {
                struct host *host = &p->hosts[i];
                if (!str_is(name, p->schema->hosts[i].name))
                        continue;
                if (host->declared != NULL)
                        return host;
                host->declared = &p->schema->hosts[i];
                *ok = read_params(p, host) &&
                      feel_type_parse(p->arena, str_of(host->declared->result), &host->result,
                                      p->err);
                return host;
        }
        return NULL;
}
