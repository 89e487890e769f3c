// What lies over the page, cell by cell of its visual tokens: their grid, and a heat map of the text tokens in each, with its legend.

class TokenOverlay {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.legend = el("div", "legend");
    this.legend.hidden = true;
    /** @type {Latest<CellsAsking, Cells>} */
    this.cells = latestJson((answer, { query, page }) => this.show(answer, query, page));
    this.requests = [this.cells];
  }

  /** @param {"grid" | "heat"} what */
  flip(what) {
    const { main } = this.viewer;
    main[what] = !main[what];
    if (main[what] && !main.cells) this.ask();
    main.paint();
    this.legend.hidden = !main.heat;
    if (main.heat) this.showLegend();
  }

  /** A page came. */
  follow() {
    const { main } = this.viewer;
    if ((main.heat || main.cell !== null || main.grid) && !main.cells) this.ask();
  }

  ask() {
    const { placing, page } = this.viewer;
    if (!placing.shown) return;
    this.cells.ask({ url: this.viewer.url("cells.json", { page }), query: placing.shown.query, page });
  }

  /** @param {Cells} cells @param {string} query @param {number} page */
  show(cells, query, page) {
    if (!this.viewer.placing.shows(query) || page !== this.viewer.page) return;
    this.viewer.main.setCells(cells);
    this.showLegend();
  }

  showLegend() {
    const { main } = this.viewer,
      most = main.cells ? fixed(main.most(), 1) : "…";
    const bar = el("span", "ramp");
    bar.style.background = `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((share) => heatColor(share)).join(", ")})`;
    this.legend.replaceChildren(
      el("span", "", "Text tokens in each visual token: 0"),
      bar,
      el("span", "", `${most}, the most on this page`),
      el("span", "hint", "An uncoloured cell holds no text."),
    );
  }
}
