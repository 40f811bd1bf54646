// Getting about among blocks with the keyboard: out of them, from one to the next, moving them.

import { Extension, pm } from "django-prose-editor/editor";

const { NodeSelection, Plugin, TextSelection } = pm.state;

/** The blocks at the top that a selection touches: `{from, to, first, last}`, in positions and places. */
function blocksHere({ selection, doc }) {
  const { $from, $to } = selection;
  const first = $from.index(0);
  const last = $to.depth ? $to.index(0) : Math.max(first, $to.index(0) - 1);
  if (first >= doc.childCount) return null;
  let from = 0;
  for (let index = 0; index < first; index++) from += doc.child(index).nodeSize;
  let to = from;
  for (let index = first; index <= last; index++) to += doc.child(index).nodeSize;
  return { from, to, first, last };
}

/** The item of a list the caret is in, with its place among the others, or null. */
function itemHere({ selection }) {
  const { $from, $to } = selection;
  for (let depth = $from.depth; depth > 0; depth--) {
    if ($from.node(depth).type.name !== "listItem") continue;
    if (depth > $to.depth || $to.node(depth) !== $from.node(depth)) return null;
    const index = $from.index(depth - 1);
    return { parent: $from.node(depth - 1), index, from: $from.before(depth), to: $from.after(depth) };
  }
  return null;
}

/** The neighbour goes to the other side, so that the selection stays where it is, in what moves. */
function swap(tr, { from, to }, neighbour, step) {
  if (step < 0) tr.insert(to, neighbour).delete(from - neighbour.nodeSize, from);
  else tr.delete(to, to + neighbour.nodeSize).insert(from, neighbour);
  return tr;
}

/** Moves what the caret is in one place up or down: the item of a list, or else the whole block. */
function move(editor, step) {
  const { state, view, storage } = editor;
  const { t, announce } = storage.surface;
  const item = itemHere(state);
  const beside = item && item.parent.maybeChild(item.index + step);
  if (beside) {
    view.dispatch(swap(state.tr, item, beside, step).scrollIntoView());
    announce(t("moved_to", { number: item.index + 1 + step, count: item.parent.childCount }));
    return true;
  }
  const blocks = blocksHere(state);
  const place = step < 0 ? blocks?.first - 1 : blocks?.last + 1;
  const neighbour = blocks && state.doc.maybeChild(place);
  if (!neighbour) {
    announce(t(step < 0 ? "moved_first" : "moved_last"));
    return true;
  }
  view.dispatch(swap(state.tr, blocks, neighbour, step).scrollIntoView());
  announce(t("moved_to", { number: blocks.first + 1 + step, count: state.doc.childCount }));
  return true;
}

/** The innermost block that is more than a line of text: figure, quotation, callout, table. */
function blockAround({ $from }) {
  const names = ["figure", "gallery", "video", "blockquote", "callout", "keyFigure", "table"];
  for (let depth = $from.depth; depth > 0; depth--) {
    if (names.includes($from.node(depth).type.name)) return $from.before(depth);
  }
  return null;
}

/** A new paragraph beside the block at the top, before or after it. */
export const paragraphBeside =
  (side) =>
  ({ state, tr, dispatch }) => {
    const { $from, $to, from, to } = state.selection;
    const at = side < 0 ? ($from.depth ? $from.before(1) : from) : $to.depth ? $to.after(1) : to;
    if (dispatch) {
      tr.insert(at, state.schema.nodes.paragraph.create());
      tr.setSelection(TextSelection.create(tr.doc, at + 1)).scrollIntoView();
    }
    return true;
  };

export const Moves = Extension.create({
  name: "moves",
  addCommands: () => ({
    leaveBlock: () => paragraphBeside(1),
    paragraphBefore: () => paragraphBeside(-1),
  }),
  addKeyboardShortcuts() {
    const { editor } = this;
    return {
      "Mod-Enter": () => editor.commands.leaveBlock(),
      "Mod-Shift-Enter": () => editor.commands.paragraphBefore(),
      "Alt-Shift-ArrowUp": () => move(editor, -1),
      "Alt-Shift-ArrowDown": () => move(editor, 1),
      // The block as a whole: arrows lead on from it, Delete removes it, Enter changes it.
      Escape: () => {
        const { selection } = editor.state;
        if (selection instanceof NodeSelection) return false;
        const at = blockAround(selection);
        return at !== null && editor.commands.setNodeSelection(at);
      },
    };
  },
  addProseMirrorPlugins() {
    return [
      new Plugin({
        props: {
          // A letter typed on a selected picture would take its place: it goes below instead.
          handleTextInput(view, _from, _to, text) {
            const { selection, schema, tr } = view.state;
            if (!(selection instanceof NodeSelection) || selection.node.isInline) return false;
            const at = selection.to;
            tr.insert(at, schema.nodes.paragraph.create(null, schema.text(text)));
            tr.setSelection(TextSelection.create(tr.doc, at + 1 + text.length));
            view.dispatch(tr.scrollIntoView());
            return true;
          },
        },
      }),
    ];
  },
});
