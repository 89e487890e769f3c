// The ratio against DPI on the open book, as a drawing: a click on the line takes that resolution.

const CURVE_FILE = "ratio-against-dpi";

class Curve {
  /** @type {CurvePoint[]} */
  points = [];
  dpi = 0;
  low = 0;
  high = 1;
  top = 1;
  cursor = drawn("circle", { r: 5.5, class: "now" });

  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.root = el("section", "curve");
    this.root.hidden = true;
    this.root.append(el("h4", "", "Ratio against DPI"));
    this.svg = drawn("svg", { viewBox: "0 0 320 132", role: "img" });
    this.said = el("div", "hint", "");
    this.files = el("div", "files");
    this.files.append(
      button("SVG", "Save this chart as SVG", () => save(`${CURVE_FILE}.svg`, this.file(), "image/svg+xml")),
      button("PNG", "Save this chart as PNG", async () => {
        const { width, height } = this.svg.viewBox.baseVal;
        save(`${CURVE_FILE}.png`, await paintedFile(this.file(), width, height + 30), "image/png");
      }),
    );
    this.root.append(this.svg, this.said, this.files);
    this.svg.onpointermove = (event) => this.point(event, false);
    this.svg.onclick = (event) => this.point(event, true);
    this.svg.onpointerleave = () => this.say(this.at(this.dpi));
  }

  file() {
    return drawingFile(this.svg, `Compression ratio against DPI. ${this.said.textContent}`);
  }

  /** Where a resolution lies, and a ratio. @param {number} dpi */
  x(dpi) {
    return 30 + (280 * (dpi - this.low)) / (this.high - this.low);
  }

  /** @param {number} ratio */
  y(ratio) {
    return 112 - (102 * ratio) / this.top;
  }

  /** The resolution at a place. @param {number} x */
  back(x) {
    return this.low + ((x - 30) / 280) * (this.high - this.low);
  }

  /** @param {CurvePoint[]} points @param {string} dpi */
  show(points, dpi) {
    this.points = points;
    this.dpi = Number(dpi);
    this.root.classList.remove("stale");
    this.root.hidden = points.length < 2;
    if (this.root.hidden) return;
    const dpis = points.map((point) => point[0]),
      top = Math.max(1.2, ...points.map((point) => point[1])) * 1.08;
    const [low, high] = [Math.min(...dpis), Math.max(...dpis)];
    Object.assign(this, { low, high, top });
    /** @type {SVGElement[]} */
    const marks = [];
    const step = [1, 2, 5, 10, 20, 50].find((one) => top / one <= 6) ?? 100;
    for (const ratio of [1, ...Array.from({ length: 6 }, (_, index) => (index + 1) * step)].filter(
      (one, index) => one < top && (index === 0 || one > 1),
    ))
      marks.push(
        drawn("line", { x1: 30, x2: 310, y1: this.y(ratio), y2: this.y(ratio), class: ratio === 1 ? "one" : "rule" }),
        drawn("text", { x: 25, y: this.y(ratio) + 4, class: "axis end" }, `${ratio}×`),
      );
    [48, 72, 96, 120, 144]
      .filter((value) => value >= low && value <= high)
      .forEach((value) => marks.push(drawn("text", { x: this.x(value), y: 128, class: "axis middle" }, String(value))));
    const line = points.map(([value, ratio]) => `${this.x(value).toFixed(1)},${this.y(ratio).toFixed(1)}`).join(" ");
    const area = `${this.x(low)},112 ${line} ${this.x(high)},112`;
    this.svg.replaceChildren(
      ...marks,
      drawn("polygon", { points: area, class: "area" }),
      drawn("polyline", { points: line, class: "line" }),
      ...points.map(([value, ratio]) =>
        drawn("circle", { cx: this.x(value), cy: this.y(ratio), r: 2.2, class: "dot" }),
      ),
      this.cursor,
    );
    this.say(this.at(this.dpi));
  }

  // While a slider moves the line is of the last settings; only the cursor follows the resolution.
  /** @param {string} dpi */
  follow(dpi) {
    this.dpi = Number(dpi);
    if (this.points.length && !this.root.hidden) this.say(this.at(this.dpi));
  }

  /** @param {number} dpi */
  at(dpi) {
    return this.points.reduce((best, point) => (Math.abs(point[0] - dpi) < Math.abs(best[0] - dpi) ? point : best));
  }

  /** @param {CurvePoint} point */
  say([dpi, ratio, tokens, pages]) {
    this.cursor.setAttribute("cx", String(this.x(dpi)));
    this.cursor.setAttribute("cy", String(this.y(ratio)));
    this.said.textContent = `${united(dpi, "dpi")}: ${fixed(ratio, 2)}×, ${whole(tokens)} visual tokens, ${whole(pages)} pages`;
    this.svg.setAttribute("aria-label", `Compression ratio by resolution. ${this.said.textContent}`);
  }

  /** @param {PointerEvent | MouseEvent} event @param {boolean} take */
  point(event, take) {
    if (!this.points.length) return;
    const box = this.svg.getBoundingClientRect();
    const found = this.at(this.back(((event.clientX - box.left) / box.width) * 320));
    this.say(found);
    if (take) this.act.change({ d: String(found[0]) }, true);
  }
}
