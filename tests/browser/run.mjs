// Walks through the bureau's pages in a real browser, each walk one line of TAP.
//
// usage: node run.mjs PLUMBLINE SOURCE [WALK...]     (SHOTS=DIR keeps pictures of the main pages)
// run.sh sees to it that chromium and the npm packages are there.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Walker, forget, makeBureau, openBrowser, serve, walksIn } from "./lib.mjs";

const LANES = 2; // walks at the same time: each has its own windows and its own matters

const here = dirname(fileURLToPath(import.meta.url));
const [plumbline, source, ...chosen] = process.argv.slice(2);
const names = walksIn(join(here, "walks")).filter((name) => chosen.length === 0 || chosen.some((c) => name.includes(c)));
let failed = 0, taken = 0, reported = 0; // as they end

async function take(walker, name) {
  const { title, walk } = await import(join(here, "walks", name));
  const began = Date.now();
  try {
    await walker.open();
    await walk(walker);
    console.log(`ok ${++reported} - ${title}\n# ${Math.round((Date.now() - began) / 1000)} s`);
    return true;
  } catch (error) {
    console.log(`not ok ${++reported} - ${title}`);
    console.log(String(error.message).split("\n").map((line) => `# ${line}`).join("\n"));
    await walker.shot(`failed-${name}`).catch(() => {});
    return false;
  } finally {
    await walker.end();
  }
}

// Rows of the table of what is answered that no browser shows as a page: feeds, files, what programs read.
const NO_PAGE = /\/feed$|^\/(assets|mode|tile|checkpoint|log-keys|consistency|openapi|healthz|readyz|metrics|api)(\/|$)|^\/draws\/\{\}\/|^\/work\/events|\/files\//;

// All walks together look at every page that the program has.
function reachAll(bureau) {
  const rows = execFileSync(plumbline, ["serve", "--routes", "--site", bureau.site], { encoding: "utf8" }).trim().split("\n").map((line) => line.split("\t"));
  const pages = rows.filter(([method, pattern]) => method === "GET" && !NO_PAGE.test(pattern)).map(([, pattern]) => pattern);
  const matches = (pattern) => new RegExp(`^${pattern.replace(/\{\}/g, "[^/]+")}$`);
  const missed = pages.filter((pattern) => ![...bureau.reached].some((path) => matches(pattern).test(path)));
  console.log(`${missed.length === 0 ? "ok" : "not ok"} ${++reported} - each of the ${pages.length} pages of the program was looked at`);
  for (const pattern of missed) console.log(`# nobody went to ${pattern}`);
  return missed.length === 0;
}

let server, browser;
console.log(`1..${names.length + (chosen.length === 0 ? 1 : 0)}`);
const bureau = makeBureau(plumbline, source);
try {
  server = await serve(bureau);
  browser = await openBrowser();
  const lane = async () => {
    while (taken < names.length) {
      const walker = new Walker(browser, bureau, server.url, process.env.SHOTS);
      const held = await take(walker, names[taken++]);
      failed += !held;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (chosen.length === 0) failed += !reachAll(bureau);
} finally {
  await browser?.close();
  await server?.stop();
  forget(bureau.dir);
}
process.exit(failed === 0 ? 0 : 1);
