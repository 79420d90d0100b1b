/* Sending a move: the one hidden form is filled and submitted; the card waits where it was dropped until the answer
   puts it where it belongs. Without an answer, or when a dialog is given up, it goes back to where it came from. */
const waiting = new Map();

export function keyOf(card) {
  return card.querySelector(".key").textContent;
}

/* Where the page shows it, or showed it before it was dropped. */
export function statusOf(card) {
  return (waiting.get(card.id)?.parent ?? card).closest(".column").dataset.stage;
}

function form() {
  return document.getElementById("move-form");
}

export function isWaiting(card) {
  return waiting.has(card.id);
}

/* Ask the server to move a card. `into` shows it in that column already, until the answer comes. */
export function sendMove(card, to, into = null) {
  if (waiting.has(card.id)) return;
  waiting.set(card.id, { parent: card.parentElement, next: card.nextElementSibling });
  const fields = form().elements;
  fields.namedItem("ticket").value = keyOf(card);
  fields.namedItem("from").value = statusOf(card);
  fields.namedItem("to").value = to;
  fields.namedItem("version").value = card.dataset.version;
  if (into) into.prepend(card);
  card.dataset.saving = "";
  card.setAttribute("aria-busy", "true");
  form().dataset.card = card.id;
  form().requestSubmit();
}

/* The answer has placed the card, or the dialog for it is open. */
export function settled(id) {
  waiting.delete(id);
  const card = document.getElementById(id);
  if (!card) return;
  delete card.dataset.saving;
  delete card.dataset.pending;
  card.removeAttribute("aria-busy");
}

export function putBack(id) {
  const home = waiting.get(id);
  const card = document.getElementById(id);
  if (home && card) home.parent.insertBefore(card, home.next?.parentElement === home.parent ? home.next : null);
  settled(id);
  return card;
}

document.addEventListener("request:failed", (event) => {
  if (event.target === form()) putBack(form().dataset.card)?.querySelector(".card h3 a").focus();
});

/* The server asks for more: the card stays where it was dropped, hatched, until the dialog is saved or given up. */
new MutationObserver(() => {
  const dialog = document.querySelector("#dialog-host dialog[data-ask]");
  const card = dialog && document.getElementById(`card-${dialog.dataset.ask}`);
  if (!card || !waiting.has(card.id)) return;
  delete card.dataset.saving;
  card.dataset.pending = "";
}).observe(document.getElementById("dialog-host"), { childList: true });

document.addEventListener("dialog:closed", (event) => {
  const id = event.target.dataset.ask && `card-${event.target.dataset.ask}`;
  if (!id || event.detail.saved || event.target.dataset.answered !== undefined) return;
  putBack(id)?.querySelector(".card h3 a").focus();
});

/* Every write from the board says which filters it shows, so that counts and places are answered for them. */
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method === "GET" || !(request.body instanceof FormData || request.body instanceof URLSearchParams)) return;
  if (!request.body.has("query")) request.body.append("query", location.search.slice(1));
});
