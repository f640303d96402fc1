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
