// Which question the stage shows: those that were asked, in their order, then those that are still to be asked.

class Playlist {
  /** @type {StageItem[]} */
  items = [];
  at = 0;
  restarted = ""; // the id of what was asked again and is not said to run yet

  get now() {
    return this.items[this.at];
  }

  /** New items; the same question stays in view, also when it has become a turn.
   * @param {StageItem[]} items
   */
  take(items) {
    const before = this.now;
    const answered = items.filter((one) => one.id !== null).length;
    const grown = answered > this.items.filter((one) => one.id !== null).length;
    this.items = items;
    if (items.some((one) => one.running && one.id === this.restarted)) this.restarted = "";
    const same = items.findIndex((one) => (before?.id ? one.id === before.id : one.question === before?.question));
    if (!before)
      this.at = Math.max(0, answered - 1); // the newest answers, or the first question
    else if (grown && !before.id)
      this.at = answered - 1; // the question in view was asked
    else if (same >= 0) this.at = same;
    this.at = Math.min(this.at, Math.max(0, items.length - 1));
  }

  /** @param {number} by @returns {boolean} whether there was one */
  step(by) {
    const to = this.at + by;
    if (to < 0 || to >= this.items.length) return false;
    this.at = to;
    return true;
  }

  /** @param {string} id */
  goTo(id) {
    const found = this.items.findIndex((one) => one.id === id);
    if (found >= 0) this.at = found;
  }

  /** What the space bar does with the question in view: "ask", "next", "pause" of a recording, or nothing.
   * @returns {"ask" | "next" | "pause" | ""}
   */
  get space() {
    const now = this.now;
    if (!now) return "";
    if (now.id === null) return this.items.some((one) => one.running && !one.played) ? "" : "ask";
    if (now.played) return "pause";
    if (now.running) return "";
    return this.at + 1 < this.items.length ? "next" : "";
  }

  /** The id of what Esc stops, also in the moment before Python says that it runs again; "" where there is nothing. */
  get running() {
    return this.items.find((one) => one.running)?.id ?? this.restarted;
  }

  get place() {
    return this.items.length ? `Question ${this.at + 1} of ${this.items.length}` : "No question yet";
  }
}
