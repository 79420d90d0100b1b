/* Links that ask for a part of the page instead of leaving it: data-into="#dialog-host" opens the dialog their
   address answers with, data-into="#some-menu" opens that menu with it, "menu" replaces the content of the menu
   they stand in, and any other selector is replaced. data-from is another address to ask. Without script, and with
   a modifier key, they are plain links to pages. A form in such a menu closes it once it is answered. */
import { openMenu } from "./menu.js";

const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
let closedBy = null;

/* Pressing the link of an open menu closes it: the click that follows must not open it again. */
document.addEventListener("pointerdown", (event) => {
  const link = event.target.closest("a[data-into]");
  closedBy = link?.getAttribute("aria-expanded") === "true" ? link : null;
}, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-into]");
  if (!link || !plain(event) || event.defaultPrevented) return;
  event.preventDefault();
  if (link === closedBy) { closedBy = null; return; }
  ask(link);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches?.('a[data-into][role="button"]')) return;
  event.preventDefault();
  event.target.click();
});

export function ask(link) {
  const into = link.dataset.into === "menu" ? link.closest(".menu") : document.querySelector(link.dataset.into);
  if (!into) { location.assign(link.href); return; }
  if (into.matches("[popover]") && !into.contains(link)) {
    into.replaceChildren(waiting());
    openMenu(into, link);
  }
  const swap = into.matches("[popover], #dialog-host") ? "innerHTML" : "outerHTML";
  window.htmx.ajax("GET", link.dataset.from ?? link.href, { source: link, target: into, swap });
}

function waiting() {
  const line = document.createElement("span");
  line.className = "skeleton menu__wait";
  return line;
}

document.addEventListener("htmx:finally:request", (event) => {
  const { request, response } = event.detail.ctx;
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu || request.method === "GET" || !response) return;
  const kept = response.status === 422 && menu.querySelector(".menu__form");
  if (!kept && menu.matches(":popover-open")) menu.hidePopover();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) setTimeout(() => print(), 0);
});
