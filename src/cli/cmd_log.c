/* cli/cmd_log.c - the log as outsiders see it: publish it, check what was published. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/keys.h"
#include "desk/auditor.h"
#include "desk/fetch.h"
#include "desk/log_check.h"
#include "desk/log_export.h"
#include "desk/log_import.h"
#include "desk/rotate.h"

bool cmd_log_key(struct cli *cli, struct err *err)
{
        (void)err;
        printf("%.*s\n", STR_FMT(note_key_format(cli->arena, site_key(cli->site))));
        return true;
}

bool cmd_log_export(struct cli *cli, struct err *err)
{
        struct log_exported done;
        if (!log_export(cli->site, cli->words[0], cli_has(cli, "bundles"), &done, err))
                return false;
        printf("已公布 %llu 条存证（新增 %llu 条），写入 %llu 个文件\n",
                        (unsigned long long)done.size,
                        (unsigned long long)(done.size - done.before),
                        (unsigned long long)done.n_files);
        if (done.n_unsigned > 0)
                printf("最近 %llu 条尚未签名，没有公布\n", (unsigned long long)done.n_unsigned);
        return true;
}

bool cmd_log_rotate(struct cli *cli, struct err *err)
{
        struct rotated done;
        if (!log_rotate(cli->arena, cli->desk, cli_option(cli, "by"),
                            str_trim(cli_option(cli, "reason")), &done, err))
                return false;
        printf("%.*s\n", STR_FMT(note_key_format(cli->arena, &done.key)));
        fprintf(stderr, "第 %lld 号事件；前 %llu 条由新旧两把密钥签名，此后由新密钥签名\n",
                        (long long)done.seq, (unsigned long long)done.size);
        return true;
}

bool cmd_log_auditor(struct cli *cli, struct err *err)
{
        struct str dir = site_dir(cli->site), name = cli->words[0], token;
        if (cli_has(cli, "end"))
                return auditor_end(cli->arena, dir, name, err);
        if (!auditor_add(cli->arena, dir, name, &token, err))
                return false;
        printf("%.*s\n", STR_FMT(token));
        return true;
}

/* What the commands that read a published log have in common. */
static bool read_check(struct cli *cli, struct log_check *ret, struct err *err)
{
        struct log_check check = { .algorithm = LEDGER_SHA256, .ca = cli_option(cli, "ca") };
        bool is_url = fetch_is_url(cli->words[0]);
        if (!cli_keys(cli, "key", &check.keys, &check.n_keys, err) ||
                        !cli_hash(cli, "hash", &check.algorithm, err) ||
                        !cli_witnesses(cli, &check.witnesses, &check.n_witnesses, &check.require,
                                        err))
                return false;
        if (!is_url && (cli_has(cli, "token") || cli_has(cli, "ca")))
                return err_set(err, E_USAGE, "--token 和 --ca 只用于网址");
        if (cli_has(cli, "token") && !cli_read_file(cli->arena, cli_option(cli, "token"),
                                                     FETCH_TOKEN_BYTES_MAX, &check.token, err))
                return false;
        check.token = str_trim(check.token);
        *ret = check;
        return true;
}

static bool read_extent(struct cli *cli, struct log_check *check, struct err *err)
{
        int64_t sample;
        if (!cli_int(cli, "sample", 0, &sample, err))
                return false;
        if (cli_has(cli, "sample") && sample < 1)
                return err_set(err, E_USAGE, "--sample 至少为 1");
        check->sample = (uint64_t)sample;
        return !cli_has(cli, "from") || cli_read_file(cli->arena, cli_option(cli, "from"),
                                                        NOTE_BYTES_MAX, &check->from, err);
}

static void tell(const struct log_check *check, const struct log_checked *done)
{
        char root[HASH_HEX];
        hash_write_hex(done->head.root.b, HASH_BYTES, root);
        printf("存证点 %.*s，%llu 条，根哈希 %.*s\n", STR_FMT(done->head.origin),
                        (unsigned long long)done->head.size, HASH_HEX, root);
        if (done->from > 0)
                printf("接续先前的存证点，前 %llu 条\n", (unsigned long long)done->from);
        printf("核对存证哈希 %llu 条，条目原文 %llu 条，文件 %llu 个\n",
                        (unsigned long long)done->n_hashes, (unsigned long long)done->n_entries,
                        (unsigned long long)done->n_files);
        if (done->key_since > 0)
                printf("签名密钥在前 %llu 条处更换，交接的记录成立\n",
                                (unsigned long long)done->key_since);
        if (check->n_witnesses > 0)
                printf("见证人联署 %zu 个，要求 %zu 个\n", done->n_witnesses, check->require);
        if (done->n_unchecked > 0)
                printf("另有 %llu 个文件不在存证点之内，没有验证\n",
                                (unsigned long long)done->n_unchecked);
}

bool cmd_verify_folder(struct cli *cli, struct err *err)
{
        struct log_check check;
        struct log_checked done;
        if (cli_has(cli, "tables"))
                return err_set(err, E_USAGE, "--tables 只用于站点");
        if (!read_check(cli, &check, err) || !read_extent(cli, &check, err))
                return false;
        bool ok = log_check(cli->arena, cli->words[0], &check, &done, err);
        if (done.head.size > 0)
                tell(&check, &done);
        printf("%s\n", ok ? "验证通过" : "验证不通过");
        return ok;
}

bool cmd_log_import(struct cli *cli, struct err *err)
{
        struct log_check check;
        struct log_checked done;
        if (!read_check(cli, &check, err))
                return false;
        bool ok = log_import(cli->arena, cli->words[0], cli->words[1], &check, &done, err);
        if (done.head.size > 0)
                tell(&check, &done);
        printf("%s\n", ok ? "已导入" : "没有导入");
        return ok;
}
