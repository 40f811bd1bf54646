// French, English, or both: side by side where the window is wide enough, one below the other where
// it is not. Only what is seen changes: the fields of a hidden language are sent like the others.
//
// For other modules of the form:
//
// - `languages:show`, sent to the document with a code as its `detail`, brings that language into view.
// - `languages:shown` tells of every change; its `detail` is `"en"`, `"fr"` or `"both"`.

const REMEMBERED = "languages-shown";

const texts = document.querySelector(".languages");
const columns = texts ? [...texts.querySelectorAll(":scope > .language")] : [];
const choices = document.querySelector(".language-switch");
const codes = columns.map((column) => column.dataset.language);

// Private windows may refuse to remember anything.
function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

function remember(shown) {
  try {
    localStorage.setItem(REMEMBERED, shown);
  } catch {
    // The next page begins with both.
  }
}

function show(shown) {
  document.body.dataset.languages = shown;
  for (const column of columns) column.hidden = shown !== "both" && shown !== column.dataset.language;
  for (const input of choices.querySelectorAll("input")) input.checked = input.value === shown;
  document.dispatchEvent(new CustomEvent("languages:shown", { detail: shown }));
}

/** The language of an element that is hidden comes into view, and so does what was there before. */
function reveal(element) {
  const column = element?.closest?.(".languages > .language");
  if (column?.hidden) show("both");
  return Boolean(column);
}

function start() {
  const asked = remembered();
  show(asked === "both" || codes.includes(asked) ? asked : "both");
  choices.hidden = false;
  choices.addEventListener("change", ({ target }) => {
    show(target.value);
    remember(target.value);
  });

  // What is wrong must be seen: after the server said so, and where the browser refuses to send.
  for (const wrong of texts.querySelectorAll(".errors, .errorlist, [aria-invalid=true]")) reveal(wrong);
  texts.addEventListener("invalid", ({ target }) => reveal(target), { capture: true });
  document.addEventListener("languages:show", ({ detail }) => {
    const column = columns[codes.indexOf(detail)];
    if (column?.hidden) show("both");
  });

  const follow = (hash) => {
    const target = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    return reveal(target) ? target : null;
  };
  follow(location.hash)?.scrollIntoView();
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[href^='#']");
    if (link) follow(link.hash);
  });
}

// What stays in view above the text: the tools of the text stand below it.
function measure(bar) {
  new ResizeObserver(([{ borderBoxSize }]) => {
    document.documentElement.style.setProperty("--story-bar", `${borderBoxSize[0].blockSize}px`);
  }).observe(bar);
}

if (choices && columns.length > 1) start();
const bar = document.querySelector(".story-bar");
if (bar) measure(bar);
