// What scripts/check-page does in the browser. Prints each fault with its page and form; ends with 1 if there is any.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FORMS = [
  { name: "wide", viewport: { width: 1600, height: 1000 }, colorScheme: "light" },
  { name: "dark", viewport: { width: 1600, height: 1000 }, colorScheme: "dark" },
  { name: "narrow", viewport: { width: 360, height: 800 }, colorScheme: "light" },
];

/** What is wrong with the page as it stands, found in it. */
function faults() {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const beyond = [...document.querySelectorAll("body *")].filter((element) => {
      const scrolls = (of) => of && (["auto", "scroll", "hidden"].includes(getComputedStyle(of).overflowX) || scrolls(of.parentElement));
      return element.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(element.parentElement);
    });
    const names = beyond.slice(0, 3).map((element) => `<${element.localName} class="${element.className}">`);
    found.push(`${root.scrollWidth - root.clientWidth} px reach beyond the window: ${names.join(", ")}`);
  }
  for (const chart of document.querySelectorAll("svg, img")) {
    const { width, height } = chart.getBoundingClientRect();
    const isHidden = chart.closest("details:not([open])") !== null;
    if (!isHidden && (width < 8 || height < 8)) found.push(`a chart of ${width} by ${height} px`);
    if (chart.getAttribute("role") === "img" && ![...chart.querySelectorAll(".tips title")].some((tip) => tip.textContent.trim())) {
      found.push("a chart tells a pointer nothing");
    }
  }
  for (const link of document.querySelectorAll("a[href^='#']")) {
    const name = decodeURIComponent(link.getAttribute("href").slice(1));
    if (name && !document.getElementById(name)) found.push(`a link leads to #${name}, which is not there`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`the id ${id} is there twice`);
  const text = document.body.innerText;
  for (const word of ["NaN", "undefined", "Infinity", "{{", "{%"]) {
    if (text.includes(word)) found.push(`the page says "${word}"`);
  }
  if (!document.title || !document.querySelector("h1")) found.push("it has no title or no heading");
  return found;
}

/** What is missing in a page of results. */
function lacks() {
  const hasBoth = document.querySelector("svg") && document.querySelector("table");
  return hasBoth ? [] : ["it has no chart or no table"];
}

/** Whether a table's filters and sorting do what they say, and whether the address brings the view back. */
async function tries(page) {
  const found = [];
  const shown = (id) => page.evaluate((id) => [...document.getElementById(id).tBodies[0].rows].filter((row) => !row.hidden).length, id);
  const bare = page.url().split("#")[0];
  for (const id of await page.evaluate(() => [...document.querySelectorAll("form[data-filters]:not([hidden])")].map((form) => form.dataset.filters))) {
    const all = await shown(id);
    const form = `form[data-filters="${id}"]`;
    const field = await page.evaluate((form) => {
      const select = [...document.querySelectorAll(`${form} select`)].find((select) => !select.closest("label").hidden);
      return select && { name: select.name, value: select.options[1].value };
    }, form);
    if (field) {
      await page.selectOption(`${form} select[name="${field.name}"]`, field.value);
      const few = await shown(id);
      if (few === 0 || few >= all) found.push(`${id}: the filter ${field.name} shows ${few} of ${all} rows`);
      const address = page.url();
      if (!address.includes("#") || !address.includes(field.name)) found.push(`${id}: the filter is not in the address: ${address}`);
      await page.goto("about:blank");
      await page.goto(address);
      if ((await shown(id)) !== few) found.push(`${id}: the address does not bring the view back: ${await shown(id)} rows, not ${few}`);
      await page.click(`${form} button[type="reset"]`);
      await page.waitForTimeout(50);
      if ((await shown(id)) !== all) found.push(`${id}: not all rows come back: ${await shown(id)} of ${all}`);
    }
    await page.fill(`${form} input[type="search"]`, "no row has these words").catch(() => {});
    if ((await page.$(`${form} input[type="search"]`)) && (await shown(id)) !== 0) found.push(`${id}: a search for nonsense finds rows`);
    await page.goto("about:blank");
    await page.goto(bare);
  }
  for (const id of await page.evaluate(() => [...document.querySelectorAll("table[data-sortable]")].map((table) => table.id))) {
    const column = await page.evaluate((id) => {
      const table = document.getElementById(id);
      const values = (at) => new Set([...table.tBodies[0].rows].map((row) => row.cells[at]?.textContent));
      return [...table.tHead.rows[0].cells].findIndex((_, at) => values(at).size > 1);
    }, id);
    if (column < 0) continue;
    const order = () => page.evaluate((id) => [...document.getElementById(id).tBodies[0].rows].map((row) => row.textContent).join("\n"), id);
    const button = page.locator(`[id="${id}"] thead th`).nth(column).locator("button");
    // By the keyboard, as whoever has no mouse does it.
    await button.focus();
    await page.keyboard.press("Enter");
    const up = await order();
    await page.keyboard.press("Enter");
    const down = await order();
    if (up === down) found.push(`${id}: sorting by column ${column + 1} changes nothing`);
    await page.goto("about:blank");
    await page.goto(bare);
  }
  return found;
}

