// What comes from Word, Google Docs and web pages, brought near the schema before the editor reads it:
// real lists, real notes, headings of our two levels, bold and italic from styles, and nothing of the
// look. Works on an inert document: no picture is fetched, no script runs.

import { pm } from "django-prose-editor/editor";
import { videoFrom } from "document-editor/actions";

const { Fragment, Slice } = pm.model;

const DROPPED =
  "script, style, meta, link, title, template, noscript, svg, math, object, embed, audio, canvas, input, button, select, textarea, xml";
// What is no text of the author: deleted words and remarks of reviewers, ends of lines said twice,
// "edit" and "link to this section".
const BESIDE =
  "del, [data-style*='mso-comment'], [data-style*='mso-element:comment'], .MsoCommentReference, .EOP, br.Apple-interchange-newline, .mw-editsection, a.headerlink, a.anchor[href^='#'], [hidden], [data-style*='display:none'], [data-style*='display: none']";
const KEPT_ATTRIBUTES = new Set(["href", "colspan", "rowspan", "scope"]);
const BULLET = /^[\s\u00a0]*(?:[·•‣▪▫■□●○◦§–—*-]|o(?=[\s\u00a0]))[\s\u00a0]*/;
const NUMBER = /^[\s\u00a0]*\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,6})[.)](?=[\s\u00a0]|$)[\s\u00a0]*/;

/**
 * `{html, pictures, files}`: what to read; how many pictures had to be left out, because they lie on
 * somebody else's server or computer; and those that came along, as `{mark, file}`: a figure with that
 * mark stands in the text where the picture was.
 */
export function tidyPaste(source) {
  // Our own copies are already in the schema.
  if (source.includes("data-pm-slice")) return { html: source, pictures: 0, files: [] };
  const page = read(source);
  const { body } = page;
  const fromWord = /\bmso-|class="?Mso|urn:schemas-microsoft-com/.test(source);

  for (const element of body.querySelectorAll(DROPPED)) element.remove();
  for (const element of body.querySelectorAll(BESIDE)) element.remove();
  dropComments(page);
  for (const frame of body.querySelectorAll("iframe, video")) frameToVideo(frame);
  const { pictures, files } = takePictures(page);

  breaks(page);
  notes(page);
  wordLists(page);
  lists(page);
  styles(page);
  headings(page, fromWord);
  quotes(page);
  tables(body);
  for (const element of body.querySelectorAll("*")) tidyElement(element);
  for (const paragraph of body.querySelectorAll("p, div, h2, h3")) {
    if (!paragraph.textContent.trim() && !paragraph.querySelector("[data-footnote], figure, table, hr")) {
      paragraph.remove();
    }
  }
  return { html: body.innerHTML, pictures, files };
}

const BULLETS = /^\s*[-*•–]\s+/;
const NUMBERS = /^\s*\d{1,3}[.)]\s+/;

/** Plain text as people mean it: an empty line ends a paragraph, a line ends a line, "- " is a list. */
export function plainText(text, $context, schema) {
  const marks = $context.marks();
  const words = (line) => (line ? [schema.text(line, marks)] : []);
  const { paragraph, hardBreak, bulletList, orderedList, listItem } = schema.nodes;
  const blocks = text
    .replace(/\r\n?/g, "\n")
    .split(/\n[ \t]*\n\s*/)
    .map((block) => block.replace(/^\n+|\s+$/g, "").split("\n").map((line) => line.replaceAll("\t", " ")))
    .filter((lines) => lines.join("").trim())
    .map((lines) => {
      for (const [pattern, list] of [[BULLETS, bulletList], [NUMBERS, orderedList]]) {
        if (lines.length < 2 || !lines.every((line) => pattern.test(line))) continue;
        const items = lines.map((line) => paragraph.create(null, words(line.replace(pattern, "").trim())));
        return list.create(null, items.map((item) => listItem.create(null, item)));
      }
      return paragraph.create(
        null,
        lines.flatMap((line, index) => [...(index ? [hardBreak.create()] : []), ...words(line)]),
      );
    });
  const open = (block) => (block?.isTextblock ? 1 : 0);
  return new Slice(Fragment.from(blocks), open(blocks[0]), open(blocks.at(-1)));
}

// Handlers would not run here and styles not apply, but the browser reports each to the console as
// refused by the policy, and would not let us read a style it refused.
function inert(source) {
  return source
    .replace(/<style[\s>][\s\S]*?<\/style\s*>/gi, "")
    .replace(/<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi, (tag) =>
      tag
        .replace(/\son[a-z]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+)/gi, "")
        .replace(/\sstyle\s*=/gi, " data-style="),
    );
}

