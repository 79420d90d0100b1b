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

addEventListener("beforeprint", () => {
  closedForScreen = [...document.querySelectorAll("details.chart__data:not([open])")];
  for (const details of closedForScreen) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closedForScreen) details.open = false;
  closedForScreen = [];
});
