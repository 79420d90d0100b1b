/* Open in a tab: asks for a link that works once and opens it. The browser allows that within the click's few seconds. */
import { behaviour } from "../ui/behaviours.js";

behaviour("open-tab", (form) => {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.elements.path.value = location.pathname + location.search;
    const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: new FormData(form) });
    const address = answer.ok ? (await answer.json()).address : null;
    if (address) window.open(address, "_blank", "noopener");
    else form.submit();
  });
});
