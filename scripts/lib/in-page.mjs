// What scripts/check-page asks of a page from within it: functions that are sent to the browser, and so use nothing from outside them.

/** What is wrong with the page as it stands. */
export function faults() {
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
  const ids = new Set();
  for (const { id } of document.querySelectorAll("[id]")) {
    if (ids.has(id)) found.push(`the id ${id} is there twice`);
    ids.add(id);
  }
  const text = document.body.innerText;
  for (const word of ["NaN", "undefined", "Infinity", "{{", "{%"]) {
    if (text.includes(word)) found.push(`the page says "${word}"`);
  }
  if (!document.title || !document.querySelector("h1")) found.push("it has no title or no heading");
  return found;
}

/** What is missing in a page of results. */
export function lacks() {
  const hasBoth = document.querySelector("svg") && document.querySelector("table");
  return hasBoth ? [] : ["it has no chart or no table"];
}

/** Opens or closes what can be folded. */
export function fold(isOpen) {
  document.querySelectorAll("details").forEach((part) => { part.open = isOpen; });
}

/**
 * Goes through all that can be used, in the order of the Tab key, as the page stands: what cannot be reached, or does not show that it
 * was. Each is given its place in that order, and of each kind the place of the first comes back, with the count.
 */
export function walk() {
  const found = [];
  const usable = [...document.querySelectorAll("a[href], button, select, input, summary, [tabindex]")];
  const stops = usable.filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled);
  const kinds = new Map();
  let unseen = 0;
  stops.forEach((element, at) => {
    element.dataset.stop = at;
    const kind = element.type ?? element.localName;
    if (!kinds.has(kind)) kinds.set(kind, at);
    const name = `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`;
    if (element.tabIndex < 0) found.push(`the Tab key passes over ${name}`);
    // It would come before all others.
    if (element.tabIndex > 0) found.push(`${name} has a place of its own in the order of the Tab key`);
    element.focus({ preventScroll: true });
    if (document.activeElement !== element) found.push(`the keyboard does not reach ${name}`);
    else if (getComputedStyle(element).outlineStyle === "none") {
      if ((unseen += 1) < 4) found.push(`the keyboard's place is not shown at ${name}`);
    }
  });
  document.activeElement?.blur();
  return { found: found.slice(0, 10), count: stops.length, firsts: [...kinds.values()] };
}

/** Where the keyboard is, by the places that `walk` gave. */
export function stop() {
  const at = document.activeElement?.dataset.stop;
  return at === undefined ? null : Number(at);
}

/** The tables that can be filtered, with the lists of their forms that have something to choose from: name, and a value. */
export function filters() {
  return [...document.querySelectorAll("form[data-filters]:not([hidden])")].map((form) => {
    const lists = [...form.querySelectorAll("select")].filter((list) => !list.closest("label").hidden);
    const search = form.querySelector("input[type='search']") !== null;
    return { id: form.dataset.filters, search, lists: lists.map(({ name, options }) => ({ name, value: options[1].value })) };
  });
}

/** The tables that can be sorted, with a column whose values differ. */
export function sortable() {
  return [...document.querySelectorAll("table[data-sortable]")].flatMap(({ id, tBodies, tHead }) => {
    const values = (at) => new Set([...tBodies[0].rows].map((row) => row.cells[at]?.textContent));
    const column = [...tHead.rows[0].cells].findIndex((_, at) => values(at).size > 1);
    return column < 0 ? [] : [{ id, column }];
  });
}

/** What of a table can be seen: how many rows, and in which order. */
export function view(id) {
  const rows = [...document.getElementById(id).tBodies[0].rows].filter((row) => !row.hidden);
  return { count: rows.length, order: rows.map((row) => row.textContent).join("\n") };
}
