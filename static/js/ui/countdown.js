/* Clocks go on while a page is open. The server has said what is left, when that is at risk, and when its calendar is
   open (#countdown); here time only passes: what is left grows less within the open spans, and at the instants the
   server has named the state becomes the next one. [data-clock] is "seconds left, seconds until at risk, calendar";
   its <b> holds the words. Nothing is announced, and nothing counts in a page that nobody sees. */
const bases = new WeakMap();
const hours = {};
let words = null;
let offset = 0; // milliseconds by which the server's clock is ahead of this one
let known = "";
let timer = 0;

const serverNow = () => Math.floor((Date.now() + offset) / 1000);

/* What the page, or the last answer, brought. */
function learn() {
  const facts = document.getElementById("countdown");
  if (!facts) return false;
  const told = `${facts.dataset.now} ${facts.dataset.hours}`;
  if (told === known) return true;
  known = told;
  words ??= JSON.parse(facts.dataset.words);
  offset = Number(facts.dataset.now) * 1000 - Date.now();
  Object.assign(hours, JSON.parse(facts.dataset.hours));
  return true;
}

/* Seconds of [from, to] in which the calendar is open; one without spans never closes. */
function worked(calendar, from, to) {
  const spans = hours[calendar] ?? [];
  if (!spans.length) return to - from;
  return spans.reduce((sum, [opens, closes]) => sum + Math.max(0, Math.min(closes, to) - Math.max(opens, from)), 0);
}

/* The first instant by which so many open seconds have passed. */
function reached(calendar, from, seconds) {
  const spans = hours[calendar] ?? [];
  if (!spans.length || seconds <= 0) return from + seconds;
  let left = seconds;
  for (const [opens, closes] of spans) {
    const begin = Math.max(opens, from);
    if (closes <= begin) continue;
    if (begin + left <= closes) return begin + left;
    left -= closes - begin;
  }
  return Infinity;
}

/* The clock as the server drew it, and since when it has been here. */
function baseOf(clock, now) {
  const drawn = clock.dataset.clock;
  let base = bases.get(clock);
  if (base?.drawn !== drawn) {
    const [left, warnIn, calendar] = drawn.split(" ").map(Number);
    const due = clock.dataset.sla === "breached" ? -Infinity : reached(calendar, now, left);
    const warn = warnIn ? now + warnIn : clock.dataset.sla === "risk" ? -Infinity : Infinity;
    base = { drawn, left, calendar, since: now, due, warn, part: Number(clock.dataset.part ?? 0) };
    bases.set(clock, base);
  }
  return base;
}

function show(clock, now) {
  const base = baseOf(clock, now);
  const left = base.left - worked(base.calendar, base.since, now);
  const state = now > base.due ? "breached" : now >= base.warn ? "risk" : "ok";
  if (clock.dataset.sla !== state) turn(clock, state);
  if (state === "breached") delete clock.dataset.part;
  else if (base.left > 0) clock.dataset.part = Math.ceil(base.part * Math.max(0, left) / base.left);
  const told = (state === "breached" ? words.over : words.left).replace("{time}", length(Math.abs(left)));
  const place = clock.querySelector("b");
  if (place.textContent !== told) place.textContent = told;
}

function turn(clock, state) {
  clock.dataset.sla = state;
  clock.querySelector(".sr")?.remove();
  if (state !== "risk") return;
  const risk = document.createElement("i");
  risk.className = "sr";
  risk.textContent = words.risk;
  clock.querySelector("b").before(risk);
}

function length(seconds) {
  const minutes = Math.floor(seconds / 60);
  const [h, n] = [Math.floor(minutes / 60), minutes % 60];
  const text = h >= words.wholeFrom || (h && !n) ? words.h : h ? words.hmin : n ? words.min : words.soon;
  return text.replace("{h}", h).replace("{n}", n);
}

function tick() {
  if (!learn()) return;
  const now = serverNow();
  document.querySelectorAll("[data-clock]").forEach((clock) => show(clock, now));
}

function run() {
  clearInterval(timer);
  if (document.hidden) return;
  tick();
  timer = setInterval(tick, 1000);
}

document.addEventListener("visibilitychange", run);
document.addEventListener("htmx:after:swap", tick);
run();
