/* Where a value stands in HTML. A walk over the text of the page, as a browser
 * would read it, far enough to know text, tag, quoted attribute, comment and
 * script apart. A section has to end where it began: whether or not it is shown,
 * what follows it is then read the same way. */
#include <assert.h>

#include "template/node.h"

enum where {
        IN_TEXT,
        IN_TAG,     /* between the attributes of a tag */
        IN_NAME,    /* inside a tag or attribute name */
        IN_EQUALS,  /* behind the = of an attribute */
        IN_QUOTES,  /* inside a quoted attribute value */
        IN_BARE,    /* inside an attribute value without quotes */
        IN_COMMENT, /* comments and <!DOCTYPE */
        IN_SCRIPT,  /* script or style */
        IN_DOUBT,   /* a section cut a name in two: no value may follow */
};

enum attribute { ATTRIBUTE_PLAIN, ATTRIBUTE_URL, ATTRIBUTE_CODE };

#define WORD_MAX 16

struct state {
        enum where where;
        char quote;
        bool begun;   /* the attribute value has text of the template already */
        bool closing; /* in </tag> */
        bool cut;     /* a section began or ended behind a name */
        enum attribute attribute;
        char word[WORD_MAX]; /* the name being read, lower case, cut */
        size_t n_word;
        char tag[WORD_MAX];
};

struct walk {
        struct state state;
        size_t n_steps;
        struct err *err;
};

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Attributes whose value is an address, and those whose value is a program. */
static enum attribute attribute_of(const char *name)
{
        static const char *const urls[] = { "href", "src", "action", "formaction", "cite", "poster",
                "data", "srcset", "background", "ping", "manifest", "xlink:href" };
        if (strncmp(name, "on", 2) == 0 || strcmp(name, "style") == 0 ||
                        strcmp(name, "srcdoc") == 0)
                return ATTRIBUTE_CODE;
        for (size_t i = 0; i < N_ELEMENTS(urls); i++)
                if (strcmp(name, urls[i]) == 0)
                        return ATTRIBUTE_URL;
        return ATTRIBUTE_PLAIN;
}

static void begin_name(struct state *s, char c)
{
        s->where = IN_NAME;
        s->n_word = 0;
        if (c != '\0')
                s->word[s->n_word++] = lower(c);
        s->word[s->n_word] = '\0';
}

/* A tag ends: what follows is text, or a script until its end tag. */
static void end_tag(struct state *s)
{
        bool code = !s->closing && (strcmp(s->tag, "script") == 0 || strcmp(s->tag, "style") == 0);
        s->where = code ? IN_SCRIPT : IN_TEXT;
}

static void end_name(struct state *s, char c)
{
        if (s->tag[0] == '\0')
                memcpy(s->tag, s->word, WORD_MAX);
        s->attribute = attribute_of(s->word);
        if (c == '>')
                end_tag(s);
        else
                s->where = c == '=' ? IN_EQUALS : IN_TAG;
}

static void step_in_tag(struct state *s, char c)
{
        bool cut = s->cut && !is_blank(c) && c != '/' && c != '>';
        s->cut = false;
        if (cut)
                s->where = IN_DOUBT;
        else if (c == '>')
                end_tag(s);
        else if (c == '=')
                s->where = IN_EQUALS;
        else if (!is_blank(c) && c != '/')
                begin_name(s, c);
}

static void step_in_name(struct state *s, char c)
{
        if (is_blank(c) || c == '/' || c == '>' || c == '=') {
                end_name(s, c);
        } else if (s->n_word < WORD_MAX - 1) {
                s->word[s->n_word++] = lower(c);
                s->word[s->n_word] = '\0';
        }
}

static void step_in_equals(struct state *s, char c)
{
        if (is_blank(c))
                return;
        s->begun = false;
        if (c == '"' || c == '\'') {
                s->where = IN_QUOTES;
                s->quote = c;
        } else if (c == '>') {
                end_tag(s);
        } else {
                s->where = IN_BARE;
        }
}

/* `rest` begins with '<' in text: a tag, a comment, or just a character. */
static void open_tag(struct state *s, struct str rest)
{
        char next = rest.n > 1 ? lower(rest.p[1]) : 'a'; /* a tag, for all we know */
        if (next == '!' || next == '?') {
                s->where = IN_COMMENT;
                s->quote = str_starts(rest, STR_LIT("<!--")) ? '-' : '>';
        } else if (next == '/' || (next >= 'a' && next <= 'z')) {
                s->closing = next == '/';
                s->tag[0] = '\0';
                begin_name(s, '\0');
        }
}

/* Does a comment or script end with the character at `i` of text? */
static bool ends_comment(const struct state *s, struct str text, size_t i)
{
        if (text.p[i] != '>')
                return false;
        return s->quote == '>' || (i >= 2 && memcmp(text.p + i - 2, "--", 2) == 0);
}

