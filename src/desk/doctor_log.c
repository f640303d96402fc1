/* The log of a site: who signed it, its tree, what was published of it, and its time. */
#include "desk/doctor_state.h"

#include <string.h>

#include "desk/desk.h"
#include "desk/log_check.h"
#include "desk/rotate.h"
#include "desk/tree.h"
#include "ledger/checkpoint.h"
#include "ledger/succession.h"

#define UNSIGNED_SLACK 600 /* a head is signed each minute */

void check_signature(struct examining *x)
{
        struct checkpoint head;
        struct err err = { 0 };
        if (x->note.n == 0)
                doctor_fine(x, "还没有签名的存证点");
        else if (!checkpoint_open(x->arena, x->note, x->signer.key.name, &x->signer.key, 1, &head,
                                 &err))
                doctor_say(x, DOCTOR_BROKEN, STR_LIT("签名密钥不是签署存证点的那一把"),
                                "请停止服务，从备份恢复原来的 keys/log.key；用别的密钥签名，公布的存证就不再相接");
        else
                doctor_fine(x, "存证点由这把密钥签名");
}

void check_signed(struct examining *x)
{
        int64_t unsigned_events = x->size - x->signed_size;
        int64_t age = x->options.now.second - x->newest.second;
        struct str said = str_format(x->arena, "签名到 %lld 条，共 %lld 条",
                        (long long)x->signed_size, (long long)x->size);
        if (unsigned_events > 0 && age > UNSIGNED_SLACK)
                doctor_say(x, DOCTOR_WARNING, said,
                                "最近的记录没有签名：请启动 plumbline serve，或运行 plumbline clock run，由程序签名");
        else
                doctor_say(x, DOCTOR_FINE, said, "");
}

void check_clock(struct examining *x)
{
        int64_t behind = x->newest.second - x->options.now.second;
        if (behind <= 0)
                doctor_fine(x, "主机时间在最新记录以后");
        else
                doctor_say(x, behind > DESK_CLOCK_SLACK ? DOCTOR_BROKEN : DOCTOR_WARNING,
                                str_format(x->arena, "主机时间比最新记录早 %lld 秒",
                                                (long long)behind),
                                "请校正主机时间（timedatectl、chrony）；早过 5 分钟时不能办理");
}

/* ---- The tree's hashes, which the published log is served from ---- */

/* A full tile against the hash that stands for it in the tile above. */
static bool tile_holds(struct tree *tree, unsigned level, uint64_t index)
{
        struct hash hashes[TILE_WIDTH];
        unsigned width;
        const struct hash *tile = tile_tree_tile(&tree->tiles, level, index, &width);
        if (tile == NULL)
                return false;
        memcpy(hashes, tile, sizeof(hashes));
        tile = tile_tree_tile(&tree->tiles, level + 1, index / TILE_WIDTH, &width);
        if (tile == NULL)
                return false;
        struct hash root = tile_root(tree->tiles.algorithm, hashes, TILE_WIDTH);
        return hash_eq(&root, &tile[index % TILE_WIDTH]);
}

/* All of them, up to the signed root: `n_tiles` were looked at, and *ret_bad names the first that
 * does not hold, or is empty. */
static uint64_t look_at_tiles(struct examining *x, struct tree *tree, struct str *ret_bad)
{
        uint64_t n = 0;
        *ret_bad = STR_LIT("");
        for (unsigned level = 0; level + 1 < TILE_LEVELS; level++)
                for (uint64_t i = 0; i < tree->tiles.size >> (TILE_HEIGHT * (level + 1)); i++, n++)
                        if (!tile_holds(tree, level, i)) {
                                struct tile_name name = { false, level, i, TILE_WIDTH };
                                *ret_bad = tile_format(x->arena, &name);
                                return n;
                        }
        return n;
}

