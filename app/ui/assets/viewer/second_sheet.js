// The pane beside the page: the same passage at held settings (B), or the same page by the reference engine.

class Second {
  /** @type {"b" | "reference" | null} */
  mode = null;
  /** @type {SettingValues} the settings that are held */
  b = {};
  /** @type {PageRow[]} the pages of B */
  pages = [];

  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.sheet = new Sheet("The page to compare with", {});
    this.sheet.root.hidden = true;
    /** @type {Latest<Asking, PictureAnswer>} */
    this.pictures = latestPicture(
      (answer) => this.showB(answer),
      (error) => this.say(error.message),
    );
    /** @type {Latest<Asking, FiguresAnswer>} */
    this.counts = latestJson((answer) => this.caption(answer));
    /** @type {Latest<CellsAsking, ReferenceAnswer>} */
    this.referee = latestJson(
      (answer, request) => this.showReference(answer, request),
      (error, request) => this.noReference(error, request),
    );
    this.passages = [this.viewer.main, this.sheet].map((sheet) => {
      /** @type {Latest<PassageAsking, Marks>} */
      const passage = latestJson(({ boxes }, { picture }) => this.showPassage(sheet, boxes, picture));
      return passage;
    });
    this.requests = [this.pictures, this.counts, this.referee, ...this.passages];
  }

  flipB() {
    this.mode = this.mode === "b" ? null : "b";
    this.b = { ...this.viewer.values };
    this.showMode();
    if (this.mode) this.askB();
  }
  flipReference() {
    this.mode = this.mode === "reference" ? null : "reference";
    this.showMode();
    if (this.mode) this.askReference();
  }
  close() {
    this.mode = null;
    this.showMode();
  }
  // The first picture of the page asks for the one beside it.
  /** @param {SettingValues | null} b @param {boolean} reference */
  resume(b, reference) {
    this.mode = b ? "b" : reference ? "reference" : null;
    this.b = b ?? {};
    this.showMode();
  }

  showMode() {
    if (this.mode !== "b") {
      this.viewer.main.passage = null;
      this.viewer.main.paint();
    }
    this.sheet.root.hidden = !this.mode;
    this.say("");
    this.viewer.showMode();
  }

  /** @param {string} words */
  say(words) {
    this.sheet.caption.textContent = words;
  }

  // The page on the left is another one now, or drawn with other settings.
  /** @param {boolean} settled */
  follow(settled) {
    if (this.mode === "b") this.askB();
    if (this.mode === "reference" && settled) this.askReference();
  }

  askB() {
    this.pictures.ask({ url: this.viewer.url("page.png", { at: this.viewer.at }, this.b) });
    this.counts.ask({ url: this.viewer.figuresUrl(false, this.b) });
  }

  // The two pages begin and end at different words: a bar at the edge of each marks what both show.
  tie() {
    const { viewer } = this,
      { pages: a } = viewer.placing,
      b = this.pages;
    if (this.mode !== "b" || !a.length || !b.length || !viewer.page || !viewer.placing.agree()) return;
    const page = pageOf(b, viewer.at),
      end = (/** @type {PageRow[]} */ pages, /** @type {number} */ page) => pages[page]?.[3] ?? Infinity;
    const from = Math.max(a[viewer.page - 1][3], b[page - 1][3]),
      to = Math.min(end(a, viewer.page), end(b, page), from + 1e6);
    if (from >= to) return;
    this.passages[0].ask({
      url: viewer.url("marks.json", { page: viewer.page, from, to }),
      picture: viewer.main.picture,
    });
    this.passages[1].ask({ url: viewer.url("marks.json", { page, from, to }, this.b), picture: this.sheet.picture });
  }

  /** @param {Sheet} sheet @param {Marks["boxes"]} boxes @param {HTMLImageElement} picture */
  showPassage(sheet, boxes, picture) {
    if (this.mode !== "b" || !boxes?.length || sheet.picture !== picture) return;
    sheet.passage = [Math.min(...boxes.map((box) => box[1])), Math.max(...boxes.map((box) => box[3]))];
    sheet.paint();
  }

  /** @param {FiguresAnswer} figures */
  caption(figures) {
    if (this.mode !== "b") return;
    this.pages = figures.drawing ? [] : figures.pages;
    if (!figures.drawing) {
      const [, , tokens, , columns] = figures.pages[pageOf(figures.pages, this.viewer.at) - 1];
      this.sheet.gridSize = [columns, tokens / columns];
      this.tie();
    }
    const words = figures.drawing ? "" : ` · ${fixed(figures.ratio, 2)}×, ${whole(figures.pages.length)} pages`;
    const same = el("span", "same", "┃");
    explain(same, "The bar at the pages' left edge: what both of them show");
    this.sheet.caption.replaceChildren(
      el("span", "", `B · ${this.viewer.controls.short(this.b)}${words} `),
      same,
      " same passage ",
      button("Swap", "Take B's settings and hold the present ones as B", () => {
        const b = this.b;
        this.b = { ...this.viewer.values };
        this.viewer.change(b, true);
        this.askB();
      }),
    );
  }

  /** @param {PictureAnswer} answer */
  showB(answer) {
    if (this.mode !== "b") return;
    if (answer.drawing) {
      this.say(`B needs the reference engine: ${answer.drawing.reason}`);
      return;
    }
    this.sheet.root.classList.remove("stale");
    this.sheet.show(answer.picture, "The same passage at settings B");
    this.tie();
  }

  askReference() {
    const { page, placing } = this.viewer;
    if (!placing.shown) return;
    this.say("The reference engine draws this page …");
    this.sheet.root.classList.add("stale");
    this.referee.ask({ url: this.viewer.url("reference.json", { page }), page, query: placing.shown.query });
  }

  /** @param {CellsAsking} request */
  current(request) {
    return this.mode === "reference" && request.page === this.viewer.page && this.viewer.placing.shows(request.query);
  }

  /** @param {ReferenceAnswer} answer @param {CellsAsking} request */
  async showReference(answer, request) {
    if (!this.current(request)) return;
    const what = answer.whole_page
      ? `Page ${answer.page} by the reference engine`
      : `The text of page ${answer.page} by itself, drawn by both engines (from the book's beginning the reference would need too long)`;
    const verdict = answer.identical
      ? `identical: 0 of ${whole(answer.pixels)} pixels differ`
      : String(answer.fast_size) !== String(answer.reference_size)
        ? `sizes differ: ${answer.fast_size.join(" × ")} and ${united(answer.reference_size.join(" × "), "px")}`
        : `${whole(answer.differing_pixels)} of ${whole(answer.pixels)} pixels differ, by at most ${answer.largest_difference} of 255`;
    const times = `Reference ${secondsText(answer.reference_ms / 1000)}, fast ${secondsText(answer.fast_ms / 1000)}.`;
    const choice = el("span", "choice");
    /** @type {HTMLElement[]} */
    const choices = [];
    /** @param {string} which */
    const show = async (which) => {
      const { picture } = await askPicture(this.viewer.url(`reference/${answer.key}/${which}.png`));
      if (this.mode !== "reference" || !picture) return;
      this.sheet.gridSize = this.viewer.main.gridSize;
      this.sheet.root.classList.remove("stale");
      this.sheet.show(
        picture,
        which === "reference" ? "The reference engine's picture" : "Where both pictures differ, in red",
      );
      choices.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.which === which)));
    };
    for (const [which, text] of [
      ["reference", "Picture"],
      ["difference", "Difference"],
    ]) {
      const one = button(text, text, () => show(which));
      one.dataset.which = which;
      choices.push(one);
      choice.append(one);
    }
    this.sheet.caption.replaceChildren(
      el("span", answer.identical ? "good" : "bad", verdict),
      el("span", "", ` · ${what}. ${times} `),
      choice,
    );
    await show(answer.identical ? "reference" : "difference");
  }

  /** @param {Refused} error @param {CellsAsking} request */
  noReference(error, request) {
    if (error.status !== 409 && this.current(request)) this.say(error.message);
  }
}
