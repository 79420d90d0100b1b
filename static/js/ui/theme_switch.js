/* [data-toggle-theme] switches light and dark and remembers it on this machine. */
import { announce } from "./announcer.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle-theme]");
  if (!button) return;
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* not essential */ }
  announce(dark ? button.dataset.light : button.dataset.dark);
});
