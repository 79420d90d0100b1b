/* Files on their way: what was chosen, pasted or dropped is listed with its size and can be taken out again.
   Too large ones are told of before they are sent; the server decides all the same. */

/* input: the file input; list: an empty list; words: { tooLarge, remove } with {name}; complain(text) shows an error. */
export function listFiles(input, list, { max, words, complain }) {
  /* A new choice replaces what the input holds: the list is kept here, and put into the input again. */
  let kept = [...input.files];
  const show = () => {
    list.replaceChildren(...kept.map((file, index) => line(file, index)));
    list.hidden = kept.length === 0;
  };
  const line = (file, index) => {
    const item = document.createElement("li");
    item.className = "upload";
    const name = document.createElement("span");
    name.className = "truncate";
    name.textContent = file.name;
    const size = document.createElement("span");
    size.className = "muted";
    size.textContent = readable(file.size);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "icon-btn icon-btn--sm";
    remove.setAttribute("aria-label", words.remove.replace("{name}", file.name));
    remove.textContent = "×";
    remove.addEventListener("click", () => { set(kept.filter((_, at) => at !== index)); input.focus(); });
    item.append(name, size, remove);
    return item;
  };
  const set = (files) => {
    kept = files;
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    show();
  };
  const add = (files) => {
    const tooLarge = files.find((file) => file.size > max);
    complain(tooLarge ? words.tooLarge.replace("{name}", tooLarge.name) : "");
    set([...kept, ...files.filter((file) => file.size <= max)]);
  };
  input.addEventListener("change", () => add([...input.files]));
  show();
  return { add, clear: () => set([]) };
}

/* A pasted picture has no name of its own, or always the same one. */
export function pastedFiles(event, stamp = new Date()) {
  const files = [...(event.clipboardData?.files ?? [])];
  return files.map((file, index) => {
    if (!/^image\.\w+$/.test(file.name)) return file;
    const time = stamp.toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
    return new File([file], `pasted-${time}${index ? `-${index}` : ""}.${file.name.split(".").pop()}`, { type: file.type });
  });
}

export function takeDrops(zone, add) {
  const holds = (event) => event.dataTransfer?.types.includes("Files");
  zone.addEventListener("dragover", (event) => { if (holds(event)) { event.preventDefault(); zone.dataset.over = ""; } });
  zone.addEventListener("dragleave", () => { delete zone.dataset.over; });
  zone.addEventListener("drop", (event) => {
    delete zone.dataset.over;
    if (!holds(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
}

function readable(size) {
  if (size < 1000) return `${size} B`;
  return size < 999_500 ? `${Math.round(size / 1000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}
