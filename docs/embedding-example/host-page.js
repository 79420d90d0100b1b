// What a host page may do with the element: show a number beside its menu, and ask for a new token when one is needed.
const board = document.querySelector("ticketing-board");
const count = document.getElementById("open-count");
board.addEventListener("ticketing-counts", ({ detail }) => {
  const open = Object.entries(detail.counts).filter(([status]) => status !== "closed");
  count.textContent = `(${open.reduce((sum, [, number]) => sum + number, 0)})`;
});
board.addEventListener("ticketing-signed-out", async () => {
  const answer = await fetch("token", { method: "POST" });
  if (answer.ok) board.enter(await answer.text());
});
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => board.setAttribute("theme", dark.matches ? "dark" : "light");
dark.addEventListener("change", follow);
follow();
