/* data-behaviour="toast": messages in the corner. They never take the focus by themselves, stay while hovered or
   focused, and at most three show; older ones fold into a line that brings them back. Escape closes the newest.
   data-say is read out instead of their words; data-now has them read out at once. */
import { behaviour } from "./behaviours.js";
import { announce } from "./announcer.js";

const shownAtMost = 3;
let before = null;

/* Show a copy of the toast in a <template> that the server has written. Returns it, for its buttons. */
export function showToast(template) {
  const toast = template.content.firstElementChild.cloneNode(true);
  region().append(toast);
  install(toast);
  return toast;
}

export function closeNewestToast() {
  const newest = [...region().querySelectorAll(".toast")].at(-1);
  if (newest) close(newest);
  return Boolean(newest);
}

/* When a dialog closes, its messages go on in the corner; an offer to retry is spent with what it would send. */
document.addEventListener("dialog:closed", (event) => {
  event.target.querySelectorAll(":scope > .toast").forEach((toast) => {
    if (toast.querySelector("[data-retry]")) toast.remove(); else region().append(toast);
  });
  fold();
});

/* F6 goes to the messages and back to where one was. */
export function visitToasts() {
  if (region().contains(document.activeElement)) { before?.focus(); return; }
  before = document.activeElement;
  (region().querySelector(".toast:not([hidden]) :is(a, button)") ?? region()).focus();
}

behaviour("toast", install);

function install(toast) {
  if (toast.dataset.shown !== undefined) return;
  toast.dataset.shown = "";
  /* Behind an open dialog nothing can be reached or heard: the message goes into it. */
  document.querySelector("dialog:modal")?.append(toast);
  if (toast.getAttribute("role") !== "alert") announce(toast.dataset.say || spoken(toast), { now: toast.dataset.now !== undefined });
  toast.addEventListener("click", (event) => { if (event.target.closest("[data-dismiss]")) close(toast); });
  /* Its button has been answered: the offer is spent. */
  toast.addEventListener("htmx:finally:request", (event) => { if (event.detail.ctx.response?.status < 500) close(toast); });
  live(toast);
  fold();
}

function region() {
  return document.getElementById("toasts");
}

function spoken(toast) {
  return [...toast.querySelectorAll(".toast__title, .toast__text")].map((part) => part.textContent.trim()).join(". ");
}

/* The life is spent only while nobody reads it. */
function live(toast) {
  let left = Number(toast.dataset.life);
  if (!left) return;
  const step = 250;
  const timer = setInterval(() => {
    if (!toast.isConnected) { clearInterval(timer); return; }
    if (document.hidden || toast.matches(":hover, :focus-within")) return;
    left -= step;
    if (left <= 0) { clearInterval(timer); close(toast); }
  }, step);
}

function close(toast) {
  const held = toast.contains(document.activeElement);
  toast.remove();
  fold();
  if (held && before?.isConnected) before.focus();
}

function fold() {
  const toasts = [...region().querySelectorAll(".toast")];
  const open = region().dataset.unfolded !== undefined;
  const hidden = open ? 0 : Math.max(0, toasts.length - shownAtMost);
  toasts.forEach((toast, index) => { toast.hidden = index < hidden; });
  let more = region().querySelector(".toasts__more");
  if (!hidden) { more?.remove(); if (toasts.length <= shownAtMost) delete region().dataset.unfolded; return; }
  if (!more) {
    more = document.createElement("button");
    more.className = "btn btn--sm toasts__more";
    more.type = "button";
    more.addEventListener("click", () => { region().dataset.unfolded = ""; fold(); });
    region().prepend(more);
  }
  more.textContent = region().dataset.more.replace("{n}", hidden);
}
