// Footnotes: the dialog in which one is written, and the list under the text, as in the article.

import { Editor } from "django-prose-editor/editor";
import { ask, field } from "document-editor/dialogs";
import { el, freshId } from "document-editor/dom";
import { inlineTo, noteExtensions } from "document-editor/schema";
import { noteTools, toolbar } from "document-editor/toolbar";

/** The notes of a document, numbered as readers see them: calls of one name are one note. */
export function notesOf(doc) {
  const notes = [];
  const named = new Map();
  doc.descendants((node, pos) => {
    if (node.type.name !== "footnote") return;
    const { name, content } = node.attrs;
    if (name && named.has(name)) {
      named.get(name).calls.push(pos);
      return;
    }
    const note = { number: notes.length + 1, name, content, first: pos, calls: [pos] };
    notes.push(note);
    if (name) named.set(name, note);
  });
  return notes;
}

/** `{content}`, `{sameAs: note}` for a further call of a note, REMOVE, or null. */
export async function askNote(editor, here) {
  const { surface } = editor.storage;
  const { t } = surface;
  const labelId = freshId("note");
  const others = here ? [] : notesOf(editor.state.doc);
  const written = el("div", { class: "note-editor" });
  const error = el("p", { class: "editor-error", role: "alert" });
  const which = others.length
    ? field({
        label: t("which_note"),
        options: [
          ["", t("new_note")],
          ...others.map((note) => [
            String(note.number),
            t("same_as_note", { number: note.number, text: wordsOf(editor, note).slice(0, 60) }),
          ]),
        ],
      })
    : null;
  const small = new Editor({
    element: written,
    injectCSS: false,
    extensions: noteExtensions(surface, {
      onEnter: () => {
        written.closest("form").requestSubmit();
        return true;
      },
      onEscape: () => {
        written.closest("dialog").close();
        return true;
      },
    }),
    content: {
      type: "doc",
      content: [{ type: "paragraph", content: here?.node.attrs.content ?? [] }],
    },
    editorProps: {
      attributes: {
        class: "document document--note",
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": labelId,
        lang: surface.language,
      },
    },
  });
  const bar = toolbar(small, noteTools(), t("note_tools"));
  written.prepend(bar.element);
  const writing = el("div", {}, el("p", { id: labelId, class: "editor-label" }, t("note_text")), error, written);
  which?.input.addEventListener("change", () => {
    writing.hidden = which.input.value !== "";
  });
  const asked = ask(surface, {
    title: t("note"),
    content: [which?.element, writing],
    submit: t(here ? "apply" : "insert"),
    remove: here ? t("remove_note") : false,
    focus: small.view.dom,
    read: () => {
      if (which?.input.value) {
        return { sameAs: others.find((note) => String(note.number) === which.input.value) };
      }
      if (!small.state.doc.textContent.trim()) {
        error.textContent = t("note_empty");
        small.commands.focus();
        return undefined;
      }
      return { content: small.state.doc.firstChild.content.toJSON() };
    },
  });
  small.commands.focus("end");
  const answer = await asked;
  small.destroy();
  return answer;
}

const wordsOf = (editor, { content }) =>
  content ? el("p", {}, inlineTo(editor.schema, content)).textContent : "";

/** The list under the text; `refresh` also writes the numbers into the calls. */
export function noteList(editor) {
  const { surface } = editor.storage;
  const { t } = surface;
  const list = el("ol", { lang: surface.language });
  const element = el("div", { class: "document-notes", role: "group", "aria-label": t("notes") }, el("h2", {}, t("notes")), list);
  let shown = "";

  function refresh() {
    const notes = notesOf(editor.state.doc);
    element.hidden = !notes.length;
    const numbers = notes
      .flatMap(({ number, calls }) => calls.map((pos) => [pos, number]))
      .sort(([one], [other]) => one - other)
      .map(([, number]) => String(number));
    const calls = editor.view.dom.querySelectorAll(".footnote-call");
    calls.forEach((call, index) => {
      if (call.textContent !== numbers[index]) call.textContent = numbers[index] ?? "";
      call.setAttribute("aria-label", t("note_number", { number: numbers[index] ?? "" }));
    });
    const now = JSON.stringify(notes.map(({ content }) => content));
    if (now === shown) return;
    shown = now;
    list.replaceChildren(
      ...notes.map(({ number, content }) =>
        el(
          "li",
          {},
          content ? inlineTo(editor.schema, content) : "",
          " ",
          el(
            "button",
            {
              type: "button",
              "aria-label": t("change_note", { number }),
              on: {
                click: () => {
                  const current = notesOf(editor.state.doc)[number - 1];
                  if (!current) return;
                  editor.commands.setNodeSelection(current.first);
                  surface.actions.note(editor);
                },
              },
            },
            t("change"),
          ),
        ),
      ),
    );
    // A link in a note is shown, not followed: the text is being written.
    for (const anchor of list.querySelectorAll("a")) anchor.removeAttribute("href");
  }
  return { element, refresh };
}
