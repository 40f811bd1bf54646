// The few lines of DOM every module of the editor needs, and the words it shows.

/** An element: `el("button", {type: "button", on: {click}}, "Text", child)`.
 *  `true` writes a bare attribute; `false`, `null` and `undefined` write none. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (value === true) {
      element.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let lastId = 0;

/** An id no other element of the page has. */
export const freshId = (prefix) => `${prefix}-${++lastId}`;

/** The words of the interface, as the server gave them: `t("page", {number: 2})`. */
export function translator(labels) {
  return (key, values = {}) =>
    (labels[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The text of a piece of HTML from the server, without ever making it part of the page. */
export const textOf = (html) =>
  new DOMParser().parseFromString(html, "text/html").body.textContent.trim();

export async function getJSON(url, parameters, options = {}) {
  const response = await fetch(`${url}?${new URLSearchParams(parameters)}`, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    ...options,
  });
  if (!response.ok || response.redirected) throw new Error(`${response.status} from ${url}`);
  return response.json();
}

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  bullets: "M8 5h9M8 10h9M8 15h9M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  numbers: "M8.5 5H17M8.5 10H17M8.5 15H17M3 4l1.2-.8V7M2.8 12.2c.3-1 2-1 2 .1 0 .8-1.9 1.4-1.9 2.7h2.1",
  undo: "M7.5 4 4 7.5 7.5 11M4.5 7.5H12a4.25 4.25 0 0 1 0 8.5H8",
  redo: "M12.5 4 16 7.5 12.5 11M15.5 7.5H8a4.25 4.25 0 0 0 0 8.5h4",
};

/** A drawing of 20 by 20 in the colour of the text; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 20 20",
    width: "20",
    height: "20",
    "aria-hidden": "true",
    focusable: "false",
  })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
