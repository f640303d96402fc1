#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "procedure/definition.h"

/* A procedure with nothing wrong; each row spoils one thing. */
static const char sound[] =
                "procedure: p\n"
                "label: 程序\n"
                "visible: always\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2020-01-01\n"
                "    law: 某法\n"
                "    number: '{prefix}〔{year}〕{n}号'\n"
                "    title: name\n"
                "    parties: {applicant: 申请人}\n"
                "    parameters: {days: {value: 15, label: 天数}}\n"
                "    keys: {same: id_no}\n"
                "    lookups: {item: {register: r, key: code}}\n"
                "    fields:\n"
                "      name: {label: 名称, type: text, class: public}\n"
                "      id_no: {label: 证件, type: resident_id, class: personal}\n"
                "      kind: {label: 类型, type: enum, options: {a: 甲, b: 乙}}\n"
                "      code: {label: 事项, type: ref, register: r}\n"
                "      amount: {label: 金额, type: money, min: 0}\n"
                "      rows: {label: 明细, type: list, item: {who: {label: 人, type: text}}}\n"
                "      pool: {label: 名册, type: any}\n"
                "      day: {label: 日期, type: date, class: personal}\n"
                "    states:\n"
                "      open: 办理中\n"
                "      held: 中止\n"
                "      done: {label: 办结, final: true}\n"
                "    acts:\n"
                "      begin: {label: 开始, by: applicant, from: new, to: open, needs: [name, kind],\n"
                "              takes: [id_no, code, amount, rows], starts: {answer: created_on}}\n"
                "      hold: {label: 中止, by: officer, from: open, to: held, pauses: answer}\n"
                "      go_on: {label: 恢复, by: officer, from: held, to: open, resumes: answer}\n"
                "      extend: {label: 延长, by: chief, from: open, extends: answer}\n"
                "      finish: {label: 办结, by: officer, from: open, to: done, differs_from: [begin],\n"
                "               require: [{that: 'kind = \"a\"', say: 类型不对, basis: 某法 第一条}],\n"
                "               set: {pool: rows, day: today, amount: fine(amount)}, stops: answer,\n"
                "               document: paper, publishes: notice,\n"
                "               writes: [{register: r, key: code, set: {title: name}}]}\n"
                "      lapse: {label: 视为放弃, by: system, from: open, to: done}\n"
                "    clocks:\n"
                "      answer: {label: 期限, length: 20 working days, extend: 10 working days,\n"
                "               expires: lapse, basis: 某法 第二条}\n"
                "    tables:\n"
                "      fine: {hit: U, inputs: {x: number}, output: number,\n"
                "             rules: [['<= 10', 0], ['> 10', 'x * 2']]}\n"
                "    documents:\n"
                "      paper: {label: 文书, class: public, text: '{{name}}'}\n"
                "    publications:\n"
                "      notice: {label: 公示, title: name, shows: [name], masked: {id_no: resident_id}}\n"
                "    guide:\n"
                "      about: 关于\n"
                "      subject: 主题\n"
                "      audience: [自然人]\n"
                "      who: [{say: 任何人, basis: 某法 第三条}]\n"
                "      presets: {kind: a}\n"
                "      items: {field: code, label: title, where: 'title != null', shows: [title]}\n"
                "      questions:\n"
                "        - {label: 你是谁, when: 'kind = \"a\"', fields: [name, id_no]}\n";

static const char sound_register[] = "register: r\n"
                                     "label: 名录\n"
                                     "key: code\n"
                                     "keepers: [keeper]\n"
                                     "public: true\n"
                                     "fields:\n"
                                     "  title: {label: 名称, type: text, class: public}\n"
                                     "  count: {label: 数量, type: integer}\n";

static const char sound_indicators[] =
                "indicators:\n"
                "  A: {label: 件数, unit: 件, count: p, where: 'kind = \"a\"', date: created_on}\n"
                "  B: {label: 占比, unit: '%', ratio: [A, A], percent: true}\n"
                "  C: {label: 条目, unit: 条, sum_entries: r, sum: count}\n";

static const char sound_report[] = "report: annual\n"
                                   "label: 年度报告\n"
                                   "title: 报告\n"
                                   "figures:\n"
                                   "  - {id: F1, text: '共{value}件', indicator: A}\n"
                                   "  - {id: F2, text: '限{value}天', parameter: p.days}\n";

/* The text with its first `from` made `to`; a row whose `from` is not there is wrong. */
static struct str spoil(struct arena *arena, const char *text, const char *from, const char *to)
{
        size_t at = str_find(str_of(text), str_of(from));
        if (at == SIZE_MAX)
                fail_msg("not in the text: %s", from);
        return str_format(arena, "%.*s%s%s", (int)at, text, to, text + at + strlen(from));
}

static bool load(struct arena *arena, const struct str texts[4], struct str extra,
                struct str *ret_problems, struct err *err)
{
        const struct definition_source sources[] = {
                { STR_LIT("p.yaml"), texts[0] },
                { STR_LIT("r.yaml"), texts[1] },
                { STR_LIT("i.yaml"), texts[2] },
                { STR_LIT("annual.yaml"), texts[3] },
                { STR_LIT("extra.yaml"), extra },
        };
        struct catalogue catalogue;
        size_t n = extra.n != 0 ? 5 : 4;
        return catalogue_load(arena, sources, n, &catalogue, ret_problems, err);
}

static void test_sound(void **state)
{
        (void)state;
        _cleanup_(arena_close) struct arena *arena = arena_open();
        const struct str texts[4] = { str_of(sound), str_of(sound_register),
                str_of(sound_indicators), str_of(sound_report) };
        struct str problems;
        struct err err;
        if (!load(arena, texts, STR_LIT(""), &problems, &err))
                fail_msg("%.*s", STR_FMT(problems));
        assert_string_equal(str_c(arena, problems), "");
}

