/* data-behaviour="composer": the box under a ticket's activity. The draft stays on this machine until it is sent;
   Ctrl+Enter sends; files come by choice, paste or drop. */
import { behaviour } from "./behaviours.js";
import { listFiles, pastedFiles, takeDrops } from "./files.js";
import { suggestPeople } from "./mentions.js";

behaviour("composer", (form) => {
  const text = form.querySelector("textarea");
  const error = form.querySelector(".composer__error");
  const complain = (words) => { error.textContent = words; text.toggleAttribute("aria-invalid", false); };
  const files = listFiles(form.querySelector('input[type="file"]'), form.querySelector("[data-files]"), {
    max: Number(form.dataset.max), words: { tooLarge: form.dataset.tooLarge, remove: form.dataset.remove }, complain,
  });
  const draft = draftOf(form, text);
  const sayWho = () => { text.placeholder = form.querySelector('[value="internal"]:checked') ? form.dataset.note : form.dataset.reply; };

  text.addEventListener("input", () => { draft.keep(); if (error.textContent) complain(""); });
  form.addEventListener("change", () => { draft.keep(); sayWho(); });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("paste", (event) => {
    const pasted = pastedFiles(event);
    if (pasted.length) { event.preventDefault(); files.add(pasted); }
  });
  takeDrops(form, files.add);
  if (form.dataset.people) suggestPeople(form, text);
  if (form.dataset.sent !== undefined) { draft.forget(); text.focus(); } else draft.restore();
  sayWho();
});

function draftOf(form, text) {
  const name = `draft:${form.dataset.draft}`;
  const internal = () => form.querySelector('[value="internal"]');
  const attempt = (act) => { try { return act(); } catch { return null; /* storage may be blocked or full */ } };
  return {
    keep: () => attempt(() => {
      if (!text.value.trim()) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify({ text: text.value, internal: Boolean(internal()?.checked) }));
    }),
    restore: () => attempt(() => {
      const kept = JSON.parse(localStorage.getItem(name));
      if (!kept || text.value) return;
      text.value = kept.text;
      if (kept.internal && internal()) internal().checked = true;
    }),
    forget: () => attempt(() => localStorage.removeItem(name)),
  };
}
