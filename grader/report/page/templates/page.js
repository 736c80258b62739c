"use strict";
(() => {
  const table = document.getElementById("submissions");
  if (!table) return;
  const headers = [...table.tHead.rows[0].cells];
  // Made once: to compare two names without it takes longer than everything else together.
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const order = { text: collator.compare, number: (a, b) => a - b };

  const sort = (header) => {
    const up = header.ariaSort !== "ascending";
    const column = headers.indexOf(header);
    const compare = order[header.dataset.order];
    const keyed = Array.from(table.tBodies, (body) => ({ body, key: body.rows[0].cells[column].dataset.key }));
    keyed.sort((a, b) => {
      // What has no mark stands last, whichever way.
      if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "");
      return up ? compare(a.key, b.key) : compare(b.key, a.key);
    });
    const sorted = document.createDocumentFragment();
    sorted.append(...keyed.map(({ body }) => body));
    headers.forEach((other) => other.setAttribute("aria-sort", "none"));
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    table.append(sorted);
  };

  headers.forEach((header) => {
    if (!header.dataset.order) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(header.firstChild);
    button.addEventListener("click", () => sort(header));
    header.prepend(button);
    header.setAttribute("aria-sort", "none");
  });

  const bodies = Array.from(table.tBodies, (body) => ({
    body,
    text: `${body.rows[0].textContent} ${body.querySelector("summary").textContent}`.toLowerCase(),
  }));
  const label = document.createElement("label");
  const input = document.createElement("input");
  const found = document.createElement("output");
  label.className = "filter";
  label.append(table.dataset.filter, input, found);
  input.type = "search";
  input.placeholder = table.dataset.hint;

  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    bodies.forEach(({ body, text }) => {
      body.hidden = !words.every((word) => text.includes(word));
      shown += !body.hidden;
    });
    const told = table.dataset.found.replace("{shown}", shown).replace("{all}", bodies.length);
    found.textContent = words.length ? told : "";
  };
  input.addEventListener("input", filter);
  // A link leads to a row that may be hidden.
  window.addEventListener("hashchange", () => {
    input.value = "";
    filter();
    document.querySelector(":target")?.scrollIntoView();
  });
  table.before(label);
})();
