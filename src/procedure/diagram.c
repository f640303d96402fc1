#include "procedure/diagram.h"

#include <assert.h>
#include <stdlib.h>

#include "procedure/describe.h"
#include "template/template.h"

/* Sizes in user units; a Chinese character is LETTER wide. */
#define LETTER      16
#define BOX_HEIGHT  40
#define BOX_MARGIN  16
#define BOX_GAP     72
#define LAYER_GAP   84
#define BORDER      24
#define LINE_HEIGHT 22
#define LANE        28 /* between arrows back, on the right */
#define LABELS_MAX  3  /* acts named beside one arrow */

static const char svg[] =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" role=\"img\" "
        "viewBox=\"0 0 {{width}} {{height}}\" aria-labelledby=\"{{id}}-title {{id}}-desc\">\n"
        "<title id=\"{{id}}-title\">{{title}}</title>\n"
        "<desc id=\"{{id}}-desc\">{{desc}}</desc>\n"
        "<defs><marker id=\"{{id}}-arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" "
        "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
        "<path d=\"M0 0 L10 5 L0 10 z\" fill=\"#445\"/></marker></defs>\n"
        "{{#links}}"
        "<path d=\"{{path}}\" fill=\"none\" stroke=\"#445\" marker-end=\"url(#{{id}}-arrow)\"/>\n"
        "{{/links}}"
        "{{#boxes}}"
        "<g class=\"state\"><title>{{tip}}</title>"
        "<rect x=\"{{x}}\" y=\"{{y}}\" width=\"{{w}}\" height=\"40\" rx=\"{{round}}\" "
        "fill=\"#fff\" stroke=\"#225\" stroke-width=\"{{stroke}}\"/>"
        "<text x=\"{{middle}}\" y=\"{{base}}\" text-anchor=\"middle\" font-size=\"16\">"
        "{{label}}</text></g>\n"
        "{{/boxes}}"
        "{{#links}}"
        "<text x=\"{{x}}\" y=\"{{y}}\" text-anchor=\"middle\" font-size=\"13\" fill=\"#334\" "
        "stroke=\"#fff\" stroke-width=\"4\" paint-order=\"stroke\">{{label}}</text>\n"
        "{{/links}}"
        "{{#notes}}"
        "<text x=\"24\" y=\"{{y}}\" font-size=\"13\" fill=\"#334\">{{text}}</text>\n"
        "{{/notes}}"
        "</svg>\n";

struct box { /* 0: the beginning; then the states */
        struct str label;
        bool final;
        int layer; /* -1: not placed yet */
        int order; /* in its layer */
        int weight; /* mean place of what leads here, for the order */
        int x, y, w;
};

struct link { /* all acts from one box to another */
        size_t from, to;
        struct buf label;
        int n_acts;
        int x0, y0, x1, y1, x2, y2, x3, y3;
};

struct drawing {
        struct arena *arena;
        const struct version *v;
        struct box *boxes;
        size_t n_boxes;
        struct link *links;
        size_t n_links;
        int n_layers, width, height, n_lanes;
};

/* ---- What leads where ---- */

static void add_link(struct drawing *d, size_t from, size_t to, const struct act *act)
{
        struct link *link = NULL;
        for (size_t i = 0; i < d->n_links; i++)
                if (d->links[i].from == from && d->links[i].to == to)
                        link = &d->links[i];
        if (link == NULL) {
                link = &d->links[d->n_links++];
                *link = (struct link){ .from = from, .to = to, .label = BUF(d->arena) };
        }
        if (link->n_acts < LABELS_MAX) {
                buf_c(&link->label, link->n_acts != 0 ? "、" : "");
                buf_str_add(&link->label, act->label);
        } else if (link->n_acts == LABELS_MAX) {
                buf_c(&link->label, "等");
        }
        link->n_acts++;
}

static bool leads_to(const struct act *act, size_t state)
{
        for (size_t i = 0; i < act->n_to; i++)
                if (act->to[i].state == state)
                        return true;
        return false;
}

