// The page that checks proofs offline, in a real browser, from the disk and without a network:
// N proofs of public acts, as the portal hands them out, hold; N with one character changed do not;
// QR codes say the same as the files, also as a reader sees them (zbarimg). Prints TAP.
//
// usage: node offline.mjs PLUMBLINE SOURCE [N [SITE]]     N: 100; SITE: a copy of a site that has lived;
// without it some months of a scenario are lived first. Started by run.sh --offline.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

const [program, source, wanted = "100", given] = process.argv.slice(2);
const { chromium } = await import(process.env.PLAYWRIGHT ?? "playwright-core");
const N = Number(wanted), QR = Math.min(100, N), IMAGES = 10;
const folder = mkdtempSync(path.join(tmpdir(), "offline-"));
let number = 0, failed = 0;

function report(ok, what) {
        failed += !ok;
        console.log(`${ok ? "ok" : "not ok"} ${++number} - ${what}`);
}

function run(...words) {
        const done = spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 26 });
        if (done.status !== 0)
                throw new Error(`${words.join(" ")}: ${done.stdout}${done.stderr}`);
        return done.stdout;
}

/* Enough months of a bureau that is large enough. */
function live(site) {
        const [name, until] = N <= 200 ? ["small-2023", "2023-03-31"] : ["xiamen-2021", "2021-03-31"];
        const scenario = path.join(folder, name), file = path.join(scenario, "scenario.yaml");
        cpSync(path.join(source, "scenarios", name), scenario, { recursive: true });
        writeFileSync(file, readFileSync(file, "utf8").replace(/^until:.*$/m, `until: ${until}`).replace(/^freeze:.*$/m, "")
                .replace(/^streams:.*$/m, "streams: [01-power-list.yaml, 02-permit.yaml, 09-penalty.yaml, 22-foi.yaml]"));
        run("--site", site, "run-year", "--data", source, scenario);
}

async function serve(site, work) {
        const server = spawn(program, ["--site", site, "serve", "--port", "0", "--data", source, "--as-of",
                "2100-01-01 09:00"], { stdio: ["ignore", "pipe", "ignore"] });
        try {
                const url = await new Promise((resolve, reject) => {
                        server.stdout.once("data", (line) => resolve(/http:\S+[^/\s]/.exec(String(line))[0]));
                        server.once("exit", () => reject(new Error("the server did not start")));
                });
                return await work(url);
        } finally {
                const gone = new Promise((resolve) => server.once("exit", resolve));
                server.kill("SIGTERM");
                await gone;
        }
}

/* Proofs that show fields, of events that strangers may see. */
async function collect(url) {
        const size = Number((await (await fetch(url + "/checkpoint")).text()).split("\n")[1]), found = [];
        for (let seq = 0; seq < size && found.length < N; seq += 16) {
                const texts = await Promise.all(Array.from({ length: 16 }, async (_, i) => {
                        const answer = await fetch(`${url}/ledger/${seq + i}.json`);
                        return answer.status === 200 ? answer.text() : "";
                }));
                found.push(...texts.filter((text) => text !== "" && JSON.parse(text).fields !== null));
        }
        const proofs = found.slice(0, N), codes = [];
        for (const text of proofs.slice(0, QR)) {
                const page = await (await fetch(`${url}/ledger/${JSON.parse(JSON.parse(text).leaf).seq}/qr`)).text();
                const code = /<pre[^>]*>(PL1:[^<]*)<\/pre>/.exec(page);
                codes.push(code ? code[1].replaceAll("&amp;", "&") : "");
        }
        return { proofs, codes };
}

/* One character becomes another of its kind; the same again and again from the same seed. */
function falsified(texts) {
        let state = 20230901;
        const random = (n) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0, Math.floor(state / 2 ** 32 * n));
        const kinds = ["0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ghijklmnopqrstuvwxyz", "一二三四五六七八九十"];
        return texts.map((text) => {
                const at = random(text.length), kind = kinds.find((k) => k.includes(text[at])) ?? kinds[3];
                let other = text[at];
                while (other === text[at])
                        other = kind[random(kind.length)];
                return text.slice(0, at) + other + text.slice(at + 1);
        });
}

/* As a person does it: fill in, press, read. */
function press([key, texts]) {
        const at = (id) => document.getElementById(id);
        at("key").value = key;
        return texts.map((text) => {
                at("proof").value = text;
                at("check").click();
                return { verdict: at("verdict").textContent, why: at("why").textContent,
                        rows: at("details").hidden ? "" : at("rows").textContent, hidden: at("result").hidden };
        });
}

