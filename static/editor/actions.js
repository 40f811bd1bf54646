// What the toolbar, the keys and the buttons beside a block do: each asks what it needs to know in a
// dialog and makes one change, which one "undo" takes back.

import { pm } from "django-prose-editor/editor";
import { ask, field, REMOVE } from "document-editor/dialogs";
import { el } from "document-editor/dom";
import { askFile } from "document-editor/files";
import { showKeys } from "document-editor/help";
import { askNote } from "document-editor/notes";
import { choosePictures, picture as lookUp, remember } from "document-editor/pictures";
import { askRecord, askSpeaker } from "document-editor/records";
import { inlineTo, isAddress } from "document-editor/schema";
import { askUploads } from "document-editor/uploads";

const { NodeSelection, Selection } = pm.state;

/** The block of a type the selection is in, or is: `{node, pos}` or null. */
export function blockHere(editor, name) {
  const { selection } = editor.state;
  if (selection instanceof NodeSelection && selection.node.type.name === name) {
    return { node: selection.node, pos: selection.from };
  }
  const { $from } = selection;
  for (let depth = $from.depth; depth > 0; depth--) {
    if ($from.node(depth).type.name === name) {
      return { node: $from.node(depth), pos: $from.before(depth) };
    }
  }
  return null;
}

/** Puts a block after the one the selection is in, or in the place of an empty paragraph. */
export function insertBlock(editor, json) {
  const { state, view } = editor;
  const { $from, to } = state.selection;
  const node = state.schema.nodeFromJSON(json);
  const { tr } = state;
  const top = $from.depth ? $from.node(1) : null;
  let at = to;
  if (top?.type.name === "paragraph" && !top.content.size) {
    at = $from.before(1);
    tr.replaceWith(at, $from.after(1), node);
  } else {
    if (top) at = $from.after(1);
    tr.insert(at, node);
  }
  const inside = node.isAtom || !node.content.size && !node.inlineContent ? at + node.nodeSize : at + 1;
  tr.setSelection(Selection.near(tr.doc.resolve(Math.min(inside, tr.doc.content.size)), 1));
  view.dispatch(tr.scrollIntoView());
  view.focus();
}

function setAttributes(editor, { node, pos }, attrs) {
  editor.view.dispatch(editor.state.tr.setNodeMarkup(pos, null, { ...node.attrs, ...attrs }));
  editor.view.focus();
}

function removeBlock(editor, { node, pos }) {
  editor.view.dispatch(editor.state.tr.delete(pos, pos + node.nodeSize).scrollIntoView());
  editor.view.focus();
}

/** The block itself goes, what is written in it stays. */
function unwrap(editor, { node, pos }) {
  const { tr } = editor.state;
  tr.replaceWith(pos, pos + node.nodeSize, node.content);
  tr.setSelection(Selection.near(tr.doc.resolve(pos + 1)));
  editor.view.dispatch(tr);
  editor.view.focus();
}

function wrap(editor, name, attrs = {}) {
  const inTop = editor.state.selection.$from.depth === 1;
  if (inTop && editor.can().wrapIn(name)) editor.chain().focus().wrapIn(name, attrs).run();
  else insertBlock(editor, { type: name, attrs, content: [{ type: "paragraph" }] });
}

async function figure(editor, name, options, toAttrs) {
  const here = blockHere(editor, name);
  const answer = await choosePictures(editor.storage.surface, here ? options(here.node.attrs) : options(null));
  if (answer === null) editor.view.focus();
  else if (answer === REMOVE) removeBlock(editor, here);
  else if (here) setAttributes(editor, here, toAttrs(answer));
  else insertBlock(editor, { type: name, attrs: toAttrs(answer) });
}

export function picture(editor, files = null) {
  return figure(
    editor,
    "figure",
    (attrs) => (attrs ? { ids: [attrs.image], width: attrs.width, alt: attrs.alt } : { files }),
    ({ ids, width, alt }) => ({ image: ids[0], width, alt }),
  );
}

