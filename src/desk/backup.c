#include "desk/backup.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "desk/desk.h"
#include "desk/files.h"
#include "desk/site_state.h"
#include "ledger/merkle.h"
#include "store/store.h"

struct backing_up {
        struct site *site;
        struct arena *arena;
        const struct backup_progress *progress;
        struct backup_report *report;
        struct err *err;
};

static struct str in_site(struct backing_up *b, const char *name)
{
        return str_format(b->arena, "%.*s/%s", STR_FMT(site_dir(b->site)), name);
}

static bool tell_pages(void *user, int64_t done, int64_t total)
{
        const struct backing_up *b = user;
        const struct backup_progress *p = b->progress;
        return p == NULL || p->tell == NULL || p->tell(p->user, "备份", done, total);
}

static bool put_meta(struct backing_up *b, struct tx *tx, const char *key, struct str text)
{
        return tx_run(tx, Q_META_PUT, PARAMS(param_text(str_of(key)), param_text(text)), b->err);
}

static bool put_file(struct backing_up *b, struct tx *tx, const char *name)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct str path = str_format(arena, "%.*s/blobs/%s", STR_FMT(site_dir(b->site)), name);
        struct str bytes;
        if (!file_read(arena, path, LIMIT_FILE_BYTES, &bytes, b->err))
                return false;
        struct hash hash = hash_bytes(LEDGER_SHA256, bytes);
        b->report->n_files++;
        return tx_run(tx, Q_BLOB_PUT,
                        PARAMS(param_blob((struct str){ (const char *)hash.b, HASH_BYTES }),
                                        param_text(str_of(name)),
                                        param_text(STR_LIT(BACKUP_BLOB_TYPE)), param_blob(bytes)),
                        b->err);
}

static bool put_files(struct backing_up *b, struct tx *tx)
{
        DIR *folder = opendir(str_c(b->arena, in_site(b, "blobs")));
        const struct dirent *entry;
        bool ok = true;
        if (folder == NULL)
                return errno == ENOENT || err_set(b->err, E_IO, "blobs：%s", strerror(errno));
        while (ok && (entry = readdir(folder)) != NULL)
                if (entry->d_type == DT_REG)
                        ok = put_file(b, tx, entry->d_name);
        closedir(folder);
        return ok;
}

/* What is not in the store itself. */
static bool put_rest(struct backing_up *b, struct store *copy)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct desk_clock clock = desk_system_clock();
        struct str text;
        return file_read(b->arena, in_site(b, "site.yaml"), LIMIT_DEFINITION_BYTES, &text,
                               b->err) &&
               store_begin(copy, &tx, b->err) && put_meta(b, tx, BACKUP_META_SITE, text) &&
               put_meta(b, tx, BACKUP_META_KEY, note_key_format(b->arena, site_key(b->site))) &&
               put_meta(b, tx, BACKUP_META_TIME, moment_format(b->arena, clock.now(clock.user))) &&
               put_files(b, tx) && tx_commit(&tx, b->err);
}

static bool read_head(struct backing_up *b, struct store *copy)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct merkle_frontier frontier;
        bool found;
        if (!snapshot_open(copy, &snapshot, b->err) ||
                        !snapshot_int(snapshot, Q_LEDGER_SIGNED, PARAMS(param_int(0)),
                                        &b->report->signed_size, &found, b->err) ||
                        !snapshot_rows(snapshot, Q_LEDGER_GET, PARAMS(param_int(0)), &rows, b->err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, b->err) && err_set(b->err, E_SITE_LEDGER, "没有账本");
        if (!merkle_frontier_unpack(rows_blob(&rows, 3), &frontier, b->err))
                return false;
        b->report->size = rows_int(&rows, 2);
        b->report->root = merkle_root(site_config(b->site)->hash, &frontier);
        return rows_end(&rows, b->err);
}

static bool copy_key(struct backing_up *b, struct str to)
{
        struct str text;
        if (!file_read(b->arena, in_site(b, "keys/log.key"), 4096, &text, b->err))
                return false;
        bool ok = file_create(to, text, 0600, b->err);
        explicit_bzero((char *)text.p, text.n);
        return ok;
}

static bool make(struct backing_up *b, struct str part, struct str to)
{
        struct store *copy = NULL;
        bool ok = store_backup(site_store(b->site), str_c(b->arena, part), tell_pages, b, b->err);
        if (ok && chmod(str_c(b->arena, part), 0600) != 0)
                ok = err_set(b->err, E_IO, "%.*s：%s", STR_FMT(part), strerror(errno));
        ok = ok && store_open(str_c(b->arena, part), NULL, &copy, b->err) && put_rest(b, copy) &&
             read_head(b, copy);
        store_close(&copy);
        ok = ok && file_flush(part, b->err);
        if (ok && rename(str_c(b->arena, part), str_c(b->arena, to)) != 0)
                ok = err_set(b->err, E_IO, "%.*s：%s", STR_FMT(to), strerror(errno));
        return ok && file_flush(folder_of(b->arena, to), b->err);
}

bool site_backup(struct site *site, struct str to, struct str key_to,
                const struct backup_progress *progress, struct backup_report *ret, struct err *err)
{
        assert(site && ret && err);
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct backup_report report = { 0 };
        struct backing_up b = { site, arena, progress, &report, err };
        struct str part = str_format(arena, "%.*s.unfinished", STR_FMT(to));
        struct str taken[] = { to, key_to };
        for (size_t i = 0; i < N_ELEMENTS(taken); i++)
                if (taken[i].n > 0 && file_exists(taken[i]))
                        return err_set(err, E_STORE_EXISTS, "%.*s", STR_FMT(taken[i]));
        file_remove(part);
        bool has_key = key_to.n > 0;
        if (has_key && !copy_key(&b, key_to))
                return false;
        if (make(&b, part, to)) {
                *ret = report;
                return true;
        }
        file_remove(part);
        if (has_key)
                file_remove(key_to);
        return false;
}
