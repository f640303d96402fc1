// The pages that need no account, one of each kind, found by following links; the main ones in the elderly
// mode too. What is asked of each of them stands in checks.mjs.
export const title = "one of each kind of public page, and the main ones in the elderly mode";

const KINDS_MOST = 60;
const MAIN = ["/", "/services/foi_request", "/columns/permit/decision", "/calculator?clock=foi_request.answer&from=2023-09-25", "/track", "/help"];

// "/matters/…/documents/…": what stands behind the first word is another of the same kind.
function kindOf(path) {
  const [, first, ...rest] = path.split("?")[0].split("/");
  const columns = ["columns", "work"].includes(first);
  return "/" + [first, ...rest.map((part, i) => (columns || ["documents", "qr", "compare", "errors", "sign-in"].includes(part) || (i === 0 && rest.length > 2) ? part : "*"))].join("/")
    .replace(/^matters\/[^*][^/]*\//, "matters/*/");
}

async function walkEach(t) {
  const seen = new Set(), queue = ["/", "/work/sign-in", "/help/errors", "/resume", "/apply/foi_request", "/apply/permit"];
  while (queue.length > 0 && seen.size < KINDS_MOST) {
    const path = queue.shift(), kind = kindOf(path);
    if (seen.has(kind)) continue;
    seen.add(kind);
    const answer = await t.page.request.get(t.url + path);
    if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    await t.go(path);
    const links = await t.page.locator("a[href^='/']").evaluateAll((all) => all.map((a) => a.getAttribute("href").split("#")[0]));
    queue.push(...links.filter((link) => !/^\/(mode|tile|assets|consistency)|\.(csv|xlsx|json)/.test(link) && !seen.has(kindOf(link))));
  }
  t.must(seen.size >= 25, `${seen.size} kinds of pages`);
  await t.go("/no-such-page", 404);
}

export async function walk(t) {
  await walkEach(t);
  await t.go("/ledger/5/qr"); // of an old act: what was done last may not be under a signed head yet
  await t.go("/checkpoints");
  await Promise.all([t.page.waitForNavigation(), t.page.locator('main a[href*="from="]').nth(1).click()]); // one head goes on from another
  await t.look();
  await t.go("/");
  await t.follow("长者模式（大字）");
  t.must(await t.page.locator("html.pl-elder").count() === 1, "the mode is on");
  await t.shot("home-elder");
  for (const path of MAIN.slice(1)) await t.go(path);
  await t.follow("标准模式");
  t.must(await t.page.locator("html.pl-elder").count() === 0, "the mode is off");
}
