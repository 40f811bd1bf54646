// Turns each textarea of a document into the writing surface. The textarea stays the field that is
// sent: every change is written back to it, and without JavaScript it is edited as it is.
//
// For other modules of the form:
//
// - `document-editor:ready` bubbles from the textarea once its surface stands; its `detail` is
//   `{editor, textarea, language, field}`: the Tiptap editor, the language of the text and the name of
//   the form's field. `editor.registerPlugin(plugin)` takes a ProseMirror plugin (to draw decorations,
//   for example), `editor.on("selectionUpdate", …)` tells of the caret.
// - A module that may run later finds the same in `textarea.documentEditor`, with `flush()`, which
//   writes at once what has not been written yet, and `replace(html)`, which shows another text.
// - `input` bubbles from the textarea at most 300 ms after each change, and before the form is
//   sent or read (`new FormData(form)`), the text is left, or the page is hidden.

import { Editor } from "django-prose-editor/editor";
import * as actions from "document-editor/actions";
import { el, freshId, translator } from "document-editor/dom";
import { noteList } from "document-editor/notes";
import { isPictureAlone, plainText, tidyPaste } from "document-editor/paste";
import { documentExtensions, inlineTo } from "document-editor/schema";
import { serialise } from "document-editor/serialise";
import { slashMenu } from "document-editor/slash";
import { storeIn } from "document-editor/store";
import { documentTools, tableTools, toolbar } from "document-editor/toolbar";
import { improveField } from "document-editor/typography";

const SELECTOR = "textarea[data-document-editor]";
// The plain fields beside a text: titles and summaries, but no addresses.
const FIELDS = ":is(input[type=text], textarea)[lang]:not([data-document-editor], [name*=slug], [readonly])";
const started = new WeakSet();

/** Reads as the stored form of the document: what autosave, comparison and the form get. */
class DocumentEditor extends Editor {
  getHTML() {
    return serialise(this.state.doc);
  }
}

/** Pictures go to their library, any other file to the library of files. */
function takeFiles(editor, transfer) {
  const files = [...(transfer?.files ?? [])];
  const pictures = files.filter((file) => file.type.startsWith("image/"));
  const { actions: take, urls } = editor.storage.surface;
  if (pictures.length) take.pictureFiles(editor, pictures);
  else if (files.length && urls.filePages) take.file(editor, files);
  else return false;
  return true;
}

/** The address of a video, pasted into an empty line, is the video. */
function pasteVideo(editor, text) {
  const { $from, empty } = editor.state.selection;
  const inEmptyLine = empty && $from.depth === 1 && !$from.parent.content.size;
  const video = inEmptyLine && /^https:\/\/\S+$/.test(text) ? actions.videoFrom(text) : null;
  if (video) actions.insertBlock(editor, { type: "video", attrs: { video } });
  return Boolean(video);
}

function start(textarea) {
  if (started.has(textarea) || textarea.id.includes("__prefix__")) return;
  started.add(textarea);
  const { labels, keywords, urls, language } = JSON.parse(textarea.dataset.documentEditor);
  const t = translator(labels);
  const status = el("p", { class: "document-editor__status", role: "status" });
  const spoken = el("p", { class: "editor-visually-hidden", role: "status" });
  const surface = {
    t,
    urls,
    language,
    keywords,
    actions,
    inlineTo,
    csrfToken: () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "",
    /** Shown above the text, and read aloud. */
    say: (text) => {
      status.textContent = text;
    },
    /** Only read aloud: what those who see it see anyway. */
    announce: (text) => {
      spoken.textContent = text;
    },
  };

  const label = textarea.labels[0] ?? null;
  if (label && !label.id) label.id = freshId("document-label");
  const writing = el("div", { class: "document-editor__page" });
  // Pictures that came within a pasted text: uploaded once the text stands.
  let brought = [];
  const editor = new DocumentEditor({
    element: writing,
    injectCSS: false,
    editable: !textarea.disabled && !textarea.readOnly,
    extensions: documentExtensions(surface, [(made) => slashMenu(made, writing)]),
    content: textarea.value,
    editorProps: {
      attributes: {
        class: "document",
        role: "textbox",
        "aria-multiline": "true",
        lang: language,
        spellcheck: "true",
        ...(label ? { "aria-labelledby": label.id } : {}),
        ...(textarea.getAttribute("aria-describedby")
          ? { "aria-describedby": textarea.getAttribute("aria-describedby") }
          : {}),
      },
      transformPastedHTML: (html) => {
        const { html: tidy, pictures, files } = tidyPaste(html);
        surface.say(pictures ? t(pictures === 1 ? "picture_left_out" : "pictures_left_out", { count: pictures }) : "");
        brought = files;
        if (files.length) {
          setTimeout(() => {
            const pending = brought;
            brought = [];
            if (pending.length) actions.broughtPictures(editor, pending);
          }, 0);
        }
        return tidy;
      },
      clipboardTextParser: (text, $context, plain, view) => plainText(text, $context, view.state.schema),
      handlePaste: (view, event) => {
        const html = event.clipboardData?.getData("text/html") ?? "";
        if ((!html || isPictureAlone(html)) && takeFiles(editor, event.clipboardData)) return true;
        return pasteVideo(editor, event.clipboardData?.getData("text/plain").trim() ?? "");
      },
      handleDrop: (view, event) => {
        // A picture moved within the text comes with its file, too.
        if (view.dragging || !event.dataTransfer?.files.length) return false;
        event.preventDefault();
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (at) editor.commands.setTextSelection(at.pos);
        return takeFiles(editor, event.dataTransfer);
      },
      handleKeyDown: (view, event) => keys(editor, event),
    },
  });

  const bar = toolbar(editor, documentTools(surface), t("tools"));
  const tableBar = toolbar(editor, tableTools(), t("table_tools"));
  const notes = noteList(editor);
  const head = el("div", { class: "document-editor__head" }, bar.element, tableBar.element, status);
  const host = el("div", { class: "document-editor" }, head, writing, notes.element, spoken);
  editor.storage.surface.focusToolbar = bar.focus;

  const showTableBar = () => {
    const inTable = editor.isActive("table");
    if (tableBar.element.hidden === inTable) tableBar.element.hidden = !inTable;
  };
  notes.refresh();
  showTableBar();
  editor.on("transaction", showTableBar);
  // Numbers at once where a note came or went; the rest with the writing.
  editor.on("update", ({ transaction }) => {
    if (notesTouched(transaction)) notes.refresh();
  });
  const { flush, replace } = storeIn(textarea, editor, notes.refresh);

  textarea.before(host);
  host.append(textarea);
  textarea.hidden = true;
  // Said by classes: `:has()` above a long text would be asked anew at every letter.
  host.closest(".form-row")?.classList.add("form-row--document");
  host.closest("fieldset.module")?.classList.add("module--document");
  label?.addEventListener("click", (event) => {
    event.preventDefault();
    editor.commands.focus();
  });
  const detail = { editor, textarea, language, field: textarea.name };
  textarea.documentEditor = { ...detail, flush, replace };
  textarea.dispatchEvent(new CustomEvent("document-editor:ready", { bubbles: true, detail }));
}

