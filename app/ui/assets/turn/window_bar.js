// What the book costs one side, as a figure, and as a bar beside that side's window. Seen on the stage.

class WindowBar {
  root = el("div", "cost");
  tokens = el("span", "tokens");
  label = el("span", "tokens-of");
  track = el("div", "track");
  fill = el("div", "fill");
  over = el("div", "beyond");
  words = el("span", "share");

  constructor() {
    this.track.append(this.fill, this.over);
    this.root.append(this.tokens, this.label, this.track, this.words);
  }

  /** Where the book is longer than the window, the track is the book: what does not fit is hatched. @param {BookCost | null} cost */
  show(cost) {
    this.root.hidden = !cost;
    if (!cost) return;
    this.tokens.textContent = whole(cost.tokens);
    this.label.textContent = cost.label;
    this.words.textContent = cost.words;
    explain(this.root, cost.help);
    const fits = cost.share <= 1;
    this.fill.style.width = `${100 * (fits ? cost.share : 1 / cost.share)}%`;
    this.over.style.width = fits ? "0" : `${100 * (1 - 1 / cost.share)}%`;
  }
}
