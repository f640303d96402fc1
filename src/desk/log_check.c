#include "desk/log_check.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "desk/log_folder.h"
#include "ledger/event.h"
#include "ledger/succession.h"

#define CHECKPOINT_BYTES_MAX NOTE_BYTES_MAX

struct checking {
        const struct log_check *check;
        struct arena *arena; /* lives until the end */
        struct log_folder folder;
        struct tile_tree tree; /* as the files say */
        struct checkpoint head, earlier;
        struct succession keys;
        bool failed;
        struct hash built[TILE_LEVELS][TILE_WIDTH]; /* as worked out from the leaves */
        struct merkle_frontier frontier;
        struct str organ; /* of the entries */
        struct moment time;
        struct log_checked *report;
        struct err *err;
};

/* ---- Heads ---- */

/* The keys given, and those that took over from them. */
static bool read_keys(struct checking *c)
{
        struct str text;
        if (!log_read_file(c->arena, &c->folder, STR_LIT("log-keys"), SUCCESSION_BYTES_MAX, &text,
                            c->err)) {
                if (c->err->code != E_NOT_FOUND)
                        return false;
                text = STR_LIT("");
        } else {
                c->folder.n_files++;
                c->report->log_keys = text;
        }
        return succession_read(c->arena, text, c->check->keys, c->check->n_keys, &c->keys, c->err);
}

static bool count_witnesses(struct checking *c, struct str note)
{
        const struct log_check *check = c->check;
        if (!note_count(c->arena, note, check->witnesses, check->n_witnesses,
                            &c->report->n_witnesses, c->err))
                return false;
        return c->report->n_witnesses >= check->require ||
               err_set(c->err, E_LOG_WITNESS, "需要 %zu 个，只有 %zu 个", check->require,
                               c->report->n_witnesses);
}

static bool read_heads(struct checking *c)
{
        const struct log_check *check = c->check;
        struct str note, origin = check->keys[0].name;
        if (!log_read_file(c->arena, &c->folder, STR_LIT("checkpoint"), CHECKPOINT_BYTES_MAX, &note,
                            c->err) ||
                        !read_keys(c) ||
                        !succession_open(c->arena, note, origin, &c->keys, &c->head, c->err) ||
                        !note_open(c->arena, note, c->keys.keys, c->keys.n, &c->report->text,
                                        c->err))
                return false;
        c->folder.n_files++;
        c->report->head = c->head;
        c->report->note = note;
        c->report->key_since = c->keys.since;
        if (!count_witnesses(c, note))
                return false;
        if (check->from.n != 0 && !succession_open(c->arena, check->from, origin, &c->keys,
                                                  &c->earlier, c->err))
                return false;
        c->report->from = c->earlier.size;
        if (c->earlier.size > c->head.size || c->keys.since > c->head.size)
                return err_set(c->err, E_LOG_BEHIND, "先前 %llu 条，现在 %llu 条",
                                (unsigned long long)(c->earlier.size > c->keys.since
                                                                     ? c->earlier.size
                                                                     : c->keys.since),
                                (unsigned long long)c->head.size);
        if (c->head.size == 0)
                return err_set(c->err, E_VERIFY_NOTHING, "账本里没有事件");
        if (c->head.size > MERKLE_SIZE_MAX >> TILE_HEIGHT)
                return err_set(c->err, E_LEDGER_RANGE, "条数太大");
        return true;
}

/* Why a hash was missing, rather than that it was. */
static bool tree_failed(struct checking *c)
{
        if (c->tree.err.code != E_NONE)
                *c->err = c->tree.err;
        return false;
}

static bool check_root(struct checking *c, const struct checkpoint *head, const struct hash *root)
{
        if (hash_eq(root, &head->root))
                return true;
        if (head == &c->earlier)
                return err_set(c->err, E_LOG_SPLIT, "前 %llu 条", (unsigned long long)head->size);
        return err_set(c->err, E_VERIFY_ROOT, "前 %llu 条", (unsigned long long)head->size);
}

/* ---- Leaf by leaf ---- */

