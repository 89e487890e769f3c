// The Pages page's viewer: settings on the left, the page on the right, the book's figures above, all pages below.
// While a knob moves, pictures and figures are asked of our routes; when it rests, Python hears the settings.
// The parts are in the files beside this one; whatever came from a book or a server is shown through textContent.

const REST_MS = 140; // debounce of what may wait until the hand rests

class Viewer {
  at = 0;
  /** @type {SettingValues} */
  values = {};
  gone = false;
  reading = { text: 0, sent: 0 }; // tokens of the text side
  /** @type {Component<ViewerData> | undefined} */
  component;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  resting;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  leaving;
  root = el("div", "viewer");
  panes = el("div", "panes");
  told = new Told();
  placing = new Placing();
  waiting = new Waiting();
  downloads = new Downloads();

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const act = this.act();
    this.figures = new Figures(act);
    this.controls = new Controls(act);
    this.study = new BookStudy(this, act);
    this.thumbs = new Thumbnails(act);
    this.overlay = new TokenOverlay(this);
    this.found = new FoundText(this);
    this.pages = new PageRequests(this);
    this.main = new Sheet("The page", { wantCells: () => this.overlay.ask(), zoomed: () => this.showZoom() });
    this.second = new Second(this);
    this.pair = new SheetPair(this.main, this.second.sheet, () => this.showZoom());
    this.tools = new Toolbar(this);
    this.arrange();
    parent.append(this.root);
    /** @type {{ requests: { forget: () => void }[] }[]} */
    this.parts = [this.pages, this.overlay, this.found, this.study, this.second];
  }

  /** What the parts may ask of this. @returns {Act} */
  act() {
    return {
      change: (changes, done) => this.change(changes, done),
      settle: () => this.settle(),
      replace: (values) => {
        this.controls.touched = null;
        this.change(values, true);
      },
      load: (text) => this.component?.setTriggerValue("load", text),
      book: (what) => this.component?.setTriggerValue("book", what),
      gpu: () => this.askReaders(),
      go: (number) => this.go(number),
    };
  }

  arrange() {
    this.controls.root.append(this.study.curve.root, this.study.advice.root);
    this.panes.append(this.main.root, this.second.sheet.root);
    // Beside the knobs, not above them: what comes to be said must not move a slider under the pointer.
    const notices = el("div", "notices");
    notices.append(this.controls.told, this.controls.trouble, this.controls.outside, ...this.figures.notices);
    const work = el("div", "work"),
      columns = el("div", "columns");
    work.append(this.tools.root, this.overlay.legend, this.waiting.root);
    work.append(notices, this.panes, this.downloads.root, this.thumbs.root);
    columns.append(this.controls.root, work);
    this.root.append(this.figures.root, columns);
    this.root.onkeydown = (key) => this.tools.key(key);
  }

  // From Python: a new book, settings that Python changed (a file, a reset), fonts and windows.
  /** @param {Component<ViewerData>} component */
  update(component) {
    this.component = component;
    const data = component.data;
    this.controls.know(data);
    this.figures.know(data);
    this.reading = data.reading;
    const news = this.told.hear(data);
    if (news.book) this.forget(data.at);
    if (news.settings) {
      this.values = { ...data.settings };
      this.controls.touched = null;
    }
    if (news.first) resumeView(this, data.open);
    if (news.book || news.settings) {
      this.controls.show(this.values, this.url("settings.json"));
      this.settle();
    } else {
      if (news.readers) this.askReaders();
      if (news.fonts) this.controls.show(this.values, this.url("settings.json"));
    }
    const message = unseen(data.message);
    if (news.settings || message) {
      this.controls.forgive();
      this.controls.remark(message ?? "");
    }
  }

  /** Another book. @param {number} at the character to begin at */
  forget(at) {
    this.placing.forget();
    for (const { requests } of this.parts) requests.forEach((one) => one.forget());
    this.at = at;
    this.thumbs.key = null;
    this.second.close();
    this.found.forget();
    this.gone = false;
  }

  get page() {
    return this.placing.page;
  }

  /** @param {SettingValues} values */
  query(values = this.values) {
    return settingsQuery(values, this.controls.defaults);
  }

  /** @param {string} name @param {Record<string, string | number>} more @param {SettingValues} values */
  url(name, more = {}, values = this.values) {
    return settingsUrl(`${this.told.base}/${name}`, this.query(values), more);
  }

  /** With what Python said of the two sides. @param {boolean} settled @param {SettingValues} values */
  figuresUrl(settled, values = this.values) {
    const { text, sent } = this.reading,
      { windows, gpu } = this.figures;
    const readers = { text, sent, text_window: windows.text, pages_window: windows.pages, gpu: gpu.value };
    return this.url("figures.json", { ...readers, ...(settled ? { settled: 1 } : {}) }, values);
  }

  /** @param {SettingValues} changes @param {boolean} done */
  change(changes, done) {
    this.values = { ...this.values, ...changes };
    this.study.leave();
    this.ask(done); // before anything is shown: the server draws meanwhile
    this.controls.remark("");
    this.controls.show(this.values, this.url("settings.json"), false);
    if (done) this.rest();
  }

  settle() {
    this.ask(true);
    this.rest();
  }

  /** @param {boolean} settled */
  ask(settled) {
    this.waiting.begin(() => this.pages.busy);
    this.pages.ask(this.at, settled);
  }

  /** The same pages for others: another window, another GPU. */
  askReaders() {
    this.pages.askFigures(true);
    this.rest();
  }

  // What may wait until the hand rests.
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.component?.setStateValue("view", viewState(this));
      this.study.ask();
    }, REST_MS);
  }

  /** @param {PictureAnswer} answer @param {PageAsking & { asked: number }} request */
  showPicture(answer, request) {
    if (answer.drawing) {
      this.showDrawing(answer.drawing, request.query);
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
    dispatchPainted(this.root, request);
  }

  // What hangs on which page the picture is.
  placePicture() {
    const { page, pages, settled } = this.placing;
    const [, , tokens, , columns] = pages[page - 1];
    this.main.gridSize = [columns, tokens / columns];
    this.main.picture.alt = `Page ${page}`;
    this.tools.showPage(page);
    this.caption();
    this.main.paint();
    if (settled) this.thumbs.mark(page);
    this.overlay.follow();
    this.found.follow();
    this.second.follow(settled);
  }

  caption() {
    const [columns, rows] = this.main.gridSize ?? [0, 0];
    const text = `Page ${this.page} · ${sizeWords(this.main.picture)} · ${columns} × ${rows} = ${whole(columns * rows)} visual tokens`;
    this.main.caption.textContent =
      this.second.mode === "b" ? `A · ${this.controls.short(this.values)} · ${text}` : text;
    this.showZoom();
  }

  /** @param {FiguresAnswer} answer @param {FiguresAsking & { asked: number }} request */
  showFigures(answer, request) {
    if (answer.drawing) return;
    this.controls.forgive();
    const placed = this.placing.figuresCame(request, answer.pages);
    this.figures.show(answer);
    this.controls.warn(answer.untrained);
    this.tools.showTotal(answer.pages.length);
    this.study.follow(request.query);
    if (placed) this.placePicture();
    this.waiting.end(
      answer.engine === "fast" ? "" : `Drawn by the reference engine: ${answer.reason ?? "it was asked for"}.`,
    );
    if (request.settled && request.query === this.query()) this.showPages(answer.pages, request.query);
    dispatchShown(this.root, "glyph-counted", request);
  }

  /** The hand has let go: all pages, and what hangs on them. @param {PageRow[]} pages @param {string} query */
  showPages(pages, query) {
    const settings = encodeURIComponent(query) || "%20";
    this.thumbs.show(
      pages,
      (number) => `${this.told.base}/pages/${settings}/${number}.png`,
      `${this.told.base}?${query}`,
    );
    this.thumbs.mark(this.page);
    this.second.tie();
    this.downloads.show((name) => this.url(name));
    this.found.recount();
  }

  // The reference engine works on it: the last good picture stays, and we look again.
  /** @param {StillDrawing["drawing"]} drawing @param {string} query */
  showDrawing(drawing, query) {
    this.main.root.classList.add("stale");
    this.figures.root.classList.add("stale");
    this.waiting.drawing(drawing, () => {
      if (query === this.query()) this.ask(true);
    });
  }

  /** @param {any} error @param {{ url: string, query?: string }} request */
  failed(error, request) {
    this.waiting.end("");
    if (error.status === 404 && !this.gone) {
      this.gone = true;
      this.component?.setTriggerValue("gone", this.told.base);
      return;
    }
    if (request.query !== undefined && request.query !== this.query()) return;
    if (error instanceof Refused) this.controls.refuse(error.message, error.settings);
    else this.controls.refuse("The server did not answer; is the app still running?");
    if (this.placing.shown && error instanceof Refused)
      this.waiting.tell("These settings cannot be drawn; page and figures are of the last ones that could.");
  }

  /** @param {number} number */
  go(number) {
    const { pages } = this.placing;
    if (!pages.length || !Number.isFinite(number)) return;
    const page = Math.min(pages.length, Math.max(1, Math.round(number)));
    this.found.leave();
    this.at = pages[page - 1][3];
    this.pages.askPage(page, this.at);
    this.rest();
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
    clearTimeout(this.resting);
    this.study.leave();
    this.waiting.destroy();
    this.pair.destroy();
    this.root.remove();
  }
}
