// Two clerks at the window open the same request. The slower one is told what was done meanwhile and
// by whom, with what he wrote still there; then the page shows him the request as it is now. The same with a
// file that he has attached; and a program that has read before is told so (If-Match).
import { today } from "../lib.mjs";
import { act, fill } from "../office.mjs";
import { requestInformation } from "../request.mjs";

export const title = "two clerks at one matter: the second is told what the first did, and keeps his words and his file; so is a program";

async function openForm(t, who, number) {
  await t.signIn(who);
  await t.go(`/work/matters/${encodeURIComponent(number)}`);
  await t.follow("确认收到");
}

async function write(t, evidence) {
  await t.page.getByLabel("收到申请之日").fill(today());
  await t.page.getByLabel("收到日期的依据").fill(evidence);
}

async function words(first, second) {
  const [number] = await requestInformation(first, "孙思邈", "2022年人民调解工作总结");
  await openForm(first, "window_clerk-1@qs-office", number);
  const name = (await first.page.locator(".pl-work-user span").innerText()).split("　")[1];
  await openForm(second, "window_clerk-2@qs-office", number);
  await write(first, "先到的：与申请人电话确认");
  await write(second, "后到的：短信回执");
  await second.press("下一步：核对"); // he has even checked his answers when the other confirms
  await first.press("下一步：核对");
  await first.press("确认办理");
  await first.says("确认收到，已记入存证");

  const answer = await second.press("确认办理");
  second.must(answer.status() === 409, `409, not ${answer.status()}`);
  await second.says("您打开页面以后，有人办理了这个办件");
  await second.says(name);
  second.must(await second.page.getByLabel("收到日期的依据").inputValue() === "后到的：短信回执", "his words are kept");
  second.must(await second.page.getByLabel("收到申请之日").inputValue() === today(), "and the day");
  await second.shot("collision");
  await second.follow("办件现在的情况");
  await second.says("先到的：与申请人电话确认");
  const main = await second.page.locator("main").innerText();
  second.must(!main.includes("后到的"), "nothing of the second was recorded");
}

const PAPER = { name: "资格证书.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 certificate") };

// A permit that waits at the window: the second has attached a paper when the first asks for what is missing.
async function paper(first, second) {
  await second.signIn("pm_window-2@qs-window");
  await second.go("/work/matters?procedure=permit&state=submitted&sort=old"); // no other walk's
  const number = await second.page.locator('tbody a[href^="/work/matters/"]').first().innerText();
  await second.follow(number);
  await second.follow("受理");
  await fill(second.page, { materials: [{ code: "M1", received: "true" }] });
  await second.page.locator('[name="f.materials.0.file"]').setInputFiles(PAPER);
  await second.press("下一步：核对");
  await act(first, "pm_window-1@qs-window", number, "一次性补正告知", { supplement_items: ["无刑事处罚记录证明"] });
  const answer = await second.press("确认办理");
  second.must(answer.status() === 409, `409, not ${answer.status()}`);
  await second.says("一次性补正告知");
  await second.says(PAPER.name);
  await second.shot("collision-file");
  await second.press("下一步：核对"); // he has seen it, and goes on with what he has
  await second.says(PAPER.name);
  return number;
}

async function program(first, number) {
  await first.signIn("system_admin-1@qs");
  await first.go("/work/admin/tokens");
  await first.page.locator('[name="account"]').fill("pm_window-1@qs-window");
  await first.page.locator('[name="label"]').fill("窗口叫号系统");
  await first.send("生成令牌");
  const secret = await first.page.locator(".govuk-notification-banner code").innerText();
  const address = `${first.url}/api/matters/${encodeURIComponent(number)}`, authorization = `Bearer ${secret}`;
  const post = (key, tag) => first.page.request.post(`${address}/acts/sys_note`, { data: { fields: { note: `由程序写的${key}` } },
    headers: { authorization, "idempotency-key": `walk-${key}`, "if-match": tag } });
  const before = (await first.page.request.get(address, { headers: { authorization } })).headers().etag;
  await first.signIn("pm_window-1@qs-window");
  await first.go(`/work/matters/${encodeURIComponent(number)}`);
  await first.page.getByLabel("备注", { exact: true }).fill("窗口先写的");
  await first.press("记下备注");
  const refused = await post("1", before), why = await refused.json();
  first.must(refused.status() === 412 && why.code === "E_HTTP_MATCH" && why.hint, `it is told why: ${refused.status()} ${JSON.stringify(why)}`);
  const fresh = (await first.page.request.get(address, { headers: { authorization } })).headers().etag;
  first.must(fresh !== before && (await post("2", fresh)).status() === 200, "who has read again goes on");
  await first.page.reload();
  await first.says("由程序写的2");
  first.must(!(await first.page.locator("main").innerText()).includes("由程序写的1"), "the first was not recorded");
}

export async function walk(first) {
  const second = first.beside();
  try {
    await words(first, second);
    await program(first, await paper(first, second));
  } finally {
    await second.close();
  }
}
