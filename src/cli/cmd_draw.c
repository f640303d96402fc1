/* cli/cmd_draw.c - draws by lot for outsiders: publish them, repeat them. */
#include <sys/stat.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "desk/draw_export.h"
#include "desk/timers.h"
#include "draw/verify.h"

static void tell_differences(const struct draw_report *report)
{
        for (size_t i = 0; i < report->n_problems && i < DRAW_PROBLEMS_MAX; i++)
                printf("%.*s：应为 %.*s，文件为 %.*s\n", STR_FMT(report->problems[i].path),
                                STR_FMT(report->problems[i].expected),
                                STR_FMT(report->problems[i].found));
        printf("核对：对象 %zu 个，中签 %zu 个，人员 %zu 个，不符 %zu 处\n", report->n_objects,
                        report->n_picks, report->n_officers, report->n_problems);
}

static bool verify_file(struct cli *cli, struct err *err)
{
        struct str json, announced;
        struct draw_report *report = arena_new(cli->arena, struct draw_report);
        if (!cli_read_file(cli->arena, cli->words[0], LIMIT_PUBLICATION_BYTES, &json, err))
                return false;
        bool ok = draw_verify(cli->arena, json, report, err);
        tell_differences(report);
        if (!ok || !cli_has(cli, "announced"))
                return ok;
        if (!cli_read_file(cli->arena, cli_option(cli, "announced"), LIMIT_PUBLICATION_BYTES,
                            &announced, err) ||
                        !draw_verify_announced(cli->arena, json, announced, err))
                return false;
        printf("与抽取前的预告一致\n");
        return true;
}

static bool verify_folder(struct cli *cli, struct err *err)
{
        struct draw_checked done;
        if (cli_has(cli, "announced"))
                return err_set(err, E_USAGE, "目录中已有各批的预告，不用 --announced");
        bool ok = draw_check_folder(cli->arena, cli->words[0], &done, err);
        printf("核对：%zu 批（作废 %zu 批，待抽取 %zu 批），中签和候补 %zu 个\n", done.n_draws,
                        done.n_void, done.n_waiting, done.n_picks);
        if (done.failed.n > 0)
                printf("不符的是 %.*s\n", STR_FMT(done.failed));
        printf("%s\n", ok ? "验证通过" : "验证不通过");
        return ok;
}

bool cmd_draw_verify(struct cli *cli, struct err *err)
{
        struct stat status;
        const char *path = str_c(cli->arena, cli->words[0]);
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
                return verify_folder(cli, err);
        return verify_file(cli, err);
}

bool cmd_draw_export(struct cli *cli, struct err *err)
{
        struct draw_exported done;
        struct date today = moment_date(desk_system_clock().now(NULL));
        if (!draw_export(cli->site, cli->words[0], today, &done, err))
                return false;
        printf("已公布 %zu 批抽取（作废 %zu 批），写入 %zu 个文件\n", done.n_draws, done.n_void,
                        done.n_files);
        return true;
}
