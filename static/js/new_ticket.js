/* The form of a new ticket: files by choice, paste or drop; the summary of what is wrong takes the focus. */
import { behaviour } from "./ui/behaviours.js";
import { listFiles, pastedFiles, takeDrops } from "./ui/files.js";

behaviour("focus-me", (element) => { element.focus(); });

behaviour("file-drop", (zone) => {
  const input = zone.querySelector('input[type="file"]');
  const list = document.querySelector(`[data-files-of="${input.id}"]`);
  const error = document.getElementById(`${input.id}-error`);
  const files = listFiles(input, list, {
    max: Number(zone.dataset.max), words: { tooLarge: zone.dataset.tooLarge, remove: zone.dataset.remove },
    complain: (words) => { error.textContent = words; },
  });
  takeDrops(zone, files.add);
  /* Without a file a plain form is half the work for the server. */
  zone.closest("form").addEventListener("submit", (event) => {
    event.target.enctype = input.files.length ? "multipart/form-data" : "application/x-www-form-urlencoded";
  });
  zone.closest("form").addEventListener("paste", (event) => {
    const pasted = pastedFiles(event);
    if (pasted.length) { event.preventDefault(); files.add(pasted); }
  });
});
