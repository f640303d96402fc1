#include "desk/audit.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <uthash.h>

#include "desk/rotate.h"
#include "desk/tree.h"
#include "ledger/fields.h"
#include "ledger/succession.h"
#include "projection/kinds.h"
#include "store/ids.h"
#include "store/store.h"

#define PAGE_EVENTS 4000
#define THREADS_MAX 8

/* An event as its row says it, and what looking at it found. */
struct audited {
        int64_t id, matter, prev; /* matter, prev: 0 = null */
        struct str key;
        bool has_key;
        struct verify_record record;
        bool bad_secret; /* its length is wrong */
        bool erased;
        struct str left; /* what an erasure left of the data, for the read tables */
        struct verify_finding finding;
};

/* One thread's share of a page. */
struct share {
        pthread_t thread;
        bool started;
        const struct verify_config *config;
        struct audited *rows;
        size_t n;
};

enum column {
        COLUMN_ID,
        COLUMN_MATTER,
        COLUMN_PREV,
        COLUMN_LEAF,
        COLUMN_DATA,
        COLUMN_SECRET,
        COLUMN_KEY,
        COLUMN_PROOF
};

struct last_event { /* of a matter */
        int64_t matter, id;
        struct hash number; /* what its leaves call it */
        UT_hash_handle hh;
};

struct erased_event {
        int64_t seq;
        bool recorded; /* by an act with its legal ground */
        UT_hash_handle hh;
};

struct signed_head {
        int64_t size;
        struct str note;
};

struct auditing {
        struct site *site;
        struct arena *arena; /* of the page */
        struct snapshot *snapshot;
        struct verify verify;
        struct last_event *matters;
        struct erased_event *erased;
        struct merkle_frontier frontier; /* for the tiles, beside verify's own */
        struct hash tiles[TILE_LEVELS][TILE_WIDTH];
        uint64_t n_tiles;
        const struct signed_head *heads;
        size_t n_heads, next_head;
        size_t n_threads;
        struct err problem; /* the first that ledger/verify does not see */
        struct err *err;
};

static void note_problem(struct auditing *a, int64_t id, const char *what)
{
        if (a->problem.code == E_NONE)
                err_set(&a->problem, E_AUDIT, "第 %lld 号事件：%s", (long long)id, what);
}

/* ---- The columns beside the leaf ---- */

static void check_matter(struct auditing *a, const struct audited *row, const struct leaf *leaf)
{
        int64_t id = row->id, matter = row->matter, prev = row->prev;
        struct last_event *last;
        if ((matter == 0) != (leaf->matter.n == 0)) {
                note_problem(a, id, "所属办件与存证不符");
                return;
        }
        if (leaf->matter.n == 0) {
                if (prev != 0)
                        note_problem(a, id, "前一事件不正确");
                return;
        }
        struct hash number = hash_bytes(LEDGER_SHA256, leaf->matter);
        HASH_FIND(hh, a->matters, &matter, sizeof(matter), last);
        if (last == NULL) {
                if (matter != id || prev != 0) {
                        note_problem(a, id, "办件的第一个事件不正确");
                        return;
                }
                last = calloc(1, sizeof(*last));
                if (last == NULL)
                        abort();
                last->matter = matter;
                last->number = number;
                HASH_ADD(hh, a->matters, matter, sizeof(last->matter), last);
        } else if (last->id != prev || !hash_eq(&last->number, &number)) {
                note_problem(a, id, "与办件的前一事件不相接");
        }
        last->id = id;
}

/* The key's own column against what the event keeps; looked up, no other value is built. */
static void check_key(struct auditing *a, const struct audited *row)
{
        struct str name, value, kept = STR_LIT("\"\"");
        struct err ignored;
        if (row->record.disclosed.p == NULL)
                return;
        struct fields fields = fields_of(row->record.disclosed);
        enum fields_step step;
        while ((step = fields_next(&fields, &name, &value, &ignored)) == FIELDS_ONE)
                if (str_is(name, "$key")) {
                        kept = value;
                        break;
                }
        if (step == FIELDS_BAD)
                return; /* told by the ledger's own check */
        struct buf column = BUF(a->arena);
        value_write_json_string(&column, row->key);
        if (!str_eq(kept, buf_str(&column)))
                note_problem(a, row->id, "幂等键与存证不符");
}

/* ---- Erasures: each erased event by a recorded act, and nothing recorded that is not so ---- */

