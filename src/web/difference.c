#include "web/difference.h"

#include <assert.h>

struct text {
        struct str *lines;
        int n;
};

struct walk {
        struct arena *arena;
        struct text a, b;
        int **trace; /* the furthest x of each diagonal, before each step */
        struct difference_line *lines;
        size_t n;
};

static struct text lines_of(struct arena *arena, struct str text)
{
        size_t n = 1;
        for (size_t i = 0; i < text.n; i++)
                n += text.p[i] == '\n';
        struct text ret = { arena_new_array(arena, n, struct str), 0 };
        while (text.n != 0)
                ret.lines[ret.n++] = str_split(&text, '\n');
        return ret;
}

static bool is_same(const struct walk *w, int x, int y)
{
        return str_eq(w->a.lines[x], w->b.lines[y]);
}

/* One step further on every diagonal; true at the end of both texts. `v` is indexed from -max. */
static bool step(const struct walk *w, int *v, int d)
{
        for (int k = -d; k <= d; k += 2) {
                bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
                int x = down ? v[k + 1] : v[k - 1] + 1, y = x - k;
                while (x < w->a.n && y >= 0 && y < w->b.n && is_same(w, x, y)) {
                        x++;
                        y++;
                }
                v[k] = x;
                if (x >= w->a.n && y >= w->b.n)
                        return true;
        }
        return false;
}

/* How many changes there are, or -1 past the limit; fills the trace. */
static int search(struct walk *w)
{
        int max = w->a.n + w->b.n;
        max = max < DIFFERENCE_STEPS ? max : DIFFERENCE_STEPS;
        int *v = (int *)arena_array(w->arena, (size_t)(2 * max + 3), sizeof(int)) + max + 1;
        w->trace = arena_array(w->arena, (size_t)(max + 1), sizeof(*w->trace));
        for (int d = 0; d <= max; d++) {
                int *kept = arena_array(w->arena, (size_t)(2 * d + 3), sizeof(int));
                memcpy(kept, v - d - 1, (size_t)(2 * d + 3) * sizeof(int));
                w->trace[d] = kept + d + 1;
                if (step(w, v, d))
                        return d;
        }
        return -1;
}

static void put(struct walk *w, enum difference_kind kind, int x, int y)
{
        w->lines[w->n++] = (struct difference_line){ .kind = kind,
                .before = kind == DIFFERENCE_NEW ? 0 : x + 1,
                .after = kind == DIFFERENCE_GONE ? 0 : y + 1,
                .text = kind == DIFFERENCE_NEW ? w->b.lines[y] : w->a.lines[x] };
}

/* From the end back to the beginning; the lines come out in reverse. */
static void walk_back(struct walk *w, int d)
{
        int x = w->a.n, y = w->b.n;
        for (; d >= 0; d--) {
                const int *v = w->trace[d];
                int k = x - y;
                bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
                int before = d == 0 ? 0 : down ? v[k + 1] : v[k - 1];
                int before_y = d == 0 ? 0 : before - (down ? k + 1 : k - 1);
                while (x > before && y > before_y && is_same(w, x - 1, y - 1)) {
                        x--;
                        y--;
                        put(w, DIFFERENCE_SAME, x, y);
                }
                if (d == 0)
                        break;
                if (down)
                        put(w, DIFFERENCE_NEW, 0, --y);
                else
                        put(w, DIFFERENCE_GONE, --x, 0);
        }
        assert(x == 0 && y == 0);
}

static void reverse(struct difference_line *lines, size_t n)
{
        for (size_t i = 0; i < n / 2; i++) {
                struct difference_line line = lines[i];
                lines[i] = lines[n - 1 - i];
                lines[n - 1 - i] = line;
        }
}

static void all_of_both(struct walk *w)
{
        for (int i = 0; i < w->a.n; i++)
                put(w, DIFFERENCE_GONE, i, 0);
        for (int i = 0; i < w->b.n; i++)
                put(w, DIFFERENCE_NEW, 0, i);
}

const struct difference_line *difference_lines(
                struct arena *arena, struct str before, struct str after, size_t *ret_n)
{
        struct walk w = {
                .arena = arena, .a = lines_of(arena, before), .b = lines_of(arena, after)
        };
        w.lines = arena_new_array(arena, (size_t)(w.a.n + w.b.n), struct difference_line);
        int d = search(&w);
        if (d < 0) {
                all_of_both(&w);
        } else {
                walk_back(&w, d);
                reverse(w.lines, w.n);
        }
        *ret_n = w.n;
        return w.lines;
}
