/* What a frame and the page round it say to each other. To that page's origin alone, and from it alone. */
import "./open_tab.js";

const host = document.querySelector("meta[name=ticketing-host]");
const origin = host?.content;
const PREFILLED = ["title", "player", "transaction", "provider", "page"];
const FILTERS = ["view", "status", "team", "owner", "priority", "type", "category", "sla", "q"];

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
    document.documentElement.dataset.theme = theme;
    try { sessionStorage.setItem("host-theme", theme); } catch { /* storage may be blocked in a frame */ }
  },
  "open-ticket": ({ key }) => {
    if (/^T-\d{1,10}$/.test(key)) location.assign(`${base()}/tickets/${key}`);
  },
  report: ({ facts }) => {
    const asked = new URLSearchParams();
    for (const name of PREFILLED) if (typeof facts?.[name] === "string") asked.set(name, facts[name].slice(0, 600));
    location.assign(`${base()}/report?${asked}`);
  },
  "set-filter": ({ query }) => {
    const asked = new URLSearchParams();
    for (const name of FILTERS) if (typeof query?.[name] === "string") asked.set(name, query[name].slice(0, 200));
    const page = location.pathname.endsWith("/queue") ? "queue" : "board";
    location.assign(`${base()}/${page}?${asked}`);
  },
};

function base() {
  return location.pathname.slice(0, location.pathname.indexOf("/embed") + "/embed".length);
}

addEventListener("message", (event) => {
  if (!origin || event.source !== parent || event.origin !== origin || event.data?.source !== "ticketing-host") return;
  if (Object.hasOwn(heard, event.data.type)) heard[event.data.type](event.data);
});

if (host?.dataset.page === "signed_out") {
  say("signed-out");
} else if (origin) {
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
