#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "desk/backup.h"
#include "desk/files.h"
#include "desk/rotate.h"
#include "desk/site_state.h"
#include "desk/tree.h"
#include "ledger/checkpoint.h"
#include "ledger/event.h"
#include "ledger/succession.h"
#include "procedure/number.h"
#include "projection/kinds.h"
#include "projection/rebuild.h"
#include "store/ids.h"
#include "store/store.h"

#define ORGAN       0
#define PAGE_EVENTS 4000

enum column { COLUMN_ID, COLUMN_LEAF = 3 };

struct restoring {
        struct arena *arena; /* the caller's */
        const struct restore_options *options;
        struct site_config config;
        struct store *store;
        struct restored *ret;
        struct err *err;
        const char *telling;
};

static struct str in_folder(struct restoring *r, const char *name)
{
        return str_format(r->arena, "%.*s/%s", STR_FMT(r->ret->folder), name);
}

static bool tell(void *user, int64_t done, int64_t total)
{
        const struct restoring *r = user;
        const struct backup_progress *p = &r->options->progress;
        return p->tell == NULL || p->tell(p->user, r->telling, done, total);
}

/* ---- The folder ---- */

static bool is_empty(const char *path)
{
        DIR *folder = opendir(path);
        const struct dirent *entry;
        bool empty = true;
        if (folder == NULL)
                return errno == ENOENT;
        while (empty && (entry = readdir(folder)) != NULL)
                empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        closedir(folder);
        return empty;
}

static bool make_folder(struct restoring *r)
{
        struct str dir = r->options->dir;
        while (dir.n > 1 && dir.p[dir.n - 1] == '/')
                dir.n--;
        if (!is_empty(str_c(r->arena, dir)))
                return err_set(r->err, E_RESTORE_PLACE, "%.*s", STR_FMT(dir));
        r->ret->folder = str_format(r->arena, "%.*s.restoring", STR_FMT(dir));
        folder_drop(r->ret->folder); /* of a restore that was broken off */
        return folder_make(r->ret->folder, 0700, r->err) &&
               folder_make(in_folder(r, "keys"), 0700, r->err) &&
               folder_make(in_folder(r, "blobs"), 0700, r->err);
}

static bool fetch_store(struct restoring *r)
{
        struct str to = in_folder(r, "plumbline.db");
        struct err *err = r->err;
        r->telling = "复制";
        if (!file_copy(r->options->file, to, tell, r, err))
                return false;
        if (store_open(str_c(r->arena, to), NULL, &r->store, err))
                return store_check(r->store, err);
        return err->code == E_STORE_FOREIGN &&
               err_set(err, E_BACKUP_FOREIGN, "%.*s", STR_FMT(r->options->file));
}

/* ---- What the backup says of itself ---- */

static bool take_meta(struct restoring *r, struct tx *tx, const char *key, struct str *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(tx_snapshot(tx), Q_META_GET, PARAMS(param_text(str_of(key))), &rows,
                            r->err))
                return false;
        bool found = rows_next(&rows);
        *ret = found ? str_copy(r->arena, rows_text(&rows, 0)) : STR_LIT("");
        if (!rows_end(&rows, r->err))
                return false;
        if (!found)
                return err_set(r->err, E_BACKUP_FOREIGN, "缺少 %s", key);
        return tx_run(tx, Q_META_DROP, PARAMS(param_text(str_of(key))), r->err);
}

static bool is_plain_name(struct str name)
{
        return name.n > 0 && name.p[0] != '.' && str_find(name, STR_LIT("/")) == SIZE_MAX;
}

