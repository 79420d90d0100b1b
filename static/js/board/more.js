/* "Load 30 more": asks from as many cards as stand there now, and drops what came twice because others moved cards. */
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!ctx.sourceElement.matches("[data-more]")) return;
  const column = ctx.sourceElement.closest(".column");
  const url = new URL(ctx.request.action, location.href);
  url.searchParams.set("offset", column.querySelectorAll(".card").length);
  ctx.request.action = url.pathname + url.search;
  column.dataset.loadFrom = column.querySelectorAll(".card").length;
  column.toggleAttribute("data-load-focus", ctx.sourceElement === document.activeElement);
});

document.addEventListener("htmx:after:swap", () => {
  const column = document.querySelector(".column[data-load-from]");
  if (!column) return;
  const known = new Set();
  for (const card of column.querySelectorAll(".card")) {
    if (known.has(card.id)) card.remove();
    known.add(card.id);
  }
  const first = column.querySelectorAll(".card")[Number(column.dataset.loadFrom)];
  delete column.dataset.loadFrom;
  /* Asked for by click or key, the first new card has the focus; by scrolling, nothing moves. */
  if (column.hasAttribute("data-load-focus")) first?.querySelector(".card h3 a").focus();
});
