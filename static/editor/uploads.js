// Pictures on their way into the library: one request each, and a dialog for several at once.

import { ask, field } from "document-editor/dialogs";
import { el, freshId, textOf } from "document-editor/dom";

/**
 * Sends one picture with what is said of it. Resolves to `{found}`, to `{errors, note, proposed}`
 * (texts by field, the note of the file the server has kept, and what the file says of itself), or to
 * `{}` when the server is away.
 */
export async function sendPicture(surface, { file, note = "", credit, altEn, altFr, decorative }) {
  const data = new FormData();
  if (file) data.set("file", file);
  data.set("note", note);
  data.set("credit", credit);
  data.set("alt_en", altEn);
  data.set("alt_fr", altFr);
  if (decorative) data.set("decorative", "on");
  try {
    const response = await fetch(surface.urls.pictureUpload, {
      method: "POST",
      body: data,
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": surface.csrfToken() },
    });
    const answer = await response.json();
    if (response.ok || answer.existing) return { found: answer.existing ?? answer };
    const errors = Object.entries(answer.errors ?? {});
    // The very picture may be there already.
    const already = /\/image\/(\d+)\/change/.exec((answer.errors?.file ?? []).join(" "))?.[1] ?? null;
    return {
      already,
      note: answer.note ?? "",
      proposed: answer.proposed ?? {},
      errors: Object.fromEntries(errors.map(([name, messages]) => [name, messages.map(textOf).join(" ")])),
    };
  } catch (error) {
    console.error(error);
    return {};
  }
}

/** What the file says of itself, where nothing was typed; an editor still decides. */
export function propose(fields, proposed = {}) {
  for (const [name, text] of Object.entries(proposed)) {
    if (fields[name]?.input.value === "" && typeof text === "string") fields[name].input.value = text;
  }
}

function row(surface, file, number) {
  const { t } = surface;
  const credit = field({ label: t("credit") });
  const altEn = field({ label: t("alt_en"), rows: 2 });
  const altFr = field({ label: t("alt_fr"), rows: 2 });
  const decorative = field({ label: t("decorative_long"), type: "checkbox" });
  const fields = { credit, alt_en: altEn, alt_fr: altFr, decorative };
  const status = el("p", { class: "editor-dialog__status", role: "status" });
  const problem = el("p", { class: "editor-error" });
  const address = URL.createObjectURL(file);
  const nameId = freshId("upload");
  const leave = el("button", { type: "button" }, t("leave_out"));
  const element = el(
    "section",
    { class: "upload-row", "aria-labelledby": nameId },
    el(
      "div",
      { class: "upload-row__picture" },
      el("img", { src: address, alt: "", width: 240, height: 160 }),
      el("p", { id: nameId }, file.name || t("picture_number", { number })),
      status,
      leave,
    ),
    el("div", { class: "upload-row__fields" }, problem, credit.element, altEn.element, altFr.element, decorative.element),
  );
  const state = { element, credit, file, note: "", found: null, left: false };

  leave.addEventListener("click", () => {
    state.left = !state.left;
    element.classList.toggle("upload-row--left", state.left);
    leave.textContent = t(state.left ? "take_after_all" : "leave_out");
    for (const { input } of Object.values(fields)) input.disabled = state.left;
  });

  state.send = async (lookUp) => {
    for (const one of Object.values(fields)) one.error("");
    problem.textContent = "";
    status.textContent = t("uploading");
    const answer = await sendPicture(surface, {
      file: state.note ? null : file,
      note: state.note,
      credit: credit.input.value,
      altEn: altEn.input.value,
      altFr: altFr.input.value,
      decorative: decorative.input.checked,
    });
    state.found = answer.found ?? (answer.already ? await lookUp(answer.already) : null);
    state.note = answer.note || state.note;
    if (state.found) {
      status.textContent = t("uploaded");
      leave.hidden = true;
      for (const { input } of Object.values(fields)) input.disabled = true;
      return null;
    }
    status.textContent = "";
    propose(fields, answer.proposed);
    if (!answer.errors) problem.textContent = t("server_away");
    for (const [name, text] of Object.entries(answer.errors ?? {})) {
      if (fields[name]) fields[name].error(text);
      else problem.textContent += `${text} `;
    }
    return fields[Object.keys(fields).find((name) => answer.errors?.[name])]?.input ?? leave;
  };
  state.done = () => URL.revokeObjectURL(address);
  return state;
}

/**
 * Asks for credit and description of several pictures and uploads them. Resolves to
 * `{results, gallery}` (`results[i]` for the file i: what the library says of it, or null where it
 * was left out) or to null. `placed`: they have their places in the text already.
 */
export async function askUploads(surface, files, { lookUp, placed = false }) {
  const { t } = surface;
  const rows = files.map((file, index) => row(surface, file, index + 1));
  const credit = field({ label: t("credit_for_all"), help: t("credit_for_all_help") });
  let last = "";
  credit.input.addEventListener("input", () => {
    for (const one of rows) {
      if (!one.found && ["", last].includes(one.credit.input.value)) one.credit.input.value = credit.input.value;
    }
    last = credit.input.value;
  });
  const how = field({
    label: t("put_them"),
    options: [
      ["figures", t("one_after_the_other")],
      ["gallery", t("as_gallery")],
    ],
    value: "figures",
  });
  const answer = await ask(surface, {
    title: t("upload_pictures", { count: files.length }),
    className: "editor-dialog--wide",
    content: [
      files.length > 1 ? credit.element : null,
      ...rows.map(({ element }) => element),
      files.length > 1 && !placed ? how.element : null,
    ],
    submit: t("upload_and_insert"),
    read: async () => {
      let wrong = null;
      for (const one of rows) {
        if (one.found || one.left) continue;
        // One after the other: a large picture takes the server a second or two.
        const input = await one.send(lookUp);
        wrong ??= input;
      }
      wrong?.focus();
      if (wrong) return undefined;
      return { results: rows.map(({ found, left }) => (left ? null : found)), gallery: how.input.value === "gallery" };
    },
  });
  for (const one of rows) one.done();
  return answer;
}
