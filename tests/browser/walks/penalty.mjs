// A complaint about a lawyer becomes a case: notice, hearing on its day, legal review, discussion,
// decision, service, publication. Days pass in a bureau of its own.
import { daysOn, today } from "../lib.mjs";
import { act, begin, doAct, open, related } from "../office.mjs";

export const title = "a penalty: complaint, notice, hearing, legal review, decision, publication";

const [OFFICER, SECOND] = ["pn_officer-1@qs-lawyer", "pn_assistant-1@qs-lawyer"];
const HEARING = daysOn(21);

export async function walk(t) {
  await t.travel(`${today()}T09:30:00+08:00`, "penalty");
  const complaint = await begin(t, "pn_receiver-1@qs-lawyer", "penalty_complaint", "register", {
    source: "来信", complainant: "陶弘景", contact_phone: "13800138000", respondent: "清水第1律师", resp_kind: "律师", resp_no: "13308201910000001",
    firm: "清水第1律师事务所", region: "330802", claim: "私自接受委托收费", conduct_from: daysOn(-40), conduct_to: daysOn(-30) });
  await doAct(t, "受理", { nature: "涉嫌违法违规执业", concrete: "true", region: "330802" });
  await act(t, "pn_head-1@qs", complaint, "立案", { suspicion: "私自接受委托收费", cause: "私自接受委托收费",
    officers: [{ staff: OFFICER, cert_no: "330801001" }, { staff: SECOND, cert_no: "330801002" }] });
  const number = await related(t, "行政处罚案件");
  await act(t, OFFICER, number, "告知立案");
  await doAct(t, "询问", { second_officer: SECOND, certs_shown: "true", inquired: "当事人", inquiry_text: "依法询问，制作笔录。", signed: "true" });
  await doAct(t, "收集证据", { second_officer: SECOND, certs_shown: "true",
    evidence_list: [{ kind: "书证", name: "委托合同、收据", on: today() }, { kind: "当事人的陈述", name: "询问笔录", on: today() }] });
  await doAct(t, "调查终结", { second_officer: SECOND, facts: "经查，私自接受委托收费。", report: "事实清楚，证据充分。", clause: "律师法第四十八条", illegal_gain: "3000" });
  await doAct(t, "处罚告知", { intended_kinds: ["没收违法所得", "停止执业"], level: "一般", mercy: "无", notice_served_on: today(),
    intended_confiscated: "3000", intended_months: "3" });
  await t.shot("penalty-notice");
  await doAct(t, "申请听证");
  await open(t, "pn_head-1@qs", number); // the officers of the case have no part in the hearing
  const hearing = await related(t, "行政处罚听证");
  await act(t, "pn_head-1@qs", hearing, "指定主持人", { chair: "pn_hearing-1@qs", recorder: "pn_recorder-1@qs" });
  await act(t, "pn_hearing-1@qs", hearing, "确定时间地点", { hearing_on: HEARING, hearing_time: "上午九时", place: "听证室", open_hearing: "true" });
  await doAct(t, "通知当事人", { notice_served_on: today() });

  await t.travel(`${HEARING}T09:00:00+08:00`);
  await act(t, "pn_hearing-1@qs", hearing, "举行听证", { participants: ["当事人", "代理人"], record: "提出事实和证据，当事人申辩质证。", signed: "true" });
  await doAct(t, "提交听证报告", { report: "事实清楚，建议维持。", suggestion: "维持拟处罚" });
  await act(t, OFFICER, number, "送法制审核");
  await act(t, "pn_review-1@qs", number, "法制审核", { review_opinion: "事实清楚，裁量适当，程序合法。", review_result: "同意" });
  await act(t, "pn_meeting-1@qs", number, "集体讨论", { members: ["局长", "分管副局长", "法规处处长"], minutes: "一致同意。" });
  await act(t, "pn_head-1@qs", number, "决定", { kinds: ["没收违法所得", "停止执业"], decision: "没收违法所得，停止执业三个月。", add_announced: "true",
    confiscated: "3000", months: "3" });
  await act(t, "pn_service-1@qs", number, "送达", { serve_way: "直接送达", served_on: HEARING });
  await act(t, OFFICER, number, "开始执行", { exec_note: "告知履行", licence_kept: "true" });
  await act(t, "pn_publish-1@qs", number, "公示", { publish_note: "已审核，不含个人隐私" });
  await t.shot("penalty-matter");
  await t.open();
  await t.go("/columns/penalty/decision");
  await t.says("清水第1律师");
  await t.shot("penalty-column");
  await t.go(`/matters/${encodeURIComponent(number)}`);
  await t.says("停止执业");
  const main = await t.page.locator("main").innerText();
  t.must(!main.includes("陶弘景"), "who complained is not published");
}