/** Whether the keyboard reaches everything that can be used. */
async function reaches(page) {
  const count = await page.evaluate(() => {
    const usable = [...document.querySelectorAll("a[href], button, select, input, summary, [tabindex='0']")];
    const shown = usable.filter((element) => element.checkVisibility() && !element.disabled);
    shown.forEach((element, at) => { element.dataset.reach = at; });
    document.activeElement?.blur();
    return shown.length;
  });
  // A page of a thousand links needs no thousand keys: what is beyond is of the same kinds.
  const steps = Math.min(count + 2, 150);
  const seen = new Set();
  for (let at = 0; at < steps; at += 1) {
    await page.keyboard.press("Tab");
    const reached = await page.evaluate(() => {
      const style = document.activeElement && getComputedStyle(document.activeElement);
      return { at: document.activeElement?.dataset.reach, outlined: style && style.outlineStyle !== "none" };
    });
    if (reached.at === undefined) continue;
    if (!reached.outlined) return [`the keyboard's place is not shown at element ${reached.at}`];
    seen.add(reached.at);
  }
  const wanted = Math.min(count, steps - 2);
  return seen.size < wanted ? [`the keyboard reaches ${seen.size} of ${wanted} elements`] : [];
}

const browser = await chromium.launch({
  executablePath: process.env.BROWSER,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
let count = 0;
const pages = process.argv.slice(2);
for (const path of pages) {
  for (const { name, ...form } of FORMS) {
    const context = await browser.newContext(form);
    const page = await context.newPage();
    const found = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) found.push(`the console says: ${message.text()}`);
    });
    page.on("pageerror", (error) => found.push(`a script failed: ${error.message}`));
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) found.push(`it asks the network for ${request.url()}`);
    });
    page.on("requestfailed", (request) => found.push(`it does not find ${request.url()}`));
    await page.goto(pathToFileURL(resolve(path)).href);
    found.push(...(await page.evaluate(faults)));
    if (!process.env.SITE) found.push(...(await page.evaluate(lacks)));
    if (name === "wide") {
      found.push(...(await reaches(page)));
      found.push(...(await tries(page)));
    }
    // Folded parts hold most of the figures.
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => part.setAttribute("open", "")));
    found.push(...(await page.evaluate(faults)).map((fault) => `unfolded: ${fault}`));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] }));
    for (const { id, help, nodes } of violations) {
      found.push(`${id}: ${help}, ${nodes.length} times, first at ${nodes[0].html.slice(0, 160)}`);
    }
    if (process.env.PICTURES) {
      await page.evaluate(() => document.querySelectorAll("details").forEach((part) => part.removeAttribute("open")));
      const picture = `${basename(dirname(resolve(path)))}-${basename(path, ".html")}-${name}.png`;
      await page.screenshot({ path: join(process.env.PICTURES, picture), fullPage: true });
    }
    for (const fault of new Set(found)) console.error(`${path}, ${name}: ${fault}`);
    count += found.length;
    await context.close();
  }
}
await browser.close();
console.log(`${pages.length} pages in ${FORMS.length} forms, ${count} faults`);
process.exit(count ? 1 : 0);
