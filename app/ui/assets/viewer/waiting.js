// The line above the page that says what is waited for, and when to look again.

const SLOW_MS = 900; // from here on a wait is worth a word
const AGAIN_AFTER_MS = 350; // while the reference engine draws

class Waiting {
  root = el("div", "status");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  slow;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  again;

  constructor() {
    this.root.hidden = true;
    this.root.setAttribute("role", "status");
  }

  /** @param {string} words */
  tell(words) {
    this.root.textContent = words;
    this.root.hidden = !words;
  }

  /** @param {() => boolean} busy */
  begin(busy) {
    clearTimeout(this.slow);
    this.slow = setTimeout(() => {
      if (busy()) this.tell("Laying out the whole book …");
    }, SLOW_MS);
  }

  /** @param {string} words "": nothing more to say */
  end(words) {
    clearTimeout(this.slow);
    this.tell(words);
  }

  /** The reference engine works on it. @param {StillDrawing["drawing"]} drawing @param {() => void} look again, a moment later */
  drawing({ reason, started, done, total }, look) {
    const pages = total ? `page ${done} of ${total}` : "laying out the book";
    this.end(
      started
        ? `The reference engine draws these settings, because ${reason}: ${pages}.`
        : `Let go to draw: these settings need the slower reference engine, because ${reason}.`,
    );
    clearTimeout(this.again);
    if (started) this.again = setTimeout(look, AGAIN_AFTER_MS);
  }

  destroy() {
    clearTimeout(this.slow);
    clearTimeout(this.again);
  }
}
