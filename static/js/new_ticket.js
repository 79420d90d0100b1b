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
  zone.closest("form").addEventListener("paste", (event) => {
    const pasted = pastedFiles(event);
    if (pasted.length) { event.preventDefault(); files.add(pasted); }
  });
});
