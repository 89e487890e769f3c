// Which page a picture is. A picture and the figures of the whole book come by themselves, in any order; only figures of the
// same settings tell the page. Knows nothing of elements and requests.

/**
 * The page that shows a character of the book, from 1; 0 without pages. Binary search: pages begin in the book's order.
 * @param {PageRow[]} pages
 * @param {number} offset
 */
function pageOf(pages, offset) {
  if (!pages.length) return 0;
  let low = 0,
    high = pages.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pages[middle][3] <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

class Placing {
  /** @type {{ query: string, at: number, page?: number } | null} the picture on the screen */
  shown = null;
  /** @type {{ query: string, settled: boolean } | null} the figures on the screen */
  counted = null;
  /** @type {PageRow[]} */
  pages = [];
  page = 0;
  placed = false;
  settled = false;

  /** Another book. */
  forget() {
    this.shown = this.counted = null;
    this.pages = [];
    this.page = 0;
    this.placed = this.settled = false;
  }

  /**
   * A picture came: of the page that shows the character `at`, or of `page` itself. Spans of pages without ink are empty, so
   * that several pages may begin at one character.
   * @param {{ query: string, at: number, page?: number }} picture
   */
  pictureCame({ query, at, page }) {
    this.shown = { query, at, page };
    this.placed = this.settled = false;
    return this.place();
  }

  /**
   * The figures of the whole book came.
   * @param {{ query: string, settled: boolean }} figures `settled`: the hand has let go
   * @param {PageRow[]} pages
   */
  figuresCame({ query, settled }, pages) {
    this.counted = { query, settled };
    this.pages = pages;
    return this.place();
  }

  /** Whether the picture on the screen has its page anew: once while a knob moves, once more when the hand has let go. */
  place() {
    const { shown, counted } = this;
    if (!shown || !counted || counted.query !== shown.query) return false;
    if (this.placed && (this.settled || !counted.settled)) return false;
    this.placed = true;
    this.settled = counted.settled;
    this.page = shown.page ?? pageOf(this.pages, shown.at);
    return true;
  }

  /** Another character of the page that is shown anyway. @param {number} at */
  move(at) {
    if (this.shown) this.shown.at = at;
  }

  /** @param {string} query */
  shows(query) {
    return this.shown?.query === query;
  }

  /** Pages and picture are of the same settings. */
  agree() {
    return this.shown !== null && this.counted?.query === this.shown.query;
  }
}