enum file { PROCEDURE, REGISTER, INDICATORS, REPORT };

struct row {
        const char *why;
        enum file file;
        const char *from, *to;
        const char *problem; /* as the author reads it, or its beginning */
};

static bool row_holds(const struct row *row)
{
        _cleanup_(arena_close) struct arena *arena = arena_open();
        struct str texts[4] = { str_of(sound), str_of(sound_register), str_of(sound_indicators),
                str_of(sound_report) };
        texts[row->file] = spoil(arena, texts[row->file].p, row->from, row->to);
        struct str problems;
        struct err err = { 0 };
        bool ok = load(arena, texts, STR_LIT(""), &problems, &err);
        bool remark = str_find(str_of(row->problem), STR_LIT("提醒：")) != SIZE_MAX;
        bool told = str_find(problems, str_of(row->problem)) != SIZE_MAX;
        bool code = ok || err.code == E_DEFINITION_FAULT || err.code == E_DEFINITION_YAML;
        if (told && code && ok == remark)
                return true;
        print_error("%s\nwant: %s\nhave:\n%.*s\n", row->why, row->problem, STR_FMT(problems));
        return false;
}

static const struct row rows[] = {
        /* ---- keys and words ---- */
        /* the guide */
        { "an unknown key in the guide", PROCEDURE, "about: 关于", "abuot: 关于",
                        "办事指南：不认识的键“abuot”" },
        { "a line without its article", PROCEDURE, "who: [{say: 任何人, basis: 某法 第三条}]",
                        "who: [{say: 任何人}]", "办事指南：缺少 basis" },
        { "asked, but no act takes it", PROCEDURE, "fields: [name, id_no]}", "fields: [name, day]}",
                        "当事人开始办件的动作不填字段“day”" },
        { "preset, but no act takes it", PROCEDURE, "presets: {kind: a}",
                        "presets: {kind: a, day: 2020-01-01}",
                        "当事人开始办件的动作不填字段“day”" },
        { "needed, but not asked", PROCEDURE, "presets: {kind: a}", "presets: {}",
                        "都没有必填的字段“kind”" },
        { "items of no register", PROCEDURE, "items: {field: code,", "items: {field: name,",
                        "items 的字段应当引用一个公开的名录" },
        { "items show what the register lacks", PROCEDURE, "shows: [title]}", "shows: [titel]}",
                        "名录“r”没有公开的字段“titel”" },
        { "a guide to what only staff may begin", PROCEDURE, "begin: {label: 开始, by: applicant",
                        "begin: {label: 开始, by: officer", "没有当事人可以开始办件的动作" },
        { "an unknown key in the head", PROCEDURE, "visible: always", "visable: always",
                        "p.yaml:3: 程序：不认识的键“visable”，是否想写“visible”？" },
        { "an unknown key in a version", PROCEDURE, "law: 某法", "lwa: 某法",
                        "p.yaml:7: 版本 V1：不认识的键“lwa”，是否想写“law”？" },
        { "an unknown key in a field", PROCEDURE, "type: money, min: 0", "type: money, mim: 0",
                        "p.yaml:19: 字段 amount：不认识的键“mim”" },
        { "an unknown key in an act", PROCEDURE, "pauses: answer}", "pause: answer}",
                        "p.yaml:30: 办理动作 hold：不认识的键“pause”，是否想写“pauses”？" },
        { "an unknown key in a clock", PROCEDURE, "expires: lapse", "expire: lapse",
                        "不认识的键“expire”，是否想写“expires”？" },
        { "an unknown key in a rule", PROCEDURE, "say: 类型不对", "says: 类型不对",
                        "不认识的键“says”" },
        { "a word out of place", PROCEDURE, "visible: always", "visible: sometimes",
                        "p.yaml:3: 程序：visible 不能是“sometimes”，只能是 always published never" },
        { "a bad identifier", PROCEDURE, "      held: 中止", "      Held: 中止",
                        "p.yaml:25: 状态：标识“Held”只能用小写字母、数字和下划线" },
        { "a missing label", PROCEDURE, "hold: {label: 中止, by", "hold: {by",
                        "p.yaml:30: 办理动作 hold：缺少 label" },
        { "a map where a text belongs", PROCEDURE, "law: 某法", "law: {a: b}",
                        "p.yaml:7: 版本 V1：law 应是一段文字" },
        { "a text where a map belongs", PROCEDURE, "lookups: {item: {register: r, key: code}}",
                        "lookups: x", "lookups 应是一组“名称: 内容”" },
        { "bad YAML has its line", PROCEDURE, "label: 程序", "label: 程序: 甲",
                        "p.yaml:2: 定义文件不是可读的 YAML：冒号的位置不对" },
        { "a file of nothing we know", REPORT, "report: annual", "raport: annual",
                        "annual.yaml:1: 看不出是什么定义" },
        { "a reader that is no role", REPORT, "figures:", "readers: [局长]\nfigures:",
                        "annual.yaml:4: 报告：标识“局长”只能用小写字母、数字和下划线" },
        { "no date", PROCEDURE, "effective: 2020-01-01", "effective: 2020年",
                        "p.yaml:6: 版本 V1：effective 应如 2019-05-15" },

        /* ---- fields ---- */
        { "an unknown type", PROCEDURE, "type: money", "type: monney",
                        "字段 amount：不认识的类型“monney”，是否想写“money”？" },
        { "an enum without options", PROCEDURE, "type: enum, options: {a: 甲, b: 乙}", "type: enum",
                        "p.yaml:17: 字段 kind：枚举没有选项（options）" },
        { "an option twice", PROCEDURE, "options: {a: 甲, b: 乙}", "options: [甲, 甲]",
                        "字段 kind：选项“甲”重复" },
        { "min above max", PROCEDURE, "type: money, min: 0", "type: money, min: 9, max: 1",
                        "字段 amount：min 大于 max" },
        { "a key that the type has not", PROCEDURE, "type: money, min: 0",
                        "type: money, options: {a: b}", "字段 amount：这种类型没有 options" },
        { "a ref to no register", PROCEDURE, "type: ref, register: r", "type: ref, register: q",
                        "p.yaml:18: 字段 code：没有名录“q”" },
        { "an identity number is never public", PROCEDURE, "type: resident_id, class: personal",
                        "type: resident_id, class: public", "字段 id_no：resident_id 不能公开" },
        { "a mask on what is not personal", PROCEDURE, "type: money, min: 0",
                        "type: money, mask: name", "只有 class: personal 的字段才用 mask" },
        { "a list more public than its items", PROCEDURE, "item: {who: {label: 人, type: text}}",
                        "class: public, item: {who: {label: 人, type: text, class: personal}}",
                        "字段 rows：列表的 class 不能比其中“who”更公开" },
        { "a field named like what is there already", PROCEDURE, "      amount: {label: 金额",
                        "      number: {label: 金额", "字段“number”与内置名称或 FEEL 关键字相同" },
        { "a field named like a lookup", PROCEDURE,
                        "lookups: {item:", "lookups: {name:", "名录引用“name”与另一个字段" },
        { "required outside a list", PROCEDURE, "kind: {label: 类型, type: enum,",
                        "kind: {label: 类型, type: enum, required: true,",
                        "字段 kind：只有列表里的字段才写 required" },
        { "an act that begins and moves", PROCEDURE, "starts: {answer: created_on}}",
                        "starts: {answer: created_on}, moves: name}", "不能写 moves" },
        { "a field that nobody fills", PROCEDURE, "takes: [id_no, code, amount, rows]",
                        "takes: [code, amount, rows]", "p.yaml:16: 字段 id_no：没有动作填写它" },
        { "any cannot be asked of a person", PROCEDURE, "takes: [id_no, code, amount, rows]",
                        "takes: [id_no, code, amount, rows, pool]",
                        "办理动作 begin：any 类型的字段“pool”不能由人填写" },

        /* ---- states and acts ---- */
        { "an unknown state", PROCEDURE, "from: held, to: open", "from: helt, to: open",
                        "办理动作 go_on：没有状态“helt”，是否想写“held”？" },
        { "an unreachable state", PROCEDURE, "from: open, to: held, pauses", "from: open, pauses",
                        "p.yaml:25: 状态 held：没有动作能到达" },
        { "a state without a way out", PROCEDURE, "from: held, to: open, resumes",
                        "from: held, resumes", "p.yaml:25: 状态 held：没有出口" },
        { "a way out of the end", PROCEDURE, "by: chief, from: open",
                        "by: chief, from: done, to: open",
                        "状态 done：是终结状态，却能经“extend”离开" },
        { "nothing begins", PROCEDURE, "from: new, to: open", "from: held, to: open",
                        "没有 from: new 的动作，办件无从开始" },
        { "an act that nobody may do", PROCEDURE, "label: 中止, by: officer,", "label: 中止,",
                        "p.yaml:30: 办理动作 hold：缺少 by，谁也不能做" },
        { "an act from nowhere", PROCEDURE, "by: chief, from: open,", "by: chief,",
                        "办理动作 extend：缺少 from" },
        { "a beginning that leads nowhere", PROCEDURE, "from: new, to: open", "from: new",
                        "办理动作 begin：from: new 的动作要写 to" },
        { "an unknown field is needed", PROCEDURE, "needs: [name, kind]", "needs: [nama, kind]",
                        "办理动作 begin：没有字段“nama”，是否想写“name”？" },
        { "a field both needed and taken", PROCEDURE, "takes: [id_no,", "takes: [name, id_no,",
                        "字段“name”同时在 needs 和 takes 中" },
        { "an unknown field is set", PROCEDURE, "day: today,", "dey: today,",
                        "没有字段“dey”，是否想写“day”？" },
        { "a value of another type is set", PROCEDURE, "day: today,", "day: name,",
                        "字段“day”要 date，表达式给的是 string" },
        { "separation from an act that is not there", PROCEDURE, "differs_from: [begin]",
                        "differs_from: [bigin]", "没有办理动作“bigin”" },
        { "within a clock that is not there", PROCEDURE, "by: chief, from: open,",
                        "by: chief, from: open, within: anser,",
                        "没有期限“anser”，是否想写“answer”？" },
        { "a condition without a sentence", PROCEDURE, "say: 类型不对, ", "",
                        "require 第 1 条：缺少 say" },
        { "a condition without an article is remarked", PROCEDURE, ", basis: 某法 第一条", "",
                        "提醒：办理动作 finish 的 require 第 1 条：没有写依据" },
        { "an otherwise in the middle", PROCEDURE, "from: open, to: held, pauses",
                        "from: open, to: [{to: held}, {to: open}], pauses",
                        "to 中只有最后一行可以没有 when" },
        { "only the program may do it, and nothing makes it", PROCEDURE, "expires: lapse, basis",
                        "basis",
                        "提醒：办理动作 lapse：只有 system 能做，但没有期限、opens 或 then 会引起它" },

        /* ---- expressions ---- */
        { "an expression that does not parse", PROCEDURE, "'kind = \"a\"'", "'kind = = \"a\"'",
                        "办理动作 finish 的 require 第 1 条 的 that：表达式 kind = = \"a\"：表达式写法不正确" },
        { "an expression with an unknown name", PROCEDURE, "'kind = \"a\"'", "'kynd = \"a\"'",
                        "表达式引用了没有声明的名称" },
        { "an expression of the wrong type", PROCEDURE, "'kind = \"a\"'", "'amount + 1'",
                        "表达式的类型不相符" },
        { "an act that was never declared", PROCEDURE, "'kind = \"a\"'", "'did.begun.count > 0'",
                        "表达式引用了没有声明的名称" },
        { "`value` outside a check", PROCEDURE, "'kind = \"a\"'", "'value = 1'",
                        "在这里不能用“value”" },
        { "`each` outside an indicator", PROCEDURE, "'kind = \"a\"'", "'each = 1'",
                        "在这里不能用“each”" },
        { "a row's name outside its row", PROCEDURE, "set: {title: name}}]}",
                        "each: rows, as: row, set: {title: row.who}}], warn: [{that: 'row = 1', say: x}]}",
                        "在这里不能用“row”" },
        { "each without as", PROCEDURE, "key: code, set: {title: name}",
                        "key: code, each: rows, set: {title: name}", "each 和 as 要一起写" },

        /* ---- clocks ---- */
        { "a clock without an article", PROCEDURE, "expires: lapse, basis: 某法 第二条}",
                        "expires: lapse}", "p.yaml:40: 期限 answer：没有写法律依据（basis）" },
        { "a length that nobody understands", PROCEDURE, "length: 20 working days",
                        "length: 20 workdays", "期限“20 workdays”看不懂" },
        { "no length", PROCEDURE, "length: 20 working days, ", "", "期限 answer：缺少 length" },
        { "a length of nothing", PROCEDURE, "length: 20 working days", "length: 0 days",
                        "期限“0 days”看不懂" },
        { "extended in another unit", PROCEDURE, "extend: 10 working days", "extend: 10 days",
                        "延长的单位应与期限的单位一致" },
        { "extended by nothing", PROCEDURE, "extend: 10 working days,", "",
                        "办理动作 extend：期限“answer”没有写可延长多久" },
        { "a clock that never starts", PROCEDURE, "rows], starts: {answer: created_on}}", "rows]}",
                        "期限 answer：没有动作让它起算" },
        { "paused for good", PROCEDURE, ", resumes: answer}", "}",
                        "有动作中止它（pauses），没有动作恢复它" },
        { "resumed without a pause", PROCEDURE, ", pauses: answer}", "}",
                        "有动作恢复它（resumes），没有动作中止它" },
        { "an unknown clock", PROCEDURE, "stops: answer", "stops: answr",
                        "没有期限“answr”，是否想写“answer”？" },
        { "expiry by an act that the program may not do", PROCEDURE, "label: 视为放弃, by: system",
                        "label: 视为放弃, by: officer",
                        "期限 answer：到期动作“lapse”的 by 中没有 system" },
        { "expiry that needs a field", PROCEDURE, "by: system, from: open, to: done",
                        "by: system, from: open, to: done, needs: [name]",
                        "到期动作“lapse”有 needs" },
        { "red before yellow", PROCEDURE, "expires: lapse,", "expires: lapse, yellow: 2, red: 5,",
                        "red 不应大于 yellow" },
        { "hours from a day", PROCEDURE, "length: 20 working days, extend: 10 working days",
                        "length: 20 hours, extend: 10 hours",
                        "办理动作 begin 的 starts：按小时计的期限要从时刻（datetime）起算" },
        { "a start that is no date", PROCEDURE, "rows], starts: {answer: created_on}}",
                        "rows], starts: {answer: name}}", "期限的起算日应是日期" },

        /* ---- what strangers see ---- */
        { "a draw's file that nobody publishes", PROCEDURE, "    publications:\n",
                        "    draw: {announced: kind, file: name, fault: name}\n    publications:\n",
                        "draw：没有公示显示字段“kind”" },
        { "a draw of fields that are not there", PROCEDURE, "    publications:\n",
                        "    draw: {announced: name, file: nobody, fault: name}\n    publications:\n",
                        "没有字段“nobody”" },
        { "a draw without its reason", PROCEDURE, "    publications:\n",
                        "    draw: {announced: name, file: name}\n    publications:\n",
                        "缺少 fault" },
        { "a draw that is published for a time", PROCEDURE,
                        "    publications:\n      notice: {label: 公示,",
                        "    draw: {announced: name, file: name, fault: name}\n"
                        "    publications:\n      notice: {days: 30, label: 公示,",
                        "公示 notice：抽取的公示（含作废的）没有期限" },
        { "a publication of an internal field", PROCEDURE, "shows: [name]", "shows: [name, kind]",
                        "公示 notice：不能公开字段“kind”" },
        { "a publication of a personal field", PROCEDURE, "shows: [name]", "shows: [id_no]",
                        "公示 notice：不能公开字段“id_no”" },
        { "a text to read that is not shown", PROCEDURE, "shows: [name]",
                        "shows: [], reads: [name]",
                        "公示 notice：reads 中的“name”应当是 shows 中的文字" },
        { "a text to read that is none", PROCEDURE, "shows: [name]", "shows: [name], reads: [kind]",
                        "公示 notice：reads 中的“kind”应当是 shows 中的文字" },
        { "a mask on what is public", PROCEDURE, "masked: {id_no: resident_id}",
                        "masked: {name: name}", "字段“name”不是个人信息，不用脱敏" },
        { "an unknown mask", PROCEDURE, "masked: {id_no: resident_id}", "masked: {id_no: stars}",
                        "不认识的脱敏方式“stars”" },
        { "a title with a personal field", PROCEDURE, "title: name\n", "title: 'id_no'\n",
                        "p.yaml:9: 标题不能用“id_no”：是不公开的字段" },
        { "a title with what was there before", PROCEDURE, "title: name\n", "title: before.kind\n",
                        "标题不能用“before.kind”" },
        { "a title with another matter's fields", PROCEDURE, "title: name\n",
                        "title: parent.name\n", "标题不能用“parent”：是其他办件的字段" },
        { "a public document with an internal field", PROCEDURE, "text: '{{name}}'",
                        "text: '{{kind}}'", "是公开文书，正文不能用不公开的字段“kind”" },
        { "a document with a name nobody knows", PROCEDURE, "text: '{{name}}'", "text: '{{nmae}}'",
                        "正文用到的“nmae”既不是字段，也不是内置名称" },
        { "a document to somebody nobody knows", PROCEDURE,
                        "class: public, text:", "class: public, to: [applicant, ofice], text:",
                        "p.yaml:46: 文书 paper：发给“ofice”，但没有这样的当事人或者岗位" },
        { "a document to the program", PROCEDURE, "class: public, text:",
                        "class: public, to: system, text:", "发给“system”" },
        { "a document to a name that is none", PROCEDURE,
                        "class: public, text:", "class: public, to: 申请人, text:",
                        "文书 paper：标识“申请人”只能用小写字母、数字和下划线" },
        { "a document to somebody sometimes, by a condition that is none", PROCEDURE,
                        "class: public, text:",
                        "class: public, to: {applicant: 'amount + 1'}, text:",
                        "表达式的类型不相符" },
        { "a document that is no template", PROCEDURE, "text: '{{name}}'", "text: '{{#name}}'",
                        "p.yaml:46: 文书 paper" },
        { "a document that is never issued", PROCEDURE, "document: paper, ", "",
                        "提醒：文书 paper：没有动作出具它" },
        { "a publication that never happens", PROCEDURE, ", publishes: notice", "",
                        "提醒：公示 notice：没有动作公示它" },
        { "personal data into a public register", PROCEDURE, "set: {title: name}",
                        "set: {title: id_no}",
                        "提醒：办理动作 finish：把个人信息“id_no”写入公开名录 r 的 title" },

        /* ---- tables ---- */
        { "a table of an unknown hit policy", PROCEDURE, "hit: U", "hit: Q",
                        "p.yaml:43: 决策表 fine：命中策略“Q”只能是" },
        { "a table without rules", PROCEDURE, "rules: [['<= 10', 0], ['> 10', 'x * 2']]",
                        "rules: []", "决策表 fine：缺少 rules" },
        { "a rule with a cell too few", PROCEDURE, "['<= 10', 0]", "['<= 10']",
                        "p.yaml:44: 决策表 fine：每行应有 1 个条件和 1 个结果" },
        { "an input of an unknown type", PROCEDURE, "inputs: {x: number}", "inputs: {x: nomber}",
                        "类型“nomber”只能是 text、number" },
        { "a cell that does not parse", PROCEDURE, "'x * 2'", "'x * '",
                        "p.yaml:44: 决策表 fine：fine 第2行" },
        { "a cell of another type", PROCEDURE, "['<= 10', 0]", "['<= 10', '\"a\"']",
                        "p.yaml:44: 决策表 fine：fine 第1行" },
        { "a gap in a table is remarked", PROCEDURE, "['<= 10', 0]", "['< 10', 0]",
                        "提醒：决策表 fine：没有一行管" },
        { "an overlap in a table is remarked", PROCEDURE, "['<= 10', 0]", "['<= 11', 0]",
                        "提醒：决策表 fine：第 1 行和第 2 行都管" },
        { "a gap between numbers is one, between integers none", PROCEDURE,
                        "inputs: {x: number}, output: number,\n             rules: [['<= 10', 0], ['> 10'",
                        "inputs: {x: integer}, output: number,\n             rules: [['<= 9', 0], ['>= 11'",
                        "提醒：决策表 fine：没有一行管 x (9..11)" },
        { "a table called with another type", PROCEDURE, "fine(amount)", "fine(kind)",
                        "表达式的类型不相符" },
        { "a table named like a function", PROCEDURE, "      fine: {", "      sha256: {",
                        "决策表“sha256”与内置函数同名" },

        /* ---- numbers ---- */
        { "a number without a counter", PROCEDURE, "{n}号", "号", "{n} 应当正好出现一次" },
        { "a number with an unknown token", PROCEDURE, "{year}", "{yaer}",
                        "编号格式中不认识的“{yaer}”" },
        { "an open brace in a number", PROCEDURE, "{n}号", "{n}号{", "编号格式的花括号没有配对" },
        { "two counters", PROCEDURE, "{n}号", "{n}{n:4}号", "{n} 应当正好出现一次" },
        { "a matter's number that names itself", PROCEDURE, "{year}", "{number}",
                        "编号格式中不认识的“{number}”" },
        { "a field that a number cannot hold", PROCEDURE, "{year}", "{rows}",
                        "编号格式中的字段“rows”应是文字（max 不超过 60）、选项、整数或者日期" },
        { "a text that is too long for a number", PROCEDURE, "{year}", "{name}",
                        "编号格式中的字段“name”应是文字（max 不超过 60）" },
        { "a personal field in a number", PROCEDURE, "{year}", "{day}",
                        "编号不能用字段“day”：编号谁都看得到" },
        { "a personal field in a number that only staff see", PROCEDURE,
                        "visible: always\nversions:\n  - version: V1\n    effective: 2020-01-01\n"
                        "    law: 某法\n    number: '{prefix}〔{year}〕",
                        "visible: never\nversions:\n  - version: V1\n    effective: 2020-01-01\n"
                        "    law: 某法\n    number: '{prefix}〔{day}〕",
                        "编号不能用字段“day”" },
        { "an internal field in a number that strangers see", PROCEDURE, "{year}", "{kind}",
                        "编号不能用字段“kind”" },
        { "a paper's number without a counter that is issued again", PROCEDURE,
                        "paper: {label: 文书,", "paper: {label: 文书, number: 'K{number}',",
                        "文书 paper：编号没有 {n}，一件里只能出具一次" },
        { "a paper's number with neither counter nor matter", PROCEDURE, "paper: {label: 文书,",
                        "paper: {label: 文书, number: 'K{year}',",
                        "{n} 应当正好出现一次（用 {number} 的文书可以没有）" },
        { "a paper's number with a personal field", PROCEDURE, "paper: {label: 文书,",
                        "paper: {label: 文书, number: '{day}-{n}',", "编号不能用字段“day”" },

        /* ---- others ---- */
        { "a lookup in no register", PROCEDURE, "{item: {register: r,", "{item: {register: q,",
                        "名录引用 item：没有名录“q”" },
        { "a write to no register", PROCEDURE, "[{register: r, key: code",
                        "[{register: q, key: code", "没有名录“q”" },
        { "a write of no field", PROCEDURE, "set: {title: name}", "set: {titel: name}",
                        "没有名录字段“titel”，是否想写“title”？" },
        { "a write without a key", PROCEDURE, "register: r, key: code, set", "register: r, set",
                        "办理动作 finish 的 writes：缺少 key" },
        { "an end that also sets", PROCEDURE, "set: {title: name}",
                        "set: {title: name}, end: today",
                        "end 不能和 set、amend、from、until 一起写" },
        { "opening what is not there", PROCEDURE, "stops: answer,\n",
                        "stops: answer, opens: [{procedure: q, act: begin}],\n", "没有程序“q”" },
        { "opening with an act that does not begin", PROCEDURE, "stops: answer,\n",
                        "stops: answer, opens: [{procedure: p, act: hold}],\n",
                        "程序 p（V1）没有 from: new 的动作“hold”" },
        { "handing over what is not taken", PROCEDURE, "stops: answer,\n",
                        "stops: answer, opens: [{procedure: p, act: begin, with: {day: today}}],\n",
                        "p.begin 不收字段“day”" },
        { "not handing over what is needed", PROCEDURE, "stops: answer,\n",
                        "stops: answer, opens: [{procedure: p, act: begin, with: {name: name}}],\n",
                        "p.begin 需要字段“kind”，with 中没有" },
        { "opening with an act that only people do", PROCEDURE, "stops: answer,\n",
                        "stops: answer, opens: [{procedure: p, act: begin}],\n",
                        "p.begin 的 by 中没有 system" },
        { "telling a parent that cannot be", PROCEDURE, "stops: answer,\n",
                        "stops: answer, then: [{act: hold}],\n", "没有程序会开启本程序" },
        { "telling a parent that may be done", PROCEDURE, "stops: answer,\n",
                        "stops: answer, then: [{act: hold}],\n              opens: [{procedure: p, "
                        "act: begin, with: {name: name, kind: kind}}],\n",
                        "办理动作 finish：then 没有 when，上级办件办结" },

        { "hidden from a party and open to all", PROCEDURE, "by: chief, from: open,",
                        "by: chief, private: true, from: open,",
                        "办理动作 extend：private 只用于 visible: never 的程序" },
        { "hidden, but not what it leads to", PROCEDURE, "by: officer, from: open, to: held,",
                        "by: officer, private: true, from: open, to: held,",
                        "办理动作 hold：private 的动作不能写 to" },
        { "hidden, but not the term that it extends", PROCEDURE, "by: chief, from: open,",
                        "by: chief, private: true, from: open,",
                        "办理动作 extend：private 的动作不能改变期限或者移交" },
        { "hidden, but not to which unit it goes", PROCEDURE, "      lapse: {",
                        "      pass: {label: 移交, by: officer, from: open, private: true, moves: name}\n      lapse: {",
                        "办理动作 pass：private 的动作不能改变期限或者移交" },
        { "hidden, but not what is published", PROCEDURE, "by: officer, from: open, to: done,",
                        "by: officer, private: true, from: open, to: done,",
                        "办理动作 finish：private 的动作不能公示或者撤下公示" },

        /* ---- registers ---- */
        { "a register without a key", REGISTER, "key: code\n", "", "r.yaml:1: 名录 r：缺少 key" },
        { "a register without keepers", REGISTER, "keepers: [keeper]\n", "",
                        "名录 r：缺少 keepers（没有就写 []）" },
        { "a rule for the end that reads nothing", REGISTER, "public: true\n",
                        "public: true\nends: [{that: 'cuont = 0', say: 还有数量}]\n",
                        "名录 r 的 ends 第 1 条 的 that" },
        { "a rule for the end without a sentence", REGISTER, "public: true\n",
                        "public: true\nends: [{that: 'count = 0'}]\n",
                        "名录 r 的 ends 第 1 条：缺少 say" },
        { "a register's ref to no register", REGISTER, "type: integer", "type: ref, register: q",
                        "r.yaml:8: 字段 count：没有名录“q”" },
        { "a key that is a number", REGISTER, "key: code", "key: count",
                        "键字段“count”应是文字类型" },

        /* ---- indicators ---- */
        { "counting what is not there", INDICATORS, "count: p", "count: q",
                        "i.yaml:2: 指标 A：没有程序“q”" },
        { "counting by a field that is not there", INDICATORS,
                        "kind =", "sort =", "i.yaml:2: 指标 A（V1） 的 where" },
        { "no date", INDICATORS, ", date: created_on", "", "指标 A：缺少 date" },
        { "an operand that is not there", INDICATORS, "ratio: [A, A]", "ratio: [A, Z]",
                        "i.yaml:3: 指标 B：没有指标“Z”" },
        { "a ratio of itself", INDICATORS, "ratio: [A, A]", "ratio: [A, B]",
                        "指标 B：算来算去绕回了自己" },
        { "a ratio of three", INDICATORS, "ratio: [A, A]", "ratio: [A, A, A]",
                        "ratio 应写 2 个指标编号" },
        { "adding up nothing", INDICATORS, ", sum: count", "", "指标 C：缺少 sum" },
        { "no register", INDICATORS, "sum_entries: r", "sum_entries: q", "指标 C：没有名录“q”" },
        { "nothing to work out", INDICATORS, "ratio: [A, A], ", "", "指标 B：没有写算什么" },
        { "a version that is not there", INDICATORS, "count: p", "count: p, versions: [V9]",
                        "指标 A：没有版本“V9”" },

        /* ---- reports ---- */
        { "a figure twice", REPORT, "id: F2", "id: F1", "annual.yaml:6: 报告数据 F1：编号重复" },
        { "a figure of nothing", REPORT, ", indicator: A", "", "indicator 和 parameter 要写一个" },
        { "a figure that shows nothing", REPORT, "共{value}件", "共件", "text 里没有 {value}" },
        { "a parameter that is not there", REPORT, "p.days", "p.weeks",
                        "提醒：报告数据 F2：没有参数“p.weeks”" },
};

