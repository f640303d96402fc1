// Who has many matters: a list narrowed and kept under a name, one act for several at once, several handed to
// a colleague, a note, a paper read before it is made, another code for who lost his, a list taken home as a file.
import { act, codeAtTheWindow, fill, open, track } from "../office.mjs";
import { requestInformation } from "../request.mjs";

export const title = "a clerk with many: kept filters, one act for several, handing over, a note, a paper beforehand, another code, a list as a file";

// The oldest first: the newest are those of the other walks.
const ACCEPTED = "/work/matters?procedure=permit&state=accepted&sort=old", IN_HAND = "/work/matters?procedure=foi_request&state=processing&sort=old";
const NAMED = "等我审查的许可", NOTE = "申请人下午来电话，问什么时候有结果。";

const main = async (t) => (await t.page.locator("main").innerText()).replace(/\s+/g, " ");
const rowOf = (t, number) => t.page.locator("tr").filter({ hasText: number }).innerText();

async function pick(t, rows, label) {
  const numbers = [];
  for (const row of rows) {
    const box = t.page.locator(".pl-pick").nth(row);
    await box.check();
    numbers.push(await box.inputValue());
  }
  await t.page.getByLabel("对选中的办件").selectOption({ label });
  await t.press("办理");
  return numbers;
}

async function views(t) {
  await t.go(ACCEPTED);
  await t.press("保存"); // it has no name yet
  t.must(!(await main(t)).includes("常用："), "a view without a name is not kept");
  await t.go(ACCEPTED);
  await t.page.getByLabel(/存为常用/).fill(NAMED);
  await t.press("保存");
  await t.shot("clerk-views");
  await t.go("/work/matters");
  await t.follow(NAMED);
  t.must(new URL(t.page.url()).searchParams.get("state") === "accepted", "it leads to what was kept");
}

// Two are done; of the list that is still open one has then been done: that one is refused, the other done.
async function several(t) {
  await t.press("办理"); // none chosen
  await t.says("没有选中办件");
  await t.go(ACCEPTED);
  const stale = t.page;
  t.page = await t.context.newPage();
  await t.go(ACCEPTED);
  const [first, second] = await pick(t, [0, 1], "开始审查");
  t.must((await rowOf(t, first)).includes("已办理") && (await rowOf(t, second)).includes("已办理"), "both are done");
  await t.shot("clerk-bulk");
  t.page = stale;
  const [again, third] = await pick(t, [0, 2], "开始审查");
  t.must(again === first, "the list is as it was");
  t.must((await rowOf(t, again)).includes("未办理"), "what was done is not done again");
  t.must((await rowOf(t, third)).includes("已办理"), "the others do not suffer from it");
  await t.go("/work/matters");
  await t.press(`删除“${NAMED}”`);
  t.must(!(await main(t)).includes(NAMED), "the kept list is dropped");
}

async function handOver(t) {
  await t.signIn("head_office_info-1@qs-office");
  await t.go(IN_HAND);
  const numbers = await pick(t, [0, 1], "改派承办人");
  await t.press("对 2 件办理");
  await t.says("请先改正下面的问题");
  await t.shot("clerk-handing-over");
  await fill(t.page, { to_handler: "case_officer-1@qs-office", handover_note: "原承办人出差" });
  await t.press("对 2 件办理");
  for (const number of numbers) t.must((await rowOf(t, number)).includes("已办理"), `${number} is handed over`);
  await t.follow(numbers[0]);
  await t.says("承办：");
}

async function note(t, number) {
  await open(t, "office_info-1@qs-office", number);
  await t.page.getByLabel("备注", { exact: true }).fill("长".repeat(3000));
  const answer = await t.send("记下备注");
  t.must(answer.status() === 422, `a note that is too long: ${answer.status()}`);
  t.must((await t.page.getByLabel("备注", { exact: true }).inputValue()).length === 3000, "and stays to be shortened");
  await t.look();
  await t.page.getByLabel("备注", { exact: true }).fill(NOTE);
  await t.press("记下备注");
  await t.says(NOTE);
  for (const kind of ["documents", "proofs"]) {
    await open(t, "office_info-1@qs-office", number);
    await Promise.all([t.page.waitForNavigation(), t.page.locator(`main a[href*="/${kind}/"]`).first().click()]);
    await t.look();
  }
  await open(t, "office_info-1@qs-office", number);
}

async function beforehand(t, number) {
  await t.follow("告知补正");
  await fill(t.page, { correction_items: "请写明材料的年度" });
  await t.press("预览文书");
  await t.says("没有办理，也没有保存");
  t.must((await t.page.locator(".pl-draft").innerText()).includes("请写明材料的年度"), "the draft has what was typed");
  t.must(await t.page.locator('[name="f.correction_items"]').inputValue() === "请写明材料的年度", "and the form too");
  await t.shot("clerk-draft");
  await t.go(`/work/matters/${encodeURIComponent(number)}`);
  t.must(!(await main(t)).includes("告知补正 office"), "nothing was done by looking");
}

async function anotherCode(t, number, code) {
  await open(t, "window_clerk-1@qs-office", number);
  await t.go(`/work/matters/${encodeURIComponent(number)}/code`);
  await t.send("补发，原来的作废");
  await t.look();
  await t.shot("clerk-code-refused");
  const fresh = await codeAtTheWindow(t, "window_clerk-1@qs-office", number, "申请人");
  await t.page.reload();
  await t.open();
  await track(t, number, fresh);
  t.must(!(await main(t)).includes(NOTE), "the party does not read what staff note");
  await t.open();
  await t.go("/track");
  await t.page.getByLabel("办件编号").fill(number);
  await t.page.getByLabel("查询码").fill(code);
  await t.send("查询");
  await t.says("办件编号或者查询码不对");
}

async function asFile(t) {
  await t.signIn("pm_reviewer-1@qs");
  await t.go("/work/matters?procedure=permit");
  for (const [label, kind] of [["XLSX 表格", "spreadsheetml"], ["CSV 表格", "text/csv"]]) {
    const address = await t.page.getByRole("link", { name: new RegExp(label.slice(0, 4)) }).first().getAttribute("href");
    const answer = await t.page.request.get(t.url + address);
    t.must(answer.status() === 200 && answer.headers()["content-type"].includes(kind), `${label}: ${answer.status()}`);
  }
}

export async function walk(t) {
  const [number, code] = await requestInformation(t, "陈修园", "2022年社区矫正工作总结");
  await act(t, "window_clerk-1@qs-office", number, "确认收到", { received_on: "2024-01-03", receipt_evidence: "与申请人电话确认" });
  await note(t, number);
  await beforehand(t, number);
  await anotherCode(t, number, code);
  await t.signIn("pm_reviewer-1@qs");
  await views(t);
  await several(t);
  await handOver(t);
  await asFile(t);
}
