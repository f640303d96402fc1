/* cli/cmd_backup.c - a site into a file, and a file into a site. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/keys.h"
#include "desk/audit.h"
#include "desk/backup.h"

static bool tell_progress(void *user, const char *what, int64_t done, int64_t total)
{
        (void)user;
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r%s %lld / %lld", what, (long long)done, (long long)total);
        return true;
}

static void print_root(const struct hash *root)
{
        char hex[HASH_HEX];
        hash_write_hex(root->b, HASH_BYTES, hex);
        printf("根哈希 %.*s\n", HASH_HEX, hex);
}

bool cmd_backup(struct cli *cli, struct err *err)
{
        struct backup_progress progress = { tell_progress, NULL };
        struct backup_report report;
        struct str to = cli->words[0];
        umask(077); /* what is in it is nobody else's to read */
        if (!site_backup(cli->site, to, cli_option(cli, "key-to"), &progress, &report, err))
                return false;
        printf("已备份到 %.*s：事件 %lld 条，签名到 %lld 条\n", STR_FMT(to), (long long)report.size,
                        (long long)report.signed_size);
        print_root(&report.root);
        if (cli_has(cli, "key-to"))
                printf("签名私钥在 %.*s，请与备份分开保存\n", STR_FMT(cli_option(cli, "key-to")));
        else
                printf("签名私钥不在备份里：keys/log.key 请另行妥善保存\n");
        return true;
}

/* ---- restore ---- */

static bool parse_at(struct cli *cli, struct restore_options *options, struct err *err)
{
        struct str at = cli_option(cli, "at");
        options->at_size = -1;
        if (!cli_has(cli, "at"))
                return true;
        if (str_to_int(at, &options->at_size))
                return options->at_size > 0 || err_set(err, E_USAGE, "--at 的条数应当大于 0");
        options->at_size = -1;
        return moment_parse(at, &options->at_time, err);
}

static bool check_key(struct cli *cli, const struct restored *restored, struct err *err)
{
        const struct note_key *keys;
        size_t n;
        if (!cli_has(cli, "key"))
                return true;
        if (!cli_keys(cli, "key", &keys, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (str_eq(keys[i].name, restored->key.name) &&
                                memcmp(keys[i].public_key, restored->key.public_key,
                                                SIGNATURE_PUBLIC_BYTES_MAX) == 0)
                        return true;
        return err_set(err, E_RESTORE_KEY, "备份里的是 %.*s",
                        STR_FMT(note_key_format(cli->arena, &restored->key)));
}

/* The same root, every signature, and read tables that follow from the records. */
static bool verify(struct cli *cli, const struct restored *restored, struct err *err)
{
        struct site *site = NULL;
        struct audit audit;
        bool ok = site_open_unsigned(restored->folder, &restored->key, &site, err) &&
                  site_audit(site, &audit, err);
        if (ok && ((int64_t)audit.ledger.n_events != restored->size ||
                                  !hash_eq(&audit.ledger.root, &restored->root)))
                ok = err_set(err, E_RESTORE_TREE, "重算的根哈希不同");
        ok = ok && cli_rebuild_and_compare(cli, site, err);
        site_close(&site);
        if (ok)
                printf("验证通过：事件 %lld 条，存证点 %llu 个，重建的读表逐行一致\n",
                                (long long)restored->size,
                                (unsigned long long)audit.ledger.n_checkpoints);
        return ok;
}

static void print_restored(struct cli *cli, const struct restored *r)
{
        printf("已恢复到 %.*s：事件 %lld 条，签名到 %lld 条\n", STR_FMT(cli->site_dir),
                        (long long)r->size, (long long)r->signed_size);
        print_root(&r->root);
        if (r->n_cut > 0)
                printf("恢复到第 %lld 条处的签名存证点，其后 %lld 条没有恢复。"
                       "已公布过更晚存证点的，今后的记录与它分叉，见证人会拒绝联署：请留存备份并说明原因\n",
                                (long long)r->size, (long long)r->n_cut);
        if (!r->has_key)
                printf("没有签名私钥：请把它放到 %.*s/keys/log.key（权限 0600），此前不能打开这个站点\n",
                                STR_FMT(cli->site_dir));
        printf("备份以后依法删除过的个人信息，请再次删除（个人信息保护法 第四十七条）\n");
}

bool cmd_restore(struct cli *cli, struct err *err)
{
        struct restore_options options = { .file = cli->words[0],
                .dir = cli->site_dir,
                .key_from = cli_option(cli, "key-from"),
                .progress = { tell_progress, NULL } };
        struct restored restored;
        umask(077);
        if (!parse_at(cli, &options, err) || !restore_begin(cli->arena, &options, &restored, err))
                return false;
        bool ok = check_key(cli, &restored, err) &&
                  (!cli_has(cli, "verify") || verify(cli, &restored, err)) &&
                  restore_finish(&restored, cli->site_dir, err);
        if (ok)
                print_restored(cli, &restored);
        else
                restore_drop(&restored);
        return ok;
}
