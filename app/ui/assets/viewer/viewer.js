// The Pages page's viewer: settings on the left, the page on the right, the book's figures above, all pages below.
// While a knob moves, pictures and figures are asked of our routes; when it rests, Python hears the settings.
// The parts are in the files beside this one; whatever came from a book or a server is shown through textContent.

const REST_MS = 140;
const SLOW_MS = 900; // from here on a wait is worth a word

class Viewer {
  at = 0;
  /** @type {SettingValues} */
  values = {};
  /** @type {[number, number] | null} the characters that were found */
  span = null;
  /** @type {[number, number]} of the picture, in its pixels */
  size = [0, 0];
  revision = -1; // of the settings that Python told last
  fontsKnown = "";
  restedAt = ""; // of what curve and advice were asked last
  revealed = ""; // of what was found
  gone = false;
  reading = { text: 0, sent: 0 }; // tokens of the text side
  readersKnown = "";
  /** @type {{ query: string | undefined, clarity: Clarity } | undefined} */
  measured;
  links = [
    { name: "pages.zip", link: el("a", "button", "Pages as ZIP") },
    { name: "pages.pdf", link: el("a", "button", "PDF") },
    { name: "settings.json", link: el("a", "button", "Settings") },
    { name: "manifest.json", link: el("a", "button", "Manifest") },
  ];
  /** @type {Component<ViewerData> | undefined} */
  component;
  /** @type {string | undefined} where this book's routes lie */
  base;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  slow;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  resting;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  leaving;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    /** @type {Act} */
    const act = {
      change: (changes, done) => this.change(changes, done),
      settle: () => this.settle(),
      replace: (values) => {
        this.controls.touched = null;
        this.change(values, true);
      },
      load: (text) => this.component?.setTriggerValue("load", text),
      book: (what) => this.component?.setTriggerValue("book", what),
      gpu: () => {
        this.askFigures(true);
        this.rest();
      },
      go: (number) => this.go(number),
      search: (phrase) => this.finder.ask({ url: phrase && this.url("search.json", { q: phrase }) }),
      found: (start, end) => this.found(start, end),
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
    this.placing = new Placing();
    this.second = new Second(this);
    this.pair = new SheetPair(this.main, this.second.sheet, () => this.showZoom());
    this.tools = new Toolbar(this);
    const work = el("div", "work"),
      panes = el("div", "panes");
    panes.append(this.main.root, this.second.sheet.root);
    // Beside the knobs, not above them: what comes to be said must not move a slider under the pointer.
    const notices = el("div", "notices");
    notices.append(this.controls.told, this.controls.trouble, this.controls.outside, ...this.figures.notices);
    work.append(
      this.tools.root,
      (this.legend = el("div", "legend")),
      (this.status = el("div", "status")),
      notices,
      panes,
      this.makeDownloads(),
      this.thumbs.root,
    );
    this.legend.hidden = this.status.hidden = true;
    this.status.setAttribute("role", "status");
    this.panes = panes;
    const columns = el("div", "columns");
    columns.append(this.controls.root, work);
    this.root.append(this.figures.root, columns);
    this.root.onkeydown = (key) => this.tools.key(key);
    parent.append(this.root);
    const quiet = () => {};
    /** @type {Latest<PageAsking, PictureAnswer>} */
    this.pictures = new Latest(
      ({ url }) => askPicture(url),
      (answer, request) => this.showPicture(answer, request),
      (error, request) => this.failed(error, request),
    );
    /** @type {Latest<FiguresAsking, FiguresAnswer>} */
    this.counts = new Latest(
      ({ url }) => askJson(url),
      (answer, request) => this.showFigures(answer, request),
      (error, request) => this.failed(error, request),
    );
    /** @type {Latest<CellsAsking, Cells>} */
    this.cells = new Latest(
      ({ url }) => askJson(url),
      (answer, request) => {
        if (this.placing.shows(request.query) && request.page === this.page) {
          this.main.setCells(answer);
          this.showLegend();
        }
      },
      quiet,
    );
    /** @type {Latest<SettingsAsking, Marks>} */
    this.marker = new Latest(
      ({ url }) => askJson(url),
      (answer, request) => {
        if (this.placing.shows(request.query) && answer.page === this.page) {
          this.main.marks = answer;
          this.main.paint();
          this.reveal(answer);
        }
      },
      quiet,
    );
    /** @type {Latest<Asking, { matches: Match[] }>} */
    this.finder = new Latest(
      ({ url }) => (url ? askJson(url) : { matches: [] }),
      (answer) => this.showMatches(answer.matches),
      (error, request) => this.failed(error, request),
    );
    /** @type {Latest<SettingsAsking, { points: CurvePoint[], complete: boolean }>} */
    this.curves = new Latest(
      ({ url }) => askJson(url),
      (answer, request) => {
        if (answer.complete && request.query === this.query()) this.curve.show(answer.points, this.values.d);
      },
      quiet,
    );
    /** @type {Latest<SettingsAsking, { advice: AdviceRow[], complete: boolean }>} */
    this.advisor = new Latest(
      ({ url }) => askJson(url),
      (answer, request) => {
        if (answer.complete && request.query === this.query()) this.advice.show(answer.advice);
      },
      quiet,
    );
    /** @type {Latest<SettingsAsking, Clarity>} */
    this.clarities = new Latest(
      ({ url }) => askJson(url),
      (answer, request) => {
        this.measured = { query: request.query, clarity: answer };
        if (request.query === this.query()) this.figures.showClarity(answer);
      },
      quiet,
    );
    this.all = [
      this.pictures,
      this.counts,
      this.cells,
      this.marker,
      this.finder,
      this.curves,
      this.advisor,
      this.clarities,
      ...this.second.requests,
    ];
  }

