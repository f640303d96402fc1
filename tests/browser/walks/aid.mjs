// Legal aid for wages that were not paid: applied for online, examined, granted, assigned, handled,
// closed, its subsidy paid.
import { cardNumber, today } from "../lib.mjs";
import { act, apply, doAct, track } from "../office.mjs";

export const title = "legal aid: application, examination, grant, assignment, report, payment; followed by code";

export const applicant = (name, id, kind) => [
  { name, id_type: "居民身份证", id_no: id },
  { phone: "13800138000", address: "清水市东城区人民路1号", region_code: "330800" },
  { form: "劳动争议仲裁代理", matter_kind: kind, case_type: "劳动仲裁" },
  {},
  { groups: ["农民工"] },
];

export async function walk(t) {
  const [number, code] = await apply(t, "/services/aid_case", "申请人", "qs-aid", applicant("孟诜", cardNumber(6), "劳动报酬"));
  await act(t, "window_clerk-1@qs-aid", number, "受理");
  await act(t, "aid_examiner-1@qs-aid", number, "审查",
    { opinion: "农民工请求劳动报酬，符合条件。", recommend: "给予", exempt_ground: "农民工请求劳动报酬或者工伤", exempt_proof: "劳动合同和工资条" });
  await act(t, "aid_director-1@qs-aid", number, "决定给予");
  await act(t, "assigner-1@qs-aid", number, "指派", { provider: "FL0001", conflict_none: "true" });
  await t.shot("aid-assigned");
  await act(t, "aid_provider-10@qs-aid", number, "接受指派", { contract_on: today() });
  await doAct(t, "提交结案报告", { result: "仲裁裁决", result_on: today(), close_report: "裁决支付工资一万二千元。", amount_recovered: "12000", recovered_kind: "取得款项" });
  await act(t, "aid_examiner-1@qs-aid", number, "结案审查", { file_complete: "true" });
  await act(t, "finance_officer-1@qs-aid", number, "支付办案补贴");
  await t.says("1,400"); // as the table of prices has it
  await t.open();
  await track(t, number, code);
  await t.shot("aid-track");
}
