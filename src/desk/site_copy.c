/* A site from one kind of store into another, and the proof that nothing changed on the way. */
#include <assert.h>
#include <dirent.h>

#include "base/limits.h"
#include "desk/files.h"
#include "desk/site_state.h"
#include "projection/rebuild.h"
#include "store/store.h"

static struct str in_dir(struct arena *arena, struct str dir, const char *name)
{
        return str_format(arena, "%.*s/%s", STR_FMT(dir), name);
}

static bool copy_file(struct arena *arena, struct str from, struct str to, const char *name,
                int mode, struct err *err)
{
        struct str text;
        return file_read(arena, in_dir(arena, from, name), LIMIT_FILE_BYTES, &text, err) &&
               file_create(in_dir(arena, to, name), text, mode, err);
}

static bool copy_blobs(struct str from, struct str to, struct err *err)
{
        struct arena *arena = arena_open();
        DIR *dir = opendir(str_c(arena, in_dir(arena, from, "blobs")));
        bool ok = true;
        for (struct dirent *entry; ok && dir != NULL && (entry = readdir(dir)) != NULL;) {
                if (entry->d_name[0] == '.')
                        continue;
                const char *name = str_c(arena, str_format(arena, "blobs/%s", entry->d_name));
                ok = copy_file(arena, from, to, name, 0600, err);
                arena_reset(arena);
        }
        if (dir != NULL)
                closedir(dir);
        arena_close(&arena);
        return ok;
}

/* The folder of the new site, but for site.yaml, which makes a site of it. */
static bool make_folder(struct arena *arena, struct str from, struct str to, struct err *err)
{
        return folder_make(to, 0700, err) && folder_make(in_dir(arena, to, "keys"), 0700, err) &&
               folder_make(in_dir(arena, to, "blobs"), 0700, err) &&
               copy_file(arena, from, to, "keys/log.key", 0600, err) && copy_blobs(from, to, err);
}

/* What a copy that failed has left there, as far as it is ours. */
static void drop_folder(struct arena *arena, struct str to)
{
        static const char *const files[] = { "keys/log.key", "keys", "plumbline.db",
                "plumbline.db-wal", "plumbline.db-shm", "blobs" };
        DIR *dir = opendir(str_c(arena, in_dir(arena, to, "blobs")));
        for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
                if (entry->d_name[0] != '.')
                        file_remove(str_format(arena, "%.*s/blobs/%s", STR_FMT(to), entry->d_name));
        if (dir != NULL)
                closedir(dir);
        for (size_t i = 0; i < N_ELEMENTS(files); i++)
                file_remove(in_dir(arena, to, files[i]));
        file_remove(to);
}

static bool compare(struct arena *arena, struct store *a, struct store *b, struct err *err)
{
        struct snapshot *before _cleanup_(snapshot_close) = NULL;
        struct snapshot *after _cleanup_(snapshot_close) = NULL;
        struct projection_difference difference = { 0 };
        if (!snapshot_open(a, &before, err) || !snapshot_open(b, &after, err) ||
                        !projection_compare(arena, before, after, &difference, err))
                return false;
        return !difference.differs ||
               err_set(err, E_REBUILD_DIFFERS, "复制后表 %s 第 %lld 行：%.*s | %.*s",
                               difference.table, (long long)difference.row, STR_FMT(difference.a),
                               STR_FMT(difference.b));
}

bool site_copy(struct str from, struct str to, struct str store, struct err *err)
{
        assert(err);
        struct arena *arena = arena_open();
        struct site *site = NULL;
        struct store *copied = NULL;
        bool fresh = !file_exists(in_dir(arena, to, "site.yaml")) &&
                     !file_exists(in_dir(arena, to, "keys"));
        bool ok = (fresh || err_set(err, E_SITE_EXISTS, "%.*s", STR_FMT(to))) &&
                  site_open(from, &site, err) && make_folder(arena, from, to, err);
        if (ok) {
                struct site_config config = *site_config(site);
                config.store = store;
                ok = site_store_open(arena, to, store, &(struct store_options){ .create = true },
                                     &copied, err) &&
                     store_copy(site_store(site), copied, NULL, NULL, err) &&
                     compare(arena, site_store(site), copied, err) &&
                     file_create(in_dir(arena, to, "site.yaml"), site_config_format(arena, &config),
                                     0644, err);
        }
        if (ok)
                store_close(&copied);
        else
                store_discard(&copied);
        if (!ok && fresh && site != NULL)
                drop_folder(arena, to);
        site_close(&site);
        arena_close(&arena);
        return ok;
}
