#include "cli/keys.h"

#define FILE_BYTES_MAX (256u << 10)
#define KEYS_MAX       100u

bool cli_keys(struct cli *cli, const char *option, const struct note_key **ret, size_t *ret_n,
                struct err *err)
{
        struct str text = cli_option(cli, option);
        struct note_key *keys = arena_new_array(cli->arena, KEYS_MAX, struct note_key);
        size_t n = 0;
        if (!cli_has(cli, option))
                return err_set(err, E_USAGE, "请用 --%s 给出验证密钥", option);
        if (str_find(text, STR_LIT("+")) == SIZE_MAX &&
                        !cli_read_file(cli->arena, text, FILE_BYTES_MAX, &text, err))
                return false;
        while (text.p != NULL) {
                struct str line = str_trim(str_split(&text, '\n'));
                if (line.n == 0)
                        continue;
                if (n == KEYS_MAX)
                        return err_set(err, E_LIMIT, "验证密钥最多 %u 个", KEYS_MAX);
                if (!note_key_parse(cli->arena, line, &keys[n++], err))
                        return false;
        }
        if (n == 0)
                return err_set(err, E_USAGE, "--%s 的文件里没有验证密钥", option);
        *ret = keys;
        *ret_n = n;
        return true;
}

bool cli_witnesses(struct cli *cli, const struct note_key **ret, size_t *ret_n, size_t *ret_require,
                struct err *err)
{
        int64_t require;
        *ret = NULL;
        *ret_n = *ret_require = 0;
        if (!cli_has(cli, "witness-key"))
                return !cli_has(cli, "require") ||
                       err_set(err, E_USAGE, "--require 要与 --witness-key 一起用");
        if (!cli_keys(cli, "witness-key", ret, ret_n, err) ||
                        !cli_int(cli, "require", (int64_t)*ret_n, &require, err))
                return false;
        for (size_t i = 0; i < *ret_n; i++)
                if ((*ret)[i].algorithm != SIGNATURE_COSIGNATURE)
                        return err_set(err, E_NOTE_KEY, "%.*s 不是见证人的密钥",
                                        STR_FMT((*ret)[i].name));
        if (require < 1 || require > (int64_t)*ret_n)
                return err_set(err, E_USAGE, "--require 应为 1 至 %zu", *ret_n);
        *ret_require = (size_t)require;
        return true;
}

bool cli_hash(struct cli *cli, const char *option, enum ledger_hash *ret, struct err *err)
{
        return !cli_has(cli, option) || hash_by_name(cli_option(cli, option), ret) ||
               err_set(err, E_USAGE, "--%s 应当是 sha256 或 sm3", option);
}