static bool ends_script(const struct state *s, struct str text, size_t i)
{
        size_t n = strlen(s->tag);
        if (text.p[i] != '<' || text.n - i < n + 2 || text.p[i + 1] != '/')
                return false;
        for (size_t k = 0; k < n; k++)
                if (lower(text.p[i + 2 + k]) != s->tag[k])
                        return false;
        return true;
}

static void walk_text(struct state *s, struct str text)
{
        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];
                switch (s->where) {
                case IN_TEXT:
                        if (c == '<')
                                open_tag(s, str_slice(text, i, text.n));
                        if (s->where == IN_NAME && s->closing)
                                i++; /* over the / of </tag> */
                        break;
                case IN_TAG:
                        step_in_tag(s, c);
                        break;
                case IN_NAME:
                        step_in_name(s, c);
                        break;
                case IN_EQUALS:
                        step_in_equals(s, c);
                        break;
                case IN_QUOTES:
                        if (c == s->quote)
                                s->where = IN_TAG;
                        s->begun = s->begun || !is_blank(c);
                        break;
                case IN_BARE:
                        if (c == '>')
                                end_tag(s);
                        else if (is_blank(c))
                                s->where = IN_TAG;
                        break;
                case IN_COMMENT:
                        if (ends_comment(s, text, i))
                                s->where = IN_TEXT;
                        break;
                case IN_SCRIPT:
                        if (ends_script(s, text, i))
                                open_tag(s, str_slice(text, i, text.n));
                        if (s->where == IN_NAME)
                                i++;
                        break;
                case IN_DOUBT:
                        return;
                }
        }
}

static bool place_value(struct walk *w, struct node *node)
{
        struct state *s = &w->state;
        enum place place = PLACE_TEXT;
        if (s->where == IN_QUOTES && s->attribute == ATTRIBUTE_URL && !s->begun)
                place = PLACE_URL;
        bool quoted = s->where == IN_QUOTES && s->attribute != ATTRIBUTE_CODE;
        if (s->where != IN_TEXT && (!quoted || node->kind == NODE_RAW))
                return node_fail(
                                node, w->err, E_TEMPLATE_PLACE, "只能放在正文里或带引号的属性值里");
        if (node->place != PLACE_UNKNOWN && node->place != place)
                return node_fail(node, w->err, E_TEMPLATE_PLACE, "同一区块用在两种位置");
        node->place = place;
        return true;
}

static bool is_same(const struct state *a, const struct state *b)
{
        if (a->where != b->where)
                return false;
        if (a->where == IN_SCRIPT)
                return strcmp(a->tag, b->tag) == 0;
        return a->where != IN_QUOTES || (a->quote == b->quote && a->attribute == b->attribute);
}

static bool walk_nodes(struct walk *w, struct node *nodes);

/* `<option{{?a}} selected{{/a}}>`: at its border the section ends the name. */
static void cut_name(struct state *s)
{
        if (s->where != IN_NAME)
                return;
        end_name(s, ' ');
        s->cut = true;
}

static bool walk_section(struct walk *w, struct node *node)
{
        cut_name(&w->state);
        struct state before = w->state;
        if (!walk_nodes(w, node->body))
                return false;
        cut_name(&w->state);
        if (!is_same(&before, &w->state))
                return node_fail(node, w->err, E_TEMPLATE_PLACE,
                                "要在同一处开始和结束，不能只包住标签或引号的一半");
        /* The address may start with either: with the section or behind it. */
        w->state.begun = before.begun;
        w->state.cut = w->state.cut || before.cut;
        return true;
}

static bool walk_nodes(struct walk *w, struct node *nodes)
{
        for (struct node *node = nodes; node != NULL; node = node->next) {
                w->n_steps += 1 + node->text.n / 16;
                if (w->n_steps > LIMIT_TEMPLATE_STEPS)
                        return node_fail(node, w->err, E_LIMIT, "模板太大");
                bool ok = true;
                switch (node->kind) {
                case NODE_TEXT:
                        walk_text(&w->state, node->text);
                        break;
                case NODE_VALUE:
                case NODE_RAW:
                        ok = place_value(w, node);
                        break;
                case NODE_EACH:
                case NODE_IF:
                case NODE_UNLESS:
                        ok = walk_section(w, node);
                        break;
                case NODE_GROUP:
                        ok = walk_nodes(w, node->body);
                        break;
                }
                if (!ok)
                        return false;
        }
        return true;
}

bool html_check(struct node *nodes, struct err *err)
{
        assert(err != NULL);
        struct walk walk = { .err = err };
        return walk_nodes(&walk, nodes);
}
