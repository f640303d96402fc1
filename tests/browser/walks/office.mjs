// A request goes through the office: receipt, a correction, a third party that objects, one extension, and a
// part of it disclosed: drafted, seen before it is made, sent back once, reviewed, signed. Each of them signs in
// and finds only what is his to do; who asked reads what is disclosed, what is not, why, and where to complain; the
// third party, who objects with a code of his own, what was decided and why.
import { today } from "../lib.mjs";
import { act, codeAtTheWindow, doAct, fill, open, partyAct, related, track } from "../office.mjs";
import { requestInformation } from "../request.mjs";

export const title = "a request received, corrected, a third party heard, the term extended, disclosed in part; who asked reads it and why";

const ANSWER = "考核材料予以公开，其中执业人员的个人信息已经遮盖。", WHY = "遮盖的部分公开会损害第三方合法权益。", GROUND = "个人隐私";

// A part without the list of what is struck out is refused; nothing typed is lost; one reads the letter first.
async function draft(t, number) {
  await open(t, "case_officer-1@qs-office", number);
  await t.follow("拟稿");
  await fill(t.page, { outcome: "O2", answer_text: ANSWER, answer_reason: WHY });
  await t.press("下一步：核对");
  await t.press("确认办理");
  await t.says("部分公开的应当附删节清单");
  await t.shot("office-refused");
  t.must(await t.page.locator('[name="f.answer_text"]').inputValue() === ANSWER, "what was typed stays");
  await fill(t.page, { redactions: [{ page: "2", line: "3-9", ground: GROUND }] });
  await t.press("下一步：核对");
  await t.press("确认办理");
  await t.says("拟稿，已记入存证");
  await open(t, "deputy_director-1@qs-office", number);
  await doAct(t, "退回修改", { legal_opinion: "请写明遮盖的理由" });
  await act(t, "case_officer-1@qs-office", number, "拟稿");
}

// Who asked reads what is missing and sends it himself; he goes on from his own words.
async function correct(t, number, code, wanted) {
  await t.open();
  await track(t, number, code);
  await t.follow("补正告知书");
  await t.says("请写明考核材料的年度");
  await t.shot("office-correction-paper");
  await t.page.goBack();
  await t.follow("提交补正");
  t.must(await t.page.locator('[name="f.info_name"]').inputValue() === wanted, "his own words stand there");
  await t.shot("office-correction");
  await t.page.goBack();
  await partyAct(t, "提交补正", { scope_same: "true", description: "2022年度", correction_note: "年度为2022年" });
  await t.says("已收到");
  await t.says("答复期限");
}

// Who was asked and was against it reads what was decided and why, and neither who asked nor the answer to him.
async function told(t, number, consultation, code) {
  await t.open();
  await track(t, consultation, code);
  await t.shot("office-third-track");
  const main = () => t.page.locator("main").innerText();
  for (const words of [number, "李时珍", "答复书"]) t.must(!(await main()).includes(words), `who was asked is not shown 「${words}」`);
  await t.follow("决定公开告知书（第三方）");
  for (const words of ["清水某律师事务所：", "决定部分公开", WHY]) await t.says(words);
  for (const words of [number, "李时珍", ANSWER]) t.must(!(await main()).includes(words), `nor told 「${words}」`);
  await t.shot("office-third-paper");
}

// The last day of a clock that the page shows.
async function lastDay(t, clock) {
  const box = t.page.locator(".pl-clock", { has: t.page.getByRole("heading", { name: clock }) }).first();
  return (await box.innerText()).match(/\d{4}年\d+月\d+日/)[0];
}

export async function walk(t) {
  const wanted = "清水市律师事务所2022年度考核材料";
  const [number, code] = await requestInformation(t, "李时珍", wanted);

  await t.signIn("window_clerk-1@qs-office");
  await t.go("/work");
  await t.go(`/work/matters?q=${encodeURIComponent(number)}`);
  await t.shot("office-docket");
  await t.follow(number);
  await t.shot("office-matter");
  await doAct(t, "确认收到", { received_on: today(), receipt_evidence: "与申请人电话确认" });
  await act(t, "office_info-1@qs-office", number, "告知补正", { correction_items: "请写明考核材料的年度", correction_received_on: today() });
  await t.says("补正");
  await correct(t, number, code, wanted);
  await act(t, "office_info-1@qs-office", number, "开始办理");
  await doAct(t, "征求意见", { third_parties: [{ name: "清水某律师事务所", received_on: today() }], third_note: "年度考核材料" });
  await t.says("征求意见中");
  const consultation = await related(t, "征求");

  const theirCode = await codeAtTheWindow(t, "window_clerk-1@qs-office", consultation, "第三方");
  await t.open();
  await track(t, consultation, theirCode);
  await t.follow("第三方意见征询书");
  await t.says("清水某律师事务所");
  await t.page.goBack();
  await partyAct(t, "意见返回", { opinion: "不同意公开", reason: "考核材料里有执业人员的住址和电话。" });

  await open(t, "head_office_info-1@qs-office", number);
  await t.says("不同意公开");
  const before = await lastDay(t, "答复期限");
  await doAct(t, "延长答复期限", { extend_reason: "需要进一步核对第三方材料", extend_days: "10" });
  const after = await lastDay(t, "答复期限");
  t.must(before !== after, `the term was extended: ${before}, ${after}`);
  await t.shot("office-extended");

  await act(t, "case_officer-1@qs-office", number, "登记检索", { search_log: [{ place: "档案系统", keyword: "年度考核", who: "承办处室", on: today() }] });
  await draft(t, number);
  await act(t, "secrecy_reviewer-1@qs-office", number, "审核", { secrecy_opinion: "不涉密，个人信息已遮盖", legal_opinion: "合法" });
  await act(t, "deputy_director-1@qs-office", number, "签发并送达");
  await t.says("已答复送达");
  await t.shot("office-answered");

  await t.open();
  await track(t, number, code);
  await t.says("已答复送达");
  await t.shot("office-track");
  for (const paper of ["补正", "延期", "答复书"])
    t.must(await t.page.locator("main a").filter({ hasText: paper }).count() > 0, `who asked finds the paper 「${paper}」`);
  await t.page.getByRole("link", { name: /答复书/ }).last().click();
  await t.look();
  for (const words of ["部分公开", ANSWER, WHY, `不予公开的部分：第2页第3-9行，${GROUND}`, "政府信息公开条例第三十七条", "申请行政复议"]) await t.says(words);
  t.must(!(await t.page.locator("main").innerText()).includes("住址和电话"), "what the third party wrote is not told");
  await t.shot("office-answer");
  await told(t, number, consultation, theirCode);
}
