// A picture of a page beside the one that is kept (goldens/NAME.png): the first 2,400 px of the page,
// four by four pixels made one. What is left of a letter is its grey, so that another version of the
// browser or of the font's rasteriser changes little; a block that moved, vanished, changed its colour
// or lost its style changes much. A changed word is not seen: goldens/ of the templates sees it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "goldens");
const TIMES = 4, TALL = 2400;
const FAR = 40;      // of 255, in one of three colours: two shades that anybody tells apart
export const MOST = 0.012; // of all points that may be so far; a moved line of text is more

function shrink(png) {
  const width = Math.floor(png.width / TIMES), height = Math.floor(Math.min(png.height, TALL) / TIMES);
  const small = new PNG({ width, height });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let dy = 0; dy < TIMES; dy++)
          for (let dx = 0; dx < TIMES; dx++) sum += png.data[((y * TIMES + dy) * png.width + x * TIMES + dx) * 4 + c];
        const mean = sum / (TIMES * TIMES);
        small.data[(y * width + x) * 4 + c] = c === 3 ? 255 : Math.min(255, Math.round(mean / 8) * 8); // fewer shades pack better
      }
  return small;
}

// The share of points that differ; a page that grew or shrank differs where it has no neighbour.
export function difference(a, b) {
  const width = Math.max(a.width, b.width), height = Math.max(a.height, b.height);
  let far = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = x < a.width && x < b.width && y < a.height && y < b.height;
      const at = (png, c) => png.data[(y * png.width + x) * 4 + c];
      far += !inside || [0, 1, 2].some((c) => Math.abs(at(a, c) - at(b, c)) > FAR);
    }
  return far / (width * height);
}

export async function picture(t) {
  const secret = t.page.locator("code, .pl-code, .pl-hash, .govuk-panel strong"); // another one in each bureau
  const bytes = await t.page.screenshot({ fullPage: true, animations: "disabled", caret: "hide", mask: [secret], maskColor: "#e0e0e0" });
  return shrink(PNG.sync.read(bytes));
}

// PLUMBLINE_BLESS=1 keeps the picture; else it must be like the one that was kept.
export async function like(t, name) {
  const file = join(FOLDER, `${name}.png`), now = await picture(t);
  if (process.env.PLUMBLINE_BLESS) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, PNG.sync.write(now, { colorType: 2, deflateLevel: 9 }));
    return;
  }
  t.must(existsSync(file), `goldens/${name}.png is kept: PLUMBLINE_BLESS=1 makes it`);
  const share = difference(now, PNG.sync.read(readFileSync(file)));
  if (share > MOST && t.shots) writeFileSync(join(t.shots, `golden-${name}.png`), PNG.sync.write(now));
  t.must(share <= MOST, `${name} looks as it did: ${(share * 100).toFixed(2)} % of it differ, ${MOST * 100} % may`);
}
