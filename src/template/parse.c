/* Reads template text into nodes. Parts and layouts are read in place, so that
 * rendering never looks anything up and cannot recurse without end. */
#include <assert.h>

#include "template/node.h"

/* One `{{$name}}..{{/name}}` that a page hands to its layout. */
struct override {
        struct str name;
        struct node *body;
        bool used;
        struct override *next;
};

/* What stands inside one `{{<layout}}`; `outer` is the page that uses this one
 * as its layout, and goes before it. */
struct overrides {
        struct override *first;
        const struct overrides *outer;
};

/* What all files of one template share. */
struct work {
        struct arena *arena;
        const struct template_source *source;
        struct err *err;
        size_t n_nodes, n_bytes; /* of all files together */
        unsigned depth;
};

struct parser {
        struct work *work;
        struct str file, text;
        size_t at;
        unsigned line, tag_line; /* of `at`, and of the tag read last */
        const struct overrides *overrides;
};

#define TAG_VALUE '\0' /* {{name}}: no sigil */
#define TAG_END   '\n' /* no tag: the text has ended */

struct tag {
        char sigil;      /* one of # ? ^ / ! > < $ { or the two above */
        struct str name; /* what stands behind the sigil */
};

/* A chain of nodes being made. */
struct chain {
        struct node *first, *last;
};

static bool parse_file(struct work *work, struct str name, struct str text,
                const struct overrides *overrides, struct node **ret);
static bool parse_until(struct parser *p, struct str closing, struct chain *chain);

bool node_fail(const struct node *node, struct err *err, enum err_code code, const char *what)
{
        return err_field(err, code, node->file, "第 %u 行：{{%.*s}} %s", node->line,
                        node->kind == NODE_TEXT ? 0 : (int)node->text.n,
                        node->text.p != NULL ? node->text.p : "", what);
}

static bool fail(struct parser *p, const char *what)
{
        return err_field(p->work->err, E_TEMPLATE, p->file, "第 %u 行：%s", p->tag_line, what);
}

static bool fail_name(struct parser *p, const char *what, struct str name)
{
        name = str_cut(name, LIMIT_NAME_BYTES);
        return err_field(p->work->err, E_TEMPLATE, p->file, "第 %u 行：%s「%.*s」", p->tag_line,
                        what, STR_FMT(name));
}

static bool enter(struct parser *p)
{
        if (p->work->depth == LIMIT_NESTING)
                return err_field(p->work->err, E_LIMIT, p->file, "第 %u 行：嵌套太深", p->tag_line);
        p->work->depth++;
        return true;
}

static struct node *node_new(struct parser *p, enum node_kind kind, struct str text)
{
        struct node *node = arena_new(p->work->arena, struct node);
        *node = (struct node){ .kind = kind, .file = p->file, .line = p->tag_line, .text = text };
        return node;
}

static bool chain_add(struct parser *p, struct chain *chain, struct node *node)
{
        if (p->work->n_nodes++ == LIMIT_TEMPLATE_NODES)
                return err_field(p->work->err, E_LIMIT, p->file, "模板太大");
        if (chain->last == NULL)
                chain->first = node;
        else
                chain->last->next = node;
        chain->last = node;
        return true;
}

static void move_to(struct parser *p, size_t at)
{
        for (; p->at < at; p->at++)
                p->line += p->text.p[p->at] == '\n';
}

static bool is_name_char(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
}

static bool is_name(struct str name)
{
        for (size_t i = 0; i < name.n; i++)
                if (!is_name_char(name.p[i]))
                        return false;
        return name.n > 0 && name.n <= LIMIT_NAME_BYTES;
}

/* "parts/clock.html": names with '/' and '.' between them, never "..". */
static bool is_file_name(struct str name)
{
        for (size_t i = 0; i < name.n; i++) {
                if (is_name_char(name.p[i]))
                        continue;
                bool joins = (name.p[i] == '/' || name.p[i] == '.') && i > 0 &&
                             is_name_char(name.p[i - 1]);
                if (!joins || i + 1 == name.n)
                        return false;
        }
        return name.n > 0 && name.n <= LIMIT_NAME_BYTES;
}

