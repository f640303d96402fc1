/* cli/cmd_proof.c - proofs of single events, as files. */
#include "cli/commands.h"
#include "cli/keys.h"
#include "desk/prove.h"
#include "ledger/consistency.h"
#include "ledger/proof_pack.h"

#define FIELDS_MAX 512u

bool cmd_proof(struct cli *cli, struct err *err)
{
        struct str list = cli_option(cli, "fields"), text;
        struct str head = { NULL, 0 };
        struct str *names = arena_new_array(cli->arena, FIELDS_MAX, struct str);
        size_t n = 0;
        int64_t seq = -1;
        while (list.n > 0 && n < FIELDS_MAX)
                names[n++] = str_trim(str_split(&list, ','));
        if (cli->n_words > 1 && (!str_to_int(cli->words[1], &seq) || seq < 0))
                return err_set(err, E_USAGE, "事件号应当是整数");
        if (cli_has(cli, "log") && !cli_read_file(cli->arena,
                                                   str_format(cli->arena, "%.*s/checkpoint",
                                                                   STR_FMT(cli_option(cli, "log"))),
                                                   NOTE_BYTES_MAX, &head, err))
                return false;
        if (!prove_event(cli->arena, cli->site, cli->words[0], seq, names, n, head, &text, err))
                return false;
        fwrite(text.p, 1, text.n, stdout);
        return true;
}

static void tell(const struct cli *cli, const struct proof_shown *shown)
{
        const struct leaf *leaf = &shown->leaf;
        char time[26];
        moment_write(leaf->time, time);
        printf("存证 %.*s，%llu 条中的第 %lld 号\n", STR_FMT(shown->head.origin),
                        (unsigned long long)shown->head.size, (long long)leaf->seq);
        printf("机关 %.*s\n", STR_FMT(leaf->organ));
        if (leaf->matter.n > 0)
                printf("办件 %.*s\n", STR_FMT(leaf->matter));
        printf("程序 %.*s\n动作 %.*s\n办理 %.*s\n时间 %s\n", STR_FMT(leaf->procedure),
                        STR_FMT(leaf->act), STR_FMT(leaf->actor), time);
        for (size_t i = 0; i < shown->fields.context.n; i++) {
                const struct member *m = &shown->fields.context.members[i];
                printf("字段 %.*s = %.*s\n", STR_FMT(m->name),
                                STR_FMT(value_text(cli->arena, &m->value)));
        }
}

static bool read_size(struct str text, uint64_t *ret, struct err *err)
{
        int64_t size;
        if (!str_to_int(text, &size) || size < 1)
                return err_set(err, E_USAGE, "条数应当是大于零的整数");
        *ret = (uint64_t)size;
        return true;
}

bool cmd_proof_consistency(struct cli *cli, struct err *err)
{
        uint64_t from, to = 0;
        struct str text;
        if (!read_size(cli->words[0], &from, err) ||
                        (cli->n_words > 1 && !read_size(cli->words[1], &to, err)) ||
                        !prove_consistency(cli->arena, cli->site, from, to, &text, err))
                return false;
        fwrite(text.p, 1, text.n, stdout);
        return true;
}

bool cmd_proof_qr(struct cli *cli, struct err *err)
{
        struct str text, packed;
        if (!cli_read_file(cli->arena, cli->words[0], PROOF_BYTES_MAX, &text, err) ||
                        !proof_pack(cli->arena, text, &packed, err))
                return false;
        if (packed.n > PROOF_QR_MAX)
                fprintf(stderr, "超过一个二维码能容纳的 %u 个字符\n", PROOF_QR_MAX);
        printf("%.*s\n", STR_FMT(packed));
        return true;
}

static bool check_heads(struct cli *cli, struct str text, const struct note_key *keys,
                size_t n_keys, struct err *err)
{
        struct checkpoint from, to;
        if (!consistency_check(cli->arena, text, keys, n_keys, &from, &to, err))
                return false;
        printf("存证 %.*s，%llu 条的存证点接续 %llu 条的存证点\n证明成立\n", STR_FMT(to.origin),
                        (unsigned long long)to.size, (unsigned long long)from.size);
        return true;
}

bool cmd_proof_check(struct cli *cli, struct err *err)
{
        const struct note_key *keys;
        size_t n_keys;
        struct str text;
        struct proof_shown shown;
        const struct note_key *witnesses;
        size_t n_witnesses, require, n = 0;
        if (!cli_keys(cli, "key", &keys, &n_keys, err) ||
                        !cli_witnesses(cli, &witnesses, &n_witnesses, &require, err) ||
                        !cli_read_file(cli->arena, cli->words[0], PROOF_BYTES_MAX, &text, err))
                return false;
        if (consistency_is(text) && n_witnesses == 0)
                return check_heads(cli, text, keys, n_keys, err);
        if (str_starts(text, STR_LIT(PROOF_PACK_PREFIX)) &&
                        !proof_unpack(cli->arena, text, &text, err))
                return false;
        if (!proof_check(cli->arena, text, keys, n_keys, &shown, err) ||
                        !note_count(cli->arena, shown.note, witnesses, n_witnesses, &n, err))
                return false;
        if (n < require)
                return err_set(err, E_LOG_WITNESS, "需要 %zu 个，只有 %zu 个", require, n);
        tell(cli, &shown);
        printf("证明成立\n");
        return true;
}
