#include "desk/log_folder.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fts.h>

#include "desk/files.h"

#define ENTRY_BYTES_MAX (2u + UINT16_MAX)
#define FILE_BYTES_MAX  (TILE_WIDTH * ENTRY_BYTES_MAX)

struct str log_path(struct arena *arena, struct str dir, struct str name)
{
        return str_format(arena, "%.*s/%.*s", STR_FMT(dir), STR_FMT(name));
}

bool log_has_entries(struct arena *arena, struct str dir)
{
        return file_exists(log_path(arena, dir, STR_LIT("tile/entries")));
}

bool log_folder_open(const struct log_place *place, struct log_folder *ret, struct err *err)
{
        struct log_folder folder = { .dir = place->at };
        if (fetch_is_url(place->at) &&
                        !fetch_open(place->at, place->token, place->ca, &folder.remote, err))
                return false;
        folder.arena = arena_open();
        folder.has_entries = folder.remote != NULL ? place->token.n != 0
                                                   : log_has_entries(folder.arena, place->at);
        *ret = folder;
        return true;
}

void log_folder_close(struct log_folder *folder)
{
        fetch_close(&folder->remote);
        arena_close(&folder->arena);
}

/* What a server answers instead of a file. */
static bool refused(struct str name, int status, struct err *err)
{
        if (status == 404 || status == 410)
                return err_set(err, E_NOT_FOUND, "%.*s", STR_FMT(name));
        return err_field(err, E_FETCH, name, "答复 %d%s", status,
                        status == 401 || status == 403 ? "：存证条目只供审计，请核对令牌" : "");
}

bool log_read_file(struct arena *arena, struct log_folder *folder, struct str name, size_t limit,
                struct str *ret, struct err *err)
{
        struct fetched answer;
        if (folder->remote == NULL)
                return file_read(arena, log_path(arena, folder->dir, name), limit, ret, err);
        if (!fetch_get(arena, folder->remote, name, limit, &answer, err))
                return false;
        if (answer.status != 200)
                return refused(name, answer.status, err);
        *ret = answer.body;
        return true;
}

static bool make_folders(struct arena *arena, struct str dir, struct str path, struct err *err)
{
        for (size_t i = 1; i < path.n; i++)
                if (path.p[i] == '/' && !folder_make(log_path(arena, dir, str_slice(path, 0, i)),
                                                        0755, err))
                        return false;
        return true;
}

bool log_write_file(struct arena *arena, struct str dir, struct str name, struct str bytes,
                struct err *err)
{
        return make_folders(arena, dir, name, err) &&
               file_replace(log_path(arena, dir, name), bytes, err);
}

bool log_next_entry(struct str *bundle, struct str *ret, struct err *err)
{
        if (bundle->n == 0)
                return false;
        size_t n = bundle->n < 2 ? 0 : (size_t)(uint8_t)bundle->p[0] << 8 | (uint8_t)bundle->p[1];
        if (bundle->n < 2 + n || n == 0)
                return err_set(err, E_LOG_FILE, "条目的长度不正确");
        *ret = str_slice(*bundle, 2, 2 + n);
        *bundle = str_slice(*bundle, 2 + n, bundle->n);
        return true;
}

/* How many bytes the first `width` entries take; false if there are fewer, or, where
 * `exactly`, more. */
static bool entries_bytes(struct str bundle, unsigned width, bool exactly, size_t *ret)
{
        struct str rest = bundle, leaf;
        struct err err = { 0 };
        for (unsigned i = 0; i < width; i++)
                if (!log_next_entry(&rest, &leaf, &err))
                        return false;
        *ret = bundle.n - rest.n;
        return !exactly || rest.n == 0;
}

/* Cuts the bytes of a file that holds `held` hashes or entries to the first `width`. */
static bool cut(const struct tile_name *name, unsigned held, unsigned width, struct str *bytes)
{
        size_t n = (size_t)width * HASH_BYTES, all = (size_t)held * HASH_BYTES;
        if (name->is_entries && !(entries_bytes(*bytes, held, true, &all) &&
                                                entries_bytes(*bytes, width, false, &n)))
                return false;
        if (bytes->n != all)
                return false;
        *bytes = str_slice(*bytes, 0, n);
        return true;
}

/* One of the files that may hold a tile; *ret.p NULL: there is no such file. */
static bool read_form(struct log_folder *folder, const struct tile_name *name, unsigned held,
                unsigned width, struct str *ret, struct err *err)
{
        struct tile_name form = *name;
        form.width = held;
        struct str path = tile_format(folder->arena, &form), bytes;
        *ret = (struct str){ NULL, 0 };
        size_t limit = name->is_entries ? FILE_BYTES_MAX : 2 * TILE_WIDTH * HASH_BYTES;
        if (!log_read_file(folder->arena, folder, path, limit, &bytes, err))
                return err->code == E_NOT_FOUND;
        folder->n_files++;
        if (folder->copy.n != 0 && !log_write_file(folder->arena, folder->copy, path, bytes, err))
                return false;
        if (!cut(name, held, width, &bytes))
                return err_field(err, E_LOG_FILE, path, "长度不正确");
        *ret = bytes;
        return true;
}

