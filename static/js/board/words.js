/* What the server says about the board: names of statuses, why a column takes no card, and a few sentences. */
export function words() {
  return JSON.parse(document.getElementById("board-words").textContent);
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}
