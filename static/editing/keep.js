// Keeps what is typed in a form of the admin: a copy in this browser, written at once and taken away
// only when the server has it; offered again when the form is next opened. Tells who else has the
// form open.
//
// For other modules, `form.kept` is the `Kept` of the form, and `kept:changed` bubbles from the form
// whenever what it says differs from what it said before (its `detail` is that `Kept`).

const COPY_AFTER = 200; // ms after a change
const BEAT_EVERY = 20_000;
const ASK_FOR = 200; // ms until a window that does not answer is taken to be closed
const STILL_WRITING = 120_000;
const SKIPPED = new Set(["submit", "button", "file", "image", "reset", "password"]);
// Panels beside the text send what they have to say themselves.
const ELSEWHERE = ".story-aside, .story-bar, [data-not-kept]";

export const random = () =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const same = (a, b) => a !== undefined && b !== undefined && a.length === b.length && a.every((value, i) => lines(value) === lines(b[i]));
const lines = (text) => text.replaceAll("\r\n", "\n");

function hidden(name, value = "") {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  return input;
}

export class Kept {
  constructor(form, settings) {
    this.form = form;
    this.settings = settings;
    this.words = settings.words;
    this.window = settings.window || random();
    this.path = location.pathname;
    this.unanswered = [];
    this.changedAt = 0;
    this.copyFailed = false;
    this.leaving = false;
    this.busy = false;
    this.shown = new Map();
    for (const name of ["_window", "_key", "_unanswered"]) form.append(hidden(name));
    form.append(hidden("_user", settings.user));
    this.input("_window").value = this.window;
    this.mark();
    // What the server has. What a refused form brought back stands in the page alone.
    this.base = settings.unsaved ? new Map() : this.read();
    this.last = this.read();
  }

  input(name) {
    return this.form.elements.namedItem(name);
  }

  get version() {
    return this.input("_version")?.value ?? "";
  }

  // What the form says ------------------------------------------------------------------------

  /** The names of its formsets. */
  prefixes() {
    return [...this.form.querySelectorAll('input[name$="-TOTAL_FORMS"]')]
      .filter((input) => !input.closest(ELSEWHERE))
      .map((input) => input.name.slice(0, -"-TOTAL_FORMS".length));
  }

  count(prefix) {
    return Number(this.input(`${prefix}-TOTAL_FORMS`)?.value ?? 0);
  }

  /** Gives each inner row a mark of its own, by which it is known until it has a key. */
  mark() {
    for (const prefix of this.prefixes()) {
      for (let index = 0; index < this.count(prefix); index += 1) {
        const row = document.getElementById(`${prefix}-${index}`);
        if (!row || this.input(`${prefix}-${index}-_row`)) continue;
        (row.querySelector("td") ?? row).append(hidden(`${prefix}-${index}-_row`, random()));
      }
    }
  }

  /** `guests-0` → `guests[17]`, or `guests[+mark]` before it has a key. */
  rowKeys() {
    const keys = new Map();
    for (const prefix of this.prefixes()) {
      for (let index = 0; index < this.count(prefix); index += 1) {
        const id = this.input(`${prefix}-${index}-id`)?.value;
        const mark = this.input(`${prefix}-${index}-_row`)?.value;
        if (id || mark) keys.set(`${prefix}-${index}`, `${prefix}[${id || `+${mark}`}]`);
      }
    }
    return keys;
  }

  /** Name of a field, wherever its row stands; none for what is not the form's own. */
  key(name, rows, prefixes) {
    if (!name || name.startsWith("_") || name === "csrfmiddlewaretoken") return "";
    const prefix = prefixes.find((each) => name.startsWith(`${each}-`));
    if (!prefix) return name;
    const found = name.slice(prefix.length + 1).match(/^(\d+)-(.+)$/);
    if (!found || found[2] === "id" || found[2] === "_row") return "";
    const row = rows.get(`${prefix}-${found[1]}`);
    return row ? `${row}-${found[2]}` : "";
  }

  /** Every field and its values. */
  read() {
    const state = new Map();
    const rows = this.rowKeys();
    const prefixes = this.prefixes();
    for (const element of this.form.elements) {
      if (SKIPPED.has(element.type) || element.disabled) continue;
      const key = this.key(element.name, rows, prefixes);
      if (!key || element.closest(ELSEWHERE)) continue;
      const values = state.get(key) ?? [];
      if (element.type === "select-multiple") {
        values.push(...[...element.selectedOptions].map((option) => option.value));
      } else if (element.type === "checkbox" || element.type === "radio") {
        if (element.checked) values.push(element.value);
      } else {
        values.push(element.value);
      }
      state.set(key, values);
    }
    return state;
  }