/** Whether a change brought or took anything that is not plain text. */
function notesTouched(transaction) {
  return transaction.steps.some((step, index) => {
    let touched = Boolean(step.slice?.content.size && hasNotes(step.slice.content));
    step.getMap().forEach((from, to) => {
      if (to > from) {
        transaction.docs[index].nodesBetween(from, to, (node) => {
          touched ||= node.type.name === "footnote";
          return !touched;
        });
      }
    });
    return touched || !step.slice;
  });
}

function hasNotes(fragment) {
  let found = false;
  fragment.descendants((node) => {
    found ||= node.type.name === "footnote";
    return !found;
  });
  return found;
}

const SHORTCUTS = [
  ["k", { mod: true }, "link"],
  ["k", { mod: true, shift: true }, "record"],
  ["f", { mod: true, alt: true }, "note"],
  ["p", { mod: true, alt: true }, "picture"],
  ["q", { mod: true, alt: true }, "quote"],
  ["t", { mod: true, alt: true }, "table"],
  ["g", { mod: true, alt: true }, "gallery"],
];

/** By the letter, or by the key where Alt makes another sign of it (as on a Mac). */
const isLetter = (event, letter) =>
  /^[a-z]$/i.test(event.key)
    ? event.key.toLowerCase() === letter
    : event.code === `Key${letter.toUpperCase()}`;

function keys(editor, event) {
  const { surface } = editor.storage;
  // On Windows, AltGr says that Ctrl and Alt are down; it only types.
  const mod = (event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph");
  if (event.key === "F10" && event.altKey) {
    event.preventDefault();
    surface.focusToolbar();
    return true;
  }
  if (mod && !event.altKey && (event.key === "/" || (event.key === "?" && event.shiftKey))) {
    // Where the slash is typed with Shift, as on a French keyboard, that is no other wish.
    event.preventDefault();
    actions.help(editor);
    return true;
  }
  for (const [letter, { shift = false, alt = false }, name] of SHORTCUTS) {
    if (mod && event.shiftKey === shift && event.altKey === alt && isLetter(event, letter)) {
      event.preventDefault();
      actions[name](editor);
      return true;
    }
  }
  if (event.key === "Enter" && !mod && !event.shiftKey) {
    // On something selected as a whole, Enter opens what the double click opens.
    const name = editor.state.selection.node?.type.name;
    const open = { footnote: "note", figure: "picture", gallery: "gallery", video: "video" }[name];
    if (open) {
      event.preventDefault();
      actions[open](editor);
      return true;
    }
  }
  return false;
}

function startSafely(textarea) {
  try {
    start(textarea);
  } catch (error) {
    // The textarea is still there, with the text in it.
    console.error(error);
  }
}

/** The first at once, each other one in a moment of its own, so that the page answers meanwhile. */
function startAll(root) {
  const [first, ...others] = root.querySelectorAll(SELECTOR);
  if (first) startSafely(first);
  for (const textarea of others) setTimeout(() => startSafely(textarea), 0);
}

function improveFields(root) {
  for (const field of root.querySelectorAll(FIELDS)) improveField(field);
}

startAll(document);
improveFields(document);
document.addEventListener("formset:added", (event) => {
  startAll(event.target);
  improveFields(event.target);
});
