// Comments beside the text. A remark on a passage is found again by its words and those around it
// (W3C Web Annotation, TextQuoteSelector); while one writes, its place moves along with the text.

const AROUND = 60;
const LONGEST_QUOTE = 1000;

const panel = document.getElementById("comments");
const form = panel?.closest("form");

// The list of texts loads this module, too; what it needs of the editor is only in the form.
const { pm } = panel ? await import("django-prose-editor/editor") : { pm: { state: {}, view: {} } };
const { el, translator } = panel ? await import("document-editor/dom") : {};
const { Plugin, PluginKey, TextSelection } = pm.state;
const { Decoration, DecorationSet } = pm.view;

const key = panel && new PluginKey("comments");
const t = panel && translator(JSON.parse(document.getElementById("comments-words").textContent));

/** The text of a document with the place of every character; blocks are apart by a line break. */
function readable(doc) {
  let text = "";
  const places = [];
  doc.descendants((node, pos) => {
    if (node.isText) {
      for (let index = 0; index < node.text.length; index += 1) places.push(pos + index);
      text += node.text;
    } else if (node.isTextblock && text && !text.endsWith("\n")) {
      places.push(pos);
      text += "\n";
    }
    return true;
  });
  return { text, places };
}

/** Letters that two strings share at the end of the one and the other. */
function common(one, other) {
  let count = 0;
  while (count < one.length && count < other.length && one.at(-1 - count) === other.at(-1 - count)) count += 1;
  return count;
}

const reversed = (text) => [...text].reverse().join("");

/** Where a passage stands now: of several places with its words, the one whose neighbours fit best. */
function find({ text, places }, { quote, prefix, suffix }) {
  if (!quote) return null;
  let best = null;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) {
    const before = common(text.slice(Math.max(0, at - AROUND), at), prefix);
    const after = common(reversed(text.slice(at + quote.length, at + quote.length + AROUND)), reversed(suffix));
    if (!best || before + after > best.fits) best = { at, fits: before + after };
  }
  if (!best) return null;
  return { from: places[best.at], to: places[best.at + quote.length - 1] + 1 };
}

function passage(editor) {
  const { from, to, empty } = editor.state.selection;
  if (empty || !(editor.state.selection instanceof TextSelection)) return null;
  const { text, places } = readable(editor.state.doc);
  const start = places.findIndex((place, index) => place >= from && text[index] !== "\n");
  let end = start;
  while (end >= 0 && end < places.length && places[end] < to) end += 1;
  const quote = start < 0 ? "" : text.slice(start, end).trimEnd().slice(0, LONGEST_QUOTE);
  if (!quote.trim()) return null;
  return {
    quote,
    prefix: text.slice(Math.max(0, start - AROUND), start),
    suffix: text.slice(start + quote.length, start + quote.length + AROUND),
  };
}

class Comments {
  constructor() {
    this.surfaces = new Map(); // field → {editor, language}
    this.comments = [];
    this.list = panel.querySelector("[data-comments-list]");
    this.status = panel.querySelector("[data-comments-status]");
    this.count = panel.querySelector("[data-comments-count]");
    this.box = panel.querySelector("[data-comments-new]");
    this.about = panel.querySelector("[data-comments-about]");
    this.text = panel.querySelector("#comment-text");
    this.whole = panel.querySelector("[data-comments-whole]");
    this.target = null;
    this.wanted = 0;
  }

  start() {
    this.box.hidden = false;
    panel.querySelector("[data-comments-send]").textContent = t("send");
    this.whole.textContent = t("about_all");
    panel.querySelector("[data-comments-send]").addEventListener("click", () => this.send());
    this.whole.addEventListener("click", () => this.aim(null));
    this.aim(null);
    // What is typed here is no part of the text: nobody has to save or preview it.
    for (const kind of ["input", "change"]) panel.addEventListener(kind, (event) => event.stopPropagation());
    form.addEventListener("story:saved", ({ detail }) => {
      if (panel.dataset.url || !detail.change) return;
      panel.dataset.url = detail.change.replace(/change\/$/, "comments/");
      this.load();
    });
    document.addEventListener("keydown", (event) => {
      const isOurs = (event.ctrlKey || event.metaKey) && event.altKey && !event.getModifierState("AltGraph");
      if (!isOurs || event.code !== "KeyM") return;
      event.preventDefault();
      panel.closest("details")?.setAttribute("open", "");
      this.text.focus();
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.send();
    });
    document.addEventListener("document-editor:ready", ({ detail }) => this.attach(detail));
    for (const area of form.querySelectorAll("textarea[data-document-editor]")) {
      const { editor } = area.documentEditor ?? {};
      if (editor) this.attach({ editor, language: area.lang, field: area.name });
    }
    if (panel.dataset.url) this.load();
  }