/* Splits "a.b?" into the node's steps. */
static bool parse_path(struct parser *p, struct node *node, struct str path)
{
        if (str_ends(path, STR_LIT("?"))) {
                node->optional = true;
                path.n--;
        }
        node->text = path;
        if (str_is(path, "."))
                return true;
        struct str rest = path;
        do {
                struct str step = str_split(&rest, '.');
                if (!is_name(step))
                        return fail_name(p, "不是名称：", path);
                if (node->n_steps == NODE_STEPS_MAX)
                        return fail_name(p, "路径太长：", path);
                node->steps[node->n_steps++] = step;
        } while (rest.p != NULL);
        return true;
}

static bool parse_value(struct parser *p, struct node *node, struct str inside)
{
        struct str rest = inside;
        if (!parse_path(p, node, str_trim(str_split(&rest, '|'))))
                return false;
        while (rest.p != NULL) {
                struct str name = str_trim(str_split(&rest, '|'));
                if (node->n_filters == NODE_FILTERS_MAX)
                        return fail_name(p, "格式太多：", name);
                if (!filter_find(name, &node->filters[node->n_filters]))
                        return fail_name(p, "没有这种格式：", name);
                node->n_filters++;
        }
        return true;
}

/* Only what another rendering made may be printed unescaped, and its name says
 * so: one grep finds every such place. */
static bool parse_raw(struct parser *p, struct node *node, struct str inside)
{
        if (!parse_path(p, node, str_trim(inside)))
                return false;
        if (node->n_steps == 0 || !str_ends(node->steps[node->n_steps - 1], STR_LIT("_html")))
                return fail_name(p, "只有名称以 _html 结尾的值可以原样输出：", node->text);
        return true;
}

/* Blanks alone before and behind a tag on its line: then the whole line goes. */
static bool stands_alone(struct str text, size_t open, size_t close, size_t *line_end)
{
        while (open > 0 && text.p[open - 1] != '\n') {
                open--;
                if (text.p[open] != ' ' && text.p[open] != '\t')
                        return false;
        }
        while (close < text.n && (text.p[close] == ' ' || text.p[close] == '\r'))
                close++;
        if (close < text.n && text.p[close] != '\n')
                return false;
        *line_end = close < text.n ? close + 1 : close;
        return true;
}

/* Reads the tag that opens at p->at; *ret_after is where the text goes on. */
static bool read_tag(struct parser *p, struct tag *tag, size_t *ret_after)
{
        size_t n_braces = str_starts(str_slice(p->text, p->at, p->text.n), STR_LIT("{{{")) ? 3 : 2;
        struct str behind = str_slice(p->text, p->at + n_braces, p->text.n);
        size_t length = str_find(behind, n_braces == 3 ? STR_LIT("}}}") : STR_LIT("}}"));
        if (length == SIZE_MAX)
                return fail(p, "标记没有结束，缺少 }}");
        struct str inside = str_trim(str_slice(behind, 0, length));
        *ret_after = p->at + n_braces + length + n_braces;
        *tag = (struct tag){ .sigil = n_braces == 3 ? '{' : TAG_VALUE, .name = inside };
        if (n_braces == 2 && inside.n != 0 && memchr("#?^/!><$", inside.p[0], 8) != NULL) {
                tag->sigil = inside.p[0];
                tag->name = str_trim(str_slice(inside, 1, inside.n));
        }
        if (tag->sigil != '!' && str_find(inside, STR_LIT("\n")) != SIZE_MAX)
                return fail(p, "标记不能跨行");
        return true;
}

/* Adds the text up to the next tag and reads the tag; at the end of the text
 * its sigil is TAG_END. */
