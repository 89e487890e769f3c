// What is asked of the whole book only when the hand rests, because it takes the server longer: the ratio against DPI, advice,
// and the print's clarity measured on this very book.

class BookStudy {
  studied = ""; // what was asked last
  /** @type {{ query: string, clarity: Clarity } | undefined} */
  measured;

  /** @param {Viewer} viewer @param {Act} act */
  constructor(viewer, act) {
    this.viewer = viewer;
    this.curve = new Curve(act);
    this.advice = new Advice(act);
    /** @type {Latest<SettingsAsking, { points: CurvePoint[], complete: boolean }>} */
    this.curves = latestJson(({ points, complete }, { query }) => {
      if (complete && query === viewer.query()) this.curve.show(points, viewer.values.d);
    });
    /** @type {Latest<SettingsAsking, { advice: AdviceRow[], complete: boolean }>} */
    this.advisor = latestJson(({ advice, complete }, { query }) => {
      if (complete && query === viewer.query()) this.advice.show(advice);
    });
    /** @type {Latest<SettingsAsking, Clarity>} */
    this.clarities = latestJson((clarity, { query }) => {
      this.measured = { query, clarity };
      if (query === viewer.query()) viewer.figures.showClarity(clarity);
    });
    this.requests = [this.curves, this.advisor, this.clarities];
  }

  /** The hand rests. */
  ask() {
    const { viewer } = this,
      query = viewer.query(),
      { text } = viewer.reading,
      study = `${viewer.told.base}?${query} ${text}`;
    if (this.studied === study) return;
    this.studied = study;
    this.curve.root.classList.add("stale");
    this.advice.root.classList.add("stale");
    this.clarities.ask({ url: viewer.url("clarity.json"), query });
    this.curves.ask({ url: viewer.url("curve.json", { text }), query });
    this.advisor.ask({ url: viewer.url("advice.json", { text }), query });
  }

  /** A knob moves: what was asked at the settings before gives its place to the new ones' figures. */
  leave() {
    this.studied = "";
    this.requests.forEach((one) => one.leave());
  }

  /** Figures of these settings are shown: clarity may have come before them. @param {string} query */
  follow(query) {
    if (this.measured?.query === query) this.viewer.figures.showClarity(this.measured.clarity);
    this.curve.follow(this.viewer.values.d);
  }
}
