// What is written is saved by itself, a moment after one pauses; without a connection this browser keeps it until that is
// back. Two windows: the later one is asked, and neither text is lost. An extra: without this file a button keeps it.

const PAUSE = 1500;
const AGAIN = 15000;
const POLL = "poll-";

function keep(root) {
  const form = root.closest("form");
  const told = root.querySelector("[data-told]");
  const clash = root.querySelector("[data-clash]");
  const name = root.dataset.keeping;
  const field = (key) => form.elements[key];
  // The fields of a poll, where there is one to fill in.
  const asked = () => [...form.elements].filter((one) => one.name.startsWith(POLL));
  const poll = () => Object.fromEntries(asked().map((one) => [one.name.slice(POLL.length), one.type === "checkbox" ? one.checked : one.value]));
  const words = () => ({ title: field("title")?.value ?? "", body: field("body").value, poll: poll() });
  const same = (a, b) => JSON.stringify([a.title, a.body, a.poll]) === JSON.stringify([b.title, b.body, b.poll]);
  const shown = (said) => [said.title, said.body, said.poll?.options].filter(Boolean).join("\n\n");
  const say = (text) => (told.textContent = text);
  let last = words();
  let timer, saving, theirs, leaving;

  const hold = () => {
    try {
      localStorage.setItem(name, JSON.stringify({ ...words(), version: Number(field("draft").value) }));
    } catch {
      // A browser that keeps nothing: the page is all there is.
    }
  };
  const release = () => {
    try {
      localStorage.removeItem(name);
    } catch {
      // As above.
    }
  };
  const held = () => {
    try {
      const found = JSON.parse(localStorage.getItem(name));
      // Of a poll what there are fields for: somebody may have voted meanwhile.
      const kept = poll();
      for (const key of Object.keys(kept)) kept[key] = found?.poll?.[key] ?? kept[key];
      return found && { ...found, poll: kept };
    } catch {
      return null;
    }
  };

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };

  async function send() {
    const sent = words();
    const body = new FormData(form);
    for (const [key, value] of [...body]) if (value instanceof File) body.delete(key);
    body.set("act", "save");
    say(root.dataset.saving);
    let answer, said;
    try {
      answer = await fetch(form.action, { method: "POST", body, keepalive: leaving, headers: { Accept: "application/json" } });
      said = await answer.json();
    } catch {
      hold();
      say(root.dataset.away);
      return later(AGAIN);
    }
    if (answer.ok) {
      last = sent;
      field("draft").value = said.version;
      release();
      say(said.told);
    } else if (said.code === "changed") {
      hold();
      theirs = said;
      clash.querySelector("[data-theirs]").textContent = shown(said);
      clash.hidden = false;
      say("");
    } else {
      // Published or thrown away elsewhere: what is written from now on begins anew.
      if (said.code === "gone") field("draft").value = 0;
      last = sent;
      say(said.told);
    }
  }

  function save() {
    clearTimeout(timer);
    if (saving) return saving.then(() => (same(words(), last) ? null : save()));
    if (theirs || same(words(), last)) return Promise.resolve();
    saving = send().finally(() => (saving = null));
    return saving;
  }

  const write = (area, text) => {
    area.focus();
    area.select();
    if (!document.execCommand("insertText", false, text)) area.value = text;
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };

  const ask = (typed) => {
    for (const one of asked()) {
      const value = typed?.[one.name.slice(POLL.length)];
      if (value === undefined) continue;
      if (one.type === "checkbox") one.checked = value;
      else one.value = value;
      if (value && one.type !== "select-one") one.closest("details").open = true;
    }
  };

  form.addEventListener("input", ({ target }) => {
    if (target !== field("title") && target !== field("body") && !asked().includes(target)) return;
    if (!theirs) later(PAUSE);
  });
  addEventListener("online", () => save());
  // What is sent while the page goes has an end of its own, at 64 KB; what is longer was saved a moment ago.
  addEventListener("pagehide", () => {
    leaving = true;
    if (!form.dataset.sent) save();
  });
  addEventListener("pageshow", () => (leaving = false));

  clash.addEventListener("click", (event) => {
    const taken = event.target.closest("[data-take]")?.dataset.take;
    if (!taken) return;
    const found = theirs;
    field("draft").value = found.version;
    clash.hidden = true;
    theirs = null;
    if (taken === "theirs") {
      if (field("title")) write(field("title"), found.title);
      write(field("body"), found.body);
      ask(found.poll);
      last = words();
      release();
    } else save();
  });

  // What is on its way is waited for: it would come after what is published, and be a draft once more.
  let gone = false;
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (gone || !saving) {
      release();
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    saving.finally(() => {
      gone = true;
      release();
      form.requestSubmit(button);
      gone = false;
    });
  });

  const found = held();
  if (found && !same(found, words())) {
    if (found.version === Number(field("draft").value)) {
      if (field("title")) field("title").value = found.title;
      field("body").value = found.body;
      ask(found.poll);
      field("body").dispatchEvent(new InputEvent("input", { bubbles: true }));
      save().then(() => told.textContent || say(root.dataset.found));
    } else {
      theirs = { ...words(), version: Number(field("draft").value) };
      if (field("title")) field("title").value = found.title;
      field("body").value = found.body;
      ask(found.poll);
      clash.querySelector("[data-theirs]").textContent = shown(theirs);
      clash.hidden = false;
    }
  } else if (found) release();
}

for (const root of document.querySelectorAll("[data-keeping]")) keep(root);