  attach({ editor, language, field }) {
    if (this.surfaces.has(field)) return;
    this.surfaces.set(field, { editor, language });
    editor.registerPlugin(
      new Plugin({
        key,
        state: {
          init: () => DecorationSet.empty,
          apply: (transaction, marks) =>
            transaction.getMeta(key) ?? marks.map(transaction.mapping, transaction.doc),
        },
        props: {
          decorations: (state) => key.getState(state),
          handleClick: (view, pos) => {
            const [mark] = key.getState(view.state).find(pos, pos);
            if (mark) this.reveal(mark.spec.comment, { focus: false });
            return false;
          },
        },
      }),
    );
    editor.on("selectionUpdate", () => {
      const found = passage(editor);
      if (found) this.aim({ ...found, field, language });
    });
    this.mark(field);
  }

  /** What the next remark is about; null: the text as a whole. */
  aim(target) {
    if (this.text.value.trim() && this.target?.quote !== target?.quote && document.activeElement === this.text) return;
    this.target = target;
    this.whole.hidden = !target;
    const shown = target && (target.quote.length > 60 ? `${target.quote.slice(0, 57)}…` : target.quote);
    this.about.textContent = target ? t("about", { quote: shown }) : t("about_all");
  }

  // The server -----------------------------------------------------------------------------------------

  async ask(url, fields) {
    const options = { headers: { Accept: "application/json" }, credentials: "same-origin" };
    if (fields) {
      options.method = "POST";
      options.body = new URLSearchParams({
        csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
        ...fields,
      });
    }
    try {
      const response = await fetch(url, options);
      const isAnswer = response.headers.get("Content-Type")?.startsWith("application/json");
      if (response.redirected || !isAnswer) throw new Error(`${response.status}`);
      const answer = await response.json();
      if (answer.errors) {
        this.status.textContent = answer.errors.join(" ");
        return false;
      }
      this.comments = answer.comments;
      this.show();
      return true;
    } catch {
      if (fields) this.status.textContent = t("away");
      return false;
    }
  }

  load() {
    return this.ask(panel.dataset.url);
  }

  async send() {
    if (!panel.dataset.url) return;
    const text = this.text.value;
    if (!(await this.ask(`${panel.dataset.url}add/`, { text, ...(this.target ?? {}) }))) return;
    this.text.value = "";
    this.aim(null);
    this.status.textContent = t("sent");
  }

  async change(comment, action, more = {}) {
    return this.ask(`${panel.dataset.url}${comment.id}/`, { action, ...more });
  }

  // The panel ------------------------------------------------------------------------------------------

  show() {
    const open = this.comments.filter((comment) => !comment.resolved);
    const resolved = this.comments.filter((comment) => comment.resolved);
    this.count.textContent = open.length ? t("open", { count: open.length }) : "";
    const rows = open.map((comment) => this.thread(comment));
    if (resolved.length) {
      rows.push(
        el("li", {}, el("details", { class: "comments__resolved" },
          el("summary", {}, t("resolved", { count: resolved.length })),
          el("ol", { class: "comments__list" }, resolved.map((comment) => this.thread(comment))))),
      );
    }
    if (!rows.length) rows.push(el("li", { class: "comments__none" }, t("none")));
    this.list.replaceChildren(...rows);
    for (const field of this.surfaces.keys()) this.mark(field);
  }

  thread(comment) {
    const item = el("li", { class: "comment", id: `comment-${comment.id}`, tabindex: "-1" });
    if (comment.quote) {
      item.append(
        el("button", { type: "button", class: "comment__quote", title: t("show"), on: { click: () => this.showInText(comment) } }, comment.quote),
        el("p", { class: "comment__lost", hidden: true }, t("lost")),
      );
    }
    item.append(this.said(comment), ...comment.replies.map((reply) => this.said(reply)));
    if (comment.resolved) item.append(el("p", { class: "comment__by" }, t("resolved_by", { name: comment.resolved_by })));
    item.append(this.tools(comment));
    return item;
  }

