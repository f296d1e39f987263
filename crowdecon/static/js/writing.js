// An aid to write: a bar of marks above a text, by keyboard too; lists go on by themselves. An extra: without this file
// the text is written as it is. What it writes goes through the browser, so that undoing works as always.

const AROUND = { bold: "**", italic: "*" };
const BEFORE = { list: "- ", numbers: "1. ", quote: "> ", heading: "## " };
const ITEM = /^(\s*)([-*+]|(\d{1,3})([.)])|>)( +)(.*)$/;
// From how many characters before the end they are counted.
const NEAR = 0.1;

// `insertText` is the one way in which a script writes and undo knows of it; Firefox once had none in a textarea.
function put(area, from, to, text) {
  area.focus();
  area.setSelectionRange(from, to);
  const written = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!written) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

function around(area, mark, inside = "") {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const size = mark.length;
  const wrapped = value.slice(from - size, from) === mark && value.slice(to, to + size) === mark;
  if (wrapped && value[from - size - 1] !== mark[0]) {
    put(area, from - size, to + size, value.slice(from, to));
    area.setSelectionRange(from - size, to - size);
    return;
  }
  const text = value.slice(from, to) || inside;
  put(area, from, to, mark + text + mark);
  area.setSelectionRange(from + size, from + size + text.length);
}

function lines(area, mark) {
  const { value } = area;
  const from = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const end = value.indexOf("\n", area.selectionEnd);
  const to = end < 0 ? value.length : end;
  const rows = value.slice(from, to).split("\n");
  const marked = (row) => (mark === "1. " ? /^\d+\. /.test(row) : row.startsWith(mark));
  const done = rows.every(marked)
    ? rows.map((row) => row.replace(mark === "1. " ? /^\d+\. / : mark, ""))
    : rows.map((row, n) => (mark === "1. " ? `${n + 1}. ` : mark) + row);
  const text = done.join("\n");
  const behind = area.selectionEnd + text.length - (to - from);
  put(area, from, to, text);
  area.setSelectionRange(rows.length > 1 ? from : Math.max(from, behind), rows.length > 1 ? from + text.length : Math.max(from, behind));
}

function link(area) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const text = value.slice(from, to);
  const address = /^https?:\/\/\S+$/.test(text);
  put(area, from, to, address ? `[](${text})` : `[${text}](https://)`);
  if (address || !text) area.setSelectionRange(from + 1, from + 1);
  else area.setSelectionRange(from + text.length + 3, from + text.length + 11);
}

function code(area) {
  const text = area.value.slice(area.selectionStart, area.selectionEnd);
  if (!text.includes("\n")) return around(area, "`");
  put(area, area.selectionStart, area.selectionEnd, `\`\`\`\n${text}\n\`\`\``);
}

function mark(area, name) {
  if (AROUND[name]) around(area, AROUND[name]);
  else if (BEFORE[name]) lines(area, BEFORE[name]);
  else if (name === "link") link(area);
  else code(area);
}

// Enter in a list begins its next line; in an empty one it ends the list.
function goOn(area, event) {
  const { selectionStart: at, value } = area;
  if (event.isComposing || event.shiftKey || event.defaultPrevented || at !== area.selectionEnd) return;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const found = ITEM.exec(value.slice(from, at));
  if (!found) return;
  event.preventDefault();
  const [, indent, sign, number, dot, blank, text] = found;
  if (!text.trim()) return put(area, from, at, "");
  put(area, at, at, `\n${indent}${number ? Number(number) + 1 + dot : sign}${blank}`);
}

function aid(root) {
  if (root.dataset.aided) return;
  root.dataset.aided = "yes";
  const area = root.querySelector("textarea");
  const bar = root.querySelector("[role=toolbar]");
  const left = root.querySelector("[data-count]");
  const buttons = [...bar.querySelectorAll("button")];
  const grows = CSS.supports("field-sizing", "content");
  bar.hidden = false;

  // One stop for the keyboard; arrows walk the bar.
  const stop = (button) => buttons.forEach((one) => (one.tabIndex = one === button ? 0 : -1));
  stop(buttons[0]);
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const place = { Home: 0, End: buttons.length - 1 }[event.key] ?? (step && (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length);
    if (place === undefined) return;
    event.preventDefault();
    stop(buttons[place]);
    buttons[place].focus();
  });
  // A phone's keyboard stays open when a mark is tapped.
  bar.addEventListener("pointerdown", (event) => event.preventDefault());
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (button) mark(area, button.dataset.mark);
    if (button) stop(button);
  });

  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) return goOn(area, event);
    const name = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (!name || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    mark(area, name);
  });

  const most = area.maxLength;
  const told = () => {
    if (!grows) {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight + 2}px`;
    }
    const rest = most - area.value.length;
    left.hidden = most < 0 || rest > most * NEAR;
    if (!left.hidden) {
      left.textContent = (rest < 0 ? root.dataset.over : root.dataset.left).replace("{n}", Math.abs(rest).toLocaleString());
      left.classList.toggle("over", rest <= 0);
    }
  };
  area.addEventListener("input", told);
  told();

  // The preview is opened and closed by one button; what it shows is drawn where all words are.
  const seen = root.querySelector("[data-preview]");
  const preview = seen && document.getElementById(seen.getAttribute("aria-controls"));
  seen?.addEventListener("htmx:beforeRequest", (event) => {
    const open = seen.getAttribute("aria-expanded") === "true";
    seen.setAttribute("aria-expanded", String(!open));
    if (open) {
      event.preventDefault();
      preview.replaceChildren();
    }
  });
}

const all = (root) => root.querySelectorAll("[data-writing]").forEach(aid);
all(document);
document.addEventListener("htmx:load", (event) => all(event.target));
