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
        { "store", "地址", "记录存在哪里：sqlite（默认）或 postgres://主机/库名#模式名" },
        { "at", "时间", "第一批记录的时间，仅用于模拟往年" },
        { "data", "目录", "程序定义所在的目录（默认为随程序安装的）" },
        { NULL, NULL, NULL },
};

static const struct command_option copy_options[] = {
        { "store", "地址", "新站点的记录存在哪里：sqlite（默认）或 postgres://主机/库名#模式名" },
        { NULL, NULL, NULL },
};

static const struct command_option rehearse_options[] = {
        { "bless", NULL, "把现在的答复写回文件" },
        { "tap", NULL, "每段一行，TAP 格式" },
        { "quiet", NULL, "只报告差别" },
        { "data", "目录", "程序定义所在的目录（默认为随程序安装的）" },
        { NULL, NULL, NULL },
};

static const struct command_option act_options[] = {
        { "by", "账号", "办理人（工作人员）" },
        { "party", "当事人", "办理人（当事人，如 applicant）" },
        { "system", NULL, "由系统办理" },
        { "for", "账号", "受谁委托" },
        { "unit", "单位", "新办件的承办单位" },
        { "key", "幂等键", "同一个键只办理一次" },
        { NULL, NULL, NULL },
};

static const struct command_option show_options[] = {
        { "documents", NULL, "连同文书全文" },
        { NULL, NULL, NULL },
};

static const struct command_option list_options[] = {
        { "procedure", "程序", "只列这个程序" },
        { "state", "状态", "只列这个状态" },
        { "open", NULL, "只列未办结的" },
        { "late", NULL, "只列有逾期期限的" },
        { "unit", "单位", "只列这个单位及其下级的" },
        { "assigned", "账号", "只列交给这个人的" },
        { "text", "文字", "检索" },
        { "limit", "行数", "最多几行，默认 50" },
        { NULL, NULL, NULL },
};

static const struct command_option import_options[] = {
        { "dry-run", NULL, "在副本上试办，不留下任何记录" },
        { NULL, NULL, NULL },
};

static const struct command_option report_options[] = {
        { "tsv", NULL, "编号、数值、单位、限定词、指标，以制表符分隔" },
        { "report", "报告", "报告名称，默认 annual" },
        { NULL, NULL, NULL },
};

static const struct command_option report_name_options[] = {
        { "report", "报告", "报告名称，默认 annual" },
        { NULL, NULL, NULL },
};

static const struct command_option figure_options[] = {
        { "year", "年份", "哪一年（必填）" },
        { "limit", "行数", "最多几行" },
        { "report", "报告", "报告名称，默认 annual" },
        { NULL, NULL, NULL },
};

static const struct command_option verify_options[] = {
        { "tables", NULL, "连同数据库文件的结构" },
        { "key", "密钥", "公布的存证：公布单位的验证密钥，或存放它的文件，一行一个" },
        { "hash", "算法", "公布的存证：sha256（默认）或 sm3" },
        { "from", "文件", "公布的存证：从先前取得的存证点起，只验证新增的" },
        { "sample", "条数", "公布的存证：随机抽查这么多条" },
        { "witness-key", "密钥", "公布的存证：见证人的验证密钥，或存放它们的文件，一行一个" },
        { "require", "个数", "公布的存证：至少这么多见证人联署，默认全部" },
        { "token", "文件", "网址：存放审计令牌的文件，连同存证条目原文一起核对" },
        { "ca", "文件", "网址：信任的证书（PEM），默认为系统的" },
        { NULL, NULL, NULL },
};

static const struct command_option log_import_options[] = {
        { "key", "密钥", "公布单位的验证密钥，或存放它的文件，一行一个" },
        { "hash", "算法", "sha256（默认）或 sm3" },
        { "witness-key", "密钥", "见证人的验证密钥，或存放它们的文件，一行一个" },
        { "require", "个数", "至少这么多见证人联署，默认全部" },
        { "token", "文件", "网址：存放审计令牌的文件，连同存证条目原文一起导入" },
        { "ca", "文件", "网址：信任的证书（PEM），默认为系统的" },
        { NULL, NULL, NULL },
};

