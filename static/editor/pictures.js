// The picture library seen from the editor: what is known of a picture, and the dialog that chooses
// or uploads one.

import { ask, field, REMOVE } from "document-editor/dialogs";
import { el, freshId, getJSON } from "document-editor/dom";
import { propose, sendPicture } from "document-editor/uploads";

// Asked for once a page load, all that are wanted in the same moment in one request.
const known = new Map();
let wanted = new Map();

/** What the library says of a picture, or null when it has no such picture (any more). */
export function picture(surface, id) {
  const key = String(id);
  if (!known.has(key)) {
    known.set(
      key,
      new Promise((resolve) => {
        // Both languages of a form ask within a moment.
        if (!wanted.size) setTimeout(() => fetchWanted(surface.urls.pictures), 20);
        wanted.set(key, resolve);
      }),
    );
  }
  return known.get(key);
}

async function fetchWanted(url) {
  const batch = wanted;
  wanted = new Map();
  const ids = [...batch.keys()];
  for (let start = 0; start < ids.length; start += 100) {
    const some = ids.slice(start, start + 100);
    let found = new Map();
    try {
      const { results } = await getJSON(url, { ids: some.join(",") });
      found = new Map(results.map((result) => [String(result.id), result]));
    } catch (error) {
      console.error(error);
      for (const id of some) known.delete(id);
    }
    for (const id of some) batch.get(id)(found.get(id) ?? null);
  }
}

/** While a picture is being uploaded, that is the one thing to do. */
const UPLOADING = "editor-dialog--uploading";

export const remember = (result) => known.set(String(result.id), Promise.resolve(result));

/** The library's alternative text in the language of the text. */
export const alternative = (surface, found) =>
  found.decorative ? "" : found[`alt_${surface.language}`] || "";

/**
 * Choose one picture, or several in order. Resolves to `{ids, width, alt}`, REMOVE, or null.
 * `plain`: neither a width nor a text of its own is asked for.
 * `files`: pictures that were dropped or pasted, to be uploaded first.
 */
