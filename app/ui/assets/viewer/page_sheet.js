// One page picture with the grid of visual tokens over it: zoom, hover and keyboard on cells, heat map, marks of a search.

const MOST_ZOOM = 8;

class Sheet {
  fit = true;
  zoom = 1;
  grid = false;
  heat = false;
  whyNot = "";
  /** @type {Cells | null} */
  cells = null;
  /** @type {Marks | null} */
  marks = null;
  /** @type {number | null} the chosen one */
  cell = null;
  /** @type {[number, number] | null} top and bottom of what the page beside it shows too, in image pixels */
  passage = null;
  /** @type {[number, number] | undefined} columns and rows of visual tokens */
  gridSize;
  /** @type {number | undefined} width of the view */
  room;
  wide = 0;
  high = 0;

  /** @param {string} title @param {{ wantCells?: () => void, zoomed?: () => void }} told */
  constructor(title, told) {
    this.told = told;
    this.root = el("figure", "pane");
    this.caption = el("figcaption");
    this.view = el("div", "view");
    this.view.tabIndex = 0;
    this.view.setAttribute("role", "group");
    this.view.setAttribute("aria-label", title);
    this.sheet = el("div", "sheet");
    this.canvas = el("canvas");
    this.picture = new Image();
    this.picture.alt = "";
    this.tip = el("div", "tip");
    this.tip.hidden = true;
    this.spoken = el("div", "spoken");
    this.spoken.setAttribute("aria-live", "polite");
    this.sheet.append(this.picture, this.canvas);
    this.view.append(this.sheet);
    this.root.append(this.caption, this.view, this.tip, this.spoken);
    this.sheet.onpointermove = (event) => this.hover(event);
    this.sheet.onpointerleave = () => this.choose(null);
    this.view.onwheel = (wheel) => {
      if (!wheel.ctrlKey) return;
      wheel.preventDefault();
      this.zoomTo(this.scale() * (wheel.deltaY < 0 ? 1.1 : 1 / 1.1));
    };
    // Asking for the width while a picture is put in would lay out everything once more.
    this.watcher = new ResizeObserver(() => {
      this.room = this.view.clientWidth;
      this.size();
      this.told.zoomed?.();
    });
    this.watcher.observe(this.view);
  }

  /** @param {HTMLImageElement} picture @param {string} [label] */
  show(picture, label = this.picture.alt) {
    picture.alt = label;
    picture.draggable = false;
    this.picture.replaceWith(picture);
    this.picture = picture;
    this.passage = null;
    this.size();
  }

  scale() {
    if (!this.fit || !this.picture.naturalWidth) return this.zoom;
    return Math.min((this.room ?? this.view.clientWidth) - 32, 940) / this.picture.naturalWidth;
  }

  /** @param {number} zoom */
  zoomTo(zoom) {
    this.fit = false;
    this.zoom = Math.min(MOST_ZOOM, Math.max(0.15, zoom));
    this.size();
    this.told.zoomed?.();
  }

  // One image pixel, one screen pixel.
  trueSize() {
    this.zoomTo(1 / (window.devicePixelRatio || 1));
  }

  fitWidth() {
    this.fit = true;
    this.size();
    this.told.zoomed?.();
  }

  size() {
    const { naturalWidth: width, naturalHeight: height } = this.picture;
    if (!width) return;
    const scale = this.scale();
    this.wide = Math.round(width * scale);
    this.high = Math.round(height * scale);
    this.sheet.style.width = `${this.wide}px`;
    this.sheet.style.height = `${this.high}px`;
    this.view.classList.toggle("sharp", scale >= 2);
    this.paint();
  }