  /** The keys of fields that do not say the same. */
  static difference(now, before) {
    const keys = new Set([...now.keys(), ...before.keys()]);
    return [...keys].filter((key) => !same(now.get(key), before.get(key)));
  }

  /** The fields that the server does not have. */
  get unsaved() {
    return Kept.difference(this.last, this.base);
  }

  // The copy ------------------------------------------------------------------------------------

  get place() {
    return `kept:${this.settings.user}:${this.path}:${this.window}`;
  }

  /** Looks at the form now; writes the copy, or takes it away where there is nothing to keep. */
  check() {
    clearTimeout(this.soon);
    this.soon = 0;
    this.mark();
    const now = this.read();
    const changes = Kept.difference(now, this.last).length > 0;
    this.last = now;
    if (changes) {
      this.changedAt = Date.now();
      this.sentKey = "";
    }
    this.copy();
    if (changes) {
      this.form.dispatchEvent(new CustomEvent("kept:changed", { bubbles: true, detail: this }));
    }
    return changes;
  }

  copy() {
    const unsaved = this.unsaved;
    if (!unsaved.length) {
      this.forget(this.place);
      return;
    }
    const fields = {};
    const titles = {};
    for (const key of unsaved) {
      if (!this.last.has(key)) continue;
      fields[key] = this.last.get(key);
      for (const element of this.elements(key)) {
        if (element.localName !== "select") continue;
        titles[key] = Object.fromEntries(
          [...element.selectedOptions].map((option) => [option.value, option.textContent]),
        );
      }
    }
    this.store({
      path: this.path,
      window: this.window,
      version: this.version,
      at: this.changedAt || Date.now(),
      key: this.sentKey ?? "",
      unanswered: this.unanswered,
      fields,
      titles,
    });
  }

  store(copy) {
    try {
      localStorage.setItem(this.place, JSON.stringify(copy));
      this.copyFailed = false;
    } catch {
      this.copyFailed = true; // full, or forbidden: said by whoever shows the state
    }
  }

  forget(place) {
    try {
      localStorage.removeItem(place);
    } catch {
      // Nothing can be there then.
    }
  }

  /** Every copy of this account: `[place, copy]`. */
  copies() {
    const found = [];
    try {
      for (const place of Object.keys(localStorage)) {
        if (!place.startsWith(`kept:${this.settings.user}:`)) continue;
        try {
          found.push([place, JSON.parse(localStorage.getItem(place))]);
        } catch {
          localStorage.removeItem(place);
        }
      }
    } catch {
      // No storage here.
    }
    return found;
  }

  // What was sent ---------------------------------------------------------------------------------

  /** The form is about to be sent, with everything in it, under a key of its own. */
  sending() {
    this.check();
    this.sentKey = random();
    this.input("_key").value = this.sentKey;
    this.input("_unanswered").value = this.unanswered.join(",");
    this.copy();
    return { key: this.sentKey, state: this.last };
  }

  /** The server has what was sent, but for fields that it refused; rows have their keys. */
  arrived({ state, rows = {}, refused = [] }) {
    this.unanswered = [];
    this.keys(rows);
    const current = (key) => key.replace(/\[\+([0-9a-f]+)\]/, (all, mark) => (rows[mark] ? `[${rows[mark]}]` : all));
    const before = this.base;
    this.base = new Map([...state].map(([key, values]) => [current(key), values]));
    const names = this.rowKeys();
    const prefixes = this.prefixes();
    for (const name of refused) {
      const key = this.key(name, names, prefixes);
      if (before.has(key)) this.base.set(key, before.get(key));
      else this.base.delete(key);
    }
    // A new row that the server did not take stands here alone.
    for (const key of this.base.keys()) if (/\[\+[0-9a-f]+\]/.test(key) && this.says(key)) this.base.delete(key);
    this.last = this.read();
    this.copy();
  }

  /** Whether a row says anything: an empty one is nothing to keep. */
  says(key) {
    const row = key.slice(0, key.indexOf("]") + 1);
    return [...this.last].some(([each, values]) => each.startsWith(row) && !/-(order|DELETE)$/.test(each) && values.some((value) => value.trim()) && !same(values, this.initial?.get(each)));
  }

