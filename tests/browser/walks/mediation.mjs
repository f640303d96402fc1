// Two neighbours: one asks for mediation, an agreement is written, both ask the court to confirm it. Each has a code of
// his own: the other side reads what binds both, and neither the application nor what was said of the one who applied.
import { cardNumber, daysOn, today } from "../lib.mjs";
import { act, apply, codeAtTheWindow, doAct, open, partyAct, related, track } from "../office.mjs";

export const title = "mediation: application, session, written agreement that both sides read, confirmation by the court";

const HEAD = "committee_head-1@qs-east-mdn";

export async function walk(t) {
  const [number, code] = await apply(t, "/services/mediation", "申请人", "qs-east-mdn", [
    { type: "人民", org: "PM-EAST-01" },
    { dispute_kind: "邻里", happened_on: daysOn(-20) },
    { people: [{ name: "王叔和", kind: "自然人", id_no: cardNumber(7) }, { name: "皇甫谧", kind: "自然人", id_no: cardNumber(8) }] },
    { facts: "楼上漏水，客厅顶面受损。", request: "修好并赔偿。" },
  ]);
  await act(t, HEAD, number, "受理并指定调解员", { mediator: "M0033", conflict: "无" });
  await act(t, "mediator-1@qs-east-mdn", number, "调解", { session_note: "双方到场，听取陈述，提出方案。" });
  await doAct(t, "达成书面协议", { terms: "楼上修好防水，赔偿三千元。", content_check: "合法", consent: "true", amount_kind: "协议金额", amount: "3000",
    performed_now: "false", perform_by: daysOn(30) });
  await t.shot("mediation-agreed");
  await doAct(t, "关联法律援助", { group_aid_no: "清援〔2024〕1号" });
  const otherCode = await codeAtTheWindow(t, HEAD, number, "对方当事人");
  t.must(otherCode !== code, "each side has a code of its own");
  await t.open();
  await track(t, number, otherCode);
  await t.shot("mediation-other-side");
  for (const words of ["对方当事人", "受理通知书", "达成书面协议"]) await t.says(words);
  const shown = await t.page.locator("main").innerText();
  for (const words of ["调解申请书", "客厅顶面受损", "关联法律援助"]) t.must(!shown.includes(words), `the other side is not shown 「${words}」`);
  await t.follow("调解协议书");
  await t.says("赔偿三千元");
  await t.open();
  await track(t, number, code);
  t.must(!(await t.page.locator("main").innerText()).includes("关联法律援助"), "what staff keep among themselves is no step of his either");
  await partyAct(t, "共同申请司法确认", { confirm_joint: "true", confirm_court: "东城区人民法院", confirm_subject: "金钱或者其他给付" });
  await open(t, HEAD, number);
  const confirmation = await related(t, "司法确认");
  await act(t, HEAD, confirmation, "提交人民法院", { court_level: "基层人民法院或者派出法庭", court_link: "调解组织所在地",
    packet: ["申请书", "调解协议", "身份证明"], received_on: today() });
  await doAct(t, "法院受理", { case_no: "民特1号" });
  await doAct(t, "登记裁定", { result: "确认有效", ruled_on: today() });
  await open(t, HEAD, number);
  await t.says("确认有效");
  await t.open();
  const answer = await t.page.goto(`${t.url}/matters/${encodeURIComponent(number)}`);
  t.must(answer.status() === 404, "mediation is not public: strangers are told of no such matter");
}
