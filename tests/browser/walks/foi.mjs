// Asking for government information: a wrong number is said beside its field, what was typed
// stays, the receipt has number and code, the code lets one back in, and one may withdraw.
export const title = "a citizen asks for information, tracks it by code and withdraws";

export async function walk(t) {
  await t.go("/services?q=政府信息");
  await t.follow("依申请公开政府信息");
  await t.shot("service");
  await t.follow("网上申请");
  await t.page.getByLabel("申请人", { exact: true }).check();
  await t.press("开始填写");
  await t.page.getByLabel("自然人").check();
  await t.page.getByLabel("姓名或名称").fill("张仲景");
  await t.page.getByLabel("居民身份证").check();
  await t.page.getByLabel("身份证明号码").fill("330802199003070017");
  await t.press("保存并继续");
  await t.says("怎样联系");
  await t.page.getByLabel("手机号码").fill("1380013800");
  await t.press("保存并继续");
  await t.says("请先改正下面的问题");
  t.must(await t.page.getByLabel("手机号码").inputValue() === "1380013800", "what was typed stays");
  await t.shot("problem");
  await t.page.getByLabel("手机号码").fill("13800138000");
  await t.press("保存并继续");
  await t.press("保存并继续"); // nobody acts for him
  await t.page.getByLabel("政府信息名称").fill("2022年法律援助经费决算");
  await t.press("保存并继续");
  await t.page.getByLabel("电子", { exact: true }).check();
  await t.page.getByLabel("网上获取").check();
  await t.press("保存并继续");
  await t.press("保存并继续");
  await t.says("核对后提交");
  await t.shot("check");
  if (await t.page.getByRole("button", { name: "提交申请" }).count() === 0) {
    // The number's check digit is wrong: the summary leads to the field.
    const problem = await t.page.locator(".govuk-error-summary a").first();
    t.must((await problem.innerText()).includes("核验不通过"), "the summary says why");
    await t.go(new URL(await problem.getAttribute("href"), t.url).pathname + "?step=1");
    await t.page.getByLabel("身份证明号码").fill("");
    await t.page.getByLabel("统一社会信用代码").check();
    await t.page.getByLabel("身份证明号码").fill("91350100M000100Y43");
    await t.press("保存，去核对");
  }
  await t.press("提交申请");
  await t.says("已经提交");
  await t.shot("receipt");
  const [number, code] = await t.page.locator(".govuk-panel strong").allInnerTexts();
  await t.says("接下来");

  await t.open(); // another device
  await t.go("/track");
  await t.page.getByLabel("办件编号").fill(number);
  await t.page.getByLabel("查询码").fill("2222-2222-2222");
  await Promise.all([t.page.waitForNavigation(), t.page.getByRole("button", { name: "查询" }).click()]);
  await t.says("办件编号或者查询码不对");
  await t.page.getByLabel("查询码").fill(code.toLowerCase());
  await t.press("查询");
  await t.says("已提交");
  await t.shot("track");
  await t.follow("撤回申请");
  await t.press("提交");
  await t.says("这件事已经办完");
}
