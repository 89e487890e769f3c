// The pages of a rendered book: a strip or a grid that paints only what is in view, and a large view with zoom.

/**
 * @typedef {[number, number, number, string]} GalleryPage width, height, visual tokens, chapter ("": none)
 * @typedef {{ pages: GalleryPage[], of: string, base: string, name: string }} GalleryData `of`: what they are the pages of
 */

class Gallery {
  /** @type {GalleryPage[]} */
  pages = [];
  /** @type {string | undefined} what the pages are of */
  of;
  base = ""; // where the pictures lie
  name = "";
  at = 0; // of the large view, from 0
  zoom = 0; // 0: not fitted yet
  dialog = el("dialog");
  caption = el("span", "grow");
  view = el("div", "view");
  image = el("img");

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = el("div", "gallery");
    this.tools = el("div", "tools");
    this.label = el("span", "grow");
    this.jump = el("input");
    this.jump.type = "number";
    this.jump.min = "1";
    this.jump.placeholder = "Page";
    this.jump.setAttribute("aria-label", "Jump to page");
    this.jump.onchange = () => this.goTo(Number(this.jump.value) - 1);
    this.layout = el("button", "", "All pages");
    this.layout.onclick = () => {
      const grid = this.strip.classList.toggle("grid");
      this.layout.textContent = grid ? "One row" : "All pages";
    };
    this.tools.append(this.label, this.jump, this.layout);
    this.strip = el("div", "strip");
    this.root.append(this.tools, this.strip, this.makeDialog());
    parent.appendChild(this.root);
  }

  makeDialog() {
    const bar = el("div", "tools");
    bar.append(
      this.caption,
      button("‹", "Previous page", () => this.open(this.at - 1)),
      button("›", "Next page", () => this.open(this.at + 1)),
      button("−", "Smaller", () => this.setZoom(this.zoom / 1.25)),
      button("1:1", "One image pixel, one screen pixel", () => this.setZoom(1)),
      button("+", "Larger", () => this.setZoom(this.zoom * 1.25)),
      button("Fit", "Fit the window", () => this.fit()),
      button("Close", "Close (Esc)", () => this.dialog.close()),
    );
    this.image.onload = () => this.sized();
    this.view.append(this.image);
    this.view.onwheel = (wheel) => {
      if (!wheel.ctrlKey) return;
      wheel.preventDefault();
      this.setZoom(this.zoom * (wheel.deltaY < 0 ? 1.1 : 1 / 1.1));
    };
    this.dialog.onkeydown = (key) => {
      if (key.key === "ArrowRight" || key.key === "PageDown") this.open(this.at + 1);
      if (key.key === "ArrowLeft" || key.key === "PageUp") this.open(this.at - 1);
      if (key.key === "+") this.setZoom(this.zoom * 1.25);
      if (key.key === "-") this.setZoom(this.zoom / 1.25);
    };
    this.dialog.append(bar, this.view);
    return this.dialog;
  }

  /** @param {GalleryData} data */
  update({ pages, of, base, name }) {
    this.base = base; // the same pictures may lie elsewhere now: those that are shown stay
    if (this.of === of && this.pages.length === pages.length) return;
    this.of = of;
    this.pages = pages;
    this.name = name;
    this.label.textContent = pages.length === 1 ? "1 page" : `${pages.length} pages`;
    this.jump.max = String(pages.length);
    this.jump.hidden = this.layout.hidden = pages.length < 4;
    this.strip.replaceChildren(
      ...pages.map(([width, height, tokens, chapter], index) => {
        const figure = el("figure");
        const button = el("button");
        button.setAttribute("aria-label", `Page ${index + 1}, open large`);
        const image = el("img");
        image.loading = "lazy";
        image.decoding = "async";
        image.width = width;
        image.height = height;
        image.alt = "";
        image.src = this.url(index);
        button.append(image);
        button.onclick = () => this.open(index);
        const caption = el("figcaption", "", `${index + 1} · ${tokens} tokens`);
        if (chapter) {
          const name = el("span", "chapter", chapter);
          explain(name, chapter); // it ends in "…" where it is long
          caption.append(name);
        }
        figure.append(button, caption);
        return figure;
      }),
    );
  }

  /** @param {number} index */
  url(index) {
    return `${this.base}/${index + 1}.png`;
  }

  /** @param {number} index */
  goTo(index) {
    const figure = this.strip.children[Math.max(0, Math.min(this.pages.length - 1, index))];
    figure?.scrollIntoView({
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
      block: "nearest",
      inline: "start",
    });
  }

  /** @param {number} index */
  open(index) {
    if (index < 0 || index >= this.pages.length) return;
    this.at = index;
    const [width, height, tokens, chapter] = this.pages[index];
    this.caption.textContent = `${this.name}${chapter ? ` · ${chapter}` : ""} · page ${index + 1} of ${this.pages.length} · ${width} × ${united(height, "px")} · ${tokens} visual tokens`;
    this.image.alt = `Page ${index + 1}`;
    this.image.src = this.url(index);
    if (!this.dialog.open) this.dialog.showModal();
    if (!this.zoom) this.fit();
    else this.sized();
    this.view.scrollTo(0, 0);
  }

  fit() {
    const [width, height] = this.pages[this.at];
    this.setZoom(Math.min((this.view.clientWidth - 24) / width, (this.view.clientHeight - 24) / height));
  }

  /** @param {number} zoom */
  setZoom(zoom) {
    this.zoom = Math.min(8, Math.max(0.2, zoom));
    this.sized();
  }

  sized() {
    if (!this.zoom) return;
    this.image.style.width = `${this.pages[this.at][0] * this.zoom}px`;
    this.view.classList.toggle("sharp", this.zoom >= 2);
  }
}
