// What a careful typesetter does while one types: the narrow space before ; ! ? and inside « », the
// no-break space before a colon, real quotation marks, apostrophes, dashes and dots. One table of
// rules for the text and for the plain fields of its form; what is typed inside an address is left
// alone. Whatever was improved is taken back, as it was typed, by Backspace or Ctrl+Z right after.
//
// Rules: Imprimerie nationale, "Lexique des règles typographiques"; spaces as Unicode CLDR has them
// for French.

import { pm } from "django-prose-editor/editor";

const { closeHistory } = pm.history;
const { Plugin, PluginKey, TextSelection } = pm.state;

const NARROW = "\u202f";
const NO_BREAK = "\u00a0";
const SPACES = /[ \u00a0\u202f]*$/;

// The word the caret stands behind belongs to an address: it has a scheme, a domain with a path, an
// @, or is a DOI or the path of a page.
const ADDRESS =
  /:\/\/|@|^[([«“"']*(?:www\.|mailto:|tel:|doi:|urn:|hal:|arxiv:|pmid:|10\.\d{4,9}\/|\.{0,2}\/|[\w-]+(?:\.[\w-]+)+\/)/i;
const SCHEME = /^[([«“"']*(?:https?|ftp|mailto|tel|doi|urn|hal|arxiv|pmid|www)$/i;

/** The last word before the caret, as far back as the last space. */
const wordOf = (before) => /[^\s]*$/.exec(before)[0];

// Where an opening mark may stand: at the beginning, behind a space, a bracket, a dash or another
// opening mark.
const isOpening = (before) => /(?:^|[\s([{/—–«“‘])$/.test(before);

/** The marks that are open in a text, innermost last. */
function openMarks(before) {
  const open = [];
  const pairs = { "»": "«", "”": "“" };
  for (const sign of before) {
    if (sign === "«" || sign === "“") open.push(sign);
    else if (pairs[sign] && open.includes(pairs[sign])) open.length = open.lastIndexOf(pairs[sign]);
  }
  return open;
}

const take = (back, text) => ({ back, text });

/** Puts a space of its own kind before a sign, in the place of those that were typed. */
function spaced(before, sign, space) {
  const typed = SPACES.exec(before)[0];
  const rest = before.slice(0, before.length - typed.length);
  // Nothing, a line of its own, or an opening mark: there is nothing to keep together.
  if (!rest || /[\n([{«“‘/—–]$/.test(rest)) return null;
  // ?! and !!! hold together.
  if (!typed && /[!?]$/.test(rest) && /[!?]/.test(sign)) return null;
  return typed === space ? null : take(typed.length, space + sign);
}

/** What both languages share; `before` ends where the caret is, `typed` is one sign. */
const SHARED = {
  ".": (before) => (/(?:^|[^./\\])\.\.$/.test(before) ? take(2, "…") : null),
  // At the beginning of a line, three hyphens are a rule across the page.
  "-": (before) => {
    const rest = before.slice(0, -1);
    if (/(?:^|\n)\s*$/.test(rest) || /[-!<]$/.test(rest)) return null;
    return { "-": take(1, "–"), "–": take(1, "—") }[before.at(-1)] ?? null;
  },
};

const RULES = {
  fr: {
    ...SHARED,
    ";": (before) => spaced(before, ";", NARROW),
    "!": (before) => spaced(before, "!", NARROW),
    "?": (before) => spaced(before, "?", NARROW),
    // 10:30, 3:2 and https: are known by what follows: without a space before the colon, one is put
    // there when the next sign is a space.
    ":": (before) => (/[^\s] $/.test(before) ? spaced(before, ":", NO_BREAK) : null),
    " ": (before) => {
      if (/«[\u00a0\u202f]$/.test(before)) return take(0, "");
      return colon(before, " ");
    },
    "%": (before) => (/\d $/.test(before) ? spaced(before, "%", NARROW) : null),
    "€": (before) => (/\d $/.test(before) ? spaced(before, "€", NO_BREAK) : null),
    "«": () => take(0, `«${NARROW}`),
    "»": (before) => spaced(before, "»", NARROW),
    "<": (before) => (before.endsWith("<") ? take(1, `«${NARROW}`) : null),
    ">": (before) => {
      if (!before.endsWith(">")) return null;
      const closed = spaced(before.slice(0, -1), "»", NARROW);
      return take(1 + (closed?.back ?? 0), closed?.text ?? "»");
    },
    '"': (before) => {
      const open = openMarks(before);
      if (isOpening(before)) return open.includes("«") ? take(0, "“") : take(0, `«${NARROW}`);
      if (open.at(-1) === "“") return take(0, "”");
      return open.length ? (spaced(before, "»", NARROW) ?? take(0, "»")) : null;
    },
    "'": (before) => (/\d$/.test(before) ? null : take(0, "’")),
  },
  en: {
    ...SHARED,
    '"': (before) => {
      if (isOpening(before)) return take(0, "“");
      return openMarks(before).length || !/\d$/.test(before) ? take(0, "”") : null;
    },
    "'": (before) => {
      if (isOpening(before)) return take(0, "‘");
      return /\d$/.test(before) ? null : take(0, "’");
    },
  },
};

function colon(before, then) {
  const word = wordOf(before.slice(0, -1));
  if (!before.endsWith(":") || !word || SCHEME.test(word) || ADDRESS.test(word)) return null;
  const better = spaced(before.slice(0, -1), ":", NO_BREAK);
  return better && take(better.back + 1, better.text + then);
}

/**
 * What should stand instead of a sign just typed: `{back, text}`, the number of signs before the
 * caret to be replaced and the text to put there; null where the sign is right as it is.
 *
 * `before` is the text of the block before the caret, `typed` one sign, `language` "en", "fr-CA"….
 */
export function improved(before, typed, language) {
  const rules = RULES[language.slice(0, 2)];
  const rule = rules && Object.hasOwn(rules, typed) ? rules[typed] : null;
  if (!rule || (typed !== " " && ADDRESS.test(wordOf(before)))) return null;
  return rule(before);
}

/** The same for the end of a line: a colon at the end of what introduces a list. */
export const improvedAtTheEnd = (before, language) =>
  language.slice(0, 2) === "fr" ? colon(before, "") : null;

// --- in the text ---------------------------------------------------------------------------------

const key = new PluginKey("typography");

const leafText = (node) => (node.type.name === "hardBreak" ? "\n" : "\ufffc");

/** The language at the caret: that of the passage, or of the whole text. */
function languageAt(state, language) {
  const marks = state.storedMarks ?? state.selection.$from.marks();
  return marks.find((mark) => mark.type.name === "language")?.attrs.lang ?? language;
}

/** Improves what is typed into a text in `language`; `plugin` for an editor of ProseMirror. */
export function typography(language) {
  const textBefore = ($pos) => $pos.parent.textBetween(0, $pos.parentOffset, null, leafText);

  /** One step of its own for "undo", so that the first takes back no more than this. */
  function replace(view, { back, text }, literal) {
    const { tr, selection, schema } = view.state;
    const at = selection.from;
    const marks = view.state.storedMarks ?? selection.$from.marks();
    const from = at - back - literal.added;
    closeHistory(tr);
    if (text) tr.replaceWith(from, at, schema.text(text, marks));
    else tr.delete(from, at);
    tr.setSelection(TextSelection.create(tr.doc, from + text.length));
    tr.setMeta(key, { from, to: from + text.length, typed: literal.text });
    view.dispatch(tr.scrollIntoView());
  }

  return new Plugin({
    key,
    state: {
      init: () => null,
      // Only the very next key may take it back.
      apply: (tr, last) => tr.getMeta(key) ?? (tr.docChanged || tr.selectionSet ? null : last),
    },
    props: {
      handleTextInput(view, from, to, typed) {
        const { state } = view;
        const $from = state.doc.resolve(from);
        if (typed.length !== 1 || view.composing || !$from.parent.isTextblock) return false;
        const before = textBefore($from);
        const better = improved(before, typed, languageAt(state, language));
        if (!better) return false;
        view.dispatch(state.tr.insertText(typed, from, to));
        const replaced = before.slice(before.length - better.back);
        replace(view, better, { added: 1, text: replaced + typed });
        return true;
      },
      handleKeyDown(view, event) {
        const { state } = view;
        if (event.key === "Enter" && state.selection.empty && !event.isComposing) {
          const { $from } = state.selection;
          const before = $from.parent.isTextblock ? textBefore($from) : "";
          const better = improvedAtTheEnd(before, languageAt(state, language));
          if (better) {
            replace(view, better, { added: 0, text: before.slice(before.length - better.back) });
          }
          return false;
        }
        const last = key.getState(state);
        if (event.key !== "Backspace" || !last || event.ctrlKey || event.altKey || event.metaKey) {
          return false;
        }
        const marks = state.doc.resolve(last.from).marks();
        const { tr, schema } = state;
        tr.replaceWith(last.from, last.to, schema.text(last.typed, marks));
        view.dispatch(closeHistory(tr).scrollIntoView());
        return true;
      },
    },
  });
}

// --- in a plain field ----------------------------------------------------------------------------

/** Improves what is typed into an `input` or `textarea`, in its own language. */
export function improveField(field) {
  const language = field.lang;
  let last = null;

  // As if typed, so that the browser's own "undo" knows of it.
  const put = (from, to, text) => {
    field.setSelectionRange(from, to);
    document.execCommand(text ? "insertText" : "delete", false, text);
  };

  field.addEventListener("beforeinput", (event) => {
    if (event.inputType !== "insertText" || event.isComposing || event.data?.length !== 1) return;
    const { selectionStart: from, selectionEnd: to, value } = field;
    const better = improved(value.slice(0, from), event.data, language);
    if (!better) return;
    event.preventDefault();
    const typed = value.slice(from - better.back, from) + event.data;
    put(from, to, event.data);
    put(from - better.back, from + 1, better.text);
    last = { from: from - better.back, to: from - better.back + better.text.length, typed };
  });
  field.addEventListener("input", () => {
    last = null;
  });
  field.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key !== "Backspace" || !plain || !last || field.selectionEnd !== last.to) return;
    event.preventDefault();
    const { from, to, typed } = last;
    put(from, to, typed);
  });
}
