/* data-behaviour="bell": the button that opens the notifications. What it holds is fetched each time it opens; its
   number, and the notice about the desk under the top bar, each minute while somebody looks at the page. A question
   that gets no answer is asked again a minute later and says nothing: nobody waits for it. */
import { announce } from "./announcer.js";
import { behaviour } from "./behaviours.js";

const minute = 60_000;

behaviour("bell", (button) => {
  const menu = document.getElementById("inbox");
  let asked = performance.now();

  const open = (event) => {
    if (event.newState !== "open") return;
    if (!menu.querySelector(".inbox__list")) menu.prepend(document.getElementById("inbox-loading").content.cloneNode(true));
    window.htmx.ajax("GET", button.dataset.latest, { source: menu, target: "#inbox", swap: "innerHTML" });
  };

  const look = async () => {
    if (document.hidden || performance.now() - asked < minute) return;
    asked = performance.now();
    try {
      const answer = await fetch(button.dataset.state, { headers: { "HX-Request": "true", "Looks-Again": "1" } });
      if (answer.status === 401) clearInterval(timer); // signed out elsewhere: what is being typed here stays
      if (answer.ok) show(await answer.text());
    } catch { /* no connection */ }
  };

  menu.addEventListener("toggle", open);
  document.addEventListener("visibilitychange", look);
  const timer = setInterval(look, minute / 4);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
    menu.removeEventListener("toggle", open);
  };
});

/* Only what is new is put into the page, so that nothing is read out twice. */
function show(text) {
  for (const fresh of new DOMParser().parseFromString(text, "text/html").querySelectorAll("[id]")) {
    const here = document.getElementById(fresh.id);
    if (!here || here.innerHTML.trim() === fresh.innerHTML.trim()) continue;
    const before = numberIn(here);
    here.replaceChildren(...fresh.childNodes);
    if (numberIn(here) > before) announce(here.querySelector(".visually-hidden").textContent);
  }
}

const numberIn = (place) => parseInt(place.querySelector(".count")?.textContent ?? "0", 10);