export function choosePictures(surface, options = {}) {
  const { multiple = false, plain = false, ids = [], width = "text", alt = null, files = null } = options;
  const { t } = surface;
  const chosen = ids.map(String);
  let query = "";
  let page = 1;
  let request = 0;

  // -- the library
  const search = field({ label: t("search_pictures"), type: "search", autocomplete: "off" });
  const status = el("p", { class: "editor-dialog__status", role: "status" });
  const grid = el("div", {
    class: "picture-grid",
    role: multiple ? "group" : "radiogroup",
    "aria-label": t("pictures"),
  });
  const before = el("button", { type: "button", on: { click: () => load(page - 1) } }, t("previous"));
  const after = el("button", { type: "button", on: { click: () => load(page + 1) } }, t("next"));
  const pages = el("span", {}, "");
  const pager = el("div", { class: "picture-pager" }, before, pages, after);
  const library = el("div", { class: "picture-library" }, search.element, grid, pager);
  const group = freshId("picture");

  const option = (found) => {
    const input = el("input", {
      type: multiple ? "checkbox" : "radio",
      name: group,
      value: found.id,
      on: { change: () => toggle(found, input.checked) },
    });
    input.checked = chosen.includes(String(found.id));
    return el(
      "label",
      { class: "picture-option", title: found.title },
      input,
      el("img", { src: found.thumb, alt: "", loading: "lazy", width: 240, height: 160 }),
      el("span", {}, found.title),
    );
  };

  async function load(number) {
    const mine = ++request;
    status.textContent = t("searching");
    try {
      const { results, next } = await getJSON(surface.urls.picturePages, { q: query, page: number });
      if (mine !== request) return;
      page = number;
      results.forEach(remember);
      grid.replaceChildren(...results.map(option));
      grid.scrollTop = 0;
      before.disabled = page === 1;
      after.disabled = !next;
      pager.hidden = page === 1 && !next;
      pages.textContent = t("page", { number: page });
      status.textContent = results.length ? "" : t(query ? "no_picture_found" : "no_picture_yet");
    } catch (error) {
      console.error(error);
      if (mine === request) status.textContent = t("server_away");
    }
  }

  let pause;
  search.input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      query = search.input.value.trim();
      load(1);
    }, 200);
  });
  search.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Enter in the search looks, it does not choose.
    event.preventDefault();
    clearTimeout(pause);
    query = search.input.value.trim();
    load(1);
  });

  // -- what was chosen
  const preview = el("div", { class: "picture-preview" });
  const widths = ["text", "wide"].map((value) => {
    const input = el("input", { type: "radio", name: freshId("w"), value });
    return { input, label: el("label", {}, input, " ", t(`width_${value}`)) };
  });
  for (const { input } of widths) {
    input.name = `${group}-width`;
    input.checked = input.value === width;
  }
  const altField = field({ label: t("alt_here"), help: t("alt_here_help"), rows: 3, value: alt ?? "" });
  const details = el(
    "div",
    { class: "picture-details" },
    preview,
    multiple || plain
      ? null
      : [
          el(
            "fieldset",
            { class: "editor-field" },
            el("legend", {}, t("width")),
            widths.map(({ label }) => label),
          ),
          altField.element,
        ],
  );

  function toggle(found, on) {
    if (!multiple) chosen.length = 0;
    const key = String(found.id);
    const index = chosen.indexOf(key);
    if (on && index < 0) chosen.push(key);
    if (!on && index >= 0) chosen.splice(index, 1);
    show();
  }

  /** One of the chosen, with the buttons that give it another place. */
  function ordered(one) {
    const index = chosen.indexOf(String(one.id));
    const move = (step) => {
      const [moved] = chosen.splice(index, 1);
      chosen.splice(index + step, 0, moved);
      show().then(() => {
        const place = preview.querySelectorAll("li")[index + step];
        (place.querySelector(`[data-step="${step}"]:enabled`) ?? place.querySelector("button:enabled"))?.focus();
      });
    };
    const button = (step, sign, label) => {
      const made = el(
        "button",
        { type: "button", "data-step": step, "aria-label": t(label, { title: one.title }), on: { click: () => move(step) } },
        sign,
      );
      made.disabled = index + step < 0 || index + step >= chosen.length;
      return made;
    };
    return el(
      "li",
      {},
      el("img", { src: one.thumb, alt: one.title, width: 90, height: 60 }),
      el("div", {}, button(-1, "←", "earlier"), button(1, "→", "later")),
    );
  }

  async function show() {
    const found = (await Promise.all(chosen.map((id) => picture(surface, id)))).filter(Boolean);
    details.hidden = !found.length;
    if (multiple) {
      preview.replaceChildren(
        el("p", {}, t("pictures_chosen", { count: found.length })),
        el("ol", { class: "picture-order" }, found.map(ordered)),
      );
      return;
    }
    const [one] = found;
    if (!one) return;
    preview.replaceChildren(
      el("img", { src: one.preview, alt: "", width: one.width, height: one.height }),
      el("p", { class: "picture-preview__title" }, one.title),
      el("p", { class: "picture-preview__credit" }, `© ${one.credit}`),
      ...one.obstacles.map((obstacle) => el("p", { class: "editor-warning" }, obstacle)),
    );
    altField.input.placeholder = one.decorative
      ? t("decorative")
      : alternative(surface, one) || t("no_alt_yet");
  }

  // -- a new picture
  const upload = uploadForm(surface, (found) => {
    remember(found);
    toggle(found, true);
    view("library");
    search.input.value = "";
    query = "";
    load(1).then(() => grid.querySelector("input:checked")?.focus());
  });
  const tabs = {
    library: el("button", { type: "button", on: { click: () => view("library") } }, t("library")),
    upload: el("button", { type: "button", on: { click: () => view("upload") } }, t("upload_new")),
  };
  function view(name) {
    library.hidden = name !== "library";
    upload.element.hidden = name !== "upload";
    for (const [key, tab] of Object.entries(tabs)) {
      tab.setAttribute("aria-pressed", String(key === name));
    }
    library.closest("dialog")?.classList.toggle(UPLOADING, name === "upload");
    if (name === "upload") upload.focus();
  }

  if (files) upload.take(files);
  view(files ? "upload" : "library");
  load(1);
  show();

  return ask(surface, {
    title: t(multiple ? "gallery" : "picture"),
    className: `editor-dialog--wide ${files ? UPLOADING : ""}`,
    content: [
      el("div", { class: "editor-dialog__views", role: "group", "aria-label": t("pictures") }, tabs.library, tabs.upload),
      status,
      el("div", { class: "picture-columns" }, el("div", {}, library, upload.element), details),
    ],
    submit: t(ids.length ? "apply" : "insert"),
    remove: ids.length > 0,
    focus: files ? null : search.input,
    read: async () => {
      if (!upload.element.hidden && upload.isStarted()) {
        await upload.send();
        return undefined;
      }
      if (!chosen.length) {
        status.textContent = t("choose_a_picture");
        return undefined;
      }
      return {
        ids: [...chosen],
        width: widths.find(({ input }) => input.checked)?.input.value ?? "text",
        alt: altField.input.value.trim() || null,
      };
    },
  });
}

