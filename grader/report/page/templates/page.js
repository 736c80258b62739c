"use strict";
(() => {
  const table = document.getElementById("submissions");
  if (!table) return;
  const headers = [...table.tHead.rows[0].cells];
  const key = (body, column) => body.rows[0].cells[column].dataset.key;
  const order = {
    text: (a, b) => a.localeCompare(b, undefined, { numeric: true }),
    number: (a, b) => a - b,
  };

  const sort = (header) => {
    const up = header.ariaSort !== "ascending";
    const column = headers.indexOf(header);
    const compare = order[header.dataset.order];
    const bodies = [...table.tBodies].sort((a, b) => {
      const [first, second] = [key(a, column), key(b, column)];
      // What has no mark stands last, whichever way.
      if (first === "" || second === "") return (first === "") - (second === "");
      return up ? compare(first, second) : compare(second, first);
    });
    headers.forEach((other) => other.setAttribute("aria-sort", "none"));
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    table.append(...bodies);
  };

  headers.forEach((header) => {
    if (!header.dataset.order) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(header));
    header.append(button);
    header.setAttribute("aria-sort", "none");
  });
})();
