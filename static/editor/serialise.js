// From the editor's document to the HTML that is stored: the canonical form of
// imagine_site/documents, so that a text nobody changed is sent back as it came. The server cleans
// whatever arrives; this is so that "changed" means changed.

import { pm } from "django-prose-editor/editor";

const { DOMSerializer } = pm.model;

const isBare = (element) => !element.textContent.trim() && !element.querySelector("[data-footnote]");
const isParagraph = (element) => element.nodeName === "P";

/** The one paragraph of an item or a cell needs no `p` when it comes first. */
function tighten(element) {
  const blocks = [...element.children];
  if (blocks.length && isParagraph(blocks[0]) && !blocks.slice(1).some(isParagraph)) {
    blocks[0].replaceWith(...blocks[0].childNodes);
  }
}

function arrangeTable(table) {
  const body = table.tBodies[0];
  const head = document.createElement("thead");
  while (body.rows.length && body.rows[0].hasAttribute("data-head")) head.append(body.rows[0]);
  if (head.rows.length) body.before(head);
  for (const row of table.rows) row.removeAttribute("data-head");
  if (!body.rows.length) body.remove();
}

export function serialise(doc) {
  const root = document.createElement("div");
  root.append(DOMSerializer.fromSchema(doc.type.schema).serializeFragment(doc.content));

  const told = new Set();
  for (const note of root.querySelectorAll("span[data-footnote]")) {
    const name = note.getAttribute("data-footnote");
    if (!name) continue;
    if (told.has(name)) note.replaceChildren();
    told.add(name);
  }
  for (const element of root.querySelectorAll("p, h2, h3, figcaption, caption")) {
    if (isBare(element)) element.remove();
  }
  for (const item of [...root.querySelectorAll("li")].reverse()) {
    if (item.children.length || item.textContent.trim()) tighten(item);
    else item.remove();
  }
  for (const list of [...root.querySelectorAll("ul, ol")].reverse()) {
    if (!list.children.length) list.remove();
  }
  for (const cell of root.querySelectorAll("td, th")) tighten(cell);
  for (const table of root.querySelectorAll("table")) arrangeTable(table);
  for (const quote of root.querySelectorAll("blockquote")) {
    const footer = quote.querySelector(":scope > footer");
    if (footer) quote.append(footer);
    if (!quote.children.length) quote.remove();
  }
  for (const aside of root.querySelectorAll("aside")) {
    if (!aside.children.length) aside.remove();
  }
  return root.innerHTML;
}
