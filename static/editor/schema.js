// The document's schema for the editor: the same elements as imagine_site/documents/schema.py, as
// Tiptap nodes and marks. What the schema of the site knows and this one does not would be lost when
// somebody opens a text and saves it, so the two are kept equal by a test in the browser.
//
// Order and priority of the marks are those of the canonical form: a link is outermost, then the
// language, then bold, italic, sub, sup.

import {
  Blockquote,
  Bold,
  BulletList,
  Document,
  Dropcursor,
  Extension,
  Gapcursor,
  HardBreak,
  Heading,
  History,
  HorizontalRule,
  Italic,
  Link,
  ListItem,
  Mark,
  Node,
  OrderedList,
  Paragraph,
  Placeholder,
  pm,
  Subscript,
  Superscript,
  Table,
  TableCell,
  TableHeader,
  TableRow,
  Text,
  TrailingNode,
  wrappingInputRule,
} from "django-prose-editor/editor";
import { Moves } from "document-editor/moves";
import { typography } from "document-editor/typography";
import {
  footnoteView,
  galleryView,
  labelledView,
  pictureView,
  quoteView,
  tableView,
  videoView,
} from "document-editor/views";

const { DOMParser: SchemaParser, DOMSerializer, Fragment } = pm.model;

// --- inline content kept in an attribute (notes, table captions) ---------------------------------

/** The inline content of an element as JSON, or null: by construction nothing but the schema's. */
export function inlineFrom(schema, element) {
  const paragraph = SchemaParser.fromSchema(schema).parse(element, {
    topNode: schema.nodes.paragraph.create(),
  });
  return paragraph.content.toJSON();
}

// A note in a note is its text: a reader could not follow two marks at once.
function withoutNotes(content) {
  if (!content) return null;
  const flat = content.flatMap((node) =>
    node.type === "footnote" ? [{ type: "text", text: " " }, ...(node.attrs.content ?? [])] : [node],
  );
  return flat.length ? flat : null;
}

/** That content as DOM nodes. */
export function inlineTo(schema, content) {
  return DOMSerializer.fromSchema(schema).serializeFragment(Fragment.fromJSON(schema, content));
}

const kept = (attribute, name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(attribute) || null,
  renderHTML: (attributes) => (attributes[name] ? { [attribute]: attributes[name] } : {}),
});

// --- blocks --------------------------------------------------------------------------------------

const Headings = Heading.extend({
  parseHTML() {
    return [
      { tag: "h1", attrs: { level: 2 } },
      { tag: "h2", attrs: { level: 2 } },
      ...["h3", "h4", "h5", "h6"].map((tag) => ({ tag, attrs: { level: 3 } })),
    ];
  },
}).configure({ levels: [2, 3] });

const Items = ListItem.extend({ content: "paragraph (paragraph | bulletList | orderedList)*" });

const Numbers = OrderedList.extend({
  addAttributes: () => ({}),
  addNodeView: null,
  parseHTML: () => [{ tag: "ol" }],
  renderHTML: () => ["ol", 0],
  addInputRules() {
    return [wrappingInputRule({ find: /^1[.)]\s$/, type: this.type })];
  },
}).configure({ enableListAttributes: false });

const captionOf = (figure) =>
  figure.querySelector(":scope > figcaption") ?? document.createElement("figcaption");

/** A figure: what it shows is in its attributes, its caption is edited in place. */
const figureNode = (name, tag, attributes, view) =>
  Node.create({
    name,
    group: "block",
    content: "inline*",
    isolating: true,
    defining: true,
    draggable: true,
    addAttributes: () => attributes,
    parseHTML: () => [{ tag, priority: 60, contentElement: captionOf }],
    renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, ["figcaption", 0]],
    addNodeView: () => view,
    addKeyboardShortcuts() {
      const inCaption = () => this.editor.state.selection.$from.parent.type.name === name;
      return {
        Enter: () => inCaption() && this.editor.commands.leaveBlock(),
        Backspace: () => {
          const { empty, $from } = this.editor.state.selection;
          if (!empty || !inCaption() || $from.parentOffset) return false;
          return this.editor.commands.setNodeSelection($from.before());
        },
      };
    },
  });

const Picture = figureNode(
  "figure",
  "figure[data-image]",
  {
    image: kept("data-image", "image"),
    width: {
      default: "text",
      parseHTML: (element) => (element.dataset.width === "wide" ? "wide" : "text"),
      renderHTML: ({ width }) => (width === "wide" ? { "data-width": "wide" } : {}),
    },
    alt: kept("data-alt", "alt"),
  },
  pictureView,
);

const Gallery = figureNode(
  "gallery",
  "figure[data-gallery]",
  { images: kept("data-gallery", "images") },
  galleryView,
);

