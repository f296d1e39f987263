// The member table by keyboard: j and k walk the rows, x picks, Enter opens in place, o the page, ? the help. Extras: the
// table works without this file. "/" is every page's own.

const rows = () => [...document.querySelectorAll("tr[data-row]")];
let here = "";

function stand(row) {
  for (const other of rows()) other.classList.toggle("here", other === row);
  here = row.dataset.row;
  row.querySelector("th a")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function toggle(row) {
  const next = row.nextElementSibling;
  if (next?.matches(".open-row")) next.remove();
  else row.querySelector("[data-open]")?.click();
}

document.addEventListener("click", (event) => {
  // A row that is open is closed by the same button.
  const button = event.target.closest("[data-open]");
  const next = button?.closest("tr").nextElementSibling;
  if (next?.matches(".open-row")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    next.remove();
  }
}, true);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const all = rows();
  if (!all.length) return;
  const place = all.findIndex((row) => row.dataset.row === here);
  const row = all[place];
  if (event.key === "j") stand(all[Math.min(place + 1, all.length - 1)]);
  else if (event.key === "k") stand(all[Math.max(place - 1, 0)]);
  else if (event.key === "x" && row) row.querySelector("input[name=pick]")?.click();
  else if (event.key === "Enter" && row && event.target.closest("tr") === row && !event.target.closest("button, input")) toggle(row);
  else if (event.key === "o" && row) row.querySelector("th a")?.click();
  else if (event.key === "?") document.getElementById("keys")?.showModal();
  else return;
  event.preventDefault();
});
