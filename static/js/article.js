/* What an article gains where scripts run: its galleries open picture by picture over the page, and
   its address can be copied. Without this file each picture of a gallery is a link to itself at full
   size, and the address stands there as text. */

const WORDS = {
  en: {
    pictures: "Pictures",
    shown: (number, total) => `Picture ${number} of ${total}`,
    previous: "Previous",
    next: "Next",
    close: "Close",
  },
  fr: {
    pictures: "Images",
    shown: (number, total) => `Image ${number} sur ${total}`,
    previous: "Précédente",
    next: "Suivante",
    close: "Fermer",
  },
};
const words = WORDS[document.documentElement.lang] ?? WORDS.en;

function make(name, className, text = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function button(text, className, act) {
  const made = make("button", `lightbox__button ${className}`, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** The caption of a whole gallery, without the calls of its footnotes. */
function captionOf(gallery) {
  const caption = gallery.querySelector("figcaption")?.cloneNode(true);
  caption?.querySelectorAll(".footnote-call").forEach((call) => call.remove());
  return caption?.textContent.trim() ?? "";
}

/** One native dialog a gallery: it holds the focus, closes on Escape, and makes the page inert. */
class Lightbox {
  constructor(gallery) {
    this.links = [...gallery.querySelectorAll(".gallery__link")];
    this.caption = captionOf(gallery);
    this.links.forEach((link, index) => {
      link.addEventListener("click", (event) => {
        // A new tab or window was asked for: the link is a link.
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        this.open(index);
      });
    });
  }

  build() {
    this.dialog = make("dialog", "lightbox");
    this.dialog.setAttribute("aria-label", words.pictures);
    this.figure = make("figure", "lightbox__figure");
    this.status = make("p", "lightbox__status");
    this.status.setAttribute("role", "status");
    const bar = make("div", "lightbox__bar");
    if (this.links.length > 1) {
      bar.append(
        button(words.previous, "lightbox__button--previous", () => this.show(this.index - 1)),
        button(words.next, "lightbox__button--next", () => this.show(this.index + 1)),
      );
    }
    const close = button(words.close, "lightbox__button--close", () => this.dialog.close());
    close.autofocus = true;
    bar.append(this.status, close);
    this.dialog.append(this.figure, bar);
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog || event.target === this.figure) this.dialog.close();
    });
    // Back to where the reader is now, which may not be the picture that was opened.
    this.dialog.addEventListener("close", () => this.links[this.index].focus());
    document.body.append(this.dialog);
  }

  open(index) {
    if (!this.dialog) this.build();
    this.show(index);
    this.dialog.showModal();
  }

  show(index) {
    const total = this.links.length;
    this.index = (index + total) % total;
    const link = this.links[this.index];
    const picture = link.querySelector("picture").cloneNode(true);
    for (const part of picture.querySelectorAll("[sizes]")) part.sizes = "100vw";
    const image = picture.querySelector("img");
    image.loading = "eager";
    const caption = make("figcaption", "lightbox__caption", this.caption);
    const credit = link.parentElement.querySelector(".credit");
    if (credit) caption.append(" ", credit.cloneNode(true));
    this.figure.replaceChildren(picture, ...(caption.textContent ? [caption] : []));
    const described = make("span", "unseen", image.alt ? `: ${image.alt}` : "");
    this.status.replaceChildren(words.shown(this.index + 1, total), described);
  }

  key(event) {
    const last = this.links.length - 1;
    const wanted = {
      ArrowLeft: this.index - 1,
      ArrowRight: this.index + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (wanted === undefined || last === 0) return;
    event.preventDefault();
    this.show(wanted);
  }
}

document.querySelectorAll(".gallery").forEach((gallery) => new Lightbox(gallery));

document.querySelectorAll("[data-copy]").forEach((copy) => {
  if (!navigator.clipboard) return;
  const status = copy.parentElement.querySelector("[role=status]");
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      status.textContent = status.dataset.done;
    } catch {
      // Refused by the browser: the address stands below, ready to be selected.
      copy.hidden = true;
    }
  });
});
