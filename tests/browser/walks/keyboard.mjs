// Without a mouse: the first stop leads past the navigation; every stop shows where one is; a request is
// filled in and sent, and a clerk signs in and acts, by keys alone.
import { today } from "../lib.mjs";

export const title = "with the keyboard alone: the calculator, a whole request, sign-in and an act";

// Presses Tab until the element is reached; on the way every stop is visible and shows that it has the focus.
async function reach(t, selector, what = selector) {
  const seen = [];
  for (let i = 0; i < 120; i++) {
    await t.page.keyboard.press("Tab");
    const at = await t.page.evaluate((wanted) => {
      const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
      const next = node.nextElementSibling ? getComputedStyle(node.nextElementSibling, "::before").boxShadow : "none";
      return { hit: node.matches(wanted), name: node.outerHTML.slice(0, 120), body: node === document.body,
        own: ["date", "datetime-local"].includes(node.type) && !node.matches(":focus"), // the browser's button in it has the browser's ring
        shows: box.width > 0 && (style.outlineStyle !== "none" || style.boxShadow !== "none" || next !== "none") };
    }, selector);
    if (!at.body && !at.own) t.must(at.shows, `the focus is seen on ${at.name}`);
    if (at.hit) return;
    seen.push(at.name);
  }
  t.must(false, `${what} is reached by Tab; passed ${seen.length} stops`);
}

const type = async (t, selector, text) => {
  await reach(t, selector);
  await t.page.keyboard.type(text);
};
const enter = async (t) => {
  await Promise.all([t.page.waitForNavigation(), t.page.keyboard.press("Enter")]);
  await t.look();
};
const button = async (t, words) => {
  await t.page.evaluate((text) => [...document.querySelectorAll("main button")].find((b) => b.textContent.trim() === text).setAttribute("data-wanted", ""), words);
  await reach(t, "[data-wanted]", words);
  await enter(t);
};
const radio = async (t, name, value) => {
  await reach(t, `[name="${name}"]`);
  for (let i = 0; i < 30; i++) {
    if (await t.page.evaluate(([n, v]) => document.querySelector(`[name="${n}"][value="${v}"]`).checked, [name, value])) return;
    await t.page.keyboard.press(i === 0 ? "Space" : "ArrowDown");
  }
  t.must(false, `${name} = ${value} by keys`);
};

async function calculator(t) {
  await t.go("/calculator");
  await t.page.keyboard.press("Tab");
  t.must(await t.page.evaluate(() => document.activeElement.textContent) === "跳到正文", "the first stop skips the navigation");
  await t.page.keyboard.press("Enter");
  await t.page.keyboard.press("Tab");
  t.must(await t.page.evaluate(() => document.activeElement.id) === "clock", "then the form");
  await t.page.locator("#clock").selectOption("foi_request.answer");
  await t.page.keyboard.press("Tab");
  t.must(await t.page.evaluate(() => document.activeElement.id) === "from", "then the day");
  await t.page.locator("#from").fill("2023-09-25"); // how a day is typed depends on the browser's language
  await enter(t);
  await t.says("2023年10月27日");
}

async function request(t) {
  await t.go("/apply/foi_request");
  await radio(t, "party", "applicant");
  await reach(t, "#unit");
  await t.page.keyboard.type("办公室"); // finds the option by its name
  await t.page.locator("#unit").selectOption("qs-office");
  await button(t, "开始填写");
  await radio(t, "f.applicant_type", "自然人");
  await type(t, '[name="f.applicant_name"]', "叶天士");
  await button(t, "保存并继续");
  await type(t, '[name="f.contact_phone"]', "1380013800");
  await button(t, "保存并继续"); // a digit is missing: the summary leads to the field
  await reach(t, ".govuk-error-summary a");
  await t.page.keyboard.press("Enter");
  t.must(await t.page.evaluate(() => document.activeElement.matches("input")), "the summary's link leads into the field");
  await t.page.keyboard.press("Control+A");
  await t.page.keyboard.type("13800138000");
  await button(t, "保存并继续");
  await button(t, "保存并继续");
  await type(t, '[name="f.info_name"]', "2022年公证工作总结");
  await button(t, "保存并继续");
  await radio(t, "f.form_wanted", "电子");
  await radio(t, "f.delivery", "网上获取");
  await button(t, "保存并继续");
  await button(t, "保存并继续");
  await button(t, "提交申请");
  await t.says("已经提交");
  return (await t.page.locator(".govuk-panel strong").allInnerTexts())[0];
}

export async function walk(t) {
  await calculator(t);
  const number = await request(t);
  await t.open();
  await t.page.goto(`${t.url}/work/sign-in`);
  await type(t, '[name="id"]', "window_clerk-2@qs-office");
  await type(t, '[name="password"]', t.bureau.passwords["window_clerk-2@qs-office"]);
  await enter(t);
  await t.go(`/work/matters/${encodeURIComponent(number)}`);
  await reach(t, 'a[href$="/acts/confirm_receipt"]');
  await enter(t);
  await t.page.locator('[name="f.received_on"]').fill(today());
  await type(t, '[name="f.receipt_evidence"]', "与申请人电话确认");
  await button(t, "下一步：核对");
  await button(t, "确认办理");
  await t.says("已记入存证");
}
