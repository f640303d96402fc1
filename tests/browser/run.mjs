// Walks through the bureau's pages in a real browser, each walk one line of TAP.
//
// usage: node run.mjs PLUMBLINE SOURCE [WALK...]     (SHOTS=DIR keeps pictures of the main pages)
// run.sh sees to it that chromium and the npm packages are there.
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

let server, browser;
console.log(`1..${names.length}`);
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
} finally {
  await browser?.close();
  await server?.stop();
  forget(bureau.dir);
}
process.exit(failed === 0 ? 0 : 1);
