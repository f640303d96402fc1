// The pages that need no account: as wide as a desk, as narrow as a telephone, at twice the size,
// in the elderly mode and on paper.
export const title = "public pages fit 1280 px, 320 px, 200 %, the elderly mode and paper, without a violation";

const paths = ["/", "/services/foi_request", "/columns/permit/decision",
  "/calculator?clock=foi_request.answer&from=2023-09-25", "/help"];

// axe-core reads what the page says and how it contrasts: once for each mode is enough. Whether it
// fits is asked at every width.
export async function walk(t) {
  for (const path of paths) await t.go(path);
  for (const viewport of [{ width: 320, height: 800 }, { width: 640, height: 480 }]) { // 640: 1280 at 200 %
    await t.open({ viewport });
    for (const path of paths) {
      await t.page.goto(t.url + path);
      await t.fits();
    }
  }
  await t.open();
  await t.go("/");
  await t.follow("长者模式（大字）");
  t.must(await t.page.locator("html.pl-elder").count() === 1, "the mode is on");
  await t.shot("home-elder");
  for (const path of paths.slice(1, 3)) await t.go(path);
  await t.page.setViewportSize({ width: 320, height: 800 });
  for (const path of paths) {
    await t.page.goto(t.url + path);
    await t.fits();
  }
  await t.follow("标准模式");
  t.must(await t.page.locator("html.pl-elder").count() === 0, "the mode is off");
  await t.page.setViewportSize({ width: 1280, height: 900 });
  await t.page.emulateMedia({ media: "print" });
  await t.page.goto(t.url + "/services/foi_request");
  t.must(!(await t.page.locator(".govuk-service-navigation").first().isVisible()), "no navigation on paper");
}
