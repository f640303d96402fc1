// The elderly mode: large type, one thing on a page, and the whole way from the start to the receipt.
import { fill, partyAct } from "../office.mjs";

export const title = "the elderly mode: one question a page from the start to the receipt, and back out of it, on a telephone";

const ANSWERS = { applicant_type: "自然人", applicant_name: "孙思邈", contact_phone: "13800138000", info_name: "2022年法律援助经费决算",
  form_wanted: "电子", delivery: "网上获取" };

export async function walk(t) {
  await t.page.setViewportSize({ width: 360, height: 780 });
  await t.go("/");
  await t.follow("长者模式（大字）");
  t.must(await t.page.locator("html.pl-elder").count() === 1, "the mode is on");
  await t.shot("elder-home");
  await t.go("/services/foi_request");
  await t.follow("网上申请");
  await t.page.getByLabel("申请人", { exact: true }).check();
  await t.page.getByLabel("向哪个单位申请").selectOption("qs-office");
  await t.press("开始填写");
  let n = 0;
  for (; !(await t.page.locator("h1").innerText()).includes("核对"); n++) {
    t.must(n < 40, "it comes to an end");
    const names = await t.page.locator('#form [name^="f."]').evaluateAll((all) => [...new Set(all.map((node) => node.name.slice(2)))]);
    t.must(names.length <= 1 || names.every((name) => name.split(".")[0] === names[0].split(".")[0]), `one thing on a page, not ${names}`);
    const known = Object.keys(ANSWERS).filter((name) => names.includes(name));
    await fill(t.page, Object.fromEntries(known.map((name) => [name, ANSWERS[name]])));
    if (n === 1) {
      const size = await t.page.locator("label, legend").first().evaluate((node) => parseFloat(getComputedStyle(node).fontSize));
      t.must(size >= 20, `large type, not ${size} px`);
      await t.shot("elder-question");
    }
    await t.press("保存并继续");
  }
  t.must(n > 8, `${n} questions, one a page`);
  await t.press("提交申请");
  await t.says("已经提交");
  await t.shot("elder-receipt");
  await partyAct(t, "撤回申请");
  await t.says("这件事已经办完");
  t.must(await t.page.locator("html.pl-elder").count() === 1, "the mode stays on to the end");
}
