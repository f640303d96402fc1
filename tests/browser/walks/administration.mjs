// Who administers: a definition checked, drawn, compared and brought into force, a template tried out, a
// holiday notice looked at and loaded, who acts for whom and who stays out, accounts, tokens, subscriptions, a
// second factor; the auditor reads who read what; who leads reads the overview. In a bureau of its own.
import { createHmac } from "node:crypto";
import { NOW } from "../lib.mjs";
import { fill } from "../office.mjs";

export const title = "administration: definitions, templates, a notice, delegation, recusal, accounts, tokens, subscriptions, a second factor; the auditor; the overview";

const main = async (t) => (await t.page.locator("main").innerText()).replace(/\s+/g, " ");
const named = (t, name) => t.page.locator(`main [name="${name}"]`);

// What is pasted is read and drawn beside what is in force; a fault is told with its line; what has none and was
// looked at is brought into force.
async function definitions(t) {
  await t.go("/work/admin/definitions");
  await named(t, "text").fill("procedure: [没有写完");
  await t.press("检查");
  await t.shot("admin-definition-none");
  t.must((await named(t, "text").inputValue()).includes("没有写完"), "what was pasted stays");
  await t.go("/work/admin/definitions?name=procedures/foi_record.yaml");
  const text = await named(t, "text").inputValue();
  t.must(text.includes("procedure: foi_record"), "one may begin with what is in force");
  await named(t, "text").fill(text.replace(/^( +)from: new$/m, "$1from: nowhere"));
  await t.press("检查");
  await t.page.getByRole("link", { name: /^第 \d+ 行$/ }).first().click();
  await t.says("nowhere");
  await t.shot("admin-definition-fault");
  await named(t, "text").fill(text.replace(/^label: .*$/m, "label: 更正政府信息记录（试改）"));
  await t.press("检查");
  await t.says("对在办事项的影响");
  t.must(await t.page.locator(".pl-diagram svg").count() === 2, "two diagrams, the old and the new");
  await t.says("（试改）");
  await t.shot("admin-definition-two");
  await t.press(/^启用 /); // without having ticked that he looked
  t.must((await named(t, "text").inputValue()).includes("（试改）"), "it is told, and what was pasted stays");
  await t.page.getByLabel(/已经核对/).check();
  await t.press(/^启用 /);
  await t.says("已经启用，并记入存证");
  await t.shot("admin-definition-in-force");
}

async function templates(t) {
  await t.go("/work/admin/templates");
  await Promise.all([t.page.waitForNavigation(), t.page.locator('a[href*="procedure=foi_request"][href*="document=answer"]').click()]);
  await t.look();
  await t.says("用示例打印");
  await named(t, "text").fill("{{没有这个字段");
  await t.press("预览");
  t.must(await named(t, "text").inputValue() === "{{没有这个字段", "a template that is none stays to be mended");
  await t.shot("admin-template-fault");
  await named(t, "text").fill("答复书（试改）\n{{applicant_name}}：\n");
  await t.press("预览");
  t.must((await t.page.locator(".pl-paper").first().innerText()).includes("答复书（试改）"), "it is shown as it would print");
  await t.shot("admin-template");
}

// A working day becomes a holiday: the days and the terms that move are told before and after.
const NOTICE = "notice\t试发〔2024〕1号\ntitle\t关于2024年1月部分工作日安排的通知\nsource\thttps://example.gov.cn/notice\nknown\t2024-01-03\n" +
  "amends\t2024\noff\t元旦\t2024-01-04\t2024-01-05\n";

async function calendar(t) {
  await t.go("/work/admin/calendar");
  await named(t, "text").fill(NOTICE.replace("2024-01-05", "2024-13-05"));
  await t.press("预览");
  t.must((await named(t, "text").inputValue()).includes("2024-13-05"), "a day that does not exist stays to be mended");
  await t.shot("admin-calendar-fault");
  await named(t, "text").fill(NOTICE);
  await t.press("预览");
  await t.says("预览：还没有登记");
  t.must(/变动的期限：[1-9]/.test(await main(t)), `terms move: ${(await main(t)).slice(0, 900)}`);
  await t.shot("admin-calendar");
  await t.press("登记这份通知");
  await t.says("个期限已经变动");
}

