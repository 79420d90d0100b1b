/* A refresh never fights the user: requests from [data-poll] are dropped while the page is hidden, something is
   being dragged, a dialog or menu is open, or a form is on its way. The next poll makes up for it. */
const writing = new Set();

/* The end of a request is told on the element that asked, which a swap may have taken away: look at the request. */
function isWriting() {
  writing.forEach((ctx) => { if (ctx.response || ctx.status.startsWith("error")) writing.delete(ctx); });
  return writing.size > 0;
}

export function userIsBusy() {
  return document.hidden || isWriting()
    || document.querySelector("[data-dragging], dialog:modal, [popover]:popover-open") !== null;
}

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method !== "GET") writing.add(ctx);
  else if (ctx.sourceElement.matches("[data-poll]") && userIsBusy()) event.preventDefault();
});
document.addEventListener("htmx:finally:request", (event) => writing.delete(event.detail.ctx));
