// The files readers may download: the dialog that finds or uploads one.

import { ask, field } from "document-editor/dialogs";
import { el, freshId, getJSON, textOf } from "document-editor/dom";

/**
 * Resolves to `{file, label}` (the file's number and title), REMOVE, or null.
 * `files`: one that was dropped or pasted, to be uploaded first.
 */
export function askFile(surface, { file = null, files = null } = {}) {
  const { t, urls } = surface;
  let chosen = null;
  let request = 0;
  let page = 1;
  const group = freshId("file");
  const search = field({ label: t("search_files"), type: "search", autocomplete: "off" });
  const status = el("p", { class: "editor-dialog__status", role: "status" });
  const list = el("div", { class: "file-list", role: "radiogroup", "aria-label": t("files") });
  const before = el("button", { type: "button", on: { click: () => load(page - 1) } }, t("previous"));
  const after = el("button", { type: "button", on: { click: () => load(page + 1) } }, t("next"));
  const pages = el("span", {}, "");
  const pager = el("div", { class: "picture-pager" }, before, pages, after);

  const option = (found) => {
    const input = el("input", {
      type: "radio",
      name: group,
      value: found.id,
      on: {
        change: () => {
          chosen = found;
        },
      },
    });
    if (String(found.id) === String(chosen?.id ?? file)) {
      input.checked = true;
      chosen = found;
    }
    return el(
      "label",
      { class: "file-option" },
      input,
      el("span", { class: "file-option__title" }, found.title),
      el("span", { class: "file-option__facts" }, [found.name, found.format, found.size].filter(Boolean).join(" · ")),
    );
  };

  async function load(number) {
    const mine = ++request;
    const query = search.input.value.trim();
    status.textContent = t("searching");
    try {
      const { results, next } = await getJSON(urls.filePages, { q: query, page: number });
      if (mine !== request) return;
      page = number;
      list.replaceChildren(...results.map(option));
      before.disabled = page === 1;
      after.disabled = !next;
      pager.hidden = page === 1 && !next;
      pages.textContent = t("page", { number: page });
      status.textContent = results.length ? "" : t(query ? "no_file_found" : "no_file_yet");
    } catch (error) {
      console.error(error);
      if (mine === request) status.textContent = t("server_away");
    }
  }

  let pause;
  search.input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => load(1), 200);
  });
  search.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Enter in the search looks, it does not choose.
    event.preventDefault();
    clearTimeout(pause);
    load(1);
  });

  // -- a new file
  const input = field({ label: t("file"), type: "file" });
  const titleEn = field({ label: t("title_en") });
  const titleFr = field({ label: t("title_fr"), help: t("file_title_help") });
  const fields = { file: input, title_en: titleEn, title_fr: titleFr };
  const problem = el("p", { class: "editor-error", role: "alert" });
  const button = el("button", { type: "button", class: "editor-primary", on: { click: send } }, t("upload"));
  const upload = el("div", { class: "picture-upload" }, problem, Object.values(fields).map((one) => one.element), button);
  upload.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=file])")) {
      event.preventDefault();
      send();
    }
  });
  let sending = false;

  async function send() {
    if (sending) return;
    sending = true;
    button.disabled = true;
    button.textContent = t("uploading");
    problem.textContent = "";
    for (const one of Object.values(fields)) one.error("");
    const data = new FormData();
    if (input.input.files[0]) data.set("file", input.input.files[0]);
    data.set("title_en", titleEn.input.value);
    data.set("title_fr", titleFr.input.value);
    try {
      const response = await fetch(urls.fileUpload, {
        method: "POST",
        body: data,
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRFToken": surface.csrfToken() },
      });
      const answer = await response.json();
      // The very file may be there already: then that is the one.
      if (response.ok || answer.existing) {
        chosen = answer.existing ?? answer;
        search.input.value = "";
        view("library");
        await load(1);
        // A long list may begin with others: the new one is there in any case.
        if (!list.querySelector("input:checked")) list.prepend(option(chosen));
        list.querySelector("input:checked").focus();
      } else {
        refuse(answer.errors ?? {});
      }
    } catch (error) {
      console.error(error);
      problem.textContent = t("server_away");
    } finally {
      sending = false;
      button.disabled = false;
      button.textContent = t("upload");
    }
  }

  function refuse(errors) {
    for (const [name, messages] of Object.entries(errors)) {
      const text = [messages].flat().map(textOf).join(" ");
      if (fields[name]) fields[name].error(text);
      else problem.textContent += `${text} `;
    }
    (Object.entries(fields).find(([name]) => errors[name])?.[1].input ?? button).focus();
  }

  const library = el("div", {}, search.element, list, pager);
  const tabs = {
    library: el("button", { type: "button", on: { click: () => view("library") } }, t("files")),
    upload: el("button", { type: "button", on: { click: () => view("upload") } }, t("upload_file")),
  };
  function view(name) {
    library.hidden = name !== "library";
    upload.hidden = name !== "upload";
    for (const [key, tab] of Object.entries(tabs)) tab.setAttribute("aria-pressed", String(key === name));
    library.closest("dialog")?.classList.toggle("editor-dialog--uploading", name === "upload");
    if (name === "upload") input.input.focus();
  }
  if (files) {
    const transfer = new DataTransfer();
    transfer.items.add(files[0]);
    input.input.files = transfer.files;
  }
  view(files ? "upload" : "library");
  load(1);

  return ask(surface, {
    title: t("file_link"),
    className: files ? "editor-dialog--uploading" : "",
    content: [
      el("div", { class: "editor-dialog__views", role: "group", "aria-label": t("files") }, tabs.library, tabs.upload),
      status,
      library,
      upload,
    ],
    submit: t(file ? "apply" : "insert"),
    remove: file ? t("remove_link") : false,
    focus: files ? titleEn.input : search.input,
    read: async () => {
      if (!upload.hidden && input.input.files.length) {
        await send();
        return undefined;
      }
      if (!chosen) {
        status.textContent = t("choose_a_file");
        return undefined;
      }
      return { file: String(chosen.id), label: chosen.title };
    },
  });
}
