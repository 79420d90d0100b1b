/* Dragging cards by mouse and finger. Columns show at once which of them take the card, from what the card carries;
   the target is the whole column, because the order inside is the server's. */
import { behaviour } from "../ui/behaviours.js";
import { isWaiting, keyOf, sendMove, statusOf } from "./send.js";
import { fill, words } from "./words.js";

const hoverToExpand = 600;
let held = null; // { card, over, expandTimer, expanded: Set, cancelled }

behaviour("board", (board) => {
  const lists = new Map();
  const install = () => {
    for (const list of board.querySelectorAll(".column__cards")) {
      if (!lists.has(list)) lists.set(list, window.Sortable.create(list, options(board)));
    }
    for (const [list, sortable] of lists) if (!list.isConnected) { sortable.destroy(); lists.delete(list); }
  };
  whenReady(install);
  const observer = new MutationObserver(install);
  observer.observe(board, { childList: true, subtree: true });
  return () => { observer.disconnect(); lists.forEach((sortable) => sortable.destroy()); };
});

function whenReady(start) {
  if (window.Sortable) start(); else window.addEventListener("DOMContentLoaded", start, { once: true });
}

function options(board) {
  return {
    group: "board", sort: false, draggable: ".card:not([data-saving], [data-pending])", filter: ".card__menu, .card__assignee",
    preventOnFilter: false, delay: 280, delayOnTouchOnly: true, touchStartThreshold: 9,
    forceFallback: true, fallbackOnBody: true, fallbackTolerance: 4, fallbackClass: "card--ghost",
    scroll: board, forceAutoScrollFallback: true, scrollSensitivity: 90, scrollSpeed: 14, bubbleScroll: true,
    animation: 0,
    onStart: (event) => begin(board, event.item),
    onMove: () => false,
    onEnd: (event) => end(board, event),
  };
}

function begin(board, card) {
  if (isWaiting(card)) return;
  held = { card, over: null, timer: null, expanded: new Set(), cancelled: false };
  const { names, move, back, order, reasons } = words();
  const moves = card.dataset.moves.split(" ");
  const from = statusOf(card);
  board.dataset.dragging = keyOf(card);
  card.dataset.origin = "";
  for (const target of targets()) {
    const to = target.dataset.stage;
    target.dataset.drop = to === from ? "origin" : moves.includes(to) ? "legal" : "illegal";
    const hint = target.querySelector(".column__drop");
    if (!hint || to === from) continue;
    const isBack = order.indexOf(to) < order.indexOf(from);
    hint.toggleAttribute("data-back", isBack);
    hint.textContent = moves.includes(to) ? fill(isBack ? back : move, { name: names[to] }) : reasons[from][to];
  }
  document.addEventListener("pointermove", follow, true);
  document.addEventListener("touchmove", follow, { capture: true, passive: true });
  document.addEventListener("keydown", giveUp, true);
}

function targets() {
  return document.querySelectorAll("#board .column, .stage-strip > a");
}

function targetAt(point) {
  return document.elementFromPoint(point.clientX, point.clientY)?.closest("#board .column, .stage-strip > a") ?? null;
}

function follow(event) {
  if (!held) return;
  const over = targetAt(event.touches?.[0] ?? event);
  if (over === held.over) return;
  if (held.over) delete held.over.dataset.over;
  clearTimeout(held.timer);
  held.over = over;
  if (over?.dataset.drop !== "legal") return;
  over.dataset.over = "";
  if (over.classList.contains("column--collapsed")) {
    held.timer = setTimeout(() => { over.classList.remove("column--collapsed"); held?.expanded.add(over); }, hoverToExpand);
  }
}

/* Escape lets go of the card where it was. */
function giveUp(event) {
  if (event.key !== "Escape" || !held) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  held.cancelled = true;
  for (const name of ["pointerup", "mouseup", "touchend"]) document.dispatchEvent(new Event(name, { bubbles: true }));
}

function end(board, event) {
  if (!held) return;
  const { card, cancelled, over, expanded } = held;
  const point = event.originalEvent?.changedTouches?.[0] ?? event.originalEvent;
  const target = (point?.clientX !== undefined && targetAt(point)) || over;
  clear(board, card);
  expanded.forEach((column) => column.classList.add("column--collapsed"));
  ignoreTheClick();
  if (cancelled) card.querySelector(".card h3 a").focus();
  if (cancelled || !target) return;
  const to = target.dataset.stage;
  if (to === statusOf(card)) return;
  if (card.dataset.moves.split(" ").includes(to)) {
    const list = document.getElementById(`cards-${to}`);
    sendMove(card, to, list && !list.closest(".column--collapsed") ? list : null);
  } else refuse(card, to);
}

function clear(board, card) {
  clearTimeout(held.timer);
  held = null;
  delete board.dataset.dragging;
  delete card.dataset.origin;
  for (const target of targets()) { delete target.dataset.drop; delete target.dataset.over; }
  document.removeEventListener("pointermove", follow, true);
  document.removeEventListener("touchmove", follow, { capture: true });
  document.removeEventListener("keydown", giveUp, true);
}

/* An illegal drop: the server would say the same, but nothing needs to be sent to say it. */
function refuse(card, to) {
  const { names, reasons, stays } = words();
  const template = document.getElementById("refused");
  const toast = template.content.firstElementChild.cloneNode(true);
  const title = fill(stays, { key: keyOf(card), name: names[statusOf(card)] });
  const text = `${names[to]}: ${lower(reasons[statusOf(card)][to])}.`;
  toast.querySelector(".toast__title").textContent = title;
  toast.querySelector(".toast__text").textContent = text;
  toast.dataset.now = "";
  document.getElementById("toasts").append(toast);
  window.htmx.process(toast);
  card.querySelector(".card h3 a").focus();
}

function lower(text) {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/* The mouse button that let go of a card over itself would also follow its link. Sortable too swallows a click after a
   drag, but the next one, whenever it comes, if the pointer crossed no other card: it is given one that goes nowhere. */
function ignoreTheClick() {
  const stop = (event) => { event.preventDefault(); event.stopPropagation(); };
  document.addEventListener("click", stop, { capture: true, once: true });
  document.body.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  document.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", stop, { capture: true }), 80);
}
