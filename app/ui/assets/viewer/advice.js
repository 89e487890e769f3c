// What would compress the open book more: a row a change, with what it gains and what it costs.

class Advice {
  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.root = el("section", "advice");
    this.root.hidden = true;
    this.list = el("ul");
    this.root.append(el("h4", "", "Fewer visual tokens on this book"), this.list);
  }

  /** @param {AdviceRow[]} advice */
  show(advice) {
    this.root.hidden = !advice.length;
    this.root.classList.remove("stale");
    /** @type {[string, boolean][]} */
    const kinds = [
      ["Nothing becomes harder to read", true],
      ["Denser, and harder to read", false],
    ];
    this.list.replaceChildren(
      ...kinds.flatMap(([title, harmless]) => {
        const rows = advice.filter((one) => one.harmless === harmless).map((one) => this.row(one));
        return rows.length ? [el("li", "kind", title), ...rows] : [];
      }),
    );
  }

  /** @param {AdviceRow} one */
  row(one) {
    const row = el("li"),
      words = el("div", "words");
    words.append(one.title);
    row.append(
      el(
        "span",
        "gain",
        united((-100 * one.gain).toLocaleString("en-US", { maximumFractionDigits: 0, signDisplay: "exceptZero" }), "%"),
      ),
      words,
      button("Apply", `Apply: ${one.title}`, () =>
        one.book_change ? this.act.book(one.book_change) : this.act.change(one.changes, true),
      ),
      el(
        "div",
        "hint",
        `${fixed(one.ratio, 2)}×, ${whole(one.visual_tokens)} visual tokens. ${one.cost.replace("Harder to read: ", "Cost: ")}`,
      ),
    );
    return row;
  }
}
