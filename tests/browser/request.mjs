// What more than one walk begins with: a citizen's request for information, sent to the office.
// Returns its number and the code to follow it with. foi.mjs looks at the pages on the way.
export async function requestInformation(t, name, wanted) {
  const { page } = t;
  await page.goto(`${t.url}/apply/foi_request`);
  await page.getByLabel("申请人", { exact: true }).check();
  await page.getByLabel("向哪个单位申请").selectOption("qs-office");
  await t.send("开始填写");
  await page.getByLabel("自然人").check();
  await page.getByLabel("姓名或名称").fill(name);
  await t.send("保存并继续");
  await page.getByLabel("手机号码").fill("13800138000");
  await t.send("保存并继续");
  await t.send("保存并继续"); // nobody acts for him
  await page.getByLabel("政府信息名称").fill(wanted);
  await t.send("保存并继续");
  await page.getByLabel("电子", { exact: true }).check();
  await page.getByLabel("网上获取").check();
  await t.send("保存并继续");
  await t.send("保存并继续");
  await t.send("提交申请");
  await t.says("已经提交");
  return page.locator(".govuk-panel strong").allInnerTexts();
}
