// The keys there are, in a dialog: the tools', then those that have no button.

import { show } from "document-editor/dialogs";
import { el } from "document-editor/dom";
import { documentTools, readableKeys } from "document-editor/toolbar";

const OTHERS = [
  ["keys_slash", "/"],
  ["keys_toolbar", "Alt-F10"],
  ["keys_up", "Alt-Shift-↑"],
  ["keys_down", "Alt-Shift-↓"],
  ["keys_after", "Mod-Enter"],
  ["keys_before", "Mod-Shift-Enter"],
  ["keys_break", "Shift-Enter"],
  ["keys_select", "Escape"],
  ["keys_open", "Enter"],
  ["keys_literal", "Backspace"],
  ["keys_plain", "Mod-Shift-v"],
];

export function showKeys(surface) {
  const { t } = surface;
  const rows = [
    ...documentTools(surface)
      .flat()
      .filter(({ keys }) => keys)
      .map(({ key, keys }) => [t(`tool_${key}`), keys]),
    ...OTHERS.map(([key, keys]) => [t(key), keys]),
  ];
  const table = el(
    "table",
    { class: "editor-keys" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("keys_for")), el("th", { scope: "col" }, t("keys")))),
    el(
      "tbody",
      {},
      rows.map(([name, keys]) =>
        el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, el("kbd", {}, readableKeys(keys)))),
      ),
    ),
  );
  return show(surface, { title: t("keys_title"), content: [table] });
}
