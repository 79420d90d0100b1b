/* [data-copy="text"] puts a text on the clipboard (an address beginning with / is made whole) and says data-say, or data-failed. */
import { announce } from "./announcer.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy.startsWith("/") ? new URL(button.dataset.copy, location.href).href : button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
    announce(button.dataset.say);
  } catch {
    announce(button.dataset.failed, { now: true });
  }
});