static bool check_entry(
                struct checking *c, uint64_t index, struct str bytes, const struct hash *hash)
{
        struct leaf leaf;
        struct hash own = merkle_leaf(c->check->algorithm, bytes);
        if (!hash_eq(&own, hash))
                return err_set(c->err, E_LOG_FILE, "第 %llu 条与它的哈希不符",
                                (unsigned long long)index);
        if (!ledger_parse_leaf(bytes, &leaf, c->err))
                return false;
        if (leaf.seq != (int64_t)index)
                return err_set(c->err, E_VERIFY_SEQ, "应为 %llu ，实为 %lld",
                                (unsigned long long)index, (long long)leaf.seq);
        if (c->organ.n == 0)
                c->organ = str_copy(c->arena, leaf.organ);
        if (!str_eq(c->organ, leaf.organ))
                return err_set(c->err, E_VERIFY_ORGAN, "第 %llu 条：%.*s",
                                (unsigned long long)index, STR_FMT(leaf.organ));
        c->report->n_entries++;
        return true;
}

/* Entries [from, to) of a bundle against their hashes; the rest is skipped. */
static bool check_bundle(struct checking *c, uint64_t bundle, unsigned width, uint64_t from,
                uint64_t to, const struct hash *hashes)
{
        struct tile_name name = { .is_entries = true, .index = bundle, .width = width };
        struct str bytes, entry;
        if (!c->folder.has_entries)
                return true;
        if (!log_read_tile(&c->folder, &name, &bytes, c->err))
                return false;
        for (uint64_t i = bundle * TILE_WIDTH; i < to; i++)
                if (!log_next_entry(&bytes, &entry, c->err) ||
                                (i >= from && !check_entry(c, i, entry, &hashes[i % TILE_WIDTH])))
                        return false;
        return true;
}

/* A tile above the leaves, once its last hash has been worked out. */
static void put(void *context, unsigned node_level, uint64_t index, const struct hash *hash)
{
        struct checking *c = context;
        unsigned level = node_level / TILE_HEIGHT, width;
        if (c->failed || level == 0 || node_level % TILE_HEIGHT != 0)
                return;
        c->built[level][index % TILE_WIDTH] = *hash;
        bool last = index + 1 == c->head.size >> node_level;
        if (index % TILE_WIDTH != TILE_WIDTH - 1 && !last)
                return;
        uint64_t before = c->earlier.size >> node_level, first = index - index % TILE_WIDTH;
        const struct hash *stored = tile_tree_tile(&c->tree, level, index / TILE_WIDTH, &width);
        if (stored == NULL)
                c->failed = true;
        for (uint64_t i = before > first ? before : first; !c->failed && i <= index; i++)
                if (!hash_eq(&c->built[level][i % TILE_WIDTH], &stored[i % TILE_WIDTH])) {
                        err_set(&c->tree.err, E_LOG_FILE, "哈希块 %u/%llu 与下层不符", level,
                                        (unsigned long long)(index / TILE_WIDTH));
                        c->failed = true;
                }
}

static bool check_leaf_tile(struct checking *c, uint64_t index, uint64_t from)
{
        unsigned width;
        const struct hash *hashes = tile_tree_tile(&c->tree, 0, index, &width);
        if (hashes == NULL)
                return tree_failed(c);
        for (uint64_t i = from; i < index * TILE_WIDTH + width; i++) {
                merkle_append(c->check->algorithm, &c->frontier, &hashes[i % TILE_WIDTH], put, c);
                if (c->failed)
                        return tree_failed(c);
                c->report->n_hashes++;
        }
        return check_bundle(c, index, width, from, index * TILE_WIDTH + width, hashes);
}

static bool check_all(struct checking *c)
{
        struct merkle_source source = tile_tree_source(&c->tree);
        struct hash root;
        uint64_t from = c->earlier.size;
        if (from > 0) {
                if (!merkle_frontier_at(&source, from, &c->frontier, c->err))
                        return tree_failed(c);
                root = merkle_root(c->check->algorithm, &c->frontier);
                if (!check_root(c, &c->earlier, &root))
                        return false;
        }
        for (uint64_t i = from; i < c->head.size; i = (i / TILE_WIDTH + 1) * TILE_WIDTH)
                if (!check_leaf_tile(c, i / TILE_WIDTH, i))
                        return false;
        root = merkle_root(c->check->algorithm, &c->frontier);
        return check_root(c, &c->head, &root);
}

