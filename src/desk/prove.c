#include "desk/prove.h"

#include <assert.h>

#include "desk/rotate.h"
#include "desk/tree.h"
#include "ledger/consistency.h"
#include "ledger/succession.h"
#include "projection/matter_read.h"
#include "store/ids.h"
#include "store/store.h"

enum column { COLUMN_MATTER = 1, COLUMN_LEAF = 3, COLUMN_DATA, COLUMN_SECRET, COLUMN_PROOF = 7 };

struct stored_event {
        int64_t matter;
        struct leaf leaf;
        struct str leaf_bytes, disclosed, secret, proof;
};

static bool read_event(struct arena *arena, struct snapshot *snapshot, int64_t id,
                struct stored_event *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_EVENT_GET, PARAMS(param_int(id)), &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) &&
                       err_set(err, E_NOT_FOUND, "没有第 %lld 号事件", (long long)id_seq(id));
        ret->matter = rows_int(&rows, COLUMN_MATTER);
        ret->leaf_bytes = str_copy(arena, rows_blob(&rows, COLUMN_LEAF));
        ret->disclosed = str_copy(arena, rows_text(&rows, COLUMN_DATA));
        ret->secret = str_copy(arena, rows_blob(&rows, COLUMN_SECRET));
        ret->proof = str_copy(arena, rows_text(&rows, COLUMN_PROOF));
        return rows_end(&rows, err) && ledger_parse_leaf(ret->leaf_bytes, &ret->leaf, err);
}

static bool find_event(struct arena *arena, struct snapshot *snapshot, struct site *site,
                struct str matter, int64_t seq, struct stored_event *ret, struct err *err)
{
        struct matter *m = NULL;
        if (matter.n != 0 && !matter_read_by_number(arena, snapshot, site_catalogue(site), matter,
                                             &m, err))
                return false;
        if (m == NULL && seq < 0)
                return err_set(err, E_NOT_FOUND, "请指明办件或事件");
        if (!read_event(arena, snapshot, seq < 0 ? m->last_seq : id_of(0, seq), ret, err))
                return false;
        if (m != NULL && ret->matter != m->id)
                return err_set(err, E_NOT_FOUND, "第 %lld 号事件不是这个办件的", (long long)seq);
        return true;
}

static bool newest_head(
                struct arena *arena, struct snapshot *snapshot, struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(0)), &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) && err_set(err, E_LOG_UNSIGNED, "没有存证点");
        *ret = str_copy(arena, rows_text(&rows, 2));
        return rows_end(&rows, err);
}

static bool open_head(struct arena *arena, struct snapshot *snapshot, struct site *site,
                int64_t seq, struct str given, struct str *ret_note, struct checkpoint *ret,
                struct err *err)
{
        struct succession *keys = arena_new(arena, struct succession);
        *ret_note = given;
        if ((given.n == 0 && !newest_head(arena, snapshot, ret_note, err)) ||
                        !log_own_keys(arena, site, keys, err) ||
                        !checkpoint_open(arena, *ret_note, site_origin(site), keys->keys, keys->n,
                                        ret, err))
                return false;
        if (ret->size <= (uint64_t)seq)
                return err_set(err, E_LOG_UNSIGNED, "第 %lld 号事件还没有签名", (long long)seq);
        return true;
}

static bool show_fields(struct arena *arena, enum ledger_hash algorithm,
                const struct stored_event *event, const struct str *names, size_t n,
                struct str *ret, struct err *err)
{
        if (n == 0) {
                *ret = (struct str){ NULL, 0 };
                return true;
        }
        if (event->secret.n != EVENT_SECRET_BYTES && event->proof.n == 0)
                return err_field(err, E_EVENT_NO_FIELD, names[0], "内容已依法删除");
        if (event->secret.n != EVENT_SECRET_BYTES)
                return ledger_narrow_proof(
                                arena, algorithm, &event->leaf, event->proof, names, n, ret, err);
        return ledger_prove_fields(arena, algorithm, &event->leaf, event->disclosed,
                        (const uint8_t *)event->secret.p, names, n, ret, err);
}

bool prove_event(struct arena *arena, struct site *site, struct str matter, int64_t seq,
                const struct str *fields, size_t n_fields, struct str given, struct str *ret,
                struct err *err)
{
        assert(arena && site && ret && err);
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct stored_event event;
        struct checkpoint head;
        struct proof proof = { .algorithm = site_config(site)->hash };
        if (!snapshot_open(site_store(site), &snapshot, err) ||
                        !find_event(arena, snapshot, site, matter, seq, &event, err) ||
                        !open_head(arena, snapshot, site, event.leaf.seq, given, &proof.checkpoint,
                                        &head, err) ||
                        !show_fields(arena, proof.algorithm, &event, fields, n_fields,
                                        &proof.fields, err))
                return false;
        struct tree *tree = arena_new(arena, struct tree);
        tree_init(tree, snapshot, proof.algorithm, head.size);
        struct merkle_source source = tree_source(tree);
        struct hash root;
        if (!merkle_root_at(&source, head.size, &root, err))
                return false;
        if (!hash_eq(&root, &head.root))
                return err_set(err, E_LOG_SPLIT, "前 %llu 条", (unsigned long long)head.size);
        if (!merkle_prove_inclusion(
                            &source, (uint64_t)event.leaf.seq, head.size, &proof.inclusion, err))
                return false;
        proof.leaf = event.leaf_bytes;
        *ret = proof_format(arena, &proof);
        return true;
}

/* ---- From one signed head to another ---- */

static bool head_at(struct arena *arena, struct snapshot *snapshot, uint64_t size, struct str *ret,
                struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (size == 0)
                return newest_head(arena, snapshot, ret, err);
        if (!snapshot_rows(snapshot, Q_CHECKPOINT_AT,
                            PARAMS(param_int(0), param_int((int64_t)size)), &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) && err_set(err, E_NOT_FOUND, "没有 %llu 条处的存证点",
                                                               (unsigned long long)size);
        *ret = str_copy(arena, rows_text(&rows, 0));
        return rows_end(&rows, err);
}

bool prove_consistency(struct arena *arena, struct site *site, uint64_t from, uint64_t to,
                struct str *ret, struct err *err)
{
        assert(arena && site && ret && err);
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct consistency c = { .algorithm = site_config(site)->hash };
        struct checkpoint head;
        struct succession *keys = arena_new(arena, struct succession);
        if (!snapshot_open(site_store(site), &snapshot, err) ||
                        !head_at(arena, snapshot, from, &c.from, err) ||
                        !head_at(arena, snapshot, to, &c.to, err) ||
                        !log_own_keys(arena, site, keys, err) ||
                        !checkpoint_open(arena, c.to, site_origin(site), keys->keys, keys->n, &head,
                                        err))
                return false;
        struct tree *tree = arena_new(arena, struct tree);
        tree_init(tree, snapshot, c.algorithm, head.size);
        struct merkle_source source = tree_source(tree);
        if (from != head.size && !merkle_prove_consistency(&source, from, head.size, &c.proof, err))
                return false;
        *ret = consistency_format(arena, &c);
        return true;
}