async function enter(t, register, given, missing) {
  await t.go(`/work/admin/registers/${register}/entry`);
  await fill(t.page, { ...given, [missing]: "" });
  await t.press("登记");
  await t.says("请先改正下面的问题");
  const [kept, value] = Object.entries(given).find(([name]) => name !== missing);
  t.must(await t.page.locator(`[name="f.${kept}"]`).inputValue() === value, "what was typed stays");
  await fill(t.page, { [missing]: given[missing] });
  await t.press("登记");
  t.must(await t.page.locator(".govuk-error-summary").count() === 0, `it is entered in ${register}`);
}

async function standing(t) {
  await enter(t, "delegations", { id: "D-1", from_staff: "office_info-1@qs-office", to_staff: "head_office_info-1@qs-office", reason: "病假",
    $from: "2024-01-03", $until: "2024-01-31" }, "to_staff");
  await enter(t, "recusals", { recusal_no: "R-1", staff: "case_officer-1@qs-office", procedure: "foi_request", ground: "近亲属关系",
    basis: "公务员法 第七十六条", $from: "2024-01-03" }, "staff");
  await t.go("/work/admin/standing");
  await t.says("病假");
  await t.says("近亲属关系");
  await t.shot("admin-standing");
  await t.page.getByRole("link", { name: /修改或终止/ }).first().click();
  await t.page.waitForURL(/entry/);
  await t.look();
  await t.press("终止这一条");
  await t.go("/work/admin/registers/units");
  await t.shot("admin-register");
}

async function accounts(t) {
  await t.go("/work/admin/accounts");
  await named(t, "id").fill("nobody");
  await t.press("结束全部登录");
  t.must(await named(t, "id").inputValue() === "nobody", "a name that nobody has stays");
  await named(t, "id").fill("window_clerk-2@qs-office");
  await t.press("重设密码并解除锁定");
  await t.says("只显示这一次");
  await t.shot("admin-account");
  return t.page.locator(".govuk-notification-banner code").innerText();
}

async function programs(t) {
  await t.go("/work/admin/tokens");
  await t.press("生成令牌"); // for nobody
  await named(t, "account").fill("office_info-1@qs-office");
  await named(t, "label").fill("办公系统");
  await t.press("生成令牌");
  const secret = await t.page.locator(".govuk-notification-banner code").innerText();
  const ask = () => t.page.request.get(`${t.url}/api/matters`, { headers: { authorization: `Bearer ${secret}` } });
  t.must((await ask()).status() === 200, "the token opens the list for programs");
  await t.go("/work/admin/tokens");
  await t.shot("admin-tokens");
  await t.press(/^停用.*办公系统$/);
  t.must((await ask()).status() === 401, "and no more when it has been ended");

  await t.go("/work/admin/webhooks");
  await named(t, "label").fill("市大数据局共享平台");
  await named(t, "url").fill("ftp://10.0.0.1/x");
  await t.press("建立订阅");
  t.must(await named(t, "label").inputValue() === "市大数据局共享平台", "an address that is none stays to be mended");
  await named(t, "url").fill("https://receiver.example/hook");
  await t.press("建立订阅");
  await t.says("市大数据局共享平台");
  await t.shot("admin-webhooks");
  await t.press(/^停用.*市大数据局共享平台$/);
  await t.go("/work/admin/parameters");
}

