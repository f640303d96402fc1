/* template/node.h - a parsed template, as parse.c makes it, html.c checks it
 * and template.c walks it. Private to this room. */
#ifndef TEMPLATE_NODE_H
#define TEMPLATE_NODE_H

#include "base/limits.h"
#include "template/filter.h"
#include "template/template.h"

#define NODE_FILTERS_MAX 4
#define NODE_STEPS_MAX   8 /* a.b.c: steps of one path */

enum node_kind {
        NODE_TEXT,
        NODE_VALUE,  /* {{a.b}} */
        NODE_RAW,    /* {{{a_html}}} */
        NODE_EACH,   /* {{#a}}..{{/a}} */
        NODE_IF,     /* {{?a}}..{{/a}} */
        NODE_UNLESS, /* {{^a}}..{{/a}} */
        NODE_GROUP,  /* a part, a layout or a block of it: its body, in place */
};

/* Where a value stands, which decides how it is made harmless. */
enum place {
        PLACE_UNKNOWN,
        PLACE_TEXT, /* between tags, or inside a quoted attribute */
        PLACE_URL,  /* begins an attribute that holds an address */
};

struct node {
        enum node_kind kind;
        enum place place;
        bool optional;
        unsigned line;
        struct str file; /* the template, part or layout it was written in */
        struct str text; /* NODE_TEXT: the text; otherwise the path as written */
        struct str steps[NODE_STEPS_MAX];
        size_t n_steps; /* 0 = {{.}} */
        enum filter filters[NODE_FILTERS_MAX];
        size_t n_filters;
        struct node *body;
        struct node *next;
};

struct template
{
        enum template_escape escape;
        const struct node *nodes;
};

/* Refuses with `code`, naming the file and the line of the node. */
bool node_fail(const struct node *node, struct err *err, enum err_code code, const char *what);

/* Finds the place of every value, or refuses the first that may not stand where
 * it stands. Sets `place` in the nodes. */
MUST_CHECK bool html_check(struct node *nodes, struct err *err);

#endif
