// What every walk needs: a small bureau of its own, its server on a free port, a browser, and
// checks that hold on every page that is reached. A walk is one file in walks/ that exports
// `title` and `walk(t)`.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { accessible, fits, prints, reachable, shapeOf } from "./checks.mjs";

// When everything happens: the bureau's clock stands here when its server starts, so that a walk and
// the pictures of a page are the same on whatever day the tests run.
export const NOW = "2024-01-03T09:30:00+08:00";
export const today = () => NOW.slice(0, 10);
export const daysOn = (n, day = today()) => new Date(Date.parse(day) + n * 86400000).toISOString().slice(0, 10);

const PATIENCE = 120000; // ms: of a machine that has much else to do

// The number of an identity card of the region, its last digit worked out (GB 11643).
export function cardNumber(n) {
  const digits = `33080219900307${String(n).padStart(3, "0")}`;
  const sum = [...digits].reduce((all, digit, i) => all + Number(digit) * (2 ** (17 - i) % 11), 0);
  return digits + "10X98765432"[sum % 11];
}

// Besides one of each role: the clerks of the windows, a second drawer, whoever may be drawn.
const OTHERS = ["window_clerk-1@qs-office", "window_clerk-2@qs-office", "pm_window-2@qs-window", "dr_drawer-2@qs-enforce",
  ...[2, 3, 4, 5].map((n) => `dr_inspector-${n}@qs-enforce`), ...["qs-west", "qs-lake"].map((unit) => `dr_district-1@${unit}`)];

// The first days of a scenario, lived through: units, people, registers, some matters. Of some lines
// only people and registers: their matters are begun by the walks.
export function makeBureau(plumbline, source) {
  const dir = mkdtempSync(join(tmpdir(), "plumbline-browser-"));
  const scenario = join(dir, "scenario");
  cpSync(join(source, "scenarios", "small-2023"), scenario, { recursive: true });
  const edit = (name, change) => writeFileSync(join(scenario, name), change(readFileSync(join(scenario, name), "utf8")));
  edit("scenario.yaml", (text) => text.replace(/^until:.*$/m, "until: 2023-01-20").replace(/^freeze:.*$/m, ""));
  for (const name of ["05-inspection.yaml", "31-mediation.yaml", "33-legal-aid.yaml"])
    edit(name, (text) => text.replace(/^(pools|streams):[^]*/m, ""));
  edit("31-mediation.yaml", (text) => text + ["system_admin", "director", "auditor"].map((role) => `  - {role: ${role}, unit: qs, count: 1}\n`).join(""));
  const site = join(dir, "site");
  execFileSync(plumbline, ["--site", site, "run-year", scenario, "--data", source], { stdio: ["ignore", "ignore", "pipe"] });
  const passwords = givePasswords(plumbline, site);
  cpSync(site, join(dir, "fresh"), { recursive: true });
  return { dir, site, plumbline, source, passwords, sessions: new Map(), shapes: new Set(), reached: new Set() };
}

// Another bureau as this one was at first, for a walk in which days pass.
function copyBureau(bureau, name) {
  const site = join(bureau.dir, name);
  cpSync(join(bureau.dir, "fresh"), site, { recursive: true });
  return { ...bureau, site, sessions: new Map() };
}

function givePasswords(plumbline, site) {
  const run = (...words) => execFileSync(plumbline, ["--site", site, "user", ...words], { encoding: "utf8" });
  const passwords = Object.fromEntries(run("demo", today()).trim().split("\n").slice(1).map((line) => line.split("\t").slice(0, 2)));
  for (const id of OTHERS) passwords[id] = run("password", id, "--generate", "--keep").match(/密码：([^（]+)（/)[1];
  return passwords;
}

export async function serve(bureau, now = NOW) {
  const child = spawn(bureau.plumbline, ["--site", bureau.site, "serve", "--port", "0", "--data", bureau.source, "--as-of", now],
    { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    const hear = (piece) => {
      said = (said + piece).slice(-2000);
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code, signal) => {
      console.log(`# the server ended (${code ?? signal}): ${said.split("\n").slice(-4).join(" / ")}`);
      reject(new Error("the server ended"));
    });
    setTimeout(() => reject(new Error(`the server said nothing of its address: ${said}`)), PATIENCE).unref();
  });
  return {
    url,
    stop: () => new Promise((resolve) => {
      child.removeAllListeners("exit");
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      child.on("exit", resolve);
      child.kill("SIGTERM");
    }),
  };
}

export const BROWSER = {
  executablePath: process.env.PLUMBLINE_CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync",
    "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb", "--hide-scrollbars"],
};
export const openBrowser = () => chromium.launch(BROWSER);

export class Walker {
  constructor(browser, bureau, url, shots) {
    Object.assign(this, { browser, bureau, url, shots });
  }

  // Somebody else, at the same time; who asks for him closes him.
  beside() {
    return new Walker(this.browser, this.bureau, this.url, this.shots);
  }

  async close() {
    await this.context?.close();
    await this.mirror?.close();
    this.context = this.mirror = undefined;
  }

