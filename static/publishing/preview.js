// The page as it would be published, beside the form, and following it.
//
// The server publishes what is typed, asks the public view, takes everything back and sends the page;
// here it is shown in a frame without scripts, at the true width of a phone, a tablet or a desktop,
// scaled to the pane. Two frames take turns, so that nothing flickers and the place stays.

const PAUSE = 500;
const AGAIN = 5000;
const KEPT = "story preview";
const SHEET = matchMedia("(max-width: 62rem)");

const tools = document.getElementById("preview-tools");
const toggle = document.getElementById("preview-toggle");
const pane = document.getElementById("preview");
const form = tools?.closest("form");

if (form) start();

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

function remember(change) {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...remembered(), ...change }));
  } catch {
    // Private windows refuse; then it is remembered as long as the page stands.
  }
}

function start() {
  const words = tools.dataset;
  tools.hidden = false;

  const separator = pane.querySelector("[role=separator]");
  const status = pane.querySelector("[role=status]");
  const notes = pane.querySelector(".preview__notes");
  const stage = pane.querySelector(".preview__stage");
  const sheet = pane.querySelector(".preview__page");
  const languages = [...pane.querySelectorAll("[data-language]")];
  const widths = [...pane.querySelectorAll("[data-width]")];

  const kept = remembered();
  let width = Number(kept.width) || (SHEET.matches ? 390 : 1280);
  let language = currentLanguage();
  let shown = null; // the frame in view
  let asked = null; // the request under way
  let timer = 0;
  let open = false;
  const places = {}; // how far each language was scrolled

  // -- asking

  /** The language of the first visible column, until somebody writes in another one. */
  function currentLanguage() {
    const columns = [...document.querySelectorAll(".language[data-language]")];
    const visible = columns.find((each) => each.offsetParent) ?? columns[0];
    return visible?.dataset.language ?? languages[0].dataset.language;
  }

  function soon(wait = PAUSE) {
    if (!open) return;
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }

  async function ask() {
    clearTimeout(timer);
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    const { url } = languages.find((each) => each.dataset.language === language).dataset;
    const inLanguage = language;
    say(words.updating);
    // Reading the form makes the writing surfaces write out what they hold.
    const typed = new FormData(form);
    for (const [name, value] of [...typed]) if (value instanceof File) typed.delete(name);
    let answer;
    try {
      const response = await fetch(url, {
        method: "POST",
        body: typed,
        headers: { Accept: "application/json" },
        signal: mine.signal,
      });
      if (response.redirected || response.status === 403) {
        say(words.signedOut);
        return soon(AGAIN);
      }
      if (!response.ok && response.status !== 422) throw new Error(response.status);
      answer = await response.json();
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      say(words.away);
      return soon(AGAIN);
    }
    if (mine.signal.aborted) return undefined;
    listNotes(answer);
    if (answer.html) await show(answer.html, inLanguage, mine.signal);
    if (!mine.signal.aborted) {
      asked = null;
      say(answer.html ? words.current : "");
    }
    return undefined;
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  // -- showing

  async function show(html, inLanguage, signal) {
    const frame = document.createElement("iframe");
    frame.className = "preview__frame";
    // Our own origin, so that we can keep its place; no scripts, forms, windows or downloads.
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    frame.srcdoc = html;
    const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
    sheet.append(frame);
    lay();
    await loaded;
    if (signal.aborted || !frame.contentDocument) return frame.remove();
    const page = frame.contentDocument;
    const before = shown?.contentDocument;
    if (before) places[shown.dataset.language] = before.scrollingElement.scrollTop;
    page.scrollingElement.scrollTop = places[inLanguage] ?? 0;
    await calm(page);
    if (signal.aborted) return frame.remove();
    if (before) page.scrollingElement.scrollTop = place(inLanguage);
    frame.dataset.language = inLanguage;
    frame.title = words.frame.replace("{title}", page.title);
    frame.removeAttribute("aria-hidden");
    frame.removeAttribute("tabindex");
    frame.classList.add("preview__frame--shown");
    page.addEventListener("click", (event) => clicked(event, page, inLanguage));
    for (const other of sheet.querySelectorAll("iframe")) if (other !== frame) other.remove();
    shown = frame;
    return undefined;
  }

  /** Where the reader is now, who may have scrolled while the next page came. */
  function place(inLanguage) {
    if (shown.dataset.language === inLanguage) {
      places[inLanguage] = shown.contentDocument.scrollingElement.scrollTop;
    }
    return places[inLanguage] ?? 0;
  }

  /** Until letters and pictures in view are there, and no longer than the eye would wait. */
  function calm(page) {
    const { innerHeight } = page.defaultView;
    const inView = [...page.images].filter((image) => {
      const box = image.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    });
    const ready = [page.fonts.ready, ...inView.map((image) => image.decode().catch(() => {}))];
    return Promise.race([Promise.all(ready), new Promise((done) => setTimeout(done, 400))]);
  }

  function lay() {
    const room = stage.getBoundingClientRect();
    if (!room.width) return;
    const scale = Math.min(1, room.width / width);
    sheet.style.inlineSize = `${width * scale}px`;
    for (const frame of sheet.children) {
      frame.style.inlineSize = `${width}px`;
      frame.style.blockSize = `${room.height / scale}px`;
      frame.style.transform = `scale(${scale})`;
    }
  }

  // -- what is clicked in the page

  function clicked(event, page, inLanguage) {
    const link = event.target.closest("a[href], area[href]");
    if (link) {
      event.preventDefault();
      const address = link.getAttribute("href");
      if (address.startsWith("#")) {
        page.getElementById(decodeURIComponent(address.slice(1)))?.scrollIntoView();
      } else if (/^(https?:|\/)/.test(address)) {
        window.open(address, "_blank", "noopener");
        say(words.elsewhere);
      } else {
        say(words.blocked);
      }
      return;
    }
    if (event.target.closest("summary")) return;
    const block = event.target.closest("h1, h2, h3, p, li, figcaption, td, th, .page-header__lede");
    if (block) goTo(block, inLanguage);
  }

  const bare = (text) => text.replace(/[\s\u00a0\u202f]+/g, " ").trim();

  /** The caret to what was clicked: the title, the summary, or the paragraph with these words. */
  function goTo(block, inLanguage) {
    if (SHEET.matches) return;
    const named = { "page-header__title": "title", "page-header__lede": "summary" };
    const plain = Object.keys(named).find((name) => block.classList.contains(name));
    if (plain) {
      document.getElementById(`id_${named[plain]}_${inLanguage}`)?.focus();
      return;
    }
    const editor = document.getElementById(`id_body_${inLanguage}`)?.documentEditor?.editor;
    if (!editor || !block.closest(".prose")) return;
    const copy = block.cloneNode(true);
    for (const call of copy.querySelectorAll(".footnote-call, sup a")) call.remove();
    const wanted = bare(copy.textContent).slice(0, 60);
    let found = null;
    editor.state.doc.descendants((node, position) => {
      if (found === null && node.isTextblock && bare(node.textContent).startsWith(wanted)) {
        found = position + 1;
      }
      return found === null;
    });
    if (found !== null && wanted) editor.chain().focus(found).scrollIntoView().run();
  }

  // -- what is to be fixed

  function listNotes({ problems, findings }) {
    const groups = [
      [words.unread, problems],
      [words.must, findings.filter((each) => each.blocks)],
      [words.may, findings.filter((each) => !each.blocks)],
    ].filter(([, each]) => each.length);
    const heads = groups.map(([title, each]) => `${title} (${each.length})`);
    notes.hidden = !groups.length;
    notes.querySelector("summary").textContent = heads.join(" · ");
    notes.querySelector("div").replaceChildren(
      ...groups.flatMap(([title, each]) => {
        const head = document.createElement("h3");
        head.textContent = title;
        const list = document.createElement("ul");
        list.append(...each.map(noteItem));
        return [head, list];
      }),
    );
  }

  function noteItem({ message, field }) {
    const item = document.createElement("li");
    const target = field && document.getElementById(`id_${field}`);
    if (!target) {
      item.textContent = message;
      return item;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = message;
    button.addEventListener("click", () => {
      if (SHEET.matches) close();
      const surface = target.documentEditor?.editor;
      if (surface) surface.commands.focus();
      else target.focus();
      target.closest(".form-row")?.scrollIntoView({ block: "nearest" });
    });
    item.append(button);
    return item;
  }

  // -- the pane

  function choose(buttons, name, value) {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset[name] === String(value)));
    }
  }

  function setLanguage(wanted) {
    if (wanted === language) return;
    language = wanted;
    choose(languages, "language", language);
    if (open) ask();
  }

  function setShare(percent) {
    const share = Math.round(Math.min(75, Math.max(30, percent)));
    document.documentElement.style.setProperty("--preview-share", `${share}vw`);
    separator.setAttribute("aria-valuenow", share);
    separator.setAttribute("aria-valuetext", words.percent.replace("{percent}", share));
    remember({ share });
    lay();
  }

  function setOpen(wanted, { focus = false } = {}) {
    open = wanted;
    pane.hidden = !open;
    document.body.classList.toggle("preview-open", open);
    toggle.setAttribute("aria-expanded", String(open));
    if (!open) {
      clearTimeout(timer);
      asked?.abort();
      return;
    }
    lay();
    ask();
    if (focus && SHEET.matches) pane.querySelector("[data-close]").focus();
  }

  function close() {
    setOpen(false);
    remember({ open: false });
    toggle.focus();
  }

  toggle.addEventListener("click", () => {
    const wanted = !open;
    remember({ open: wanted });
    setOpen(wanted, { focus: true });
  });
  pane.querySelector("[data-close]").addEventListener("click", close);
  pane.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  for (const button of languages) {
    button.addEventListener("click", () => setLanguage(button.dataset.language));
  }
  for (const button of widths) {
    button.addEventListener("click", () => {
      width = Number(button.dataset.width);
      choose(widths, "width", width);
      remember({ width });
      lay();
    });
  }
  form.addEventListener("focusin", (event) => {
    const column = event.target.closest(".language[data-language]");
    if (column) setLanguage(column.dataset.language);
  });

  separator.addEventListener("keydown", (event) => {
    const now = Number(separator.getAttribute("aria-valuenow"));
    const to = { ArrowLeft: now + 5, ArrowRight: now - 5, Home: 30, End: 75 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setShare(to);
  });
  separator.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    separator.setPointerCapture(event.pointerId);
    const move = ({ clientX }) => setShare(((innerWidth - clientX) / innerWidth) * 100);
    const stop = () => {
      separator.removeEventListener("pointermove", move);
      pane.classList.remove("preview--moving");
    };
    pane.classList.add("preview--moving");
    separator.addEventListener("pointermove", move);
    separator.addEventListener("lostpointercapture", stop, { once: true });
  });
  new ResizeObserver(lay).observe(stage);

  for (const kind of ["input", "change", "formset:added", "formset:removed"]) {
    form.addEventListener(kind, () => soon());
  }
  // The lists of names tell of a choice through the library they are made with, and not otherwise.
  window.django?.jQuery?.(form).on("change", () => soon());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (open) soon(0);
  });

  document.addEventListener("languages:shown", ({ detail }) => {
    if (languages.some((each) => each.dataset.language === detail)) setLanguage(detail);
  });
  // A new text has an address of its own once it is stored.
  form.addEventListener("story:saved", ({ detail }) => {
    if (!detail.change) return;
    for (const each of languages) {
      each.dataset.url = detail.change.replace(/change\/$/, `preview/${each.dataset.language}/`);
    }
  });

  choose(languages, "language", language);
  choose(widths, "width", width);
  setShare(Number(kept.share) || 50);
  // On a small screen the sheet would hide the form that somebody came for.
  if (kept.open && !SHEET.matches) setOpen(true);
}
