// How the blocks of our own look while they are written: as in the published article, with what
// they need to be changed beside them.

import { alternative, picture } from "document-editor/pictures";
import { el } from "document-editor/dom";

const isOutside = (contentDOM) => (mutation) =>
  mutation.type !== "selection" && !contentDOM.contains(mutation.target);

// Clicks and keys on our buttons are ours, not the text's.
const isControl = (event) => Boolean(event.target.closest?.(".block-tools"));

function tools(...buttons) {
  return el("div", { class: "block-tools", contenteditable: "false" }, buttons);
}

function tool(label, click) {
  return el(
    "button",
    {
      type: "button",
      on: {
        click: (event) => {
          event.preventDefault();
          click();
        },
      },
    },
    label,
  );
}

/** A figure's frame; `fill(media, node, figure)` shows what it is about. */
const figureView =
  (kind, fill, action) =>
  ({ node, editor, getPos }) => {
    const { surface } = editor.storage;
    const { t, actions } = surface;
    const media = el("div", { class: "figure__media", contenteditable: "false" });
    const caption = el("figcaption", { "data-placeholder": t("caption") });
    const dom = el("figure", { class: `figure figure--${kind}` });
    const select = () => editor.commands.setNodeSelection(getPos());
    media.addEventListener("click", select);
    const change = tool(t("change"), () => {
      select();
      actions[action](editor);
    });
    const remove = tool(t("remove"), () => {
      select();
      editor.chain().focus().deleteSelection().run();
    });
    change.setAttribute("aria-label", t(`change_${action}`));
    remove.setAttribute("aria-label", t(`remove_${action}`));
    const controls = tools(change, remove);
    dom.append(el("div", { class: "figure__frame", contenteditable: "false" }, media, controls), caption);
    let current = node;
    const untitled = ({ content }) => dom.classList.toggle("figure--untitled", !content.size);
    untitled(node);
    fill({ media, node, dom, surface });
    return {
      dom,
      contentDOM: caption,
      update(next) {
        if (next.type !== current.type) return false;
        const changed = JSON.stringify(next.attrs) !== JSON.stringify(current.attrs);
        current = next;
        untitled(next);
        if (changed) fill({ media, node: next, dom, surface });
        return true;
      },
      selectNode: () => dom.classList.add("ProseMirror-selectednode"),
      deselectNode: () => dom.classList.remove("ProseMirror-selectednode"),
      stopEvent: isControl,
      ignoreMutation: isOutside(caption),
    };
  };

export const pictureView = figureView(
  "picture",
  async ({ media, node, dom, surface }) => {
    const { image, width, alt } = node.attrs;
    const { t } = surface;
    dom.classList.toggle("figure--wide", width === "wide");
    if (image?.startsWith("pending-")) {
      media.replaceChildren(el("p", { class: "figure__video" }, t("picture_pending")));
      return;
    }
    const found = await picture(surface, image);
    if (!found) {
      media.replaceChildren(el("p", { class: "editor-warning" }, t("picture_missing", { number: image })));
      return;
    }
    const words = alt || alternative(surface, found);
    media.replaceChildren(
      el("img", {
        src: found.preview,
        alt: words,
        width: found.width,
        height: found.height,
        draggable: "false",
      }),
      el("small", { class: "figure__credit" }, `© ${found.credit}`),
      ...(words || found.decorative
        ? []
        : [el("p", { class: "editor-warning" }, t("alt_missing"))]),
      ...found.obstacles.map((obstacle) => el("p", { class: "editor-warning" }, obstacle)),
    );
  },
  "picture",
);

export const galleryView = figureView(
  "gallery",
  async ({ media, node, surface }) => {
    const ids = (node.attrs.images ?? "").split(" ").filter(Boolean);
    const found = await Promise.all(ids.map((id) => picture(surface, id)));
    media.replaceChildren(
      ...found.map((one, index) =>
        one
          ? el("img", { src: one.thumb, alt: alternative(surface, one), width: 240, height: 160, draggable: "false" })
          : el("p", { class: "editor-warning" }, surface.t("picture_missing", { number: ids[index] })),
      ),
    );
  },
  "gallery",
);

export const videoView = figureView(
  "video",
  async ({ media, node, surface }) => {
    const [provider, id] = (node.attrs.video ?? "").split(":");
    const poster = node.attrs.poster ? await picture(surface, node.attrs.poster) : null;
    media.replaceChildren(
      ...(poster ? [el("img", { src: poster.preview, alt: "", width: poster.width, height: poster.height, draggable: "false" })] : []),
      el("p", { class: "figure__video" }, el("strong", {}, surface.t("video")), ` ${provider} · ${id}`),
    );
  },
  "video",
);

/** A block with its content and, in the corner, the word for what it is. */
export const labelledView =
  (tag, className, label) =>
  ({ editor }) => {
    const dom = el(tag, { class: className, "data-label": editor.storage.surface.t(label) });
    return { dom, contentDOM: dom };
  };

export const quoteView = ({ node, editor, getPos }) => {
  const { t, actions } = editor.storage.surface;
  const text = el("div", { class: "pull-quote__text" });
  const attribution = el("span", { class: "pull-quote__attribution" });
  const change = tool("", () => {
    editor.commands.setTextSelection(getPos() + 2);
    actions.quote(editor);
  });
  const footer = el("footer", { contenteditable: "false" }, attribution, tools(change));
  const dom = el("blockquote", { class: "pull-quote" }, text, footer);
  const fill = ({ attrs: { speaker, record, role } }) => {
    attribution.replaceChildren(
      ...(speaker ? [el("cite", { class: record ? "is-record" : "" }, speaker)] : []),
      ...(speaker && role ? [", "] : []),
      ...(role ? [el("span", {}, role)] : []),
    );
    change.textContent = t(speaker || role ? "change" : "add_speaker");
    change.setAttribute("aria-label", t(speaker || role ? "change_speaker" : "add_speaker"));
  };
  let current = node;
  fill(node);
  return {
    dom,
    contentDOM: text,
    update(next) {
      if (next.type !== current.type) return false;
      current = next;
      fill(next);
      return true;
    },
    stopEvent: isControl,
    ignoreMutation: isOutside(text),
  };
};

export const tableView = ({ node, editor }) => {
  const { surface } = editor.storage;
  const caption = el("caption", { contenteditable: "false" });
  const body = el("tbody");
  const dom = el("div", { class: "table-scroll" }, el("table", {}, caption, body));
  const fill = ({ attrs }) => {
    caption.hidden = !attrs.caption;
    caption.replaceChildren(...(attrs.caption ? [surface.inlineTo(node.type.schema, attrs.caption)] : []));
  };
  fill(node);
  return {
    dom,
    contentDOM: body,
    update(next) {
      if (next.type !== node.type) return false;
      fill(next);
      return true;
    },
    ignoreMutation: isOutside(body),
  };
};

/** The call of a note; its number is written by the list of notes, which counts them all. */
export const footnoteView = ({ node, editor, getPos }) => {
  const { t, actions } = editor.storage.surface;
  const dom = el("sup", { class: "footnote-call", title: t("note_open") });
  dom.addEventListener("dblclick", () => {
    editor.commands.setNodeSelection(getPos());
    actions.note(editor);
  });
  let current = node;
  return {
    dom,
    update(next) {
      if (next.type !== current.type) return false;
      current = next;
      return true;
    },
    selectNode: () => dom.classList.add("ProseMirror-selectednode"),
    deselectNode: () => dom.classList.remove("ProseMirror-selectednode"),
    ignoreMutation: () => true,
  };
};