  // Goes on in a bureau of its own, whose clock stands where it is told to; ends with the walk.
  async travel(now, name) {
    await this.close();
    if (this.server) await this.server.stop();
    else this.bureau = copyBureau(this.bureau, name);
    this.bureau.sessions.clear();
    this.server = await serve(this.bureau, now);
    this.url = this.server.url;
    await this.open();
  }

  async end() {
    await this.close();
    await this.server?.stop();
  }

  // A window of its own, with its own cookies.
  async open(options = {}) {
    await this.close();
    this.context = await this.browser.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 }, ...options });
    this.script = options.javaScriptEnabled !== false;
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(PATIENCE);
    return this.page;
  }

  must(holds, what) {
    if (!holds) throw new Error(`${what}\n  at ${this.page?.url()}`);
  }

  async go(path, status = 200) {
    const answer = await this.page.goto(this.url + path);
    this.must(answer.status() === status, `${path}: ${answer.status()}`);
    await this.look();
    return answer;
  }

  // What holds on every page: one heading, and what checks.mjs asks. The same shape is asked once.
  async look() {
    this.must(await this.page.locator("h1").count() === 1, "exactly one main heading");
    this.bureau.reached.add(decodeURIComponent(new URL(this.page.url()).pathname));
    const shape = `${this.script} ${await this.page.evaluate(shapeOf)}`;
    if (this.bureau.shapes.has(shape)) return;
    this.bureau.shapes.add(shape);
    const wrong = (await this.check()).slice(0, 12);
    this.must(wrong.length === 0, wrong.join("\n  "));
  }

  async check() {
    if (this.script) return [...await accessible(this.page), ...await reachable(this.page), ...await fits(this.page), ...await prints(this.page)];
    const page = await this.mirrored(), wrong = [...await accessible(page), ...await fits(page)];
    await page.close();
    return wrong;
  }

  // What came without scripts, as it came, in a window in which axe-core can run; its own scripts cannot.
  async mirrored() {
    const body = await this.page.content();
    this.mirror ??= await this.browser.newContext({ locale: "zh-CN", viewport: this.page.viewportSize() });
    const page = await this.mirror.newPage();
    await page.route("**/*", (route) => {
      if (route.request().isNavigationRequest()) return route.fulfill({ contentType: "text/html; charset=utf-8", body });
      return route.request().resourceType() === "script" ? route.abort() : route.continue();
    });
    await page.goto(this.page.url());
    return page;
  }

  // Does what leads to another page, and waits for it; returns the answer. Who waits in vain is told for what, and where he stands.
  async arrive(role, name) {
    const mark = this.page.getByRole(role, { name, exact: true }).first();
    try {
      await mark.waitFor();
      const [answer] = await Promise.all([this.page.waitForNavigation(), mark.click()]);
      if (answer?.status() === 429 || answer?.status() >= 500) throw new Error(`answered with ${answer.status()}`);
      return answer;
    } catch (error) {
      throw new Error(`${role} 「${name}」: ${error.message}\n  at ${this.page.url()}: ${await this.standing()}`);
    }
  }

  // A page from which an answer is awaited answers nothing itself.
  async standing() {
    const soon = (words, otherwise) => Promise.race([words.catch(String), new Promise((done) => setTimeout(done, 5000, otherwise))]);
    const seen = await soon(this.page.locator("h1, .govuk-error-summary").allInnerTexts(), "it waits for an answer");
    const ready = await soon(fetch(`${this.url}/readyz`).then((answer) => answer.text()), "says nothing");
    return `${[seen].flat().join(" / ").replace(/\s+/g, " ")}\n  the server: ${ready.trim()}`;
  }

  // Presses and waits, without a look at what comes; returns the answer.
  send(name) {
    return this.arrive("button", name);
  }

  async press(name) {
    const answer = await this.send(name);
    await this.look();
    return answer;
  }

  async follow(name) {
    await this.arrive("link", name);
    await this.look();
  }

  // In a window of his own. Who has signed in before goes on with that, wherever he goes then.
  async signIn(id) {
    const { sessions, passwords } = this.bureau;
    this.must(passwords[id], `${id} has a password`);
    await this.open({ storageState: sessions.get(id) });
    if (!sessions.has(id)) {
      await this.page.goto(`${this.url}/work/sign-in`);
      await this.page.getByLabel("账号").fill(id);
      await this.page.getByLabel("密码").fill(passwords[id]);
      await this.send("登录");
      this.must(new URL(this.page.url()).pathname === "/work", `${id} is signed in`);
      sessions.set(id, await this.context.storageState());
    }
  }

  async says(text) {
    if ((await this.page.locator("main").innerText()).includes(text)) return;
    const instead = await this.page.locator(".govuk-error-summary, h1").allInnerTexts();
    this.must(false, `「${text}」 is not on the page, but ${instead.join(" / ").replace(/\s+/g, " ")}`);
  }

  // A picture to look at.
  async shot(name) {
    if (!this.shots) return;
    mkdirSync(this.shots, { recursive: true });
    await this.page.screenshot({ path: join(this.shots, `${name}.png`), fullPage: true });
  }
}

export const walksIn = (folder) => readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort();
export const forget = (dir) => existsSync(dir) && rmSync(dir, { recursive: true });
