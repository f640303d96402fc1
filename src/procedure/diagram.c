#include "procedure/diagram.h"

#include <assert.h>
#include <stdlib.h>

#include "procedure/describe.h"
#include "template/template.h"

/* Sizes in user units; a Chinese character of a state's name is LETTER wide. */
#define LETTER      16
#define BOX_HEIGHT  40
#define BOX_MARGIN  16
#define BOX_GAP     64
#define LAYER_GAP   100
#define BORDER      24
#define LINE_HEIGHT 22
#define LABEL_LINE  16
#define LANE        28 /* between the arrows that run along a side */
#define PORT        14 /* from a box's corner to where those leave and enter */
#define LABELS_MAX  3  /* acts named beside one arrow */
#define FROM_MAX    3  /* an act from more states is written below instead */

static const char svg[] =
                "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" role=\"img\" "
                "viewBox=\"0 0 {{width}} {{height}}\" aria-labelledby=\"{{id}}-title {{id}}-desc\">\n"
                "<title id=\"{{id}}-title\">{{title}}</title>\n"
                "<desc id=\"{{id}}-desc\">{{desc}}</desc>\n"
                "<defs><marker id=\"{{id}}-arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" "
                "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
                "<path d=\"M0 0 L10 5 L0 10 z\" fill=\"#445\"/></marker></defs>\n"
                "{{#paths}}"
                "<path d=\"{{path}}\" fill=\"none\" stroke=\"#445\" marker-end=\"url(#{{id}}-arrow)\"/>\n"
                "{{/paths}}"
                "{{#boxes}}"
                "<g class=\"state\"><title>{{tip}}</title>"
                "<rect x=\"{{x}}\" y=\"{{y}}\" width=\"{{w}}\" height=\"40\" rx=\"{{round}}\" "
                "fill=\"#fff\" stroke=\"#225\" stroke-width=\"{{stroke}}\"/>"
                "<text x=\"{{middle}}\" y=\"{{base}}\" text-anchor=\"middle\" font-size=\"16\">"
                "{{label}}</text></g>\n"
                "{{/boxes}}"
                "{{#lines}}"
                "<text x=\"{{x}}\" y=\"{{y}}\" writing-mode=\"{{mode}}\" text-anchor=\"middle\" "
                "font-size=\"13\" fill=\"#334\" stroke=\"#fff\" stroke-width=\"4\" "
                "paint-order=\"stroke\">{{text}}</text>\n"
                "{{/lines}}"
                "{{#notes}}"
                "<text x=\"24\" y=\"{{y}}\" font-size=\"13\" fill=\"#334\">{{text}}</text>\n"
                "{{/notes}}"
                "</svg>\n";

struct box { /* 0: the beginning; then the states */
        struct str label;
        bool final;
        int layer;  /* -1: not placed yet */
        int order;  /* in its layer */
        int weight; /* mean place of what leads here, for the order */
        int x, y, w;
};

enum side { DIRECT, LEFT, RIGHT }; /* down to the next layer, past layers, back or aside */

struct link { /* all acts from one box to another */
        size_t from, to;
        struct str labels[LABELS_MAX];
        size_t n_acts;
        enum side side;
        int lane;
};

struct drawing {
        struct arena *arena;
        const struct version *v;
        struct box *boxes;
        size_t n_boxes;
        struct link *links;
        size_t n_links;
        int n_layers, n_lanes[3]; /* by side */
        int left, right;          /* where the boxes begin and end */
        int width, height;
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
                *link = (struct link){ .from = from, .to = to };
        }
        if (link->n_acts < LABELS_MAX)
                link->labels[link->n_acts] = act->label;
        else
                link->labels[LABELS_MAX - 1] = STR_LIT("……");
        link->n_acts++;
}

static bool leads_to(const struct act *act, size_t state)
{
        for (size_t i = 0; i < act->n_to; i++)
                if (act->to[i].state == state)
                        return true;
        return false;
}

static bool is_written_below(const struct act *act)
{
        return act->from_any || act->n_from > FROM_MAX;
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
                        for (size_t i = 0; i < act->n_from && !is_written_below(act); i++)
                                if (act->from[i] != to)
                                        add_link(d, act->from[i] + 1, to + 1, act);
                }
        }
}

/* ---- Layers ---- */

/* One below the lowest of what leads here, among what was declared before. */
static void place_layer(struct drawing *d, size_t index, bool any)
{
        int layer = -1;
        for (size_t i = 0; i < d->n_links; i++) {
                const struct link *link = &d->links[i];
                if (link->to == index && (any || link->from < index) &&
                                d->boxes[link->from].layer > layer)
                        layer = d->boxes[link->from].layer;
        }
        d->boxes[index].layer = layer >= 0 ? layer + 1 : -1;
}

