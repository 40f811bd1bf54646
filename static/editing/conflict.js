// The page that tells of somebody's newer save: puts theirs, yours or both into a field, as chosen.

function start() {
  const section = document.querySelector("[data-conflict]");
  const form = section?.closest("form");
  if (!form?.kept) return;
  const choices = JSON.parse(document.getElementById("conflict-choices").textContent);
  const said = section.querySelector("[data-conflict-said]");

  for (const article of section.querySelectorAll("[data-difference]")) {
    const choice = choices[Number(article.dataset.difference)];
    const named = form.elements.namedItem(choice.name);
    if (!named) continue;
    const inputs = named instanceof RadioNodeList ? [...named] : [named];
    const buttons = [...article.querySelectorAll("[data-choose]")];
    article.querySelector("[data-choices]").hidden = false;
    article.querySelector("[data-choices] a").addEventListener("click", (event) => {
      const [input] = inputs;
      if (input.documentEditor) {
        event.preventDefault();
        input.documentEditor.editor.commands.focus();
      } else {
        setTimeout(() => input.focus(), 0);
      }
    });
    // What was typed since the page came is mine, too.
    let yours = choice.yours;
    const now = () =>
      inputs.flatMap((input) => {
        if (input.localName === "select") return [...input.selectedOptions].map((option) => option.value);
        if (input.type === "checkbox" || input.type === "radio") return input.checked ? [input.value] : [];
        return [input.value];
      });
    for (const button of buttons) {
      button.addEventListener("click", () => {
        const side = button.dataset.choose;
        if (button.getAttribute("aria-pressed") === "true") return;
        if (buttons.some((each) => each.dataset.choose === "yours" && each.getAttribute("aria-pressed") === "true")) {
          for (const input of inputs) input.documentEditor?.flush();
          yours = now();
        }
        const values = side === "yours" ? yours : choice[side];
        for (const input of inputs) form.kept.put(input, values, choice.titles);
        for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
        const label = article.querySelector("h3").textContent.trim();
        said.textContent = said.dataset[side].replace("{field}", label);
      });
    }
  }
  document.getElementById("conflict-title").focus();
}

start();