/* One row that was a file; *ret_any false once there is none. */
static bool take_file(struct restoring *r, struct tx *tx, struct str *after, bool *ret_any)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(tx_snapshot(tx), Q_BLOB_OF_TYPE,
                            PARAMS(param_text(STR_LIT(BACKUP_BLOB_TYPE)), param_blob(*after)),
                            &rows, r->err))
                return false;
        *ret_any = rows_next(&rows);
        if (!*ret_any)
                return rows_end(&rows, r->err);
        struct str hash = str_copy(r->arena, rows_blob(&rows, 0));
        struct str name = str_copy(arena, rows_text(&rows, 1));
        struct str bytes = str_copy(arena, rows_blob(&rows, 2));
        struct hash made = hash_bytes(LEDGER_SHA256, bytes);
        if (!rows_end(&rows, r->err))
                return false;
        if (!is_plain_name(name) || hash.n != HASH_BYTES || memcmp(made.b, hash.p, hash.n) != 0)
                return err_set(r->err, E_RESTORE_TREE, "文件 %.*s", STR_FMT(name));
        *after = hash;
        r->ret->n_files++;
        return file_create(str_format(arena, "%.*s/blobs/%.*s", STR_FMT(r->ret->folder),
                                           STR_FMT(name)),
                               bytes, 0600, r->err) &&
               tx_run(tx, Q_BLOB_DROP,
                               PARAMS(param_blob(hash), param_text(STR_LIT(BACKUP_BLOB_TYPE))),
                               r->err);
}

static bool take_files(struct restoring *r, struct tx *tx)
{
        struct str after = STR_LIT("");
        bool any = true;
        while (any)
                if (!take_file(r, tx, &after, &any))
                        return false;
        return true;
}

/* The settings as they were, except that the records now lie in this file. */
static bool write_settings(struct restoring *r, struct str text)
{
        if (!site_config_parse(r->arena, text, &r->config, r->err))
                return false;
        if (!str_is(r->config.store, "sqlite")) {
                r->config.store = STR_LIT("sqlite");
                text = site_config_format(r->arena, &r->config);
        }
        return file_create(in_folder(r, "site.yaml"), text, 0644, r->err);
}

static bool take_rest(struct restoring *r)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct str site, key, time;
        return store_begin(r->store, &tx, r->err) && take_meta(r, tx, BACKUP_META_SITE, &site) &&
               take_meta(r, tx, BACKUP_META_KEY, &key) &&
               take_meta(r, tx, BACKUP_META_TIME, &time) &&
               note_key_parse(r->arena, key, &r->ret->key, r->err) &&
               moment_parse(time, &r->ret->taken, r->err) && write_settings(r, site) &&
               take_files(r, tx) && tx_run(tx, Q_SESSION_END_EVERY, NO_PARAMS, r->err) &&
               tx_commit(&tx, r->err);
}

static bool put_key(struct restoring *r)
{
        struct note_signer signer;
        struct str from = r->options->key_from;
        if (from.n == 0)
                return true;
        if (!site_read_key(r->arena, from, &signer, r->err))
                return false;
        bool same = memcmp(signer.key.public_key, r->ret->key.public_key,
                                    SIGNATURE_PUBLIC_BYTES_MAX) == 0 &&
                    str_eq(signer.key.name, r->ret->key.name);
        explicit_bzero(&signer, sizeof(signer));
        r->ret->has_key = true;
        return same ? file_copy(from, in_folder(r, "keys/log.key"), NULL, NULL, r->err)
                    : err_set(r->err, E_RESTORE_KEY, "%.*s", STR_FMT(from));
}

/* ---- A signed head ---- */

static bool leaf_at(struct restoring *r, struct snapshot *snapshot, int64_t seq, struct leaf *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_EVENT_GET, PARAMS(param_int(id_of(ORGAN, seq))), &rows,
                            r->err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, r->err) &&
                       err_set(r->err, E_RESTORE_TREE, "缺少第 %lld 号事件", (long long)seq);
        return ledger_parse_leaf(str_copy(r->arena, rows_blob(&rows, COLUMN_LEAF)), ret, r->err) &&
               rows_end(&rows, r->err);
}

static bool fits(struct restoring *r, struct snapshot *snapshot, int64_t size, bool *ret)
{
        struct leaf newest;
        if (r->options->at_size >= 0) {
                *ret = size == r->options->at_size;
                return true;
        }
        if (size == 0 || !leaf_at(r, snapshot, size - 1, &newest))
                return false;
        *ret = newest.time.second <= r->options->at_time.second;
        return true;
}

