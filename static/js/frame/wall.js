/* A screen on the wall brings its page again every data-every seconds and puts it in its place. When that fails for
   longer than data-stale, the word "Live" says how old what is shown is. Once an hour it moves by two pixels, to spare
   the panel. A page of another version of the desk is loaded anew. */
const modules = () => [...document.querySelectorAll("script[src]")].map((script) => script.src).join();

let born = performance.now(); // of what is shown

async function look() {
  try {
    const answer = await fetch(location.href, { cache: "no-store", redirect: "error" });
    if (answer.status === 404) return location.reload(); // taken back: nothing is shown any more
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector(".wall");
    if (!found) return;
    if ([...page.querySelectorAll("script[src]")].map((script) => new URL(script.getAttribute("src"), location.href).href).join() !== modules()) {
      return location.reload();
    }
    document.querySelector(".wall__head").replaceWith(document.adoptNode(found.querySelector(".wall__head")));
    document.querySelector(".wall__grid").replaceWith(document.adoptNode(found.querySelector(".wall__grid")));
    born = performance.now();
  } catch { /* the age tells */ }
}

function tell() {
  const live = document.querySelector(".wall__live");
  const age = (performance.now() - born) / 1000;
  const old = age > document.body.dataset.stale;
  const words = old ? live.dataset.old.replace("{n}", Math.floor(age / 60)) : live.dataset.live;
  live.toggleAttribute("data-is-old", old);
  const said = live.querySelector(".wall__age");
  if (said.textContent !== words) said.textContent = words;
  document.body.dataset.shift = new Date().getHours() % 2;
}

setInterval(look, document.body.dataset.every * 1000);
setInterval(tell, 1000);
