// Walks through the portal in a real browser, each walk one line of TAP.
//
// usage: node run.mjs PLUMBLINE SOURCE [WALK...]     (SHOTS=DIR keeps pictures of the main pages)
// run.sh sees to it that chromium and the npm packages are there.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Walker, forget, makeBureau, openBrowser, serve, walksIn } from "./lib.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [plumbline, source, ...chosen] = process.argv.slice(2);
const names = walksIn(join(here, "walks")).filter((name) => chosen.length === 0 || chosen.some((c) => name.includes(c)));
console.log(`1..${names.length}`);
const bureau = makeBureau(plumbline, source);
const server = await serve(plumbline, source, bureau.site);
const browser = await openBrowser();
let failed = 0;
for (const [i, name] of names.entries()) {
  const { title, walk } = await import(join(here, "walks", name));
  const walker = new Walker(browser, server.url, bureau.passwords, process.env.SHOTS);
  try {
    await walker.open();
    await walk(walker);
    console.log(`ok ${i + 1} - ${title}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${i + 1} - ${title}`);
    console.log(String(error.message).split("\n").map((line) => `# ${line}`).join("\n"));
    await walker.shot(`failed-${name}`).catch(() => {});
  }
  await walker.close();
}
await browser.close();
await server.stop();
forget(bureau.dir);
process.exit(failed === 0 ? 0 : 1);