const Video = figureNode(
  "video",
  "figure[data-video]",
  { video: kept("data-video", "video"), poster: kept("data-poster", "poster") },
  videoView,
);

const hidden = { default: null, rendered: false, parseHTML: () => null };

function withoutFooters(quote) {
  const copy = quote.cloneNode(true);
  for (const footer of copy.querySelectorAll("footer")) footer.remove();
  return copy;
}

const Quote = Blockquote.extend({
  content: "paragraph+",
  addAttributes: () => ({ speaker: hidden, record: hidden, role: hidden }),
  parseHTML: () => [
    {
      tag: "blockquote",
      contentElement: withoutFooters,
      getAttrs(quote) {
        const cite = quote.querySelector("footer cite");
        const span = quote.querySelector("footer span");
        return {
          speaker: cite?.textContent.trim() || null,
          record: cite?.getAttribute("data-record") || null,
          role: span?.textContent.trim() || null,
        };
      },
    },
  ],
  // The footer is written before the paragraphs, because a node's own elements come before its
  // content; the serialiser puts it last.
  renderHTML({ node }) {
    const { speaker, record, role } = node.attrs;
    const dom = document.createElement("blockquote");
    if (speaker || role) {
      const footer = document.createElement("footer");
      if (speaker) {
        const cite = document.createElement("cite");
        if (record) cite.setAttribute("data-record", record);
        cite.textContent = speaker;
        footer.append(cite);
      }
      if (role) {
        const span = document.createElement("span");
        span.textContent = role;
        footer.append(span);
      }
      dom.append(footer);
    }
    return { dom, contentDOM: dom };
  },
  addNodeView: () => quoteView,
});

const aside = (name, tag, attributes, label) =>
  Node.create({
    name,
    group: "block",
    content: "(paragraph | bulletList | orderedList)+",
    defining: true,
    parseHTML: () => [{ tag, priority: tag === "aside" ? 50 : 60 }],
    renderHTML: () => ["aside", attributes, 0],
    addNodeView: () => labelledView("aside", `callout callout--${name}`, label),
  });

const Callout = aside("callout", "aside", {}, "callout");
const KeyFigure = aside("keyFigure", "aside[data-figure]", { "data-figure": "" }, "key_figure");

// --- tables --------------------------------------------------------------------------------------

function withoutCaption(table) {
  const copy = table.cloneNode(true);
  for (const element of copy.querySelectorAll("caption, colgroup")) element.remove();
  return copy;
}

const Tables = Table.extend({
  addAttributes: () => ({ caption: hidden }),
  parseHTML() {
    return [
      {
        tag: "table",
        contentElement: withoutCaption,
        getAttrs: (table) => ({
          caption: table.caption ? inlineFrom(this.editor.schema, table.caption) : null,
        }),
      },
    ];
  },
  renderHTML({ node }) {
    const table = document.createElement("table");
    if (node.attrs.caption) {
      const caption = table.createCaption();
      caption.append(inlineTo(node.type.schema, node.attrs.caption));
    }
    const contentDOM = table.createTBody();
    return { dom: table, contentDOM };
  },
  addNodeView: () => tableView,
}).configure({ resizable: false });

const Rows = TableRow.extend({
  content: "(tableCell | tableHeader)+",
  addAttributes: () => ({
    head: {
      default: false,
      parseHTML: (row) => row.hasAttribute("data-head") || row.parentElement?.nodeName === "THEAD",
      renderHTML: ({ head }) => (head ? { "data-head": "" } : {}),
    },
  }),
});

const CELL_CONTENT = "(paragraph | bulletList | orderedList)+";

const span = (name) => ({
  default: 1,
  parseHTML: (cell) => Math.max(1, Number.parseInt(cell.getAttribute(name), 10) || 1),
  renderHTML: (attributes) => (attributes[name] > 1 ? { [name]: attributes[name] } : {}),
});

const Cells = TableCell.extend({
  content: CELL_CONTENT,
  addAttributes: () => ({ colspan: span("colspan"), rowspan: span("rowspan"), colwidth: hidden }),
});

const HeaderCells = TableHeader.extend({
  content: CELL_CONTENT,
  addAttributes: () => ({
    scope: kept("scope", "scope"),
    colspan: span("colspan"),
    rowspan: span("rowspan"),
    colwidth: hidden,
  }),
});

// --- footnotes -----------------------------------------------------------------------------------

