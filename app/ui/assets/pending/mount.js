// What stands on the screen from the key press until Python has drawn the question's own turn: the question, and both clocks
// running; and that both are being stopped. It listens to the page's question box, the suggested questions and Stop. A question of which Python has shown no trace
// after a while is sent once more (retransmission): Streamlit can drop what was sent in the moment in which a run ends.

const LOST_AFTER_MS = 2500;
const PATIENCE_MS = 20000; // after that something went wrong, and the page says what

class Pending {
  /** @type {PendingData} */
  data = { turns: 0, running: false, queued: 0, suggested: {} };
  /** @type {Turn | null} */
  turn = null;
  /** @type {number | undefined} turns of the conversation when it was shown */
  shownFor;
  /** @type {number | undefined} */
  leaving;
  /** @type {number | undefined} */
  gone;
  /** @type {number | undefined} */
  watching;
  /** @type {Component<PendingData> | null} */
  component = null;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.parent = parent;
    /** @param {KeyboardEvent} key */
    this.onkey = (key) => {
      if (key.key === "Escape") return this.stopBoth(key);
      if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) return this.send(key);
      const box = key.target instanceof Element ? key.target.closest('[data-testid="stChatInput"] textarea') : null;
      if (box instanceof HTMLTextAreaElement && key.key === "Enter" && !key.shiftKey && !key.isComposing)
        this.show(box.value);
    };
    /** @param {MouseEvent} click */
    this.onclick = (click) => {
      const bottom = /** @type {Element} */ (click.target).closest?.('[data-testid="stBottom"]'),
        pressed = /** @type {Element} */ (click.target).closest?.("button");
      if (!bottom || !pressed) return;
      if (pressed.closest(".st-key-stop")) document.dispatchEvent(new CustomEvent("glyph-stopping"));
      if (pressed.closest('[data-testid="stChatInput"]')) this.show(bottom.querySelector("textarea")?.value ?? "");
      else if (this.data.suggested[(pressed.textContent ?? "").trim()])
        this.show(this.data.suggested[(pressed.textContent ?? "").trim()]);
    };
    document.addEventListener("keydown", this.onkey, true);
    document.addEventListener("click", this.onclick, true);
  }

  /** Esc stops both, unless it closes something else: a dialog, a menu, a question that is being changed.
   * @param {KeyboardEvent} key
   */
  stopBoth(key) {
    const pressed = key.composedPath()[0];
    const closes = document.querySelector('[role="dialog"], [data-baseweb="popover"]');
    if (closes || (pressed instanceof HTMLElement && pressed.closest(".editor"))) return;
    /** @type {HTMLButtonElement | null} */
    const stop = document.querySelector(".st-key-stop button");
    if (stop && !stop.disabled) stop.click();
  }

  /** Ctrl+Enter sends what stands in the question's box, wherever the keyboard is but in another field.
   * @param {KeyboardEvent} key
   */
  send(key) {
    const pressed = key.composedPath()[0],
      chat = document.querySelector('[data-testid="stChatInput"]'),
      field = pressed instanceof HTMLInputElement || pressed instanceof HTMLTextAreaElement;
    /** @type {HTMLButtonElement | null | undefined} */
    const submit = chat?.querySelector('[data-testid="stChatInputSubmitButton"]');
    if (!submit || submit.disabled || (field && !chat?.contains(pressed))) return;
    key.preventDefault();
    key.stopImmediatePropagation();
    submit.click();
  }

  /** @param {Component<PendingData>} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    if (this.shownFor !== undefined && this.data.turns !== this.shownFor) this.hide();
  }

  /** @param {string} question */
  watch(question) {
    const { turns } = this.data;
    clearTimeout(this.watching);
    this.watching = setTimeout(() => {
      if (this.data.turns === turns && !this.data.queued) this.component?.setTriggerValue("lost", question);
    }, LOST_AFTER_MS);
  }

  /** @param {string} words */
  show(words) {
    const question = words.trim();
    if (!question) return;
    this.watch(question);
    if (this.data.running || this.turn) return;
    this.shownFor = this.data.turns;
    this.turn = new Turn(this.parent);
    this.turn.root.classList.add("newest", "pending");
    this.turn.present.hidden = true;
    this.turn.apply(blankTurn("pending", question, this.data.turns + 1, "waiting", "Asking"));
    this.turn.root.scrollIntoView({ block: "start" });
    document.dispatchEvent(new CustomEvent("glyph-pending"));
    this.leaving = setTimeout(() => this.hide(), PATIENCE_MS);
  }

  hide() {
    clearTimeout(this.leaving);
    this.turn?.destroy();
    this.turn = null;
    this.shownFor = undefined;
  }

  destroy() {
    clearTimeout(this.watching);
    this.hide();
    document.removeEventListener("keydown", this.onkey, true);
    document.removeEventListener("click", this.onclick, true);
  }
}

/** @type {WeakMap<HTMLElement, Pending>} */
const mounted = new WeakMap();

/** @param {Component<PendingData>} component */
export default function (component) {
  const parent = component.parentElement;
  let pending = mounted.get(parent);
  if (!pending) {
    pending = new Pending(parent);
    mounted.set(parent, pending);
  }
  clearTimeout(pending.gone);
  pending.update(component);
  return () => {
    pending.gone = setTimeout(() => {
      pending.destroy();
      mounted.delete(parent);
    }, 500);
  };
}
