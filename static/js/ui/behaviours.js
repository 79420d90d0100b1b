/* The register of behaviours. An element asks for them by name, data-behaviour="menu other";
   each is installed once per element, on load and on whatever a swap brings. */
const known = new Map();
const installed = new WeakMap();

/* Register install(element) under a name. A function it returns is called when htmx takes the element away. */
export function behaviour(name, install) {
  known.set(name, install);
  installIn(document);
}

export function installIn(root) {
  if (root.matches?.("[data-behaviour]")) installOn(root);
  root.querySelectorAll?.("[data-behaviour]").forEach(installOn);
}

function installOn(element) {
  const done = installed.get(element) ?? new Map();
  installed.set(element, done);
  for (const name of element.dataset.behaviour.split(/\s+/)) {
    if (done.has(name) || !known.has(name)) continue;
    done.set(name, null);
    done.set(name, known.get(name)(element) ?? null);
  }
}

function removeFrom(element) {
  installed.get(element)?.forEach((remove) => remove?.());
  installed.delete(element);
}

/* after:process comes for every root htmx has put into the page; after:swap covers what a morph changed in place. */
document.addEventListener("htmx:after:process", (event) => installIn(event.target));
document.addEventListener("htmx:after:swap", () => installIn(document));
document.addEventListener("htmx:before:cleanup", (event) => {
  if (event.target.matches?.("[data-behaviour]")) removeFrom(event.target);
});
