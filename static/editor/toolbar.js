// The toolbar (WAI-ARIA APG, "Toolbar"): one stop for the Tab key, arrows inside, Alt+F10 from the
// text, Escape back to it.

import { el, icon } from "document-editor/dom";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** `Mod-Alt-f` as people read it. */
const readable = (keys) =>
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

export const documentTools = () => [
  [history("undo", "undo", "Mod-z"), history("redo", "redo", "Mod-Shift-z")],
  [heading(2, "heading", "Mod-Alt-2"), heading(3, "subheading", "Mod-Alt-3")],
  marks(),
  [
    list("bulletList", "bullets", "bullets", "toggleBulletList", "Mod-Shift-8"),
    list("orderedList", "numbers", "numbers", "toggleOrderedList", "Mod-Shift-7"),
  ],
  [
    action("link", { keys: "Mod-k", needsText: true }),
    action("record", { type: "recordLink", keys: "Mod-Shift-k", needsText: true }),
    action("note", { type: "footnote", keys: "Mod-Alt-f", needsText: true }),
    action("language", { needsText: true }),
  ],
  [
    action("picture", { type: "figure", keys: "Mod-Alt-p" }),
    action("gallery"),
    action("video"),
    action("quote", { type: "blockquote", keys: "Mod-Alt-q" }),
    action("callout"),
    action("keyFigure"),
    action("table", { keys: "Mod-Alt-t" }),
    action("rule", { type: null }),
  ],
];

export const noteTools = () => [
  marks(),
  [
    action("link", { keys: "Mod-k", needsText: true }),
    action("record", { type: "recordLink", keys: "Mod-Shift-k", needsText: true }),
    action("language", { needsText: true }),
  ],
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
        class: `tool tool--${tool.key}`,
        title: tool.keys ? `${name} (${readable(tool.keys)})` : name,
        "aria-label": tool.look || tool.drawing ? name : null,
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
      tool.drawing ? icon(tool.drawing) : (tool.look ?? name),
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
