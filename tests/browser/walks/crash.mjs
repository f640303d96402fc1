// The browser dies in the middle of a form. What was saved is there again with the code that stands
// under every page; nobody who has not got it sees any of it.
import { chromium } from "playwright-core";
import { BROWSER } from "../lib.mjs";
import { fill } from "../office.mjs";

export const title = "a draft survives the death of the browser";

export async function walk(t) {
  const doomed = await chromium.launchServer(BROWSER);
  const theirs = t.beside();
  theirs.browser = await chromium.connect(doomed.wsEndpoint());
  await theirs.open();
  await theirs.go("/apply/foi_request");
  await theirs.page.getByLabel("申请人", { exact: true }).check();
  await theirs.page.getByLabel("向哪个单位申请").selectOption("qs-office");
  await theirs.press("开始填写");
  await fill(theirs.page, { applicant_type: "自然人", applicant_name: "朱丹溪" });
  await theirs.press("保存并继续");
  await fill(theirs.page, { contact_phone: "13800138000" });
  await theirs.press("保存并继续");
  const code = await theirs.page.locator(".pl-code").innerText();
  await fill(theirs.page, { agent_name: "还没有保存的" });
  process.kill(doomed.process().pid, "SIGKILL");

  await t.go("/apply/foi_request/form", 404); // another browser has nothing of it
  await t.go("/resume");
  await t.page.getByLabel("续办码").fill("2222-2222-2222-2222");
  await t.press("继续填写");
  await t.says("没有这份草稿");
  await t.page.getByLabel("续办码").fill(code.toLowerCase());
  await t.press("继续填写");
  await t.says("朱丹溪");
  await t.says("13800138000");
  t.must(!(await t.page.locator("main").innerText()).includes("还没有保存的"), "only what was saved");
  await t.shot("crash-resumed");
}
