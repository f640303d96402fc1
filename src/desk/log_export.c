#include "desk/log_export.h"

#include <assert.h>

#include "desk/files.h"
#include "desk/log_folder.h"
#include "desk/rotate.h"
#include "desk/tree.h"
#include "ledger/succession.h"
#include "store/store.h"

struct exporting {
        struct site *site;
        struct snapshot *snapshot;
        struct str dir;
        struct arena *arena; /* of one file */
        struct arena *held;
        struct tree tree;
        struct checkpoint head, before;
        struct succession keys;
        struct str note;
        struct log_exported *report;
        struct err *err;
};

/* ---- Where to begin and to end ---- */

static bool read_head(struct exporting *x)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        int64_t size = 0;
        bool found;
        if (!snapshot_int(x->snapshot, Q_EVENT_COUNT, NO_PARAMS, &size, &found, x->err) ||
                        !snapshot_rows(x->snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(0)), &rows,
                                        x->err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, x->err) &&
                       err_set(x->err, E_LOG_UNSIGNED, "共 %lld 条", (long long)size);
        x->note = str_copy(x->held, rows_text(&rows, 2));
        if (!rows_end(&rows, x->err) || !log_own_keys(x->held, x->site, &x->keys, x->err) ||
                        !checkpoint_open(x->held, x->note, site_origin(x->site), x->keys.keys,
                                        x->keys.n, &x->head, x->err))
                return false;
        x->report->size = x->head.size;
        x->report->n_unsigned = (uint64_t)size - x->head.size;
        return true;
}

/* What was published before must be the beginning of what is now. */
static bool read_before(struct exporting *x)
{
        struct merkle_source source = tree_source(&x->tree);
        struct str note;
        struct hash root;
        if (!file_read(x->held, log_path(x->held, x->dir, STR_LIT("checkpoint")), NOTE_BYTES_MAX,
                            &note, x->err))
                return x->err->code == E_NOT_FOUND;
        if (!checkpoint_open(x->held, note, site_origin(x->site), x->keys.keys, x->keys.n,
                            &x->before, x->err))
                return false;
        x->report->before = x->before.size;
        if (x->before.size > x->head.size)
                return err_set(x->err, E_LOG_BEHIND, "已公布 %llu 条，账本签名到 %llu 条",
                                (unsigned long long)x->before.size,
                                (unsigned long long)x->head.size);
        if (!merkle_root_at(&source, x->before.size, &root, x->err))
                return false;
        return hash_eq(&root, &x->before.root) ||
               err_set(x->err, E_LOG_SPLIT, "已公布的前 %llu 条",
                               (unsigned long long)x->before.size);
}

/* ---- Files ---- */

static bool write_tile(struct exporting *x, const struct tile_name *name, struct str bytes)
{
        struct str path = tile_format(x->arena, name);
        x->report->n_files++;
        return log_write_file(x->arena, x->dir, path, bytes, x->err);
}

static bool export_hashes(struct exporting *x, unsigned level, uint64_t index)
{
        struct tile_name name = {
                .level = level, .index = index, .width = tile_width(level, index, x->head.size)
        };
        struct str bytes;
        arena_reset(x->arena);
        return tree_tile(x->arena, &x->tree, level, index, name.width, &bytes, x->err) &&
               write_tile(x, &name, bytes);
}

static bool export_entries(struct exporting *x, uint64_t index)
{
        struct tile_name name = {
                .is_entries = true, .index = index, .width = tile_width(0, index, x->head.size)
        };
        struct str bytes;
        arena_reset(x->arena);
        return tree_entries(x->arena, &x->tree, index, name.width, &bytes, x->err) &&
               write_tile(x, &name, bytes);
}

/* Entries may have been left out before: then from the first file that is not there. */
static bool export_all_entries(struct exporting *x)
{
        uint64_t n = (x->head.size + TILE_WIDTH - 1) / TILE_WIDTH;
        for (uint64_t i = 0; i < n; i++) {
                struct tile_name name = {
                        .is_entries = true, .index = i, .width = tile_width(0, i, x->head.size)
                };
                arena_reset(x->arena);
                if (!file_exists(log_path(x->arena, x->dir, tile_format(x->arena, &name))) &&
                                !export_entries(x, i))
                        return false;
        }
        return true;
}

static bool export_all_hashes(struct exporting *x)
{
        for (unsigned level = 0; level < TILE_LEVELS; level++) {
                uint64_t nodes = x->head.size >> (TILE_HEIGHT * level);
                uint64_t old = x->before.size >> (TILE_HEIGHT * level);
                for (uint64_t i = old / TILE_WIDTH; nodes > old && i * TILE_WIDTH < nodes; i++)
                        if (!export_hashes(x, level, i))
                                return false;
        }
        return true;
}

/* How the key changed, if it did: before the checkpoint that only the new one signed. */
static bool export_keys(struct exporting *x)
{
        struct str path = log_path(x->held, x->dir, STR_LIT("log-keys")), text, now;
        if (!log_keys(x->held, x->site, &text, x->err))
                return false;
        if (text.n == 0 || (file_read(x->held, path, SUCCESSION_BYTES_MAX, &now, x->err) &&
                                           str_eq(now, text)))
                return true;
        x->report->n_files++;
        return file_replace(path, text, x->err);
}

static bool export(struct exporting *x, bool entries)
{
        if (!read_head(x))
                return false;
        tree_init(&x->tree, x->snapshot, site_config(x->site)->hash, x->head.size);
        if (!folder_make(x->dir, 0755, x->err) || !read_before(x))
                return false;
        entries = entries || log_has_entries(x->held, x->dir);
        if ((entries && !export_all_entries(x)) || !export_all_hashes(x) || !export_keys(x))
                return false;
        if (x->before.size == x->head.size && x->before.size != 0)
                return true;
        struct str head = log_path(x->held, x->dir, STR_LIT("checkpoint"));
        if (!folder_sync(x->dir, x->err) || !file_replace(head, x->note, x->err))
                return false;
        x->report->n_files++;
        log_drop_narrower(x->held, x->dir, x->before.size, x->head.size);
        return folder_sync(x->dir, x->err);
}

bool log_export(struct site *site, struct str dir, bool entries, struct log_exported *ret,
                struct err *err)
{
        assert(site && ret && err);
        *ret = (struct log_exported){ 0 };
        struct arena *held _cleanup_(arena_close) = arena_open();
        struct exporting *x = arena_new(held, struct exporting);
        x->site = site;
        x->dir = dir;
        x->held = held;
        x->arena = arena_open();
        x->report = ret;
        x->err = err;
        bool ok = snapshot_open(site_store(site), &x->snapshot, err) && export(x, entries);
        snapshot_close(&x->snapshot);
        arena_close(&x->arena);
        return ok;
}
