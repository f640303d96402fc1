/* web/test_office.h - a workbench to test: a procedure with every kind of field, and clerks of
 * three units. */
#ifndef WEB_TEST_OFFICE_H
#define WEB_TEST_OFFICE_H

#include "account/account.h"
#include "web/test_browser.h"

/* Every kind of field; nobody but the clerks of a unit sees it. */
static const char every_case[] =
                "procedure: every_case\n"
                "label: 全部字段\n"
                "visible: never\n"
                "versions:\n"
                "  - version: E1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '全〔{year}〕{n}号'\n"
                "    title: topic\n"
                "    parties: {applicant: 申请人}\n"
                "    parameters: {limit: {value: 3, label: 上限}}\n"
                "    fields:\n"
                "      topic: {label: 事由, type: text, max: 20, help: 一句话}\n"
                "      memo: {label: 经过, type: long_text, max: 500}\n"
                "      n: {label: 件数, type: integer, min: 0}\n"
                "      share: {label: 比例, type: decimal}\n"
                "      fee: {label: 金额, type: money}\n"
                "      urgent: {label: 是否紧急, type: bool}\n"
                "      on_day: {label: 发生日期, type: date}\n"
                "      at_time: {label: 发生时间, type: datetime}\n"
                "      kind: {label: 类别, type: enum, options: {a: 甲类, b: 乙类}}\n"
                "      many: {label: 多类, type: enum, options: [一, 二, 三, 四, 五, 六, 七]}\n"
                "      marks: {label: 标记, type: enum_set, options: {x: 子, y: 丑}}\n"
                "      id_no: {label: 证件号码, type: resident_id, class: personal}\n"
                "      who: {label: 名册人员, type: ref, register: people}\n"
                "      officer: {label: 经办人, type: staff}\n"
                "      place: {label: 单位, type: unit}\n"
                "      proof: {label: 证据, type: file}\n"
                "      names: {label: 名单, type: list}\n"
                "      applicant_name: {label: 申请人姓名, type: text, max: 50, class: personal}\n"
                "      same_key: {label: 同一人标记, type: text}\n"
                "      frozen: {label: 冻结内容, type: any}\n"
                "      stages:\n"
                "        label: 阶段\n"
                "        type: list\n"
                "        item:\n"
                "          name: {label: 名称, type: text, max: 20, required: true}\n"
                "          on_day: {label: 日期, type: date}\n"
                "    states: {open: 办理中, waiting: 等待中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 登记, by: clerk, from: new, to: open, needs: [topic],\n"
                "              takes: [memo, n, share, fee, urgent, on_day, at_time, kind, many, marks,\n"
                "                      id_no, who, officer, place, proof, names, stages, applicant_name], starts: work,\n"
                "              set: {same_key: 'if id_no = null then null else id_no + \"/\" + topic', frozen: '{a: 1}'}}\n"
                "      receive: {label: 收件, by: clerk, from: new, to: open, needs: [topic, memo], document: answer}\n"
                "      enter: {label: 转入, by: clerk, from: new, to: open, needs: [topic, kind], takes: [memo, n, stages],\n"
                "              require: [{that: 'kind != \"b\" or memo != null', say: 乙类要写经过, basis: 试验办法 第五条},\n"
                "                        {that: 'n = null or n <= limit or memo != null', say: 件数多的要写经过, basis: 试验办法 第六条},\n"
                "                        {that: 'stages = null or (every s in stages satisfies s.name != \"复审\" or s.on_day != null)',\n"
                "                         say: 复审要有日期, basis: 试验办法 第七条}]}\n"
                "      note: {label: 批注, by: clerk, from: open, takes: [memo]}\n"
                "      finish: {label: 办结, by: clerk, from: open, to: done, stops: work,\n"
                "               require: [{that: 'memo != null', say: 要先写经过, basis: 试验办法 第二条}]}\n"
                "      stamp: {label: 盖章, by: clerk, from: open}\n"
                "      approve: {label: 批准, by: head, from: open}\n"
                "      wait: {label: 等待, by: clerk, from: open, to: waiting}\n"
                "      go_on: {label: 恢复, by: clerk, from: waiting, to: open}\n"
                "      child: {label: 下级登记, by: system, from: new, to: open, needs: [topic]}\n"
                "      spawn: {label: 交办, by: clerk, from: open,\n"
                "              opens: [{procedure: every_case, act: child, with: {topic: '\"下级\" + topic'}}]}\n"
                "      hand_over: {label: 改派, by: clerk, from: open, needs: [officer, memo], assigns: officer}\n"
                "      phase: {label: 排期, by: clerk, from: open, needs: [stages],\n"
                "              require: [{that: 'every s in stages satisfies s.on_day != null', say: 每一阶段都要有日期, basis: 试验办法 第四条}]}\n"
                "      replace: {label: 换证据, by: clerk, from: open, needs: [memo, proof]}\n"
                "      amend: {label: 更正证件, by: clerk, from: open, takes: [id_no, memo], document: letter}\n"
                "      step_back: {label: 回避, by: clerk, from: open, needs: [officer], recuses: officer}\n"
                "      reply: {label: 答复, by: clerk, from: open, needs: [memo], takes: [fee], document: answer,\n"
                "              require: [{that: 'fee = null or fee <= limit', say: 金额超过上限, basis: 试验办法 第三条}]}\n"
                "    clocks:\n"
                "      work: {label: 办理期限, length: 3 working days, paused_in: [waiting], basis: 试验办法 第一条}\n"
                "    documents:\n"
                "      answer:\n"
                "        label: 答复书\n"
                "        number: '{prefix}答〔{year}〕{n}号'\n"
                "        text: |\n"
                "          答复书\n"
                "          {{document_number}}\n"
                "          关于{{topic}}：{{memo}}\n"
                "          {{today|zh}}\n"
                "      letter: {label: 更正书, text: '更正为{{id_no}}'}\n";

