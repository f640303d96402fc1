// What holds on every page that is reached, whoever sees it: axe-core finds nothing (WCAG 2.2 AA); every
// stop is reached by Tab and seen; nothing is lost at twice the size, on a telephone, or on paper. Each
// check answers with what is wrong, in words. Pages of one shape are put to it once.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
export const ZOOMED = 640, TELEPHONE = 320; // px: 1280 at 200 % (WCAG 1.4.4), and at 400 % (1.4.10)
const PAPER = 718;                          // px: A4 with margins of 1 cm, at 96 to the inch

// In the page: its markup without its words, what is like one of its neighbours told once, and how long its longest
// word is that no line can break. Pages that are the same in both are found the same.
export function shapeOf() {
  const tell = (node) => {
    const names = node.getAttributeNames().filter((name) => !/^(href|value|action|content|d|x\d?|y\d?|width|height|points|data-.*)$/.test(name));
    const told = names.map((name) => /^(id|for|name|aria-describedby|aria-labelledby|list)$/.test(name) || /label/.test(name)
      ? `${name}${node.getAttribute(name) === "" ? "" : "!"}` : `${name}=${node.getAttribute(name)}`);
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== "");
    const inner = [...node.children].map(tell).filter((text, i, all) => all.indexOf(text) === i);
    return `<${node.localName} ${told.sort().join(" ")}${own ? " ." : ""}>${inner.join("")}</>`;
  };
  const words = document.body.textContent.match(/[\x21-\x7e]+/g) ?? [];
  const longest = Math.max(0, ...words.map((word) => word.length));
  return `${innerWidth} ${Math.ceil(longest / 8)} ${document.documentElement.className} ${tell(document.body)}`;
}

export async function accessible(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), WCAG);
  return found.violations.map((v) => `axe-core, ${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html).slice(0, 3).join("\n    ")}`);
}

// ---- Sizes ----

// In the page: what one reads in it, what one can use in it, and what is cut off.
function contentOf(paper) {
  const IDLE = "nav, form, button, .govuk-skip-link, .govuk-button, .pl-acts, .pl-note-form, .pl-downloads, .pl-header__mode, .pl-to-filter";
  const seen = (node) => node.checkVisibility({ visibilityProperty: true });
  const root = document.documentElement, cut = [], words = new Set();
  if (root.scrollWidth > root.clientWidth) cut.push(`the page is ${root.scrollWidth - root.clientWidth} px wider than its ${root.clientWidth} px`);
  for (const node of document.body.querySelectorAll("*:not(svg *)")) {
    const style = getComputedStyle(node), hides = paper ? /hidden|clip|auto|scroll/ : /hidden|clip/;
    const over = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1;
    if (!over || node.clientWidth <= 1 || style.display === "inline" || !hides.test(style.overflow) || !seen(node)) continue;
    const box = node.getBoundingClientRect(), inside = [...node.querySelectorAll("*")].filter((each) => each.childElementCount === 0 && seen(each));
    const last = (side) => Math.max(...inside.map((each) => each.getBoundingClientRect()[side]));
    if (inside.length === 0 || last("right") > box.right + 1 || last("bottom") > box.bottom + 1) cut.push(`some of ${node.outerHTML.slice(0, 160)} is cut off`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === "" || node.closest("[aria-hidden=true], script, style, option, textarea, thead") || !seen(node)) continue;
    if (paper && node.closest(IDLE)) continue;
    for (const word of texts.currentNode.data.split(/[\s　]+/)) if (word.length > 1) words.add(word);
  }
  const used = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter((node) => seen(node) && !node.matches(".pl-sort")) // the filter asks for the order too
    .map((node) => `${node.localName} ${node.getAttribute("href") ?? node.name ?? ""} ${node.localName === "button" ? node.value : ""}`);
  const text = [...document.querySelectorAll("body")].map((node) => node.innerText.replace(/[\s　]+/g, "")).join("");
  return { cut, words: [...words], used: [...new Set(used)], text };
}

// What stood on the page as it is, and is gone as it is now.
function gone(before, now) {
  const used = new Set(now.used);
  return [...before.words.filter((word) => !now.text.includes(word)).map((word) => `「${word}」 is not to be read`),
    ...before.used.filter((one) => !used.has(one)).map((one) => `${one} cannot be reached`)];
}

