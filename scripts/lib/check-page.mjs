// What scripts/check-page does in the browser. Prints each fault with its page and form; ends with 1 if there is any.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FORMS = [
  { name: "wide", viewport: { width: 1400, height: 900 }, colorScheme: "light" },
  { name: "dark", viewport: { width: 1400, height: 900 }, colorScheme: "dark" },
  { name: "narrow", viewport: { width: 380, height: 800 }, colorScheme: "light" },
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
  if (!document.querySelector("svg") || !document.querySelector("table")) found.push("it has no chart or no table");
  return found;
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
      const picture = `${basename(path, ".html")}-${name}.png`;
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