// One unit in the line of text, edited in a dialog: a caret that can stand inside, before or after
// a note in the same place is what makes notes fragile in other editors.
const Footnote = Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  atom: true,
  draggable: true,
  addAttributes: () => ({ name: { ...hidden, default: "" }, content: hidden }),
  parseHTML() {
    return [
      {
        tag: "span[data-footnote]",
        priority: 70,
        getAttrs: (element) => {
          const name = element.getAttribute("data-footnote");
          // Later calls of a shared note are written empty; here every call knows the text, so
          // that removing the first loses nothing.
          const source =
            name && !element.textContent.trim()
              ? [...element.getRootNode().querySelectorAll("span[data-footnote]")].find(
                  (other) =>
                    other.getAttribute("data-footnote") === name && other.textContent.trim(),
                )
              : element;
          const content = inlineFrom(this.editor.schema, source ?? element);
          return { name, content: withoutNotes(content) };
        },
      },
    ];
  },
  renderHTML({ node }) {
    const dom = document.createElement("span");
    dom.setAttribute("data-footnote", node.attrs.name ?? "");
    if (node.attrs.content) dom.append(inlineTo(node.type.schema, node.attrs.content));
    return dom;
  },
  addNodeView: () => footnoteView,
});

// --- marks ---------------------------------------------------------------------------------------

const LINKS = "link recordLink fileLink";
const LINK_SCHEME = /^\s*(https?:\/\/|mailto:|tel:)/i;
const ANY_SCHEME = /^\s*[a-z][a-z0-9+.-]*\s*:/i;

/** What a link may lead to; the server decides, this only spares a surprise on saving. */
export const isAddress = (address) =>
  Boolean(address?.trim()) && (LINK_SCHEME.test(address) || !ANY_SCHEME.test(address));

const Links = Link.extend({
  excludes: LINKS,
  addAttributes: () => ({ href: kept("href", "href") }),
  addKeyboardShortcuts: null,
  addCommands() {
    const { addLink, ...commands } = this.parent?.() ?? {};
    return commands;
  },
  renderHTML: ({ HTMLAttributes }) => ["a", HTMLAttributes, 0],
}).configure({
  autolink: false,
  linkOnPaste: true,
  openOnClick: false,
  defaultProtocol: "https",
  HTMLAttributes: {},
  isAllowedUri: (address) => isAddress(address),
});

const linkMark = (name, attribute, key) =>
  Mark.create({
    name,
    priority: 1001,
    inclusive: false,
    excludes: LINKS,
    addAttributes: () => ({ [key]: kept(attribute, key) }),
    parseHTML: () => [{ tag: `a[${attribute}]`, priority: 60 }],
    renderHTML: ({ HTMLAttributes }) => ["a", HTMLAttributes, 0],
  });

const RecordLink = linkMark("recordLink", "data-record", "record");
const FileLink = linkMark("fileLink", "data-file", "file");

const Language = Mark.create({
  name: "language",
  priority: 900,
  addAttributes: () => ({ lang: kept("lang", "lang") }),
  parseHTML: () => [{ tag: "span[lang]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
});

// --- what every surface shares -------------------------------------------------------------------

/** Words, addresses and language of this surface, for node views and dialogs: `editor.storage.surface`. */
export const Surface = Extension.create({
  name: "surface",
  addOptions: () => ({ surface: null }),
  addStorage() {
    return this.options.surface;
  },
});

/** What listens to what is typed, before any other extension: `plugins` are made for the editor. */
const Typing = Extension.create({
  name: "typing",
  priority: 2000,
  addOptions: () => ({ plugins: [] }),
  addProseMirrorPlugins() {
    return this.options.plugins.map((plugin) => plugin(this.editor));
  },
});

const MARKS = [Language, Bold, Italic, Subscript, Superscript];

/** `plugins`: functions from the editor to a plugin of ProseMirror. */
export const documentExtensions = (surface, plugins = []) => [
  Surface.configure({ surface }),
  Typing.configure({ plugins: [() => typography(surface.language), ...plugins] }),
  Document,
  Paragraph,
  Text,
  Headings,
  BulletList,
  Numbers,
  Items,
  HorizontalRule,
  HardBreak,
  Picture,
  Gallery,
  Video,
  Quote,
  Callout,
  KeyFigure,
  Tables,
  Rows,
  HeaderCells,
  Cells,
  Footnote,
  RecordLink,
  FileLink,
  Links,
  ...MARKS,
  Moves,
  History,
  Dropcursor,
  Gapcursor,
  TrailingNode,
  Placeholder.configure({
    placeholder: ({ node }) => (node.type.name === "paragraph" ? surface.t("placeholder") : ""),
  }),
];

/** The text of one footnote: a single paragraph, no note inside a note. */
export const noteExtensions = (surface, { onEnter, onEscape }) => [
  Surface.configure({ surface }),
  Document.extend({ content: "paragraph" }),
  Paragraph,
  Text,
  HardBreak,
  RecordLink,
  FileLink,
  Links,
  ...MARKS,
  Typing.configure({ plugins: [() => typography(surface.language)] }),
  History,
  Extension.create({
    name: "leaveNote",
    addKeyboardShortcuts: () => ({ Enter: onEnter, "Mod-Enter": onEnter, Escape: onEscape }),
  }),
];