/* ---- A sample ---- */

static bool draw(uint64_t below, uint64_t *ret, struct err *err)
{
        uint64_t random;
        if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
                return err_set(err, E_DESK_ENTROPY, "系统没有给出随机数");
        *ret = random % below; /* below is far under 2^56: no bias that matters */
        return true;
}

static bool check_one(struct checking *c, uint64_t index)
{
        struct merkle_source source = tile_tree_source(&c->tree);
        struct merkle_proof proof;
        unsigned width;
        if (!merkle_prove_inclusion(&source, index, c->head.size, &proof, c->err))
                return tree_failed(c);
        const struct hash *hashes = tile_tree_tile(&c->tree, 0, index / TILE_WIDTH, &width);
        if (hashes == NULL)
                return tree_failed(c);
        if (!merkle_verify_inclusion(c->check->algorithm, index, c->head.size,
                            &hashes[index % TILE_WIDTH], proof.hashes, proof.n, &c->head.root,
                            c->err))
                return err_set(c->err, E_VERIFY_ROOT, "第 %llu 条", (unsigned long long)index);
        c->report->n_hashes++;
        return check_bundle(c, index / TILE_WIDTH, width, index, index + 1, hashes);
}

/* That the log goes on from what it was at an earlier size. */
static bool check_continuation(struct checking *c, uint64_t size, const struct hash *root)
{
        struct merkle_source source = tile_tree_source(&c->tree);
        struct merkle_proof proof;
        if (size == 0)
                return true;
        if (!merkle_prove_consistency(&source, size, c->head.size, &proof, c->err))
                return tree_failed(c);
        if (!merkle_verify_consistency(c->check->algorithm, size, c->head.size, proof.hashes,
                            proof.n, root, &c->head.root, c->err))
                return err_set(c->err, E_LOG_SPLIT, "前 %llu 条", (unsigned long long)size);
        return true;
}

/* One of each stretch of equal length, so that none is drawn twice and files are read in
 * order; every leaf has the same chance. */
static bool check_sample(struct checking *c)
{
        uint64_t from = c->earlier.size, n = c->head.size - from, k = c->check->sample;
        if (!check_continuation(c, c->earlier.size, &c->earlier.root))
                return false;
        for (uint64_t i = 0; i < k; i++) {
                uint64_t first = (uint64_t)((unsigned __int128)n * i / k);
                uint64_t end = (uint64_t)((unsigned __int128)n * (i + 1) / k), at;
                if (!draw(end - first, &at, c->err) || !check_one(c, from + first + at))
                        return false;
        }
        return true;
}

static bool check(struct checking *c)
{
        const struct log_check *check = c->check;
        if (!read_heads(c))
                return false;
        tile_tree_init(&c->tree, check->algorithm, c->head.size, log_tile_read, &c->folder);
        bool sample = check->sample != 0 && check->sample < c->head.size - c->earlier.size;
        bool ok = check_continuation(c, c->keys.since, &c->keys.root) &&
                  (sample ? check_sample(c) : check_all(c));
        uint64_t n_files = 0;
        c->report->n_files = c->folder.n_files;
        if (!ok || sample || c->earlier.size != 0 || c->folder.remote != NULL)
                return ok;
        if (!log_count_files(c->arena, c->folder.dir, &n_files, c->err))
                return false;
        c->report->n_unchecked = n_files - c->folder.n_files;
        return true;
}

bool log_check(struct arena *arena, struct str at, const struct log_check *how,
                struct log_checked *ret, struct err *err)
{
        assert(arena && how && how->n_keys != 0 && ret && err);
        *ret = (struct log_checked){ 0 };
        struct checking *c = arena_new(arena, struct checking);
        struct log_place place = { at, how->token, how->ca };
        c->check = how;
        c->arena = arena;
        c->report = ret;
        c->err = err;
        if (!log_folder_open(&place, &c->folder, err))
                return false;
        c->folder.copy = how->copy;
        bool ok = check(c);
        ret->has_entries = c->folder.has_entries;
        log_folder_close(&c->folder);
        return ok;
}