static void check_left(struct auditing *a, const struct audited *row, const struct leaf *leaf)
{
        struct value shown;
        struct err ignored;
        struct buf again = BUF(a->arena);
        struct erased_event *erased = calloc(1, sizeof(*erased));
        if (erased == NULL)
                abort();
        erased->seq = id_seq(row->id);
        HASH_ADD(hh, a->erased, seq, sizeof(erased->seq), erased);
        if (row->record.proof.n > 0) {
                if (!ledger_check_fields(a->arena, a->verify.config->algorithm, leaf,
                                    row->record.proof, &shown, &ignored))
                        return; /* told by the ledger's own check */
                value_write_json(&again, &shown);
        }
        if (!str_eq(buf_str(&again), row->left))
                note_problem(a, row->id, "保留的内容与它的证明不符");
}

static void take_erasure(struct auditing *a, const struct audited *row)
{
        struct value data;
        struct err ignored;
        if (!value_parse_json(a->arena, row->record.disclosed, &data, &ignored))
                return;
        const struct value *events =
                        data.kind == VALUE_CONTEXT ? value_get(&data, STR_LIT("events")) : NULL;
        for (size_t i = 0; events != NULL && events->kind == VALUE_LIST && i < events->list.n;
                        i++) {
                const struct value *item = &events->list.items[i];
                struct erased_event *erased = NULL;
                int64_t seq;
                if (item->kind == VALUE_NUMBER && decimal_to_int(item->number, &seq))
                        HASH_FIND(hh, a->erased, &seq, sizeof(seq), erased);
                if (erased == NULL)
                        note_problem(a, row->id, "记录为已删除的内容仍在");
                else
                        erased->recorded = true;
        }
}

static void drop_erased(struct auditing *a)
{
        struct erased_event *event, *next;
        HASH_ITER (hh, a->erased, event, next) {
                if (!event->recorded)
                        note_problem(a, event->seq, "内容缺失，没有删除的记录");
                HASH_DEL(a->erased, event);
                free(event);
        }
}

/* ---- Tiles ---- */

static bool stored_tile(struct auditing *a, unsigned level, uint64_t index, struct str *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct err ignored;
        bool found = snapshot_rows(a->snapshot, Q_TILE_GET,
                                     PARAMS(param_int(0), param_int((int64_t)level),
                                                     param_int((int64_t)index)),
                                     &rows, &ignored) &&
                     rows_next(&rows);
        *ret = found ? str_copy(a->arena, rows_blob(&rows, 0)) : STR_LIT("");
        return found;
}

static void note_tile(struct auditing *a, unsigned level, uint64_t index)
{
        if (a->problem.code == E_NONE)
                err_set(&a->problem, E_AUDIT, "哈希块 %u/%llu", level, (unsigned long long)index);
}

static bool is_tile(const struct auditing *a, unsigned level, unsigned width, struct str stored)
{
        return stored.n == width * HASH_BYTES && memcmp(stored.p, a->tiles[level], stored.n) == 0;
}

static void put_tile_hash(
                void *context, unsigned node_level, uint64_t index, const struct hash *hash)
{
        struct auditing *a = context;
        if (node_level % TILE_HEIGHT != 0)
                return;
        unsigned level = node_level / TILE_HEIGHT;
        assert(level < TILE_LEVELS);
        a->tiles[level][index % TILE_WIDTH] = *hash;
        if (index % TILE_WIDTH != TILE_WIDTH - 1)
                return;
        struct str stored;
        if (!stored_tile(a, level, index / TILE_WIDTH, &stored) ||
                        !is_tile(a, level, TILE_WIDTH, stored))
                note_tile(a, level, index / TILE_WIDTH);
        a->n_tiles++;
}

/* Tiles that are not full: none of leaves, and the others only as they are now. Those of a
 * site from before they were kept come with the next event that adds to them. */
static void check_unfinished(struct auditing *a)
{
        struct str stored;
        for (unsigned level = 0; level < TILE_LEVELS; level++) {
                uint64_t index = a->frontier.size >> (TILE_HEIGHT * (level + 1));
                unsigned width = tile_width(level, index, a->frontier.size);
                if (stored_tile(a, level, index, &stored) &&
                                (level == 0 || width == 0 || !is_tile(a, level, width, stored)))
                        note_tile(a, level, index);
        }
}

/* ---- Events and checkpoints, in order ---- */

static void check_heads(struct auditing *a)
{
        while (a->next_head < a->n_heads && a->heads[a->next_head].size <= a->verify.next_seq) {
                verify_checkpoint(a->arena, &a->verify, a->heads[a->next_head].note);
                a->next_head++;
        }
}

