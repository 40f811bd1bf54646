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