  keys(rows) {
    for (const prefix of this.prefixes()) {
      for (let index = 0; index < this.count(prefix); index += 1) {
        const mark = this.input(`${prefix}-${index}-_row`)?.value;
        const id = this.input(`${prefix}-${index}-id`);
        if (id && mark in rows) id.value = rows[mark] ?? "";
      }
    }
    this.removeStrays(rows);
  }

  /** Rows that were taken off the page while the answer with their key was on its way. */
  removeStrays(rows) {
    const here = new Set([...this.form.querySelectorAll('input[name$="-_row"]')].map((input) => input.value));
    for (const [mark, id] of Object.entries(rows)) {
      const prefix = this.gone?.get(mark);
      if (id && prefix && !here.has(mark)) this.removed(prefix, id);
    }
  }

  removed(prefix, id) {
    this.form.append(hidden("_removed", `${prefix}:${id}`));
  }

  // Putting a copy back -----------------------------------------------------------------------------

  elements(key) {
    const rows = new Map([...this.rowKeys()].map(([place, row]) => [row, place]));
    const found = key.match(/^(.+\[[^\]]+\])-(.+)$/);
    const name = found ? `${rows.get(found[1])}-${found[2]}` : key;
    const element = this.input(name);
    if (!element) return [];
    return element instanceof RadioNodeList ? [...element] : [element];
  }

  label(key) {
    const [element] = this.elements(key);
    const row = key.match(/^(.+)\[/);
    const column = element?.closest("td");
    const heading = column?.closest("table")?.querySelectorAll("thead th")[column.cellIndex];
    const text = (element?.labels?.[0] ?? heading)?.textContent.trim().replace(/:$/, "") ?? key;
    const group = row && document.getElementById(`${row[1]}-heading`)?.textContent.trim();
    return group ? `${group}: ${text}` : text;
  }

  /** Puts the fields of a copy into the form; rows it had and the page lacks are added. */
  restore(copy) {
    const prefixes = this.prefixes();
    const moved = new Map();
    for (const key of Object.keys(copy.fields)) {
      const found = key.match(/^(.+)\[([^\]]+)\]-/);
      if (!found || !prefixes.includes(found[1])) continue;
      const row = `${found[1]}[${found[2]}]`;
      if (moved.has(row) || [...this.rowKeys().values()].includes(row)) continue;
      moved.set(row, this.addRow(found[1], found[2]));
    }
    for (const [key, values] of Object.entries(copy.fields)) {
      const found = key.match(/^(.+\[[^\]]+\])(-.+)$/);
      const here = found && moved.has(found[1]) ? `${moved.get(found[1])}${found[2]}` : key;
      for (const element of this.elements(here)) this.put(element, values, copy.titles?.[key]);
    }
    this.check();
  }

  addRow(prefix, identity) {
    const before = this.count(prefix);
    document.querySelector(`#${CSS.escape(prefix)}-group .add-row a`)?.click();
    if (this.count(prefix) === before) return "";
    this.mark();
    if (identity.startsWith("+")) this.input(`${prefix}-${before}-_row`).value = identity.slice(1);
    return this.rowKeys().get(`${prefix}-${before}`);
  }

  /** Sets one input as if it had been typed. */
  put(element, values, titles = {}) {
    if (element.dataset.documentEditor !== undefined) {
      if (!element.documentEditor) {
        element.value = values[0] ?? "";
        element.addEventListener("document-editor:ready", () => element.documentEditor.replace(values[0] ?? ""), { once: true });
      } else {
        element.documentEditor.replace(values[0] ?? "");
      }
      return;
    }
    if (element.localName === "select") {
      for (const value of values) {
        if (![...element.options].some((option) => option.value === value)) {
          element.add(new Option(titles[value] ?? value, value));
        }
      }
      for (const option of element.options) option.selected = values.includes(option.value);
    } else if (element.type === "checkbox" || element.type === "radio") {
      element.checked = values.includes(element.value);
    } else {
      element.value = values[0] ?? "";
    }
    element.dispatchEvent(new Event("input", { bubbles: true }));
    if (globalThis.django?.jQuery) globalThis.django.jQuery(element).trigger("change");
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // The server --------------------------------------------------------------------------------------

  /** `{state: "ok" | "signed-out" | "account" | "away"}`, the form's token renewed where it is ok. */
  async refreshToken() {
    try {
      const response = await fetch(this.settings.keep, { redirect: "manual", cache: "no-store" });
      if (response.type === "opaqueredirect") return "signed-out";
      if (!response.ok) return response.status === 403 ? "refused" : "away";
      const { token, user } = await response.json();
      if (user !== this.settings.user) return "account";
      for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
      return "ok";
    } catch {
      return "away";
    }
  }

  get token() {
    return this.input("csrfmiddlewaretoken")?.value ?? document.querySelector("input[name=csrfmiddlewaretoken]").value;
  }

  message(more = {}) {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", this.token);
    data.set("_window", this.window);
    if (this.settings.object) data.set("object", this.settings.object);
    if (Date.now() - this.changedAt < STILL_WRITING) data.set("writing", "1");
    for (const [name, value] of Object.entries(more)) data.set(name, value);
    return data;
  }

  /** Tells that the window is open; learns who else is, and which sent forms have arrived. */
  async beat(more) {
    const version = this.version;
    try {
      const response = await fetch(this.settings.keep, {
        method: "POST",
        body: this.message(more),
        redirect: "manual",
      });
      if (response.type === "opaqueredirect" && !this.settings.autosave) {
        this.show("newer", this.words.signed_out);
      }
      // Signed in again: the token of this page was the former session's.
      if (response.status === 403) await this.refreshToken();
      if (!response.ok) return null;
      const answer = await response.json();
      if (this.shown.get("newer") === this.words.signed_out) this.show("newer", "");
      this.showOthers(answer.others ?? []);
      const unseen = String(answer.version) !== version && version === this.version;
      if (answer.version !== undefined && version && unseen && !this.busy && !this.unanswered.length) {
        this.showNewer(answer.saved);
      }
      return answer;
    } catch {
      return null;
    }
  }

  show(name, text) {
    const place = document.querySelector(`[data-keep-${name}]`);
    if (!place || this.shown.get(name) === text) return;
    this.shown.set(name, text);
    place.textContent = text;
    place.hidden = !text;
  }

  showOthers(sentences) {
    this.show("others", sentences.join(" "));
  }

  showNewer(sentence) {
    const advice = this.unsaved.length ? this.words.newer_typed : this.words.newer_untouched;
    this.show("newer", sentence ? `${sentence} ${advice}` : "");
  }
}

