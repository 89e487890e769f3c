// What stands above the page: page number, zoom, what lies over or beside it; and the same by the keyboard.

class Toolbar {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.root = el("div", "tools");
    this.root.setAttribute("role", "toolbar");
    this.root.setAttribute("aria-label", "Page and view");
    this.number = el("input");
    this.number.type = "number";
    this.number.min = "1";
    this.number.setAttribute("aria-label", "Page number");
    this.number.onchange = () => viewer.go(Number(this.number.value));
    this.total = el("span", "hint");
    this.toggles = {
      grid: this.toggle("Grid", "Grid of visual tokens (G)", () => viewer.overlay.flip("grid")),
      heat: this.toggle("Heat map", "Text tokens in each visual token (H)", () => viewer.overlay.flip("heat")),
      ab: this.toggle("A | B", "Hold these settings as B and compare while you change A (B)", () =>
        viewer.second.flipB(),
      ),
      reference: this.toggle("Reference", "The reference engine's picture of this page, and the difference (R)", () =>
        viewer.second.flipReference(),
      ),
    };
    this.zoomLabel = el("span", "hint zoom");
    this.root.append(
      this.group(
        button("‹", "Previous page (Page Up)", () => viewer.go(viewer.page - 1)),
        this.number,
        this.total,
        button("›", "Next page (Page Down)", () => viewer.go(viewer.page + 1)),
      ),
      this.group(
        button("−", "Smaller (-)", () => viewer.pair.zoom(1 / 1.25)),
        button("Fit", "Fit the width (0)", () => viewer.pair.each((sheet) => sheet.fitWidth())),
        button("1:1", "One image pixel, one screen pixel (1)", () => viewer.pair.each((sheet) => sheet.trueSize())),
        button("+", "Larger (+)", () => viewer.pair.zoom(1.25)),
        this.zoomLabel,
      ),
      this.group(...Object.values(this.toggles)),
      viewer.found.box.root,
    );
  }

  /** @param {string} text @param {string} title @param {() => void} change */
  toggle(text, title, change) {
    const made = button(text, title, () => {
      change();
      this.showToggles();
      this.viewer.rest();
    });
    made.setAttribute("aria-pressed", "false");
    return made;
  }

  /** @param {HTMLElement[]} parts */
  group(...parts) {
    const made = el("div", "set");
    made.append(...parts);
    return made;
  }

  /** @param {number} page */
  showPage(page) {
    this.number.value = String(page);
  }

  /** @param {number} of how many pages there are */
  showTotal(of) {
    this.number.max = String(of);
    this.total.textContent = `of ${whole(of)}`;
  }

  showToggles() {
    const { main, second } = this.viewer;
    const pressed = {
      grid: main.grid,
      heat: main.heat,
      ab: second.mode === "b",
      reference: second.mode === "reference",
    };
    for (const [name, toggle] of Object.entries(this.toggles))
      toggle.setAttribute("aria-pressed", String(pressed[/** @type {keyof pressed} */ (name)]));
  }

  /** @param {number} zoom screen pixels to image pixels */
  showZoom(zoom) {
    this.zoomLabel.textContent = percent(zoom * (window.devicePixelRatio || 1), 0);
  }

  /** @param {KeyboardEvent} key */
  key(key) {
    const { viewer } = this,
      { main, pair } = viewer;
    const target = /** @type {Element} */ (key.composedPath()[0]);
    if (key.ctrlKey || key.metaKey || key.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    /** @type {Record<string, [number, number]>} */
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    /** @type {Record<string, () => void>} */
    const deeds = {
      PageDown: () => viewer.go(viewer.page + 1),
      PageUp: () => viewer.go(viewer.page - 1),
      g: () => this.toggles.grid.click(),
      h: () => this.toggles.heat.click(),
      b: () => this.toggles.ab.click(),
      r: () => this.toggles.reference.click(),
      "+": () => pair.zoom(1.25),
      "-": () => pair.zoom(0.8),
      0: () => pair.each((sheet) => sheet.fitWidth()),
      1: () => pair.each((sheet) => sheet.trueSize()),
      Escape: () => main.choose(null),
    };
    if (arrows[key.key] && (main.grid || main.heat) && target === main.view) main.step(...arrows[key.key]);
    else if (deeds[key.key]) deeds[key.key]();
    else return;
    key.preventDefault();
    key.stopPropagation();
  }
}
