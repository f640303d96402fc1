// A random inspection: planned, the pool frozen and announced, drawn on a later day by two with a witness,
// sealed; one inspector steps aside, one object is gone and its substitute moves up; published.
import { daysOn, today } from "../lib.mjs";
import { act, begin, doAct, open, related } from "../office.mjs";

export const title = "a draw: plan, freeze, announcement, draw with a witness, seal, recusal, substitution, publication";

const [PLANNER, DRAWER, LEADER] = ["dr_planner-1@qs-enforce", "dr_drawer-1@qs-enforce", "dr_leader-1@qs-enforce"];
const DRAWN = daysOn(2), INSPECTED = daysOn(9), ROUND = "年初抽查";

export async function walk(t) {
  await t.travel(`${today()}T09:30:00+08:00`, "draw");
  const plan = await begin(t, PLANNER, "inspection_plan", "plan", { plan_name: "2024年年初双随机、一公开抽查计划", plan_year: "2024",
    items: [{ item_code: "DR-LAW" }],
    rounds: [{ round_name: ROUND, half: "上半年", month: "1", kinds: "律师事务所", line_unit: "qs-lawyer" }],
    strata: [{ round_name: ROUND, name: "律师事务所", kind: "律师事务所", ratio: "20" }] });
  await act(t, LEADER, plan, "审批计划", { leader_opinion: "同意" });
  await act(t, "dr_publisher-1@qs", plan, "公布计划");
  await act(t, PLANNER, plan, "启动一批抽查", { this_round: ROUND, batch_day: INSPECTED, batch_cross: "true" });
  const batch = await related(t, "双随机抽取");
  await act(t, DRAWER, batch, "预告抽取", { draws_on: DRAWN, sources: [{ source: "公共随机数（试验）", issue: "2024002", shape: "99 99 99" }] });
  await t.shot("draw-announced");

  await t.travel(`${DRAWN}T10:00:00+08:00`);
  await act(t, "dr_witness-1@qs", batch, "监督人到场");
  await act(t, "dr_drawer-2@qs-enforce", batch, "第二名抽取人到场");
  await act(t, DRAWER, batch, "随机抽取", { values: ["02 13 28"] });
  await doAct(t, "密封下发");
  await open(t, LEADER, batch);
  await t.shot("draw-sealed");
  const tasks = (await t.page.getByRole("region", { name: "有关办件" }).getByRole("link").allInnerTexts()).filter((no) => no.includes("随查"));
  t.must(tasks.length >= 3, `${tasks.length} objects were drawn`);

  // One of those who were drawn to inspect is a relative there: the next one of the list steps in.
  const [task, gone] = tasks;
  const officer = await officerOf(t, task);
  await act(t, officer, task, "申请回避", { recusal_ground: "近亲属关系", recusal_note: "该所负责人是本人的近亲属" });
  await act(t, LEADER, task, "决定回避", { recusal_ok: "true", leader_opinion: "同意回避" });
  await t.says("已回避");
  t.must(await officerOf(t, task) !== officer, "somebody else inspects");

  // An object is gone: its substitute moves up by itself.
  await act(t, DRAWER, gone, "对象已不存在", { closed_reason: "已经注销" });
  await open(t, DRAWER, batch);
  await t.says("替换已不存在的对象");

  await t.travel(`${INSPECTED}T09:00:00+08:00`);
  await act(t, "dr_publisher-1@qs", batch, "公开抽查名单");
  await t.open();
  await t.go("/draws");
  await t.follow(batch);
  await t.says("已经注销");
  await t.says("02 13 28");
  await t.shot("draw-public");
}

// The first of those who are drawn to inspect, as the leader reads it.
async function officerOf(t, task) {
  await open(t, LEADER, task);
  const found = (await t.page.locator("main").textContent()).match(/dr_(inspector|district)-\d+@[\w-]+/);
  t.must(found, "the leader reads who is to inspect");
  return found[0];
}
