// From the writing surface to the field that is sent. Writing a long text out takes longer than a
// letter may take, so it is done in a quiet moment, at most 300 ms after a change; and at once
// whenever somebody is about to read the field: the form, a script, or nobody any more.

import { pm } from "django-prose-editor/editor";
import { serialise } from "document-editor/serialise";

const { closeHistory } = pm.history;

const SOON = 180;
const LATEST = 110;

const whenQuiet = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 0));

/**
 * Keeps `textarea` in step with `editor`; `refresh` is called once before each writing.
 *
 * `flush()` writes now what has not been written yet; `replace(html)` shows another text, as one
 * change that "undo" takes back.
 */
export function storeIn(textarea, editor, refresh) {
  let stored;
  let waiting = 0;

  function flush() {
    if (!waiting) return;
    clearTimeout(waiting);
    waiting = 0;
    refresh();
    const html = editor.getHTML();
    if (html === stored) return;
    stored = html;
    textarea.value = html;
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  editor.on("update", ({ transaction }) => {
    // What the field held, as this surface writes it: only another text is a change.
    stored ??= serialise(transaction.before);
    waiting ||= setTimeout(() => whenQuiet(flush, { timeout: LATEST }), SOON);
  });
  editor.on("blur", flush);
  textarea.form?.addEventListener("submit", flush, { capture: true });
  // Whoever reads the form, by a script, too: `new FormData(form)`.
  textarea.form?.addEventListener("formdata", ({ formData }) => {
    flush();
    if (!textarea.disabled && textarea.name) formData.set(textarea.name, textarea.value);
  });
  for (const moment of ["beforeunload", "pagehide"]) {
    window.addEventListener(moment, flush, { capture: true });
  }
  document.addEventListener("visibilitychange", flush, { capture: true });

  return {
    flush,
    replace(html) {
      const { from } = editor.state.selection;
      editor
        .chain()
        .command(({ tr }) => Boolean(closeHistory(tr)))
        .setContent(html, { emitUpdate: true })
        .setTextSelection(from)
        .run();
      flush();
    },
  };
}
