// The drawings of the tools and of the slash menu, lines of one width in a square of 20.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  bullets: "M8 5h9M8 10h9M8 15h9M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  numbers: "M8.5 5H17M8.5 10H17M8.5 15H17M3 4l1.2-.8V7M2.8 12.2c.3-1 2-1 2 .1 0 .8-1.9 1.4-1.9 2.7h2.1",
  undo: "M7.5 4 4 7.5 7.5 11M4.5 7.5H12a4.25 4.25 0 0 1 0 8.5H8",
  redo: "M12.5 4 16 7.5 12.5 11M15.5 7.5H8a4.25 4.25 0 0 0 0 8.5h4",
  heading: "M5 4v12M15 4v12M5 10h10",
  subheading: "M6 6.5v9M14 6.5v9M6 11h8",
  picture: "M3 4.5h14v11H3zM3.5 14l4-4 3 3 2.5-2.5 3.5 3.5M12.5 7.8h.01",
  gallery: "M3 3.5h6v6H3zM11 3.5h6v6h-6zM3 11.5h6v5H3zM11 11.5h6v5h-6z",
  video: "M3 4.5h14v11H3zM8.5 7.5v5l4-2.5z",
  file: "M5.5 3h6l3.5 3.5V17h-9.5zM11.5 3v3.5H15M8 11h4.5M8 13.8h4.5",
  quote: "M4 13.5c2 0 3.3-1.5 3.3-4.2V6.5H4v3.3h3.3M11.5 13.5c2 0 3.3-1.5 3.3-4.2V6.5h-3.3v3.3h3.3",
  callout: "M3 4.5h14v11H3zM6 8h8M6 11.5h5",
  keyFigure: "M4 16v-4.5M8 16V8.5M12 16v-6M16 16V4",
  table: "M3 4.5h14v11H3zM3 8.5h14M9 4.5v11",
  rule: "M3 10h14",
  record: "M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M4 16.5c.4-3 2.7-4.5 6-4.5s5.6 1.5 6 4.5",
  link: "M8.5 11.5a3.2 3.2 0 0 0 4.6.2l2.7-2.7a3.2 3.2 0 0 0-4.5-4.5L10 5.8M11.5 8.5a3.2 3.2 0 0 0-4.6-.2L4.2 11a3.2 3.2 0 0 0 4.5 4.5L10 14.2",
  language: "M3 5.5h8M7 4v1.5M9.5 5.5c-.8 3-2.8 5.3-6 7M5 7.5c1 2 2.8 3.7 5 4.5M10.5 16.5l3.2-8h.6l3.2 8M11.8 13.5h4.4",
  note: "M4 16V5.5M4 5.5h7.5M4 10.5h6M14 4.2l1.5-1V8",
};

/** Whether there is a drawing of that name. */
export const hasIcon = (name) => Object.hasOwn(PATHS, name);

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
