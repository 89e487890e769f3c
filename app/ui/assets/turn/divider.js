// The divider between the two answers: drawn with the pointer or moved by the keyboard, it gives each its width.

const EDGE_SHARE = 0.1; // of the width: so near to the edge the divider is drawn off
const LEAST_SHARE = 0.25; // of the width, for either side
const KEY_STEP = 0.03;

class Divider {
  root = el("div", "divider");
  share = 0.5; // of the width, the left answer's

  /** @param {HTMLElement} panes whose width is shared @param {(role: Role) => void} widen give one side all of it */
  constructor(panes, widen) {
    this.panes = panes;
    this.widen = widen;
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "separator");
    this.root.setAttribute("aria-orientation", "vertical");
    this.root.setAttribute("aria-label", "Width of the two answers");
    this.root.setAttribute("aria-valuemin", String(100 * LEAST_SHARE));
    this.root.setAttribute("aria-valuemax", String(100 * (1 - LEAST_SHARE)));
    this.root.onpointerdown = (down) => this.draw(down.pointerId);
    this.root.ondblclick = () => this.set(0.5);
    this.root.onkeydown = (key) => this.key(key.key);
    this.set(0.5);
  }

  /** @param {number} share */
  set(share) {
    this.share = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, share));
    this.root.setAttribute("aria-valuenow", String(Math.round(100 * this.share)));
    this.panes.style.setProperty("--left", `${(this.share / (1 - this.share)).toFixed(4)}fr`);
  }

  /** @param {number} pointer */
  draw(pointer) {
    this.root.setPointerCapture(pointer);
    let reached = this.share;
    this.root.onpointermove = (move) => {
      const box = this.panes.getBoundingClientRect();
      reached = (move.clientX - box.left) / box.width;
      this.set(reached);
    };
    this.root.onpointerup = () => {
      this.root.onpointermove = null;
      // Drawn to the edge: one side gets all of it, until its button or a double click gives it back.
      if (reached > 1 - EDGE_SHARE) this.widen("text");
      if (reached < EDGE_SHARE) this.widen("pages");
    };
  }

  /** @param {string} key */
  key(key) {
    if (key === "ArrowLeft") this.set(this.share - KEY_STEP);
    if (key === "ArrowRight") this.set(this.share + KEY_STEP);
    if (key === "Home") this.set(0.5);
  }
}
