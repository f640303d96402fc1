// What every walk needs: a small bureau of its own, its server on a free port, a browser, and
// checks that hold on every page that is reached. A walk is one file in walks/ that exports
// `title` and `walk(t)`.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { AxeBuilder } from "@axe-core/playwright";

// The first days of a scenario, lived through: units, people, registers, some matters.
export function makeBureau(plumbline, source) {
  const dir = mkdtempSync(join(tmpdir(), "plumbline-browser-"));
  const scenario = join(dir, "scenario");
  cpSync(join(source, "scenarios", "small-2023"), scenario, { recursive: true });
  const file = join(scenario, "scenario.yaml");
  const text = readFileSync(file, "utf8")
    .replace(/^until:.*$/m, "until: 2023-01-20")
    .replace(/^freeze:.*$/m, "")
    .replace(/^streams:.*$/m, "streams: [01-power-list.yaml, 02-permit.yaml, 09-penalty.yaml, 22-foi.yaml]");
  writeFileSync(file, text);
  const site = join(dir, "site");
  execFileSync(plumbline, ["--site", site, "run-year", scenario, "--data", source], { stdio: ["ignore", "ignore", "pipe"] });
  return { dir, site, passwords: givePasswords(plumbline, site) };
}

// The day in China, where the bureau is, as an input of type date takes it.
export const today = () => new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 10);

// One of each role may sign in, and a second clerk at the window.
function givePasswords(plumbline, site) {
  const run = (...words) => execFileSync(plumbline, ["--site", site, "user", ...words], { encoding: "utf8" });
  const passwords = Object.fromEntries(run("demo", today()).trim().split("\n").slice(1).map((line) => line.split("\t").slice(0, 2)));
  const second = "window_clerk-2@qs-office";
  passwords[second] = run("password", second, "--generate", "--keep").match(/密码：([^（]+)（/)[1];
  return passwords;
}

export async function serve(plumbline, source, site) {
  const child = spawn(plumbline, ["--site", site, "serve", "--port", "0", "--data", source],
    { stdio: ["ignore", "pipe", "pipe"] });
  const url = await new Promise((resolve, reject) => {
    let said = "";
    const hear = (piece) => {
      said += piece;
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code) => reject(new Error(`the server ended (${code}): ${said}`)));
    setTimeout(() => reject(new Error(`the server said nothing of its address: ${said}`)), 60000).unref();
  });
  return {
    url,
    stop: () => new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.on("exit", resolve);
      child.kill("SIGTERM");
    }),
  };
}

export const openBrowser = () => chromium.launch({
  executablePath: process.env.PLUMBLINE_CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
});

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export class Walker {
  constructor(browser, url, passwords, shots) {
    Object.assign(this, { browser, url, passwords, shots });
  }

  // Somebody else, at the same time; who asks for him closes him.
  beside() {
    return new Walker(this.browser, this.url, this.passwords, this.shots);
  }

  async close() {
    await this.context?.close();
  }

  // A window of its own, with its own cookies.
  async open(options = {}) {
    await this.close();
    this.context = await this.browser.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 }, ...options });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(15000);
    return this.page;
  }

  must(holds, what) {
    if (!holds) throw new Error(`${what}\n  at ${this.page?.url()}`);
  }

  async go(path) {
    const answer = await this.page.goto(this.url + path);
    this.must(answer.status() === 200, `${path}: ${answer.status()}`);
    await this.look();
  }

  // What holds on every page: a heading, what it is for, no violation, nothing cut off.
  async look() {
    const page = this.page;
    const script = page.context()._options?.javaScriptEnabled !== false;
    this.must(await page.locator("h1").count() === 1, "exactly one main heading");
    if (!script) return;
    const found = await new AxeBuilder({ page }).setLegacyMode(true) // no page of ours has frames
      .options({ resultTypes: ["violations"] }).withTags(WCAG).analyze();
    const said = found.violations.map((v) => `${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html).slice(0, 3).join("\n    ")}`);
    this.must(said.length === 0, `axe-core:\n  ${said.join("\n  ")}`);
    await this.fits();
  }

  // Nothing wider than the window, outside a box that scrolls by itself.
  async fits() {
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    this.must(wide <= 0, `the page is ${wide} px wider than its window`);
  }

  // Presses and waits, without a look at what comes; returns the answer.
  async send(name) {
    const button = this.page.getByRole("button", { name, exact: true }).first();
    const [answer] = await Promise.all([this.page.waitForNavigation(), button.click()]);
    return answer;
  }

  async press(name) {
    const answer = await this.send(name);
    await this.look();
    return answer;
  }

  async follow(name) {
    await Promise.all([this.page.waitForNavigation(), this.page.getByRole("link", { name, exact: true }).first().click()]);
    await this.look();
  }

  // In a window of his own, at the workbench.
  async signIn(id) {
    await this.open();
    await this.page.goto(`${this.url}/work/sign-in`);
    await this.page.getByLabel("账号").fill(id);
    await this.page.getByLabel("密码").fill(this.passwords[id]);
    await this.send("登录");
    this.must(new URL(this.page.url()).pathname === "/work", `${id} is signed in`);
  }

  async says(text) {
    this.must((await this.page.locator("main").innerText()).includes(text), `「${text}」 is not on the page`);
  }

  // A picture to look at, beside the test's log; not compared: fonts differ from machine to machine.
  async shot(name) {
    if (!this.shots) return;
    mkdirSync(this.shots, { recursive: true });
    await this.page.screenshot({ path: join(this.shots, `${name}.png`), fullPage: true });
  }
}

export const walksIn = (folder) => readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort();
export const forget = (dir) => existsSync(dir) && rmSync(dir, { recursive: true });
