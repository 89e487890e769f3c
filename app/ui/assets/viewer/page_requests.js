// The page on the screen and the figures of the whole book, asked for in turn: the picture first, the figures once it has arrived,
// because both at once would draw it half as fast.

class PageRequests {
  /** @param {PageOwner} owner who shows them */
  constructor(owner) {
    this.owner = owner;
    /** @type {Latest<PageAsking, PictureAnswer>} */
    this.pictures = latestPicture(
      (answer, request) => {
        const { counted } = owner.placing; // another page has the same figures
        if (!request.page || counted?.query !== request.query) this.askFigures(request.settled);
        owner.showPicture(answer, request);
      },
      (error, request) => owner.failed(error, request),
    );
    /** @type {Latest<FiguresAsking, FiguresAnswer>} */
    this.counts = latestJson(
      (answer, request) => owner.showFigures(answer, request),
      (error, request) => owner.failed(error, request),
    );
    this.requests = [this.pictures, this.counts];
  }

  get busy() {
    return this.pictures.busy || this.counts.busy;
  }

  /** @param {number} at a character of the page @param {boolean} settled the hand has let go */
  ask(at, settled) {
    const { owner, pictures } = this,
      { shown } = owner.placing,
      query = owner.query();
    const under = pictures.busy || pictures.waiting; // another picture is still to come: it must not stay
    if (!under && shown?.query === query && shown.at === at) this.askFigures(settled);
    else pictures.ask({ url: owner.url("page.png", { at, ...(settled ? { settled: 1 } : {}) }), query, at, settled });
  }

  /** @param {number} page @param {number} at its first character */
  askPage(page, at) {
    const url = this.owner.url("page.png", { page, settled: 1 });
    this.pictures.ask({ url, query: this.owner.query(), at, page, settled: true });
  }

  /** @param {boolean} settled */
  askFigures(settled) {
    this.counts.ask({ url: this.owner.figuresUrl(settled), query: this.owner.query(), settled });
  }
}