/* The tree's root at that size; why not in *err. */
static bool root_at(struct examining *x, uint64_t size, struct hash *ret, struct err *err)
{
        struct tree *tree = arena_new(x->arena, struct tree);
        tree_init(tree, x->snapshot, x->config.hash, size);
        struct merkle_source source = tree_source(tree);
        return merkle_root_at(&source, size, ret, err) ||
               (tree->tiles.err.code != E_NONE && (*err = tree->tiles.err, false));
}

static const char tree_advice[] =
                "账本条目还在、只是公布用的哈希块不对的，请停止服务，用 plumbline verify 核对全部条目；"
                "验证通不过的，从备份恢复（plumbline restore，加 --verify）。不要重新公布存证";

void check_tree(struct examining *x)
{
        struct err err = { 0 };
        struct hash root;
        struct str bad;
        if (x->signed_size == 0) {
                doctor_fine(x, "还没有签名的存证点");
                return;
        }
        struct tree *tree = arena_new(x->arena, struct tree);
        tree_init(tree, x->snapshot, x->config.hash, (uint64_t)x->signed_size);
        uint64_t n = look_at_tiles(x, tree, &bad);
        if (bad.n > 0)
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "%.*s 缺失或被改动", STR_FMT(bad)),
                                tree_advice);
        else if (!root_at(x, (uint64_t)x->signed_size, &root, &err))
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "算不出存证点的根哈希：%s", err.detail),
                                tree_advice);
        else if (x->root.n != HASH_BYTES || memcmp(x->root.p, root.b, HASH_BYTES) != 0)
                doctor_say(x, DOCTOR_BROKEN, STR_LIT("哈希块或条目与签名的存证点不符"),
                                tree_advice);
        else
                doctor_say(x, DOCTOR_FINE,
                                str_format(x->arena, "与签名的存证点相符，完整的哈希块 %llu 个",
                                                (unsigned long long)n),
                                "");
}

/* ---- What was published ---- */

static const char gone_advice[] =
                "站点丢了公布过的记录，或者是从更早的备份恢复的：请停止服务，把站点目录和公布的存证各留一份，"
                "从更新的备份恢复";

/* The head that was published against what the site has. */
static void compare_published(struct examining *x, const struct log_checked *log)
{
        struct err err = { 0 };
        struct hash root;
        uint64_t size = log->head.size;
        struct str said = str_format(x->arena, "公布到 %llu 条，站点有 %lld 条",
                        (unsigned long long)size, (long long)x->size);
        if (size > (uint64_t)x->size)
                doctor_say(x, DOCTOR_BROKEN, said, gone_advice);
        else if (!root_at(x, size, &root, &err))
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "算不出站点前 %llu 条的根哈希：%s",
                                                (unsigned long long)size, err.detail),
                                tree_advice);
        else if (!hash_eq(&root, &log->head.root))
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "公布的前 %llu 条与站点的不是同一份记录",
                                                (unsigned long long)size),
                                gone_advice);
        else
                doctor_say(x, DOCTOR_FINE,
                                str_format(x->arena, "%.*s，核对文件 %llu 个，与站点相符",
                                                STR_FMT(said), (unsigned long long)log->n_files),
                                "");
}

void check_published(struct examining *x)
{
        struct err err = { 0 };
        struct log_checked log;
        struct log_check check = { .algorithm = x->config.hash };
        struct succession *keys = arena_new(x->arena, struct succession);
        if (x->options.published.n == 0) {
                doctor_say(x, DOCTOR_FINE, STR_LIT("没有要求核对（--published 目录或网址）"), "");
                return;
        }
        if (!log_stored_keys(x->arena, x->snapshot, &x->signer.key, 1, keys, &err)) {
                doctor_say_err(x, &err);
                return;
        }
        check.keys = keys->keys;
        check.n_keys = keys->n;
        if (log_check(x->arena, x->options.published, &check, &log, &err)) {
                compare_published(x, &log);
                return;
        }
        doctor_say_err(x, &err);
        if (err.code == E_LOG_FILE)
                x->finding->advice = STR_LIT(
                                "公布的文件缺失或被改动：请保留现状查明原因，再用 plumbline log "
                                "export 公布到一个新的目录，核对后换上");
}