/* The narrower forms that an earlier export left beside a tile must begin as it does. */
static bool check_narrower(struct log_folder *folder, const struct tile_name *name,
                struct str bytes, struct err *err)
{
        struct tile_name form = *name;
        form.width = TILE_WIDTH;
        struct str full = log_path(folder->arena, folder->dir, tile_format(folder->arena, &form));
        DIR *dir = opendir(
                        str_c(folder->arena, str_format(folder->arena, "%.*s.p", STR_FMT(full))));
        bool ok = true;
        const struct dirent *entry;
        while (ok && dir != NULL && (entry = readdir(dir)) != NULL) {
                int64_t width;
                struct str narrow, wide = bytes;
                if (!str_to_int(str_of(entry->d_name), &width) || width < 1 || width >= name->width)
                        continue;
                form.width = (unsigned)width;
                ok = read_form(folder, &form, form.width, form.width, &narrow, err);
                if (ok && narrow.p != NULL &&
                                !(cut(name, name->width, form.width, &wide) &&
                                                str_eq(narrow, wide)))
                        ok = err_field(err, E_LOG_FILE, tile_format(folder->arena, &form),
                                        "与完整的分片不符");
        }
        if (dir != NULL)
                closedir(dir);
        return ok;
}

bool log_read_tile(struct log_folder *folder, const struct tile_name *name, struct str *ret,
                struct err *err)
{
        struct str exact, full = { NULL, 0 };
        arena_reset(folder->arena);
        if (!read_form(folder, name, name->width, name->width, &exact, err))
                return false;
        /* A server is asked for the full form only where the other is gone; beside a file both
         * are looked at, because whoever copies the folder gets both. */
        bool look = name->width < TILE_WIDTH && (folder->remote == NULL || exact.p == NULL);
        if (look && !read_form(folder, name, TILE_WIDTH, name->width, &full, err))
                return false;
        struct str bytes = exact.p != NULL ? exact : full;
        if (bytes.p == NULL)
                return err_field(err, E_LOG_FILE, tile_format(folder->arena, name), "没有这个文件");
        if (exact.p != NULL && full.p != NULL && !str_eq(exact, full))
                return err_field(err, E_LOG_FILE, tile_format(folder->arena, name),
                                "与完整的分片不符");
        if (folder->remote == NULL && !check_narrower(folder, name, bytes, err))
                return false;
        *ret = bytes;
        return true;
}

bool log_tile_read(void *context, unsigned level, uint64_t index, unsigned width,
                struct hash to[TILE_WIDTH], struct err *err)
{
        struct tile_name name = { .level = level, .index = index, .width = width };
        struct str bytes;
        if (!log_read_tile(context, &name, &bytes, err))
                return false;
        assert(bytes.n == (size_t)width * HASH_BYTES);
        memcpy(to, bytes.p, bytes.n);
        return true;
}

/* Removes a file of partial width, and its folder if that was all it held. */
static void drop(struct arena *arena, struct str dir, const struct tile_name *name)
{
        struct str path = log_path(arena, dir, tile_format(arena, name));
        size_t slash = path.n;
        while (path.p[slash - 1] != '/')
                slash--;
        file_remove(path);
        file_remove(str_slice(path, 0, slash - 1));
}

void log_drop_narrower(struct arena *arena, struct str dir, uint64_t before, uint64_t size)
{
        for (unsigned level = 0; level < TILE_LEVELS; level++) {
                uint64_t index = (before >> (TILE_HEIGHT * level)) / TILE_WIDTH;
                unsigned width = tile_width(level, index, before);
                if (width == 0 || width == tile_width(level, index, size))
                        continue;
                struct tile_name hashes = { .level = level, .index = index, .width = width };
                struct tile_name entries = { true, 0, index, width };
                drop(arena, dir, &hashes);
                if (level == 0)
                        drop(arena, dir, &entries);
        }
}

bool log_count_files(struct arena *arena, struct str dir, uint64_t *ret, struct err *err)
{
        char *roots[] = { (char *)str_c(arena, dir), NULL };
        FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        if (walk == NULL)
                return err_set(err, E_IO, "%.*s：%s", STR_FMT(dir), strerror(errno));
        uint64_t n = 0;
        const FTSENT *entry;
        while ((entry = fts_read(walk)) != NULL)
                n += entry->fts_info != FTS_D && entry->fts_info != FTS_DP;
        fts_close(walk);
        *ret = n;
        return true;
}