/* States are declared in the order in which matters run: that order is trusted. */
static void place_layers(struct drawing *d)
{
        d->boxes[0].layer = 0;
        for (size_t i = 1; i < d->n_boxes; i++)
                place_layer(d, i, false);
        for (size_t i = 1; i < d->n_boxes; i++)
                if (d->boxes[i].layer < 0)
                        place_layer(d, i, true);
        for (size_t i = 0; i < d->n_boxes; i++)
                if (d->boxes[i].layer >= d->n_layers)
                        d->n_layers = d->boxes[i].layer + 1;
        int last = d->n_layers;
        for (size_t i = 0; i < d->n_boxes; i++)
                if (d->boxes[i].layer < 0) { /* only a note leads here */
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
                        if (other->layer == layer &&
                                        (other->weight < box->weight ||
                                                        (other->weight == box->weight && j < i)))
                                box->order++;
                }
        }
}

/* ---- Lanes ---- */

static int top_of(const struct drawing *d, const struct link *link)
{
        int from = d->boxes[link->from].layer, to = d->boxes[link->to].layer;
        return link->side == LEFT ? from + 1 : to; /* gaps: n is above layer n */
}

static int bottom_of(const struct drawing *d, const struct link *link)
{
        int from = d->boxes[link->from].layer, to = d->boxes[link->to].layer;
        return link->side == LEFT ? to : from + 1;
}

static bool is_taken(const struct drawing *d, const struct link *link, int lane)
{
        for (size_t i = 0; i < d->n_links; i++) {
                const struct link *other = &d->links[i];
                if (other->side == link->side && other->lane == lane &&
                                top_of(d, other) <= bottom_of(d, link) &&
                                top_of(d, link) <= bottom_of(d, other))
                        return true;
        }
        return false;
}

