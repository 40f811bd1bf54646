// Turns each textarea of a document into the writing surface. The textarea stays the field that is
// sent: every change is written back to it at once, and without JavaScript it is edited as it is.

import { Editor } from "django-prose-editor/editor";
import * as actions from "document-editor/actions";
import { el, freshId, translator } from "document-editor/dom";
import { noteList } from "document-editor/notes";
import { tidyPaste } from "document-editor/paste";
import { documentExtensions, inlineTo } from "document-editor/schema";
import { serialise } from "document-editor/serialise";
import { documentTools, tableTools, toolbar } from "document-editor/toolbar";

const SELECTOR = "textarea[data-document-editor]";
const started = new WeakSet();

/** Reads as the stored form of the document: what autosave, comparison and the form get. */
class DocumentEditor extends Editor {
  getHTML() {
    return serialise(this.state.doc);
  }
}

const pictureFiles = (transfer) =>
  [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));

function start(textarea) {
  if (started.has(textarea) || textarea.id.includes("__prefix__")) return;
  started.add(textarea);
  const { labels, urls, language } = JSON.parse(textarea.dataset.documentEditor);
  const t = translator(labels);
  const status = el("p", { class: "document-editor__status", role: "status" });
  const surface = {
    t,
    urls,
    language,
    actions,
    inlineTo,
    csrfToken: () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "",
    say: (text) => {
      status.textContent = text;
    },
  };

  const label = textarea.labels[0] ?? null;
  if (label && !label.id) label.id = freshId("document-label");
  const writing = el("div", { class: "document-editor__page" });
  const editor = new DocumentEditor({
    element: writing,
    injectCSS: false,
    editable: !textarea.disabled && !textarea.readOnly,
    extensions: documentExtensions(surface),
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
        const { html: tidy, pictures } = tidyPaste(html);
        surface.say(pictures ? t(pictures === 1 ? "picture_left_out" : "pictures_left_out", { count: pictures }) : "");
        return tidy;
      },
      handlePaste: (view, event) => {
        const files = pictureFiles(event.clipboardData);
        if (!files.length || event.clipboardData.types.includes("text/html")) return false;
        actions.picture(editor, files);
        return true;
      },
      handleDrop: (view, event) => {
        const files = pictureFiles(event.dataTransfer);
        // A picture moved within the text comes with its file, too.
        if (!files.length || view.dragging) return false;
        event.preventDefault();
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (at) editor.commands.setTextSelection(at.pos);
        actions.picture(editor, files);
        return true;
      },
      handleKeyDown: (view, event) => keys(editor, event),
    },
  });

  const bar = toolbar(editor, documentTools(), t("tools"));
  const tableBar = toolbar(editor, tableTools(), t("table_tools"));
  const notes = noteList(editor);
  const head = el("div", { class: "document-editor__head" }, bar.element, tableBar.element, status);
  const host = el("div", { class: "document-editor" }, head, writing, notes.element);
  editor.storage.surface.focusToolbar = bar.focus;

  const showTableBar = () => {
    tableBar.element.hidden = !editor.isActive("table");
  };
  let stored = editor.getHTML();
  notes.refresh();
  showTableBar();
  editor.on("transaction", showTableBar);
  editor.on("update", () => {
    notes.refresh();
    const html = editor.getHTML();
    if (html === stored) return;
    stored = html;
    textarea.value = html;
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  });

  textarea.before(host);
  host.append(textarea);
  textarea.hidden = true;
  label?.addEventListener("click", (event) => {
    event.preventDefault();
    editor.commands.focus();
  });
  textarea.dispatchEvent(
    new CustomEvent("document-editor:ready", { bubbles: true, detail: { editor, textarea } }),
  );
}

const SHORTCUTS = [
  ["k", { mod: true }, "link"],
  ["k", { mod: true, shift: true }, "record"],
  ["f", { mod: true, alt: true }, "note"],
  ["p", { mod: true, alt: true }, "picture"],
  ["q", { mod: true, alt: true }, "quote"],
  ["t", { mod: true, alt: true }, "table"],
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

function startAll(root) {
  for (const textarea of root.querySelectorAll(SELECTOR)) {
    try {
      start(textarea);
    } catch (error) {
      // The textarea is still there, with the text in it.
      console.error(error);
    }
  }
}

startAll(document);
document.addEventListener("formset:added", (event) => startAll(event.target));
