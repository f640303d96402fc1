#include "ledger/tile.h"

#include <assert.h>
#include <inttypes.h>

#define INDEX_MAX (((uint64_t)1 << 56) - 1)

static void write_index(struct buf *buf, uint64_t index)
{
        uint64_t unit = 1;
        while (index / unit >= 1000)
                unit *= 1000;
        for (; unit > 1; unit /= 1000)
                buf_format(buf, "x%03" PRIu64 "/", index / unit % 1000);
        buf_format(buf, "%03" PRIu64, index % 1000);
}

struct str tile_format(struct arena *arena, const struct tile_name *name)
{
        assert(name->width >= 1 && name->width <= TILE_HASHES && name->index <= INDEX_MAX);
        struct buf buf = BUF(arena);
        if (name->is_entries)
                buf_c(&buf, "tile/entries/");
        else
                buf_format(&buf, "tile/%u/", name->level);
        write_index(&buf, name->index);
        if (name->width < TILE_HASHES)
                buf_format(&buf, ".p/%u", name->width);
        return buf_str(&buf);
}

/* Decimal from `min` to `max`, without leading zeros. */
static bool parse_number(struct str text, int64_t min, int64_t max, unsigned *ret)
{
        int64_t number;
        if (text.n == 0 || text.p[0] == '-' || (text.n > 1 && text.p[0] == '0') ||
                        !str_to_int(text, &number) || number < min || number > max)
                return false;
        *ret = (unsigned)number;
        return true;
}

/* Takes the groups of the index off *rest; the last one may bring ".p" with it. */
static bool parse_index(struct str *rest, uint64_t *ret, bool *partial)
{
        uint64_t index = 0;
        for (bool first = true;; first = false) {
                struct str group = str_split(rest, '/');
                int64_t digits;
                bool last = !str_starts(group, STR_LIT("x"));
                if (!last)
                        group = str_slice(group, 1, group.n);
                *partial = last && str_ends(group, STR_LIT(".p"));
                if (*partial)
                        group = str_slice(group, 0, group.n - 2);
                if (group.n != 3 || group.p[0] == '-' || !str_to_int(group, &digits))
                        return false;
                if (first && !last && digits == 0)
                        return false; /* a group of zeros in front */
                index = index * 1000 + (uint64_t)digits;
                if (index > INDEX_MAX)
                        return false;
                if (last) {
                        *ret = index;
                        return true;
                }
        }
}

bool tile_parse(struct str path, struct tile_name *ret, struct err *err)
{
        struct str rest = path;
        struct tile_name name = { .width = TILE_HASHES };
        bool partial, ok = str_is(str_split(&rest, '/'), "tile");
        struct str level = str_split(&rest, '/');
        name.is_entries = str_is(level, "entries");
        ok = ok && (name.is_entries || parse_number(level, 0, TILE_LEVEL_MAX, &name.level)) &&
             parse_index(&rest, &name.index, &partial);
        if (ok && partial)
                ok = parse_number(rest, 1, TILE_HASHES - 1, &name.width);
        else if (ok)
                ok = rest.p == NULL;
        if (!ok)
                return err_set(err, E_LEDGER_TILE, "%.*s", (int)(path.n < 100 ? path.n : 100),
                                path.p);
        *ret = name;
        return true;
}

unsigned tile_width(unsigned level, uint64_t index, uint64_t size)
{
        assert(level <= TILE_LEVEL_MAX);
        uint64_t n = size >> (8 * level), first = index * TILE_HASHES;
        if (index > INDEX_MAX || first >= n)
                return 0;
        return n - first < TILE_HASHES ? (unsigned)(n - first) : TILE_HASHES;
}

void tile_add_entry(struct buf *bundle, struct str leaf)
{
        assert(leaf.n <= UINT16_MAX);
        uint8_t length[2] = { (uint8_t)(leaf.n >> 8), (uint8_t)leaf.n };
        buf_add(bundle, length, sizeof(length));
        buf_str_add(bundle, leaf);
}
