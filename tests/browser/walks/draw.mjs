// A random inspection through the draw console: planned; the pool frozen, announced; on a later day drawn by
// two with a witness, each by his own sign-in; sealed; one inspector steps aside, one object is gone and its
// substitute moves up; the seal ends, the list is published and can be worked out by anybody.
import { daysOn, today } from "../lib.mjs";
import { act, begin, open, related, step } from "../office.mjs";

export const title = "the draw console: freeze, announcement, draw with a witness, seal, recusal, substitution, opening, publication";

const [PLANNER, DRAWER, SECOND, LEADER, WITNESS, PUBLISHER] = ["dr_planner-1@qs-enforce", "dr_drawer-1@qs-enforce", "dr_drawer-2@qs-enforce",
  "dr_leader-1@qs-enforce", "dr_witness-1@qs", "dr_publisher-1@qs"];
const DRAWN = daysOn(2), INSPECTED = daysOn(9), ROUND = "年初抽查", SEED = "02 13 28";

// What the console says of a step to who looks at it.
async function stepOf(t, who, number, label) {
  await t.signIn(who);
  await t.go(`/work/draws/${encodeURIComponent(number)}`);
  return (await t.page.locator(".pl-console__step", { has: t.page.getByRole("heading", { name: label }) }).innerText()).replace(/\s+/g, " ");
}

async function prepare(t) {
  const plan = await begin(t, PLANNER, "inspection_plan", "plan", { plan_name: "2024年年初双随机、一公开抽查计划", plan_year: "2024",
    items: [{ item_code: "DR-LAW" }],
    rounds: [{ round_name: ROUND, half: "上半年", month: "1", kinds: "律师事务所", line_unit: "qs-lawyer" }],
    strata: [{ round_name: ROUND, name: "律师事务所", kind: "律师事务所", ratio: "20" }] });
  await act(t, LEADER, plan, "审批计划", { leader_opinion: "同意" });
  await act(t, PUBLISHER, plan, "公布计划");
  await act(t, PLANNER, plan, "启动一批抽查", { this_round: ROUND, batch_day: INSPECTED, batch_cross: "true" });
  return [plan, await related(t, "双随机抽取")];
}

// Nobody stands for another: who drew cannot witness, and without a witness nothing is drawn.
async function draw(t, batch) {
  const early = await stepOf(t, DRAWER, batch, "随机抽取");
  t.must(early.includes("还差"), `what is missing before the draw is said: ${early}`);
  await t.shot("console-before");
  t.must(!(await stepOf(t, DRAWER, batch, "监督人到场")).includes("您不能办"), "the drawer is not offered the witness's step");
  t.must(await t.page.getByRole("link", { name: "监督人到场", exact: true }).count() === 0, "and has no button for it");
  t.must((await step(t, WITNESS, batch, "监督人到场")).includes("办理"), "the witness confirmed by his own sign-in");
  await step(t, SECOND, batch, "第二名抽取人到场");
  const apart = await stepOf(t, SECOND, batch, "随机抽取");
  t.must(apart.includes("您不能办"), `who assisted cannot draw: ${apart}`);
  await step(t, DRAWER, batch, "随机抽取", { values: [SEED] });
  await step(t, DRAWER, batch, "密封下发");
  await t.shot("console-sealed");
}

// One of those who were drawn to inspect is a relative there: the next one of the list steps in.
async function recuse(t, task) {
  const officer = await officerOf(t, task);
  await act(t, officer, task, "申请回避", { recusal_ground: "近亲属关系", recusal_note: "该所负责人是本人的近亲属" });
  await act(t, LEADER, task, "决定回避", { recusal_ok: "true", leader_opinion: "同意回避" });
  await t.says("已回避");
  t.must(await officerOf(t, task) !== officer, "somebody else inspects");
}

export async function walk(t) {
  await t.travel(`${today()}T09:30:00+08:00`, "draw");
  const [plan, batch] = await prepare(t);
  t.must((await stepOf(t, DRAWER, batch, "冻结名录库")).includes("已办"), "the pool is frozen");
  await t.follow("抽取台");
  await t.follow(batch);
  await step(t, DRAWER, batch, "预告抽取", { draws_on: DRAWN, sources: [{ source: "公共随机数（试验）", issue: "2024002", shape: "99 99 99" }] });

  await t.travel(`${DRAWN}T10:00:00+08:00`);
  await draw(t, batch);
  await step(t, LEADER, batch, "查阅密封名单", { look_reason: "核对人员安排" });
  const tasks = (await t.page.getByRole("region", { name: "任务和有关办件" }).getByRole("link").allInnerTexts()).filter((no) => no.includes("随查"));
  t.must(tasks.length >= 3, `${tasks.length} objects were drawn`);
  const [task, gone] = tasks;
  await recuse(t, task);
  await act(t, DRAWER, gone, "对象已不存在", { closed_reason: "已经注销" }); // its substitute moves up by itself
  t.must((await stepOf(t, DRAWER, batch, "替换已不存在的对象")).includes("已办"), "the console tells of the substitution");

  await t.travel(`${INSPECTED}T09:00:00+08:00`);
  t.must(!(await stepOf(t, PUBLISHER, batch, "公开抽查名单")).includes("还差"), "on the day of the inspection the seal is off");
  await step(t, PUBLISHER, batch, "公开抽查名单");
  await t.shot("console-published");
  await t.open();
  await t.go("/draws");
  await t.follow(batch);
  await t.says("已经注销");
  await t.says(SEED);
  await t.shot("draw-public");
  await t.go(`/matters/${encodeURIComponent(plan)}`); // the plan was published with its paper
  await Promise.all([t.page.waitForNavigation(), t.page.locator('main a[href*="/documents/"]').first().click()]);
  await t.look();
}

// The first of those who are drawn to inspect, as the leader reads it.
async function officerOf(t, task) {
  await open(t, LEADER, task);
  const found = (await t.page.locator("main").textContent()).match(/dr_(inspector|district)-\d+@[\w-]+/);
  t.must(found, "the leader reads who is to inspect");
  return found[0];
}
