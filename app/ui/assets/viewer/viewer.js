// The Pages page's viewer: settings on the left, the page on the right, the book's figures above, all pages below.
// While a knob moves, pictures and figures are asked of our routes; when it rests, Python hears the settings.
// The parts are in viewer_*.js; whatever came from a book or a server is shown through textContent.

const REST_MS = 140;
const SLOW_MS = 900; // from here on a wait is worth a word

class Viewer {
  constructor(parent) {
    const act = {
      change: (changes, done) => this.change(changes, done), settle: () => this.settle(),
      replace: (values) => { this.controls.touched = null; this.change(values, true); },
      load: (text) => this.component.setTriggerValue("load", text),
      book: (what) => this.component.setTriggerValue("book", what),
      gpu: () => this.askFigures(true),
      go: (number) => this.go(number), search: (phrase) => this.finder.ask({ phrase }), found: (start, end) => this.found(start, end),
    };
    this.root = el("div", "viewer");
    this.figures = new Figures(act);
    this.controls = new Controls(act);
    this.curve = new Curve(act);
    this.advice = new Advice(act);
    this.controls.root.append(this.curve.root, this.advice.root);
    this.searchBox = new Search(act);
    this.thumbs = new Thumbnails(act);
    this.main = new Sheet("The page", { wantCells: () => this.askCells(), zoomed: () => this.showZoom() });
    this.second = new Second(this);
    this.other = this.second.sheet;
    this.follow(this.main, this.other); this.follow(this.other, this.main);
    const work = el("div", "work"), panes = el("div", "panes");
    panes.append(this.main.root, this.other.root);
    work.append(this.makeTools(), this.legend = el("div", "legend"), this.status = el("div", "status"), panes, this.makeDownloads(), this.thumbs.root);
    this.legend.hidden = this.status.hidden = true;
    this.status.setAttribute("role", "status");
    this.panes = panes;
    const columns = el("div", "columns");
    columns.append(this.controls.root, work);
    this.root.append(this.figures.root, columns);
    this.root.onkeydown = (key) => this.key(key);
    parent.append(this.root);
    this.makeRequests();
  }

  makeTools() {
    const bar = el("div", "tools"); bar.setAttribute("role", "toolbar"); bar.setAttribute("aria-label", "Page and view");
    this.number = el("input"); this.number.type = "number"; this.number.min = 1; this.number.setAttribute("aria-label", "Page number");
    this.number.onchange = () => this.go(Number(this.number.value));
    this.total = el("span", "hint");
    const toggle = (text, title, change) => { const made = button(text, title, () => { change(); this.showToggles(); this.rest(); }); made.setAttribute("aria-pressed", "false"); return made; };
    this.toggles = {
      grid: toggle("Grid", "Grid of visual tokens (G)", () => this.flip("grid")),
      heat: toggle("Heat map", "Text tokens in each visual token (H)", () => this.flip("heat")),
      ab: toggle("A | B", "Hold these settings as B and compare while you change A (B)", () => this.second.flipB()),
      reference: toggle("Reference", "The reference engine's picture of this page, and the difference (R)", () => this.second.flipReference()),
    };
    this.zoomLabel = el("span", "hint zoom");
    const group = (...parts) => { const made = el("div", "set"); made.append(...parts); return made; };
    bar.append(
      group(button("‹", "Previous page (Page Up)", () => this.go(this.page - 1)), this.number, this.total, button("›", "Next page (Page Down)", () => this.go(this.page + 1))),
      group(button("−", "Smaller (-)", () => this.zoom(1 / 1.25)), button("Fit", "Fit the width (0)", () => this.eachSheet((sheet) => sheet.fitWidth())),
        button("1:1", "One image pixel, one screen pixel (1)", () => this.eachSheet((sheet) => sheet.zoomTo(1 / (window.devicePixelRatio || 1)))),
        button("+", "Larger (+)", () => this.zoom(1.25)), this.zoomLabel),
      group(...Object.values(this.toggles)), this.searchBox.root);
    return bar;
  }

  makeDownloads() {
    const row = el("div", "downloads");
    this.links = [["pages.zip", "Pages as ZIP"], ["pages.pdf", "PDF"], ["settings.json", "Settings"], ["manifest.json", "Manifest"]].map(([name, text]) => {
      const link = el("a", "button", text); link.setAttribute("download", ""); row.append(link);
      return [name, link];
    });
    row.prepend(el("span", "hint", "Download"));
    return row;
  }

