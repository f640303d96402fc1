/* cli/commands.c - the table of commands; help is printed from it. */
#include "cli/commands.h"

static const struct command_option data_options[] = {
        { "data", "目录", "程序定义所在的目录（默认为随程序安装的）" },
        { NULL, NULL, NULL },
};

static const struct command_option init_options[] = {
        { "organ", "名称", "机关名称，例如 厦门市司法局" },
        { "prefix", "字", "文号代字，例如 厦司" },
        { "region", "代码", "行政区划代码，例如 350200" },
        { "city", "名称", "所在市，例如 厦门市" },
        { "hash", "算法", "存证算法：sha256（默认）或 sm3" },
        { "at", "时间", "第一批记录的时间，仅用于模拟往年" },
        { "data", "目录", "程序定义所在的目录（默认为随程序安装的）" },
        { NULL, NULL, NULL },
};

static const struct command_option rehearse_options[] = {
        { "bless", NULL, "把现在的答复写回文件" },
        { "tap", NULL, "每段一行，TAP 格式" },
        { "quiet", NULL, "只报告差别" },
        { "data", "目录", "程序定义所在的目录（默认为随程序安装的）" },
        { NULL, NULL, NULL },
};

const struct command cli_commands[] = {
        { "help", "[命令]", 0, 2, NEEDS_NOTHING, NULL, "命令的说明", NULL, cmd_help },
        { "version", "", 0, 0, NEEDS_NOTHING, NULL, "程序的版本", NULL, cmd_version },
        { "init", "", 0, 0, NEEDS_NOTHING, init_options, "新建一个站点",
          "在 --site 指明的目录里建立站点：设置、签名密钥、存储，并把程序定义和放假安排作为最初的记录。",
          cmd_init },
        { "procedure lint", "[目录]", 0, 1, NEEDS_NOTHING, NULL, "检查程序定义",
          "读入目录下的 procedures、registers、indicators、reports 和 calendars，逐条列出问题。",
          cmd_procedure_lint },
        { "procedure list", "", 0, 0, NEEDS_NOTHING, data_options, "列出程序和版本", NULL,
          cmd_procedure_list },
        { "procedure show", "程序", 1, 1, NEEDS_NOTHING, data_options, "一个程序的状态、动作、期限、文书",
          NULL, cmd_procedure_show },
        { "definition activate", "文件...", 1, -1, NEEDS_DESK, NULL, "启用新的或修改的定义",
          "定义作为一次办理记入存证。已有办件在用的版本不能改动内容，应另立新版本。",
          cmd_definition_activate },
        { "calendar load", "文件", 1, 1, NEEDS_DESK, NULL, "登记新的放假通知",
          "进行中的期限随之变动，逐条列出。", cmd_calendar_load },
        { "rehearse", "文件...", 1, -1, NEEDS_NOTHING, rehearse_options, "演练脚本并核对答复",
          "在内存中的新站点上逐条办理，写出答复；与文件里的答复逐字比较。语言见 docs/procedures.md 第五节。",
          cmd_rehearse },
        { "run-year", "情景目录", 1, 1, NEEDS_NOTHING, data_options, "让一个新站点过完情景的一年",
          "按情景逐件办理：普通的人、普通的动作、模拟的时间，全部经过受理台。语言见 docs/scenario.md。",
          cmd_run_year },
        { "draw verify", "文件", 1, 1, NEEDS_NOTHING, NULL, "核对公布的抽取结果", NULL,
          cmd_draw_verify },
        { "probe", "种类 [文件...]", 1, -1, NEEDS_NOTHING, data_options, "供外部核对：一行输入，一行答复",
          "deadline   起算日 长度 单位 → 届满日 firm|provisional\n"
          "identifier 种类 号码 → ok，或 bad 和原因\n"
          "rfc3797    密钥 总数 个数 → 选中的序号\n"
          "merkle     文件... → ok 或 refused\n"
          "feel       表达式 JSON → 值的 JSON\n"
          "citations  （没有输入）→ 每个期限的程序、版本、名称、长度、单位、法律、条款\n"
          "hash       十六进制 → SHA-256 和 SM3\n"
          "各格以制表符分隔。", cmd_probe },
        { NULL, NULL, 0, 0, NEEDS_NOTHING, NULL, NULL, NULL, NULL },
};
