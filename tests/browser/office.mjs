// Forms filled in by the names of their fields, as a definition has them, and acts done by staff: form,
// answers to check, confirmed. What a field is (a list to choose from, rows, a day) is the page's affair.

const css = (name) => `[name="f.${name}"]`;

async function fillOne(page, name, value) {
  const input = page.locator(css(name)).first();
  const [tag, type] = await input.evaluate((node) => [node.localName, node.type]);
  if (type === "radio" || type === "checkbox") {
    for (const key of [].concat(value)) await page.locator(`${css(name)}[value="${key}"]`).check();
  } else if (tag === "select") {
    await input.selectOption(String(value));
  } else if (type === "file") {
    await input.setInputFiles(value);
  } else {
    await input.fill([].concat(value).join("\n"));
  }
}

async function fillRows(page, name, rows) {
  for (let n = Number(await page.locator(`[name="n.${name}"]`).inputValue()); n < rows.length; n++) {
    const more = page.locator(`button[value="add:${name}"]`);
    await Promise.all([page.waitForNavigation(), more.click()]);
  }
  for (const [i, row] of rows.entries())
    for (const [item, value] of Object.entries(row)) await fillOne(page, `${name}.${i}.${item}`, value);
}

// { topic: "…", day: "2024-01-03", agreed: true, kinds: ["a", "b"], people: [{ name: "…" }] }
export async function fill(page, given) {
  const isRows = (value) => Array.isArray(value) && typeof value[0] === "object";
  for (const [name, value] of Object.entries(given)) if (isRows(value)) await fillRows(page, name, value);
  for (const [name, value] of Object.entries(given)) if (!isRows(value)) await fillOne(page, name, value);
}

// Opens the matter as that person: its page, found by its number.
export async function open(t, who, number) {
  await t.signIn(who);
  await t.go(`/work/matters/${encodeURIComponent(number)}`);
}

// One act on the page that is open: form, answers to check, done.
export async function doAct(t, label, given) {
  await t.follow(label);
  if (given) {
    await fill(t.page, given);
    await t.press("下一步：核对");
    await t.says("确认以后记入存证");
  } else if (await t.page.getByRole("button", { name: "下一步：核对" }).count() !== 0) {
    await t.press("下一步：核对"); // nothing of it has to be filled in
  }
  await t.press("确认办理");
  await t.says(`${label}，已记入存证`);
}

// A step of a draw, from the console on; what the console says afterwards.
export async function step(t, who, number, label, given) {
  await t.signIn(who);
  await t.go(`/work/draws/${encodeURIComponent(number)}`);
  await doAct(t, label, given);
  await t.follow("回到抽取台");
  const done = t.page.locator(".pl-console__step--done", { has: t.page.getByRole("heading", { name: label }) });
  t.must(await done.count() === 1, `the console says that ${label} is done`);
  return (await done.innerText()).replace(/\s+/g, " ");
}

export async function act(t, who, number, label, given) {
  await open(t, who, number);
  await doAct(t, label, given);
}

// Begins a matter; its number.
export async function begin(t, who, procedure, act, given) {
  await t.signIn(who);
  await t.go("/work/new");
  await Promise.all([t.page.waitForNavigation(), t.page.locator(`a[href="/work/new/${procedure}/${act}"]`).click()]);
  await t.look();
  await fill(t.page, given);
  await t.press("下一步：核对");
  await t.press("确认办理");
  return numberOf(t);
}

export const numberOf = (t) => decodeURIComponent(new URL(t.page.url()).pathname.split("/").pop());

// The one related matter, of that kind, of the matter that is open.
export async function related(t, words) {
  const link = t.page.getByRole("region", { name: "有关办件" }).locator("li, tr, div").filter({ hasText: words }).getByRole("link").first();
  return (await link.innerText()).trim();
}

// Another code for a party, given at the window to whoever shows who he is.
export async function codeAtTheWindow(t, who, number, party) {
  await open(t, who, number);
  await t.go(`/work/matters/${encodeURIComponent(number)}/code`);
  await t.page.getByLabel(party, { exact: true }).check();
  await t.page.getByLabel("核对了什么证件").fill("居民身份证原件");
  await t.page.getByLabel(/已当面核对/).check();
  await t.press("补发，原来的作废");
  await t.says("只显示这一次");
  return t.page.locator(".pl-code-big").innerText();
}

// Who has the code of a matter comes back to it.
export async function track(t, number, code) {
  await t.page.goto(`${t.url}/track`);
  await t.page.getByLabel("办件编号").fill(number);
  await t.page.getByLabel("查询码").fill(code);
  await t.press("查询");
}

// An act of a party, on the tracking page that is open.
export async function partyAct(t, label, given) {
  await t.follow(label);
  await fill(t.page, given ?? {});
  await t.press("提交");
  await t.says("已经记录下来");
}

// A citizen's application: who he is to it, then one page of questions after the other, checked and
// sent. Returns the number and the code of the receipt.
export async function apply(t, path, party, unit, pages, onStep = () => {}) {
  await t.go(path);
  await t.follow("网上申请");
  await t.page.getByLabel(party, { exact: true }).check();
  if (unit) await t.page.getByLabel("向哪个单位申请").selectOption(unit);
  await t.press("开始填写");
  for (const [step, given] of pages.entries()) {
    await fill(t.page, given);
    await onStep(step);
    await t.press("保存并继续");
  }
  await t.says("核对后提交");
  await t.press("提交申请");
  await t.says("已经提交");
  return t.page.locator(".govuk-panel strong").allInnerTexts();
}