  makeDownloads() {
    const row = el("div", "downloads");
    for (const { link } of this.links) {
      link.setAttribute("download", "");
      row.append(link);
    }
    row.prepend(el("span", "hint", "Download"));
    return row;
  }

  // From Python: a new book, settings that Python changed (a file, a reset), fonts and windows.
  /** @param {Component<ViewerData>} component */
  update(component) {
    this.component = component;
    const data = component.data;
    this.controls.know(data);
    this.figures.know(data);
    const readers = JSON.stringify([data.reading, data.windows, data.gpu]),
      otherReaders = this.readersKnown !== readers;
    this.readersKnown = readers;
    this.reading = data.reading;
    const fonts = JSON.stringify(data.fonts),
      newFonts = this.fontsKnown !== fonts;
    this.fontsKnown = fonts;
    const first = this.base === undefined,
      newBook = this.base !== data.base,
      told = this.revision !== data.revision;
    this.base = data.base;
    if (newBook) {
      this.placing.forget();
      this.all.forEach((one) => one.forget());
      this.at = data.at;
      this.thumbs.key = null;
      this.second.close();
      this.main.marks = null;
      this.gone = false;
    }
    if (told) {
      this.values = { ...data.settings };
      this.revision = data.revision;
      this.controls.touched = null;
    }
    if (first) this.resume(data.open);
    if (newBook || told) {
      this.controls.show(this.values, this.url("settings.json"));
      this.ask(true);
      this.rest();
    } else if (otherReaders) {
      this.askFigures(true);
      this.rest();
    }
    if (!newBook && !told && newFonts) this.controls.show(this.values, this.url("settings.json"));
    const news = unseen(data.message);
    if (told || news) {
      this.controls.forgive();
      this.controls.remark(news ?? "");
    }
  }

  get page() {
    return this.placing.page;
  }

  /** What a link, or an earlier visit of this page, had open beside the settings. @param {ViewerData["open"]} open */
  resume({ b, show }) {
    if (show.includes("g")) this.flip("grid");
    if (show.includes("h")) this.flip("heat");
    this.second.resume(b, show.includes("r"));
  }

  shown() {
    return [this.main.grid ? "g" : "", this.main.heat ? "h" : "", this.second.mode === "reference" ? "r" : ""].join("");
  }

