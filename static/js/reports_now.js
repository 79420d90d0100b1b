/* The view of now: it looks again by itself, and what was chosen in its assign menu closes it. */
import "./ui/looks_again.js";

/* What was chosen is on its way: the menu gives way to the answer. */
document.addEventListener("htmx:before:request", (event) => {
  const menu = event.target.closest?.("#assign-menu");
  if (menu && event.detail.ctx.request.method !== "GET") setTimeout(() => menu.hidePopover());
});

/* A row that was acted on may be gone with its button. The focus goes to its successor: the row's button elsewhere,
   the next row of the list, or the list's heading. */
let last = null;
document.addEventListener("focusin", (event) => {
  const row = event.target.closest(".now__row");
  if (row) last = { list: row.closest("section").id, id: event.target.id, place: [...row.parentElement.children].indexOf(row) };
  else if (!event.target.closest("#assign-menu, #dialog-host, .toast")) last = null;
});
document.addEventListener("htmx:after:settle", () => {
  if (!last || (document.activeElement && document.activeElement !== document.body)) return;
  const list = document.getElementById(last.list);
  const rows = list?.querySelectorAll(".now__row") ?? [];
  const row = rows[Math.min(last.place, rows.length - 1)];
  const place = document.getElementById(last.id) ?? row?.querySelector(".now__pick button, .now__pick a") ?? list?.querySelector("h2");
  place?.focus();
});
