"use strict";
// Sorting and filtering of tables. What is chosen stands in the address, behind the #, so that a view can be linked.
(() => {
  const chosen = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const keep = (key, value) => {
    const all = chosen();
    if (value) all.set(key, value); else all.delete(key);
    const text = all.toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  };
  const value = (row, column) => {
    const cell = row.cells[column];
    const text = cell?.dataset.v ?? cell?.textContent.trim() ?? "";
    return text === "" ? null : Number.isNaN(Number(text)) ? text.toLowerCase() : Number(text);
  };
  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
    return typeof a === "number" ? -1 : 1;
  };

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const first = [...body.rows];
    const sort = (column, direction) => {
      const sign = direction === "descending" ? -1 : 1;
      const by = (row) => value(row, column);
      // What has no value stays at the end, whichever way.
      const order = (a, b) => by(a) === null || by(b) === null ? compare(by(a), by(b)) : sign * compare(by(a), by(b));
      body.append(...(direction ? [...first].sort(order) : first));
      heads.forEach((head, at) => {
        if (direction && at === column) head.setAttribute("aria-sort", direction); else head.removeAttribute("aria-sort");
      });
    };
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "" }[head.getAttribute("aria-sort")] ?? "ascending";
        sort(column, next);
        keep("sort", next && `${table.id}.${column}.${next}`);
      });
    });
    table.restore = () => {
      const [id, column, direction] = (chosen().get("sort") ?? "").split(".");
      if (id === table.id && heads[column] && ["ascending", "descending"].includes(direction)) sort(Number(column), direction);
    };
    table.restore();
  }

  for (const form of document.querySelectorAll("form[data-filters]")) {
    const table = document.getElementById(form.dataset.filters);
    const rows = [...table.tBodies[0].rows];
    const fields = [...form.elements].filter((field) => field.name);
    const count = form.querySelector("output");
    const apply = () => {
      let shown = 0;
      for (const row of rows) {
        const fits = fields.every((field) => {
          if (!field.value) return true;
          if (field.type === "search") return row.textContent.toLowerCase().includes(field.value.toLowerCase());
          return (row.dataset[field.name] ?? "") === field.value;
        });
        row.hidden = !fits;
        shown += fits;
      }
      count.textContent = `${shown} of ${rows.length} rows`;
    };
    const restore = () => {
      for (const field of fields) {
        field.value = chosen().get(field.name) ?? "";
        if (field.selectedIndex === -1) field.value = "";
      }
      apply();
    };
    // A list of what the rows have; a form that has nothing to choose from is not shown.
    for (const field of fields.filter((field) => field.localName === "select")) {
      const values = [...new Set(rows.map((row) => row.dataset[field.name] ?? ""))].filter(Boolean).sort();
      field.append(...values.map((text) => new Option(text, text)));
      if (values.length < 2) field.closest("label").hidden = true;
    }
    form.hidden = rows.length < 2;
    form.addEventListener("input", (event) => { keep(event.target.name, event.target.value); apply(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => { fields.forEach((field) => keep(field.name, "")); setTimeout(restore); });
    addEventListener("hashchange", restore);
    restore();
  }

  for (const form of document.querySelectorAll("form[data-pair]")) {
    const pages = new Map([...document.querySelectorAll("a[data-pair]")].map((link) => [link.dataset.pair, link.href]));
    const [a, b] = form.querySelectorAll("select");
    const button = form.querySelector("button");
    const page = () => pages.get(`${a.value} ${b.value}`) ?? pages.get(`${b.value} ${a.value}`);
    const update = () => { button.disabled = !page(); };
    form.hidden = false;
    form.addEventListener("input", update);
    form.addEventListener("submit", (event) => { event.preventDefault(); if (page()) location.href = page(); });
    update();
  }
})();
