/* cli/cmd_erase.c - personal data is erased, with the article that asks for it. */
#include "cli/commands.h"
#include "desk/erase.h"

#define FIELDS_MAX 64u

bool cmd_erase(struct cli *cli, struct err *err)
{
        struct str list = cli_option(cli, "also"), also[FIELDS_MAX];
        struct erasure what = {
                .matter = cli->words[0],
                .actor = cli_option(cli, "by"),
                .ground = cli_option(cli, "ground"),
                .also = also,
        };
        struct erased done;
        while (list.n > 0 && what.n_also < FIELDS_MAX)
                also[what.n_also++] = str_trim(str_split(&list, ','));
        if (!erase_matter(cli->arena, cli->desk, &what, &done, err))
                return false;
        printf("第 %lld 号事件：%.*s（%.*s）\n", (long long)done.seq, STR_FMT(done.basis),
                        STR_FMT(done.say));
        printf("已删除 %zu 个办件 %zu 个事件的字段：", done.n_matters, done.n_events);
        for (size_t i = 0; i < done.n_fields; i++)
                printf("%s%.*s", i == 0 ? "" : "、", STR_FMT(done.fields[i]));
        printf("\n");
        fflush(stdout);
        if (!desk_close(&cli->desk, err) || !erasure_finish(cli->site, err))
                return false;
        printf("读表已重建，数据库文件已重写，旧内容不再留存；存证和证明不受影响\n"
               "以前的备份不在此列，请按规定另行销毁\n");
        return true;
}