export function gallery(editor) {
  return figure(
    editor,
    "gallery",
    (attrs) => ({ multiple: true, ids: attrs?.images?.split(" ") ?? [] }),
    ({ ids }) => ({ images: ids.join(" ") }),
  );
}

/** Pictures that were dropped or pasted as files: one in the usual dialog, several in one of theirs. */
export async function pictureFiles(editor, files) {
  if (files.length === 1) {
    await picture(editor, files);
    return;
  }
  const { surface } = editor.storage;
  const answer = await askUploads(surface, files, { lookUp: (id) => lookUp(surface, id) });
  const found = (answer?.results ?? []).filter(Boolean);
  found.forEach(remember);
  if (!found.length) editor.view.focus();
  else if (answer.gallery) {
    insertBlock(editor, { type: "gallery", attrs: { images: found.map(({ id }) => id).join(" ") } });
  } else {
    for (const { id } of found) insertBlock(editor, { type: "figure", attrs: { image: String(id) } });
  }
}

/** Pictures that came within a pasted text stand there as `pending-…` until they are uploaded. */
export async function broughtPictures(editor, brought) {
  const { surface } = editor.storage;
  const files = brought.map(({ file }) => file);
  const answer = await askUploads(surface, files, {
    lookUp: (id) => lookUp(surface, id),
    placed: true,
  });
  const results = answer?.results ?? files.map(() => null);
  results.filter(Boolean).forEach(remember);
  const { tr } = editor.state;
  const places = [];
  editor.state.doc.descendants((node, pos) => {
    const index = brought.findIndex(({ mark }) => node.type.name === "figure" && node.attrs.image === mark);
    if (index >= 0) places.push({ node, pos, found: results[index] });
    return !node.isTextblock;
  });
  // From the end, so that the places before stay what they are.
  for (const { node, pos, found } of places.reverse()) {
    if (found) tr.setNodeMarkup(pos, null, { ...node.attrs, image: String(found.id) });
    else tr.delete(pos, pos + node.nodeSize);
  }
  if (tr.docChanged) editor.view.dispatch(tr);
  const left = results.filter((found) => !found).length;
  if (left) surface.say(surface.t(left === 1 ? "picture_left_out" : "pictures_left_out", { count: left }));
  editor.view.focus();
}

export async function file(editor, files = null) {
  const { surface } = editor.storage;
  if (!files) selectMark(editor, "fileLink");
  const known = files ? null : (editor.getAttributes("fileLink").file ?? null);
  const answer = await askFile(surface, { file: known, files });
  if (answer === null) editor.view.focus();
  else if (answer === REMOVE) removeMark(editor, "fileLink");
  else putMark(editor, "fileLink", { file: answer.file }, answer.label);
}

export async function help(editor) {
  await showKeys(editor.storage.surface);
  editor.view.focus();
}

const VIDEO_ADDRESSES = [
  ["youtube", /(?:youtu\.be\/|youtube(?:-nocookie)?\.com\/(?:watch\?(?:.*&)?v=|embed\/|shorts\/|live\/))([\w-]{1,64})/i],
  ["vimeo", /vimeo\.com\/(?:.*\/)?(\d{1,64})/i],
  ["dailymotion", /(?:dai\.ly\/|dailymotion\.com\/(?:embed\/)?video\/)([A-Za-z0-9]{1,64})/i],
];

/** `youtube:ID` from the address of a video's page, or null. */
export function videoFrom(address) {
  for (const [provider, pattern] of VIDEO_ADDRESSES) {
    const match = pattern.exec(address);
    if (match) return `${provider}:${match[1]}`;
  }
  return /^(youtube|vimeo|dailymotion):[\w-]{1,64}$/.test(address.trim()) ? address.trim() : null;
}

