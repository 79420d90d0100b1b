/* What screen readers are told. One polite and one assertive region stand in the page from the first load. */

/* Emptying first makes a repeated sentence audible again. */
export function announce(text, { now = false } = {}) {
  const region = document.getElementById(now ? "announcer-now" : "announcer");
  if (!region || !text) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 60);
}

/* The server may speak through a header: HX-Trigger: {"announce": {"text": "…", "now": false}} */
document.addEventListener("announce", (event) => announce(event.detail.text, { now: Boolean(event.detail.now) }));
