// What was searched for in the book: where it stands, its marks on the page that is shown, and how many hits each page has.

class FoundText {
  /** @type {[number, number] | null} the characters of the place that is looked at */
  span = null;
  revealed = ""; // of the places

  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.box = new Search({ search: (phrase) => this.ask(phrase), found: (start, end) => this.look(start, end) });
    /** @type {Latest<Asking, { matches: Match[] }>} */
    this.finder = new Latest(
      ({ url }) => (url ? askJson(url) : { matches: [] }),
      (answer) => this.showMatches(answer.matches),
      (error, request) => viewer.failed(error, request),
    );
    /** @type {Latest<SettingsAsking, Marks>} */
    this.marker = latestJson((answer, { query }) => this.showMarks(answer, query));
    this.requests = [this.finder, this.marker];
  }

  /** @param {string} phrase "": none any more */
  ask(phrase) {
    this.finder.ask({ url: phrase && this.viewer.url("search.json", { q: phrase }) });
  }

  /** Turn to a place. @param {number} start @param {number} end */
  look(start, end) {
    const { viewer } = this;
    this.span = [start, end];
    viewer.at = start;
    if (viewer.placing.shows(viewer.query()) && pageOf(viewer.placing.pages, start) === viewer.page) {
      viewer.placing.move(start);
      this.askMarks();
    } else viewer.ask(true);
    viewer.rest();
  }

  /** Another book, in which nothing was searched for yet. */
  forget() {
    this.leave();
    this.revealed = "";
    this.box.clear();
    this.showHits();
  }

  /** The page is turned by hand: no place is looked at. */
  leave() {
    this.span = null;
    this.viewer.main.marks = null;
  }

  /** A page came. */
  follow() {
    if (!this.viewer.main.marks) this.askMarks();
  }

  askMarks() {
    const { placing, page } = this.viewer;
    if (!this.span || !placing.shown) return;
    const [from, to] = this.span;
    this.marker.ask({ url: this.viewer.url("marks.json", { page, from, to }), query: placing.shown.query });
  }

  /** @param {Marks} marks @param {string} query */
  showMarks(marks, query) {
    const { main, page, placing } = this.viewer;
    if (!placing.shows(query) || marks.page !== page) return;
    main.marks = marks;
    main.paint();
    this.reveal(marks);
  }

  // Scroll so that the place can be seen, once a place.
  /** @param {Marks} marks */
  reveal({ boxes }) {
    if (!boxes.length || this.revealed === `${this.span}`) return;
    this.revealed = `${this.span}`;
    const { view, sheet, picture } = this.viewer.main;
    const y = (boxes[0][1] * sheet.clientHeight) / picture.naturalHeight;
    if (y < view.scrollTop + 30 || y > view.scrollTop + view.clientHeight - 60)
      view.scrollTop = y - view.clientHeight / 3;
    const onScreen = view.getBoundingClientRect().top + y - view.scrollTop;
    if (onScreen > window.innerHeight - 60 || onScreen < 60) view.scrollIntoView({ block: "center" });
  }

  /** @param {Match[]} matches */
  showMatches(matches) {
    if (!matches.length) {
      this.leave();
      this.viewer.main.paint();
    }
    this.box.show(matches);
    this.showHits();
  }

  /** The pages are others. */
  recount() {
    if (this.box.matches.length) this.showHits();
  }

  showHits() {
    const counts = new Map();
    this.box.matches.forEach(([start]) => {
      const page = pageOf(this.viewer.placing.pages, start);
      counts.set(page, (counts.get(page) ?? 0) + 1);
    });
    this.viewer.thumbs.hits(counts);
  }
}
