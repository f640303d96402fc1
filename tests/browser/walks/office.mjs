// A request goes through the office: receipt, a third party's opinion, one extension, an answer that
// four people made. Each of them signs in and finds only what is his to do; who asked sees it all.
import { today } from "../lib.mjs";
import { requestInformation } from "../request.mjs";

export const title = "staff receive a request, ask a third party, extend, draft, review and sign; who asked reads the answer";

// Opens the matter as that person and does one act: form, answers to check, done.
async function act(t, who, number, label, fill) {
  await t.signIn(who);
  await t.page.goto(`${t.url}/work/matters?q=${encodeURIComponent(number)}`);
  await t.page.getByRole("link", { name: number, exact: true }).first().click();
  await doAct(t, label, fill);
}

async function doAct(t, label, fill) {
  await t.follow(label);
  if (fill) {
    await fill(t.page);
    await t.press("下一步：核对");
    await t.says("确认以后记入存证");
  }
  await t.press("确认办理");
  await t.says(`${label}，已记入存证`);
}

// The last day of a clock that the page shows.
async function lastDay(t, clock) {
  const box = t.page.locator(".pl-clock", { has: t.page.getByRole("heading", { name: clock }) }).first();
  return (await box.innerText()).match(/\d{4}年\d+月\d+日/)[0];
}

export async function walk(t) {
  const wanted = "清水市律师事务所2022年度考核材料";
  const [number, code] = await requestInformation(t, "李时珍", wanted);

  await t.signIn("window_clerk-1@qs-office");
  await t.look();
  await t.go(`/work/matters?q=${encodeURIComponent(number)}`);
  await t.shot("office-docket");
  await t.follow(number);
  await t.shot("office-matter");
  await doAct(t, "确认收到", async (page) => {
    await page.getByLabel("收到申请之日").fill(today());
    await page.getByLabel("收到日期的依据").fill("与申请人电话确认");
  });
  await act(t, "office_info-1@qs-office", number, "开始办理");
  await doAct(t, "征求意见", async (page) => {
    const party = page.getByRole("group", { name: "第三方" });
    await party.getByLabel("名称").first().fill("清水某律师事务所");
    await party.getByLabel("收到日期").first().fill(today());
    await page.getByLabel("征求意见涉及的信息").fill("年度考核材料");
    await t.shot("office-consult");
  });
  await t.says("征求意见中");

  const [consultation] = await t.page.getByRole("region", { name: "有关办件" }).getByRole("link").allInnerTexts();

  await act(t, "window_clerk-1@qs-office", consultation, "意见返回", async (page) => {
    await page.getByLabel("同意公开", { exact: true }).check();
  });

  await t.signIn("head_office_info-1@qs-office");
  await t.go(`/work/matters?q=${encodeURIComponent(number)}`);
  await t.follow(number);
  await t.says("同意公开");
  const before = await lastDay(t, "答复期限");
  await doAct(t, "延长答复期限", async (page) => {
    await page.getByLabel("延长答复的理由").fill("需要进一步核对第三方材料");
    await page.getByLabel("延长的工作日数").fill("10");
  });
  const after = await lastDay(t, "答复期限");
  t.must(before !== after, `the term was extended: ${before}, ${after}`);
  await t.shot("office-extended");

  await act(t, "case_officer-1@qs-office", number, "登记检索", async (page) => {
    await page.getByLabel("检索位置").first().fill("档案系统");
    await page.getByLabel("关键词").first().fill("年度考核");
    await page.getByLabel("检索人").first().fill("承办处室");
    await page.getByLabel("检索日期").first().fill(today());
  });
  await doAct(t, "拟稿", async (page) => {
    await page.locator("[name='f.outcome']").first().selectOption("O1");
    await page.getByLabel("答复内容").fill("予以公开，随附考核材料。");
  });
  await act(t, "secrecy_reviewer-1@qs-office", number, "审核", async (page) => {
    await page.getByLabel("保密审查意见").fill("不涉密");
    await page.getByLabel("合法性审查意见").fill("合法");
  });
  await act(t, "deputy_director-1@qs-office", number, "签发并送达");
  await t.says("已答复送达");

  await t.open();
  await t.page.goto(`${t.url}/track`);
  await t.page.getByLabel("办件编号").fill(number);
  await t.page.getByLabel("查询码").fill(code);
  await t.press("查询");
  await t.says("已答复送达");
  await t.shot("office-track");
  await t.page.getByRole("link", { name: /答复/ }).last().click();
  await t.look();
  await t.says("予以公开，随附考核材料。");
}