// Copies from before -------------------------------------------------------------------------------

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("kept") : null;

/** Which of these windows are still open somewhere in this browser. */
function openWindows(windows) {
  if (!channel || !windows.length) return Promise.resolve(new Set());
  const open = new Set();
  const listen = ({ data }) => data.here && open.add(data.here);
  channel.addEventListener("message", listen);
  channel.postMessage({ ask: windows });
  return new Promise((resolve) => {
    setTimeout(() => {
      channel.removeEventListener("message", listen);
      resolve(open);
    }, ASK_FOR);
  });
}

function readable(values, titles = {}) {
  return values
    .map((value) => {
      if (titles[value]) return titles[value];
      if (!/^\s*</.test(value)) return value;
      const { body } = new DOMParser().parseFromString(value, "text/html");
      return [...body.children].map((block) => block.textContent.trim()).join("\n\n");
    })
    .join("\n");
}

async function lookForCopies(kept) {
  const all = kept.copies().filter(([place]) => place !== kept.place);
  const keyed = all.filter(([, copy]) => copy.key).map(([, copy]) => copy.window);
  const answer = await kept.beat(keyed.length ? { windows: keyed.join(",") } : {});
  const here = [];
  for (const [place, copy] of all) {
    if (copy.key && answer?.arrived?.[copy.window] === copy.key) {
      kept.forget(place);
      // It arrived while this page was on its way, which shows what was there before.
      const isOlder = kept.version && answer.version !== undefined && String(answer.version) !== kept.version;
      if (copy.path === kept.path && isOlder && !kept.unsaved.length) location.reload();
    } else if (copy.path === kept.path) {
      here.push([place, copy]);
    }
  }
  const open = await openWindows(here.map(([, copy]) => copy.window));
  const found = here
    .filter(([, copy]) => !open.has(copy.window))
    .sort(([, a], [, b]) => b.at - a.at);
  for (const [place, copy] of found) {
    const differing = Object.entries(copy.fields).filter(
      ([key, values]) => !same(values, kept.last.get(key)) && (kept.last.has(key) || values.some((value) => value.trim())),
    );
    if (!differing.length) kept.forget(place); // all of it is in the form
    else offer(kept, place, { ...copy, fields: Object.fromEntries(differing) });
  }
}

