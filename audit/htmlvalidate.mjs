// html-validate: its recommended rules and those for accessibility.
export default {
  root: true,
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: {
    // As the formatter of our templates writes it.
    "doctype-style": ["error", { style: "lowercase" }],
    // What a template leaves where a tag stood; nobody sees it.
    "no-trailing-whitespace": "off",
    // A wide table scrolls in a named region. A <section> would have to have a heading (Nu checker).
    "prefer-native-element": ["error", { exclude: ["region"] }],
    // A title is as long as an editor writes it: search engines cut it, and nothing breaks.
    "long-title": ["error", { maxlength: 120 }],
  },
};
