// Names of the register: type a few letters, get the laboratory, person, start-up or founding
// member. A combobox as WAI-ARIA describes it (APG, "Editable Combobox With List Autocomplete").

import { ask, field } from "document-editor/dialogs";
import { el, freshId, getJSON } from "document-editor/dom";

/** A text field that finds records: `{element, input, error, record}`; `record` is a reference or null. */
export function recordField(surface, { label, help, value = "", record = null }) {
  const { t } = surface;
  const listId = freshId("records");
  const box = field({
    label,
    help,
    value,
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
  });
  const { input } = box;
  const list = el("ul", { id: listId, class: "record-list", role: "listbox", "aria-label": label });
  list.hidden = true;
  const status = el("p", { class: "editor-visually-hidden", role: "status" });
  const linked = el("p", { class: "record-linked" });
  box.element.append(list, status, linked);

  const state = { ...box, record, label: value, onChoose: null };
  let options = [];
  let active = -1;
  let pause;
  let asked;

  function tell() {
    linked.hidden = !state.record;
    linked.replaceChildren(
      ...(state.record
        ? [
            el("span", {}, t("linked_to", { name: state.label })),
            " ",
            el("button", { type: "button", on: { click: unlink } }, t("unlink")),
          ]
        : []),
    );
  }

  function unlink() {
    state.record = null;
    tell();
    input.focus();
  }

  /** The dialog makes room for the list. */
  const makeRoom = (open) => input.closest("dialog")?.classList.toggle("editor-dialog--listing", open);

  function close() {
    list.hidden = true;
    makeRoom(false);
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((item, position) => {
      item.setAttribute("aria-selected", String(position === index));
      if (position === index) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    });
  }

  function choose(found) {
    state.record = found.ref;
    state.label = found.label;
    input.value = found.label;
    box.error("");
    close();
    tell();
    state.onChoose?.(found);
  }

  async function look() {
    asked?.abort();
    const q = input.value.trim();
    if (!q) {
      close();
      return;
    }
    asked = new AbortController();
    let results;
    try {
      ({ results } = await getJSON(surface.urls.records, { q }, { signal: asked.signal }));
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = t("server_away");
      return;
    }
    if (!input.isConnected || document.activeElement !== input) return;
    options = results;
    list.replaceChildren(
      ...results.map((found) =>
        el(
          "li",
          {
            id: freshId("record"),
            role: "option",
            "aria-selected": "false",
            // Before the click takes the focus away from the field.
            on: {
              mousedown: (event) => {
                event.preventDefault();
                choose(found);
              },
            },
          },
          el("span", { class: "record-list__label" }, found.label),
          el("span", { class: "record-list__kind" }, [found.kind, found.detail].filter(Boolean).join(" · ")),
        ),
      ),
    );
    status.textContent = results.length
      ? t("names_found", { count: results.length })
      : t("no_name_found");
    list.hidden = !results.length;
    makeRoom(!list.hidden);
    input.setAttribute("aria-expanded", String(Boolean(results.length)));
    active = -1;
    input.removeAttribute("aria-activedescendant");
  }

  input.addEventListener("input", () => {
    if (!input.value.trim()) {
      state.record = null;
      tell();
    }
    clearTimeout(pause);
    pause = setTimeout(look, 150);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) {
        look();
        return;
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((active + step + options.length) % options.length);
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      choose(options[active]);
    } else if (event.key === "Escape" && open) {
      // The list first, the dialog with the next one.
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });

  tell();
  return state;
}

/** Resolves to `{record, label}`, REMOVE, or null. */
export function askRecord(surface, { record = null, text = "" }) {
  const { t } = surface;
  const name = recordField(surface, { label: t("name"), help: t("name_help"), value: text });
  if (record) {
    name.record = record;
    name.label = text;
  }
  return ask(surface, {
    title: t("record_link"),
    content: [name.element],
    submit: t(record ? "apply" : "insert"),
    remove: record ? t("remove_link") : false,
    read: () => {
      if (!name.record) {
        name.error(t("choose_a_name"));
        name.input.focus();
        return undefined;
      }
      return { record: name.record, label: name.label };
    },
  });
}

/** Who says it: `{speaker, record, role}`, REMOVE, or null. */
export function askSpeaker(surface, { speaker, record, role } = {}, isNew = true) {
  const { t } = surface;
  const name = recordField(surface, {
    label: t("speaker"),
    help: t("speaker_help"),
    value: speaker ?? "",
    record,
  });
  const title = field({ label: t("role"), help: t("role_help"), value: role ?? "" });
  return ask(surface, {
    title: t("quote"),
    content: [name.element, title.element],
    submit: t(isNew ? "insert" : "apply"),
    remove: isNew ? false : t("remove_quote"),
    read: () => {
      const typed = name.input.value.trim();
      return {
        speaker: typed || null,
        record: typed ? name.record : null,
        role: title.input.value.trim() || null,
      };
    },
  });
}
