/* The ticket page: the composer, and its keys. R reply, N note, C comment, M move, A assign, T take, H hold. */
import { behaviour } from "./ui/behaviours.js";
import { isShortcut } from "./ui/shortcuts.js";
import "./ui/composer.js";

const focusLost = () => !document.activeElement || document.activeElement === document.body;
let titleWasOpen = false;

/* The title as a form in its place. Escape gives it up; whichever way it ends, the focus goes to its pencil again. */
behaviour("title-form", (form) => {
  const field = form.querySelector("#title");
  field.focus();
  field.select();
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    form.querySelector("[data-into]").click();
  });
  titleWasOpen = true;
});

/* What was done about a similar ticket takes its buttons away: the focus goes to that ticket's name. */
let alike = null;
document.addEventListener("focusin", (event) => {
  if (!event.target.closest("dialog, .toast")) alike = event.target.closest(".alike > li")?.querySelector(".alike__name")?.getAttribute("href");
});
document.addEventListener("htmx:after:settle", () => {
  if (alike && focusLost()) document.querySelector(`#similar .alike__name[href="${CSS.escape(alike)}"]`)?.focus();
});

/* A move renews the head. The button that was pressed may be gone: its successor takes the focus. */
let inHead = false;
document.addEventListener("focusin", (event) => { inHead = Boolean(event.target.closest("#ticket-head, #ticket-menu, dialog")); });
document.addEventListener("htmx:after:settle", () => {
  const pencil = titleWasOpen && document.getElementById("edit-title");
  if (pencil) titleWasOpen = false;
  if (!inHead || !focusLost()) return;
  (pencil || document.getElementById("move-next") || document.getElementById("move-other"))?.focus();
});

const write = (visibility) => {
  const form = document.getElementById("composer");
  const radio = form?.querySelector(`[name="visibility"][value="${visibility}"]`);
  if (radio && !radio.checked) radio.click();
  form?.querySelector("textarea").focus();
};
const press = (id) => document.getElementById(id)?.click();
const keys = {
  r: () => write("public"), n: () => write("internal"), c: () => document.querySelector("#composer textarea")?.focus(),
  m: () => press("move-other"), a: () => press("prop-owner"),
  t: () => document.getElementById("take")?.requestSubmit(), h: () => press("hold"),
};

/* "Comment" on a board's card leads here. What an address names takes the focus away until the page has loaded. */
const arrive = () => { if (location.hash === "#composer") document.querySelector("#composer textarea")?.focus(); };
if (document.readyState === "complete") arrive(); else addEventListener("load", () => setTimeout(arrive));

document.addEventListener("keydown", (event) => {
  const act = keys[event.key];
  if (!act || !isShortcut(event)) return;
  event.preventDefault();
  act();
});