static bool choose_head(struct restoring *r, struct snapshot *snapshot, struct checkpoint *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct str note = STR_LIT("");
        bool good;
        if (!snapshot_rows(snapshot, Q_CHECKPOINT_LIST, PARAMS(param_int(ORGAN)), &rows, r->err))
                return false;
        while (rows_next(&rows)) {
                if (!fits(r, snapshot, rows_int(&rows, 0), &good))
                        return false;
                if (good)
                        note = str_copy(r->arena, rows_text(&rows, 2));
        }
        if (!rows_end(&rows, r->err))
                return false;
        if (note.n == 0)
                return err_set(r->err, E_RESTORE_HEAD, "共 %lld 条", (long long)r->ret->size);
        struct succession *keys = arena_new(r->arena, struct succession);
        return log_stored_keys(r->arena, snapshot, &r->ret->key, 1, keys, r->err) &&
               checkpoint_open(r->arena, note, r->ret->key.name, keys->keys, keys->n, ret, r->err);
}

/* No way back to before a deletion: its record would be gone, and what it took away would
 * be missing without a reason. */
static bool refuse_erasures(struct restoring *r, struct snapshot *snapshot, int64_t from)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct leaf leaf;
        if (!snapshot_rows(snapshot, Q_EVENTS_FROM,
                            PARAMS(param_int(id_of(ORGAN, from)), param_int(id_of(ORGAN + 1, 0)),
                                            param_int(INT64_MAX)),
                            &rows, r->err))
                return false;
        for (; rows_next(&rows); arena_reset(arena)) {
                if (!ledger_parse_leaf(
                                    str_copy(arena, rows_blob(&rows, COLUMN_LEAF)), &leaf, r->err))
                        return false;
                if (str_is(leaf.procedure, KIND_ERASURE + 1))
                        return err_set(r->err, E_RESTORE_ERASED, "第 %lld 号事件",
                                        (long long)leaf.seq);
        }
        return rows_end(&rows, r->err);
}

static bool drop_later(struct restoring *r, struct tx *tx, const struct merkle_frontier *frontier)
{
        int64_t size = (int64_t)frontier->size;
        for (unsigned level = 0; level < TILE_LEVELS; level++) {
                int64_t full = size >> (TILE_HEIGHT * (level + 1));
                if (!tx_run(tx, Q_TILE_CUT,
                                    PARAMS(param_int(ORGAN), param_int(level), param_int(full)),
                                    r->err))
                        return false;
        }
        return log_keys_cut(r->arena, tx, &r->ret->key, frontier->size, r->err) &&
               tx_run(tx, Q_EVENT_CUT,
                               PARAMS(param_int(id_of(ORGAN, size)),
                                               param_int(id_of(ORGAN + 1, 0))),
                               r->err) &&
               tx_run(tx, Q_CHECKPOINT_CUT, PARAMS(param_int(ORGAN), param_int(size)), r->err) &&
               tx_run(tx, Q_WEBHOOK_CUT, PARAMS(param_int(size)), r->err) &&
               tx_run(tx, Q_LEDGER_SET,
                               PARAMS(param_int(ORGAN), param_int(size),
                                               param_blob(merkle_frontier_pack(
                                                               r->arena, frontier))),
                               r->err);
}

static bool cut(struct restoring *r, struct checkpoint *ret)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct merkle_frontier frontier;
        struct tree tree;
        if (!store_begin(r->store, &tx, r->err))
                return false;
        struct snapshot *snapshot = tx_snapshot(tx);
        if (!choose_head(r, snapshot, ret) || !refuse_erasures(r, snapshot, (int64_t)ret->size))
                return false;
        tree_init(&tree, snapshot, r->config.hash, (uint64_t)r->ret->size);
        struct merkle_source source = tree_source(&tree);
        if (!merkle_frontier_at(&source, ret->size, &frontier, r->err))
                return false;
        struct hash root = merkle_root(r->config.hash, &frontier);
        if (!hash_eq(&root, &ret->root))
                return err_set(r->err, E_RESTORE_TREE, "前 %lld 条", (long long)ret->size);
        r->ret->n_cut = r->ret->size - (int64_t)ret->size;
        return drop_later(r, tx, &frontier) && tx_commit(&tx, r->err);
}

/* ---- Numbers: those that were given later are free again ---- */

static bool has_row(
                struct restoring *r, struct tx *tx, enum query query, struct str number, bool *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(tx_snapshot(tx), query, PARAMS(param_text(number)), &rows, r->err))
                return false;
        *ret = *ret || rows_next(&rows);
        return rows_end(&rows, r->err);
}

