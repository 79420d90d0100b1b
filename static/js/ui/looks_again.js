/* data-behaviour="looks-again" data-from="<address>" data-every="<seconds>": a region that is fetched again while
   somebody looks at the page and is doing nothing in it. Never while a menu or a dialog is open, while the focus is
   in one of its rows' forms, or while something is on its way; what comes then is not shown. Without an answer it says
   so once, in the element that data-failed names, and tries again. */
import { behaviour } from "./behaviours.js";

/* Nobody did anything: the session is no less idle for it. */
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.quiet) ctx.request.headers["Looks-Again"] = "1";
});

let waiting = 0;
document.addEventListener("htmx:before:request", () => { waiting += 1; });
document.addEventListener("htmx:finally:request", () => { waiting = Math.max(0, waiting - 1); });

behaviour("looks-again", (region) => {
  let asked = performance.now();
  let looking = false;

  const look = () => {
    if (looking || waiting || performance.now() - asked < region.dataset.every * 1000 || busy(region)) return;
    looking = true;
    asked = performance.now();
    window.htmx.ajax("GET", region.dataset.from, { source: region, target: region, swap: "outerMorph", quiet: true });
  };
  const only = (event) => {
    if (!event.detail.ctx?.quiet || event.target !== region) return false;
    return true;
  };
  const begun = (event) => { if (!only(event) && event.target !== region) asked = performance.now(); };
  const over = (event) => { if (only(event)) looking = false; };
  const keep = (event) => {
    if (!only(event)) return;
    if (busy(region)) event.preventDefault();
  };
  const failed = (event) => {
    if (!only(event)) return;
    const notice = document.getElementById(region.dataset.failed);
    if (notice) notice.hidden = false;
  };

  document.addEventListener("htmx:before:request", begun);
  document.addEventListener("htmx:finally:request", over);
  document.addEventListener("htmx:before:swap", keep);
  document.addEventListener("request:failed", failed);
  document.addEventListener("visibilitychange", look);
  const timer = setInterval(look, 1000);
  return () => {
    clearInterval(timer);
    document.removeEventListener("htmx:before:request", begun);
    document.removeEventListener("htmx:finally:request", over);
    document.removeEventListener("htmx:before:swap", keep);
    document.removeEventListener("request:failed", failed);
    document.removeEventListener("visibilitychange", look);
  };
});

function busy(region) {
  return document.hidden
    || Boolean(document.querySelector(":popover-open, dialog[open]"))
    || Boolean(region.querySelector("form:focus-within, .now__pick:focus-within"));
}
