/* Shortcuts of every page: G then a letter follows [data-go="<letter>"], / goes to [aria-keyshortcuts="/"]
   or else to the search, ? opens the list, Escape closes the newest message, F6 visits the messages.
   Single keys work outside fields only and can be switched off in the list. */
import { announce } from "./announcer.js";
import { behaviour } from "./behaviours.js";
import { openDialog } from "./dialog.js";
import { closeNewestToast, visitToasts } from "./toast.js";

const prefixLife = 900;
let prefixUntil = 0;

/* May this key press act as a single-key shortcut? Pages ask this before their own keys. */
export function isShortcut(event) {
  return !event.defaultPrevented && !busy(event) && document.documentElement.dataset.shortcuts !== "off"
    && performance.now() > prefixUntil;
}

function busy(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.isComposing
    || event.target.closest?.("input, select, textarea, [contenteditable]")
    || document.querySelector("dialog:modal, [popover]:popover-open");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "F6") { event.preventDefault(); visitToasts(); return; }
  if (busy(event)) return;
  if (event.key === "Escape") { closeNewestToast(); return; }
  if (document.documentElement.dataset.shortcuts === "off") return;
  if (performance.now() <= prefixUntil) { go(event); return; }
  const act = { g: () => { prefixUntil = performance.now() + prefixLife; }, "?": showList, "/": focusFilter }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

function go(event) {
  prefixUntil = 0;
  const link = document.querySelector(`[data-go="${CSS.escape(event.key.toLowerCase())}"]`);
  event.preventDefault();
  event.stopImmediatePropagation();
  link?.click();
}

function showList() {
  const list = document.getElementById("shortcuts");
  if (list) openDialog(list);
}

/* A page without a filter of its own has the search of every page. */
function focusFilter() {
  const own = document.querySelector('[aria-keyshortcuts="/"]');
  const search = [...document.querySelectorAll("[data-search] input[type=search], [popovertarget=jump-menu]")];
  (own ?? search.find((each) => each.checkVisibility()))?.focus();
}

let saved = null;
try { saved = localStorage.getItem("shortcuts"); } catch { /* storage may be blocked in a frame */ }
if (saved === "off") document.documentElement.dataset.shortcuts = "off";

behaviour("shortcuts-switch", (box) => {
  box.checked = document.documentElement.dataset.shortcuts !== "off";
  box.addEventListener("change", () => {
    const state = box.checked ? "on" : "off";
    document.documentElement.dataset.shortcuts = state;
    try { localStorage.setItem("shortcuts", state); } catch { /* not essential */ }
    announce(box.dataset[state]);
  });
});
