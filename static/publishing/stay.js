// Publishing, reviewing and saving without leaving the text: the form is sent as ever, and of the
// page that comes back only what has changed is put in the place of what was there. The caret, the
// undo history and the open preview stay. Whatever is out of the ordinary (an error, somebody's newer
// save, another page) is left to the browser, which sends the form by itself.

const STAYS = new Set(["_continue", "_publish", "_withdraw", "_unschedule", "_update", "_keep", "_end", "_review", "_release"]);
// The panels that say where the text stands. Those of comments and shared drafts look after themselves.
const PANELS = [".publish-panel", ".review-panel"];

const form = document.querySelector(".story-form form:has(.story-aside)");

if (form) {
  let passing = false;

  form.addEventListener("submit", (event) => {
    const { submitter } = event;
    if (event.defaultPrevented || passing || !submitter || !STAYS.has(submitter.name)) return;
    const { kept } = form;
    // A new text gets its page first; a new inner row gets its number from a page, too.
    if (!kept?.autosave || !kept.settings.object || document.querySelector(".conflict")) return;
    if ([...kept.last.keys()].some((key) => key.includes("[+") && kept.says(key))) return;
    event.preventDefault();
    send(submitter, kept);
  });

  async function send(submitter, kept) {
    const buttons = [...form.querySelectorAll("button, input[type=submit]")].filter((each) => !each.disabled);
    const body = new FormData(form, submitter);
    const state = kept.last;
    for (const button of buttons) button.disabled = true;
    form.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(form.action || location.href, { method: "POST", body });
      const came = new URL(response.url);
      if (!response.ok || !response.redirected) throw new Error(`${response.status}`);
      if (came.pathname !== location.pathname) {
        location.assign(response.url);
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const version = page.querySelector("input[name=_version]");
      if (!version) throw new Error("another page");
      kept.leaving = kept.autosave.leaving = false;
      kept.input("_version").value = version.value;
      kept.arrived({ state });
      kept.check();
      for (const button of buttons) button.disabled = false;
      take(page, submitter);
    } catch {
      // The browser sends it, and shows what the server says; what is typed is in its copy.
      for (const button of buttons) button.disabled = false;
      passing = true;
      form.requestSubmit(submitter);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  function take(page, submitter) {
    const token = page.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) form.elements.csrfmiddlewaretoken.value = token.value;
    const aside = form.querySelector(".story-aside");
    for (const selector of PANELS) {
      const [now, next] = [aside.querySelector(selector), page.querySelector(selector)];
      if (now && next) now.replaceChildren(...next.childNodes);
      else if (next) (aside.querySelector(PANELS[0]) ?? aside.firstElementChild).after(next);
      else now?.remove();
    }
    const [title, nextTitle] = [document.querySelector("#content h2"), page.querySelector("#content h2")];
    if (title && nextTitle) title.textContent = nextTitle.textContent;
    tell(page.querySelector(".messagelist"));
    form.dispatchEvent(new CustomEvent("story:panels", { bubbles: true, detail: { submitter } }));
  }

  /** What the server has to say, where one is looking, and aloud. */
  function tell(messages) {
    const before = document.querySelector(".messagelist");
    if (!messages) {
      before?.remove();
      return;
    }
    messages.setAttribute("role", "status");
    messages.tabIndex = -1;
    if (before) before.replaceWith(messages);
    else document.querySelector("#content").before(messages);
    messages.scrollIntoView({ block: "nearest" });
    messages.focus({ preventScroll: true });
  }
}
