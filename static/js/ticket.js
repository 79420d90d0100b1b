/* The ticket page: the composer, and its keys. R reply, N note, C comment, M move, A assign, T take, H hold. */
import { behaviour } from "./ui/behaviours.js";
import { isShortcut } from "./ui/shortcuts.js";
import "./ui/composer.js";

behaviour("focus-first", (form) => {
  const field = form.querySelector("input:not([type=hidden]), textarea, select");
  field?.focus();
  field?.select?.();
});

const write = (visibility) => {
  const form = document.getElementById("composer");
  const radio = form?.querySelector(`[name="visibility"][value="${visibility}"]`);
  if (radio) radio.checked = true;
  form?.querySelector("textarea").focus();
};
const press = (id) => document.getElementById(id)?.click();
const keys = {
  r: () => write("public"), n: () => write("internal"), c: () => document.querySelector("#composer textarea")?.focus(),
  m: () => press("move-other"), a: () => press("prop-owner"),
  t: () => document.getElementById("take")?.requestSubmit(), h: () => press("hold"),
};

document.addEventListener("keydown", (event) => {
  const act = keys[event.key];
  if (!act || !isShortcut(event)) return;
  event.preventDefault();
  act();
});