export async function video(editor) {
  const { surface } = editor.storage;
  const { t } = surface;
  const here = blockHere(editor, "video");
  const address = field({
    label: t("video_address"),
    help: t("video_help"),
    value: here?.node.attrs.video ?? "",
    inputmode: "url",
  });
  let poster = here?.node.attrs.poster ?? null;
  const shown = el("div", { class: "video-poster" });
  const choose = async () => {
    const answer = await choosePictures(surface, { ids: poster ? [poster] : [], plain: true });
    if (answer === REMOVE) poster = null;
    else if (answer) [poster] = answer.ids;
    await show();
    shown.querySelector("button").focus();
  };
  async function show() {
    const found = poster ? await lookUp(surface, poster) : null;
    shown.replaceChildren(
      ...(found ? [el("img", { src: found.thumb, alt: found.title, width: 150, height: 100 })] : []),
      el("button", { type: "button", on: { click: choose } }, t(poster ? "change_poster" : "choose_poster")),
    );
  }
  show();
  const answer = await ask(surface, {
    title: t("video"),
    content: [
      address.element,
      el(
        "div",
        { class: "editor-field" },
        el("p", { class: "editor-label" }, t("poster")),
        shown,
        el("p", { class: "editor-field__help" }, t("poster_help")),
      ),
    ],
    submit: t(here ? "apply" : "insert"),
    remove: Boolean(here),
    read: () => {
      const found = videoFrom(address.input.value);
      if (found) return { video: found, poster };
      address.error(t("video_unknown"));
      address.input.focus();
      return undefined;
    },
  });
  if (answer === null) editor.view.focus();
  else if (answer === REMOVE) removeBlock(editor, here);
  else if (here) setAttributes(editor, here, answer);
  else insertBlock(editor, { type: "video", attrs: answer });
}

export async function quote(editor) {
  const here = blockHere(editor, "blockquote");
  const answer = await askSpeaker(editor.storage.surface, here?.node.attrs, !here);
  if (answer === null) editor.view.focus();
  else if (answer === REMOVE) unwrap(editor, here);
  else if (here) setAttributes(editor, here, answer);
  else wrap(editor, "blockquote", answer);
}

const toggleAside = (name) => (editor) => {
  const here = blockHere(editor, name);
  if (here) unwrap(editor, here);
  else wrap(editor, name);
};

export const callout = toggleAside("callout");
export const keyFigure = toggleAside("keyFigure");

export const rule = (editor) => insertBlock(editor, { type: "horizontalRule" });

// --- in the line of text -------------------------------------------------------------------------

/** The whole of the mark the caret is in, so that it is changed as one. */
function selectMark(editor, name) {
  if (editor.isActive(name)) editor.commands.extendMarkRange(name);
}

/** The selection without the spaces around it, which a double click takes along on some systems. */
function wordsSelected({ selection: { $from, $to, from, to }, doc }) {
  if (!$from.sameParent($to)) return { from, to };
  const text = doc.textBetween(from, to, null, "\ufffc");
  if (!text.trim()) return { from, to };
  return {
    from: from + text.length - text.trimStart().length,
    to: to - (text.length - text.trimEnd().length),
  };
}

function putMark(editor, name, attrs, text) {
  const chain = editor.chain().focus();
  if (editor.state.selection.empty) {
    chain
      .insertContent({ type: "text", text, marks: [{ type: name, attrs }] })
      .unsetMark(name)
      .run();
  } else {
    const { from, to } = wordsSelected(editor.state);
    chain.setTextSelection({ from, to }).setMark(name, attrs).setTextSelection(to).unsetMark(name).run();
  }
}

function removeMark(editor, name) {
  editor.chain().focus().extendMarkRange(name).unsetMark(name).run();
}

