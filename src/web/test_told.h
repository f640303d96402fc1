/* web/test_told.h - a matter that asks others, each in a sub-matter of his own, and tells those who
 * were against it what was decided. For the tests of this room. */
#ifndef WEB_TEST_TOLD_H
#define WEB_TEST_TOLD_H

static const char asking_case[] =
                "procedure: asking_case\n"
                "label: 征询事项\n"
                "line: '1'\n"
                "visible: never\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '征〔{year}〕{n}号'\n"
                "    title: '\"征询事项\"'\n"
                "    parties: {applicant: 申请人}\n"
                "    fields:\n"
                "      who: {label: 申请人姓名, type: text, class: personal}\n"
                "      why: {label: 理由, type: text}\n"
                "      asked: {label: 征询谁, type: list, class: personal,\n"
                "              item: {name: {label: 姓名, type: text, class: personal}, unit: {label: 单位, type: text}}}\n"
                "    states: {open: 已受理, done: {label: 已答复, final: true}}\n"
                "    acts:\n"
                "      apply: {label: 申请, by: [applicant, clerk], from: new, to: open, needs: [who, asked],\n"
                "              opens: [{procedure: asked_case, act: ask, each: asked, as: one, with: {name: one.name}, unit: one.unit}]}\n"
                "      answer: {label: 答复, by: clerk, from: open, to: done, needs: [why], document: reply,\n"
                "               then: [{on: children, procedure: asked_case, as: one, act: told, with: {why: why},\n"
                "                       when: 'one.state = \"given\" and one.opinion = \"不同意\"'}]}\n"
                "    documents:\n"
                "      reply: {label: 答复书, to: applicant, text: '{{who}}：理由是{{why}}'}\n";

static const char asked_case[] =
                "procedure: asked_case\n"
                "label: 被征询\n"
                "line: '1'\n"
                "visible: never\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '询〔{year}〕{n}号'\n"
                "    title: '\"被征询\"'\n"
                "    parties: {neighbour: 相邻人}\n"
                "    fields:\n"
                "      name: {label: 姓名, type: text, class: personal}\n"
                "      opinion: {label: 意见, type: enum, options: [同意, 不同意]}\n"
                "      why: {label: 理由, type: text}\n"
                "    states: {open: 待答复, given: {label: 已回复, final: true}}\n"
                "    acts:\n"
                "      ask: {label: 征询, by: system, from: new, to: open, needs: [name], document: question}\n"
                "      give: {label: 回复, by: [neighbour, clerk], from: open, to: given, needs: [opinion]}\n"
                "      told: {label: 告知决定, by: system, from: given, needs: [why], document: notice}\n"
                "    documents:\n"
                "      question: {label: 征询函, to: neighbour, text: '{{name}}：是否同意'}\n"
                "      notice: {label: 决定告知书, to: neighbour, number: '告〔{year}〕{n}号', text: '{{name}}：因{{why}}决定办理'}\n";

#define TOLD_DEFINITIONS                                                                           \
        { STR_LIT("procedures/asking_case.yaml"), { asking_case, sizeof(asking_case) - 1 } },      \
        {                                                                                          \
                STR_LIT("procedures/asked_case.yaml"),                                             \
                {                                                                                  \
                        asked_case, sizeof(asked_case) - 1                                         \
                }                                                                                  \
        }

#endif