  makeRequests() {
    const failed = (error, request) => this.failed(error, request);
    const quiet = () => {};
    this.pictures = new Latest(({ url }) => askPicture(url), (answer, request) => this.showPicture(answer, request), failed);
    this.counts = new Latest(({ url }) => askJson(url), (answer, request) => this.showFigures(answer, request), failed);
    this.cells = new Latest(({ url }) => askJson(url), (answer, request) => { if (request.query === this.shownQuery && request.page === this.page) { this.main.setCells(answer); this.showLegend(); } }, quiet);
    this.marker = new Latest(({ url }) => askJson(url), (answer, request) => { if (request.query === this.shownQuery && answer.page === this.page) { this.main.marks = answer; this.main.paint(); this.reveal(answer); } }, quiet);
    this.finder = new Latest(({ phrase }) => (phrase ? askJson(this.url("search.json", { q: phrase })) : { matches: [] }), (answer) => this.showMatches(answer.matches), failed);
    this.curves = new Latest(({ url }) => askJson(url), (answer, request) => { if (answer.complete && request.query === this.query()) this.curve.show(answer.points, this.values.d); }, quiet);
    this.advisor = new Latest(({ url }) => askJson(url), (answer, request) => { if (answer.complete && request.query === this.query()) this.advice.show(answer.advice); }, quiet);
    this.all = [this.pictures, this.counts, this.cells, this.marker, this.finder, this.curves, this.advisor, ...this.second.requests];
  }

  // From Python: a new book, settings that Python changed (a file, a reset), fonts and windows.
  update(component) {
    this.component = component;
    const data = component.data;
    this.root.classList.toggle("dark", data.dark);
    this.data = data;
    this.controls.know(data); this.figures.know(data);
    const fonts = JSON.stringify(data.fonts), newFonts = this.fontsKnown !== fonts;
    this.fontsKnown = fonts;
    const first = this.base === undefined, newBook = this.base !== data.base, told = this.revision !== data.revision;
    this.base = data.base;
    if (newBook) { this.counted = null; this.shownQuery = undefined; this.all.forEach((one) => one.forget()); this.at = data.at; this.thumbs.key = null; this.second.close(); this.main.marks = null; this.gone = false; }
    if (told) { this.values = { ...data.settings }; this.revision = data.revision; this.controls.touched = null; }
    if (first) this.resume(data.open);
    if (newBook || told) { this.controls.show(this.values, this.url("settings.json")); this.ask(true); this.rest(); }
    else if (newFonts) this.controls.show(this.values, this.url("settings.json"));
    const news = unseen(data.message);
    if (told || news) { this.controls.forgive(); this.controls.remark(news ?? ""); }
  }

  // What a link, or an earlier visit of this page, had open beside the settings.
  resume({ b, show }) {
    for (const [letter, what] of [["g", "grid"], ["h", "heat"]]) if (show.includes(letter)) this.flip(what);
    this.second.resume(b, show.includes("r"));
  }

  shown() {
    return [this.grid ? "g" : "", this.heat ? "h" : "", this.second.mode === "reference" ? "r" : ""].join("");
  }

  query(values = this.values) {
    const query = new URLSearchParams();
    Object.keys(values).sort().forEach((key) => { if (values[key] !== this.data.defaults[key]) query.set(key, values[key]); });
    return query.toString();
  }

  url(name, more = {}, values = this.values) {
    const query = new URLSearchParams(this.query(values));
    Object.entries(more).forEach(([key, value]) => query.set(key, value));
    return `${this.base}/${name}?${query}`;
  }

  change(changes, done) {
    this.values = { ...this.values, ...changes };
    this.ask(done); // first of all: the server draws while the knobs are shown
    this.controls.remark("");
    this.controls.show(this.values, this.url("settings.json"), false);
    if (done) this.rest();
  }

  settle() { this.ask(true); this.rest(); }

