// What comes from Word, Google Docs and web pages, brought near the schema before the editor reads it:
// real lists, real notes, headings of our two levels, bold and italic from styles, and nothing of the
// look. Works on an inert document: no picture is fetched, no script runs.

import { videoFrom } from "document-editor/actions";

const DROPPED =
  "script, style, meta, link, title, template, noscript, svg, math, object, embed, audio, canvas, input, button, select, textarea, xml";
const KEPT_ATTRIBUTES = new Set(["href", "colspan", "rowspan", "scope"]);
const BULLET = /^[\s\u00a0]*(?:[·•‣▪▫■□●○◦§–—*-]|o(?=[\s\u00a0]))[\s\u00a0]*/;
const NUMBER = /^[\s\u00a0]*\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,6})[.)](?=[\s\u00a0]|$)[\s\u00a0]*/;

/** `{html, pictures}`: what to read, and how many pictures were left out. */
export function tidyPaste(source) {
  // Our own copies are already in the schema.
  if (source.includes("data-pm-slice")) return { html: source, pictures: 0 };
  const page = new DOMParser().parseFromString(withoutHandlers(source), "text/html");
  const { body } = page;
  const fromWord = /\bmso-|class="?Mso|urn:schemas-microsoft-com/.test(source);

  for (const element of body.querySelectorAll(DROPPED)) element.remove();
  dropComments(page);
  for (const frame of body.querySelectorAll("iframe, video")) frameToVideo(frame);
  const images = body.querySelectorAll("img, picture > source");
  const pictures = [...images].filter((image) => image.nodeName === "IMG" && !isTracker(image)).length;
  for (const image of images) image.remove();

  notes(page);
  wordLists(page);
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
  return { html: body.innerHTML, pictures };
}

// They would not run here, but the browser reports each to the console as refused by the policy.
function withoutHandlers(source) {
  return source.replace(/<[a-z][^>]*>/gi, (tag) =>
    tag.replace(/\son[a-z]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+)/gi, ""),
  );
}

function dropComments(page) {
  const walker = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.remove();
}

const isTracker = (image) => image.width === 1 || image.height === 1;

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
    if (!/^[\s\u00a0]*[[(]?(\d{1,3}|\*{1,3})[\])]?[\s\u00a0]*$/.test(call.textContent)) continue;
    const target = place(call.getAttribute("href"));
    const note = target?.closest("li, aside, p, div, dd");
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
      if (/^[\s\u00a0]*([[(]?(\d{1,3}|\*{1,3}|[a-z])[\])]?|[↩↑^]\ufe0e?)?[\s\u00a0]*$/u.test(link.textContent)) link.remove();
    }
    for (const inner of copy.querySelectorAll("p, div, li")) inner.append(" ");
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
    for (const rest of body.querySelectorAll("[style*='footnote-list'], .footnotes, [role=doc-endnotes]")) {
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
  (/\bMsoListParagraph/.test(element.className) || /mso-list:\s*l\d/i.test(element.getAttribute("style") ?? ""));

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
      const style = paragraph.getAttribute("style") ?? "";
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
  const ignored = [...paragraph.querySelectorAll("span[style]")].find((span) =>
    /mso-list:\s*ignore/i.test(span.getAttribute("style")),
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
  for (const element of page.body.querySelectorAll("[style]")) {
    const { fontWeight, fontStyle, verticalAlign } = element.style;
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
  for (const element of page.body.querySelectorAll("h1")) rename(element, "h2");
  for (const element of page.body.querySelectorAll("h4, h5, h6")) rename(element, "h3");
  for (const heading of page.body.querySelectorAll("h2, h3")) {
    // A heading is bold by being one.
    for (const bold of heading.querySelectorAll("b, strong")) unwrap(bold);
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

function tables(body) {
  for (const table of body.querySelectorAll("table")) {
    if (table.tHead || !table.rows.length) continue;
    for (const row of [...table.rows]) {
      if (![...row.cells].every((cell) => cell.nodeName === "TH")) break;
      row.setAttribute("data-head", "");
    }
  }
}

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
  if (element.nodeName === "A" && !element.matches("[data-record], [data-file]")) {
    const href = element.getAttribute("href") ?? "";
    // Places in a page that is not ours, files of somebody's computer, nothing at all.
    if (!/^(https?:|mailto:|tel:|\/)/i.test(href.trim())) unwrap(element);
  }
}
