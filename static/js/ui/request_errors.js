/* No request fails silently. Without an answer, or with a 5xx, a message offers Retry; a page that should not
   land in a fragment (an error page from a proxy) is kept out and reported the same way.
   4xx answers carry their own fragments and messages. */
import { showToast } from "./toast.js";

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (ctx?.request && !ctx.response) failed(ctx, "connection-failed");
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status >= 500) { const text = ctx.text; ctx.text = ""; failed(ctx, "request-failed", text); }
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!(ctx.response?.status >= 400) || !/<html[\s>]/i.test(ctx.text)) return;
  event.preventDefault();
  failed(ctx, "request-failed");
});

/* "request:failed" tells the page, on the element that asked, so that it can put things back. */
function failed(ctx, name, text = "") {
  const { sourceElement: source, target, swap } = ctx;
  source.dispatchEvent(new CustomEvent("request:failed", { bubbles: true, detail: { ctx, status: ctx.response?.status ?? 0 } }));
  if (ctx.quiet) return; // nobody waits for it: the page says by itself that it is old
  const toast = showToast(document.getElementById(name));
  explain(toast, text);
  toast.querySelector("[data-retry]").addEventListener("click", () => { toast.remove(); retry(ctx, target, swap); });
}

/* The server's own words, where its answer has some, are better than ours. */
function explain(toast, text) {
  const told = text && new DOMParser().parseFromString(text, "text/html").querySelector(".toast");
  if (!told) return;
  for (const part of [".toast__title", ".toast__text"]) {
    const words = told.querySelector(part);
    if (words) toast.querySelector(part).textContent = words.textContent;
  }
}

function retry(ctx, target, swap) {
  const { method, action, body } = ctx.request;
  const source = ctx.sourceElement.isConnected ? ctx.sourceElement : document.body;
  const values = body ? [...body.entries()] : [];
  const again = (event) => {
    if (event.detail.ctx.retryOf !== ctx) return;
    document.removeEventListener("htmx:config:request", again);
    const fresh = new FormData();
    values.forEach(([key, value]) => fresh.append(key, value));
    event.detail.ctx.request.body = fresh;
  };
  document.addEventListener("htmx:config:request", again);
  window.htmx.ajax(method, action, { source, target, swap, retryOf: ctx });
}