  // The picture first, the whole book's figures once it has arrived: both at once would draw it half as fast.
  ask(settled) {
    const query = this.query(), more = settled ? { at: this.at, settled: 1 } : { at: this.at };
    clearTimeout(this.slow);
    this.slow = setTimeout(() => { if (this.counts.busy || this.pictures.busy) this.tell("Laying out the whole book …"); }, SLOW_MS);
    const under = this.pictures.busy || this.pictures.waiting;  // another picture is still to come: it must not stay
    if (!under && query === this.shownQuery && this.shownAt === this.at) this.askFigures(settled);
    else this.pictures.ask({ url: this.url("page.png", more), query, at: this.at, settled });
  }

  askFigures(settled) {
    const gpu = this.figures.gpu.value;
    this.counts.ask({ url: this.url("figures.json", settled ? { gpu, settled: 1 } : { gpu }), query: this.query(), settled });
  }

  askCells() {
    if (this.shownQuery === undefined) return;
    this.cells.ask({ url: this.url("cells.json", { page: this.page }), query: this.shownQuery, page: this.page });
  }

  // What may wait until the hand rests: Python's own settings, the curve, the advice.
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const query = this.query();
      this.component.setStateValue("view", { settings: this.values, at: this.at, b: this.second.mode === "b" ? this.second.b : null, show: this.shown() });
      if (this.restedAt === `${this.base}?${query}`) return;
      this.restedAt = `${this.base}?${query}`;
      this.curve.root.classList.add("stale"); this.advice.root.classList.add("stale");
      this.curves.ask({ url: this.url("curve.json"), query });
      this.advisor.ask({ url: this.url("advice.json"), query });
    }, REST_MS);
  }

  showPicture(answer, request) {
    if (!request.page || this.counted?.query !== request.query) this.askFigures(request.settled); // another page has the same figures
    if (answer.drawing) { this.showDrawing(answer.drawing, request); return; }
    this.shownQuery = request.query; this.shownAt = request.at; this.shownPage = request.page; this.placed = this.followed = false;
    this.main.cells = null; this.main.marks = null; this.main.whyNot = "";
    this.main.show(answer.picture);
    this.main.root.classList.remove("stale");
    this.place();
    requestAnimationFrame(() => setTimeout(() => this.root.dispatchEvent(new CustomEvent("glyph-painted",
      { bubbles: true, composed: true, detail: { dpi: Number(this.values.d), asked: request.asked, ms: performance.now() - request.asked, query: request.query } }))));
  }

  // Which page the picture is, and what hangs on that: told by the figures of the same settings, whichever of the two comes first.
  place() {
    if (this.counted?.query !== this.shownQuery) return;
    if (!this.placed || (this.counted.settled && !this.followed)) { this.followed = this.counted.settled; this.placePicture(); }
  }

  placePicture() {
    this.placed = true;
    this.page = this.shownPage ?? this.pageOf(this.shownAt);
    const [width, height, tokens, , columns] = this.pages[this.page - 1];
    this.main.gridSize = [columns, tokens / columns];
    this.size = [width, height];
    this.main.picture.alt = `Page ${this.page}`;
    this.number.value = this.page;
    this.caption();
    this.main.paint();
    if (this.counted.settled) this.thumbs.mark(this.page);
    if ((this.heat || this.main.cell !== null || this.grid) && !this.main.cells) this.askCells();
    if (this.span && !this.main.marks) this.askMarks();
    this.second.follow(this.followed);
  }

  caption() {
    const [width, height] = this.size, [columns, rows] = this.main.gridSize;
    const text = `Page ${this.page} · ${width} × ${height} px · ${columns} × ${rows} = ${whole(columns * rows)} visual tokens`;
    this.main.caption.textContent = this.second.mode === "b" ? `A · ${this.short(this.values)} · ${text}` : text;
    this.showZoom();
  }

  showFigures(answer, request) {
    if (answer.drawing) return;
    this.controls.forgive();
    this.pages = answer.pages; this.counted = { query: request.query, settled: request.settled };
    this.figures.show(answer); this.controls.warn(answer.untrained);
    this.number.max = answer.pages.length; this.total.textContent = `of ${whole(answer.pages.length)}`;
    this.curve.follow(this.values.d);
    this.place();
    clearTimeout(this.slow);
    this.tell(answer.engine === "fast" ? "" : `Drawn by the reference engine: ${answer.reason ?? "it was asked for"}.`);
    if (request.query === this.query()) {
      if (request.settled) {
        const settings = encodeURIComponent(request.query);
        this.thumbs.show(answer.pages, (number) => `${this.base}/pages/${settings || "%20"}/${number}.png`, `${this.base}?${request.query}`);
        this.thumbs.mark(this.page);
        this.second.tie();
        this.links.forEach(([name, link]) => { link.href = this.url(name); });
        if (this.searchBox.matches.length) this.showHits();
      }
    }
    this.root.dispatchEvent(new CustomEvent("glyph-counted", { bubbles: true, composed: true, detail: { asked: request.asked, ms: performance.now() - request.asked, query: request.query } }));
  }

  // The reference engine works on it: the last good picture stays, and we look again.
  showDrawing(drawing, request) {
    this.main.root.classList.add("stale"); this.figures.root.classList.add("stale");
    clearTimeout(this.slow);
    const pages = drawing.total ? `page ${drawing.done} of ${drawing.total}` : "laying out the book";
    this.tell(drawing.started ? `The reference engine draws these settings, because ${drawing.reason}: ${pages}.`
      : `Let go to draw: these settings need the slower reference engine, because ${drawing.reason}.`);
    clearTimeout(this.again);
    if (drawing.started) this.again = setTimeout(() => { if (request.query === this.query()) this.ask(true); }, 350);
  }

  tell(words) { this.status.textContent = words; this.status.hidden = !words; }

  failed(error, request) {
    clearTimeout(this.slow); this.tell("");
    if (error.status === 404 && !this.gone) { this.gone = true; this.component.setTriggerValue("gone", this.base); return; }
    if (request.query !== undefined && request.query !== this.query()) return;
    if (error instanceof Refused) this.controls.refuse(error.message, error.settings);
    else this.controls.refuse("The server did not answer; is the app still running?");
    if (this.shownQuery !== undefined && error instanceof Refused) this.tell("These settings cannot be drawn; the page and the figures are still those of the last ones that could.");
  }

  go(number) {
    if (!this.pages?.length || !Number.isFinite(number)) return;
    const page = Math.min(this.pages.length, Math.max(1, Math.round(number)));
    this.span = null; this.main.marks = null;
    this.at = this.pages[page - 1][3];
    // Spans of pages without ink are empty: several pages may start at one character, so the page is asked for by number.
    this.pictures.ask({ url: this.url("page.png", { page, settled: 1 }), query: this.query(), at: this.at, page, settled: true });
    this.rest();
  }

  found(start, end) {
    this.span = [start, end]; this.at = start;
    if (this.shownQuery === this.query() && this.pageOf(start) === this.page) { this.shownAt = start; this.askMarks(); this.rest(); } else { this.ask(true); this.rest(); }
  }

  pageOf(offset, pages = this.pages) {
    if (!pages) return 0;
    let low = 0, high = pages.length - 1;
    while (low < high) { const middle = (low + high + 1) >> 1; if (pages[middle][3] <= offset) low = middle; else high = middle - 1; }
    return low + 1;
  }

  askMarks() {
    const [from, to] = this.span;
    this.marker.ask({ url: this.url("marks.json", { page: this.page, from, to }), query: this.shownQuery });
  }

  // Scroll so that what was found can be seen.
  reveal({ boxes }) {
    if (!boxes.length || this.revealed === `${this.span}`) return;
    this.revealed = `${this.span}`;
    const y = (boxes[0][1] * this.main.sheet.clientHeight) / this.main.picture.naturalHeight;
    const view = this.main.view;
    if (y < view.scrollTop + 30 || y > view.scrollTop + view.clientHeight - 60) view.scrollTop = y - view.clientHeight / 3;
    const onScreen = view.getBoundingClientRect().top + y - view.scrollTop;
    if (onScreen > window.innerHeight - 60 || onScreen < 60) view.scrollIntoView({ block: "center" });
  }

  showMatches(matches) {
    if (!matches.length) { this.span = null; this.main.marks = null; this.main.paint(); }
    this.searchBox.show(matches);
    this.showHits();
  }

  showHits() {
    const counts = new Map();
    this.searchBox.matches.forEach(([start]) => { const page = this.pageOf(start); counts.set(page, (counts.get(page) ?? 0) + 1); });
    this.thumbs.hits(counts);
  }

  flip(what) {
    this[what] = !this[what];
    this.main[what] = this[what];
    if (this[what] && !this.main.cells) this.askCells();
    this.main.paint();
    this.legend.hidden = !this.heat;
    if (this.heat) this.showLegend();
  }

  showLegend() {
    const most = this.main.cells ? fixed(this.main.most(), 1) : "…";
    const bar = el("span", "ramp");
    bar.style.background = `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((share) => heatColor(share)).join(", ")})`;
    this.legend.replaceChildren(el("span", "", "Text tokens in each visual token: 0"), bar, el("span", "", `${most}, the most on this page`), el("span", "hint", "An uncoloured cell holds no text."));
  }

  showToggles() {
    this.toggles.grid.setAttribute("aria-pressed", Boolean(this.grid));
    this.toggles.heat.setAttribute("aria-pressed", Boolean(this.heat));
    this.toggles.ab.setAttribute("aria-pressed", this.second.mode === "b");
    this.toggles.reference.setAttribute("aria-pressed", this.second.mode === "reference");
  }

  short(values) {
    const font = this.data.fonts.find((one) => one.token === values.f);
    return `${values.d} dpi, ${font ? font.family : values.f} ${values.s}/${values.l}`;
  }

  showMode() {
    this.panes.classList.toggle("two", Boolean(this.second.mode));
    this.showToggles();
    if (this.main.gridSize) this.caption();
  }

  eachSheet(change) { [this.main, this.other].forEach(change); this.showZoom(); }

  // Both pictures are shown equally wide, whatever their resolution, so that the passage lies at the same place.
  zoom(factor) {
    const zoom = this.main.scale() * factor;
    this.main.zoomTo(zoom);
    if (this.other.picture.naturalWidth) this.other.zoomTo((zoom * this.main.picture.naturalWidth) / this.other.picture.naturalWidth);
    this.showZoom();
  }

  // Scrolling one picture scrolls the other as far, in parts of its size.
  follow(leader, follower) {
    leader.view.addEventListener("scroll", () => {
      if (this.other.root.hidden || this.scrolling === leader) { this.scrolling = null; return; }
      const share = (at, whole, part) => (whole > part ? at / (whole - part) : 0);
      const { view: from } = leader, { view: to } = follower;
      const top = share(from.scrollTop, from.scrollHeight, from.clientHeight) * (to.scrollHeight - to.clientHeight);
      const left = share(from.scrollLeft, from.scrollWidth, from.clientWidth) * (to.scrollWidth - to.clientWidth);
      if (Math.abs(to.scrollTop - top) < 1 && Math.abs(to.scrollLeft - left) < 1) return;
      this.scrolling = follower;
      to.scrollTo(left, top);
    }, { passive: true });
  }

  showZoom() { this.zoomLabel.textContent = `${Math.round(100 * this.main.scale() * (window.devicePixelRatio || 1))} %`; }

  key(key) {
    const target = key.composedPath()[0];
    if (key.ctrlKey || key.metaKey || key.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const deeds = {
      PageDown: () => this.go(this.page + 1), PageUp: () => this.go(this.page - 1), g: () => this.toggles.grid.click(), h: () => this.toggles.heat.click(),
      b: () => this.toggles.ab.click(), r: () => this.toggles.reference.click(), "+": () => this.zoom(1.25), "-": () => this.zoom(0.8),
      0: () => this.eachSheet((sheet) => sheet.fitWidth()), 1: () => this.eachSheet((sheet) => sheet.zoomTo(1 / (window.devicePixelRatio || 1))), Escape: () => this.main.choose(null),
    };
    if (arrows[key.key] && (this.grid || this.heat) && target === this.main.view) this.main.step(...arrows[key.key]);
    else if (deeds[key.key]) deeds[key.key]();
    else return;
    key.preventDefault();
    key.stopPropagation();
  }

  destroy() { clearTimeout(this.again); clearTimeout(this.resting); clearTimeout(this.slow); this.main.destroy(); this.other.destroy(); this.root.remove(); }
}

const mounted = new WeakMap();

export default function (component) {
  const parent = component.parentElement;
  let viewer = mounted.get(parent);
  if (!viewer) { viewer = new Viewer(parent); mounted.set(parent, viewer); }
  clearTimeout(viewer.leaving);
  viewer.update(component);
  // A rerun may clean up and mount again at once: only a component that stays away is taken down.
  return () => { viewer.leaving = setTimeout(() => { viewer.destroy(); mounted.delete(parent); }, 500); };
}
