/* data-behaviour="row-walk" on a table whose rows have a link in their heading: the arrow keys go from row to row,
   X selects, A and M open the menus of the bulk bar for what is selected, or for this row. [data-enter="<id>"] on a
   field presses that button. */
import { behaviour } from "./behaviours.js";
import { isShortcut } from "./shortcuts.js";

const menus = { a: "bulk-assign", m: "bulk-move" };

behaviour("row-walk", (table) => {
  const onKey = (event) => {
    const row = event.target.closest?.("tbody tr");
    if (!row || !table.contains(row) || !isShortcut(event)) return;
    const act = keys(row)[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const keys = (row) => ({
    ArrowDown: () => visit(row.nextElementSibling),
    ArrowUp: () => visit(row.previousElementSibling),
    Home: () => visit(row.parentElement.firstElementChild),
    End: () => visit(row.parentElement.lastElementChild),
    x: () => box(row).click(),
    a: () => openMenu(row, menus.a),
    m: () => openMenu(row, menus.m),
  });
  const openMenu = (row, id) => {
    if (!table.querySelector("tbody input:checked")) box(row).click();
    document.querySelector(`[popovertarget="${id}"]`)?.click();
  };
  table.addEventListener("keydown", onKey);
});

function visit(row) {
  row?.querySelector("th a")?.focus();
}

function box(row) {
  return row.querySelector('input[type="checkbox"]');
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-enter]");
  if (!field || event.key !== "Enter") return;
  event.preventDefault();
  document.getElementById(field.dataset.enter)?.click();
});
