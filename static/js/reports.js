/* The pages of reports. Tables under charts are open where no script runs, and for paper; here they open on request,
   and stay open while filters change. */
import "./ui/chart.js";
import { behaviour } from "./ui/behaviours.js";

const asked = new Set();
let closedForScreen = [];

behaviour("chart-data", (details) => {
  const key = details.id;
  details.open = asked.has(key) || !window.Chart || details.dataset.chart !== "yes";
  details.dataset.ready = "";
  details.addEventListener("toggle", () => { if (!closedForScreen.includes(details)) asked[details.open ? "add" : "delete"](key); });
});

/* The form sends its days even where a period has a name: an address says one or the other. */
behaviour("named-period", (form) => {
  form.addEventListener("formdata", ({ formData }) => {
    const days = [...form.elements].filter((field) => field.type === "date");
    if (!formData.has("preset")) return;
    if (days.some((field) => field.value !== field.defaultValue)) formData.delete("preset");
    else for (const field of days) formData.delete(field.name);
  });
});

addEventListener("beforeprint", () => {
  closedForScreen = [...document.querySelectorAll("details.chart__data:not([open])")];
  for (const details of closedForScreen) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closedForScreen) details.open = false;
  closedForScreen = [];
});
