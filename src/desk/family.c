#include "desk/family.h"

#include <assert.h>
#include <stdlib.h>

#include "projection/matter_read.h"
#include "store/store.h"

struct family {
        struct arena *arena;
        struct snapshot *snapshot;
        const struct catalogue *catalogue;
        int64_t *ids; /* all below the first, breadth first; ids[0] is the first itself */
        size_t n;
        struct err *err;
};

static bool add_children(struct family *family, int64_t parent)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(family->snapshot, Q_MATTER_CHILDREN, PARAMS(param_int(parent)), &rows,
                            family->err))
                return false;
        while (rows_next(&rows)) {
                if (family->n == FAMILY_MATTERS_MAX)
                        return err_set(family->err, E_SCENARIO, "一个办件的下级超过 %u 个",
                                        FAMILY_MATTERS_MAX);
                family->ids[family->n++] = rows_int(&rows, 0);
        }
        return rows_end(&rows, family->err);
}

static int compare_ids(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return x < y ? -1 : x > y;
}

/* Keeps those of the procedure; an id grows with the moment a matter is opened. */
static bool keep(struct family *family, struct str procedure, const int64_t **ret, size_t *ret_n)
{
        int64_t *kept = arena_new_array(family->arena, family->n, int64_t);
        size_t n = 0;
        for (size_t i = 1; i < family->n; i++) {
                struct matter *matter;
                if (!matter_read(family->arena, family->snapshot, family->catalogue, family->ids[i],
                                    &matter, family->err))
                        return false;
                if (str_eq(matter->version->procedure->name, procedure))
                        kept[n++] = matter->id;
        }
        qsort(kept, n, sizeof(*kept), compare_ids);
        *ret = kept;
        *ret_n = n;
        return true;
}

bool family_below(struct arena *arena, struct site *site, int64_t matter, struct str procedure,
                const int64_t **ret, size_t *ret_n, struct err *err)
{
        assert(arena && site && ret && ret_n && err);
        struct family family = { .arena = arena,
                .catalogue = site_catalogue(site),
                .err = err,
                .ids = arena_new_array(arena, FAMILY_MATTERS_MAX, int64_t),
                .n = 1 };
        family.ids[0] = matter;
        if (!snapshot_open(site_store(site), &family.snapshot, err))
                return false;
        bool ok = true;
        for (size_t i = 0; ok && i < family.n; i++)
                ok = add_children(&family, family.ids[i]);
        ok = ok && keep(&family, procedure, ret, ret_n);
        snapshot_close(&family.snapshot);
        return ok;
}

bool family_assignee(struct arena *arena, struct site *site, int64_t matter, struct str *ret,
                struct err *err)
{
        struct snapshot *snapshot;
        struct matter *one;
        assert(arena && site && ret && err);
        if (!snapshot_open(site_store(site), &snapshot, err))
                return false;
        bool ok = matter_read(arena, snapshot, site_catalogue(site), matter, &one, err);
        snapshot_close(&snapshot);
        if (!ok)
                return false;
        if (one->n_assigned == 0)
                return err_field(err, E_SCENARIO, one->number, "没有交给任何人");
        *ret = one->assigned[0];
        return true;
}
