/* data-behaviour="row-selection" on a table whose rows begin with a checkbox.
   [data-select-all] in its head takes all; data-bulkbar="<id>" names the bar that shows while something is selected,
   in which [data-selected-count] gets the number and [data-clear-selection] lets go.
   data-say="{n} selected" is read out. Sends "selection:changed" with detail { count } from the table. */
import { behaviour } from "./behaviours.js";
import { announce } from "./announcer.js";

behaviour("row-selection", (table) => {
  const bar = document.getElementById(table.dataset.bulkbar);
  const all = () => table.querySelector("[data-select-all]");
  const boxes = () => [...table.querySelectorAll('tbody input[type="checkbox"]')];
  let last = null;

  const sync = () => {
    const list = boxes();
    const count = list.filter((box) => box.checked).length;
    list.forEach((box) => box.closest("tr").toggleAttribute("data-selected", box.checked));
    if (all()) { all().checked = count > 0 && count === list.length; all().indeterminate = count > 0 && count < list.length; }
    if (bar) { bar.hidden = count === 0; bar.dataset.ready = ""; bar.querySelectorAll("[data-selected-count]").forEach((part) => { part.textContent = count; }); }
    table.dispatchEvent(new CustomEvent("selection:changed", { bubbles: true, detail: { count } }));
    return count;
  };
  const say = (count) => announce((table.dataset.say ?? "").replace("{n}", count));

  table.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    else if (!boxes().includes(event.target)) return;
    say(sync());
  });
  /* Shift and click takes the rows between. */
  table.addEventListener("click", (event) => {
    const list = boxes();
    const at = list.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null && list[last]) {
      list.slice(Math.min(at, last), Math.max(at, last) + 1).forEach((box) => { box.checked = event.target.checked; });
    }
    last = at;
  });
  bar?.addEventListener("click", (event) => {
    if (!event.target.closest("[data-clear-selection]")) return;
    boxes().forEach((box) => { box.checked = false; });
    say(sync());
    (all() ?? table).focus();
  });
  table.addEventListener("htmx:after:settle", sync);
  table.addEventListener("rows:renewed", sync);
  sync();
});

/* data-behaviour="rows-elsewhere" on a hidden table of an answer: rows that may stand on the page and may not. */
behaviour("rows-elsewhere", (parcel) => {
  for (const fresh of parcel.querySelectorAll("tr[id]")) {
    const shown = [...document.querySelectorAll("table:not([hidden]) tr[id]")].find((row) => row.id === fresh.id);
    if (!shown) continue;
    const table = shown.closest("table");
    shown.replaceWith(fresh);
    window.htmx.process(fresh);
    table.dispatchEvent(new CustomEvent("rows:renewed"));
  }
  parcel.remove();
});
