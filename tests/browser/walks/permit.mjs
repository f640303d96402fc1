// A lawyer's permit: applied for online, told what is missing, supplied, accepted; a special procedure
// stops the clock; granted, delivered, published; the applicant follows it, and finds it in the column.
import { cardNumber } from "../lib.mjs";
import { act, apply, doAct, open, partyAct, track } from "../office.mjs";

export const title = "a permit: apply, supplement, special procedure, grant, publication, a corrected certificate; followed by code";

const CARD = cardNumber(2);
const ITEM = "1133080000002200790100000000049"; // 律师执业许可（专职律师）

export const person = (name, id) => [
  { item_code: ITEM, purpose: "首次" },
  { applicant_kind: "自然人", applicant_name: name },
  { id_type: "居民身份证", id_no: id },
  { mobile: "13800138000", address: "清水市东城区人民路1号", delivery_way: "邮寄" },
];
export const practice = [
  { practice_kind: "专职", qualification_no: "A20193502001234", internship_from: "2021-09-01", internship_to: "2022-09-01",
    public_servant: "false", criminal_record: "false", cert_revoked: "false", full_capacity: "true" },
  { firm_name: "清水第1律师事务所" },
];
export const from = `/services/permit?item=${ITEM}`;

export async function walk(t) {
  const [number, code] = await apply(t, from, "申请人", "qs-window",
    [...person("扁鹊", CARD), {}, ...practice, { materials: [{ code: "M1", source: "申请人提交", received: "true" }] }]);
  await t.shot("permit-receipt");
  await act(t, "pm_window-1@qs-window", number, "一次性补正告知", { supplement_items: ["无刑事处罚记录证明"] });

  await t.open(); // on the telephone
  await t.page.setViewportSize({ width: 360, height: 780 });
  await track(t, number, code);
  await t.says("待补正");
  await t.shot("permit-track-narrow");
  await partyAct(t, "补交材料", { materials: [{ code: "M1", received: "true" }, { code: "M2", received: "true" }] });
  await t.says("已提交");

  await act(t, "pm_window-1@qs-window", number, "受理");
  await act(t, "pm_reviewer-1@qs", number, "开始审查");
  await act(t, "pm_approver-1@qs", number, "特别程序告知", { special_kind: "专家评审", special_days: "10" });
  await t.says("特别程序");
  await t.says("中止"); // the clock stands still
  await t.shot("permit-special");
  await act(t, "pm_reviewer-1@qs", number, "特别程序结束");
  await doAct(t, "审查", { review_opinion: "材料齐全，符合法定条件", review_result: "拟准予" });
  await act(t, "pm_approver-1@qs", number, "准予", { content: "准予律师执业" });
  await act(t, "pm_window-1@qs-window", number, "颁发送达", { receipt: "邮寄签收" });
  await act(t, "pm_publish-1@qs", number, "公开与推送");
  await act(t, "pm_window-1@qs-window", number, "更正证照", { correction_note: "住址一栏的门牌号更正为1号" });

  await t.open();
  await track(t, number, code);
  await t.says("已公开");
  await t.shot("permit-track");
  await partyAct(t, "好差评", { rating: "5" });
  await t.go("/columns/permit/decision"); // the newest first
  await t.says("扁鹊");
  await t.go(`/matters/${encodeURIComponent(number)}`);
  await t.says("准予律师执业");
  const main = await t.page.locator("main").innerText();
  t.must(!main.includes(CARD), "strangers do not see the number of his card");
}
