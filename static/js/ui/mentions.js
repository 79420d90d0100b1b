/* Who may be meant by the @ being typed: a list under the text, walked with the arrow keys, taken with Enter or Tab. */

export function suggestPeople(form, text) {
  const list = form.querySelector("#mentions");
  let wanted = null;
  const options = () => [...list.querySelectorAll('[role="option"]')];
  const chosen = () => list.querySelector('[aria-selected="true"]');
  const close = () => { list.hidden = true; text.removeAttribute("aria-activedescendant"); wanted = null; };
  const choose = (option) => {
    options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
    if (option) { text.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  };
  const take = (option) => {
    const { start, end } = mentionAt(text);
    text.setRangeText(`@${option.dataset.handle} `, start, end, "end");
    close();
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const look = async () => {
    const found = mentionAt(text);
    if (!found || !found.name) { close(); return; }
    if (found.name === wanted) return;
    wanted = found.name;
    const url = new URL(form.dataset.people, location.href);
    url.searchParams.set("q", found.name);
    const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || mentionAt(text)?.name !== wanted) return;
    list.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.children);
    list.hidden = options().length === 0;
    choose(options()[0]);
  };

  let timer = 0;
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 120); });
  text.addEventListener("blur", () => setTimeout(() => { if (!list.contains(document.activeElement)) close(); }, 150));
  text.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = options();
    const at = all.indexOf(chosen());
    const act = {
      ArrowDown: () => choose(all[(at + 1) % all.length]), ArrowUp: () => choose(all[(at - 1 + all.length) % all.length]),
      Enter: () => take(chosen()), Tab: () => take(chosen()), Escape: close,
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }, true);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) take(option);
  });
  form.querySelector("[data-mention]")?.addEventListener("click", () => {
    text.setRangeText(/(^|\s)$/.test(text.value.slice(0, text.selectionStart)) ? "@" : " @", text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/* The @word the caret stands in, with where it begins and ends. */
function mentionAt(text) {
  const before = text.value.slice(0, text.selectionStart);
  const found = before.match(/(?:^|[\s(])@([\p{L}\d._-]{0,40})$/u);
  return found && { name: found[1], start: before.length - found[1].length - 1, end: before.length };
}
