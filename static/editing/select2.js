// The lists of names that the admin draws with Select2 say nothing of themselves to those who do not
// see them (WCAG 2.2, 4.1.2): their parts get the name of the field, and roles that fit.

function improve(select) {
  const box = select.nextElementSibling;
  if (!box?.classList.contains("select2")) return;
  const label = select.labels?.[0];
  const name = select.getAttribute("aria-label") ?? label?.textContent.trim().replace(/:$/, "") ?? "";
  const put = () => {
    const list = box.querySelector("ul.select2-selection__rendered");
    if (list && list.getAttribute("role") !== "group") {
      list.setAttribute("role", "group");
      list.setAttribute("aria-label", name);
    }
    for (const item of list?.querySelectorAll(":scope > li:not([role])") ?? []) item.setAttribute("role", "none");
    box.querySelector(".select2-search__field:not([aria-label])")?.setAttribute("aria-label", name);
    const single = box.querySelector(".select2-selection--single:not([data-named])");
    if (single) {
      single.dataset.named = "";
      single.removeAttribute("aria-labelledby");
      single.setAttribute("aria-label", name);
      const shown = single.querySelector(".select2-selection__rendered");
      shown?.removeAttribute("role");
      shown?.removeAttribute("aria-readonly");
    }
    // What is chosen is part of the name, for it cannot be read otherwise.
    const chosen = box.querySelector(".select2-selection--single .select2-selection__rendered")?.getAttribute("title");
    const combobox = box.querySelector(".select2-selection--single");
    const whole = chosen ? `${name}: ${chosen}` : name;
    if (combobox && combobox.getAttribute("aria-label") !== whole) combobox.setAttribute("aria-label", whole);
  };
  put();
  new MutationObserver(put).observe(box, { childList: true, subtree: true });
}

const improveAll = (root) => {
  for (const select of root.querySelectorAll("select.admin-autocomplete")) improve(select);
};

// Select2 draws its lists when the document is ready, and those of a new row once it is there.
globalThis.django?.jQuery?.(() => setTimeout(() => improveAll(document)));
document.addEventListener("formset:added", (event) => setTimeout(() => improveAll(event.target)));
