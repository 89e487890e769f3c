// Compare's rendering knobs: the Pages screen's own, with the figures of the whole book and a corner of the page at its own
// pixels while a knob moves. When it rests, Python hears the settings and draws the whole book.

const RESTED_MS = 140;
const AGAIN_MS = 500; // while the reference engine draws
// Unlike the viewer's: this stands in a sidebar, where one line must be enough.
const SHOWN_KNOBS = ["d", "f", "s", "n"];

class Knobs {
  /** @type {SettingValues} */
  values = {};
  told = new Told();
  reading = { text: 0, sent: 0 };
  windows = { text: 1, pages: 1 };
  gpu = "";
  /** @type {Component<KnobsData> | undefined} */
  component;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  resting;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  leaving;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const quiet = () => {};
    this.controls = new Controls({
      change: (changes, done) => this.change(changes, done),
      settle: () => this.settle(),
      replace: (values) => {
        this.controls.touched = null;
        this.change(values, true);
      },
      load: quiet,
      book: quiet,
      gpu: quiet,
      go: quiet,
    });
    this.placing = new Placing();
    this.root = el("div", "viewer knobs");
    this.live = el("section", "live");
    this.live.setAttribute("aria-label", "What these settings give");
    this.live.append(
      (this.ratio = el("div", "ratio", "–")),
      (this.costs = el("div", "costs")),
      (this.frame = el("div", "corner")),
      (this.caption = el("div", "hint where")),
      (this.said = el("div", "hint said")),
    );
    explain(this.frame, "The top left corner of the first page, a pixel a pixel");
    this.said.setAttribute("role", "status");
    this.root.append(this.controls.root, this.live);
    parent.append(this.root);
    this.pages = new PageRequests(this);
  }

  /** @param {Component<KnobsData>} component */
  update(component) {
    this.component = component;
    const { data } = component;
    const groups = data.groups.map(({ knobs }) => ({
      title: "",
      knobs: knobs.filter((knob) => SHOWN_KNOBS.includes(knob.key)),
    }));
    this.controls.know({ ...data, groups: groups.filter(({ knobs }) => knobs.length) });
    Object.assign(this, { reading: data.reading, windows: data.windows, gpu: data.gpu });
    const news = this.told.hear(data);
    if (news.book) {
      this.placing.forget();
      this.pages.requests.forEach((one) => one.forget());
    }
    if (news.settings) {
      this.values = { ...data.settings };
      this.controls.touched = null;
    }
    if (news.book || news.settings) {
      this.controls.show(this.values, "");
      this.ask(true);
    } else {
      if (news.fonts) this.controls.show(this.values, "");
      if (news.readers) this.pages.askFigures(true);
    }
  }

  /** @param {SettingValues} values */
  query(values = this.values) {
    return settingsQuery(values, this.controls.defaults);
  }

  /** @param {string} name @param {Record<string, string | number>} more */
  url(name, more) {
    return settingsUrl(`${this.told.base}/${name}`, this.query(), more);
  }

  /** @param {SettingValues} changes @param {boolean} done */
  change(changes, done) {
    this.values = { ...this.values, ...changes };
    this.ask(done);
    this.controls.show(this.values, "", false);
    if (done) this.rest();
  }

  settle() {
    this.ask(true);
    this.rest();
  }

  /** @param {boolean} settled */
  ask(settled) {
    clearTimeout(this.again);
    this.pages.ask(0, settled);
  }

  figuresUrl() {
    const { text, sent } = this.reading;
    const more = { text, sent, text_window: this.windows.text, pages_window: this.windows.pages, gpu: this.gpu };
    return this.url("figures.json", more);
  }

  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.component?.setStateValue("rest", this.values), RESTED_MS);
  }

  /** @param {PictureAnswer} answer @param {PageAsking & { asked: number }} request */
  showPicture(answer, request) {
    if (answer.drawing) {
      this.drawing(answer.drawing);
      return;
    }
    const placed = this.placing.pictureCame(request);
    answer.picture.alt = "The top left corner of the first page";
    this.frame.replaceChildren(answer.picture);
    this.frame.classList.remove("stale");
    this.place(placed);
  }

  /** @param {FiguresAnswer} answer @param {FiguresAsking & { asked: number }} request */
  showFigures(answer, request) {
    if (answer.drawing) {
      this.drawing(answer.drawing);
      return;
    }
    this.controls.forgive();
    const placed = this.placing.figuresCame(request, answer.pages);
    const doubtful = answer.untrained.length > 0;
    this.ratio.replaceChildren(`${fixed(answer.ratio, 2)}×`, el("span", "word", doubtful ? " readable?" : ""));
    this.ratio.classList.toggle("doubtful", doubtful);
    const count = answer.pages.length;
    this.costs.textContent = `${whole(answer.visual_tokens)} visual tokens · ${whole(count)} page${count === 1 ? "" : "s"}`;
    explain(this.costs, answer.prefill.sentence);
    this.tell(answer.untrained.join(" "));
    this.live.classList.remove("stale");
    this.place(placed);
    dispatchShown(this.root, "glyph-counted", request);
  }

  /** The picture's own size at once; its page's tokens when figures of the same settings are there. @param {boolean} placed */
  place(placed) {
    const picture = this.frame.querySelector("img");
    if (!picture || (!placed && this.placing.agree())) return;
    const size = sizeWords(picture);
    const row = placed ? this.placing.pages[this.placing.page - 1] : undefined;
    this.caption.textContent = row ? `Page ${this.placing.page} · ${size} · ${whole(row[2])} visual tokens` : size;
  }

  /** @param {{ reason: string, started: boolean }} drawing */
  drawing({ reason, started }) {
    this.live.classList.add("stale");
    this.tell(started ? "The reference engine draws these settings; see beside." : `Drawn when you let go: ${reason}.`);
    clearTimeout(this.again);
    if (started) this.again = setTimeout(() => this.ask(true), AGAIN_MS);
  }

  /** @param {any} error */
  failed(error) {
    this.live.classList.add("stale");
    if (error instanceof Refused && error.status === 422) this.tell(error.message);
    else if (!(error instanceof Refused)) this.tell("The app did not answer; it is asked again at the next change.");
  }

  /** @param {string} words */
  tell(words) {
    this.said.textContent = words;
    explain(this.said, words); // its place is as high as most words are, and no higher
  }

  destroy() {
    clearTimeout(this.resting);
    clearTimeout(this.again);
    this.root.remove();
  }
}