static void find_links(struct drawing *d)
{
        const struct version *v = d->v;
        for (size_t a = 0; a < v->n_acts; a++) {
                const struct act *act = &v->acts[a];
                for (size_t to = 0; to < v->n_states; to++) {
                        if (!leads_to(act, to))
                                continue;
                        if (act->from_new)
                                add_link(d, 0, to + 1, act);
                        for (size_t i = 0; i < act->n_from; i++)
                                if (act->from[i] != to)
                                        add_link(d, act->from[i] + 1, to + 1, act);
                }
        }
}

/* ---- Layers ---- */

static void place_layers(struct drawing *d)
{
        for (size_t i = 0; i < d->n_boxes; i++)
                d->boxes[i].layer = i == 0 ? 0 : -1;
        int last = 0;
        for (bool more = true; more; last++) {
                more = false;
                for (size_t i = 0; i < d->n_links; i++) {
                        struct box *to = &d->boxes[d->links[i].to];
                        if (d->boxes[d->links[i].from].layer != last || to->layer >= 0)
                                continue;
                        to->layer = last + 1;
                        more = true;
                }
        }
        /* What only an act from any state leads to stands at the end. */
        d->n_layers = last;
        for (size_t i = 0; i < d->n_boxes; i++)
                if (d->boxes[i].layer < 0) {
                        d->boxes[i].layer = last;
                        d->n_layers = last + 1;
                }
}

static void weigh(struct drawing *d, size_t index)
{
        int sum = 0, n = 0;
        for (size_t i = 0; i < d->n_links; i++) {
                const struct box *from = &d->boxes[d->links[i].from];
                if (d->links[i].to != index || from->layer >= d->boxes[index].layer)
                        continue;
                sum += 1000 * from->order;
                n++;
        }
        d->boxes[index].weight = n != 0 ? sum / n : 0;
}

/* Boxes of a layer by the mean place of what leads to them; ties as declared. */
static void order_layer(struct drawing *d, int layer)
{
        for (size_t i = 0; i < d->n_boxes; i++)
                if (d->boxes[i].layer == layer)
                        weigh(d, i);
        for (size_t i = 0; i < d->n_boxes; i++) {
                struct box *box = &d->boxes[i];
                if (box->layer != layer)
                        continue;
                box->order = 0;
                for (size_t j = 0; j < d->n_boxes; j++) {
                        const struct box *other = &d->boxes[j];
                        if (other->layer == layer && (other->weight < box->weight ||
                                        (other->weight == box->weight && j < i)))
                                box->order++;
                }
        }
}

/* ---- Places ---- */

static int layer_width(const struct drawing *d, int layer)
{
        int width = -BOX_GAP;
        for (size_t i = 0; i < d->n_boxes; i++)
                if (d->boxes[i].layer == layer)
                        width += d->boxes[i].w + BOX_GAP;
        return width;
}

static int left_of(const struct drawing *d, const struct box *box)
{
        int x = 0;
        for (size_t i = 0; i < d->n_boxes; i++)
                if (d->boxes[i].layer == box->layer && d->boxes[i].order < box->order)
                        x += d->boxes[i].w + BOX_GAP;
        return x;
}

static void place_boxes(struct drawing *d)
{
        int widest = 0;
        for (int layer = 0; layer < d->n_layers; layer++)
                if (layer_width(d, layer) > widest)
                        widest = layer_width(d, layer);
        for (size_t i = 0; i < d->n_boxes; i++) {
                struct box *box = &d->boxes[i];
                box->x = BORDER + (widest - layer_width(d, box->layer)) / 2 + left_of(d, box);
                box->y = BORDER + box->layer * (BOX_HEIGHT + LAYER_GAP);
        }
        d->width = BORDER + widest + BORDER;
        d->height = BORDER + d->n_layers * (BOX_HEIGHT + LAYER_GAP) - LAYER_GAP + BORDER;
}

