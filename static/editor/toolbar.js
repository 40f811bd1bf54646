// The toolbar (WAI-ARIA APG, "Toolbar"): one stop for the Tab key, arrows inside, Alt+F10 from the
// text, Escape back to it.

import { el } from "document-editor/dom";
import { hasIcon, icon } from "document-editor/icons";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** `Mod-Alt-f` as people read it. */
export const readableKeys = (keys) =>
  keys
    .split("-")
    .map((key) => (key === "Mod" ? (isMac ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key))
    .join("+");

const ariaKeys = (keys) =>
  keys.replace("Mod", isMac ? "Meta" : "Control").replaceAll("-", "+");

const mark = (name, look, keys) => ({
  key: name,
  look,
  keys,
  run: (editor) => editor.chain().focus().toggleMark(name).run(),
  active: (editor) => editor.isActive(name),
  enabled: (editor) => editor.can().toggleMark(name),
});

const heading = (level, key, keys) => ({
  key,
  keys,
  run: (editor) => editor.chain().focus().toggleHeading({ level }).run(),
  active: (editor) => editor.isActive("heading", { level }),
  enabled: (editor) => editor.can().toggleHeading({ level }),
});

const list = (name, key, drawing, command, keys) => ({
  key,
  drawing,
  keys,
  run: (editor) => editor.chain().focus()[command]().run(),
  active: (editor) => editor.isActive(name),
  enabled: (editor) => editor.can()[command](),
});

/** `action` is a name in the surface's actions; `type` the node or mark that makes it active. */
const action = (key, { type = key, keys, needsText = false } = {}) => ({
  key,
  keys,
  run: (editor) => editor.storage.surface.actions[key](editor),
  active: (editor) => Boolean(type) && editor.isActive(type),
  enabled: (editor) => !needsText || editor.state.selection.$from.parent.inlineContent,
});

const history = (key, drawing, keys) => ({
  key,
  drawing,
  keys,
  run: (editor) => editor.chain().focus()[key]().run(),
  enabled: (editor) => editor.can()[key](),
});

const marks = () => [
  mark("bold", "B", "Mod-b"),
  mark("italic", "I", "Mod-i"),
  mark("subscript", "x₂", "Mod-,"),
  mark("superscript", "x²", "Mod-."),
];

const headings = () => [heading(2, "heading", "Mod-Alt-2"), heading(3, "subheading", "Mod-Alt-3")];

const lists = () => [
  list("bulletList", "bullets", "bullets", "toggleBulletList", "Mod-Shift-8"),
  list("orderedList", "numbers", "numbers", "toggleOrderedList", "Mod-Shift-7"),
];

const link = () => action("link", { keys: "Mod-k", needsText: true });
const record = () => action("record", { type: "recordLink", keys: "Mod-Shift-k", needsText: true });
const note = () => action("note", { type: "footnote", keys: "Mod-Alt-f", needsText: true });
const language = () => action("language", { needsText: true });

const insertions = (surface) => [
  action("picture", { type: "figure", keys: "Mod-Alt-p" }),
  action("gallery", { keys: "Mod-Alt-g" }),
  action("video"),
  // Where the site keeps no files, there is nothing to choose from.
  ...(surface.urls.filePages ? [action("file", { type: "fileLink", needsText: true })] : []),
  action("quote", { type: "blockquote", keys: "Mod-Alt-q" }),
  action("callout"),
  action("keyFigure"),
  action("table", { keys: "Mod-Alt-t" }),
  action("rule", { type: null }),
];

export const documentTools = (surface) => [
  [history("undo", "undo", "Mod-z"), history("redo", "redo", "Mod-Shift-z")],
  headings(),
  marks(),
  lists(),
  [link(), record(), note(), language()],
  insertions(surface),
  [{ ...action("help", { type: null, keys: "Mod-/" }), look: "?", active: null }],
];

/** What the slash menu offers, in its order. */
export const blockTools = (surface) => [
  ...headings(),
  ...lists(),
  ...insertions(surface),
  record(),
  note(),
];

export const noteTools = () => [
  marks(),
  [link(), record(), language()],
];

const inTable = (key, command = key) => ({
  key: `table_${key}`,
  run: (editor) => editor.chain().focus()[command]().run(),
  enabled: (editor) => editor.isActive("table") && editor.can()[command](),
});

const onTable = (key) => ({
  key: `table_${key}`,
  run: (editor) => editor.storage.surface.actions[key](editor),
  enabled: (editor) => editor.isActive("table"),
});

export const tableTools = () => [
  [inTable("addRowBefore"), inTable("addRowAfter"), inTable("deleteRow")],
  [inTable("addColumnBefore"), inTable("addColumnAfter"), inTable("deleteColumn")],
  [inTable("mergeOrSplit"), onTable("headerRow"), onTable("headerColumn"), onTable("tableCaption")],
  [inTable("deleteTable")],
];

const lookOf = ({ key, look, drawing }) =>
  drawing ? "tool--drawn" : !look && hasIcon(key) ? "tool--word" : "";

/** A word where there is room for it, a drawing where there is not: the style sheet chooses. */
const inWordsOrDrawn = (key, name) =>
  hasIcon(key) ? [icon(key), el("span", { class: "tool__word" }, name)] : name;

/** `{element, refresh}`: buttons of the editor, in groups. */
export function toolbar(editor, groups, label) {
  const { t } = editor.storage.surface;
  const tools = groups.flat();
  const buttons = new Map();

  const button = (tool) => {
    const name = t(`tool_${tool.key}`);
    const element = el(
      "button",
      {
        type: "button",
        class: `tool tool--${tool.key} ${lookOf(tool)}`,
        title: tool.keys ? `${name} (${readableKeys(tool.keys)})` : name,
        "aria-label": tool.look || tool.drawing || hasIcon(tool.key) ? name : null,
        // Drawn by the style sheet, so that nothing but the name is read aloud or spoken to.
        "data-look": tool.look ?? null,
        "aria-keyshortcuts": tool.keys ? ariaKeys(tool.keys) : null,
        "aria-pressed": tool.active ? "false" : null,
        tabindex: "-1",
        on: {
          // The selection in the text must not go away with the press.
          mousedown: (event) => event.preventDefault(),
          click: () => {
            if (element.getAttribute("aria-disabled") !== "true") tool.run(editor);
          },
        },
      },
      tool.drawing ? icon(tool.drawing) : tool.look ? "" : inWordsOrDrawn(tool.key, name),
    );
    buttons.set(tool, element);
    return element;
  };

  const element = el(
    "div",
    { class: "document-toolbar", role: "toolbar", "aria-label": label },
    groups.map((group) => el("div", { class: "tool-group", role: "group" }, group.map(button))),
  );
  const all = [...element.querySelectorAll("button")];
  all[0].tabIndex = 0;

  const goTo = (target) => {
    for (const one of all) one.tabIndex = one === target ? 0 : -1;
    target.focus();
  };
  element.addEventListener("keydown", (event) => {
    const index = all.indexOf(document.activeElement);
    const target = {
      ArrowRight: all[(index + 1) % all.length],
      ArrowLeft: all[(index - 1 + all.length) % all.length],
      Home: all[0],
      End: all.at(-1),
    }[event.key];
    if (target) {
      event.preventDefault();
      goTo(target);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      editor.view.focus();
    }
  });
  element.addEventListener("focusin", (event) => {
    if (all.includes(event.target)) for (const one of all) one.tabIndex = one === event.target ? 0 : -1;
  });

  function refresh() {
    for (const [tool, one] of buttons) {
      one.setAttribute("aria-disabled", String(!tool.enabled(editor)));
      if (tool.active) one.setAttribute("aria-pressed", String(tool.active(editor)));
    }
  }
  // Once a frame: asking what is possible takes longer than typing a letter.
  let asked = 0;
  editor.on("transaction", () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      if (!editor.isDestroyed) refresh();
    });
  });
  refresh();
  return { element, refresh, focus: () => all.find((one) => one.tabIndex === 0).focus() };
}
