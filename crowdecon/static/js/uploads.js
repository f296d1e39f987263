// Pictures and files go while one writes, one after the other, with their progress; they are arranged in place. An extra:
// without this file a button of the form sends them.

const csrf = (form) => form.elements.csrfmiddlewaretoken.value;

function uploads(root) {
  const form = root.closest("form");
  const input = root.querySelector("input[type=file]");
  const list = root.querySelector("[data-list]");
  const sending = root.querySelector("[data-sending]");
  let queue = Promise.resolve();

  // What is said of pictures is sent along.
  const fields = (act) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", csrf(form));
    body.set("act", act);
    body.set("part", "files");
    for (const field of list.querySelectorAll("input")) {
      if (field.type !== "checkbox" || (field.checked && field.name !== "drop")) body.append(field.name, field.value);
    }
    return body;
  };

  // What was said meanwhile is newer than what comes back.
  const show = (html) => {
    const said = [...list.querySelectorAll("input[id]")].map(({ id, value, checked }) => ({ id, value, checked }));
    const here = list.contains(document.activeElement) ? document.activeElement : null;
    list.innerHTML = html;
    for (const { id, value, checked } of said) {
      const field = document.getElementById(id);
      if (field) Object.assign(field, { value, checked });
    }
    const again = here?.id && document.getElementById(here.id);
    again?.focus();
    if (again?.type === "text") again.setSelectionRange(here.selectionStart, here.selectionEnd);
    const draft = form.elements.draft;
    const version = list.querySelector("[data-version]").dataset.version;
    if (draft && draft.value === "0") draft.value = version;
  };

  const told = (row, text) => {
    row.className = "alert";
    row.dataset.tone = "bad";
    row.setAttribute("role", "alert");
    row.replaceChildren(document.createTextNode(text));
  };

  function send(file, row) {
    return new Promise((done) => {
      const bar = row.querySelector("progress");
      const request = new XMLHttpRequest();
      const body = fields("attach");
      body.append("files", file);
      request.open("POST", form.action);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
        if (event.loaded === event.total) bar.removeAttribute("value");
      });
      request.addEventListener("loadend", () => {
        if (request.status === 200) {
          show(request.responseText);
          row.remove();
        } else {
          let words = (request.status === 413 ? root.dataset.large : root.dataset.failed).replace("{name}", file.name);
          try {
            words = JSON.parse(request.responseText).told ?? words;
          } catch {
            // A page in place of an answer: the words above say it.
          }
          told(row, words);
        }
        done();
      });
      request.send(body);
    });
  }

  input.addEventListener("change", () => {
    for (const old of sending.querySelectorAll("[role=alert]")) old.remove();
    for (const file of input.files) {
      const row = document.createElement("li");
      row.className = "progress";
      const name = document.createElement("span");
      name.className = "small";
      name.textContent = file.name;
      const bar = document.createElement("progress");
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      row.append(name, bar);
      sending.append(row);
      queue = queue.then(() => send(file, row));
    }
    input.value = "";
  });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-arrange]");
    if (!button) return;
    event.preventDefault();
    const act = button.value;
    queue = queue.then(async () => {
      try {
        const answer = await fetch(form.action, { method: "POST", body: fields(act) });
        if (!answer.ok) return;
        show(await answer.text());
        const again = list.querySelector(`[value="${act}"]`) ?? list.querySelector("[data-arrange]") ?? input;
        again.focus();
      } catch {
        // No connection: it stays as it is.
      }
    });
  });
  // What is said of a picture is kept as soon as one goes on, whatever becomes of the page.
  list.addEventListener("change", (event) => {
    if (event.target.name === "drop") return;
    queue = queue.then(() => fetch(form.action, { method: "POST", body: fields("attach") }).catch(() => {}));
  });

  // What is still on its way is waited for.
  form.addEventListener("submit", (event) => {
    if (!sending.querySelector(".progress") || root.dataset.waited) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    queue.then(() => {
      root.dataset.waited = "yes";
      form.requestSubmit(button);
      delete root.dataset.waited;
    });
  });
}

for (const root of document.querySelectorAll("[data-uploads]")) uploads(root);