// At its own width, at twice the size and on a telephone.
export async function fits(page) {
  const size = page.viewportSize(), wrong = [];
  const whole = await page.evaluate(contentOf, false);
  wrong.push(...whole.cut.map((what) => `at ${size.width} px ${what}`));
  for (const width of [ZOOMED, TELEPHONE].filter((each) => each < size.width)) {
    await page.setViewportSize({ width, height: size.height });
    const now = await page.evaluate(contentOf, false);
    wrong.push(...[...now.cut, ...gone(whole, now)].map((what) => `at ${width} px ${what}`));
  }
  await page.setViewportSize(size);
  return wrong;
}

// ---- Paper ----

// In the page, as it is printed: what is of use on a screen alone.
function idleOnPaper() {
  const idle = document.querySelectorAll("nav, button, [type=submit], .govuk-skip-link, .govuk-button, .govuk-pagination, [class*=mode]");
  return [...idle].filter((node) => node.checkVisibility()).map((node) => `${node.outerHTML.slice(0, 120)} is printed`);
}

export async function prints(page) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: PAPER, height: size.height });
  const screen = await page.evaluate(contentOf, true);
  await page.emulateMedia({ media: "print" });
  const paper = await page.evaluate(contentOf, true);
  const lost = gone({ words: screen.words, used: [] }, paper);
  const wrong = [...paper.cut, ...lost, ...(await page.evaluate(idleOnPaper))];
  await page.emulateMedia({ media: null });
  await page.setViewportSize(size);
  return wrong.map((what) => `on paper ${what}`);
}

// ---- Keys ----

// In the page: keeps which stops the focus comes to, and whether one sees it there.
function watchFocus() {
  const inline = (node) => /^(A|BUTTON|INPUT|SELECT|TEXTAREA|SUMMARY)$/.test(node.tagName);
  const stops = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true }));
  const radios = new Map();
  for (const node of stops) if (node.type === "radio" && (node.checked || !radios.has(node.name))) radios.set(node.name, node);
  const watch = { stops: stops.filter((node) => node.type !== "radio" || radios.get(node.name) === node), reached: [], unseen: [] };
  const resting = new Map(watch.stops.filter(inline).map((node) => [node, look(node)]));
  function look(node) {
    const beside = node.nextElementSibling ? getComputedStyle(node.nextElementSibling, "::before").boxShadow : "";
    const style = getComputedStyle(node);
    return [style.outlineStyle === "none" ? "" : style.outline, style.boxShadow, style.backgroundColor, beside].join("|");
  }
  globalThis.plFocus = watch;
  watch.see = ({ target: node }) => {
    watch.reached.push(node);
    const box = node.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || (resting.has(node) && look(node) === resting.get(node))) watch.unseen.push(node);
  };
  document.addEventListener("focusin", watch.see);
  const dates = watch.stops.filter((node) => /date|time/.test(node.type)).length;
  return watch.stops.length + dates * 7; // such a field has a stop for each of its parts
}

// In the page: what was not reached, or not seen; the focus stands again before everything.
function focusFound() {
  const { stops, reached, unseen, see } = globalThis.plFocus, name = (node) => node.outerHTML.slice(0, 140);
  const order = [...new Set(reached)], places = order.map((node) => stops.indexOf(node)).filter((at) => at >= 0);
  document.removeEventListener("focusin", see);
  const start = document.createElement("div");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus({ preventScroll: true });
  start.remove();
  scrollTo(0, 0);
  return [...stops.filter((node) => !reached.includes(node)).map((node) => `Tab does not reach ${name(node)}`),
    ...places.some((at, i) => i > 0 && at < places[i - 1]) ? ["Tab goes another way than the page is read"] : [],
    ...[...new Set(unseen)].map((node) => `one does not see the focus on ${name(node)}`)];
}

export async function reachable(page) {
  const presses = await page.evaluate(watchFocus);
  await Promise.all(Array.from({ length: presses + 2 }, () => page.keyboard.press("Tab")));
  return page.evaluate(focusFound);
}