  paint() {
    const drawn = (this.heat && this.cells) || this.grid || this.marks || this.passage || this.cell !== null;
    const width = drawn ? this.wide : 0,
      height = drawn ? this.high : 0,
      dense = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * dense) || this.canvas.height !== Math.round(height * dense)) {
      this.canvas.width = Math.round(width * dense);
      this.canvas.height = Math.round(height * dense);
    }
    const pen = width ? this.canvas.getContext("2d") : null;
    if (!pen) return; // an empty canvas would be blended over every picture of a drag
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    const [columns, rows] = this.gridSize ?? [0, 0];
    if (!columns) return;
    const w = width / columns,
      h = height / rows;
    /** @param {number} cell */
    const at = (cell) => [(cell % columns) * w, Math.floor(cell / columns) * h];
    if (this.heat && this.cells)
      this.cells.tokens.forEach((tokens, cell) => {
        if (!tokens) return;
        const [x, y] = at(cell);
        pen.fillStyle = heatColor(tokens / this.most());
        pen.fillRect(x, y, w, h);
      });
    if (this.grid) {
      pen.strokeStyle = "rgba(20, 160, 152, .55)";
      pen.lineWidth = 1;
      pen.beginPath();
      for (let column = 0; column <= columns; column += 1) {
        pen.moveTo(column * w, 0);
        pen.lineTo(column * w, height);
      }
      for (let row = 0; row <= rows; row += 1) {
        pen.moveTo(0, row * h);
        pen.lineTo(width, row * h);
      }
      pen.stroke();
    }
    if (this.marks) {
      const s = width / this.picture.naturalWidth;
      pen.fillStyle = "rgba(255, 196, 0, .20)";
      this.marks.cells.forEach((cell) => {
        const [x, y] = at(cell);
        pen.fillRect(x, y, w, h);
      });
      pen.strokeStyle = "rgba(196, 120, 0, .8)";
      pen.lineWidth = 1.5;
      this.marks.cells.forEach((cell) => {
        const [x, y] = at(cell);
        pen.strokeRect(x + 0.75, y + 0.75, w - 1.5, h - 1.5);
      });
      pen.fillStyle = "rgba(255, 170, 0, .45)";
      this.marks.boxes.forEach(([left, top, right, bottom]) =>
        pen.fillRect(left * s - 1, top * s - 1, (right - left) * s + 2, (bottom - top) * s + 2),
      );
    }
    if (this.passage) {
      const s = height / this.picture.naturalHeight,
        [top, bottom] = this.passage;
      pen.fillStyle = "#d6451e";
      pen.fillRect(0, top * s, 4, (bottom - top) * s);
    }
    if (this.cell !== null) {
      const [x, y] = at(this.cell);
      pen.strokeStyle = "#d6451e";
      pen.lineWidth = 2.5;
      pen.strokeRect(x, y, w, h);
    }
  }

  most() {
    return Math.max(1, ...(this.cells?.tokens ?? []));
  }

  /** @param {Cells} cells */
  setCells(cells) {
    this.cells = cells.tokens ? cells : null;
    this.whyNot = cells.why_not ?? "";
    if (this.cell !== null) {
      this.fillTip(this.cell);
      this.placeTip(this.cell);
    }
    this.paint();
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const [columns, rows] = this.gridSize ?? [0, 0];
    if (!columns) return;
    const box = this.canvas.getBoundingClientRect();
    const column = Math.min(columns - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * columns)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * rows)));
    this.choose(row * columns + column);
  }

  // Arrow keys walk over the cells while the grid or the heat map is shown.
  /** @param {number} columnsBy @param {number} rowsBy */
  step(columnsBy, rowsBy) {
    const [columns, rows] = this.gridSize ?? [0, 0];
    if (!columns) return;
    const now = this.cell ?? 0,
      column = (now % columns) + columnsBy,
      row = Math.floor(now / columns) + rowsBy;
    if (column < 0 || row < 0 || column >= columns || row >= rows) return;
    this.choose(row * columns + column);
    const box = this.canvas.getBoundingClientRect(),
      frame = this.view.getBoundingClientRect(),
      y = box.top + ((row + 0.5) * box.height) / rows;
    if (y < frame.top + 40 || y > frame.bottom - 40) this.view.scrollTop += y - (frame.top + frame.height / 2);
    this.spoken.textContent = this.tip.textContent;
  }

  /** @param {number | null} cell */
  choose(cell) {
    const changed = this.cell !== cell;
    this.cell = cell;
    this.tip.hidden = cell === null;
    if (cell === null) {
      this.paint();
      return;
    }
    if (!this.cells && !this.whyNot) this.told.wantCells?.();
    if (changed || !this.tip.childElementCount) this.fillTip(cell);
    this.placeTip(cell);
    this.paint();
  }

  /** @param {number} cell */
  fillTip(cell) {
    const [columns] = this.gridSize ?? [1],
      where = `Visual token ${cell + 1}: row ${Math.floor(cell / columns) + 1}, column ${(cell % columns) + 1}`;
    const text = el("div", "held", this.cells ? this.cells.texts[cell] || "empty" : this.whyNot || "…");
    const tokens = this.cells ? this.cells.tokens[cell] : null;
    text.classList.toggle("nothing", !this.cells?.texts[cell]);
    this.tip.replaceChildren(
      text,
      el("div", "how", tokens === null ? "" : `${fixed(tokens, 1)} text token${tokens === 1 ? "" : "s"} in this one`),
      el("div", "where", where),
    );
  }

  /** @param {number} cell */
  placeTip(cell) {
    const [columns, rows] = this.gridSize ?? [1, 1],
      box = this.canvas.getBoundingClientRect(),
      home = this.root.getBoundingClientRect();
    const x = box.left - home.left + (((cell % columns) + 1) * box.width) / columns + 10;
    const y = box.top - home.top + ((Math.floor(cell / columns) + 1) * box.height) / rows + 6;
    const overRight = x + this.tip.offsetWidth > home.width;
    this.tip.style.left = `${Math.max(0, overRight ? x - this.tip.offsetWidth - box.width / columns - 20 : x)}px`;
    this.tip.style.top = `${y}px`;
  }

  destroy() {
    this.watcher.disconnect();
  }
}

// From nearly nothing over amber to red: the more text a visual token holds, the stronger.
/** @param {number} share */
function heatColor(share) {
  const s = Math.min(1, share),
    hue = 175 - 165 * s;
  return `hsl(${hue.toFixed(0)} 85% ${(52 - 6 * s).toFixed(0)}% / ${(0.18 + 0.47 * s).toFixed(2)})`;
}
