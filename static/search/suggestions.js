// Names and titles offered while somebody types. Without this the form searches all the same.
//
// A combobox with a list box (WAI-ARIA 1.2, "list autocomplete with manual selection"): the arrow
// keys choose, Enter goes there or searches, Escape closes. Answers that come late are dropped.

const WAIT = 150;
const SHORTEST = 2;

for (const form of document.querySelectorAll("form[data-suggestions]")) start(form);

function start(form) {
  const input = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  const said = document.createElement("p");
  let timer = 0;
  let asking = null;
  let chosen = -1;

  list.className = "search__list";
  list.id = `${input.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.found);
  list.hidden = true;
  said.className = "unseen";
  said.setAttribute("role", "status");
  input.after(list);
  form.append(said);
  for (const [name, value] of Object.entries({
    // A search field is no combobox (ARIA in HTML); a text field may be one.
    type: "text",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  }))
    input.setAttribute(name, value);

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    said.textContent = "";
  }

  function choose(index) {
    const options = list.children;
    options[chosen]?.removeAttribute("aria-selected");
    chosen = (index + options.length + 1) % (options.length + 1);
    if (chosen === options.length) chosen = -1;
    const option = options[chosen];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    } else input.removeAttribute("aria-activedescendant");
  }

  function show(suggestions) {
    close();
    list.replaceChildren(
      ...suggestions.map(({ title, label, url }, index) => {
        const option = document.createElement("li");
        const name = document.createElement("span");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.dataset.url = url;
        name.textContent = title;
        option.append(name);
        if (label) {
          const what = document.createElement("small");
          what.textContent = label;
          option.append(" ", what);
        }
        return option;
      }),
    );
    if (!suggestions.length || document.activeElement !== input) return;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    said.textContent = `${suggestions.length} ${form.dataset.found}`;
  }

  async function ask() {
    const text = input.value.trim();
    asking?.abort();
    if (text.length < SHORTEST) return close();
    asking = new AbortController();
    try {
      const address = `${form.dataset.suggestions}?q=${encodeURIComponent(text)}`;
      const answer = await fetch(address, { signal: asking.signal });
      if (answer.ok) show((await answer.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (event.key === "ArrowDown") choose(chosen + 1);
      else choose(chosen < 0 ? list.children.length - 1 : chosen - 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.url);
    }
  });
  // Before the field loses the focus and the list closes.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-url]");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
}