static void check_event(struct auditing *a, const struct audited *row)
{
        struct leaf leaf;
        struct err ignored;
        if (row->bad_secret) {
                note_problem(a, row->id, "秘密的长度不正确");
                return;
        }
        struct hash hash = merkle_leaf(a->verify.config->algorithm, row->record.leaf);
        verify_add(&a->verify, &row->finding);
        merkle_append(a->verify.config->algorithm, &a->frontier, &hash, put_tile_hash, a);
        if (ledger_parse_leaf(row->record.leaf, &leaf, &ignored)) {
                if (leaf.seq != id_seq(row->id))
                        note_problem(a, row->id, "序号与存证不符");
                check_matter(a, row, &leaf);
                if (row->erased)
                        check_left(a, row, &leaf);
                else if (str_is(leaf.procedure, KIND_ERASURE + 1))
                        take_erasure(a, row);
        }
        check_key(a, row);
        check_heads(a);
}

static void take_row(struct auditing *a, const struct rows *rows, struct audited *ret)
{
        bool erased = rows_is_null(rows, COLUMN_SECRET);
        struct str secret = rows_blob(rows, COLUMN_SECRET);
        *ret = (struct audited){
                .id = rows_int(rows, COLUMN_ID),
                .matter = rows_int(rows, COLUMN_MATTER),
                .prev = rows_int(rows, COLUMN_PREV),
                .has_key = !rows_is_null(rows, COLUMN_KEY),
                .key = str_copy(a->arena, rows_text(rows, COLUMN_KEY)),
                .bad_secret = !erased && secret.n != EVENT_SECRET_BYTES,
                .record = {
                        .leaf = str_copy(a->arena, rows_blob(rows, COLUMN_LEAF)),
                        .proof = str_copy(a->arena, rows_text(rows, COLUMN_PROOF)),
                },
        };
        ret->erased = erased;
        if (erased) {
                ret->left = str_copy(a->arena, rows_text(rows, COLUMN_DATA));
                return;
        }
        ret->record.disclosed = str_copy(a->arena, rows_text(rows, COLUMN_DATA));
        ret->record.secret = (const uint8_t *)str_copy(a->arena, secret).p;
}

/* Most of the work, and none of it needs another event. */
static void *look(void *user)
{
        struct share *share = user;
        struct arena *arena = arena_open();
        for (size_t i = 0; i < share->n; i++)
                if (!share->rows[i].bad_secret)
                        verify_look(arena, share->config, &share->rows[i].record,
                                        &share->rows[i].finding);
        arena_close(&arena);
        return NULL;
}

static void look_at_all(struct auditing *a, struct audited *rows, size_t n)
{
        struct share shares[THREADS_MAX];
        size_t m = n < 2 * THREADS_MAX ? 1 : a->n_threads;
        for (size_t i = 0; i < m; i++) {
                size_t from = n * i / m;
                shares[i] = (struct share){
                        .config = a->verify.config, .rows = rows + from, .n = n * (i + 1) / m - from
                };
                shares[i].started = i + 1 < m &&
                                    pthread_create(&shares[i].thread, NULL, look, &shares[i]) == 0;
                if (!shares[i].started)
                        look(&shares[i]);
        }
        for (size_t i = 0; i < m; i++)
                if (shares[i].started)
                        pthread_join(shares[i].thread, NULL);
}

static bool check_page(struct auditing *a, int64_t from, int64_t *ret_next)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        size_t n = 0;
        arena_reset(a->arena);
        struct audited *page = arena_new_array(a->arena, PAGE_EVENTS, struct audited);
        if (!snapshot_rows(a->snapshot, Q_EVENTS_FROM,
                            PARAMS(param_int(from), param_int((int64_t)1 << ID_SEQ_BITS),
                                            param_int(PAGE_EVENTS)),
                            &rows, a->err))
                return false;
        while (n < PAGE_EVENTS && rows_next(&rows))
                take_row(a, &rows, &page[n++]);
        if (!rows_end(&rows, a->err))
                return false;
        look_at_all(a, page, n);
        for (size_t i = 0; i < n; i++)
                check_event(a, &page[i]);
        *ret_next = n > 0 ? page[n - 1].id + 1 : from;
        return true;
}