export async function link(editor) {
  const { surface } = editor.storage;
  const { t } = surface;
  const known = editor.isActive("link");
  selectMark(editor, "link");
  const { empty } = editor.state.selection;
  const address = field({
    label: t("address"),
    help: t("address_help"),
    value: editor.getAttributes("link").href ?? "",
    inputmode: "url",
  });
  const text = field({ label: t("link_text") });
  const answer = await ask(surface, {
    title: t("link"),
    content: [address.element, empty ? text.element : null],
    submit: t(known ? "apply" : "insert"),
    remove: known ? t("remove_link") : false,
    read: () => {
      let href = address.input.value.trim();
      if (/^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(href)) href = `https://${href}`;
      else if (/^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/.test(href)) href = `mailto:${href}`;
      if (!isAddress(href)) {
        address.error(t("address_wrong"));
        address.input.focus();
        return undefined;
      }
      return href;
    },
  });
  if (answer === null) editor.view.focus();
  else if (answer === REMOVE) removeMark(editor, "link");
  else putMark(editor, "link", { href: answer }, text.input.value.trim() || answer);
}

export async function record(editor) {
  const { surface } = editor.storage;
  selectMark(editor, "recordLink");
  const { from, to } = editor.state.selection;
  const answer = await askRecord(surface, {
    record: editor.getAttributes("recordLink").record ?? null,
    text: editor.state.doc.textBetween(from, to, " ").slice(0, 100),
  });
  if (answer === null) editor.view.focus();
  else if (answer === REMOVE) removeMark(editor, "recordLink");
  else putMark(editor, "recordLink", { record: answer.record }, answer.label);
}

export async function language(editor) {
  const { surface } = editor.storage;
  const { t } = surface;
  const known = editor.isActive("language");
  selectMark(editor, "language");
  if (editor.state.selection.empty) {
    surface.say(t("select_first"));
    editor.view.focus();
    return;
  }
  const current = editor.getAttributes("language").lang ?? "";
  const names = new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" });
  const codes = new Set(["en", "fr", "de", "es", "it", "la", "pt", "nl", ...(current ? [current] : [])]);
  codes.delete(surface.language);
  const choice = field({
    label: t("language_of_passage"),
    help: t("language_help"),
    options: [...codes].map((code) => [code, names.of(code)]),
    value: current || [...codes][0],
  });
  const answer = await ask(surface, {
    title: t("language"),
    content: [choice.element],
    remove: known,
    read: () => choice.input.value,
  });
  if (answer === null) editor.view.focus();
  else if (answer === REMOVE) removeMark(editor, "language");
  else editor.chain().focus().setMark("language", { lang: answer }).run();
}

