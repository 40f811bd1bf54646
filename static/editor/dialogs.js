// Native dialogs: the browser keeps the focus inside, closes on Escape and gives the focus back.

import { el, freshId } from "document-editor/dom";

/** What `ask` resolves to when the thing itself is to go. */
export const REMOVE = Symbol("remove");

/** A labelled field: `{element, input, error(text), help(text)}`. */
export function field({ label, help = "", type = "text", rows = 0, value = "", options, ...attributes }) {
  const id = freshId("editor-field");
  let input;
  if (options) {
    input = el(
      "select",
      { id, ...attributes },
      options.map(([key, text]) => el("option", { value: key }, text)),
    );
    input.value = value;
  } else if (rows) {
    input = el("textarea", { id, rows, ...attributes });
    input.value = value;
  } else {
    input = el("input", { id, type, ...attributes });
    if (type === "checkbox") input.checked = Boolean(value);
    else if (type !== "file") input.value = value;
  }
  const helpText = el("p", { id: `${id}-help`, class: "editor-field__help" }, help);
  const errorText = el("p", { id: `${id}-error`, class: "editor-error" });
  helpText.hidden = !help;
  errorText.hidden = true;
  const describe = () => {
    const ids = [errorText, helpText].filter((one) => !one.hidden).map((one) => one.id);
    if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
    else input.removeAttribute("aria-describedby");
  };
  describe();
  const labelElement = el("label", { for: id }, label);
  return {
    input,
    element: el(
      "div",
      { class: `editor-field editor-field--${rows ? "lines" : type}` },
      type === "checkbox" ? [input, labelElement] : [labelElement, errorText, input],
      helpText,
      type === "checkbox" ? errorText : null,
    ),
    error(text) {
      errorText.textContent = text;
      errorText.hidden = !text;
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      describe();
    },
    help(text) {
      helpText.textContent = text;
      helpText.hidden = !text;
      describe();
    },
  };
}

/** Shows what there is to read, until it is closed. */
export function show(surface, { title, content }) {
  // Arrows scroll what has the focus.
  const read = el("div", { class: "editor-dialog__read", tabindex: "0", role: "region", "aria-label": title }, content);
  return ask(surface, {
    title,
    content: [read],
    read: () => null,
    className: "editor-dialog--read",
    submit: surface.t("close"),
    cancel: false,
    focus: read,
  });
}

/**
 * Shows a dialog and resolves to what `read` returned, to REMOVE, or to null when it was left.
 * `read` returns undefined to stay open (it has said why, in the field concerned).
 */
export function ask(
  surface,
  { title, content, read, submit, cancel = true, remove = false, className = "", focus },
) {
  const { t } = surface;
  return new Promise((resolve) => {
    let result = null;
    const titleId = freshId("editor-dialog");
    const form = el(
      "form",
      {
        method: "dialog",
        novalidate: true,
        on: {
          submit: async (event) => {
            event.preventDefault();
            const value = await read();
            if (value === undefined) return;
            result = value;
            dialog.close();
          },
        },
      },
      el("h2", { id: titleId }, title),
      el("div", { class: "editor-dialog__content" }, content),
      el(
        "div",
        { class: "editor-dialog__actions" },
        remove
          ? el(
              "button",
              {
                type: "button",
                class: "editor-remove",
                on: {
                  click: () => {
                    result = REMOVE;
                    dialog.close();
                  },
                },
              },
              typeof remove === "string" ? remove : t("remove"),
            )
          : null,
        cancel ? el("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")) : null,
        el("button", { type: "submit", class: "editor-primary" }, submit ?? t("apply")),
      ),
    );
    const dialog = el("dialog", { class: `editor-dialog ${className}`, "aria-labelledby": titleId }, form);
    dialog.addEventListener("close", (event) => {
      if (event.target !== dialog) return;
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = form.querySelector(".editor-dialog__content :is(input, select, textarea)");
    (focus ?? first ?? form.querySelector("[type=submit]")).focus();
  });
}
