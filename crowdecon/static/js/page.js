// Niceties of every page. All of them are extras: without this file each page still works.

// A menu closes when one looks elsewhere, and with Escape, giving the focus back.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A link with data-dialog opens the dialog of that id instead of its own page; data-close shuts the one it is in.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.nodeName === "DIALOG") event.target.close();
});

// "/" goes to the page's search, or to the community's where the page has none.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("input[type='search']");
  if (search) {
    event.preventDefault();
    search.focus();
    search.select();
  } else document.querySelector("a[data-search]")?.click();
});

// A letter opens the link that carries it as data-key, unless one is writing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[a-z]$/.test(event.key)) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const link = document.querySelector(`[data-key="${event.key}"]`);
  if (link) {
    event.preventDefault();
    link.click();
  }
});

// What an address leads to is shown, also where it is folded away.
const unfold = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const folded = target && target.closest("details:not([open])");
  if (!folded) return;
  folded.open = true;
  target.scrollIntoView();
};
window.addEventListener("hashchange", unfold);
unfold();

// Copy what stands in the element that data-copy names.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = button.dataset.copied;
});

// Rows that are chosen: the bar of bulk acts shows with their count; a box in the head chooses the page.
const picks = (form) => [...document.querySelectorAll(`input[name="pick"][form="${form}"], #${form} input[name="pick"]`)];

function count() {
  for (const bar of document.querySelectorAll("[data-bulk]")) {
    const rows = picks(bar.dataset.bulk);
    const chosen = rows.filter((box) => box.checked).length;
    bar.classList.toggle("some", chosen > 0);
    bar.querySelector("[data-bulk-count]").textContent = chosen;
    for (const all of document.querySelectorAll(`[data-pick-all="${bar.dataset.bulk}"]`)) {
      all.checked = chosen > 0 && chosen === rows.length;
      all.indeterminate = chosen > 0 && chosen < rows.length;
    }
  }
}
document.addEventListener("change", (event) => {
  const form = event.target.dataset?.pickAll;
  if (form) for (const box of picks(form)) box.checked = event.target.checked;
  if (form || event.target.name === "pick") count();
});

// A select or radio with data-auto sends its form at once.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-auto]")) event.target.form.requestSubmit();
});

// A form that is on its way is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("htmx:load", count);
count();

// What a page asks for by itself waits while nobody looks at it, and is asked for as soon as somebody does.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.closest("[data-live]")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !window.htmx) return;
  for (const one of document.querySelectorAll("[data-live]")) window.htmx.trigger(one, "seen");
});

// What the door of a gathering keeps on a phone, names among it, goes when its time is over, and when one signs out.
const doorUntil = () => Number(localStorage.getItem("crowdecon-door-until"));
const forgetDoors = async (all) => (await import("./door-store.js")).forget({ all });
if (doorUntil() && doorUntil() < Date.now()) forgetDoors(false);
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.signsOut === undefined || event.defaultPrevented || !doorUntil()) return;
  event.preventDefault();
  await Promise.race([forgetDoors(true), new Promise((resolve) => setTimeout(resolve, 2000))]).catch(() => null);
  HTMLFormElement.prototype.submit.call(form);
});
