/* What a frame and the page round it say to each other. To that page's origin alone, and from it alone. */
import "./open_tab.js";

const host = document.querySelector("meta[name=ticketing-host]");
const origin = host?.content;

function say(type, facts = {}) {
  if (origin && parent !== window) parent.postMessage({ source: "ticketing", type, ...facts }, origin);
}

function counts() {
  const heads = [...document.querySelectorAll(".column__head[data-total]")];
  if (!heads.length) return;
  say("counts", { counts: Object.fromEntries(heads.map((head) => [head.id.replace("head-", ""), Number(head.dataset.total)])) });
}

const heard = {
  "set-theme": ({ theme }) => {
    if (theme !== "light" && theme !== "dark") return;
    if (document.documentElement.dataset.theme === theme) return;
    document.documentElement.dataset.theme = theme;
    // The session keeps it, so that the next page is drawn in it: a frame may have no storage.
    fetch(`${base()}/theme`, { method: "POST", headers: headers(), body: new URLSearchParams({ theme }) });
  },
  "open-ticket": ({ key }) => {
    if (/^T-\d{1,10}$/.test(key)) location.assign(`${base()}/tickets/${key}`);
  },
  report: ({ facts }) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: `${base()}/report/draft`, hidden: true });
    const known = Object.entries(facts ?? {}).slice(0, 20).filter(([, value]) => typeof value === "string");
    const given = { ...Object.fromEntries(known), csrf_token: headers()["X-CSRFToken"] };
    for (const [name, value] of Object.entries(given)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: value.slice(0, 600) }));
    }
    document.body.append(form);
    form.submit();
  },
  "set-filter": ({ query }) => {
    const asked = new URLSearchParams();
    for (const name of host.dataset.filters?.split(" ") ?? []) {
      for (const value of [query?.[name]].flat().slice(0, 20)) if (typeof value === "string") asked.append(name, value.slice(0, 200));
    }
    const page = location.pathname.endsWith("/queue") ? "queue" : "board";
    location.assign(`${base()}/${page}?${asked}`);
  },
};

/* With these the desk knows that a request is its own page's. */
function headers() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
}

function base() {
  return location.pathname.slice(0, location.pathname.indexOf("/embed") + "/embed".length);
}

addEventListener("message", (event) => {
  if (!origin || event.source !== parent || event.origin !== origin || event.data?.source !== "ticketing-host") return;
  if (Object.hasOwn(heard, event.data.type)) heard[event.data.type](event.data);
});

/* A session that ended while this page stood here: what was typed stays until its user asks for another. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-tell-host]")) say("signed-out");
});

if (host?.dataset.page === "signed_out") {
  say("signed-out");
} else if (origin) {
  document.getElementById("form-errors")?.focus(); // browsers ignore autofocus in a frame of another site
  say("ready", { page: host.dataset.page });
  const key = location.pathname.match(/\/tickets\/(T-\d+)$/)?.[1];
  if (key) say("ticket-opened", { key });
  counts();
  document.addEventListener("htmx:after:swap", counts);
  let height = 0;
  new ResizeObserver(() => {
    const now = document.documentElement.scrollHeight;
    if (now !== height) say("height", { height: (height = now) });
  }).observe(document.body);
}