  said(comment) {
    const words = el("p", { class: "comment__text" }, comment.text);
    const box = el("div", { class: "comment__said" },
      el("p", { class: "comment__by" }, el("strong", {}, comment.by), " ", el("time", { datetime: comment.at }, comment.when),
        ...(comment.edited ? [` · ${t("edited")}`] : [])),
      words);
    if (comment.mine) {
      const edit = this.button("edit", () => this.write(box, comment.text, "save", (text) => this.change(comment, "edit", { text })), comment);
      const tools = [edit];
      if (!comment.replies.length) tools.push(this.button("delete", () => this.change(comment, "delete"), comment));
      box.append(el("p", { class: "comment__tools" }, tools));
    }
    return box;
  }

  tools(comment) {
    const tools = el("p", { class: "comment__tools" });
    if (!comment.resolved) {
      tools.append(this.button("reply", () => this.write(tools, "", "reply", (text) => this.ask(`${panel.dataset.url}add/`, { text, parent: comment.id })), comment));
    }
    if (comment.may_resolve) {
      const action = comment.resolved ? "reopen" : "resolve";
      tools.append(this.button(action, async () => {
        if (await this.change(comment, action)) this.text.focus();
      }, comment));
    }
    return tools;
  }

  button(word, click, comment) {
    const start = comment.text.length > 40 ? `${comment.text.slice(0, 37)}…` : comment.text;
    return el("button", { type: "button", class: "comment__tool", "aria-label": `${t(word)}: ${start}`, on: { click } }, t(word));
  }

  /** A field in the place of `where`'s buttons; `done(text)` says whether it was taken. */
  write(where, text, word, done) {
    if (where.querySelector("textarea")) return;
    const area = el("textarea", { rows: "3", maxlength: "4000", "aria-label": t("your_comment") });
    area.value = text;
    const close = () => box.remove();
    const send = async () => {
      if (await done(area.value)) close();
    };
    const box = el("div", { class: "comments__write" }, area,
      el("p", { class: "comments__buttons" },
        el("button", { type: "button", class: "panel__button", on: { click: send } }, t(word)),
        el("button", { type: "button", class: "panel__button", on: { click: close } }, t("cancel"))));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    });
    where.append(box);
    area.focus();
  }

  // The text -------------------------------------------------------------------------------------------

  mark(field) {
    const { editor } = this.surfaces.get(field);
    const read = readable(editor.state.doc);
    const marks = [];
    for (const comment of this.comments) {
      if (comment.field !== field || !comment.quote) continue;
      const place = find(read, comment);
      const item = document.getElementById(`comment-${comment.id}`);
      const lost = item?.querySelector(".comment__lost");
      if (lost) lost.hidden = Boolean(place);
      if (!place || comment.resolved) continue;
      marks.push(Decoration.inline(place.from, place.to, { class: "commented" }, { comment: comment.id }));
    }
    editor.view.dispatch(
      editor.state.tr.setMeta(key, DecorationSet.create(editor.state.doc, marks)).setMeta("addToHistory", false),
    );
  }

  reveal(id, { focus = true } = {}) {
    const item = document.getElementById(`comment-${id}`);
    if (!item) return;
    for (const other of this.list.querySelectorAll(".is-current")) other.classList.remove("is-current");
    item.classList.add("is-current");
    item.scrollIntoView({ block: "nearest" });
    if (focus) item.focus();
  }

  showInText(comment) {
    const surface = this.surfaces.get(comment.field);
    if (!surface) return;
    const { editor } = surface;
    const [mark] = key.getState(editor.state).find(undefined, undefined, (spec) => spec.comment === comment.id);
    const place = mark ?? find(readable(editor.state.doc), comment);
    if (!place) return;
    const area = form.querySelector(`textarea[name="${CSS.escape(comment.field)}"]`);
    area?.dispatchEvent(new CustomEvent("story:show-field", { bubbles: true, detail: { name: comment.field } }));
    editor.chain().setTextSelection({ from: place.from, to: place.to }).scrollIntoView().focus().run();
    this.reveal(comment.id, { focus: false });
  }
}

if (form) new Comments().start();