static bool read_heads(struct auditing *a, struct arena *arena)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        size_t capacity = 64, n = 0;
        struct signed_head *heads = arena_new_array(arena, capacity, struct signed_head);
        if (!snapshot_rows(a->snapshot, Q_CHECKPOINT_LIST, PARAMS(param_int(0)), &rows, a->err))
                return false;
        while (rows_next(&rows)) {
                if (n == capacity) {
                        struct signed_head *old = heads;
                        heads = arena_new_array(arena, 2 * capacity, struct signed_head);
                        memcpy(heads, old, n * sizeof(*heads));
                        capacity *= 2;
                }
                struct str root = rows_blob(&rows, 1);
                heads[n] = (struct signed_head){ rows_int(&rows, 0),
                        str_copy(arena, rows_text(&rows, 2)) };
                struct checkpoint head;
                struct err err;
                if (!checkpoint_open(arena, heads[n].note, site_origin(a->site),
                                    a->verify.config->keys, a->verify.config->n_keys, &head,
                                    &err) ||
                                head.size != (uint64_t)heads[n].size || root.n != HASH_BYTES ||
                                memcmp(root.p, head.root.b, root.n) != 0)
                        if (a->problem.code == E_NONE)
                                err_set(&a->problem, E_AUDIT, "第 %lld 条处的存证点不正确",
                                                (long long)heads[n].size);
                n++;
        }
        a->heads = heads;
        a->n_heads = n;
        return rows_end(&rows, a->err);
}

/* The head that the next event would be appended to. */
static bool check_ledger_row(struct auditing *a)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct err bad = { 0 };
        if (!snapshot_rows(a->snapshot, Q_LEDGER_GET, PARAMS(param_int(0)), &rows, a->err))
                return false;
        const struct site_config *config = site_config(a->site);
        if (!rows_next(&rows))
                err_set(&bad, E_AUDIT, "账本没有登记");
        else if (!str_eq(rows_text(&rows, 0), config->organ) ||
                        !str_is(rows_text(&rows, 1), hash_name(config->hash)))
                err_set(&bad, E_AUDIT, "账本的机关或算法与站点不符");
        else if (rows_int(&rows, 2) != a->verify.next_seq)
                err_set(&bad, E_AUDIT, "账本登记 %lld 条，实有 %lld 条",
                                (long long)rows_int(&rows, 2), (long long)a->verify.next_seq);
        else if (!str_eq(rows_blob(&rows, 3), merkle_frontier_pack(a->arena, &a->frontier)))
                err_set(&bad, E_AUDIT, "账本的末端状态不正确");
        if (bad.code != E_NONE && a->problem.code == E_NONE)
                a->problem = bad;
        return rows_end(&rows, a->err);
}

static void drop_matters(struct auditing *a)
{
        struct last_event *event, *next;
        HASH_ITER (hh, a->matters, event, next) {
                HASH_DEL(a->matters, event);
                free(event);
        }
}

static bool audit_all(struct auditing *a, struct arena *heads)
{
        int64_t from = 0, next = 0;
        if (!read_heads(a, heads))
                return false;
        do {
                from = next;
                if (!check_page(a, from, &next))
                        return false;
        } while (next > from);
        if (a->next_head < a->n_heads && a->problem.code == E_NONE)
                err_set(&a->problem, E_AUDIT, "存证点超出账本条数");
        drop_erased(a);
        check_unfinished(a);
        return check_ledger_row(a);
}

bool site_audit(struct site *site, struct audit *ret, struct err *err)
{
        assert(site && ret && err);
        struct arena *heads = arena_open();
        struct succession *keys = arena_new(heads, struct succession);
        if (!log_own_keys(heads, site, keys, err)) {
                arena_close(&heads);
                return false;
        }
        struct verify_config config = {
                .algorithm = site_config(site)->hash,
                .organ = site_config(site)->organ,
                .origin = site_origin(site),
                .keys = keys->keys,
                .n_keys = keys->n,
        };
        struct auditing *a = calloc(1, sizeof(*a));
        if (a == NULL)
                abort();
        a->site = site;
        a->arena = arena_open();
        a->err = err;
        long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
        a->n_threads = n_processors < 1                   ? 1
                       : n_processors > (long)THREADS_MAX ? THREADS_MAX
                                                          : (size_t)n_processors;
        verify_start(&a->verify, &config);
        bool ok = snapshot_open(site_store(site), &a->snapshot, err) && audit_all(a, heads);
        struct audit audit = { .n_tiles = a->n_tiles, .n_matters = HASH_COUNT(a->matters) };
        struct err problem = { 0 };
        bool holds = ok && verify_finish(&a->verify, &audit.ledger, &problem);
        if (ok) {
                *ret = audit;
                if (!holds)
                        *err = problem;
                else if (a->problem.code != E_NONE)
                        *err = a->problem;
                holds = holds && a->problem.code == E_NONE;
        }
        snapshot_close(&a->snapshot);
        drop_matters(a);
        drop_erased(a);
        arena_close(&a->arena);
        arena_close(&heads);
        free(a);
        return holds;
}
