// Applying for somebody else: the agent says so, names himself and his authority, and is who follows it.
import { fill, track } from "../office.mjs";

export const title = "applying for somebody else: an agent with his authority, who then has the code";

export async function walk(t) {
  await t.go("/services/foi_request");
  await t.follow("网上申请");
  await t.page.getByLabel("代理人", { exact: true }).check();
  await t.page.getByLabel("向哪个单位申请").selectOption("qs-office");
  await t.press("开始填写");
  const step = async (given) => {
    await fill(t.page, given);
    return t.press("保存并继续");
  };
  await step({ applicant_type: "自然人", applicant_name: "王清任" });
  await step({ contact_phone: "13800138000" });
  // The authority: a picture that is none is refused, what was typed stays; then the right one.
  await fill(t.page, { agent_name: "吴有性" });
  await t.page.locator('[name="f.authority_file"]').setInputFiles({ name: "委托书.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ not a paper") });
  await t.press("保存并继续");
  await t.says("不接受这种文件");
  t.must(await t.page.locator('[name="f.agent_name"]').inputValue() === "吴有性", "what was typed stays");
  await t.shot("agent-refused");
  await t.page.locator('[name="f.authority_file"]').setInputFiles({ name: "委托书.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 authority") });
  await t.press("保存并继续");
  await step({ info_name: "2022年人民调解工作总结" });
  await step({ form_wanted: "电子", delivery: "网上获取" });
  await step({});
  await t.says("委托书.pdf");
  await t.press("提交申请");
  await t.says("已经提交");
  const [number, code] = await t.page.locator(".govuk-panel strong").allInnerTexts();
  await t.open();
  await track(t, number, code);
  await t.says("代理人");
}
