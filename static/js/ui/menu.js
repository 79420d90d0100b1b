/* data-behaviour="menu" on a popover: anchored to the button that opened it, walked with the arrow keys,
   narrowed by typing. Content that arrives while it is open takes the focus. */
import { behaviour } from "./behaviours.js";

const invokers = new WeakMap();
const anchored = CSS.supports("position-area: block-end");
const walkKeys = ["ArrowDown", "ArrowUp", "Home", "End"];

/* Open a menu for this invoker from code: a shortcut, or one menu that many buttons share. */
export function openMenu(menu, invoker) {
  invokers.set(menu, invoker);
  if (!menu.matches(":popover-open")) menu.showPopover({ source: invoker });
}

/* The button that opened the menu last. */
export function invokerOf(menu) {
  return invokers.get(menu);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[popovertarget]");
  if (button) invokers.set(document.getElementById(button.getAttribute("popovertarget")), button);
}, true);

/* What is unavailable stays focusable, so that its reason can be read, but does nothing. */
document.addEventListener("click", (event) => {
  if (!event.target.closest('[aria-disabled="true"]')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

behaviour("menu", (menu) => {
  menu.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    const invoker = invokers.get(menu);
    invoker?.setAttribute("aria-expanded", String(open));
    if (open) { place(menu, invoker); reset(menu); focusFirst(menu); }
    /* What was chosen may have redrawn the button that opened it. */
    else if (document.activeElement === document.body) document.querySelector(`[popovertarget="${menu.id}"]`)?.focus();
  });
  menu.addEventListener("keydown", (event) => walk(menu, event));
  menu.addEventListener("input", (event) => {
    if (event.target.matches("[data-menu-filter]")) narrow(menu, event.target.value);
  });
  menu.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-menu]")) menu.hidePopover();
  });
  menu.addEventListener("htmx:after:settle", () => {
    if (!menu.matches(":popover-open")) return;
    /* What was typed before the content came counts for it too. */
    const field = menu.querySelector("[data-menu-filter]");
    if (field) narrow(menu, field.value);
    place(menu, invokers.get(menu));
    if (!menu.contains(document.activeElement) || document.activeElement === menu) focusFirst(menu);
  });
});

function place(menu, invoker) {
  if (!invoker || anchored || matchMedia("(max-width: 47.99rem)").matches) return;
  const anchor = invoker.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const left = menu.classList.contains("menu--end") ? anchor.right - box.width : anchor.left;
  const below = anchor.bottom + 4 + box.height <= innerHeight;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(8, below ? anchor.bottom + 4 : anchor.top - box.height - 4)}px`;
  menu.style.margin = "0";
}

function reset(menu) {
  const field = menu.querySelector("[data-menu-filter]");
  if (field?.value) { field.value = ""; narrow(menu, ""); }
}

function focusFirst(menu) {
  const chosen = ["[data-menu-filter]", "[data-default]", '[aria-current="true"]', ".menu__item"]
    .map((selector) => menu.querySelector(selector)).find(Boolean);
  if (chosen) focusable(chosen).focus();
}

function focusable(item) {
  return item.matches("label") ? item.querySelector("input") : item;
}

function walk(menu, event) {
  const field = event.target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select');
  if (event.key === "Enter" && event.target.matches("[data-menu-filter]")) {
    event.preventDefault();
    visible(menu)[0]?.click();
    return;
  }
  if (!walkKeys.includes(event.key) || (field && !event.target.matches("[data-menu-filter]"))) return;
  if (field && ["Home", "End"].includes(event.key)) return;
  const items = visible(menu);
  if (!items.length) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement.closest(".menu__item"));
  const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key];
  focusable(items[(next + items.length) % items.length]).focus();
}

function visible(menu) {
  return [...menu.querySelectorAll(".menu__item")].filter((item) => item.offsetParent !== null || item.getClientRects().length);
}

function narrow(menu, text) {
  const wanted = text.trim().toLowerCase();
  menu.querySelectorAll(".menu__item").forEach((item) => { item.hidden = !item.textContent.toLowerCase().includes(wanted); });
  menu.querySelectorAll(".menu__group:has(.menu__item)").forEach((group) => { group.hidden = !group.querySelector(".menu__item:not([hidden])"); });
}
