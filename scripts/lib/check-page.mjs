// What scripts/check-page does in the browser. Prints each fault with its page and form; ends with 1 if there is any.
//
// A page is loaded once and then turned: wide and narrow, light and dark. What its layout or its colours cannot change is looked at
// once. As many pages are open at a time as there are cores.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { faults, fold, lacks, stop, walk } from "./in-page.mjs";
import { pairs, tries } from "./try-page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1600, height: 1000 };
const NARROW = { width: 360, height: 800 };
// A busy machine may take its time; what hangs is a fault all the same.
const PATIENCE_MS = 60_000;
// Contrast is a matter of the theme, and takes as long as all other rules together; the rest is one of content and layout.
const CONTRAST = ["color-contrast"];

/** What axe-core finds: by all its rules, by these alone, or by all but these. */
async function accessible(page, { only, without = [] } = {}) {
  const options = only ? { runOnly: { type: "rule", values: only } } : { runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] };
  for (const rule of without) options.rules = { ...options.rules, [rule]: { enabled: false } };
  const run = (options) => window.axe.run(document, { ...options, resultTypes: ["violations"] });
  const { violations } = await page.evaluate(run, options);
  return violations.map(({ id, help, nodes }) => `${id}: ${help}, ${nodes.length} times, first at ${nodes[0].html.slice(0, 160)}`);
}

/** Whether the keyboard reaches everything that can be used, shows where it is, and is kept nowhere. */
async function reaches(page) {
  // What a script focuses shows it as after a key only where a key came before.
  await page.keyboard.press("Tab");
  const { found, count, firsts } = await page.evaluate(walk);
  // That order by the key itself: from the beginning, from the first of each kind, and back from the end.
  const presses = async (from, key, wanted) => {
    await page.evaluate((at) => document.querySelector(`[data-stop="${at}"]`).focus(), from);
    for (const at of wanted.filter((at) => at >= 0 && at < count)) {
      await page.keyboard.press(key);
      const reached = await page.evaluate(stop);
      if (reached !== at) return found.push(`${key} leads to element ${reached} of ${count}, not to ${at}`);
    }
  };
  if (count) {
    await presses(0, "Tab", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const first of firsts) await presses(first, "Tab", [first + 1]);
    await presses(count - 1, "Shift+Tab", [count - 2, count - 3]);
  }
  return found;
}

/** What is wrong with a page, with the form that it is wrong in: into `found`. */
async function check(browser, path, found) {
  const context = await browser.newContext({ viewport: WIDE, colorScheme: "light" });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  let form = "wide";
  const note = (faults) => found.push(...faults.map((fault) => `${form}: ${fault}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) note([`the console says: ${message.text()}`]);
  });
  page.on("pageerror", (error) => note([`a script failed: ${error.message}`]));
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) note([`it asks the network for ${request.url()}`]);
  });
  page.on("requestfailed", (request) => note([`it does not find ${request.url()}`]));
  const folded = async () => {
    note(await page.evaluate(faults));
    if (process.env.PICTURES) {
      const picture = `${basename(dirname(resolve(path)))}-${basename(path, ".html")}-${form}.png`;
      await page.screenshot({ path: join(process.env.PICTURES, picture), fullPage: true });
    }
    // Folded parts hold most of the figures.
    await page.evaluate(fold, true);
    note((await page.evaluate(faults)).map((fault) => `unfolded: ${fault}`));
  };

  await page.goto(pathToFileURL(resolve(path)).href);
  if (!process.env.SITE) note(await page.evaluate(lacks));
  note(await tries(page));
  await folded();
  note(await reaches(page));
  await page.evaluate(axe);
  note(await accessible(page));
  form = "dark";
  await page.emulateMedia({ colorScheme: "dark" });
  await page.evaluate(fold, false);
  await folded();
  note(await accessible(page, { only: CONTRAST }));
  form = "narrow";
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(NARROW);
  await page.evaluate(fold, false);
  await folded();
  note(await accessible(page, { without: CONTRAST }));
  note(await pairs(page));
  await context.close();
}

const browser = await chromium.launch({
  executablePath: process.env.BROWSER,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const pages = process.argv.slice(2);
const waiting = [...pages];
let count = 0;
const work = async () => {
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const found = [];
    await check(browser, path, found).catch((error) => found.push(`it cannot be looked at: ${error.message.split("\n")[0]}`));
    const faults = new Set(found);
    for (const fault of faults) console.error(`${path}, ${fault}`);
    count += faults.size;
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));
await browser.close();
console.log(`${pages.length} pages, wide, dark and narrow: ${count} faults (${Math.round(performance.now() / 1000)} s)`);
process.exit(count ? 1 : 0);
