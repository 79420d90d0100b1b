/* The card's ⋯ menu and its assign menu: two popovers that all cards share, filled when they open.
   Without script the same links lead to pages with plain forms. */
import { openMenu } from "../ui/menu.js";
import { keyOf } from "./send.js";

export function openCardMenu(card) {
  const link = card.querySelector(".card__menu");
  fillAndOpen("card-menu", link, `${link.getAttribute("href")}?context=board`);
}

export function openAssignMenu(card) {
  const link = card.querySelector(".card__assignee");
  const url = new URL("board/people", new URL(document.getElementById("filters").action));
  url.searchParams.set("ticket", keyOf(card));
  fillAndOpen("assign-menu", link, url.pathname + url.search);
}

function fillAndOpen(id, link, url) {
  const menu = document.getElementById(id);
  menu.replaceChildren(document.getElementById("menu-loading").content.cloneNode(true));
  menu.dataset.card = link.closest(".card").id;
  openMenu(menu, link);
  window.htmx.ajax("GET", url, { source: menu, target: `#${id}`, swap: "innerHTML" });
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const card = event.target.closest(".card");
  if (!card?.closest("#board")) return;
  if (event.target.closest(".card__menu")) { event.preventDefault(); openCardMenu(card); }
  else if (event.target.closest(".card__assignee")) { event.preventDefault(); openAssignMenu(card); }
});

/* What was chosen is on its way: the menu gives way to the answer. */
document.addEventListener("htmx:before:request", (event) => {
  const menu = event.target.closest?.("#card-menu, #assign-menu");
  if (menu && event.detail.ctx.request.method !== "GET") setTimeout(() => menu.hidePopover());
});
