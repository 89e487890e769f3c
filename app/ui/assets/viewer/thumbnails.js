// All pages as small pictures that are fetched when they come into view.

class Thumbnails {
  /** @type {string | null} what the pictures are of */
  key = null;
  /** @type {number | undefined} */
  marked;
  /** @type {string | null} */
  markedKey = null;
  /** @type {{ node: HTMLElement, image: HTMLImageElement, tokens: HTMLElement, hits: HTMLElement }[]} */
  thumbs = [];

  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.root = el("section", "gallery");
    this.root.setAttribute("aria-label", "All pages");
    const bar = el("div", "bar");
    this.label = el("h4", "grow", "All pages");
    this.size = el("input");
    this.size.type = "range";
    this.size.min = "80";
    this.size.max = "260";
    this.size.value = "128";
    this.size.setAttribute("aria-label", "Size of the small pages");
    this.size.oninput = () => this.grid.style.setProperty("--thumb", `${this.size.value}px`);
    bar.append(this.label, el("span", "hint", "Size"), this.size);
    this.grid = el("div", "thumbs");
    this.grid.style.setProperty("--thumb", "128px");
    this.root.append(bar, this.grid);
  }

  // `address(number)`: where a page's picture lies. Elements are kept; only what changed is set again.
  /** @param {PageRow[]} pages @param {(page: number) => string} address @param {string} key */
  show(pages, address, key) {
    if (this.key !== key) {
      this.key = key;
      this.thumbs.splice(pages.length).forEach(({ node }) => node.remove());
      const fresh = document.createDocumentFragment();
      while (this.thumbs.length < pages.length) {
        this.thumbs.push(this.make(this.thumbs.length + 1));
        fresh.append(this.thumbs[this.thumbs.length - 1].node);
      }
      this.grid.append(fresh);
      pages.forEach(([width, height, count], index) => {
        const { node, image, tokens } = this.thumbs[index];
        node.style.setProperty("--shape", `${width} / ${height}`);
        image.src = address(index + 1);
        tokens.textContent = whole(count);
      });
      this.label.textContent = pages.length === 1 ? "1 page" : `All ${whole(pages.length)} pages`;
    }
  }

  /** @param {number} number */
  make(number) {
    const node = el("button", "thumb");
    node.type = "button";
    node.setAttribute("aria-label", `Go to page ${number}`);
    const image = new Image();
    image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    const caption = el("span", "caption");
    const tokens = el("span", "tokens"),
      hits = el("span", "hits");
    caption.append(el("b", "", String(number)), tokens, hits);
    node.append(image, caption);
    node.onclick = () => this.act.go(number);
    return { node, image, tokens, hits };
  }

  /** @param {number} page */
  mark(page) {
    // Reading places makes the browser lay everything out: not for every picture of a drag.
    if (this.marked === page && this.markedKey === this.key) return;
    this.marked = page;
    this.markedKey = this.key;
    this.grid.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const node = this.thumbs[page - 1]?.node;
    if (!node) return;
    node.setAttribute("aria-current", "page");
    const top = node.offsetTop - this.grid.offsetTop,
      { scrollTop, clientHeight } = this.grid;
    if (top < scrollTop || top + node.offsetHeight > scrollTop + clientHeight)
      this.grid.scrollTop = top - clientHeight / 3;
  }

  /** @param {Map<number, number>} counts */
  hits(counts) {
    this.thumbs.forEach(({ node, hits }, index) => {
      const found = counts.get(index + 1);
      node.classList.toggle("hit", Boolean(found));
      hits.textContent = found ? `${found} found` : "";
    });
  }
}