function offer(kept, place, copy) {
  const template = document.querySelector("[data-keep-offer]");
  if (!template) return;
  const banner = template.content.firstElementChild.cloneNode(true);
  const part = (name) => banner.querySelector(`[data-offer="${name}"]`);
  const at = new Date(copy.at);
  const time = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  // On the version it was typed on, with autosave to take it further: put back at once.
  const isSafe =
    kept.settings.autosave && kept.version && copy.version === kept.version && !kept.settings.unsaved;
  const before = Object.fromEntries(Object.keys(copy.fields).map((key) => [key, kept.last.get(key) ?? []]));
  const say = (words) => {
    part("title").textContent = words.replace("{time}", time);
  };
  const restore = () => {
    if (copy.version === kept.version && copy.window) {
      // What that window may have stored before its answer was lost is known by its keys.
      kept.forget(kept.place);
      kept.window = copy.window;
      kept.input("_window").value = copy.window;
      kept.unanswered = [...new Set([...(copy.unanswered ?? []), ...(copy.key ? [copy.key] : [])])];
    }
    kept.restore(copy);
    if (place !== kept.place) kept.forget(place); // it is in this window's copy now
    say(kept.words.restored);
    part("restore").hidden = true;
  };
  part("restore").addEventListener("click", () => {
    restore();
    part("discard").focus();
  });
  part("discard").addEventListener("click", () => {
    if (part("restore").hidden) kept.restore({ fields: before });
    if (place !== kept.place) kept.forget(place);
    banner.remove();
    kept.form.querySelector("input:not([type=hidden]), textarea")?.focus();
  });
  const list = part("comparison");
  for (const [key, values] of Object.entries(copy.fields)) {
    const name = document.createElement("dt");
    name.textContent = kept.label(key);
    const theirs = document.createElement("dd");
    theirs.textContent = readable(kept.last.get(key) ?? [], {}) || "–";
    theirs.dataset.says = kept.words.in_the_form;
    const yours = document.createElement("dd");
    yours.textContent = readable(values, copy.titles?.[key]) || "–";
    yours.dataset.says = kept.words.in_the_copy;
    list.append(name, theirs, yours);
  }
  template.after(banner);
  if (isSafe) restore();
  else say(copy.version === kept.version ? kept.words.found : kept.words.found_older);
}

// Start ---------------------------------------------------------------------------------------------

function start() {
  const source = document.getElementById("keep-settings");
  const form = source?.closest("form");
  if (!form) return;
  const kept = new Kept(form, JSON.parse(source.textContent));
  form.kept = kept;
  kept.initial = kept.read();
  kept.gone = new Map();

  const soon = () => {
    kept.soon ||= setTimeout(() => kept.check(), COPY_AFTER);
  };
  for (const type of ["input", "change", "focusout"]) form.addEventListener(type, soon);
  // Calendars, lists of names and the buttons of rows change fields without telling.
  document.addEventListener("click", soon);
  document.addEventListener("formset:added", () => kept.mark());
  document.addEventListener("formset:removed", soon);
  globalThis.django?.jQuery?.(form).on("change", soon);
  form.addEventListener(
    "click",
    ({ target }) => {
      const row = target.closest(".inline-deletelink")?.closest(".dynamic-form, .inline-related, tr, .form-row");
      const mark = row?.querySelector('input[name$="-_row"]');
      if (!mark) return;
      const [, prefix, index] = mark.name.match(/^(.+)-(\d+)-_row$/);
      const id = kept.input(`${prefix}-${index}-id`)?.value;
      kept.gone.set(mark.value, prefix);
      if (id) kept.removed(prefix, id);
    },
    { capture: true },
  );

  form.addEventListener("submit", () => {
    kept.leaving = true;
    kept.sending();
  });
  window.addEventListener("beforeunload", (event) => {
    kept.check();
    if (!kept.leaving && kept.copyFailed && kept.unsaved.length) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    kept.check();
    navigator.sendBeacon(kept.settings.keep, kept.message({ left: "1" }));
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") kept.check();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    kept.leaving = false;
    // Back to a form that was sent: as the server has it, and under a key of its own.
    if (kept.sentKey) location.reload();
    else kept.beat();
  });
  channel?.addEventListener("message", ({ data }) => {
    if (data.ask?.includes(kept.window)) channel.postMessage({ here: kept.window });
  });

  if (kept.settings.unsaved) kept.copy();
  lookForCopies(kept);
  setInterval(() => {
    if (Date.now() - (kept.heardAt ?? 0) >= BEAT_EVERY && kept.settings.object) kept.beat();
  }, BEAT_EVERY);
}

start();
