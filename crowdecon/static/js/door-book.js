// What the door knows: the list, what it has seen and nobody was told of yet, and how that is told. It judges by what it has
// where nobody can be asked, and asks as soon as somebody can be.

import * as store from "./door-store.js";

const PATIENCE = 5000;
const AT_ONCE = 100;
const CODE = /(?:^|\/tickets?\/)([2-9A-HJ-NP-Z]{20})\/?$/i;

export const codeIn = (text) => text.trim().replace(/[\s-]/g, "").match(CODE)?.[1].toUpperCase() ?? "";

async function hash(code) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Book {
  // `base` is the address of the page; `changed` is called whenever what is shown may be another.
  constructor({ base, token, me, changed }) {
    Object.assign(this, { base, token, me, changed, list: null, queue: [], told: [], state: "asking", counts: null });
    this.people = new Map();
    this.tickets = new Map();
  }

  async open() {
    this.read(await store.list(this.base));
    this.queue = await store.rows("queue", this.base);
    this.told = await store.rows("told", this.base);
    this.overlay();
    this.changed();
  }

  read(list) {
    this.list = list ?? null;
    this.people = new Map((list?.people ?? []).map((one) => [one.number, { ...one }]));
    this.tickets = new Map();
    for (const one of this.people.values()) for (const [key, state] of one.tickets) this.tickets.set(key, [one, state]);
    if (list && !this.counts) this.counts = list.counts;
  }

  // What was seen and not told stands in the list as if it had been.
  overlay() {
    for (const row of this.queue) {
      const person = this.people.get(row.number) ?? this.tickets.get(row.hash)?.[0];
      if (person) this.mark(person, row.act === "in" ? new Date(row.at).toISOString() : null);
    }
  }

  mark(person, cameAt, by = "") {
    person.came_at = cameAt;
    person.by = by;
  }

  get mine() {
    return this.queue.filter((row) => row.by === (this.list?.me ?? this.me));
  }

  get came() {
    if (!this.counts) return null;
    let { came, missing } = this.counts;
    for (const row of this.queue) {
      const by = row.act === "in" ? 1 : -1;
      came += by;
      if ((this.people.get(row.number) ?? this.tickets.get(row.hash)?.[0])?.way) missing -= by;
    }
    return { came, missing: Math.max(0, missing) };
  }

  // Whether whoever holds the phone may do nothing here now.
  get isShut() {
    return this.state === "signed_out" || this.state === "not_here";
  }

  latest(many) {
    const came = [...this.people.values()].filter((one) => one.came_at);
    return came.sort((a, b) => Date.parse(b.came_at) - Date.parse(a.came_at)).slice(0, many);
  }

  find(text, many) {
    const words = text.trim().toLocaleLowerCase();
    const number = Number(words.replace(/^[#＃]/, ""));
    const fits = [...this.people.values()].filter((one) => one.number === number || (words && one.name.toLocaleLowerCase().includes(words)));
    return fits.slice(0, many);
  }

  // Asking

  async ask(path, options = {}) {
    let answer;
    try {
      answer = await fetch(this.base + path, { ...options, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      this.state = "away";
      return null;
    }
    if (answer.type === "opaqueredirect") await this.shut("signed_out");
    else if (answer.status === 403 || answer.status === 404) return answer;
    else if (!answer.ok) this.state = "away";
    return answer.ok ? answer : null;
  }

  // Nobody of this browser stands at the door now: the names go, what was seen stays.
  async shut(state) {
    this.state = state;
    this.read(null);
    await store.dropList(this.base).catch(() => null);
  }

  async refresh() {
    const people = [];
    let page = null;
    for (let after = 0; after !== null; after = page.next) {
      const answer = await this.ask(`list.json?after=${after}`);
      if (answer && !answer.ok) await this.shut("not_here");
      if (!answer?.ok) return this.changed();
      page = await answer.json();
      people.push(...page.people);
    }
    const now = Date.now();
    const list = {
      base: this.base, people, me: page.me, counts: page.counts, stands: page.stands,
      opensAt: now + page.opens_in * 1000, forgetAt: now + page.forget_in * 1000, at: now,
    };
    this.token = page.token;
    this.counts = page.counts;
    this.state = "here";
    this.read(list);
    this.overlay();
    if (list.forgetAt > now) await store.keepList(list).catch(() => null);
    this.changed();
  }

  async count() {
    const answer = await this.ask(`list.json?after=${Number.MAX_SAFE_INTEGER}`);
    if (!answer?.ok) return;
    const page = await answer.json();
    this.counts = page.counts;
    this.token = page.token;
    this.state = "here";
  }

  // Seeing

  async judge(code) {
    const key = await hash(code);
    const [person, state] = this.tickets.get(key) ?? [];
    if (this.list && !this.list.stands) return { outcome: "not_announced", key };
    if (!person) return { outcome: "new", key };
    if (state !== "valid") return { outcome: state, key, person };
    return { outcome: person.came_at ? "already" : "in", key, person };
  }

  // A ticket was read. What became of it: told by the server, or judged here and kept (`kept`).
  async see(code) {
    const judged = await this.judge(code);
    const row = { act: "in", code, hash: judged.key };
    const told = await this.tell(row);
    if (told) return told;
    if (judged.outcome !== "in") return { ...judged, row };
    await this.put(row);
    return { ...judged, kept: true };
  }

  // Somebody is let in, or that is taken back, whatever the list says.
  async let(row) {
    const person = this.people.get(row.number) ?? this.tickets.get(row.hash)?.[0];
    const told = await this.tell(row);
    if (told) return told;
    await this.put(row);
    return { outcome: row.act === "in" ? "in" : "undone", person, kept: true };
  }

  async put(row) {
    const whole = { name: crypto.randomUUID(), ...row, base: this.base, at: Date.now(), by: this.list?.me ?? this.me };
    whole.order = await store.add("queue", whole);
    this.queue.push(whole);
    this.overlay();
    this.changed();
  }

  async strike(row) {
    await store.drop("queue", row.order);
    this.queue = this.queue.filter((one) => one !== row);
  }

  // Tell of one at once; null where nobody can be told now. What was kept before goes first.
  async tell(row) {
    if (this.state === "away") return null;
    if (this.mine.length) await this.settle();
    if (this.mine.length || this.isShut || this.state === "away") return null;
    const whole = { name: crypto.randomUUID(), ...row, at: Date.now() };
    const [answer] = (await this.send([whole])) ?? [];
    if (!answer) {
      // It may have arrived: told once more under its name, it is the same.
      row.name = whole.name;
      return null;
    }
    this.note(answer, row);
    this.changed();
    return this.tellable(answer, row);
  }

  async send(rows) {
    const now = Date.now();
    const seen = rows.map(({ name, act, code, number, at }) => ({ name, act, ago: Math.max(0, (now - at) / 1000), ...(code ? { code } : { number }) }));
    const post = () =>
      this.ask("settle/", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": this.token }, body: JSON.stringify({ seen }) });
    let answer = await post();
    if (answer && !answer.ok) {
      // The token may be of an earlier sign-in; where it is not, the list is refused too.
      await this.refresh();
      answer = this.state === "here" ? await post() : null;
    }
    if (!answer?.ok) return null;
    const said = await answer.json();
    this.counts = said.counts;
    return said.settled;
  }

  // Tell of all that was kept, in order.
  settle() {
    this.settling ??= this.settleAll().finally(() => {
      this.settling = null;
      this.changed();
    });
    return this.settling;
  }

  async settleAll() {
    for (let rows = this.mine.slice(0, AT_ONCE); rows.length; rows = this.mine.slice(0, AT_ONCE)) {
      for (const row of rows) row.sent = true;
      const answers = await this.send(rows);
      if (!answers) return;
      for (const answer of answers) {
        const row = rows.find((one) => one.name === answer.name);
        if (answer.outcome !== "in" && answer.outcome !== "undone") await this.remember(answer, row);
        await this.strike(row);
        this.note(answer, row);
      }
      this.state = "here";
    }
  }

  // What was kept and is not so: shown until somebody has looked at it.
  async remember(answer, row) {
    const number = answer.number ?? row.number ?? this.tickets.get(row.hash)?.[0].number ?? null;
    const told = { base: this.base, outcome: answer.outcome, said: answer.told, number, at: row.at };
    told.order = await store.add("told", told);
    this.told.push(told);
  }

  async seen(told) {
    await store.drop("told", told.order);
    this.told = this.told.filter((one) => one !== told);
    this.changed();
  }

  // What the server says stands in the list from now on, here and where it is kept.
  note(answer, row) {
    const number = answer.number ?? this.tickets.get(row.hash)?.[0].number;
    if (!number) return;
    const person = this.people.get(number) ?? { number, name: answer.who, way: "", tickets: [] };
    this.people.set(number, person);
    this.mark(person, answer.came_at, answer.by);
    if (!this.list) return;
    const written = this.list.people.findIndex((one) => one.number === number);
    this.list.people.splice(written < 0 ? this.list.people.length : written, 1, { ...person });
    this.list.counts = this.counts;
    store.keepList(this.list).catch(() => null);
  }

  tellable(answer, row) {
    const person = this.people.get(answer.number ?? row.number) ?? this.tickets.get(row.hash)?.[0];
    return { outcome: answer.outcome, said: answer.told, person };
  }
}
