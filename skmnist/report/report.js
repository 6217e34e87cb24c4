"use strict";
(function () {
  const root = document.documentElement;
  root.classList.add("js");

  // Dark and light: as the system has it until the button is pressed.
  const theme = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const show = () => theme.setAttribute("aria-pressed", String(isDark()));
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  show();

  // Tables: numbers by data-key, text by its letters; what has no number stays at the end.
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.key === undefined) return cell.textContent.trim();
    return cell.dataset.key === "" ? null : Number(cell.dataset.key);
  };
  const compare = (a, b) =>
    typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  const sort = (header) => {
    const table = header.closest("table");
    const body = table.tBodies[0];
    const column = header.cellIndex;
    const rows = Array.from(body.rows, (row) => [keyOf(row, column), row]);
    const known = rows.filter(([key]) => key !== null);
    const rest = rows.filter(([key]) => key === null);
    // Numbers begin with the greatest, text with A.
    const first = known.length && typeof known[0][0] === "number" ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    const order = header.getAttribute("aria-sort") === first ? other : first;
    known.sort(([a], [b]) => (order === "ascending" ? compare(a, b) : compare(b, a)));
    body.append(...known.concat(rest).map(([, row]) => row));
    table.querySelectorAll("th[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", order);
  };
  document.querySelectorAll("table.sortable button.sort").forEach((button) => {
    button.addEventListener("click", () => sort(button.closest("th")));
  });

  // A link to a model, or into it, opens it.
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    for (let box = target; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") box.open = true;
    }
  };
  addEventListener("hashchange", open);
  open();

  // Paper shows everything.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    closed.forEach((box) => (box.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((box) => (box.open = false)));
})();