static bool newest_given(struct restoring *r, struct tx *tx, struct str series, int64_t *n)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        bool given = *n == 0;
        while (!given) {
                struct str number;
                arena_reset(arena);
                if (!number_of_series(arena, series, *n, &number, r->err) ||
                                !has_row(r, tx, Q_MATTER_BY_NUMBER, number, &given) ||
                                !has_row(r, tx, Q_DOCUMENT_BY_NUMBER, number, &given))
                        return false;
                *n -= !given;
                given = given || *n == 0;
        }
        return true;
}

static bool set_counters(struct restoring *r)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        if (!store_begin(r->store, &tx, r->err) || !snapshot_open(r->store, &snapshot, r->err) ||
                        !snapshot_rows(snapshot, Q_COUNTER_LIST, NO_PARAMS, &rows, r->err))
                return false;
        while (rows_next(&rows)) {
                struct str series = str_copy(r->arena, rows_text(&rows, 0));
                int64_t n = rows_int(&rows, 1);
                if (!newest_given(r, tx, series, &n) ||
                                !tx_run(tx, Q_COUNTER_SET, PARAMS(param_text(series), param_int(n)),
                                                r->err))
                        return false;
        }
        return rows_end(&rows, r->err) && tx_commit(&tx, r->err);
}

static bool go_back(struct restoring *r)
{
        struct checkpoint head;
        struct site_facts facts = site_facts_of(&r->config);
        struct rebuild_progress progress = { tell, r };
        if (r->options->at_size < 0 && r->options->at_time.second == 0)
                return true;
        r->telling = "重建读表";
        return cut(r, &head) &&
               projection_rebuild(r->store, r->store, &facts, &r->config.parameters, &progress,
                               r->err) &&
               set_counters(r);
}

/* ---- Whole ---- */

static bool read_end(struct restoring *r)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct merkle_frontier frontier;
        struct leaf newest;
        bool found;
        if (!snapshot_open(r->store, &snapshot, r->err) ||
                        !snapshot_int(snapshot, Q_LEDGER_SIGNED, PARAMS(param_int(ORGAN)),
                                        &r->ret->signed_size, &found, r->err) ||
                        !snapshot_rows(snapshot, Q_LEDGER_GET, PARAMS(param_int(ORGAN)), &rows,
                                        r->err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, r->err) && err_set(r->err, E_SITE_LEDGER, "没有账本");
        r->ret->size = rows_int(&rows, 2);
        if (!merkle_frontier_unpack(rows_blob(&rows, 3), &frontier, r->err))
                return false;
        r->ret->root = merkle_root(r->config.hash, &frontier);
        if (!rows_end(&rows, r->err))
                return false;
        if (r->ret->size == 0)
                return true;
        if (!leaf_at(r, snapshot, r->ret->size - 1, &newest))
                return false;
        r->ret->newest = newest.time;
        return true;
}

bool restore_begin(struct arena *arena, const struct restore_options *options, struct restored *ret,
                struct err *err)
{
        assert(arena && options && ret && err);
        struct restored made = { 0 };
        struct restoring r = { .arena = arena, .options = options, .ret = &made, .err = err };
        bool ok = make_folder(&r) && fetch_store(&r) && take_rest(&r) && put_key(&r) &&
                  read_end(&r) && go_back(&r) && read_end(&r);
        store_close(&r.store);
        if (ok)
                *ret = made;
        else if (made.folder.n > 0)
                restore_drop(&made);
        return ok;
}

bool restore_finish(const struct restored *restored, struct str dir, struct err *err)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        while (dir.n > 1 && dir.p[dir.n - 1] == '/')
                dir.n--;
        if (!folder_sync(restored->folder, err))
                return false;
        if (rename(str_c(arena, restored->folder), str_c(arena, dir)) != 0)
                return errno == ENOTEMPTY || errno == EEXIST
                                       ? err_set(err, E_RESTORE_PLACE, "%.*s", STR_FMT(dir))
                                       : err_set(err, E_IO, "%.*s：%s", STR_FMT(dir),
                                                         strerror(errno));
        return file_flush(folder_of(arena, dir), err);
}

void restore_drop(const struct restored *restored)
{
        folder_drop(restored->folder);
}
