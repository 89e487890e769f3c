// Two pictures beside each other that are zoomed and scrolled as one.

class SheetPair {
  /** @param {Sheet} main @param {Sheet} other @param {() => void} zoomed */
  constructor(main, other, zoomed) {
    this.main = main;
    this.other = other;
    this.zoomed = zoomed;
    /** @type {Sheet | null} the one that is scrolled by us, whose own event must not come back */
    this.scrolling = null;
    this.follow(main, other);
    this.follow(other, main);
  }

  /** @param {(sheet: Sheet) => void} change */
  each(change) {
    [this.main, this.other].forEach(change);
    this.zoomed();
  }

  /** Both are shown equally wide, whatever their resolution, so that the passage lies at the same place. @param {number} factor */
  zoom(factor) {
    const zoom = this.main.scale() * factor;
    this.main.zoomTo(zoom);
    if (this.other.picture.naturalWidth)
      this.other.zoomTo((zoom * this.main.picture.naturalWidth) / this.other.picture.naturalWidth);
    this.zoomed();
  }

  /** Scrolling one scrolls the other as far, in parts of its size. @param {Sheet} leader @param {Sheet} follower */
  follow(leader, follower) {
    leader.view.addEventListener(
      "scroll",
      () => {
        if (this.other.root.hidden || this.scrolling === leader) {
          this.scrolling = null;
          return;
        }
        const { view: from } = leader,
          { view: to } = follower;
        const top = share(from.scrollTop, from.scrollHeight, from.clientHeight) * (to.scrollHeight - to.clientHeight);
        const left = share(from.scrollLeft, from.scrollWidth, from.clientWidth) * (to.scrollWidth - to.clientWidth);
        if (Math.abs(to.scrollTop - top) < 1 && Math.abs(to.scrollLeft - left) < 1) return;
        this.scrolling = follower;
        to.scrollTo(left, top);
      },
      { passive: true },
    );
  }

  destroy() {
    this.main.destroy();
    this.other.destroy();
  }
}

/** How far of what is hidden. @param {number} at @param {number} length @param {number} seen */
const share = (at, length, seen) => (length > seen ? at / (length - seen) : 0);