/* Down: from the lower edge to the upper one, bowed where it passes other layers. */
static void draw_down(struct link *link, const struct box *from, const struct box *to)
{
        int layers = to->layer - from->layer;
        int bow = layers > 1 ? (from->w + to->w) / 4 + 24 * layers : 0;
        link->x0 = from->x + from->w / 2;
        link->y0 = from->y + BOX_HEIGHT;
        link->x3 = to->x + to->w / 2;
        link->y3 = to->y;
        link->x1 = link->x0 - bow;
        link->y1 = link->y0 + LAYER_GAP / 2;
        link->x2 = link->x3 - bow;
        link->y2 = link->y3 - LAYER_GAP / 2;
}

/* Back or aside: out of the right edge, along a lane of its own, and in again. */
static void draw_back(struct drawing *d, struct link *link, const struct box *from,
                const struct box *to)
{
        int lane = d->width + LANE * d->n_lanes++;
        link->x0 = from->x + from->w;
        link->y0 = from->y + BOX_HEIGHT / 2 + 6;
        link->x3 = to->x + to->w;
        link->y3 = to->y + BOX_HEIGHT / 2 - 6;
        link->x1 = link->x2 = lane + lane / 8;
        link->y1 = link->y0;
        link->y2 = link->y3;
}

static void place_links(struct drawing *d)
{
        for (size_t i = 0; i < d->n_links; i++) {
                struct link *link = &d->links[i];
                const struct box *from = &d->boxes[link->from], *to = &d->boxes[link->to];
                if (to->layer > from->layer)
                        draw_down(link, from, to);
                else
                        draw_back(d, link, from, to);
        }
        d->width += LANE * d->n_lanes + (d->n_lanes != 0 ? 6 * LETTER : 0);
}

/* ---- The view of the template ---- */

struct record {
        struct arena *arena;
        struct member members[16];
        size_t n;
};

static void put(struct record *record, const char *name, struct value value)
{
        assert(record->n < N_ELEMENTS(record->members));
        record->members[record->n++] = (struct member){ str_of(name), value };
}

static struct value finish(struct record *record)
{
        struct member *members = arena_new_array(record->arena, record->n, struct member);
        memcpy(members, record->members, record->n * sizeof(*members));
        bool unique = value_sort_members(members, record->n);
        assert(unique);
        return value_context(members, record->n);
}

/* The state and what may be done in it. */
static struct str tip_of(const struct drawing *d, size_t index)
{
        struct buf buf = BUF(d->arena);
        buf_str_add(&buf, d->boxes[index].label);
        const char *mark = "：";
        for (size_t i = 0; index > 0 && i < d->v->n_acts; i++)
                for (size_t j = 0; j < d->v->acts[i].n_from; j++)
                        if (d->v->acts[i].from[j] == index - 1) {
                                buf_c(&buf, mark);
                                buf_str_add(&buf, d->v->acts[i].label);
                                mark = "、";
                        }
        return buf_str(&buf);
}

static struct value boxes_view(const struct drawing *d)
{
        struct value *rows = arena_new_array(d->arena, d->n_boxes, struct value);
        for (size_t i = 0; i < d->n_boxes; i++) {
                const struct box *box = &d->boxes[i];
                struct record record = { .arena = d->arena };
                put(&record, "x", value_int(box->x));
                put(&record, "y", value_int(box->y));
                put(&record, "w", value_int(box->w));
                put(&record, "round", value_int(i == 0 ? BOX_HEIGHT / 2 : 6));
                put(&record, "stroke", value_int(box->final ? 3 : 1));
                put(&record, "middle", value_int(box->x + box->w / 2));
                put(&record, "base", value_int(box->y + BOX_HEIGHT / 2 + 6));
                put(&record, "label", value_string(box->label));
                put(&record, "tip", value_string(tip_of(d, i)));
                rows[i] = finish(&record);
        }
        return value_list(rows, d->n_boxes);
}