function uploadForm(surface, done) {
  const { t } = surface;
  const file = field({ label: t("file"), type: "file", accept: "image/jpeg,image/png,image/webp,image/avif", help: t("file_help") });
  const credit = field({ label: t("credit"), help: t("credit_help") });
  const altEn = field({ label: t("alt_en"), rows: 2 });
  const altFr = field({ label: t("alt_fr"), rows: 2, help: t("alt_help") });
  const decorative = field({ label: t("decorative_long"), type: "checkbox" });
  const fields = { file, credit, alt_en: altEn, alt_fr: altFr, decorative };
  const problem = el("p", { class: "editor-error", role: "alert" });
  const button = el("button", { type: "button", class: "editor-primary", on: { click: send } }, t("upload"));
  const element = el(
    "div",
    { class: "picture-upload" },
    problem,
    Object.values(fields).map((one) => one.element),
    button,
  );
  let note = "";
  let sending = false;

  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=file])")) {
      event.preventDefault();
      send();
    }
  });

  async function send() {
    if (sending) return;
    sending = true;
    button.disabled = true;
    button.textContent = t("uploading");
    problem.textContent = "";
    for (const one of Object.values(fields)) one.error("");
    const answer = await sendPicture(surface, {
      file: file.input.files[0],
      note,
      credit: credit.input.value,
      altEn: altEn.input.value,
      altFr: altFr.input.value,
      decorative: decorative.input.checked,
    });
    sending = false;
    button.disabled = false;
    button.textContent = t("upload");
    const found = answer.found ?? (answer.already ? await picture(surface, answer.already) : null);
    if (found) {
      reset();
      done(found);
    } else {
      refuse(answer);
    }
  }

  function refuse({ errors, note: kept, proposed }) {
    propose(fields, proposed);
    if (kept && kept !== note) {
      note = kept;
      file.help(t("file_kept"));
    }
    if (!errors) problem.textContent = t("server_away");
    for (const [name, text] of Object.entries(errors ?? {})) {
      if (fields[name]) fields[name].error(text);
      else problem.textContent += `${text} `;
    }
    (Object.entries(fields).find(([name]) => errors?.[name])?.[1].input ?? button).focus();
  }

  function reset() {
    note = "";
    file.help(t("file_help"));
    for (const one of Object.values(fields)) {
      one.error("");
      if (one.input.type === "checkbox") one.input.checked = false;
      else one.input.value = "";
    }
  }

  return {
    element,
    send,
    focus: () => file.input.focus(),
    isStarted: () => Boolean(file.input.files.length || note),
    take: (files) => {
      const transfer = new DataTransfer();
      transfer.items.add(files[0]);
      file.input.files = transfer.files;
    },
  };
}

export { REMOVE };
