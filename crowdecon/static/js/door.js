// The door on a phone: the camera reads tickets, the book says what they are worth, this shows it.

import { Book, codeIn } from "./door-book.js";
import { look } from "./door-camera.js";
import * as store from "./door-store.js";

const root = document.getElementById("door");
const part = (name) => root.querySelector(`[data-${name}]`);
const words = JSON.parse(document.getElementById("door-words").textContent);
const base = location.pathname;
const LAST = 10, FOUND = 8;
const ASKED = 15_000, REFRESHED = 120_000;
// Who may come in is told for so long; what holds somebody up until it has been seen.
const SHOWN = 2600;
const GOOD = new Set(["in", "undone"]), SOME = new Set(["already", "new"]);
const SIGNS = { good: "check", warn: "info", bad: "close" };

const say = (key, values = {}) => (words[key] ?? "").replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23", timeZone: root.dataset.zone });
const time = (at) => clock.format(new Date(at));
const book = new Book({ base, token: root.dataset.token, me: Number(root.dataset.me), changed: () => draw() });

const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text ?? "" });
const button = (text, act, className = "button") => {
  const made = Object.assign(make("button", className, text), { type: "button" });
  made.addEventListener("click", act);
  return made;
};
function sign(name) {
  const drawn = part("signs").content.getElementById(`sign-${name}`).cloneNode(true);
  drawn.removeAttribute("id");
  return drawn;
}

// What is heard and felt

let sound;
function beep(tone) {
  navigator.vibrate?.({ good: 60, warn: [60, 60, 60], bad: [160, 80, 160] }[tone]);
  if (!sound) return;
  const voice = sound.createOscillator(), loudness = sound.createGain();
  voice.frequency.value = { good: 880, warn: 520, bad: 220 }[tone];
  loudness.gain.value = 0.12;
  voice.connect(loudness).connect(sound.destination);
  voice.start();
  voice.stop(sound.currentTime + (tone === "good" ? 0.12 : 0.35));
}

// What is seen

let hiding;
function show(found) {
  const { outcome, person, kept } = found;
  const tone = GOOD.has(outcome) ? "good" : SOME.has(outcome) ? "warn" : "bad";
  const verdict = part("verdict");
  verdict.dataset.tone = tone;
  verdict.dataset.outcome = outcome;
  verdict.toggleAttribute("data-kept", Boolean(kept));
  part("sign").replaceChildren(sign(SIGNS[tone]));
  part("word").textContent = say(`is_${outcome}`) || say("is_refused");
  part("who").textContent = person ? `${person.name}  #${person.number}` : "";
  const more = [];
  if (outcome === "already" && person?.came_at) more.push(say(person.by ? "since_by" : "since", { time: time(person.came_at), name: person.by }));
  else if (!words[`is_${outcome}`] && found.said) more.push(found.said);
  if (outcome === "in" && person?.way) more.push(say(`way_${person.way}`));
  if (kept) more.push(say("kept"));
  part("more").textContent = more.join(" · ");
  const acts = part("acts");
  acts.replaceChildren();
  if (outcome === "new" && found.row) acts.append(button(say("let_in_all_the_same"), async () => show(await book.let(found.row)), "button large"));
  acts.append(button(say("next"), hide, "button large"));
  verdict.hidden = false;
  beep(tone);
  clearTimeout(hiding);
  if (tone === "good") hiding = setTimeout(hide, SHOWN);
}
function hide() {
  clearTimeout(hiding);
  part("verdict").hidden = true;
}

const called = (number) => book.people.get(number)?.name ?? (number ? `#${number}` : "");

function draw() {
  const { came, list, queue, mine, told, state } = book;
  if (came) {
    part("came").textContent = came.came.toLocaleString();
    part("missing").textContent = came.missing.toLocaleString();
  }
  const line = part("line");
  line.dataset.state = state;
  line.dataset.kept = queue.length;
  const others = queue.length - mine.length;
  const said = [say(`line_${state}`)];
  if (mine.length) said.push(say("line_kept", { n: mine.length }));
  if (others) said.push(say("line_others", { n: others }));
  line.textContent = said.filter(Boolean).join(" ");
  part("sign-in").hidden = state !== "signed_out";
  part("age").textContent = list ? say("age", { time: time(list.at), n: list.people.length.toLocaleString() }) : "";
  for (const one of root.querySelectorAll("[data-open]")) one.hidden = book.isShut;
  if (book.isShut) stop();

  part("told").hidden = !told.length;
  part("told-rows").replaceChildren(...told.map((one) => {
    const row = make("li", "row between wraps");
    const text = make("span", "grow");
    text.append(make("b", "", called(one.number)), ` ${say(`is_${one.outcome}`) || one.said} `, make("small", "muted num", time(one.at)));
    row.append(text, button(say("seen"), () => book.seen(one), "button quiet"));
    return row;
  }));

  part("latest").replaceChildren(...book.latest(LAST).map((one) => row(one)));
  search();
}

