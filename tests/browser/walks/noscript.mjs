// Without JavaScript nothing is missing: a citizen applies and follows, the office receives and acts.
import { fill } from "../office.mjs";
import { today } from "../lib.mjs";
import { requestInformation } from "../request.mjs";

export const title = "without JavaScript: apply, sign in, act with rows added and taken away, follow by code";

export async function walk(t) {
  await t.open({ javaScriptEnabled: false });
  const [number, code] = await requestInformation(t, "傅青主", "2022年行政复议工作总结");
  const who = "window_clerk-1@qs-office";
  await t.open({ javaScriptEnabled: false });
  await t.page.goto(`${t.url}/work/sign-in`);
  await t.page.getByLabel("账号").fill(who);
  await t.page.getByLabel("密码").fill(t.bureau.passwords[who]);
  await t.send("登录");
  for (const path of ["/work", "/work/matters", "/work/new", "/draws", "/report/2023", "/calendar", "/calculator?clock=foi_request.answer&from=2023-09-25"]) await t.go(path);
  await t.go(`/work/matters/${encodeURIComponent(number)}`);
  await t.follow("确认收到");
  await fill(t.page, { received_on: today(), receipt_evidence: "与申请人电话确认" });
  await t.press("下一步：核对");
  await t.press("返回修改");
  t.must(await t.page.getByLabel("收到日期的依据").inputValue() === "与申请人电话确认", "what was typed is kept on the way back");
  await t.press("下一步：核对");
  await t.press("确认办理");
  await t.says("确认收到，已记入存证");

  await t.open({ javaScriptEnabled: false });
  await t.page.goto(`${t.url}/apply/mediation`);
  await t.send("开始填写");
  await t.go("/apply/mediation/form?step=all");
  await t.page.locator('[name="f.people.0.name"]').fill("第一个人");
  await Promise.all([t.page.waitForNavigation(), t.page.locator('button[value="add:people"]').click()]);
  await t.page.locator('[name="f.people.1.name"]').fill("第二个人");
  await Promise.all([t.page.waitForNavigation(), t.page.locator('button[value="remove:people.0"]').click()]);
  t.must(await t.page.locator('[name="f.people.0.name"]').inputValue() === "第二个人", "the first row is gone, the second is the first");
  await t.send("保存，去核对");
  await t.says("第二个人");
  await t.says("请先改正下面的问题");

  await t.page.goto(`${t.url}/track`);
  await t.page.getByLabel("办件编号").fill(number);
  await t.page.getByLabel("查询码").fill(code);
  await t.send("查询");
  await t.says("已收到");
}
