// A request goes through the office: receipt, a third party's opinion, one extension, an answer that
// four people made. Each of them signs in and finds only what is his to do; who asked sees it all.
import { today } from "../lib.mjs";
import { act, doAct, open, related, track } from "../office.mjs";
import { requestInformation } from "../request.mjs";

export const title = "staff receive a request, ask a third party, extend, draft, review and sign; who asked reads the answer";

// The last day of a clock that the page shows.
async function lastDay(t, clock) {
  const box = t.page.locator(".pl-clock", { has: t.page.getByRole("heading", { name: clock }) }).first();
  return (await box.innerText()).match(/\d{4}年\d+月\d+日/)[0];
}

export async function walk(t) {
  const wanted = "清水市律师事务所2022年度考核材料";
  const [number, code] = await requestInformation(t, "李时珍", wanted);

  await t.signIn("window_clerk-1@qs-office");
  await t.look();
  await t.go(`/work/matters?q=${encodeURIComponent(number)}`);
  await t.shot("office-docket");
  await t.follow(number);
  await t.shot("office-matter");
  await doAct(t, "确认收到", { received_on: today(), receipt_evidence: "与申请人电话确认" });
  await act(t, "office_info-1@qs-office", number, "告知补正", { correction_items: "请写明考核材料的年度", correction_received_on: today() });
  await t.says("补正");
  await act(t, "window_clerk-1@qs-office", number, "收到补正", { corrected_on: today(), scope_same: "true" });
  await act(t, "office_info-1@qs-office", number, "开始办理");
  await doAct(t, "征求意见", { third_parties: [{ name: "清水某律师事务所", received_on: today() }], third_note: "年度考核材料" });
  await t.says("征求意见中");
  const consultation = await related(t, "征求");

  await act(t, "window_clerk-1@qs-office", consultation, "意见返回", { opinion: "同意公开" });

  await open(t, "head_office_info-1@qs-office", number);
  await t.says("同意公开");
  const before = await lastDay(t, "答复期限");
  await doAct(t, "延长答复期限", { extend_reason: "需要进一步核对第三方材料", extend_days: "10" });
  const after = await lastDay(t, "答复期限");
  t.must(before !== after, `the term was extended: ${before}, ${after}`);
  await t.shot("office-extended");

  await act(t, "case_officer-1@qs-office", number, "登记检索", { search_log: [{ place: "档案系统", keyword: "年度考核", who: "承办处室", on: today() }] });
  await doAct(t, "拟稿", { outcome: "O1", answer_text: "予以公开，随附考核材料。" });
  await act(t, "secrecy_reviewer-1@qs-office", number, "审核", { secrecy_opinion: "不涉密", legal_opinion: "合法" });
  await act(t, "deputy_director-1@qs-office", number, "签发并送达");
  await t.says("已答复送达");

  await t.open();
  await track(t, number, code);
  await t.says("已答复送达");
  await t.shot("office-track");
  await t.page.getByRole("link", { name: /答复/ }).last().click();
  await t.look();
  await t.says("予以公开，随附考核材料。");
}
