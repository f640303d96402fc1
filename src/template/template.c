#include "template/template.h"

#include <assert.h>

#include "template/node.h"

/* The values that names are sought in, innermost first. */
struct frame {
        const struct value *value;
        const struct frame *outer;
};

struct render {
        enum template_escape escape;
        struct buf *out;
        size_t from; /* where our output begins */
        size_t n_steps;
        struct err *err;
};

static const struct value *find_name(const struct frame *frame, struct str name)
{
        for (; frame != NULL; frame = frame->outer) {
                if (frame->value->kind != VALUE_CONTEXT)
                        continue;
                const struct value *found = value_get(frame->value, name);
                if (found != NULL)
                        return found;
        }
        return NULL;
}

/* The first step is sought from the inside out, the others only in it. */
static const struct value *find(const struct frame *frame, const struct node *node)
{
        if (node->n_steps == 0)
                return frame->value;
        const struct value *found = find_name(frame, node->steps[0]);
        for (size_t i = 1; i < node->n_steps && found != NULL; i++)
                found = found->kind == VALUE_CONTEXT ? value_get(found, node->steps[i]) : NULL;
        return found;
}

/* Zero is a value; nothing, no, an empty text and an empty list are none. */
static bool is_given(const struct value *v)
{
        if (v == NULL)
                return false;
        switch (v->kind) {
        case VALUE_NULL:
                return false;
        case VALUE_BOOL:
                return v->boolean;
        case VALUE_STRING:
                return v->string.n != 0;
        case VALUE_LIST:
                return v->list.n != 0;
        case VALUE_DATE:
                return !date_is_none(v->date);
        default:
                return true;
        }
}

/* Characters that a reader cannot see but that act on what he sees: controls
 * but tab and line ends, and the direction marks that make "gpj.exe" look fair. */
static bool is_hidden(uint32_t c)
{
        if (c < 0x20)
                return c != '\t' && c != '\n' && c != '\r';
        return (c >= 0x7F && c <= 0x9F) || (c >= 0x202A && c <= 0x202E) ||
               (c >= 0x2066 && c <= 0x2069);
}

static const char *entity(uint32_t c)
{
        switch (c) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return "&quot;";
        case '\'':
                return "&#39;";
        default:
                return NULL;
        }
}

/* May the byte begin a character that is not written as it is? Those are in ASCII, or among
 * U+0080-U+009F and U+2000-U+2FFF. */
static bool may_be_special(unsigned char c)
{
        return c < 0x20 || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c == 0x7F ||
               c == 0xC2 || c == 0xE2;
}

static void write_escaped(struct render *r, struct str text)
{
        size_t from = 0;
        for (size_t at = 0; at < text.n;) {
                size_t begin = at;
                if (!may_be_special((unsigned char)text.p[at])) {
                        at++; /* also inside a longer character */
                        continue;
                }
                uint32_t c = str_code_point(text, &at);
                const char *as = is_hidden(c) ? "\xEF\xBF\xBD" /* U+FFFD */ : NULL;
                if (as == NULL && r->escape == TEMPLATE_HTML)
                        as = entity(c);
                if (as == NULL)
                        continue;
                buf_str_add(r->out, str_slice(text, from, begin));
                buf_c(r->out, as);
                from = at;
        }
        buf_str_add(r->out, str_slice(text, from, text.n));
}

/* An address of our own, or of a scheme that runs no program. */
static bool is_safe_url(struct str url)
{
        static const char *const schemes[] = { "http", "https", "mailto", "tel" };
        for (size_t i = 0; i < url.n; i++) {
                if (url.p[i] == '/' || url.p[i] == '?' || url.p[i] == '#')
                        return true;
                if (url.p[i] != ':')
                        continue;
                for (size_t k = 0; k < N_ELEMENTS(schemes); k++)
                        if (str_is(str_slice(url, 0, i), schemes[k]))
                                return true;
                return false;
        }
        return true;
}

static bool write_value(struct render *r, const struct node *node, const struct value *found)
{
        struct value value = *found;
        for (size_t i = 0; i < node->n_filters && !value_is_null(value); i++) {
                struct value filtered;
                if (!filter_apply(r->out->arena, node->filters[i], &value, &filtered))
                        return node_fail(node, r->err, E_TEMPLATE_KIND, "的值不能写成这种格式");
                value = filtered;
        }
        if (value.kind == VALUE_CONTEXT)
                return node_fail(node, r->err, E_TEMPLATE_KIND, "是一组值，不能直接输出");
        struct str text = value_text(r->out->arena, &value);
        if (node->place == PLACE_URL && !is_safe_url(text))
                return node_fail(node, r->err, E_TEMPLATE_URL, "不是本站或网页的地址");
        if (node->kind == NODE_RAW)
                buf_str_add(r->out, text);
        else
                write_escaped(r, text);
        return true;
}

static bool render_nodes(struct render *r, const struct node *nodes, const struct frame *frame);

static bool spend_step(struct render *r, const struct node *node)
{
        if (r->n_steps++ < LIMIT_TEMPLATE_STEPS && r->out->n - r->from <= LIMIT_TEMPLATE_OUTPUT)
                return true;
        return node_fail(node, r->err, E_LIMIT, "页面太大");
}

static bool render_each(struct render *r, const struct node *node, const struct value *value,
                const struct frame *frame)
{
        struct frame inner = { .value = value, .outer = frame };
        if (value->kind == VALUE_BOOL)
                return render_nodes(r, node->body, frame);
        if (value->kind != VALUE_LIST)
                return render_nodes(r, node->body, &inner);
        for (size_t i = 0; i < value->list.n; i++) {
                inner.value = &value->list.items[i];
                if (!spend_step(r, node) || !render_nodes(r, node->body, &inner))
                        return false;
        }
        return true;
}

static bool render_node(struct render *r, const struct node *node, const struct frame *frame)
{
        if (node->kind == NODE_TEXT) {
                buf_str_add(r->out, node->text);
                return true;
        }
        if (node->kind == NODE_GROUP)
                return render_nodes(r, node->body, frame);
        const struct value *value = find(frame, node);
        if (node->kind == NODE_IF)
                return !is_given(value) || render_nodes(r, node->body, frame);
        if (node->kind == NODE_UNLESS)
                return is_given(value) || render_nodes(r, node->body, frame);
        if (value == NULL)
                return node->optional ||
                       node_fail(node, r->err, E_TEMPLATE_NAME, "在页面数据里没有");
        if (node->kind == NODE_EACH)
                return !is_given(value) || render_each(r, node, value, frame);
        return write_value(r, node, value);
}

static bool render_nodes(struct render *r, const struct node *nodes, const struct frame *frame)
{
        for (const struct node *node = nodes; node != NULL; node = node->next)
                if (!spend_step(r, node) || !render_node(r, node, frame))
                        return false;
        return true;
}

bool template_render(const struct template *template, const struct value *view, struct buf *out,
                struct err *err)
{
        assert(template && view && out && err);
        struct frame frame = { .value = view };
        struct render render = {
                .escape = template->escape, .out = out, .from = out->n, .err = err
        };
        if (render_nodes(&render, template->nodes, &frame))
                return true;
        out->n = render.from;
        return false;
}