const read = (source) => new DOMParser().parseFromString(inert(source), "text/html");

/** What a style says of one property, in small letters. */
function styled(element, property) {
  const style = element.getAttribute("data-style") ?? "";
  const found = new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]+)`, "i").exec(style);
  return found ? found[1].trim().toLowerCase() : "";
}

/** A copied picture comes as a file and as an `img`; a copied table as words and as a picture of it. */
export function isPictureAlone(html) {
  const { body } = read(html);
  return !body.textContent.trim() && body.querySelectorAll("img").length === 1;
}

function dropComments(page) {
  const walker = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.remove();
}

const isTracker = (image) => image.width === 1 || image.height === 1;

let lastMark = 0;

/** Takes the pictures out; those whose bytes are in the HTML become files. */
function takePictures(page) {
  const files = [];
  let pictures = 0;
  for (const source of page.body.querySelectorAll("picture > source")) source.remove();
  for (const image of page.body.querySelectorAll("img")) {
    const file = fileFrom(image.getAttribute("src") ?? "", files.length + 1);
    if (file) {
      const mark = `pending-${++lastMark}`;
      files.push({ mark, file });
      const figure = page.createElement("figure");
      figure.setAttribute("data-image", mark);
      const caption = image.closest("figure")?.querySelector("figcaption");
      if (caption) figure.append(caption);
      (image.closest("figure, picture") ?? image).replaceWith(figure);
    } else {
      if (!isTracker(image)) pictures += 1;
      image.remove();
    }
  }
  return { pictures, files };
}

function fileFrom(address, number) {
  const match = /^data:(image\/(png|jpeg|webp|avif));base64,([\w+/=\s]+)$/i.exec(address);
  if (!match) return null;
  try {
    const bytes = Uint8Array.from(atob(match[3]), (sign) => sign.charCodeAt(0));
    return new File([bytes], `${number}.${match[2].toLowerCase()}`, { type: match[1].toLowerCase() });
  } catch {
    return null;
  }
}

const BLOCKS = "p, div, ul, ol, table, h1, h2, h3, h4, h5, h6, blockquote, figure, aside, section, article, hr, pre";

/** Two breaks are a new paragraph, one between blocks is nothing, a line of code is a line. */
function breaks(page) {
  for (const code of page.body.querySelectorAll("pre")) {
    const texts = page.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    const all = [];
    while (texts.nextNode()) all.push(texts.currentNode);
    for (const text of all) {
      const lines = text.data.split("\n").flatMap((line, index) => (index ? [page.createElement("br"), line] : [line]));
      text.replaceWith(...lines);
    }
  }
  for (const rest of page.body.querySelectorAll("br[data-style*='page-break'], br[clear]")) rest.remove();
  for (const holder of [page.body, ...page.body.querySelectorAll("p, div, b, section, article, td, li")]) {
    const brs = [...holder.childNodes].filter((node) => node.nodeName === "BR");
    if (!brs.length) continue;
    if (holder.querySelector(`:scope > :is(${BLOCKS})`)) {
      // Google Docs shows its empty lines by breaks between the paragraphs.
      const isBlock = (node) => !node || (node.nodeType === 1 && node.matches(`br, ${BLOCKS}`));
      for (const br of brs) {
        if (isBlock(beside(br, "previousSibling")) || isBlock(beside(br, "nextSibling"))) br.remove();
      }
    } else if (holder.nodeName === "P" || holder.nodeName === "DIV") {
      splitAtDoubleBreaks(holder);
    }
  }
}

function beside(node, side) {
  let next = node[side];
  while (next?.nodeType === 3 && !next.data.trim()) next = next[side];
  return next;
}

function splitAtDoubleBreaks(paragraph) {
  for (const br of [...paragraph.childNodes].filter((node) => node.nodeName === "BR")) {
    const second = beside(br, "nextSibling");
    if (br.parentNode !== paragraph || second?.nodeName !== "BR") continue;
    const before = paragraph.cloneNode(false);
    while (paragraph.firstChild !== br) before.append(paragraph.firstChild);
    while (beside(br, "nextSibling")?.nodeName === "BR") beside(br, "nextSibling").remove();
    br.remove();
    if (before.textContent.trim()) paragraph.before(before);
  }
}

/** Lists within lists, not beside their items; Word on the web has a list for every item. */
function lists(page) {
  for (const wrapper of page.body.querySelectorAll(".ListContainerWrapper")) unwrap(wrapper);
  for (const list of page.body.querySelectorAll("ul, ol")) {
    const level = Number(list.querySelector(":scope > li[data-aria-level]")?.dataset.ariaLevel ?? 0);
    const last = list.previousElementSibling;
    if (!level || !last || !["UL", "OL"].includes(last.nodeName) || !last.hasAttribute("data-levels")) {
      if (level) list.setAttribute("data-levels", "");
      continue;
    }
    let into = last;
    for (let depth = 1; depth < level; depth++) {
      const item = into.lastElementChild;
      const inner = item?.querySelector(":scope > ul, :scope > ol");
      if (inner) into = inner;
      else if (item) into = item.appendChild(page.createElement(list.nodeName));
    }
    if (into.nodeName !== list.nodeName && into === last) {
      list.setAttribute("data-levels", "");
      continue;
    }
    into.append(...list.children);
    list.remove();
  }
  for (const inner of page.body.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")) {
    const item = inner.previousElementSibling;
    if (item?.nodeName === "LI") item.append(inner);
    else {
      const made = page.createElement("li");
      inner.before(made);
      made.append(inner);
    }
  }
}

function frameToVideo(frame) {
  const video = videoFrom(frame.getAttribute("src") ?? "");
  if (!video) {
    frame.remove();
    return;
  }
  const figure = frame.ownerDocument.createElement("figure");
  figure.setAttribute("data-video", video);
  frame.replaceWith(figure);
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

function rename(element, name) {
  const renamed = element.ownerDocument.createElement(name);
  for (const { name: key, value } of element.attributes) renamed.setAttribute(key, value);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

// A call is a link within the page to a place that links back: so in Word, in Google Docs, on
// Wikipedia and in our own articles.
function notes(page) {
  const { body } = page;
  const place = (href) => {
    const hash = href?.includes("#") ? decodeURIComponent(href.slice(href.indexOf("#") + 1)) : "";
    return hash ? (page.getElementById(hash) ?? page.getElementsByName(hash)[0] ?? null) : null;
  };
  const found = [];
  for (const call of body.querySelectorAll("a[href*='#']")) {
    // The way back looks just like the way there, but it stands in a note.
    if (found.some(({ block }) => block.contains(call))) continue;
    if (!/^[\s\u00a0]*[[(]?(?:note )?(\d{1,3}|\*{1,3}|[a-z]|[ivxlc]{1,6})[\])]?[\s\u00a0]*$/i.test(call.textContent)) continue;
    const target = place(call.getAttribute("href"));
    // The whole of a note of Word or LibreOffice, whose anchor stands in its first paragraph.
    const whole = target?.closest("[id^=ftn], [id^=edn], [id^=sdfootnote], [id^=sdendnote]");
    const note = whole?.matches("div, li, aside") ? whole : target?.closest("li, aside, p, div, dd");
    if (!note || note.contains(call)) continue;
    const block = target.matches("li, div, aside, dd") ? target : note;
    const back = [...block.querySelectorAll("a[href*='#']")].find((link) => {
      const home = place(link.getAttribute("href"));
      return home && (home === call || home.contains(call) || call.contains(home));
    });
    if (back) found.push({ call, block });
  }
  const texts = new Map();
  found.forEach(({ call, block }) => {
    if (!texts.has(block)) texts.set(block, { name: "", used: 0, block });
    texts.get(block).used += 1;
    call.noteText = texts.get(block);
  });
  let number = 0;
  for (const text of texts.values()) {
    if (text.used > 1) text.name = `p${++number}`;
    const copy = text.block.cloneNode(true);
    for (const link of copy.querySelectorAll("a[href*='#']")) {
      if (/^[\s\u00a0]*([[(]?(?:note )?(\d{1,3}|\*{1,3}|[a-z]|[ivxlc]{1,6})[\])]?|[↩↑^]\ufe0e?)?[\s\u00a0]*$/iu.test(link.textContent)) link.remove();
    }
    for (const links of copy.querySelectorAll(".mw-cite-backlink")) links.remove();
    // A note is one line: a paragraph within a line of text would end that line.
    for (const inner of [...copy.querySelectorAll("p, div, li, ul, ol, h1, h2, h3, blockquote")].reverse()) {
      inner.append(" ");
      unwrap(inner);
    }
    text.copy = copy;
  }
  for (const { call } of found) {
    const { name, copy } = call.noteText;
    const span = page.createElement("span");
    span.setAttribute("data-footnote", name);
    span.append(...copy.cloneNode(true).childNodes);
    const sup = call.closest("sup");
    (sup && sup.textContent.trim() === call.textContent.trim() ? sup : call).replaceWith(span);
  }
  for (const { block } of texts.values()) block.remove();
  if (texts.size) {
    // What stood around them: Word's short rule, an empty list, the heading of the notes.
    for (const rest of body.querySelectorAll("[data-style*='footnote-list'], .footnotes, [role=doc-endnotes]")) {
      if (!rest.querySelector("li, p")) rest.remove();
    }
    for (const list of body.querySelectorAll("ol, ul")) if (!list.children.length) list.remove();
    const rule = [...body.querySelectorAll("hr")].at(-1);
    if (rule) {
      const after = page.createRange();
      after.setStartAfter(rule);
      after.setEndAfter(body.lastChild);
      if (!after.toString().trim()) rule.remove();
    }
  }
}

const isWordItem = (element) =>
  element.nodeName === "P" &&
  (/\bMsoListParagraph/.test(element.className) || /mso-list:\s*l\d/i.test(element.getAttribute("data-style") ?? ""));

function wordLists(page) {
  for (const first of page.body.querySelectorAll("p")) {
    if (!first.isConnected || !isWordItem(first)) continue;
    const items = [first];
    while (items.at(-1).nextElementSibling && isWordItem(items.at(-1).nextElementSibling)) {
      items.push(items.at(-1).nextElementSibling);
    }
    const holder = page.createElement("div");
    first.before(holder);
    // The lists that are open, outermost first.
    const open = [];
    for (const paragraph of items) {
      const style = paragraph.getAttribute("data-style") ?? "";
      const level = Math.min(8, Number(/level(\d)/.exec(style)?.[1] ?? 1));
      const type = takeMarker(paragraph);
      while (open.length > level) open.pop();
      if (open.length === level && open.at(-1).nodeName !== type) open.pop();
      while (open.length < level) {
        const list = page.createElement(type);
        const parent = open.at(-1);
        if (!parent) holder.append(list);
        else (parent.lastElementChild ?? parent.appendChild(page.createElement("li"))).append(list);
        open.push(list);
      }
      const item = page.createElement("li");
      item.append(...paragraph.childNodes);
      open.at(-1).append(item);
      paragraph.remove();
    }
    unwrap(holder);
  }
}

/** Takes the bullet or number off the text; says which list it was. */
function takeMarker(paragraph) {
  const ignored = [...paragraph.querySelectorAll("span[data-style]")].find((span) =>
    /mso-list:\s*ignore/i.test(span.getAttribute("data-style")),
  );
  if (ignored) {
    const marker = ignored.textContent;
    ignored.remove();
    return NUMBER.test(marker) && !BULLET.test(marker) ? "OL" : "UL";
  }
  const texts = paragraph.ownerDocument.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.data.trim()) continue;
    for (const [pattern, type] of [[BULLET, "UL"], [NUMBER, "OL"]]) {
      if (pattern.test(text.data)) {
        text.data = text.data.replace(pattern, "");
        return type;
      }
    }
    break;
  }
  return "UL";
}

/** Bold, italic, sub and sup said by a style instead of an element. */
function styles(page) {
  for (const element of page.body.querySelectorAll("[data-style]")) {
    const fontWeight = styled(element, "font-weight");
    const fontStyle = styled(element, "font-style");
    const verticalAlign = styled(element, "vertical-align");
    const { nodeName } = element;
    if (nodeName === "B" && /^(normal|400)$/.test(fontWeight)) {
      // Google Docs wraps the whole of a copy in a bold that is not.
      unwrap(element);
      continue;
    }
    if (!["SPAN", "FONT", "A"].includes(nodeName)) continue;
    const marks = [];
    if (/^(bold|bolder|[6-9]00)$/.test(fontWeight)) marks.push("strong");
    if (/^(italic|oblique)/.test(fontStyle)) marks.push("em");
    if (verticalAlign === "sub") marks.push("sub");
    if (verticalAlign === "super") marks.push("sup");
    for (const name of marks) {
      const inner = page.createElement(name);
      inner.append(...element.childNodes);
      element.append(inner);
    }
  }
}

function headings(page, fromWord) {
  for (const title of page.body.querySelectorAll(".MsoTitle, .MsoSubtitle")) {
    rename(title, title.classList.contains("MsoTitle") ? "h2" : "h3");
  }
  // Word on the web says so only to screen readers.
  for (const element of page.body.querySelectorAll("[role=heading][aria-level]")) {
    rename(element, element.getAttribute("aria-level") > 2 ? "h3" : "h2");
  }
  for (const element of page.body.querySelectorAll("h1")) rename(element, "h2");
  for (const element of page.body.querySelectorAll("h4, h5, h6")) rename(element, "h3");
  for (const heading of page.body.querySelectorAll("h2, h3")) {
    // A heading is bold by being one.
    for (const bold of heading.querySelectorAll("b, strong")) unwrap(bold);
    // Its number, as Word counts it: one space after it is enough.
    for (const number of heading.querySelectorAll("[data-style*='mso-list:Ignore' i]")) {
      number.textContent = `${number.textContent.trim()} `;
    }
    if (fromWord) for (const anchor of heading.querySelectorAll("a:not([href])")) unwrap(anchor);
  }
}

/** The pull quote as we, and others, publish it. */
function quotes(page) {
  for (const figure of page.body.querySelectorAll("figure:not([data-image], [data-gallery], [data-video])")) {
    const quote = figure.querySelector("blockquote");
    const caption = figure.querySelector("figcaption");
    if (!quote) {
      for (const one of figure.querySelectorAll("figcaption")) rename(one, "p");
      unwrap(figure);
      continue;
    }
    if (caption) {
      const words = caption.textContent.replace(/^[\s\u00a0—–-]+/, "").trim();
      const name = caption.querySelector("cite, a")?.textContent.trim() || words.split(",")[0].trim();
      const role = words.startsWith(name) ? words.slice(name.length).replace(/^[\s,;:]+/, "") : "";
      const footer = page.createElement("footer");
      footer.append(Object.assign(page.createElement("cite"), { textContent: name }));
      if (role) footer.append(Object.assign(page.createElement("span"), { textContent: role }));
      quote.append(footer);
    }
    figure.replaceWith(quote);
  }
}

/** A head said by the markup, by Word's table style, or by bold letters all along the first row. */
function tables(body) {
  for (const table of body.querySelectorAll("table")) {
    if (!table.rows.length) continue;
    const rows = [...table.rows];
    const heads = table.tHead ? [...table.tHead.rows] : [];
    if (!heads.length) {
      for (const row of rows) {
        if (![...row.cells].every((cell) => cell.nodeName === "TH")) break;
        heads.push(row);
      }
    }
    const [first] = rows;
    if (!heads.length && rows.length > 1 && (saysItIsFirst(first) || isAllBold(first)) && !isAllBold(rows[1])) {
      heads.push(first);
    }
    for (const row of heads) {
      row.setAttribute("data-head", "");
      for (const cell of [...row.cells]) {
        const head = cell.nodeName === "TH" ? cell : rename(cell, "th");
        if (!head.hasAttribute("scope") && head.colSpan === 1) head.setAttribute("scope", "col");
        for (const bold of head.querySelectorAll("b, strong")) unwrap(bold);
      }
    }
  }
}

const saysItIsFirst = (row) => /mso-yfti-irow:\s*-1/.test(row.getAttribute("data-style") ?? "");

const isAllBold = (row) =>
  row.cells.length > 1 &&
  [...row.cells].every((cell) => {
    const words = cell.textContent.trim();
    const bold = [...cell.querySelectorAll("b, strong")].map((one) => one.textContent).join("");
    return words && bold.replace(/\s/g, "").length >= words.replace(/\s/g, "").length;
  });

const OURS = "[data-footnote], [data-head], [data-image], [data-gallery], [data-video], [data-record], [data-file], [data-figure]";

function tidyElement(element) {
  if (element.nodeName.includes(":")) {
    unwrap(element);
    return;
  }
  const ours = element.matches(OURS);
  for (const { name } of [...element.attributes]) {
    if (KEPT_ATTRIBUTES.has(name) || (ours && name.startsWith("data-"))) continue;
    element.removeAttribute(name);
  }
  if (element.nodeName === "A") {
    // Google leads every link over itself.
    const redirect = /^https:\/\/www\.google\.com\/url\?(.*)$/.exec(element.getAttribute("href") ?? "");
    const real = redirect && new URLSearchParams(redirect[1]).get("q");
    if (real) element.setAttribute("href", real);
  }
  if (element.nodeName === "A" && !element.matches("[data-record], [data-file]")) {
    const href = element.getAttribute("href") ?? "";
    // Places in a page that is not ours, files of somebody's computer, nothing at all.
    if (!/^(https?:|mailto:|tel:|\/)/i.test(href.trim())) unwrap(element);
  }
}