static bool next_tag(struct parser *p, struct chain *chain, struct tag *tag)
{
        size_t from = p->at;
        size_t length = str_find(str_slice(p->text, from, p->text.n), STR_LIT("{{"));
        size_t open = length == SIZE_MAX ? p->text.n : from + length;
        size_t text_end = open, after = open;
        move_to(p, open);
        p->tag_line = p->line;
        *tag = (struct tag){ .sigil = TAG_END };
        if (open < p->text.n) {
                if (!read_tag(p, tag, &after))
                        return false;
                bool prints = tag->sigil == TAG_VALUE || tag->sigil == '{';
                if (!prints && stands_alone(p->text, open, after, &after))
                        while (text_end > from && p->text.p[text_end - 1] != '\n')
                                text_end--;
        }
        struct str text = str_slice(p->text, from, text_end);
        if (text.n != 0 && !chain_add(p, chain, node_new(p, NODE_TEXT, text)))
                return false;
        move_to(p, after);
        return true;
}

static bool parse_section(
                struct parser *p, struct chain *chain, enum node_kind kind, struct str name)
{
        struct node *node = node_new(p, kind, name);
        struct chain body = { 0 };
        if (!parse_path(p, node, name) || !enter(p) || !parse_until(p, node->text, &body))
                return false;
        p->work->depth--;
        node->body = body.first;
        return chain_add(p, chain, node);
}

static bool load(struct parser *p, struct str name, struct str *ret)
{
        if (!is_file_name(name))
                return fail_name(p, "不是模板的名称：", name);
        if (p->work->source == NULL)
                return fail_name(p, "这里不能引用别的模板：", name);
        return p->work->source->load(p->work->source->context, name, ret, p->work->err);
}

static bool parse_part(struct parser *p, struct chain *chain, struct str name,
                const struct overrides *overrides)
{
        struct node *node = node_new(p, NODE_GROUP, name);
        struct str text;
        if (!enter(p) || !load(p, name, &text) ||
                        !parse_file(p->work, name, text, overrides, &node->body))
                return false;
        p->work->depth--;
        return chain_add(p, chain, node);
}

/* The outermost page's text for the block, or NULL. */
static const struct override *find_override(const struct overrides *overrides, struct str name)
{
        const struct override *found = NULL;
        for (; overrides != NULL; overrides = overrides->outer) {
                for (struct override *o = overrides->first; o != NULL; o = o->next) {
                        if (!str_eq(o->name, name))
                                continue;
                        o->used = true;
                        found = o;
                }
        }
        return found;
}

static bool parse_block(struct parser *p, struct chain *chain, struct str name)
{
        struct node *node = node_new(p, NODE_GROUP, name);
        struct chain body = { 0 };
        if (!is_name(name))
                return fail_name(p, "不是区块的名称：", name);
        if (!enter(p) || !parse_until(p, name, &body))
                return false;
        p->work->depth--;
        const struct override *override = find_override(p->overrides, name);
        node->body = override != NULL ? override->body : body.first;
        return chain_add(p, chain, node);
}

static bool add_override(struct parser *p, struct overrides *mine, struct str name)
{
        struct chain body = { 0 };
        for (const struct override *o = mine->first; o != NULL; o = o->next)
                if (str_eq(o->name, name))
                        return fail_name(p, "区块出现两次：", name);
        if (!is_name(name))
                return fail_name(p, "不是区块的名称：", name);
        if (!enter(p) || !parse_until(p, name, &body))
                return false;
        p->work->depth--;
        struct override *override = arena_new(p->work->arena, struct override);
        *override = (struct override){ .name = name, .body = body.first, .next = mine->first };
        mine->first = override;
        return true;
}

/* Between `{{<layout}}` and `{{/layout}}` only blocks and comments may stand. */
static bool parse_overrides(struct parser *p, struct str layout, struct overrides *mine)
{
        for (;;) {
                struct chain between = { 0 };
                struct tag tag;
                if (!next_tag(p, &between, &tag))
                        return false;
                if (between.first != NULL && str_trim(between.first->text).n != 0)
                        return fail(p, "版式之内、区块之外不能有文字");
                if (tag.sigil == TAG_END)
                        return fail_name(p, "版式没有结束：", layout);
                if (tag.sigil == '/' && str_eq(tag.name, layout))
                        return true;
                if (tag.sigil != '$' && tag.sigil != '!')
                        return fail(p, "版式之内只能有区块 {{$名称}}");
                if (tag.sigil == '$' && !add_override(p, mine, tag.name))
                        return false;
        }
}

