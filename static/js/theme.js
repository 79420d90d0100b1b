/* Says that script runs (base.css hides what is dead without it), and
   sets the colour scheme before first paint; loaded in the head without defer.
   Order: what a host page has said (in a frame), the saved choice, the system. */
(() => {
  const root = document.documentElement;
  root.dataset.scripted = "";
  let theme = null;
  try { theme = root.dataset.theme || localStorage.getItem("theme"); } catch { /* storage may be blocked in a frame */ }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
})();
