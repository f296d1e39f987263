// While one writes "@" and a name, members who read the circle are offered below the text. An extra: without this file
// one writes @#12, the number of the member.

const BEGUN = /(?:^|[^A-Za-z0-9])@([^\n@#[\]()]{0,30})$/;
let list, field, asked, dead, waiting;

const begun = () => field?.value.slice(0, field.selectionStart).match(BEGUN);
const options = () => (list ? [...list.children] : []);

function close() {
  list?.remove();
  list = null;
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
}

function point(option) {
  for (const one of options()) one.setAttribute("aria-selected", one === option);
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function choose(option) {
  const found = begun();
  if (!found) return close();
  const start = field.selectionStart - found[1].length - 1;
  const name = option.dataset.name.replace(/[[\]\n]/g, "");
  field.setRangeText(`@[${name}](${option.dataset.number}) `, start, field.selectionStart, "end");
  field.focus();
  close();
}

async function offer() {
  const found = begun();
  // A name that nobody has is no name, however it goes on.
  if (!found || /^\s/.test(found[1]) || (dead && found[1].startsWith(dead))) return close();
  const url = new URL(field.closest("[data-mentions]").dataset.mentions, location);
  url.searchParams.set("q", found[1]);
  const mine = (asked = {});
  // Without a connection nobody is offered.
  const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (mine !== asked || !answer?.ok) return;
  const words = await answer.text();
  dead = words.trim() ? "" : found[1];
  if (dead !== "" || !words.trim()) return close();
  if (!list) {
    list = document.createElement("ul");
    list.className = "named-list";
    list.id = "named-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.labels?.[0]?.textContent.trim() ?? "@");
    field.after(list);
    field.setAttribute("aria-controls", list.id);
  }
  list.innerHTML = words;
  if (options().length) point(options()[0]);
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-mentions] textarea")) return;
  if (field !== event.target) close();
  field = event.target;
  clearTimeout(waiting);
  if (begun()) waiting = setTimeout(offer, 150);
  else {
    dead = "";
    close();
  }
});

document.addEventListener("keydown", (event) => {
  if (!list || event.target !== field || event.isComposing) return;
  const all = options();
  const here = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") point(all[(here + 1) % all.length]);
  else if (event.key === "ArrowUp") point(all[(here - 1 + all.length) % all.length]);
  else if (event.key === "Enter" || event.key === "Tab") choose(all[here]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});

// Before the text loses the focus, so that a tap on a phone keeps its keyboard.
document.addEventListener("pointerdown", (event) => {
  const option = list && event.target.closest("#named-list [role=option]");
  if (option) {
    event.preventDefault();
    choose(option);
  } else if (list && event.target !== field) close();
});
