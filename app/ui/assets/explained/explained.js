// What a figure means, for pointer, finger, keyboard and screen reader alike; a title alone is for the pointer.
// Pattern: toggletip (WAI-ARIA Authoring Practices). It shows when pointed at, focused or tapped, goes on Escape and when one
// leaves, stays while the pointer is on it (WCAG 2.2, 1.4.13), and lies in the browser's top layer, so that nothing cuts it off.

const BUBBLE_GAP_PX = 6;
const LEAVING_MS = 200; // time enough to move the pointer from the figure into the bubble

/** @type {WeakMap<HTMLElement, string>} what each explained element says */
const explanations = new WeakMap();
/** @type {WeakMap<Node, Bubble>} one a component */
const bubbles = new WeakMap();

/** Where a bubble stands beside what it explains: below, or above where there is no room, and inside the window.
 * @param {{ left: number, top: number, bottom: number }} owner @param {{ width: number, height: number }} bubble
 * @param {{ width: number, height: number }} view
 */
function besideOf(owner, bubble, view) {
  const below = owner.bottom + BUBBLE_GAP_PX,
    above = owner.top - BUBBLE_GAP_PX - bubble.height,
    most = Math.max(BUBBLE_GAP_PX, view.width - bubble.width - BUBBLE_GAP_PX);
  return {
    left: Math.min(Math.max(BUBBLE_GAP_PX, owner.left), most),
    top: below + bubble.height <= view.height || above < 0 ? below : above,
  };
}

class Bubble {
  /** @type {HTMLElement | null} */
  owner = null;
  root = el("div", "bubble");
  /** @type {number | undefined} */
  leaving;

  /** @param {Node} place the component's root: styles reach no further */
  constructor(place) {
    this.root.setAttribute("role", "tooltip");
    this.root.popover = "manual";
    this.root.onpointerenter = () => clearTimeout(this.leaving);
    this.root.onpointerleave = () => this.leave();
    this.follow = () => this.place();
    this.elsewhere = (/** @type {Event} */ event) => {
      const path = event.composedPath();
      if (!path.includes(this.root) && this.owner && !path.includes(this.owner)) this.hide();
    };
    place.appendChild(this.root);
  }

  /** @param {HTMLElement} owner */
  show(owner) {
    clearTimeout(this.leaving);
    const words = explanations.get(owner);
    if (!words) return;
    if (!this.owner) {
      document.addEventListener("pointerdown", this.elsewhere, true);
      document.addEventListener("scroll", this.follow, true);
    }
    this.owner = owner;
    this.root.textContent = words;
    this.root.showPopover();
    this.place();
  }

  place() {
    if (!this.owner?.isConnected) return this.hide();
    const { left, top } = besideOf(this.owner.getBoundingClientRect(), this.root.getBoundingClientRect(), {
      width: document.documentElement.clientWidth,
      height: window.innerHeight,
    });
    this.root.style.left = `${left}px`;
    this.root.style.top = `${top}px`;
  }

  /** The pointer has left; what has the keyboard's focus stays explained. */
  leave() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => {
      if (!this.owner?.matches(":focus")) this.hide();
    }, LEAVING_MS);
  }

  hide() {
    clearTimeout(this.leaving);
    this.owner = null;
    document.removeEventListener("pointerdown", this.elsewhere, true);
    document.removeEventListener("scroll", this.follow, true);
    if (this.root.isConnected) this.root.hidePopover();
  }
}

/** @param {HTMLElement} node */
function bubbleOf(node) {
  const root = node.getRootNode(),
    place = root === document ? document.body : root;
  let bubble = bubbles.get(place);
  if (!bubble || !bubble.root.isConnected) {
    bubble = new Bubble(place);
    bubbles.set(place, bubble);
  }
  return bubble;
}

/** Have a figure say what it means; no words: nothing any more. @param {HTMLElement} node @param {string} words */
function explain(node, words) {
  if (!words) {
    explanations.delete(node);
    node.classList.remove("explained");
    node.removeAttribute("tabindex");
    node.removeAttribute("aria-description");
    return;
  }
  if (explanations.get(node) === words) return;
  explanations.set(node, words);
  node.classList.add("explained");
  node.tabIndex = 0;
  node.setAttribute("aria-description", words);
  node.onpointerenter = (event) => event.pointerType === "mouse" && bubbleOf(node).show(node);
  node.onpointerleave = (event) => event.pointerType === "mouse" && bubbleOf(node).leave();
  node.onfocus = () => bubbleOf(node).show(node);
  node.onblur = () => bubbleOf(node).owner === node && bubbleOf(node).hide();
  node.addEventListener("click", showOnTap); // the same function: added once
  node.addEventListener("keydown", hideOnEscape);
}

/** @param {Event} event */
function showOnTap({ currentTarget }) {
  if (currentTarget instanceof HTMLElement) bubbleOf(currentTarget).show(currentTarget);
}

/** Escape stops answers too: the first press only closes what is explained. @param {KeyboardEvent} key */
function hideOnEscape(key) {
  if (key.key !== "Escape" || !(key.currentTarget instanceof HTMLElement)) return;
  const bubble = bubbleOf(key.currentTarget);
  if (!bubble.owner) return;
  bubble.hide();
  key.stopPropagation();
}

/** The sign beside a name: what it means is told there, so that the name itself can be pressed or dragged.
 * @param {string} subject @param {string} words
 */
function why(subject, words) {
  const sign = el("button", "why", "i");
  sign.type = "button";
  sign.setAttribute("aria-label", `About ${subject} (i)`);
  explain(sign, words);
  return sign;
}
