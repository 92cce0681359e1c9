"use strict";
// Makes every header a button that sorts the rows of each group. The page is complete without it.
for (const table of document.querySelectorAll("table")) {
  const headers = [...table.tHead?.rows[0]?.cells ?? []];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const up = header.ariaSort !== "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.ariaSort = up ? "ascending" : "descending";
      const key = (row) => row.cells[column]?.dataset.value ?? row.cells[column]?.textContent ?? "";
      const compare = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = isNaN(x) || isNaN(y) ? x.localeCompare(y, undefined, { numeric: true }) : x - y;
        return up ? order : -order;
      };
      for (const body of table.tBodies) {
        body.append(...[...body.rows].filter((row) => !row.matches(".group")).sort(compare));
      }
    });
  });
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((it) => (it.open = true)));
