/* On a phone one column shows at a time: the strip says which, and a tap goes to another. */
import { behaviour } from "../ui/behaviours.js";

behaviour("strip", (strip) => {
  const board = document.getElementById("board");
  const links = [...strip.querySelectorAll("a")];
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) mark(entry.target.id);
  }, { root: board, threshold: 0.7 });
  const mark = (id) => {
    for (const link of links) {
      const here = link.hash === `#${id}`;
      if (here) { link.setAttribute("aria-current", "true"); strip.scrollLeft = link.offsetLeft - 12; }
      else link.removeAttribute("aria-current");
    }
  };
  board.querySelectorAll(".column").forEach((column) => seen.observe(column));
  strip.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    document.querySelector(link.hash)?.scrollIntoView({ block: "nearest", inline: "start" });
  });
  return () => seen.disconnect();
});
