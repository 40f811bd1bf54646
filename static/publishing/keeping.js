// Autosave of a story: a moment after each change the form goes to the server, one request at a
// time, and the state is told as it is. What the server does not have is in the browser's copy
// (static/editing/keep.js), whatever happens here.

const QUIET = 1000; // ms without a change
const LATEST = 5000; // ms after the first change, while one goes on typing
const ANSWER_WITHIN = 20_000;
const RETRY = [1000, 2000, 4000, 8000, 15_000, 30_000];
const SIGNED_OUT_LOOK = 5000;
// Browsers refuse to send more than 64 KiB once the page is gone (Fetch §4.6).
const KEEPALIVE_MOST = 60_000;

class Autosave {
  constructor(form, kept, bar) {
    Object.assign(this, { form, kept, bar });
    this.words = kept.words;
    this.url = kept.settings.autosave;
    this.timer = 0;
    this.firstChange = 0;
    this.failures = 0;
    this.flying = null;
    this.paused = false;
    this.errors = new Map();
  }

  start() {
    this.form.addEventListener("kept:changed", () => this.changed());
    this.form.addEventListener("submit", () => {
      clearTimeout(this.timer);
      this.leaving = true;
      if (this.flying) {
        this.kept.unanswered.push(this.flying.key);
        this.kept.input("_unanswered").value = this.kept.unanswered.join(",");
        this.flying.abort.abort("submit");
      }
    });
    // Saving over the newer version leads to the page with both.
    this.bar.querySelector("[data-keeping-compare]").addEventListener("click", () => {
      this.form.requestSubmit(this.form.querySelector("[type=submit][name=_continue]"));
    });
    window.addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && this.isDue) this.send();
      else if (this.signedOut) this.lookForAccount();
    });
    window.addEventListener("focus", () => this.signedOut && this.lookForAccount());
    window.addEventListener("online", () => this.failures && this.send());
    if (document.querySelector(".conflict")) {
      this.paused = true;
      this.say("conflict", this.words.choose);
    } else if (this.kept.settings.unsaved) {
      this.changed();
    }
  }

  // When --------------------------------------------------------------------------------------------

  get isDue() {
    return this.firstChange > 0 && !this.paused && !this.leaving;
  }

  changed() {
    const now = Date.now();
    this.firstChange ||= now;
    if (this.leaving || this.paused) {
      if (this.paused) this.tellCopy();
      return;
    }
    if (this.failures || this.signedOut) {
      this.tellCopy();
      return; // a retry is coming, with everything in it
    }
    this.plan(Math.min(QUIET, this.firstChange + LATEST - now));
  }

  plan(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), Math.max(0, wait));
  }

  // Sending -----------------------------------------------------------------------------------------

  async send() {
    clearTimeout(this.timer);
    if (this.paused || this.leaving || this.flying) return;
    const data = new FormData(this.form); // the writing surfaces write themselves out here
    const { key, state } = this.kept.sending();
    data.set("_key", key);
    data.set("_unanswered", this.kept.unanswered.join(","));
    if (this.kept.settings.object && !data.get("_version")) data.set("_version", this.kept.version);
    this.firstChange = 0;
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort("late"), ANSWER_WITHIN);
    this.flying = { key, abort };
    this.kept.busy = true;
    if (!this.failures) this.say("saving", this.words.saving);
    try {
      const response = await fetch(this.url, {
        method: "POST",
        body: data,
        redirect: "manual",
        signal: abort.signal,
      });
      await this.answered(response, state, key);
    } catch (error) {
      if (!this.leaving) this.failed(key, error);
    } finally {
      clearTimeout(late);
      this.flying = null;
      this.kept.busy = false;
      if (this.isDue && !this.failures && !this.signedOut) this.plan(QUIET / 2);
    }
  }

  async answered(response, state, key) {
    if (response.type === "opaqueredirect") {
      this.unwritten();
      this.isSignedOut(this.words.signed_out);
      return;
    }
    if (response.status === 403) {
      await this.refused(response);
      return;
    }
    if (response.status === 409) {
      this.unwritten();
      const { saved } = await response.json();
      this.conflict(saved);
      return;
    }
    if (response.status === 404) {
      this.unwritten();
      this.pause(this.words.deleted);
      return;
    }
    if (response.status === 413 || response.status === 400) {
      this.unwritten();
      this.pause(this.words.too_large);
      return;
    }
    if (!response.ok) throw new Error(`${response.status}`);
    this.saved(await response.json(), state);
  }

  saved(answer, state) {
    this.failures = 0;
    this.tokenTried = false;
    if (answer.version === null) {
      this.kept.unanswered = [];
      this.showErrors(answer.errors);
      this.say("", "");
      return; // nothing to store yet: neither a title nor a text
    }
    if (!this.kept.settings.object) this.becomes(answer);
    this.setVersion(answer.version);
    const renamed = this.showErrors(answer.errors, answer.rows);
    this.kept.arrived({ state, rows: answer.rows, refused: renamed });
    this.kept.heardAt = Date.now();
    this.kept.showOthers(answer.others);
    const open = this.errors.size;
    const saved = this.words.saved.replace("{time}", answer.time);
    this.say(
      open ? "partly" : "saved",
      open ? `${saved} ${this.words.except.replace("{fields}", [...this.errors.values()].map(({ label }) => label).join(", "))}` : saved,
    );
    this.form.dispatchEvent(new CustomEvent("story:saved", { bubbles: true, detail: answer }));
  }

  /** The form of a new text goes on as the form of the stored one. */
  becomes(answer) {
    const { kept, form } = this;
    kept.forget(kept.place);
    this.url = answer.autosave;
    kept.settings.object = answer.pk;
    kept.settings.autosave = answer.autosave;
    history.replaceState(history.state, "", answer.change);
    kept.path = location.pathname;
    form.action = answer.change;
    const version = document.createElement("input");
    version.type = "hidden";
    version.name = "_version";
    form.append(version);
    for (const anchor of form.querySelectorAll("[data-needs-story]")) anchor.hidden = false;
  }

  setVersion(version) {
    const input = this.kept.input("_version");
    if (input) input.value = version;
  }

  /** The server wrote nothing of what was sent: it stays due. */
  unwritten() {
    this.kept.sentKey = "";
    this.kept.copy();
    this.firstChange ||= Date.now();
  }

  failed(key, error) {
    this.kept.unanswered = [...new Set([...this.kept.unanswered, key])].slice(-40);
    this.firstChange ||= Date.now();
    const wait = RETRY[Math.min(this.failures, RETRY.length - 1)];
    this.failures += 1;
    this.kept.copy();
    this.tellCopy();
    this.plan(wait);
    if (error instanceof TypeError || error?.name === "AbortError" || error === "late") return;
    console.warn(error);
  }

  // Who is signed in ----------------------------------------------------------------------------------

  async refused(response) {
    this.unwritten();
    let reason = "";
    if (response.headers.get("content-type")?.includes("json")) ({ reason } = await response.json());
    const state = reason || (await this.kept.refreshToken());
    if (state === "ok" && !this.tokenTried) {
      this.tokenTried = true; // the token of this page was an older session's
      this.failures = 0;
      this.signedOut = false;
      this.plan(0);
      return;
    }
    if (state === "signed-out") this.isSignedOut(this.words.signed_out);
    else if (state === "account") this.isSignedOut(this.words.other_account);
    else if (state === "away") this.failed("", new TypeError("away"));
    else this.pause(this.words.not_allowed);
  }

  isSignedOut(words) {
    this.signedOut = true;
    this.say("away", this.copyWords(words), { signIn: true });
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.lookForAccount(), SIGNED_OUT_LOOK);
  }

  async lookForAccount() {
    if (!this.signedOut) return;
    clearTimeout(this.looking);
    const state = await this.kept.refreshToken();
    if (!this.signedOut) return;
    if (state === "ok") {
      this.signedOut = false;
      this.failures = 0;
      this.tokenTried = false;
      this.plan(0);
      return;
    }
    if (state === "account") this.say("away", this.copyWords(this.words.other_account), { signIn: true });
    this.looking = setTimeout(() => this.lookForAccount(), SIGNED_OUT_LOOK);
  }

  // What is told --------------------------------------------------------------------------------------

  conflict(sentence) {
    this.paused = true;
    this.say("conflict", this.copyWords(`${sentence} ${this.words.paused}`), { compare: true });
  }

  pause(words) {
    this.paused = true;
    this.say("away", this.copyWords(words));
  }

  tellCopy() {
    if (this.signedOut || this.paused) {
      if (this.kept.copyFailed) this.say("lost", this.words.copy_failed, { keepButtons: true });
      return;
    }
    this.say("away", this.copyWords(this.words.away));
  }

  copyWords(words) {
    return `${words} ${this.kept.copyFailed ? this.words.copy_failed : this.words.kept_here}`;
  }

  say(state, text, { compare = false, signIn = false, keepButtons = false } = {}) {
    const status = this.bar.querySelector("[data-keeping-status]");
    if (status.textContent !== text) status.textContent = text;
    this.bar.dataset.state = state;
    if (text && state !== "saving" && state !== this.spoken) {
      this.spoken = state;
      this.bar.querySelector("[data-keeping-spoken]").textContent = text;
    }
    if (keepButtons) return;
    this.bar.querySelector("[data-keeping-compare]").hidden = !compare;
    this.bar.querySelector("[data-keeping-sign-in]").hidden = !signIn;
  }

  /** What the server could not take, quietly beside each field; names of the inputs it is about. */
  showErrors(errors) {
    for (const { note, element, described } of this.errors.values()) {
      note.remove();
      element.removeAttribute("aria-invalid");
      if (described) element.setAttribute("aria-describedby", described);
      else element.removeAttribute("aria-describedby");
    }
    this.errors.clear();
    for (const [name, messages] of Object.entries(errors)) {
      const element = this.kept.input(name) ?? document.getElementById(name)?.querySelector("input:not([type=hidden])");
      if (!element || element instanceof RadioNodeList) continue;
      const note = document.createElement("p");
      note.className = "keeping__error";
      note.id = `keeping-error-${name}`;
      note.textContent = `${messages.join(" ")} ${this.words.not_saved_yet}`;
      const described = element.getAttribute("aria-describedby");
      element.setAttribute("aria-invalid", "true");
      element.setAttribute("aria-describedby", [described, note.id].filter(Boolean).join(" "));
      (element.closest(".document-editor, .related-widget-wrapper, .flex-container, td") ?? element).after(note);
      if (note.parentElement.localName === "tr") element.closest("td").append(note);
      const label = element.labels?.[0]?.textContent.trim().replace(/:$/, "") || this.kept.label(name);
      this.errors.set(name, { note, element, described, label });
    }
    return Object.keys(errors);
  }

  // Leaving ---------------------------------------------------------------------------------------------

  /** The page goes: what is due is sent along, if it is short enough; the copy stays otherwise. */
  flush() {
    if (!this.isDue || this.flying || this.signedOut) return;
    const data = new FormData(this.form);
    const { key } = this.kept.sending();
    const unsaved = new Set(this.kept.unsaved);
    // A text that was not touched need not be sent: what is left out is left alone.
    for (const area of this.form.querySelectorAll("textarea[name]")) {
      if (!unsaved.has(area.name) && !/-\d+-/.test(area.name)) data.delete(area.name);
    }
    data.set("_key", key);
    const size = [...data].reduce((sum, [name, value]) => sum + name.length + value.length * 2 + 150, 0);
    if (size > KEEPALIVE_MOST) return;
    fetch(this.url, { method: "POST", body: data, keepalive: true, redirect: "manual" }).catch(() => {});
  }
}

const bar = document.querySelector("[data-keeping]");
const form = bar?.closest("form");
if (form?.kept?.settings.autosave) {
  const autosave = new Autosave(form, form.kept, bar);
  form.kept.autosave = autosave;
  autosave.start();
}
