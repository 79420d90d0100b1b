/* Says that script runs (base.css hides what is dead without it), and
   sets the colour scheme before first paint; loaded in the head without defer.
   Order: ?theme= (a host page that frames the desk), the saved choice, the system. */
(() => {
  const root = document.documentElement;
  root.dataset.scripted = "";
  const asked = new URLSearchParams(location.search).get("theme");
  let saved = null;
  try { saved = localStorage.getItem("theme"); } catch { /* storage may be blocked in a frame */ }
  const theme = asked || saved;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
})();
