// The search for a phrase: its box, how many places there are, and which of them is looked at.

class Search {
  /** @type {Match[]} */
  matches = [];
  at = -1; // of them
  /** @type {ReturnType<typeof setTimeout> | undefined} debounce: a phrase is asked for once the typing pauses */
  timer;

  /** @param {{ search: (phrase: string) => void, found: (start: number, end: number) => void }} act */
  constructor(act) {
    this.act = act;
    this.root = el("div", "search");
    this.root.setAttribute("role", "search");
    this.box = el("input");
    this.box.type = "search";
    this.box.placeholder = "Search the book";
    this.box.maxLength = 200;
    this.box.setAttribute("aria-label", "Search a phrase in the book");
    this.count = el("span", "hint");
    this.count.setAttribute("role", "status");
    this.before = button("‹", "Previous place", () => this.go(this.at - 1));
    this.after = button("›", "Next place", () => this.go(this.at + 1));
    this.root.append(this.box, this.before, this.after, this.count);
    this.box.oninput = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => act.search(this.box.value.trim()), 180);
    };
    this.box.onkeydown = (key) => {
      if (key.key === "Enter") this.go(this.at + (key.shiftKey ? -1 : 1));
      key.stopPropagation();
    };
    this.show([]);
  }

  clear() {
    clearTimeout(this.timer);
    this.box.value = "";
    this.show([]);
  }

  /** @param {Match[]} matches */
  show(matches) {
    this.matches = matches;
    this.at = -1;
    const asked = this.box.value.trim() !== "";
    this.before.hidden = this.after.hidden = matches.length < 2;
    this.count.textContent = !asked ? "" : matches.length === 0 ? "not found" : this.told();
    if (matches.length) this.go(0);
  }

  told() {
    const most = this.matches.length >= 500 ? "500 or more" : whole(this.matches.length);
    return `${this.at + 1} of ${most}`;
  }

  /** @param {number} index */
  go(index) {
    if (!this.matches.length) return;
    this.at = (index + this.matches.length) % this.matches.length;
    this.count.textContent = this.told();
    const [start, end] = this.matches[this.at];
    this.act.found(start, end);
  }
}