export async function note(editor) {
  const here = blockHere(editor, "footnote");
  const answer = await askNote(editor, here);
  const { tr, schema } = editor.state;
  if (answer === REMOVE) {
    tr.delete(here.pos, here.pos + here.node.nodeSize);
  } else if (answer?.sameAs) {
    const { first } = answer.sameAs;
    let { name } = answer.sameAs;
    if (!name) {
      // The first call gets the name under which the second calls the same note.
      name = freeName(editor);
      tr.setNodeMarkup(first, null, { ...editor.state.doc.nodeAt(first).attrs, name });
    }
    const { content } = editor.state.doc.nodeAt(first).attrs;
    tr.insert(tr.selection.to, schema.nodes.footnote.create({ name, content }));
  } else if (answer && here) {
    const { name } = here.node.attrs;
    editor.state.doc.descendants((node, pos) => {
      const same = pos === here.pos || (name && node.type.name === "footnote" && node.attrs.name === name);
      if (same) tr.setNodeMarkup(pos, null, { ...node.attrs, content: answer.content });
    });
  } else if (answer) {
    tr.insert(tr.selection.to, schema.nodes.footnote.create({ name: "", content: answer.content }));
    tr.setSelection(Selection.near(tr.doc.resolve(tr.selection.to), 1));
  }
  if (tr.docChanged) editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

function freeName(editor) {
  const names = new Set();
  editor.state.doc.descendants((node) => {
    if (node.type.name === "footnote") names.add(node.attrs.name);
  });
  let number = 1;
  while (names.has(`n${number}`)) number += 1;
  return `n${number}`;
}

// --- tables --------------------------------------------------------------------------------------

const cell = (type, scope) => ({
  type,
  attrs: scope ? { scope } : {},
  content: [{ type: "paragraph" }],
});

export async function table(editor) {
  const { surface } = editor.storage;
  const { t } = surface;
  const rows = field({ label: t("rows"), type: "number", min: 1, max: 50, value: 3 });
  const columns = field({ label: t("columns"), type: "number", min: 1, max: 20, value: 3 });
  const head = field({ label: t("header_row"), type: "checkbox", value: true });
  const caption = field({ label: t("table_caption"), help: t("table_caption_help") });
  const answer = await ask(surface, {
    title: t("table"),
    content: [
      el("div", { class: "editor-fields-in-a-row" }, rows.element, columns.element),
      head.element,
      caption.element,
    ],
    submit: t("insert"),
    read: () => {
      for (const one of [rows, columns]) {
        one.error(one.input.validity.valid ? "" : t("number_between", { min: one.input.min, max: one.input.max }));
      }
      const wrong = [rows, columns].find((one) => !one.input.validity.valid);
      wrong?.input.focus();
      return wrong
        ? undefined
        : {
            rows: Number(rows.input.value),
            columns: Number(columns.input.value),
            head: head.input.checked,
            caption: caption.input.value.trim(),
          };
    },
  });
  if (answer === null) {
    editor.view.focus();
    return;
  }
  insertBlock(editor, {
    type: "table",
    attrs: { caption: answer.caption ? [{ type: "text", text: answer.caption }] : null },
    content: Array.from({ length: answer.rows }, (_, row) => ({
      type: "tableRow",
      attrs: { head: answer.head && row === 0 },
      content: Array.from({ length: answer.columns }, () =>
        answer.head && row === 0 ? cell("tableHeader", "col") : cell("tableCell"),
      ),
    })),
  });
}

export async function tableCaption(editor) {
  const { surface } = editor.storage;
  const { t } = surface;
  const here = blockHere(editor, "table");
  const kept = here.node.attrs.caption;
  const before = kept ? el("p", {}, inlineTo(editor.schema, kept)).textContent : "";
  const caption = field({ label: t("table_caption"), help: t("table_caption_help"), value: before });
  const answer = await ask(surface, {
    title: t("table_caption"),
    content: [caption.element],
    read: () => caption.input.value.trim(),
  });
  // Unchanged words keep their formatting.
  if (answer === null || answer === before) editor.view.focus();
  else setAttributes(editor, here, { caption: answer ? [{ type: "text", text: answer }] : null });
}

const headerCells = (row) => {
  let all = true;
  row.forEach((one) => {
    if (one.type.name !== "tableHeader") all = false;
  });
  return all;
};

/** The first row says what the columns are, or no longer does. */
export function headerRow(editor) {
  const { node: tableNode, pos } = blockHere(editor, "table");
  const first = tableNode.firstChild;
  const on = !(first.attrs.head && headerCells(first));
  const { tr, schema } = editor.state;
  tr.setNodeMarkup(pos + 1, null, { ...first.attrs, head: on });
  first.forEach((one, offset) => {
    tr.setNodeMarkup(pos + 2 + offset, on ? schema.nodes.tableHeader : schema.nodes.tableCell, {
      ...one.attrs,
      scope: on ? "col" : null,
    });
  });
  editor.view.dispatch(tr);
  editor.view.focus();
}

/** The first column says what the rows are, or no longer does. */
export function headerColumn(editor) {
  const { node: tableNode, pos } = blockHere(editor, "table");
  const { tr, schema } = editor.state;
  const cells = [];
  tableNode.forEach((row, offset) => {
    if (!row.attrs.head) cells.push({ node: row.firstChild, at: pos + 2 + offset });
  });
  const on = !cells.every(({ node }) => node.type.name === "tableHeader");
  for (const { node, at } of cells) {
    tr.setNodeMarkup(at, on ? schema.nodes.tableHeader : schema.nodes.tableCell, {
      ...node.attrs,
      scope: on ? "row" : null,
    });
  }
  editor.view.dispatch(tr);
  editor.view.focus();
}