static const struct command_option rotate_options[] = {
        { "by", "账号", "存证密钥管理员（岗位 log_keeper）" },
        { "reason", "文字", "原因，例如 定期更换" },
        { NULL, NULL, NULL },
};

static const struct command_option auditor_options[] = {
        { "end", NULL, "令牌作废" },
        { NULL, NULL, NULL },
};

static const struct command_option export_options[] = {
        { "bundles", NULL, "连同全部存证条目，仅供审计" },
        { NULL, NULL, NULL },
};

static const struct command_option proof_options[] = {
        { "fields", "字段,字段", "要出示的字段，逗号分隔" },
        { "log", "公布目录", "对着这里的存证点证明，连同见证人的联署" },
        { NULL, NULL, NULL },
};

static const struct command_option witness_options[] = {
        { "key", "密钥", "公布单位的验证密钥，或存放它的文件，一行一个" },
        { "hash", "算法", "sha256（默认）或 sm3" },
        { "add", NULL, "把联署写进公布目录的存证点" },
        { NULL, NULL, NULL },
};

static const struct command_option watch_options[] = {
        { "hash", "算法", "sha256（默认）或 sm3" },
        { NULL, NULL, NULL },
};

static const struct command_option witness_serve_options[] = {
        { "port", "端口", "默认 0 = 任意空闲端口" },
        { "bind", "地址", "只在这个地址上接受访问（默认 127.0.0.1）" },
        { NULL, NULL, NULL },
};

static const struct command_option proof_check_options[] = {
        { "key", "密钥", "公布单位的验证密钥，或存放它的文件，一行一个" },
        { "witness-key", "密钥", "见证人的验证密钥，或存放它们的文件，一行一个" },
        { "require", "个数", "至少这么多见证人联署，默认全部" },
        { NULL, NULL, NULL },
};

static const struct command_option erase_options[] = {
        { "by", "账号", "决定删除的人" },
        { "ground", "序号", "删除的法定情形；不写则列出" },
        { "also", "字段,字段", "其他含有个人信息的字段" },
        { NULL, NULL, NULL },
};

static const struct command_option rebuild_options[] = {
        { "check", NULL, "在旁边重建并逐行比较，不改动" },
        { NULL, NULL, NULL },
};

static const struct command_option backup_options[] = {
        { "key-to", "文件", "另把签名私钥抄到这个文件（权限 0600），请与备份分开保存" },
        { NULL, NULL, NULL },
};

static const struct command_option restore_options[] = {
        { "at", "条数|时间", "恢复到当时的签名存证点" },
        { "key-from", "文件", "签名私钥（keys/log.key）所在的文件" },
        { "key", "密钥", "公布的验证密钥，或存放它的文件；与备份里的不同则拒绝" },
        { "verify", NULL, "恢复前验证全部存证，并重建读表逐行比较" },
        { NULL, NULL, NULL },
};

static const struct command_option doctor_options[] = {
        { "deep", NULL, "连同数据库文件逐页检查" },
        { "published", "目录|网址",
                        "公布的存证，核对它是否完好、与站点是否相符；站点末尾整笔地少了记录，只有这样一定看得出" },
        { "data", "目录", "程序定义所在的目录（默认为随程序安装的）" },
        { NULL, NULL, NULL },
};

static const struct command_option user_options[] = {
        { "unit", "单位", "所在单位" },
        { "roles", "岗位,岗位", "岗位，逗号分隔" },
        { NULL, NULL, NULL },
};

static const struct command_option draw_verify_options[] = {
        { "announced", "文件", "抽取前公布的预告，一并比较" },
        { NULL, NULL, NULL },
};

static const struct command_option password_options[] = {
        { "generate", NULL, "随机生成，显示一次" },
        { "keep", NULL, "第一次登录时不必更换" },
        { NULL, NULL, NULL },
};