/* The short ones run nearest to the boxes. */
static void place_lanes(struct drawing *d)
{
        for (size_t i = 0; i < d->n_links; i++) {
                struct link *link = &d->links[i];
                int down = d->boxes[link->to].layer - d->boxes[link->from].layer;
                link->side = down == 1 ? DIRECT : down > 1 ? LEFT : RIGHT;
                link->lane = -1;
        }
        for (int length = 0; length <= d->n_layers; length++)
                for (size_t i = 0; i < d->n_links; i++) {
                        struct link *link = &d->links[i];
                        if (link->side == DIRECT || bottom_of(d, link) - top_of(d, link) != length)
                                continue;
                        int lane = 0;
                        while (is_taken(d, link, lane))
                                lane++;
                        link->lane = lane;
                        if (lane >= d->n_lanes[link->side])
                                d->n_lanes[link->side] = lane + 1;
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
        d->left = BORDER + LANE * d->n_lanes[LEFT];
        d->right = d->left + widest;
        for (size_t i = 0; i < d->n_boxes; i++) {
                struct box *box = &d->boxes[i];
                box->x = d->left + (widest - layer_width(d, box->layer)) / 2 + left_of(d, box);
                box->y = BORDER + box->layer * (BOX_HEIGHT + LAYER_GAP);
        }
        d->width = d->right + LANE * d->n_lanes[RIGHT] + BORDER;
        d->height = BORDER + d->n_layers * (BOX_HEIGHT + LAYER_GAP) - LAYER_GAP + BORDER;
}

/* Where a lane runs. */
static int lane_x(const struct drawing *d, const struct link *link)
{
        int away = LANE / 2 + LANE * link->lane;
        return link->side == LEFT ? d->left - away : d->right + away;
}

static int lane_bend(const struct link *link)
{
        return 10 + 6 * (link->lane % 4);
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

static struct str path_of(const struct drawing *d, const struct link *link)
{
        const struct box *from = &d->boxes[link->from], *to = &d->boxes[link->to];
        int y0 = from->y + BOX_HEIGHT, y3 = to->y;
        if (link->side == DIRECT) {
                int x0 = from->x + from->w / 2, x3 = to->x + to->w / 2;
                return str_format(d->arena, "M%d %d C%d %d %d %d %d %d", x0, y0, x0,
                                y0 + LAYER_GAP / 2, x3, y3 - LAYER_GAP / 2, x3, y3);
        }
        bool left = link->side == LEFT;
        int x0 = left ? from->x + PORT : from->x + from->w - PORT;
        int x3 = left ? to->x + PORT : to->x + to->w - PORT;
        return str_format(d->arena, "M%d %d V%d H%d V%d H%d V%d", x0, y0, y0 + lane_bend(link),
                        lane_x(d, link), y3 - lane_bend(link), x3, y3);
}

static struct value paths_view(const struct drawing *d)
{
        struct value *rows = arena_new_array(d->arena, d->n_links, struct value);
        for (size_t i = 0; i < d->n_links; i++) {
                struct record record = { .arena = d->arena };
                put(&record, "path", value_string(path_of(d, &d->links[i])));
                rows[i] = finish(&record);
        }
        return value_list(rows, d->n_links);
}

static struct value line_view(
                const struct drawing *d, int x, int y, const char *mode, struct str text)
{
        struct record record = { .arena = d->arena };
        put(&record, "x", value_int(x));
        put(&record, "y", value_int(y));
        put(&record, "mode", value_string(str_of(mode)));
        put(&record, "text", value_string(text));
        return finish(&record);
}

static size_t n_direct(const struct drawing *d, size_t box, bool into)
{
        size_t n = 0;
        for (size_t i = 0; i < d->n_links; i++)
                n += d->links[i].side == DIRECT &&
                     (into ? d->links[i].to : d->links[i].from) == box;
        return n;
}

/* Beside a direct arrow, one act a line: near the end where it is alone. */
static size_t direct_lines(const struct drawing *d, const struct link *link, struct value *rows)
{
        const struct box *from = &d->boxes[link->from], *to = &d->boxes[link->to];
        int x0 = from->x + from->w / 2, x3 = to->x + to->w / 2, part = 50;
        if (n_direct(d, link->to, true) == 1)
                part = n_direct(d, link->from, false) == 1 ? 50 : 85;
        else if (n_direct(d, link->from, false) == 1)
                part = 15;
        size_t n = link->n_acts < LABELS_MAX ? link->n_acts : LABELS_MAX;
        int x = x0 + (x3 - x0) * part / 100;
        int y = from->y + BOX_HEIGHT + LAYER_GAP / 2 + (part - 50) / 2 -
                (int)(n - 1) * LABEL_LINE / 2 + 5;
        for (size_t i = 0; i < n; i++)
                rows[i] = line_view(
                                d, x, y + (int)i * LABEL_LINE, "horizontal-tb", link->labels[i]);
        return n;
}

/* Along a lane, from top to bottom, as Chinese may be written. */
static struct value lane_line(const struct drawing *d, const struct link *link)
{
        struct buf buf = BUF(d->arena);
        for (size_t i = 0; i < link->n_acts && i < LABELS_MAX; i++) {
                buf_c(&buf, i != 0 ? "、" : "");
                buf_str_add(&buf, link->labels[i]);
        }
        int y = (d->boxes[link->from].y + BOX_HEIGHT + d->boxes[link->to].y) / 2;
        return line_view(d, lane_x(d, link), y, "vertical-rl", buf_str(&buf));
}

static struct value lines_view(const struct drawing *d)
{
        struct value *rows = arena_new_array(d->arena, d->n_links * LABELS_MAX, struct value);
        size_t n = 0;
        for (size_t i = 0; i < d->n_links; i++) {
                if (d->links[i].side == DIRECT)
                        n += direct_lines(d, &d->links[i], &rows[n]);
                else
                        rows[n++] = lane_line(d, &d->links[i]);
        }
        return value_list(rows, n);
}

/* "撤回：任何未终结状态 → 已撤回" for each act from any or many states. */
static struct value notes_view(struct drawing *d)
{
        struct value *rows = arena_new_array(d->arena, d->v->n_acts, struct value);
        size_t n = 0;
        for (size_t i = 0; i < d->v->n_acts; i++) {
                const struct act *act = &d->v->acts[i];
                if (!is_written_below(act) || act->n_to == 0)
                        continue;
                struct record record = { .arena = d->arena };
                put(&record, "y", value_int(d->height));
                put(&record, "text",
                                value_string(str_format(d->arena, "%.*s：%.*s", STR_FMT(act->label),
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
        put(&record, "title",
                        value_string(str_format(d->arena, "%.*s（%.*s）的状态图",
                                        STR_FMT(d->v->procedure->label), STR_FMT(d->v->name))));
        put(&record, "desc", value_string(words_of(d)));
        put(&record, "notes", notes_view(d)); /* makes the picture higher */
        put(&record, "width", value_int(d->width));
        put(&record, "height", value_int(d->height));
        put(&record, "boxes", boxes_view(d));
        put(&record, "paths", paths_view(d));
        put(&record, "lines", lines_view(d));
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
                d->boxes[i].w = LETTER * (int)str_n_code_points(d->boxes[i].label) + 2 * BOX_MARGIN;
}

bool diagram_write(struct buf *out, const struct version *version, const char *id, struct err *err)
{
        assert(out && version && id && err);

        struct drawing d = { .arena = out->arena, .v = version };
        make_boxes(&d);
        d.links = arena_new_array(d.arena, d.n_boxes * d.n_boxes, struct link);
        find_links(&d);
        place_layers(&d);
        for (int layer = 0; layer < d.n_layers; layer++)
                order_layer(&d, layer);
        place_lanes(&d);
        place_boxes(&d);
        struct value view = view_of(&d, id);
        const struct template *template;
        return template_parse(d.arena, STR_LIT("diagram.svg"), str_of(svg), TEMPLATE_HTML, NULL,
                               &template, err) &&
               template_render(template, &view, out, err);
}
