// Sharing a draft without leaving the form: what is typed is saved first, then the link is made.

const panel = document.getElementById("draft-links");
const form = panel?.closest("form");

const ANSWER_WITHIN = 8000;

if (form) start();

function start() {
  const words = panel.dataset;
  const status = panel.querySelector("[role=status]");
  const list = panel.querySelector(".draft-links__list");

  // What is typed here is no part of the text: nobody has to save or preview it.
  for (const kind of ["input", "change"]) {
    panel.addEventListener(kind, (event) => event.stopPropagation());
  }

  // A new text can be shared once autosave has stored it.
  form.addEventListener("story:saved", ({ detail }) => {
    if (words.url || !detail.change) return;
    words.url = detail.change.replace(/change\/$/, "share/");
    panel.querySelector(".draft-links__wait").hidden = true;
  });

  async function post(url, fields) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    let response;
    try {
      response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
    } catch {
      status.textContent = words.away;
      return null;
    }
    const isAnswer = response.headers.get("Content-Type")?.startsWith("application/json");
    if (response.redirected || !isAnswer) {
      status.textContent = words.away;
      return null;
    }
    const answer = await response.json();
    status.textContent = answer.message;
    if (!response.ok) return null;
    list.innerHTML = answer.html;
    offerCopies();
    return answer;
  }

  /** Autosave writes what is typed; true when nothing of it is left in the browser alone. */
  async function saved() {
    const { kept } = form;
    if (!kept?.autosave) return true;
    for (let round = 0; round < 3; round += 1) {
      new FormData(form); // reading it makes the writing surfaces write out what they hold
      kept.check();
      if (!kept.unsaved.length) return true;
      const { paused, signedOut } = kept.autosave;
      if (paused || signedOut) return false;
      const answered = new Promise((done) => {
        form.addEventListener("story:saved", done, { once: true });
        setTimeout(done, ANSWER_WITHIN);
      });
      kept.autosave.send();
      await answered;
    }
    return !kept.unsaved.length;
  }

  async function make(language) {
    status.textContent = words.saving;
    if (!(await saved())) {
      status.textContent = words.unsaved;
      return;
    }
    const answer = await post(words.url, {
      language,
      share_label: form.elements.share_label.value,
      share_days: form.elements.share_days.value,
    });
    if (!answer) return;
    form.elements.share_label.value = "";
    const field = list.querySelector("input[readonly]");
    field?.focus();
    field?.select();
  }

  function offerCopies() {
    if (!navigator.clipboard) return;
    for (const field of list.querySelectorAll("input[readonly]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "panel__button";
      button.textContent = words.copy;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(field.value);
          status.textContent = words.copied;
        } catch {
          // Refused by the browser: selected, it can be copied by hand.
          field.select();
        }
      });
      field.after(button);
    }
  }

  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=_share], button[name=_revoke_link]");
    if (!button) return;
    event.preventDefault();
    if (button.name === "_share") make(button.value);
    else post(`${words.url}${button.value}/revoke/`, {});
  });
  panel.addEventListener("focusin", (event) => {
    if (event.target.matches("input[readonly]")) event.target.select();
  });
  panel.addEventListener("keydown", (event) => {
    // Enter in a field of the panel must not save the form.
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
  offerCopies();
}
