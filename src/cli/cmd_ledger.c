/* cli/cmd_ledger.c - does the record hold, and do the tables follow from it? */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "desk/audit.h"
#include "desk/desk.h"
#include "projection/rebuild.h"
#include "store/store.h"

static bool only_for_folders(const struct cli *cli, struct err *err)
{
        static const char *const options[] = { "key", "hash", "from", "sample", "witness-key",
                "require" };
        for (size_t i = 0; i < N_ELEMENTS(options); i++)
                if (cli_has(cli, options[i]))
                        return err_set(err, E_USAGE, "--%s 只用于公布的目录", options[i]);
        return true;
}

bool cmd_verify(struct cli *cli, struct err *err)
{
        if (cli->n_words > 0)
                return cmd_verify_folder(cli, err);
        if (!only_for_folders(cli, err))
                return false;
        struct audit audit = { 0 };
        bool ok = site_audit(cli->site, &audit, err);
        char root[HASH_HEX];
        hash_write_hex(audit.ledger.root.b, HASH_BYTES, root);
        printf("事件 %llu 条，字段 %llu 个，办件 %llu 个，存证点 %llu 个，哈希块 %llu 个\n",
                        (unsigned long long)audit.ledger.n_events,
                        (unsigned long long)audit.ledger.n_fields,
                        (unsigned long long)audit.n_matters,
                        (unsigned long long)audit.ledger.n_checkpoints,
                        (unsigned long long)audit.n_tiles);
        if (audit.ledger.n_erased + audit.ledger.n_partly > 0)
                printf("依法删除内容的事件 %llu 条，部分删除的 %llu 条\n",
                                (unsigned long long)audit.ledger.n_erased,
                                (unsigned long long)audit.ledger.n_partly);
        if (audit.ledger.n_unsigned > 0)
                printf("最近 %llu 条尚未签名\n", (unsigned long long)audit.ledger.n_unsigned);
        printf("根哈希 %.*s\n", HASH_HEX, root);
        if (ok && cli_has(cli, "tables"))
                ok = store_check(site_store(cli->site), err);
        printf("%s\n", ok ? "验证通过" : "验证不通过");
        return ok;
}

static bool tell_progress(void *user, int64_t done, int64_t total)
{
        (void)user;
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r%lld / %lld", (long long)done, (long long)total);
        return true;
}

bool cli_rebuild_and_compare(struct cli *cli, struct site *site, struct err *err)
{
        struct store *store = NULL;
        struct snapshot *live _cleanup_(snapshot_close) = NULL;
        struct snapshot *fresh _cleanup_(snapshot_close) = NULL;
        struct projection_difference difference = { 0 };
        struct rebuild_progress progress = { tell_progress, NULL };
        bool ok = store_open(":memory:", &(struct store_options){ .create = true }, &store, err) &&
                  projection_rebuild(site_store(site), store, site_facts(site),
                                  &site_config(site)->parameters, &progress, err) &&
                  snapshot_open(site_store(site), &live, err) &&
                  snapshot_open(store, &fresh, err) &&
                  projection_compare(cli->arena, live, fresh, &difference, err);
        if (ok && difference.differs)
                ok = err_set(err, E_REBUILD_DIFFERS, "表 %s 第 %lld 行：现为 %.*s，重建为 %.*s",
                                difference.table, (long long)difference.row, STR_FMT(difference.a),
                                STR_FMT(difference.b));
        snapshot_close(&live);
        snapshot_close(&fresh);
        store_close(&store);
        return ok;
}

bool cmd_rebuild(struct cli *cli, struct err *err)
{
        struct rebuild_progress progress = { tell_progress, NULL };
        if (cli_has(cli, "check")) {
                if (!cli_rebuild_and_compare(cli, cli->site, err))
                        return false;
                printf("重建的读表与现有的逐行一致\n");
                return true;
        }
        if (!projection_rebuild(site_store(cli->site), site_store(cli->site), site_facts(cli->site),
                            &site_config(cli->site)->parameters, &progress, err))
                return false;
        printf("已从存证重建全部读表\n");
        return true;
}
