// The slash menu: `/` in an empty paragraph lists every block there is, and what is typed after it
// chooses among them, in English or French. The focus stays in the text; the list is told by
// `aria-activedescendant` (WAI-ARIA APG, "Editable Combobox With List Autocomplete").

import { pm } from "django-prose-editor/editor";
import { el, freshId } from "document-editor/dom";
import { icon } from "document-editor/icons";
import { blockTools, readableKeys } from "document-editor/toolbar";

const { Plugin, PluginKey } = pm.state;

const LONGEST = 30;

export const folded = (text) =>
  text.toLowerCase().replaceAll("œ", "oe").replaceAll("æ", "ae").replaceAll("’", "'").normalize("NFD").replace(/\p{M}/gu, "");

/** What may be put in, the likeliest first: by its name, then by any other word for it. */
export function matching(entries, query) {
  const asked = folded(query.trim());
  if (!asked) return entries;
  return entries
    .map((entry, index) => {
      const words = folded(entry.name).split(/\s+/);
      const rank = folded(entry.name).startsWith(asked)
        ? 0
        : words.some((word) => word.startsWith(asked))
          ? 1
          : entry.words.some((word) => folded(word).startsWith(asked))
            ? 2
            : -1;
      return { entry, rank, index };
    })
    .filter(({ rank }) => rank >= 0)
    .sort((one, other) => one.rank - other.rank || one.index - other.index)
    .map(({ entry }) => entry);
}

/** The paragraph that holds nothing but `/` and what is looked for: `{from, to, query}` or null. */
function slashAt(state) {
  const { $from, empty } = state.selection;
  if (!empty || $from.depth !== 1 || $from.parent.type.name !== "paragraph") return null;
  if ($from.parentOffset !== $from.parent.content.size) return null;
  const match = /^\s*\/([^/\n]*)$/.exec($from.parent.textBetween(0, $from.parentOffset, null, "\n"));
  if (!match || match[1].length > LONGEST) return null;
  return { from: $from.start(), to: $from.pos, query: match[1] };
}

/** A plugin for one editor; its list is shown within `page`. */
export function slashMenu(editor, page) {
  const { surface } = editor.storage;
  const { t } = surface;
  const key = new PluginKey("slash");
  const listId = freshId("slash");
  const entries = blockTools(surface).map((tool) => ({
    tool,
    id: freshId("slash-option"),
    name: t(`tool_${tool.key}`),
    words: surface.keywords[tool.key] ?? [],
  }));

  const list = el("ul", {
    id: listId,
    class: "slash-menu",
    role: "listbox",
    "aria-label": t("slash_menu"),
    // It may have to be scrolled; Tab chooses and never comes here.
    tabindex: "0",
    // Before the press takes the focus away from the text.
    on: { mousedown: (event) => event.preventDefault() },
  });
  list.hidden = true;

  const closed = { open: false, active: 0, shown: [], at: null };

  function next(transaction, last, state) {
    const told = transaction.getMeta(key);
    const at = slashAt(state);
    if (!at || told === "close") return closed;
    // It opens by being typed, not by coming to a line that happens to begin so.
    const typed = transaction.docChanged && at.query === "" && !transaction.getMeta("history$");
    if (!last.open && !typed) return closed;
    const same = last.open && last.at.query === at.query;
    const shown = same ? last.shown : matching(entries, at.query);
    const active = Number.isInteger(told) ? told : same ? last.active : 0;
    return { open: shown.length > 0 || !at.query, active, shown, at };
  }

  function choose(entry) {
    const { at } = key.getState(editor.state);
    const { tr } = editor.state;
    tr.delete(at.from, at.to).setMeta(key, "close");
    editor.view.dispatch(tr);
    editor.view.focus();
    entry.tool.run(editor);
  }

  function mark(index) {
    editor.view.dispatch(editor.state.tr.setMeta(key, index));
  }

  function draw({ shown, active }) {
    list.replaceChildren(
      ...shown.map((entry, index) =>
        el(
          "li",
          {
            id: entry.id,
            role: "option",
            "aria-selected": String(index === active),
            on: {
              click: () => choose(entry),
              mousemove: () => {
                if (key.getState(editor.state).active !== index) mark(index);
              },
            },
          },
          icon(entry.tool.key),
          el("span", { class: "slash-menu__name" }, entry.name),
          entry.tool.keys ? el("kbd", { "aria-hidden": "true" }, readableKeys(entry.tool.keys)) : null,
        ),
      ),
    );
  }

  function place(view, { from }) {
    const caret = view.coordsAtPos(from);
    const frame = page.getBoundingClientRect();
    const below = window.innerHeight - caret.bottom;
    const above = below < list.offsetHeight + 16 && caret.top > below;
    list.classList.toggle("slash-menu--above", above);
    const left = Math.max(8, Math.min(caret.left - frame.left, frame.width - list.offsetWidth - 8));
    list.style.setProperty("--left", `${left}px`);
    list.style.setProperty(
      "--top",
      `${above ? caret.top - frame.top - list.offsetHeight - 6 : caret.bottom - frame.top + 6}px`,
    );
  }

  return new Plugin({
    key,
    state: {
      init: () => closed,
      apply: (transaction, last, _before, state) => next(transaction, last, state),
    },
    props: {
      attributes: (state) => {
        const { open, shown, active } = key.getState(state);
        return open && shown.length
          ? {
              "aria-controls": listId,
              "aria-autocomplete": "list",
              "aria-haspopup": "listbox",
              "aria-activedescendant": shown[active].id,
            }
          : {};
      },
      handleKeyDown: (_view, event) => {
        const { open, shown, active } = key.getState(editor.state);
        if (!open || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
        const last = shown.length - 1;
        if (event.key === "Escape") {
          // Only the list: a dialog around the form stays.
          event.stopPropagation();
          editor.view.dispatch(editor.state.tr.setMeta(key, "close"));
          return true;
        }
        if (last < 0) return false;
        const target = {
          ArrowDown: active === last ? 0 : active + 1,
          ArrowUp: active === 0 ? last : active - 1,
          PageDown: Math.min(last, active + 6),
          PageUp: Math.max(0, active - 6),
        }[event.key];
        if (target !== undefined) {
          mark(target);
          return true;
        }
        if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
          choose(shown[active]);
          return true;
        }
        return false;
      },
      handleDOMEvents: {
        blur: () => {
          if (key.getState(editor.state).open) editor.view.dispatch(editor.state.tr.setMeta(key, "close"));
          return false;
        },
      },
    },
    view: () => {
      page.append(list);
      return {
        update(view, before) {
          const now = key.getState(view.state);
          const last = key.getState(before);
          if (now === last) return;
          list.hidden = !now.open || !now.shown.length;
          if (list.hidden) return;
          if (now.shown !== last.shown) {
            draw(now);
            place(view, now.at);
            if (now.at.query !== last.at?.query) surface.announce(t("blocks_found", { count: now.shown.length }));
          }
          [...list.children].forEach((option, index) => {
            option.setAttribute("aria-selected", String(index === now.active));
          });
          list.children[now.active].scrollIntoView({ block: "nearest" });
        },
        destroy: () => list.remove(),
      };
    },
  });
}
