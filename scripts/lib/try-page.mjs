// What scripts/check-page does to a page as its reader would: it filters, sorts, comes back by the address, and chooses pairs.

import { filters, sortable, view } from "./in-page.mjs";

/** Whether each list of a table's filters, and the search, show what they say. */
async function filtered(page, { id, lists, search }) {
  const found = [];
  const form = `form[data-filters="${id}"]`;
  const shown = async () => (await page.evaluate(view, id)).count;
  const all = await shown();
  for (const { name, value } of lists) {
    await page.selectOption(`${form} select[name="${name}"]`, value);
    const few = await shown();
    if (few === 0 || few >= all) found.push(`${id}: the filter ${name} shows ${few} of ${all} rows`);
    const address = page.url();
    if (!address.includes("#") || !address.includes(name)) found.push(`${id}: the filter ${name} is not in the address: ${address}`);
    await reset(page, id);
    const back = await shown();
    if (back !== all) found.push(`${id}: not all rows come back: ${back} of ${all}`);
  }
  if (!search) return found;
  await page.fill(`${form} input[type="search"]`, "no row has these words");
  if ((await shown()) !== 0) found.push(`${id}: a search for nonsense finds rows`);
  await page.fill(`${form} input[type="search"]`, "");
  return found;
}

/** Takes all filters of a table back. */
async function reset(page, id) {
  await page.click(`form[data-filters="${id}"] button[type="reset"]`);
  // The page does it once the browser has emptied the form.
  await page.waitForTimeout(20);
}

/** Whether a table is sorted both ways, by the keyboard, as whoever has no mouse does it. It is left in another order than it came in. */
async function sorts(page, { id, column }) {
  const order = async () => (await page.evaluate(view, id)).order;
  const button = page.locator(`[id="${id}"] thead th`).nth(column).locator("button");
  if ((await button.count()) === 0) return [`${id}: column ${column + 1} has no button that sorts`];
  const first = await order();
  await button.focus();
  await page.keyboard.press("Enter");
  const up = await order();
  await page.keyboard.press("Enter");
  const down = await order();
  for (let more = 0; more < 2 && down === first; more += 1) await page.keyboard.press("Enter");
  return up === down ? [`${id}: sorting by column ${column + 1} changes nothing`] : [];
}

/** Whether filters and sorting do what they say, and whether the address brings the view back. */
export async function tries(page) {
  const found = [];
  const tables = await page.evaluate(filters);
  for (const table of tables) found.push(...(await filtered(page, table)));
  const sorted = await page.evaluate(sortable);
  for (const table of sorted) found.push(...(await sorts(page, table)));
  // One filter and the last sorting, and the page anew.
  const last = sorted.at(-1)?.id;
  const order = last && (await page.evaluate(view, last)).order;
  const chosen = tables.find(({ lists }) => lists.length > 0);
  if (chosen) await page.selectOption(`form[data-filters="${chosen.id}"] select[name="${chosen.lists[0].name}"]`, chosen.lists[0].value);
  const few = chosen && (await page.evaluate(view, chosen.id)).count;
  if (chosen || last) await page.reload();
  if (chosen) {
    const { count } = await page.evaluate(view, chosen.id);
    if (count !== few) found.push(`${chosen.id}: the address does not bring the view back: ${count} rows, not ${few}`);
    await reset(page, chosen.id);
  }
  if (last && (await page.evaluate(view, last)).order !== order) found.push(`${last}: the address does not bring the order back`);
  return found;
}

/** Whether two that are chosen to be set against each other have their page. */
export async function pairs(page) {
  const button = page.locator("form[data-pair]:not([hidden]) button");
  if ((await button.count()) === 0) return [];
  const lists = page.locator("form[data-pair] select");
  const values = await lists.nth(1).locator("option").evaluateAll((options) => options.map((option) => option.value));
  for (const value of values) {
    await lists.nth(1).selectOption(value);
    if (await button.isDisabled()) continue;
    const address = page.url();
    await button.click();
    const leads = await page.waitForURL((url) => url.href !== address, { timeout: 10_000 }).then(() => true, () => false);
    if (!leads) return ["the chosen pair leads nowhere"];
    const heading = await page.locator("h1").innerText();
    return heading.includes(" against ") ? [] : [`the chosen pair leads to "${heading}"`];
  }
  return ["no chip can be set against the first"];
}
