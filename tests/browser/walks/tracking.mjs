// What a party may do with number and code: ask for a hearing, state his views, withdraw, object.
import { cardNumber } from "../lib.mjs";
import { act, apply, doAct, partyAct, track } from "../office.mjs";
import { applicant } from "./aid.mjs";
import { from, person, practice } from "./permit.mjs";

export const title = "a party by number and code: a hearing, his views, withdrawal, an objection; no act twice, none that is over";

export async function walk(t) {
  const [number, code] = await apply(t, from, "申请人", "qs-window",
    [...person("华佗", cardNumber(3)), {}, ...practice, { materials: [{ code: "M1", received: "true" }, { code: "M2", received: "true" }] }]);
  await act(t, "pm_window-1@qs-window", number, "受理");
  await act(t, "pm_reviewer-1@qs", number, "开始审查");
  await doAct(t, "告知利害关系人", { third_names: ["清水第2律师事务所"] });

  await t.open();
  await track(t, number, code);
  await partyAct(t, "陈述申辩", { statement: "实习已经满一年，材料真实。" });
  const asked = t.page.url().replace(/\?.*/, "");
  await partyAct(t, "申请听证", { hearing_cause: "对审查意见有不同看法" });
  await t.says("特别程序");
  await t.shot("track-hearing");
  await t.go(`${new URL(asked).pathname}/request_hearing`, 409); // the door is closed: it says so
  await t.go(new URL(asked).pathname);
  await partyAct(t, "撤回申请", { reason: "改到另一个城市执业" });
  await t.says("这件事已经办完");

  // An objection to a refusal of legal aid.
  const [aid, aidCode] = await apply(t, "/services/aid_case", "申请人", "qs-aid", applicant("葛洪", cardNumber(5), "婚姻家庭"));
  await act(t, "window_clerk-1@qs-aid", aid, "受理");
  await act(t, "aid_examiner-1@qs-aid", aid, "经济状况核查", { means_route: "信息共享查询", income_month: "9000", members: "1", query_log: "民政数据查询单1号" });
  await doAct(t, "审查", { opinion: "收入高于标准", recommend: "不予" });
  await act(t, "aid_director-1@qs-aid", aid, "决定不予", { refuse_reason: "不符合经济困难标准", refuse_note: "月收入9000元，高于标准。" });
  await t.open();
  await track(t, aid, aidCode);
  await partyAct(t, "提出异议", { objection_grounds: "这个月已经没有工作。" });
  await t.says("异议");
  await t.shot("track-objection");
}
