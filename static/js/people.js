/* The list of people follows what is typed. Without this file the form asks for the same page, so
   that both always show the same: the new list is taken from that page's answer. */

const form = document.querySelector(".people-filter");
const field = form?.elements.namedItem("name");
const list = document.getElementById("people_list");
const status = document.getElementById("people_count");
let waiting = 0;
let asking = new AbortController();

async function show() {
  const name = field.value.trim();
  const address = new URL(form.action);
  if (name) {
    address.searchParams.set("name", name);
  }
  asking.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(address, { signal: asking.signal });
    if (!answer.ok) {
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // A polite live region: it says how many, once, and only when that changes.
    const count = page.getElementById("people_count").textContent;
    if (status.textContent !== count) {
      status.textContent = count;
    }
    list.replaceChildren(...page.getElementById("people_list").childNodes);
    history.replaceState(null, "", address);
  } catch (error) {
    if (error.name !== "AbortError") {
      form.submit();
    }
  }
}

if (form && status) {
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    show();
  });
}
