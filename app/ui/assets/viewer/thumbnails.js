// All pages as small pictures that are fetched when they come into view, and the search for a phrase.

class Thumbnails {
  constructor(act) {
    this.act = act; this.count = 0;
    this.root = el("section", "gallery"); this.root.setAttribute("aria-label", "All pages");
    const bar = el("div", "bar");
    this.label = el("h4", "grow", "All pages");
    this.size = el("input"); this.size.type = "range"; this.size.min = 80; this.size.max = 260; this.size.value = 128;
    this.size.setAttribute("aria-label", "Size of the small pages");
    this.size.oninput = () => this.grid.style.setProperty("--thumb", `${this.size.value}px`);
    bar.append(this.label, el("span", "hint", "Size"), this.size);
    this.grid = el("div", "thumbs"); this.grid.style.setProperty("--thumb", "128px");
    this.root.append(bar, this.grid);
  }

  // `address(number)`: where a page's picture lies. Elements are kept; only what changed is set again.
  show(pages, address, key) {
    if (this.key !== key) {
      this.key = key;
      const nodes = this.grid.children;
      while (nodes.length > pages.length) nodes[nodes.length - 1].remove();
      const fresh = document.createDocumentFragment();
      for (let index = nodes.length; index < pages.length; index += 1) fresh.append(this.make(index + 1));
      this.grid.append(fresh);
      pages.forEach(([width, height, tokens], index) => {
        const node = nodes[index], image = node.querySelector("img");
        node.style.setProperty("--shape", `${width} / ${height}`);
        image.src = address(index + 1);
        node.querySelector(".tokens").textContent = whole(tokens);
      });
      this.label.textContent = pages.length === 1 ? "1 page" : `All ${whole(pages.length)} pages`;
    }
  }

  make(number) {
    const node = el("button", "thumb"); node.type = "button"; node.setAttribute("aria-label", `Go to page ${number}`);
    const image = new Image(); image.loading = "lazy"; image.decoding = "async"; image.alt = "";
    const caption = el("span", "caption");
    caption.append(el("b", "", String(number)), el("span", "tokens"), el("span", "hits"));
    caption.children[1].title = "visual tokens";
    node.append(image, caption);
    node.onclick = () => this.act.go(number);
    return node;
  }

  mark(page) {
    // Reading places makes the browser lay everything out: not for every picture of a drag.
    if (this.marked === page && this.markedKey === this.key) return;
    this.marked = page; this.markedKey = this.key;
    this.grid.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const node = this.grid.children[page - 1];
    if (!node) return;
    node.setAttribute("aria-current", "page");
    const top = node.offsetTop - this.grid.offsetTop, { scrollTop, clientHeight } = this.grid;
    if (top < scrollTop || top + node.offsetHeight > scrollTop + clientHeight) this.grid.scrollTop = top - clientHeight / 3;
  }

  hits(counts) {
    [...this.grid.children].forEach((node, index) => {
      const found = counts.get(index + 1);
      node.classList.toggle("hit", Boolean(found));
      node.querySelector(".hits").textContent = found ? `${found} found` : "";
    });
  }
}

class Search {
  constructor(act) {
    this.act = act; this.matches = []; this.at = -1;
    this.root = el("div", "search"); this.root.setAttribute("role", "search");
    this.box = el("input"); this.box.type = "search"; this.box.placeholder = "Search the book"; this.box.maxLength = 200;
    this.box.setAttribute("aria-label", "Search a phrase in the book");
    this.count = el("span", "hint"); this.count.setAttribute("role", "status");
    this.before = button("‹", "Previous place", () => this.go(this.at - 1));
    this.after = button("›", "Next place", () => this.go(this.at + 1));
    this.root.append(this.box, this.before, this.after, this.count);
    this.box.oninput = () => { clearTimeout(this.timer); this.timer = setTimeout(() => act.search(this.box.value.trim()), 180); };
    this.box.onkeydown = (key) => { if (key.key === "Enter") this.go(this.at + (key.shiftKey ? -1 : 1)); key.stopPropagation(); };
    this.show([]);
  }

  show(matches) {
    this.matches = matches; this.at = -1;
    const asked = this.box.value.trim() !== "";
    this.before.hidden = this.after.hidden = matches.length < 2;
    this.count.textContent = !asked ? "" : matches.length === 0 ? "not found" : this.told();
    if (matches.length) this.go(0);
  }

  told() {
    const most = this.matches.length >= 500 ? "500 or more" : whole(this.matches.length);
    return `${this.at + 1} of ${most}`;
  }

  go(index) {
    if (!this.matches.length) return;
    this.at = (index + this.matches.length) % this.matches.length;
    this.count.textContent = this.told();
    const [start, end] = this.matches[this.at];
    this.act.found(start, end);
  }
}
