/* The panel of publication: its button says what it will do, a finding leads to its field, and what
   the checks warn of is asked about here instead of on a page between. Without this module, all of
   it works by the form alone. */

const panel = document.querySelector(".publish-panel");
const form = panel?.closest("form");

/* A language that is folded away, and the surface over a text, know how to be shown. */
function show(name) {
  const field = document.getElementById(`id_${name}`);
  if (!field) return false;
  const row = field.closest(".form-row, .form-group, .fieldBox") ?? field.parentElement;
  for (let box = row; box; box = box.parentElement) {
    if (box.tagName === "DETAILS") box.open = true;
  }
  const language = field.closest("[data-language]")?.dataset.language;
  if (language) document.dispatchEvent(new CustomEvent("languages:show", { detail: language }));
  const surface = row.querySelector("[contenteditable=true]");
  const target = surface ?? (field.offsetParent ? field : row.querySelector("input, select, textarea, button"));
  row.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
  return true;
}

function follow(event) {
  const link = event.target.closest("a[data-field]");
  if (link && show(link.dataset.field)) event.preventDefault();
}

function label() {
  const moment = document.getElementById("publish-at");
  const button = panel.querySelector("button[data-now]");
  if (!moment || !button) return;
  button.textContent = moment.value ? button.dataset.later : button.dataset.now;
}

/* What was filled in since the panel was made is no longer missing; the server looks again. */
let judged = new Map();

function judge() {
  judged = new Map();
  for (const item of panel.querySelectorAll(".publish-panel__ask li")) {
    const field = document.getElementById(`id_${item.dataset.field}`);
    if (field) judged.set(field.id, field.value);
  }
}

function untouched(name) {
  const field = document.getElementById(`id_${name}`);
  return !field || judged.get(field.id) === field.value;
}

function warnings(ask, wanted) {
  return [...ask.querySelectorAll("li")].filter((item) => {
    const holds = (wanted === "all" || item.dataset.language === wanted) && untouched(item.dataset.field);
    item.hidden = !holds;
    return holds;
  });
}

let asking = null;

function question(event) {
  const button = event.submitter;
  const ask = panel.querySelector(".publish-panel__ask");
  if (!ask || !button) return;
  const publishes = button.name === "_publish" || (button.name === "_review" && button.value === "approve-publish");
  const answered = asking === button;
  asking = null;
  if (!publishes || answered) return;
  const found = warnings(ask, button.name === "_publish" ? button.value : "all");
  if (!found.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask.hidden = false;
  const back = () => {
    ask.hidden = true;
    for (const input of ask.querySelectorAll("[name=acknowledged]")) input.disabled = true;
    button.focus();
  };
  ask.querySelector("[data-back]").onclick = back;
  ask.onkeydown = (key) => {
    if (key.key === "Escape") back();
  };
  ask.querySelector("[data-anyway]").onclick = () => {
    for (const item of found) item.querySelector("[name=acknowledged]").disabled = false;
    asking = button;
    form.requestSubmit(button);
  };
  const title = ask.querySelector("h3");
  ask.scrollIntoView({ block: "nearest" });
  title.focus();
}

if (form) {
  panel.addEventListener("click", follow);
  panel.addEventListener("input", label);
  form.addEventListener("submit", question, { capture: true });
  // What stands in the panel is put there anew when a button has done its work.
  form.addEventListener("story:panels", () => {
    label();
    judge();
  });
  label();
  judge();
}
