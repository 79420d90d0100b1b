/* data-behaviour="filter-form": a ticked filter applies at once, a typed one after a pause;
   what is empty stays out of the address. Without script the form has a button. */
import { behaviour } from "./behaviours.js";

const pause = 300;

behaviour("filter-form", (form) => {
  let timer = null;
  const apply = () => { clearTimeout(timer); form.requestSubmit(); };
  form.addEventListener("change", (event) => { if (event.target.name && event.target.type !== "search") apply(); });
  form.addEventListener("input", (event) => {
    if (event.target.type !== "search") return;
    clearTimeout(timer);
    timer = setTimeout(apply, pause);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
  return () => clearTimeout(timer);
});
