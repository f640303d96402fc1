#include "projection/matter_row.h"

#include <assert.h>

#include "projection/cache.h"

#define N_NUMBERS 4
#define N_TEXTS   8

static void texts_of(struct matter_row *row, struct str *to[N_TEXTS])
{
        struct str *const all[N_TEXTS] = { &row->number, &row->procedure, &row->version,
                &row->state, &row->unit, &row->title, &row->body, &row->counted };
        memcpy(to, all, sizeof(all));
}

struct matter_row matter_row_of(struct arena *arena, const struct rows *rows)
{
        return (struct matter_row){
                .id = rows_int(rows, 0),
                .number = str_copy(arena, rows_text(rows, 1)),
                .procedure = str_copy(arena, rows_text(rows, 2)),
                .version = str_copy(arena, rows_text(rows, 3)),
                .state = str_copy(arena, rows_text(rows, 4)),
                .unit = str_copy(arena, rows_text(rows, 5)),
                .parent = rows_int(rows, 6),
                .last_seq = rows_int(rows, 7),
                .body = str_copy(arena, rows_blob(rows, 8)),
                .title = str_copy(arena, rows_text(rows, 9)),
                .visible_until = rows_int(rows, 10),
                .counted = str_copy(arena, rows_blob(rows, 11)),
        };
}

/* ---- As bytes for the cache: four numbers, then eight lengths with their texts ---- */

static struct str pack(struct arena *arena, const struct matter_row *row)
{
        struct matter_row copy = *row;
        struct str *texts[N_TEXTS];
        texts_of(&copy, texts);
        size_t n = N_NUMBERS * sizeof(int64_t);
        for (size_t i = 0; i < N_TEXTS; i++)
                n += sizeof(uint32_t) + texts[i]->n;
        char *bytes = arena_alloc(arena, n), *at = bytes;
        const int64_t numbers[N_NUMBERS] = { row->id, row->parent, row->last_seq,
                row->visible_until };
        memcpy(at, numbers, sizeof(numbers));
        at += sizeof(numbers);
        for (size_t i = 0; i < N_TEXTS; i++) {
                uint32_t length = (uint32_t)texts[i]->n;
                memcpy(at, &length, sizeof(length));
                at += sizeof(length);
                if (length != 0)
                        memcpy(at, texts[i]->p, length);
                at += length;
        }
        return (struct str){ bytes, n };
}

static struct matter_row unpack(struct arena *arena, struct str packed)
{
        struct str bytes = str_copy(arena, packed);
        const char *at = bytes.p;
        struct matter_row row = { 0 };
        struct str *texts[N_TEXTS];
        int64_t numbers[N_NUMBERS];
        texts_of(&row, texts);
        memcpy(numbers, at, sizeof(numbers));
        at += sizeof(numbers);
        row.id = numbers[0];
        row.parent = numbers[1];
        row.last_seq = numbers[2];
        row.visible_until = numbers[3];
        for (size_t i = 0; i < N_TEXTS; i++) {
                uint32_t length;
                memcpy(&length, at, sizeof(length));
                at += sizeof(length);
                *texts[i] = (struct str){ at, length };
                at += length;
        }
        assert(at == bytes.p + bytes.n);
        return row;
}

bool matter_row_get(struct arena *arena, struct snapshot *snapshot, struct cache *cache, int64_t id,
                struct matter_row *ret, bool *ret_found, struct err *err)
{
        struct str packed;
        if (cache != NULL && cache_get_matter(cache, id, &packed)) {
                *ret = unpack(arena, packed);
                *ret_found = true;
                return true;
        }
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_MATTER_GET, PARAMS(param_int(id)), &rows, err))
                return false;
        bool found = rows_next(&rows);
        if (found)
                *ret = matter_row_of(arena, &rows);
        if (!rows_end(&rows, err))
                return false;
        if (found && cache != NULL)
                cache_put_matter(cache, id, pack(arena, ret));
        *ret_found = found;
        return true;
}

void matter_row_keep(struct arena *arena, struct cache *cache, const struct matter_row *row)
{
        cache_touch_matter(cache, row->id);
        cache_put_matter(cache, row->id, pack(arena, row));
}

bool matter_row_open(struct arena *arena, const struct catalogue *catalogue,
                const struct matter_row *row, struct matter **ret, struct err *err)
{
        const struct procedure *procedure = catalogue_procedure(catalogue, row->procedure);
        const struct version *version =
                        procedure != NULL ? procedure_version(procedure, row->version) : NULL;
        if (version == NULL)
                return err_field(err, E_FOLD_KIND, row->procedure, "没有程序版本 %.*s",
                                STR_FMT(row->version));
        int state = version_state(version, row->state);
        if (state < 0)
                return err_field(err, E_FOLD_KIND, row->procedure, "没有状态 %.*s",
                                STR_FMT(row->state));
        struct matter *matter = matter_new(arena, version);
        if (!matter_unpack(arena, row->body, matter, err))
                return false;
        matter->id = row->id;
        matter->number = row->number;
        matter->unit = row->unit;
        matter->parent = row->parent;
        matter->state = (size_t)state;
        matter->last_seq = row->last_seq;
        *ret = matter;
        return true;
}