// RFC 6238 with SHA-1, as telephones do it.
function oneTimeCode(words, seconds) {
  const bits = [...words.replace(/\s/g, "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const hash = createHmac("sha1", key).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// A password that somebody else has set is changed first; then a telephone is asked for as well.
async function ownSignIn(t, id, password, began) {
  const now = () => (Date.parse(NOW) + Date.now() - began.at) / 1000;
  // When the server's clock began we know to within so many seconds: not where one step ends and the next begins.
  const within = async () => {
    while (now() % 30 < began.within || now() % 30 > 30 - began.within)
      await t.page.waitForTimeout(500);
    return now();
  };
  const signIn = async (given) => {
    await t.open();
    await t.go("/work/sign-in");
    await t.page.getByLabel("账号").fill(id);
    await t.page.getByLabel("密码").fill(given);
    await t.press("登录");
  };
  await signIn(password);
  t.must(new URL(t.page.url()).pathname === "/work/password", "the password is to be changed first");
  const change = async (again) => {
    await t.page.getByLabel("原来的密码").fill(password);
    await t.page.getByLabel("新密码", { exact: true }).fill("清水 Office 2024 #1");
    await t.page.getByLabel("再输入一次新密码").fill(again);
    await t.press("修改密码");
  };
  await change("清水 Office 2024 #2");
  t.must(new URL(t.page.url()).pathname === "/work/password", "two that differ are refused");
  await change("清水 Office 2024 #1");
  await t.go("/work/second-factor");
  await t.press("开始设置");
  await t.shot("second-factor");
  const words = await t.page.locator(".pl-secret").innerText();
  await t.page.getByLabel("六位验证码").fill("000000");
  await t.press("启用");
  const shown = t.page.locator(".pl-secret"), secret = await shown.count() ? await shown.innerText() : words;
  await t.page.getByLabel("六位验证码").fill(oneTimeCode(secret, await within()));
  await t.press("启用");
  await t.says("已启用");
  await signIn("清水 Office 2024 #1");
  t.must(new URL(t.page.url()).pathname === "/work/code", "the telephone is asked for");
  await t.page.getByLabel("六位验证码").fill("000000");
  await t.press("继续");
  t.must(new URL(t.page.url()).pathname === "/work/code", "a wrong code does not let in");
  await t.shot("second-factor-code");
  await t.page.getByLabel("六位验证码").fill(oneTimeCode(secret, await within() + 30)); // the one of before has been used
  await t.press("继续");
  t.must(new URL(t.page.url()).pathname === "/work", "the right one does");
}

async function auditor(t) {
  await t.signIn("auditor-1@qs");
  await t.go("/work/admin");
  await t.go("/work/admin/access");
  await t.shot("admin-access");
  t.must(await t.page.getByRole("region", { name: "查阅记录" }).getByRole("row").count() > 1, "it is told who read what");
  await Promise.all([t.page.waitForNavigation(), t.page.getByRole("region", { name: "查阅记录" }).getByRole("link").first().click()]);
  await t.look();
}

async function overview(t) {
  await t.signIn("director-1@qs");
  await t.go("/work/dashboard");
  await t.shot("admin-dashboard");
  await t.follow(/^看\d+年$/);
  await t.go("/work/dashboard");
  await Promise.all([t.page.waitForNavigation(), t.page.getByRole("link", { name: /^各月、各单位/ }).first().click()]);
  await t.look();
  await t.shot("admin-dashboard-chosen");
  await t.go("/work/dashboard");
  await Promise.all([t.page.waitForNavigation(), t.page.locator(".pl-tile__link").first().click()]);
  await t.look();
}

export async function walk(t) {
  const before = Date.now();
  await t.travel(NOW, "administration");
  const half = (Date.now() - before) / 2, began = { at: before + half, within: Math.min(half / 1000 + 1, 14) };
  await t.signIn("office_info-1@qs-office");
  await t.go("/work/matters?procedure=foi_request");
  await Promise.all([t.page.waitForNavigation(), t.page.locator('tbody a[href^="/work/matters/"]').first().click()]);
  await t.signIn("system_admin-1@qs");
  await t.go("/work/admin");
  await t.shot("admin");
  await definitions(t);
  await templates(t);
  await standing(t);
  await programs(t);
  const password = await accounts(t);
  await calendar(t);
  await auditor(t);
  await overview(t);
  await ownSignIn(t, "window_clerk-2@qs-office", password, began);
}
