// Two clerks at the window open the same request. The slower one is told what was done meanwhile and
// by whom, with what he wrote still there; then the page shows him the request as it is now.
import { today } from "../lib.mjs";
import { requestInformation } from "../request.mjs";

export const title = "two clerks at one request: the second is told what the first did, and keeps his words";

async function openForm(t, who, number) {
  await t.signIn(who);
  await t.go(`/work/matters/${encodeURIComponent(number)}`);
  await t.follow("确认收到");
}

async function write(t, evidence) {
  await t.page.getByLabel("收到申请之日").fill(today());
  await t.page.getByLabel("收到日期的依据").fill(evidence);
}

export async function walk(first) {
  const second = first.beside();
  try {
    const [number] = await requestInformation(first, "孙思邈", "2022年人民调解工作总结");
    await openForm(first, "window_clerk-1@qs-office", number);
    const name = (await first.page.locator(".pl-work-user span").innerText()).split("　")[1];
    await openForm(second, "window_clerk-2@qs-office", number);
    await write(first, "先到的：与申请人电话确认");
    await write(second, "后到的：短信回执");
    await second.press("下一步：核对"); // he has even checked his answers when the other confirms
    await first.press("下一步：核对");
    await first.press("确认办理");
    await first.says("确认收到，已记入存证");

    const answer = await second.press("确认办理");
    second.must(answer.status() === 409, `409, not ${answer.status()}`);
    await second.says("您打开页面以后，有人办理了这个办件");
    await second.says(name);
    second.must(await second.page.getByLabel("收到日期的依据").inputValue() === "后到的：短信回执", "his words are kept");
    second.must(await second.page.getByLabel("收到申请之日").inputValue() === today(), "and the day");
    await second.shot("collision");
    await second.follow("办件现在的情况");
    await second.says("先到的：与申请人电话确认");
    const main = await second.page.locator("main").innerText();
    second.must(!main.includes("后到的"), "nothing of the second was recorded");
  } finally {
    await second.close();
  }
}