static bool parse_layout(struct parser *p, struct chain *chain, struct str name)
{
        struct overrides mine = { .outer = p->overrides };
        if (!parse_overrides(p, name, &mine) || !parse_part(p, chain, name, &mine))
                return false;
        for (const struct override *o = mine.first; o != NULL; o = o->next)
                if (!o->used)
                        return fail_name(p, "版式里没有这个区块：", o->name);
        return true;
}

static bool parse_tag(struct parser *p, struct chain *chain, const struct tag *tag)
{
        struct node *node;
        switch (tag->sigil) {
        case '!':
                return true;
        case '#':
                return parse_section(p, chain, NODE_EACH, tag->name);
        case '?':
                return parse_section(p, chain, NODE_IF, tag->name);
        case '^':
                return parse_section(p, chain, NODE_UNLESS, tag->name);
        case '>':
                return parse_part(p, chain, tag->name, p->overrides);
        case '<':
                return parse_layout(p, chain, tag->name);
        case '$':
                return parse_block(p, chain, tag->name);
        case '{':
                node = node_new(p, NODE_RAW, tag->name);
                return parse_raw(p, node, tag->name) && chain_add(p, chain, node);
        default:
                node = node_new(p, NODE_VALUE, tag->name);
                return parse_value(p, node, tag->name) && chain_add(p, chain, node);
        }
}

/* Reads until `{{/closing}}`, or with an empty `closing` until the text ends. */
static bool parse_until(struct parser *p, struct str closing, struct chain *chain)
{
        unsigned opened = p->tag_line;
        for (;;) {
                struct tag tag;
                if (!next_tag(p, chain, &tag))
                        return false;
                if (tag.sigil == TAG_END && closing.n == 0)
                        return true;
                if (tag.sigil == TAG_END)
                        return err_field(p->work->err, E_TEMPLATE, p->file,
                                        "第 %u 行：{{%.*s}} 没有结束", opened,
                                        STR_FMT(str_cut(closing, LIMIT_NAME_BYTES)));
                if (tag.sigil == '/' && closing.n != 0 && str_eq(tag.name, closing))
                        return true;
                if (tag.sigil == '/')
                        return fail_name(p, "结束标记与开始标记不符：", tag.name);
                if (!parse_tag(p, chain, &tag))
                        return false;
        }
}

static bool parse_file(struct work *work, struct str name, struct str text,
                const struct overrides *overrides, struct node **ret)
{
        struct chain chain = { 0 };
        work->n_bytes += text.n;
        if (work->n_bytes > LIMIT_TEMPLATE_BYTES)
                return err_field(work->err, E_LIMIT, name, "模板太大");
        if (!str_is_utf8(text))
                return err_field(work->err, E_UTF8, name, "模板");
        struct parser parser = { .work = work,
                .file = name,
                .text = text,
                .line = 1,
                .tag_line = 1,
                .overrides = overrides };
        if (!parse_until(&parser, STR_LIT(""), &chain))
                return false;
        *ret = chain.first;
        return true;
}

bool template_parse(struct arena *arena, struct str name, struct str text,
                enum template_escape escape, const struct template_source *source,
                const struct template **ret, struct err *err)
{
        assert(arena && ret && err);
        struct work work = { .arena = arena, .source = source, .err = err };
        struct node *nodes = NULL;
        if (!parse_file(&work, name, text, NULL, &nodes))
                return false;
        if (escape == TEMPLATE_HTML && !html_check(nodes, err))
                return false;
        struct template *template = arena_new(arena, struct template);
        *template = (struct template){ .escape = escape, .nodes = nodes };
        *ret = template;
        return true;
}
