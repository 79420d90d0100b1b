/* data-behaviour="placement": an answer's card, with the list it belongs in and the card it stands after.
   It replaces the one on the board; when its neighbour is not on this page, its column is fetched anew. One without a
   card leaves the board; data-anew="<status>" names a column that holds more than this card. */
import { behaviour } from "../ui/behaviours.js";
import { settled } from "./send.js";

behaviour("placement", (parcel) => {
  const id = `card-${parcel.dataset.ticket}`;
  const fresh = parcel.firstElementChild;
  const old = document.querySelector(`#board #${id}`);
  const hadFocus = old?.contains(document.activeElement) || document.activeElement === document.body
    || document.activeElement?.closest("dialog, [popover]");
  const neighbour = old?.nextElementSibling ?? old?.previousElementSibling;
  document.querySelectorAll(`dialog[data-ask="${parcel.dataset.ticket}"]`).forEach((dialog) => { dialog.dataset.answered = ""; dialog.close("saved"); });
  old?.remove();
  if (fresh) put(fresh, parcel.dataset);
  if (parcel.dataset.anew) fetchColumn(parcel.dataset.anew);
  settled(id);
  parcel.remove();
  if (hadFocus) requestAnimationFrame(() => focusOn(document.querySelector(`#board #${id}`) ?? neighbour));
});

function put(card, { list: listId, after }) {
  const list = document.getElementById(listId);
  const column = list?.closest(".column");
  if (!list || column.classList.contains("column--collapsed")) return;
  const before = after && document.getElementById(after);
  if (before && before.parentElement === list) before.after(card);
  else if (!after || (before && before.closest(".column") === column)) list.prepend(card);
  else { list.append(card); fetchColumn(column.dataset.stage); }
  window.htmx.process(card);
}

/* The whole column again: the card belongs somewhere this page does not show. */
export function fetchColumn(status) {
  const query = location.search.slice(1);
  const url = `${boardUrl()}/columns/${status}${query ? `?${query}` : ""}`;
  window.htmx.ajax("GET", url, { source: document.getElementById("board"), target: `#column-${status}`, swap: "outerHTML" });
}

function boardUrl() {
  return document.getElementById("filters").getAttribute("action");
}

function focusOn(card) {
  if (document.querySelector("dialog:modal")) return;
  const active = document.activeElement;
  if (active && active !== document.body && active.isConnected && !active.closest("[popover]:not(:popover-open)")) return;
  card?.querySelector(".card h3 a")?.focus({ preventScroll: false });
}