  /** @param {SettingValues} values */
  query(values = this.values) {
    return settingsQuery(values, this.controls.defaults);
  }

  /** @param {string} name @param {Record<string, string | number>} more @param {SettingValues} values */
  url(name, more = {}, values = this.values) {
    return settingsUrl(`${this.base}/${name}`, this.query(values), more);
  }

  /** @param {SettingValues} changes @param {boolean} done */
  change(changes, done) {
    this.values = { ...this.values, ...changes };
    this.ask(done); // first of all: the server draws while the knobs are shown
    this.controls.remark("");
    this.controls.show(this.values, this.url("settings.json"), false);
    if (done) this.rest();
  }

  settle() {
    this.ask(true);
    this.rest();
  }

  // The picture first, the whole book's figures once it has arrived: both at once would draw it half as fast.
  /** @param {boolean} settled */
  ask(settled) {
    const query = this.query(),
      more = { at: this.at, ...(settled ? { settled: 1 } : {}) };
    clearTimeout(this.slow);
    this.slow = setTimeout(() => {
      if (this.counts.busy || this.pictures.busy) this.tell("Laying out the whole book …");
    }, SLOW_MS);
    const under = this.pictures.busy || this.pictures.waiting; // another picture is still to come: it must not stay
    if (!under && this.placing.shows(query) && this.placing.shown?.at === this.at) this.askFigures(settled);
    else this.pictures.ask({ url: this.url("page.png", more), query, at: this.at, settled });
  }

  /** @param {boolean} settled */
  askFigures(settled) {
    this.counts.ask({
      url: this.figuresUrl(settled),
      query: this.query(),
      settled,
    });
  }

  /** @param {boolean} settled @param {SettingValues} values */
  figuresUrl(settled, values = this.values) {
    const gpu = this.figures.gpu.value;
    return this.url("figures.json", { ...this.readers(), gpu, ...(settled ? { settled: 1 } : {}) }, values);
  }

  /** What Python said of the two sides, as the routes take it. */
  readers() {
    const { text, sent } = this.reading,
      { windows } = this.figures;
    return { text, sent, text_window: windows.text, pages_window: windows.pages };
  }

  askCells() {
    if (!this.placing.shown) return;
    const { query } = this.placing.shown;
    this.cells.ask({ url: this.url("cells.json", { page: this.page }), query, page: this.page });
  }

