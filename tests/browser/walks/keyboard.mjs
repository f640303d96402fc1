// Without a mouse: the first key leads past the navigation, every link shows where one is, a form
// is filled and sent.
export const title = "the calculator with the keyboard alone, and no page without JavaScript is less";

export async function walk(t) {
  await t.go("/calculator");
  await t.page.keyboard.press("Tab");
  t.must(await t.page.evaluate(() => document.activeElement.textContent) === "跳到正文", "the first stop skips the navigation");
  await t.page.keyboard.press("Enter");
  await t.page.keyboard.press("Tab");
  t.must(await t.page.evaluate(() => document.activeElement.id) === "clock", "then the form");
  await t.page.locator("#clock").selectOption("foi_request.answer");
  await t.page.keyboard.press("Tab");
  t.must(await t.page.evaluate(() => document.activeElement.id) === "from", "then the day");
  await t.page.locator("#from").fill("2023-09-25");
  await Promise.all([t.page.waitForNavigation(), t.page.keyboard.press("Enter")]);
  await t.says("2023年10月27日");

  await t.open({ javaScriptEnabled: false });
  for (const path of ["/", "/services", "/calculator", "/apply/foi_request", "/track"]) await t.page.goto(t.url + path);
  await t.page.goto(t.url + "/apply/foi_request");
  await t.page.getByRole("button", { name: "开始填写" }).click();
  await t.page.getByLabel("姓名或名称").fill("李时珍");
  await t.page.getByRole("button", { name: "保存，去核对" }).click();
  t.must((await t.page.locator("main").innerText()).includes("李时珍"), "what was typed is kept without a script");
  t.must((await t.page.locator("main").innerText()).includes("请先改正"), "and what is missing is said");
}
