// The main pages look as they did when somebody last looked at them and found them good.
import { act, apply, fill } from "../office.mjs";
import { MOST, difference, like, picture } from "../golden.mjs";
import { NOW } from "../lib.mjs";

export const title = "the main pages look as they did: for strangers, for staff, on a telephone";

const PUBLIC = { home: "/", services: "/services", service: "/services/foi_request", docket: "/matters", report: "/report/2023", draws: "/draws",
  column: "/columns/permit/decision", calculator: "/calculator?clock=foi_request.answer&from=2023-09-25", track: "/track", calendar: "/calendar?year=2023" };

const REQUEST = [
  { applicant_type: "自然人", applicant_name: "张仲景" }, { contact_phone: "13800138000" }, {}, { info_name: "2022年法律援助经费决算" },
  { form_wanted: "电子", delivery: "网上获取" }, {},
];

// The comparison sees what it is there for: the page that is open, without its heading.
async function seesWhatMoved(t) {
  const before = await picture(t);
  await t.page.evaluate(() => document.querySelector("h1").remove());
  const share = difference(before, await picture(t));
  t.must(share > MOST, `a page without its heading is another picture, not ${share * 100} %`);
}

export async function walk(t) {
  await t.travel(NOW, "goldens"); // nobody else acts in it
  for (const [name, path] of Object.entries(PUBLIC)) {
    await t.go(path);
    await like(t, name);
  }
  await seesWhatMoved(t);
  await t.go("/report/2023");
  await Promise.all([t.page.waitForNavigation(), t.page.locator('main a[href^="/figures/"]').first().click()]);
  await like(t, "figure");
  await t.go("/matters");
  await Promise.all([t.page.waitForNavigation(), t.page.locator('main table a[href^="/matters/"], main .pl-list a[href^="/matters/"]').first().click()]);
  await like(t, "matter");

  const [number] = await apply(t, "/services/foi_request", "申请人", "qs-office", REQUEST, async (step) => {
    if (step === 1) await like(t, "apply");
  });
  await like(t, "receipt");
  await t.page.setViewportSize({ width: 360, height: 780 });
  await t.go(new URL(t.page.url()).pathname);
  await like(t, "track-matter-narrow");
  await t.go("/");
  await like(t, "home-narrow");

  await t.signIn("window_clerk-1@qs-office");
  await t.go("/work");
  await like(t, "work-home");
  await t.go("/work/matters");
  await like(t, "work-docket");
  await t.go(`/work/matters/${encodeURIComponent(number)}`);
  await like(t, "work-matter");
  await t.follow("确认收到");
  await like(t, "work-act");
  await t.signIn("deputy_director-1@qs-office");
  await t.go("/work/dashboard");
  await like(t, "dashboard");
}