const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });

/* What a reader sees in the pictures of the first pages that have one, as they would be printed. */
async function photograph(url, { proofs, codes }) {
        const browser = await launch(), picture = path.join(folder, "code.png"), read = [];
        try {
                const page = await browser.newPage({ viewport: { width: 1280, height: 1600 }, deviceScaleFactor: 2 });
                for (let i = 0; i < codes.length && read.length < IMAGES; i++) {
                        if (codes[i] === "")
                                continue;
                        await page.goto(`${url}/ledger/${JSON.parse(JSON.parse(proofs[i]).leaf).seq}/qr`);
                        await page.screenshot({ path: picture, fullPage: true });
                        const seen = spawnSync("zbarimg", ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
                                { encoding: "utf8" });
                        if (seen.error)
                                throw seen.error;
                        read.push(seen.stdout.trimEnd() === codes[i]);
                }
        } finally {
                await browser.close();
        }
        return read;
}

const shown = (text) => JSON.parse(text).fields.fields.map((f) => f.value).filter((v) => typeof v === "string");

async function check({ proofs, codes }, key) {
        const browser = await launch();
        try {
                const context = await browser.newContext({ offline: true });
                const page = await context.newPage(), errors = [];
                page.on("pageerror", (error) => errors.push(String(error)));
                page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
                await page.goto("file://" + path.resolve(source, "assets/verify/verify.html"));
                const ask = async (texts) => {
                        const answers = [];
                        for (let i = 0; i < texts.length; i += 50)
                                answers.push(...await page.evaluate(press, [key, texts.slice(i, i + 50)]));
                        return answers;
                };
                const held = await ask(proofs);
                const wrong = held.findIndex((a) => a.verdict !== "证明成立");
                report(wrong === -1, `${proofs.length} proofs hold${wrong < 0 ? "" : `: not ${wrong}, ${held[wrong].why}`}`);
                report(held.every((a, i) => shown(proofs[i]).every((v) => a.rows.includes(v))), "and their fields are shown");
                if (process.env.SCREENSHOT)
                        await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
                const refused = await ask(falsified(proofs));
                const passed = refused.findIndex((a) => a.verdict !== "证明不成立");
                report(passed === -1, `${proofs.length} falsified ones do not${passed < 0 ? "" : `: but ${passed}`}`);
                report(refused.every((a) => a.why !== "" && a.rows === ""), "each with its reason, and nothing is shown of them");
                const scanned = await ask(codes.filter((c) => c !== ""));
                report(scanned.length > 0 && scanned.every((a, i) => a.verdict === "证明成立"), `${scanned.length} QR codes of ${codes.length} hold`);
                const unpacked = await page.evaluate((all) => all.map((c) => c && globalThis.plumbline.unpack(c)), codes);
                report(unpacked.every((text, i) => text === "" || text === proofs[i]), "and hold the same file to the byte");
                const spoilt = await ask(falsified(codes.filter((c) => c !== "")));
                report(spoilt.every((a) => a.verdict === "证明不成立"), "one character changed in them is found");
                const stranger = key.replace(/\+[0-9a-f]{8}\+/, "+00000000+");
                report((await page.evaluate(press, [stranger, proofs.slice(0, 1)]))[0].verdict === "证明不成立", "another key");
                report((await page.evaluate(press, ["", proofs.slice(0, 1)]))[0].verdict === "证明不成立", "no key");
                report((await page.evaluate(press, [key, [""]]))[0].verdict === "证明不成立", "no proof");
                report(errors.length === 0, `no error of the page${errors.length ? `: ${errors[0]}` : ""}`);
        } finally {
                await browser.close();
        }
}

try {
        const site = given || path.join(folder, "site");
        if (!given)
                live(site);
        const key = run("--site", site, "log", "key").trim();
        const found = await serve(site, async (url) => {
                const all = await collect(url);
                return { ...all, read: await photograph(url, all) };
        });
        report(found.proofs.length === N, `${found.proofs.length} public acts with their proofs`);
        report(found.read.length > 0 && found.read.every((same) => same),
                `the pictures of ${found.read.length} QR codes, as zbarimg reads them, are these codes`);
        await check(found, key);
} finally {
        rmSync(folder, { recursive: true, force: true });
}
console.log(`1..${number}`);
process.exit(failed === 0 ? 0 : 1);
