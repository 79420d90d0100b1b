/* data-behaviour="dialog" on a <dialog>. One that arrives in #dialog-host opens at once and is thrown away when
   closed; one that stands in the page opens by [data-open-dialog="<id>"].
   A form inside that the server accepts (2xx, not GET) closes it; [data-keep-open] on the form prevents that.
   Closing sends a bubbling "dialog:closed" with detail { saved } on the dialog, then returns the focus. */
import { behaviour } from "./behaviours.js";

let opener = null;

export function openDialog(dialog) {
  if (dialog.open) return;
  /* A menu that asked for the dialog gives way first: it hands the focus back to its button. */
  document.querySelectorAll("[popover]:popover-open").forEach((menu) => menu.hidePopover());
  /* When the server's answer replaces an open dialog, the one who opened the first is still the opener. */
  const active = document.activeElement;
  if (active && active !== document.body && !active.closest("dialog")) opener = active;
  dialog.returnValue = "";
  dialog.showModal();
  focusFirst(dialog);
}

behaviour("dialog", (dialog) => {
  dialog.addEventListener("close", () => closed(dialog));
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-dialog]") || outside(dialog, event)) dialog.close("cancel");
  });
  dialog.addEventListener("htmx:finally:request", (event) => {
    const { request, response } = event.detail.ctx;
    const form = event.target.closest("form");
    if (!form || form.matches("[data-keep-open]") || request.method === "GET") return;
    if (response?.status >= 200 && response.status < 300 && dialog.isConnected) dialog.close("saved");
  });
  if (dialog.closest("#dialog-host")) openDialog(dialog);
});

/* An answer that has no use for the dialog any more says so by this mark beside it. */
behaviour("dialog-ends", (mark) => {
  document.querySelectorAll("#dialog-host dialog[open]").forEach((dialog) => dialog.close("saved"));
  mark.remove();
});

/* A click on the backdrop closes a list, never a form: what was typed would be lost. */
function outside(dialog, event) {
  if (event.target !== dialog || dialog.querySelector("form")) return false;
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

function focusFirst(dialog) {
  const field = ":is(input:not([type=hidden]), select, textarea):not(:disabled)";
  const chosen = [`[aria-invalid="true"]`, "[autofocus]", `.dialog__body ${field}`, "h2[tabindex]"]
    .map((selector) => dialog.querySelector(selector)).find(Boolean);
  (chosen ?? dialog).focus();
}

function closed(dialog) {
  const back = opener;
  opener = null;
  dialog.dispatchEvent(new CustomEvent("dialog:closed", { bubbles: true, detail: { saved: dialog.returnValue === "saved" } }));
  if (dialog.closest("#dialog-host")) dialog.remove();
  const target = back?.isConnected ? back : back?.id && document.getElementById(back.id);
  if (target && (document.activeElement === document.body || !document.activeElement)) target.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open-dialog]");
  const dialog = button && document.getElementById(button.dataset.openDialog);
  if (dialog) openDialog(dialog);
});