static struct value links_view(const struct drawing *d)
{
        struct value *rows = arena_new_array(d->arena, d->n_links, struct value);
        for (size_t i = 0; i < d->n_links; i++) {
                const struct link *l = &d->links[i];
                struct record record = { .arena = d->arena };
                put(&record, "path", value_string(str_format(d->arena,
                                "M%d %d C%d %d %d %d %d %d", l->x0, l->y0, l->x1, l->y1, l->x2,
                                l->y2, l->x3, l->y3)));
                put(&record, "x", value_int((l->x0 + 3 * l->x1 + 3 * l->x2 + l->x3) / 8));
                put(&record, "y", value_int((l->y0 + 3 * l->y1 + 3 * l->y2 + l->y3) / 8 + 5));
                put(&record, "label", value_string(buf_str(&l->label)));
                rows[i] = finish(&record);
        }
        return value_list(rows, d->n_links);
}

/* "任何未终结状态 → 已撤回：撤回" for each act from any state. */
static struct value notes_view(struct drawing *d)
{
        struct value *rows = arena_new_array(d->arena, d->v->n_acts, struct value);
        size_t n = 0;
        for (size_t i = 0; i < d->v->n_acts; i++) {
                const struct act *act = &d->v->acts[i];
                if (!act->from_any)
                        continue;
                struct record record = { .arena = d->arena };
                put(&record, "y", value_int(d->height));
                put(&record, "text", value_string(str_format(d->arena, "%.*s：%.*s",
                                STR_FMT(act->label),
                                STR_FMT(describe_way(d->arena, d->v, act)))));
                rows[n++] = finish(&record);
                d->height += LINE_HEIGHT;
        }
        return value_list(rows, n);
}

static struct str words_of(const struct drawing *d)
{
        struct buf buf = BUF(d->arena);
        for (size_t i = 0; i < d->v->n_acts; i++) {
                const struct act *act = &d->v->acts[i];
                buf_format(&buf, "%s%.*s：%.*s", i != 0 ? "；" : "", STR_FMT(act->label),
                                STR_FMT(describe_way(d->arena, d->v, act)));
        }
        return buf_str(&buf);
}

static struct value view_of(struct drawing *d, const char *id)
{
        struct record record = { .arena = d->arena };
        put(&record, "id", value_string(str_of(id)));
        put(&record, "title", value_string(str_format(d->arena, "%.*s（%.*s）的状态图",
                        STR_FMT(d->v->procedure->label), STR_FMT(d->v->name))));
        put(&record, "desc", value_string(words_of(d)));
        put(&record, "notes", notes_view(d)); /* makes the picture higher */
        put(&record, "width", value_int(d->width));
        put(&record, "height", value_int(d->height));
        put(&record, "boxes", boxes_view(d));
        put(&record, "links", links_view(d));
        return finish(&record);
}

/* ---- All of it ---- */

static void make_boxes(struct drawing *d)
{
        const struct version *v = d->v;
        d->n_boxes = v->n_states + 1;
        d->boxes = arena_new_array(d->arena, d->n_boxes, struct box);
        d->boxes[0].label = STR_LIT("新办");
        for (size_t i = 0; i < v->n_states; i++) {
                d->boxes[i + 1].label = v->states[i].label;
                d->boxes[i + 1].final = v->states[i].final;
        }
        for (size_t i = 0; i < d->n_boxes; i++)
                d->boxes[i].w = LETTER * (int)str_n_code_points(d->boxes[i].label) +
                                2 * BOX_MARGIN;
}

bool diagram_write(struct buf *out, const struct version *version, const char *id,
                struct err *err)
{
        assert(out && version && id && err);

        struct drawing d = { .arena = out->arena, .v = version };
        make_boxes(&d);
        d.links = arena_new_array(d.arena, d.n_boxes * d.n_boxes, struct link);
        find_links(&d);
        place_layers(&d);
        for (int layer = 0; layer < d.n_layers; layer++)
                order_layer(&d, layer);
        place_boxes(&d);
        place_links(&d);
        struct value view = view_of(&d, id);
        const struct template *template;
        return template_parse(d.arena, STR_LIT("diagram.svg"), str_of(svg), TEMPLATE_HTML, NULL,
                               &template, err) &&
                        template_render(template, &view, out, err);
}