static void test_rows(void **state)
{
        (void)state;
        size_t wrong = 0;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                wrong += !row_holds(&rows[i]);
        assert_int_equal(wrong, 0);
}

/* A figure may name an indicator that nobody defines yet: it prints 未纳入. */
static void test_unknown_figure(void **state)
{
        (void)state;
        _cleanup_(arena_close) struct arena *arena = arena_open();
        struct str texts[4] = { str_of(sound), str_of(sound_register), str_of(sound_indicators),
                spoil(arena, sound_report, "indicator: A", "indicator: CD1") };
        struct str problems;
        struct err err;
        assert_true(load(arena, texts, STR_LIT(""), &problems, &err));
        assert_int_equal(problems.n, 0);
}

/* ---- Versions ---- */

/* Each row is appended to the sound procedure as further versions. */
static void test_versions(void **state)
{
        static const struct {
                const char *why, *versions, *problem; /* "" = none */
        } versions[] = {
                { "takes all of its base", "  - {version: V2, effective: 2021-01-01, base: V1}\n",
                                "" },
                { "no such base", "  - {version: V2, effective: 2021-01-01, base: V9}\n",
                                "p.yaml:58: base：没有版本“V9”" },
                { "a base that comes round",
                                "  - {version: V2, effective: 2021-01-01, base: V3}\n"
                                "  - {version: V3, effective: 2022-01-01, base: V2}\n",
                                "base：版本“V2”绕回了自己" },
                { "out of order", "  - {version: V2, effective: 2019-01-01, base: V1}\n",
                                "p.yaml:58: 版本 V2：施行日期应晚于前一版本 V1" },
                { "the same day", "  - {version: V2, effective: 2020-01-01, base: V1}\n",
                                "施行日期应晚于前一版本" },
                { "the same name", "  - {version: V1, effective: 2021-01-01, base: V1}\n",
                                "版本“V1”重复" },
                { "what an heir breaks is told of the heir",
                                "  - {version: V2, effective: 2021-01-01, base: V1,\n"
                                "     acts: {go_on: {to: null}}}\n",
                                "p.yaml:25: 状态 held：没有出口；如果到此为止，请写 final: true（版本 V2）" },
                { "an indicator must suit every version",
                                "  - {version: V2, effective: 2021-01-01, base: V1, fields: {kind: null},\n"
                                "     acts: {begin: {needs: [name]}, finish: {require: null}}}\n",
                                "i.yaml:2: 指标 A（V2） 的 where" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(versions); i++) {
                _cleanup_(arena_close) struct arena *arena = arena_open();
                struct str texts[4] = {
                        str_format(arena, "%s%s", sound, versions[i].versions),
                        str_of(sound_register),
                        str_of(sound_indicators),
                        str_of(sound_report),
                };
                struct str problems;
                struct err err;
                print_message("# %s\n", versions[i].why);
                bool ok = load(arena, texts, STR_LIT(""), &problems, &err);
                if (ok != (versions[i].problem[0] == '\0') ||
                                str_find(problems, str_of(versions[i].problem)) == SIZE_MAX)
                        fail_msg("want: %s\nhave: %.*s", versions[i].problem, STR_FMT(problems));
        }
}

/* ---- Several files ---- */

static void test_doubles(void **state)
{
        static const struct {
                const char *why, *extra, *problem;
        } doubles[] = {
                { "two procedures of one name", sound, "extra.yaml:1: 程序“p”在另一个文件中已有" },
                { "two registers of one name", sound_register,
                                "extra.yaml:1: 名录“r”在另一个文件中已有" },
                { "an indicator twice", sound_indicators,
                                "extra.yaml:2: 指标“A”在另一个文件中已有" },
                { "a report twice", sound_report, "extra.yaml:1: 报告“annual”在另一个文件中已有" },
                { "a procedure in another's file", "procedure: other\n",
                                "extra.yaml:1: 程序“other”的文件应名为 other.yaml" },
                { "a register in another's file", "register: other\n",
                                "extra.yaml:1: 名录“other”的文件应名为 other.yaml" },
                { "no ground of erasure", "erasure_grounds: {}\n",
                                "extra.yaml:1: 删除情形：一项也没有" },
                { "a ground without its article", "erasure_grounds:\n  \"1\": {say: 目的已实现}\n",
                                "extra.yaml:2: 删除情形 1：缺少 basis" },
                { "bad text", "procedure: \xFF\n", "extra.yaml:1: 文字编码不是有效的 UTF-8" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(doubles); i++) {
                _cleanup_(arena_close) struct arena *arena = arena_open();
                const struct str texts[4] = { str_of(sound), str_of(sound_register),
                        str_of(sound_indicators), str_of(sound_report) };
                struct str problems;
                struct err err;
                print_message("# %s\n", doubles[i].why);
                assert_false(load(arena, texts, str_of(doubles[i].extra), &problems, &err));
                if (str_find(problems, str_of(doubles[i].problem)) == SIZE_MAX)
                        fail_msg("%.*s", STR_FMT(problems));
        }
}

/* Everything wrong is told at once, in the order of the files and lines. */
static void test_all_at_once(void **state)
{
        (void)state;
        _cleanup_(arena_close) struct arena *arena = arena_open();
        struct str text = spoil(arena, sound, "law: 某法", "lwa: 某法");
        text = spoil(arena, str_c(arena, text), "visible: always", "visible: x");
        const struct str texts[4] = { text, spoil(arena, sound_register, "label: 名录\n", ""),
                str_of(sound_indicators), str_of(sound_report) };
        struct str problems;
        struct err err;
        assert_false(load(arena, texts, STR_LIT(""), &problems, &err));
        assert_string_equal(str_c(arena, problems),
                        "p.yaml:3: 程序：visible 不能是“x”，只能是 always published never\n"
                        "p.yaml:5: 版本 V1：缺少 law\n"
                        "p.yaml:7: 版本 V1：不认识的键“lwa”，是否想写“law”？\n"
                        "r.yaml:1: 名录 r：缺少 label\n");
        assert_int_equal(err.code, E_DEFINITION_FAULT);
        assert_string_equal(err.field, "p.yaml:3");
}

/* ---- Posts ---- */

static const char role_names[] = "roles: {officer: 承办人, keeper: 管理员, chief: 负责人}\n"
                                 "parties: {court: 法院}\n";

static void test_roles(void **state)
{
        (void)state;
        static const struct {
                const char *why, *from, *to, *problem;
        } cases[] = {
                { "sound", "court", "court", "" },
                { "a post without a name", "officer: 承办人, ", "",
                                "提醒：办理动作 hold：岗位“officer”在岗位名称里没有" },
                { "a post that is a party", "keeper: 管理员, chief: 负责人}\nparties: {",
                                "keeper: 管理员}\nparties: {chief: 负责人, ",
                                "提醒：办理动作 extend：岗位“chief”在岗位名称里没有" },
                { "two posts of one name", "管理员", "承办人",
                                "岗位 keeper：与 officer 同名“承办人”" },
                { "a key nobody knows", "parties", "partys",
                                "岗位：不认识的键“partys”，是否想写“parties”？" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                _cleanup_(arena_close) struct arena *arena = arena_open();
                const struct str texts[4] = { str_of(sound), str_of(sound_register),
                        str_of(sound_indicators), str_of(sound_report) };
                struct str problems;
                struct err err;
                load(arena, texts, spoil(arena, role_names, cases[i].from, cases[i].to), &problems,
                                &err);
                if (str_find(problems, str_of(cases[i].problem)) == SIZE_MAX ||
                                (problems.n == 0) != (cases[i].problem[0] == '\0'))
                        fail_msg("%s: %.*s", cases[i].why, STR_FMT(problems));
        }
}

/* A field of posts offers those of the file, never a party; without a file it takes any text. */
static void test_options_of_roles(void **state)
{
        (void)state;
        _cleanup_(arena_close) struct arena *arena = arena_open();
        const struct definition_source sources[] = {
                { STR_LIT("staff.yaml"),
                                STR_LIT("register: staff\nlabel: 人员\nkey: id\nkeepers: []\n"
                                        "public: false\nfields:\n"
                                        "  post: {label: 岗位, type: enum, options: roles}\n"
                                        "  posts: {label: 岗位, type: enum_set, options: roles}\n") },
                { STR_LIT("roles.yaml"), str_of(role_names) },
        };
        struct catalogue with, without;
        struct str problems;
        struct err err;
        assert_true(catalogue_load(arena, sources, 2, &with, &problems, &err));
        assert_true(catalogue_load(arena, sources, 1, &without, &problems, &err));
        for (size_t i = 0; i < 2; i++) {
                const struct field *field = &with.registers[0]->fields[1 + i]; /* behind `id` */
                assert_int_equal(field->type, i == 0 ? FIELD_ENUM : FIELD_ENUM_SET);
                assert_int_equal(field->n_options, 3);
                assert_string_equal(str_c(arena, field->options[1].label), "管理员");
                assert_int_equal(without.registers[0]->fields[1 + i].type,
                                i == 0 ? FIELD_TEXT : FIELD_LIST);
        }
        assert_string_equal(str_c(arena, catalogue_role(&with, STR_LIT("court"))), "法院");
        assert_string_equal(str_c(arena, catalogue_role(&with, STR_LIT("nobody"))), "nobody");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sound),
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_unknown_figure),
                cmocka_unit_test(test_versions),
                cmocka_unit_test(test_doubles),
                cmocka_unit_test(test_all_at_once),
                cmocka_unit_test(test_roles),
                cmocka_unit_test(test_options_of_roles),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