/* Begins a matter as the browser's user; its address. */
static inline const char *begin(struct browser *b, const char *topic)
{
        struct str form = look(b, "/work/new/every_case/begin");
        struct str key = between(form, "name=\"key\" value=\"", '"');
        struct str answer = POST(b, "/work/new/every_case/begin", "key", str_c(town->arena, key),
                        "do", "do", "f.topic", topic);
        if (test_status(answer) != 303)
                fail_msg("%s", str_c(town->arena, answer));
        struct str rest = location(answer);
        return str_c(town->arena, str_split(&rest, '?'));
}

/* The form of `begin` with an attached file; `verb`: what the button does. */
static inline struct str post_file(struct browser *b, const char *address, const char *file_name,
                struct str bytes, const char *verb)
{
        struct buf body = BUF(town->arena);
        const char *const pairs[] = { "token", str_c(town->arena, b->token), "do", verb, "f.topic",
                "有附件的" };
        for (size_t i = 0; i < N_ELEMENTS(pairs); i += 2)
                buf_format(&body,
                                "--X\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                                pairs[i], pairs[i + 1]);
        buf_format(&body,
                        "--X\r\nContent-Disposition: form-data; name=\"f.proof\"; filename=\"%s\"\r\n"
                        "Content-Type: application/pdf\r\n\r\n",
                        file_name);
        buf_str_add(&body, bytes);
        buf_c(&body, "\r\n--X--\r\n");
        return ask(b, "POST", address, "Content-Type: multipart/form-data; boundary=X\r\n",
                        buf_str(&body));
}

static inline void add_staff_as(
                const char *id, const char *name, const char *unit, const char *role)
{
        struct buf json = BUF(town->arena);
        buf_format(&json, "{\"id\":\"%s\",\"name\":\"%s\",\"unit\":\"%s\",\"roles\":[\"%s\"]}%c",
                        id, name, unit, role, '\0');
        test_do(town, "register:staff.put", "system", json.p);
        test_must(town, account_set_password(town->arena, town->desk, str_of(id), STR_LIT(PASSWORD),
                                        false, town->now, &town->err));
}

static inline void add_staff(const char *id, const char *name, const char *unit)
{
        add_staff_as(id, name, unit, "clerk");
}

/* With two procedures more, or NULL. */
static inline void office_open_with(const struct definition_source *two)
{
        const struct definition_source none = { STR_LIT(""), { NULL, 0 } };
        const struct definition_source more[] = {
                { STR_LIT("procedures/every_case.yaml"), { every_case, sizeof(every_case) - 1 } },
                two != NULL ? two[0] : none, two != NULL ? two[1] : none
        };
        town = test_open_with(more, true);
        test_people(town);
        test_do(town, "register:units.put", "system",
                        "{\"id\":\"east\",\"name\":\"东区司法局\",\"parent\":\"bureau\"}");
        test_do(town, "register:units.put", "system",
                        "{\"id\":\"west\",\"name\":\"西区司法局\",\"parent\":\"bureau\"}");
        add_staff("s01", "局员", "bureau");
        add_staff("e01", "东员", "east");
        add_staff("w01", "西员", "west");
        add_staff("lock", "锁员", "west");
}

static inline void office_open(void)
{
        office_open_with(NULL);
}

#endif