  // What may wait until the hand rests: Python's own settings, the curve, the advice.
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const query = this.query();
      this.component?.setStateValue("view", {
        settings: this.values,
        at: this.at,
        b: this.second.mode === "b" ? this.second.b : null,
        show: this.shown(),
        gpu: this.figures.gpu.value,
      });
      const studied = `${this.base}?${query} ${this.reading.text}`;
      if (this.restedAt === studied) return;
      this.restedAt = studied;
      this.curve.root.classList.add("stale");
      this.advice.root.classList.add("stale");
      this.clarities.ask({ url: this.url("clarity.json"), query });
      const { text } = this.reading;
      this.curves.ask({ url: this.url("curve.json", { text }), query });
      this.advisor.ask({ url: this.url("advice.json", { text }), query });
    }, REST_MS);
  }

  /** @param {PictureAnswer} answer @param {PageAsking & { asked: number }} request */
  showPicture(answer, request) {
    if (!request.page || this.placing.counted?.query !== request.query) this.askFigures(request.settled); // another page has the same figures
    if (answer.drawing) {
      this.showDrawing(answer.drawing, request);
      return;
    }
    const placed = this.placing.pictureCame(request);
    this.main.cells = null;
    this.main.marks = null;
    this.main.whyNot = "";
    this.main.show(answer.picture);
    this.main.root.classList.remove("stale");
    if (placed) this.placePicture();
    else this.main.caption.textContent = sizeWords(answer.picture); // its page comes with the figures
    requestAnimationFrame(() =>
      setTimeout(() =>
        this.root.dispatchEvent(
          new CustomEvent("glyph-painted", {
            bubbles: true,
            composed: true,
            detail: {
              dpi: Number(this.values.d),
              asked: request.asked,
              ms: performance.now() - request.asked,
              query: request.query,
            },
          }),
        ),
      ),
    );
  }

  // What hangs on which page the picture is.
  placePicture() {
    const { page, pages, settled } = this.placing;
    const [width, height, tokens, , columns] = pages[page - 1];
    this.main.gridSize = [columns, tokens / columns];
    this.size = [width, height];
    this.main.picture.alt = `Page ${page}`;
    this.tools.showPage(page);
    this.caption();
    this.main.paint();
    if (settled) this.thumbs.mark(page);
    if ((this.main.heat || this.main.cell !== null || this.main.grid) && !this.main.cells) this.askCells();
    if (this.span && !this.main.marks) this.askMarks();
    this.second.follow(settled);
  }

  caption() {
    const [width, height] = this.size,
      [columns, rows] = this.main.gridSize ?? [0, 0];
    const text = `Page ${this.page} · ${width} × ${height} px · ${columns} × ${rows} = ${whole(columns * rows)} visual tokens`;
    this.main.caption.textContent = this.second.mode === "b" ? `A · ${this.short(this.values)} · ${text}` : text;
    this.showZoom();
  }

  /** @param {FiguresAnswer} answer @param {FiguresAsking & { asked: number }} request */
  showFigures(answer, request) {
    if (answer.drawing) return;
    this.controls.forgive();
    const placed = this.placing.figuresCame(request, answer.pages);
    this.figures.show(answer);
    if (this.measured?.query === request.query) this.figures.showClarity(this.measured.clarity); // it came before the figures
    this.controls.warn(answer.untrained);
    this.tools.showTotal(answer.pages.length);
    this.curve.follow(this.values.d);
    if (placed) this.placePicture();
    clearTimeout(this.slow);
    this.tell(answer.engine === "fast" ? "" : `Drawn by the reference engine: ${answer.reason ?? "it was asked for"}.`);
    if (request.query === this.query()) {
      if (request.settled) {
        const settings = encodeURIComponent(request.query);
        this.thumbs.show(
          answer.pages,
          (number) => `${this.base}/pages/${settings || "%20"}/${number}.png`,
          `${this.base}?${request.query}`,
        );
        this.thumbs.mark(this.page);
        this.second.tie();
        this.links.forEach(({ name, link }) => {
          link.href = this.url(name);
        });
        if (this.searchBox.matches.length) this.showHits();
      }
    }
    this.root.dispatchEvent(
      new CustomEvent("glyph-counted", {
        bubbles: true,
        composed: true,
        detail: { asked: request.asked, ms: performance.now() - request.asked, query: request.query },
      }),
    );
  }

  // The reference engine works on it: the last good picture stays, and we look again.
  /** @param {StillDrawing["drawing"]} drawing @param {SettingsAsking} request */
  showDrawing(drawing, request) {
    this.main.root.classList.add("stale");
    this.figures.root.classList.add("stale");
    clearTimeout(this.slow);
    const pages = drawing.total ? `page ${drawing.done} of ${drawing.total}` : "laying out the book";
    this.tell(
      drawing.started
        ? `The reference engine draws these settings, because ${drawing.reason}: ${pages}.`
        : `Let go to draw: these settings need the slower reference engine, because ${drawing.reason}.`,
    );
    clearTimeout(this.again);
    if (drawing.started)
      this.again = setTimeout(() => {
        if (request.query === this.query()) this.ask(true);
      }, 350);
  }

  /** @param {string} words */
  tell(words) {
    this.status.textContent = words;
    this.status.hidden = !words;
  }

  /** @param {any} error @param {{ url: string, query?: string }} request */
  failed(error, request) {
    clearTimeout(this.slow);
    this.tell("");
    if (error.status === 404 && !this.gone) {
      this.gone = true;
      this.component?.setTriggerValue("gone", this.base);
      return;
    }
    if (request.query !== undefined && request.query !== this.query()) return;
    if (error instanceof Refused) this.controls.refuse(error.message, error.settings);
    else this.controls.refuse("The server did not answer; is the app still running?");
    if (this.placing.shown && error instanceof Refused)
      this.tell(
        "These settings cannot be drawn; the page and the figures are still those of the last ones that could.",
      );
  }

  /** @param {number} number */
  go(number) {
    const { pages } = this.placing;
    if (!pages.length || !Number.isFinite(number)) return;
    const page = Math.min(pages.length, Math.max(1, Math.round(number)));
    this.span = null;
    this.main.marks = null;
    this.at = pages[page - 1][3];
    this.pictures.ask({
      url: this.url("page.png", { page, settled: 1 }),
      query: this.query(),
      at: this.at,
      page,
      settled: true,
    });
    this.rest();
  }

  /** @param {number} start @param {number} end */
  found(start, end) {
    this.span = [start, end];
    this.at = start;
    if (this.placing.shows(this.query()) && pageOf(this.placing.pages, start) === this.page) {
      this.placing.move(start);
      this.askMarks();
      this.rest();
    } else {
      this.ask(true);
      this.rest();
    }
  }

  askMarks() {
    if (!this.span || !this.placing.shown) return;
    const [from, to] = this.span;
    const { query } = this.placing.shown;
    this.marker.ask({ url: this.url("marks.json", { page: this.page, from, to }), query });
  }

  // Scroll so that what was found can be seen.
  /** @param {Marks} marks */
  reveal({ boxes }) {
    if (!boxes.length || this.revealed === `${this.span}`) return;
    this.revealed = `${this.span}`;
    const y = (boxes[0][1] * this.main.sheet.clientHeight) / this.main.picture.naturalHeight;
    const view = this.main.view;
    if (y < view.scrollTop + 30 || y > view.scrollTop + view.clientHeight - 60)
      view.scrollTop = y - view.clientHeight / 3;
    const onScreen = view.getBoundingClientRect().top + y - view.scrollTop;
    if (onScreen > window.innerHeight - 60 || onScreen < 60) view.scrollIntoView({ block: "center" });
  }

  /** @param {Match[]} matches */
  showMatches(matches) {
    if (!matches.length) {
      this.span = null;
      this.main.marks = null;
      this.main.paint();
    }
    this.searchBox.show(matches);
    this.showHits();
  }

  showHits() {
    const counts = new Map();
    this.searchBox.matches.forEach(([start]) => {
      const page = pageOf(this.placing.pages, start);
      counts.set(page, (counts.get(page) ?? 0) + 1);
    });
    this.thumbs.hits(counts);
  }

  /** @param {"grid" | "heat"} what */
  flip(what) {
    this.main[what] = !this.main[what];
    if (this.main[what] && !this.main.cells) this.askCells();
    this.main.paint();
    this.legend.hidden = !this.main.heat;
    if (this.main.heat) this.showLegend();
  }

  showLegend() {
    const most = this.main.cells ? fixed(this.main.most(), 1) : "…";
    const bar = el("span", "ramp");
    bar.style.background = `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((share) => heatColor(share)).join(", ")})`;
    this.legend.replaceChildren(
      el("span", "", "Text tokens in each visual token: 0"),
      bar,
      el("span", "", `${most}, the most on this page`),
      el("span", "hint", "An uncoloured cell holds no text."),
    );
  }

  /** @param {SettingValues} values */
  short(values) {
    const font = this.controls.fonts.find((one) => one.token === values.f);
    return `${values.d} dpi, ${font ? font.family : values.f} ${values.s}/${values.l}`;
  }

  showMode() {
    this.panes.classList.toggle("two", Boolean(this.second.mode));
    this.tools.showToggles();
    if (this.main.gridSize) this.caption();
  }

  showZoom() {
    this.tools.showZoom(this.main.scale());
  }

  destroy() {
    clearTimeout(this.again);
    clearTimeout(this.resting);
    clearTimeout(this.slow);
    this.main.destroy();
    this.second.sheet.destroy();
    this.root.remove();
  }
}