static const struct command_option serve_options[] = {
        { "port", "端口", "网页的端口（默认为站点设置中的 port，0 = 任意空闲端口）" },
        { "bind", "地址", "只在这个地址上接受访问（默认 127.0.0.1）" },
        { "as-of", "时间", "从那时走起，不处理期限，例如 \"2022-01-01 09:00\"（用于模拟的年份）" },
        { "https", NULL, "前面的 nginx 终结 TLS：登录的 cookie 只经加密的连接发送" },
        { "routes", NULL, "只列出网页的地址、方法、谁可以用" },
        { "notice", "文字", "每页顶上的提示，例如 演示数据" },
        { "threads", "个数", "答复请求的线程，默认 2" },
        { "connections", "个数", "同时的连接，默认 512；打开文件数的上限（ulimit -n）应当更大" },
        { "idle", "秒", "连接空闲多久以后关闭，默认 15" },
        { "log", "级别", "日志从这一级起写到标准错误：debug、info（默认）、warn、error" },
        { "data", "目录", "网页模板和样式所在的目录（默认为随程序安装的）" },
        { NULL, NULL, NULL },
};

const struct command cli_commands[] = {
        { "help", "[命令]", 0, 2, NEEDS_NOTHING, NULL, "命令的说明", NULL, cmd_help },
        { "version", "", 0, 0, NEEDS_NOTHING, NULL, "程序的版本", NULL, cmd_version },
        { "init", "", 0, 0, NEEDS_NOTHING, init_options, "新建一个站点",
                        "在 --site 指明的目录里建立站点：设置、签名密钥、存储，并把程序定义和放假安排作为最初的记录。",
                        cmd_init },
        { "act", "程序|办件|register:名录 动作 [字段JSON|-]", 2, 3, NEEDS_DESK, act_options,
                        "办理一个动作",
                        "plumbline act foi_request submit '{…}' --party applicant --unit bureau\n"
                        "plumbline act 厦司公开申〔2021〕1号 process --by zhang\n"
                        "plumbline act register:units put '{\"id\":\"bureau\",\"name\":\"厦门市司法局\"}' --system",
                        cmd_act },
        { "show", "办件", 1, 1, NEEDS_SITE, show_options, "一个办件的内容、期限、经过", NULL,
                        cmd_show },
        { "list", "", 0, 0, NEEDS_SITE, list_options, "列出办件，新的在前",
                        "每行：编号、程序、状态、单位、标题，以制表符分隔。", cmd_list },
        { "clock explain", "办件 期限", 2, 2, NEEDS_SITE, NULL, "逐日说明期限为何在那天届满", NULL,
                        cmd_clock_explain },
        { "clock run", "", 0, 0, NEEDS_DESK, NULL, "处理到期的预警和届满",
                        "停机期间错过的依次补记，各记一次。", cmd_clock_run },
        { "import", "文件", 1, 1, NEEDS_DESK, import_options, "从文件导入办理",
                        "每行一个 JSON，或带表头的 TSV（fields.名称 为字段）；每行各自办成或拒绝，逐行报告。",
                        cmd_import },
        { "report", "年份", 1, 1, NEEDS_SITE, report_options, "年度报告的全部数据", NULL,
                        cmd_report },
        { "report freeze", "年份", 1, 1, NEEDS_DESK, report_name_options,
                        "固定一年的数据，此后不再变动", NULL, cmd_report_freeze },
        { "report load", "年份 文件", 2, 2, NEEDS_DESK, report_name_options,
                        "登记以前年度已公布的数据",
                        "每行：编号、指标、数值、单位、限定词，以制表符分隔。", cmd_report_load },
        { "figure", "编号", 1, 1, NEEDS_SITE, figure_options, "一个数据背后的每一条记录",
                        "每行：办件编号、数额、月份、单位、标题、是否迟到、去重所依。\n"
                        "plumbline figure F058 --year 2021",
                        cmd_figure },
        { "recount", "年份", 1, 1, NEEDS_SITE, report_name_options, "重新计算并与现有数据比较",
                        NULL, cmd_recount },
        { "verify", "[目录|网址]", 0, 1, NEEDS_SITE_WITHOUT_WORDS, verify_options, "验证全部存证",
                        "站点：重算每条记录、每个字段、每个存证点。\n"
                        "目录或网址：公布的存证，只需公布单位的验证密钥。\n"
                        "什么也没有验证到时不算通过。格式见 docs/log-format.md。",
                        cmd_verify },
        { "erase", "办件", 1, 1, NEEDS_DESK, erase_options, "依法删除办件中的个人信息",
                        "可以删除的情形和条文写在 registers/erasure_grounds.yaml，用 --ground 指明一项；\n"
                        "不写 --ground 时列出本站点的各项，什么也不删。\n"
                        "由个人信息保护负责人（岗位 privacy_officer）办理；办件连同它的下级办件都须已办结。\n"
                        "删除的决定记入存证，内容从数据库、日志文件和检索索引中清除，存证和已有的证明仍然成立。\n"
                        "请先停止其他使用本站点的程序。",
                        cmd_erase },
        { "log export", "目录", 1, 1, NEEDS_SITE, export_options,
                        "把存证公布为文件（C2SP tlog-tiles）",
                        "写到最新签名的存证点为止；再次运行只写新增的。存证点最后写入，中断不会留下半成品。",
                        cmd_log_export },
        { "log import", "目录|网址 目录", 2, 2, NEEDS_NOTHING, log_import_options,
                        "核对公布的存证，并导入为自己的副本",
                        "第一次导入全部，以后只核对并导入新增的；改写过去的存证不会导入。副本可以再用 verify 验证。",
                        cmd_log_import },
        { "log auditor", "名称", 1, 1, NEEDS_SITE, auditor_options,
                        "发给审计人员读取存证条目的令牌",
                        "令牌只显示这一次；再次运行换发新的，旧的随即作废。", cmd_log_auditor },
        { "log rotate", "", 0, 0, NEEDS_DESK, rotate_options, "更换签署存证的密钥",
                        "更换记入存证，交接时的存证点由新旧两把密钥签名，旧密钥随后销毁。\n"
                        "只有旧验证密钥的人由公布的 log-keys 得知新密钥。中断后再运行一次即可接着办完。",
                        cmd_log_rotate },
        { "proof", "办件 [事件号]", 1, 2, NEEDS_SITE, proof_options, "一个事件的证明文件",
                        "写到标准输出：存证条目、包含证明、签名的存证点，以及指明的字段；其余字段不泄露。\n"
                        "没有事件号时为最近的事件。plumbline proof 厦司公开申〔2021〕1号 --fields outcome > 证明.json",
                        cmd_proof },
        { "proof consistency", "条数 [条数]", 1, 2, NEEDS_SITE, NULL,
                        "后一个存证点接续前一个的证明文件",
                        "写到标准输出。没有第二个条数时为最新的存证点。", cmd_proof_consistency },
        { "proof qr", "文件", 1, 1, NEEDS_NOTHING, NULL, "证明文件在二维码中的文字",
                        "写到标准输出，以 PL1: 开头；由任何二维码程序以字母数字模式制成二维码。",
                        cmd_proof_qr },
        { "proof check", "文件", 1, 1, NEEDS_NOTHING, proof_check_options, "核对证明文件",
                        "事件的证明、两个存证点之间的证明，或二维码中的文字。只需公布单位的验证密钥，不需要站点。\n"
                        "另有独立的 tools/proof_verify.py，和在浏览器中离线核对的 assets/verify/verify.html。",
                        cmd_proof_check },
        { "witness init", "目录 名称", 2, 2, NEEDS_NOTHING, NULL, "建立见证人，写出它的验证密钥",
                        "名称宜为见证单位的网址，例如 witness.sf.gov.cn/w1。目录应在另一单位的机器上。",
                        cmd_witness_init },
        { "witness key", "目录", 1, 1, NEEDS_NOTHING, NULL, "见证人的验证密钥，供公布", NULL,
                        cmd_witness_key },
        { "witness cosign", "目录 公布目录", 2, 2, NEEDS_NOTHING, witness_options,
                        "核对公布的存证并联署它的存证点",
                        "只在新的存证点确是上次见证的接续时联署（C2SP tlog-cosignature），否则拒绝并留下证据。",
                        cmd_witness_cosign },
        { "witness watch", "目录 密钥", 2, 2, NEEDS_NOTHING, watch_options,
                        "见证人从此见证这个账本",
                        "密钥是账本的验证密钥，或存放它的文件。更换过密钥的账本，把新密钥也加进来。",
                        cmd_witness_watch },
        { "witness serve", "目录", 1, 1, NEEDS_NOTHING, witness_serve_options,
                        "见证人在网上应答（C2SP tlog-witness）",
                        "POST /add-checkpoint：新的存证点确是上次见证的接续时联署。收到 SIGTERM 或 Ctrl-C 时停止。",
                        cmd_witness_serve },
        { "log witness", "", 0, 0, NEEDS_SITE, NULL, "请各见证人联署最新的存证点",
                        "见证人写在 site.yaml 的 witnesses 下：“验证密钥: 网址”。serve 在有新存证点时也会自行请求。",
                        cmd_log_witness },
        { "log key", "", 0, 0, NEEDS_SITE, NULL, "本站存证的验证密钥，供公布", NULL, cmd_log_key },
        { "rebuild", "", 0, 0, NEEDS_SITE, rebuild_options, "从存证重建全部读表", NULL,
                        cmd_rebuild },
        { "copy", "源目录 目标目录", 2, 2, NEEDS_NOTHING, copy_options,
                        "把站点复制到新目录，可换一种数据库",
                        "密钥、附件、存证和读表原样复制，逐行比较。复制后两个站点只能有一个继续办理。",
                        cmd_copy },
        { "backup", "文件", 1, 1, NEEDS_SITE, backup_options, "在线备份到新文件",
                        "记录、附件、设置都在这一个文件里，办理不必停。签名私钥不在其中，除非用 --key-to 另存。\n"
                        "备份含有个人信息：文件权限为 0600，请加密保存。",
                        cmd_backup },
        { "restore", "备份文件", 1, 1, NEEDS_NOTHING, restore_options, "从备份恢复站点",
                        "恢复到 --site 指明的目录，它必须不存在或者是空的；全部恢复好以后才出现在那里。\n"
                        "plumbline restore 备份.db --site 新目录 --key-from log.key --verify\n"
                        "plumbline restore 备份.db --site 新目录 --at \"2026-03-31 23:59\"\n"
                        "备份以后依法删除过的个人信息会随备份回来，恢复后须再次删除（个人信息保护法 第四十七条）。",
                        cmd_restore },
        { "doctor", "", 0, 0, NEEDS_NOTHING, doctor_options, "检查站点有什么不对，该怎么办",
                        "每行一项：正常、注意、故障，或因前面的问题没有检查。只看不改，服务运行时也可以用。\n"
                        "退出码以最重的一项为准：0 正常，5 有需要留意的地方，1 有故障。",
                        cmd_doctor },
        { "user add", "账号 姓名", 2, 2, NEEDS_DESK, user_options, "登记工作人员", NULL,
                        cmd_user_add },
        { "user end", "账号", 1, 1, NEEDS_DESK, NULL, "终止工作人员", NULL, cmd_user_end },
        { "user password", "账号", 1, 1, NEEDS_DESK, password_options, "设置工作人员的登录密码",
                        "在终端上输入，不回显；也可以从标准输入读一行。同时解除锁定，退出其全部登录。",
                        cmd_user_password },
        { "user factor", "账号", 1, 1, NEEDS_DESK, NULL, "停用工作人员的身份验证器",
                        "手机丢失时用；本人登录后可以重新启用。", cmd_user_factor },
        { "user demo", "日期", 1, 1, NEEDS_DESK, NULL, "为每个岗位的一名在岗人员设置随机密码",
                        "仅供演示。每行：账号、密码、岗位、姓名；密码只显示这一次。",
                        cmd_user_demo },
        { "user list", "", 0, 0, NEEDS_SITE, NULL, "列出工作人员", NULL, cmd_user_list },
        { "procedure lint", "[目录]", 0, 1, NEEDS_NOTHING, NULL, "检查程序定义",
                        "读入目录下的 procedures、registers、indicators、reports 和 calendars，逐条列出问题。",
                        cmd_procedure_lint },
        { "procedure list", "", 0, 0, NEEDS_NOTHING, data_options, "列出程序和版本", NULL,
                        cmd_procedure_list },
        { "procedure show", "程序", 1, 1, NEEDS_NOTHING, data_options,
                        "一个程序的状态、动作、期限、文书", NULL, cmd_procedure_show },
        { "definition activate", "文件...", 1, -1, NEEDS_DESK, NULL, "启用新的或修改的定义",
                        "定义作为一次办理记入存证。已有办件在用的版本不能改动内容，应另立新版本。",
                        cmd_definition_activate },
        { "calendar load", "文件", 1, 1, NEEDS_DESK, NULL, "登记新的放假通知",
                        "进行中的期限随之变动，逐条列出。", cmd_calendar_load },
        { "rehearse", "文件...", 1, -1, NEEDS_NOTHING, rehearse_options, "演练脚本并核对答复",
                        "在内存中的新站点上逐条办理，写出答复；与文件里的答复逐字比较。语言见 docs/procedures.md 第五节。",
                        cmd_rehearse },
        { "serve", "", 0, 0, NEEDS_SITE, serve_options, "打开办件公开网页，并按时处理期限",
                        "收到 SIGTERM 或 Ctrl-C 时，答完正在处理的请求后停止。对外提供服务时，前面应有 nginx 等"
                        "终结 TLS。",
                        cmd_serve },
        { "run-year", "情景目录", 1, 1, NEEDS_NOTHING, data_options, "让一个新站点过完情景的一年",
                        "按情景逐件办理：普通的人、普通的动作、模拟的时间，全部经过受理台。语言见 docs/scenario.md。",
                        cmd_run_year },
        { "draw export", "目录", 1, 1, NEEDS_SITE, NULL, "把已公布的抽取写成文件",
                        "每批两个文件：抽取前的预告和抽取后的核对文件；index.json 列出全部批次，作废的也在内。\n"
                        "先前写出的批次不见了、预告改动了，则拒绝。格式见 docs/draw-format.md。",
                        cmd_draw_export },
        { "draw verify", "文件|目录", 1, 1, NEEDS_NOTHING, draw_verify_options,
                        "核对公布的抽取结果",
                        "文件：重新计算一批，逐项比较。目录：draw export 写出的全部批次。\n"
                        "另有独立的 tools/draw_verify.py。",
                        cmd_draw_verify },
        { "probe", "种类 [文件...]", 1, -1, NEEDS_NOTHING, data_options,
                        "供外部核对：一行输入，一行答复",
                        "deadline   起算日 长度 单位 → 届满日 firm|provisional\n"
                        "identifier 种类 号码 → ok，或 bad 和原因\n"
                        "rfc3797    密钥 总数 个数 → 选中的序号\n"
                        "merkle     文件... → ok 或 refused\n"
                        "feel       表达式 JSON → 值的 JSON\n"
                        "citations  （没有输入）→ 每个期限的程序、版本、名称、长度、单位、法律、条款\n"
                        "hash       十六进制 → SHA-256 和 SM3\n"
                        "各格以制表符分隔。",
                        cmd_probe },
        { NULL, NULL, 0, 0, NEEDS_NOTHING, NULL, NULL, NULL, NULL },
};