function row(person) {
  const made = make("li", "row between");
  const text = make("span", "grow");
  text.append(make("b", "", person.name), " ", make("small", "muted num", `#${person.number}`));
  if (person.came_at) text.append(document.createElement("br"), make("small", "muted", say(person.by ? "since_by" : "since", { time: time(person.came_at), name: person.by })));
  const act = person.came_at ? "undo" : "in";
  const press = button(say(act === "undo" ? "undo" : "let_in"), async () => show(await book.let({ act, number: person.number })), act === "undo" ? "button quiet" : "button primary");
  press.append(make("span", "sr-only", `: ${person.name}`));
  made.append(text, press);
  return made;
}

function search() {
  const text = part("by-hand").value;
  const found = text.trim() ? book.find(text, FOUND) : [];
  const rows = found.map((one) => row(one));
  const number = Number(text.trim().replace(/^[#＃]/, ""));
  if (Number.isInteger(number) && number > 0 && !book.people.has(number)) {
    const made = make("li", "row between");
    made.append(make("span", "grow", say("not_on_list", { number: `#${number}` })), button(say("let_in"), async () => show(await book.let({ act: "in", number }))));
    rows.push(made);
  }
  part("found").replaceChildren(...rows);
  part("found").hidden = !rows.length;
}

async function read(text) {
  // What stands there has to be seen: the next one waits.
  if (book.isShut || (!part("verdict").hidden && part("verdict").dataset.tone !== "good")) return false;
  const code = codeIn(text);
  show(code ? await book.see(code) : { outcome: "unknown" });
  return true;
}

// The camera

let camera;
async function start() {
  part("start").disabled = true;
  part("refused").hidden = true;
  if (!sound && window.AudioContext && navigator.userActivation?.isActive) sound = new AudioContext();
  try {
    camera = await look(part("view"), root.dataset.decoder, read);
  } catch (error) {
    part("refused").hidden = false;
    part("refused").textContent = say(error.name === "NotAllowedError" ? "camera_refused" : "no_camera");
    part("start").disabled = false;
    return;
  }
  root.dataset.looking = "";
  part("start").hidden = true;
  part("torch").hidden = !camera.torch;
  navigator.wakeLock?.request("screen").catch(() => null);
}
function stop() {
  camera?.stop();
  camera = null;
  delete root.dataset.looking;
  part("start").hidden = false;
  part("start").disabled = false;
}

part("start").addEventListener("click", start);
part("torch").addEventListener("click", ({ target }) => {
  const lit = target.getAttribute("aria-pressed") !== "true";
  target.setAttribute("aria-pressed", lit);
  camera?.torch(lit);
});
part("by-hand").addEventListener("input", search);
part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = part("by-hand");
  if (!codeIn(field.value)) return;
  read(field.value);
  field.value = "";
  search();
});
part("verdict").addEventListener("click", (event) => {
  if (event.target === part("verdict")) hide();
});
part("forget").addEventListener("click", async () => {
  stop();
  await store.forgetOne(base);
  location.assign(root.dataset.back);
});

// The network

let refreshed = 0;
async function pulse() {
  if (document.hidden) return;
  if (Date.now() - refreshed > REFRESHED || book.state !== "here") {
    // The list first: it names whom what is settled is about.
    await book.refresh();
    if (book.state === "here") refreshed = Date.now();
  } else if (!book.mine.length) await book.count();
  if (book.state === "here" && book.mine.length) await book.settle();
  draw();
}
addEventListener("online", pulse);
document.addEventListener("visibilitychange", pulse);
addEventListener("offline", () => {
  book.state = "away";
  draw();
});

// The page itself is kept for when there is no network, with all that it has loaded by now.
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  await import(root.dataset.decoder);
  await navigator.serviceWorker.register("worker.js");
  const worker = (await navigator.serviceWorker.ready).active;
  const loaded = performance.getEntriesByType("resource").map((one) => new URL(one.name));
  const parts = loaded.filter((url) => url.origin === location.origin && /\.(js|css|svg|woff2)$/.test(url.pathname) && !url.pathname.endsWith("/worker.js"));
  const answer = new MessageChannel();
  const kept = new Promise((resolve) => (answer.port1.onmessage = resolve));
  worker.postMessage({ keep: [base, ...new Set(parts.map((url) => url.href))] }, [answer.port2]);
  await kept;
  root.dataset.kept = "";
}

try {
  await store.forget({ all: false });
  await book.open();
} catch {
  // A browser that keeps nothing: the door works as long as there is a network.
}
await pulse();
if ((await navigator.permissions?.query({ name: "camera" }).catch(() => null))?.state === "granted") start();
setInterval(pulse, ASKED);
// Whoever leaves before it is kept keeps it the next time.
if (book.state === "here") keepPage().catch(() => null);
