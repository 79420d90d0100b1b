/* Keys on the focused card: arrows walk, M and A open its menus, T takes it, H holds or resumes it, ] and [ move it on
   and back, C comments. */
import { isShortcut } from "../ui/shortcuts.js";
import { openAssignMenu, openCardMenu } from "./menus.js";
import { sendMove, statusOf } from "./send.js";
import { words } from "./words.js";

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("#board .card");
  if (!card || !isShortcut(event)) return;
  const act = {
    m: () => openCardMenu(card), a: () => openAssignMenu(card), t: () => take(card), h: () => hold(card),
    "]": () => step(card, 1), "[": () => step(card, -1), c: () => { location.href = `${link(card).href}#composer`; },
    ArrowDown: () => walk(card, 0, 1), ArrowUp: () => walk(card, 0, -1),
    ArrowRight: () => walk(card, 1, 0), ArrowLeft: () => walk(card, -1, 0),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

function link(card) {
  return card.querySelector(".card h3 a");
}

function step(card, by) {
  const { order } = words();
  const to = order[order.indexOf(statusOf(card)) + by];
  if (to) sendMove(card, to);
}

function take(card) {
  post(card, document.getElementById("take-form"), "owner");
}

function hold(card) {
  if (card.dataset.hold) { post(card, document.getElementById("resume-form"), "resume"); return; }
  const url = `${link(card).getAttribute("href")}/hold?context=board`;
  window.htmx.ajax("GET", url, { source: card, target: "#dialog-host", swap: "innerHTML" });
}

function post(card, form, verb) {
  form.elements.namedItem("version").value = card.dataset.version;
  window.htmx.ajax("POST", `${link(card).getAttribute("href")}/${verb}`, { source: form, swap: "none" });
}

function walk(card, columns, cards) {
  const all = [...document.querySelectorAll("#board .column")].map((column) => [...column.querySelectorAll(".card")]);
  const filled = all.filter((list) => list.length);
  const x = filled.findIndex((list) => list.includes(card));
  const y = filled[x].indexOf(card);
  const list = filled[x + columns];
  const next = list && (columns ? list[Math.min(y, list.length - 1)] : list[y + cards]);
  if (!next) return;
  link(next).focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}
