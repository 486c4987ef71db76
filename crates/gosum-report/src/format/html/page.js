"use strict";
// filters and sorts the table, and shows a part of it at a time: all its rows are in the page, and stay in memory
(() => {
  const STEP = 100;
  const find = (id) => document.getElementById(id);
  const section = find("artifacts");
  const table = section.querySelector("table");
  const body = table.tBodies[0];
  const inputs = { text: find("filter-text"), verdict: find("filter-verdict"), level: find("filter-level") };
  const rows = Array.from(body.rows, (row, at) => ({
    row, at,
    text: Array.from(row.cells, (cell) => cell.textContent).join("\n").toLowerCase(),
    verdict: row.dataset.verdict,
    level: row.dataset.level ?? "none",
  }));
  let order = rows, matching = rows, limit = STEP;

  const number = (count) => count.toLocaleString("en");

  function show() {
    const shown = matching.slice(0, limit);
    body.replaceChildren(...shown.map((one) => one.row));
    const left = matching.length - shown.length;
    const all = `${number(rows.length)} ${rows.length === 1 ? "artifact" : "artifacts"}`;
    const part = matching.length === rows.length ? all : `${number(matching.length)} of ${all} match`;
    find("filter-shown").textContent = left > 0 ? `${part}, the first ${number(shown.length)} are shown` : part;
    find("more").hidden = left === 0;
    find("more-some").textContent = `Show ${number(Math.min(STEP, left))} more`;
    find("more-all").textContent = `Show all ${number(matching.length)}`;
    table.setAttribute("aria-rowcount", matching.length + 1);
  }

  function filter() {
    const words = inputs.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { verdict: { value: verdict }, level: { value: level } } = inputs;
    matching = order.filter((one) =>
      (!verdict || one.verdict === verdict) && (!level || one.level === level)
      && words.every((word) => one.text.includes(word)));
    limit = STEP;
    show();
  }

  function clear() {
    for (const input of Object.values(inputs)) input.value = "";
    filter();
    inputs.text.focus();
  }

  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  function sort(head) {
    const column = head.cellIndex;
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const sign = descending ? -1 : 1;
    const keyed = rows.map((one) => {
      const { dataset: { key }, textContent } = one.row.cells[column];
      return { one, key: key === undefined ? textContent.toLowerCase() : Number(key) };
    });
    // what is alike stays in the order of the report
    keyed.sort((a, b) => sign * compare(a.key, b.key) || a.one.at - b.one.at);
    order = keyed.map(({ one }) => one);
    filter();
  }

  const heads = Array.from(table.tHead.rows[0].cells, (head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => sort(head));
    return { head, button };
  });

  function sortable() {
    for (const { head, button } of heads) {
      button.append(...head.childNodes);
      head.append(button);
    }
  }

  inputs.text.addEventListener("input", filter);
  inputs.verdict.addEventListener("change", filter);
  inputs.level.addEventListener("change", filter);
  find("filter-clear").addEventListener("click", clear);
  section.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
  });
  for (const link of document.querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => {
      clear();
      inputs.verdict.value = link.dataset.show;
      filter();
    });
  }

  function more(to) {
    const next = matching[limit];
    limit = to;
    show();
    // the reader goes on where the rows went on, also when the button is gone
    const cell = next.row.cells[0];
    cell.tabIndex = -1;
    cell.focus();
  }
  find("more-some").addEventListener("click", () => more(limit + STEP));
  find("more-all").addEventListener("click", () => more(matching.length));

  // on paper all is there that the filter leaves, and a table's head is on each page if it has no buttons
  let before;
  window.addEventListener("beforeprint", () => {
    before = limit;
    limit = matching.length;
    for (const { head, button } of heads) head.replaceChildren(...button.childNodes);
    show();
  });
  window.addEventListener("afterprint", () => {
    limit = before;
    sortable();
    show();
  });

  sortable();
  section.querySelector(".controls").hidden = false;
  show();
})();
