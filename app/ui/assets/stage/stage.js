// The stage: one question with its two answers over the whole window, driven by the keyboard. It draws no answer itself: the turn in
// view takes its stage layout (turn.js takeStage); only a question that was not asked yet is drawn here, as an empty turn.

const READY = "stage-ready"; // the id of that empty turn
const SEEN_WITHIN_MS = 2500; // as the pending turn waits: what was sent while a run ended may be lost
const HEALTH_EVERY_MS = 5000;
const DISTANCE_KEY = "glyph-stage-distance";
const SPACE_WORDS = { ask: "Space: ask", next: "Space: next", pause: "Space: play, pause", "": "" };
// What is not the turn in view is out of sight and out of the keyboard's reach. In the page's head: the app's own style sheet is
// drawn anew by reruns, and would let the app show through for a moment.
const HIDING = `
  html[data-glyph-stage] body { overflow: hidden; }
  html[data-glyph-stage] body > *, html[data-glyph-stage] #root * { visibility: hidden !important; }
  html[data-glyph-stage] [data-stale] { opacity: 1 !important; transition: none !important; }
`;
const LEFT = "The app does not answer. What is here stays.";

class Stage {
  list = new Playlist();
  on = false;
  distance = USUAL_DISTANCE;
  /** @type {Component<StageData> | undefined} */
  component;
  /** @type {Turn | null} */
  blank = null;
  drawn = ""; // what the empty turn shows, as JSON
  /** @type {ReturnType<typeof setInterval> | undefined} */
  watching;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  sending;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  leaving;
  asked = ""; // the question that was sent and is not a turn yet
  restarting = 0; // the timer that gives up on a restart
  hiding = el("style");
  entry = el("div", "entry");
  bar = el("div", "bar");
  place = el("span", "place");
  hints = el("span", "hints");
  trouble = el("span", "trouble");
  far = el("span", "far");

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.parent = parent;
    this.hiding.textContent = HIDING;
    document.head.append(this.hiding);
    this.distance = keptDistance(Number(localStorage.getItem(DISTANCE_KEY)));
    this.entry.append(
      button("Stage", "One question and its answers, full screen for an audience (Alt+S)", () => this.open(), "enter"),
    );
    this.trouble.setAttribute("role", "status");
    const nearer = button("−", "The farthest viewer sits nearer (−)", () => this.setDistance(-0.5), "step");
    const farther = button("+", "The farthest viewer sits farther away (+)", () => this.setDistance(0.5), "step");
    const leave = button("Leave", "Back to the app (Esc)", () => this.close(), "step leave");
    this.bar.append(this.place, this.trouble, this.hints, nearer, this.far, farther, leave);
    this.bar.hidden = true;
    parent.append(this.entry, this.bar);
    /** @param {KeyboardEvent} key */
    this.onkey = (key) => this.press(key);
    /** @param {Event} opened */
    this.onopen = (opened) => this.open(/** @type {CustomEvent<string>} */ (opened).detail);
    this.onresize = () => this.show();
    // On the window and first: Streamlit has keys of its own (R, C) that would else be pressed too.
    addEventListener("keydown", this.onkey, true);
    addEventListener("resize", this.onresize);
    document.addEventListener("glyph-stage-open", this.onopen);
  }

  /** @param {Component<StageData>} component */
  update(component) {
    this.component = component;
    this.list.take(component.data.items);
    if (this.asked && component.data.items.some((one) => one.id !== null && one.question === this.asked)) {
      this.asked = "";
      clearTimeout(this.sending);
    }
    this.say(component.data.trouble);
    this.entry.hidden = component.data.items.some((one) => one.id !== null); // a turn has a button of its own
    if (!this.on && new URLSearchParams(location.search).get("stage") === "1") this.open();
    else this.show();
  }

  // --- on and off ---

  /** @param {string} [turn] the turn to begin with */
  open(turn) {
    if (turn) this.list.goTo(turn);
    this.on = true;
    this.address(true);
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    clearInterval(this.watching);
    this.watching = setInterval(() => this.look(), HEALTH_EVERY_MS);
    this.show();
  }

  close() {
    this.on = false;
    this.address(false);
    clearInterval(this.watching);
    if (document.fullscreenElement) document.exitFullscreen();
    this.show();
  }

  /** The window's address says it, so that a reload stays on the stage. @param {boolean} on */
  address(on) {
    const query = new URLSearchParams(location.search);
    if (on) query.set("stage", "1");
    else query.delete("stage");
    const search = query.size ? `?${query}` : "";
    if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
  }

  /** @param {number} by */
  setDistance(by) {
    this.distance = keptDistance(this.distance + by);
    localStorage.setItem(DISTANCE_KEY, String(this.distance));
    this.show();
  }

  // --- the picture ---

  show() {
    document.documentElement.toggleAttribute("data-glyph-stage", this.on);
    this.bar.hidden = !this.on;
    const now = this.list.now,
      id = now?.id ?? READY;
    const sizes = stageSizes(this.distance, innerHeight, digitShare(getComputedStyle(this.bar).fontFamily));
    for (const [name, size] of Object.entries(sizes)) this.bar.style.setProperty(name, size);
    window.glyphStage = { owner: this, shown: this.on ? id : "", sizes };
    this.showBlank(this.on && id === READY);
    document.dispatchEvent(new CustomEvent("glyph-stage"));
    this.place.textContent = this.list.place;
    this.hints.textContent = [
      SPACE_WORDS[this.list.space],
      "← →: question",
      "↑ ↓: scroll",
      now?.id ? "R: again" : "",
      "F: full screen",
      `Esc: ${this.list.running ? "stop" : "leave"}`,
    ]
      .filter(Boolean)
      .join(" · ");
    this.far.textContent = `Farthest viewer: ${this.distance} picture heights`;
  }

  /** @param {boolean} wanted */
  showBlank(wanted) {
    if (!wanted) {
      this.blank?.destroy();
      this.blank = null;
      this.drawn = "";
      return;
    }
    if (!this.blank) {
      this.blank = new Turn(this.parent);
      this.blank.root.classList.add("newest", "pending");
      this.blank.present.hidden = true;
    }
    const question =
      this.list.now?.question ?? "Open a book and ask a question: this is where both answers will stand.";
    const waits = Boolean(this.asked) && this.asked === question;
    const label = waits ? "Asking" : this.list.now ? "Press the space bar to ask" : "";
    // The clock that counts starts when the request is ready: on a stage none runs before, only to begin anew.
    const phase = waits ? "asking" : "ready";
    const blank = blankTurn(READY, question, this.list.at + 1, phase, label, this.component?.data.book);
    const drawn = JSON.stringify(blank);
    if (drawn !== this.drawn) this.blank.apply(blank); // else its clock would begin anew
    this.drawn = drawn;
  }

  // --- keys ---

  /** @param {KeyboardEvent} key */
  press(key) {
    if (!this.on) {
      if (key.altKey && !key.ctrlKey && !key.metaKey && key.code === "KeyS") this.taken(key, () => this.open());
      return;
    }
    if (key.ctrlKey || key.metaKey || key.altKey) return;
    const pressed = key.composedPath()[0];
    if (pressed instanceof HTMLButtonElement && (key.key === " " || key.key === "Enter")) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      " ": () => this.space(),
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowUp: () => this.scroll(-1),
      ArrowDown: () => this.scroll(1),
      r: () => this.again(),
      f: () => this.fullScreen(),
      "+": () => this.setDistance(0.5),
      "=": () => this.setDistance(0.5),
      "-": () => this.setDistance(-0.5),
      Escape: () => this.escape(),
    };
    const act = keys[key.key.length === 1 ? key.key.toLowerCase() : key.key];
    if (act) this.taken(key, act);
    else if (key.key !== "Tab") key.stopImmediatePropagation();
  }

  /** @param {KeyboardEvent} key @param {() => void} act */
  taken(key, act) {
    key.preventDefault();
    key.stopImmediatePropagation();
    act();
  }

  space() {
    const { space, now } = this.list;
    if (space === "next") this.step(1);
    if (space === "pause") this.replay("flip");
    if (space !== "ask" || !now || this.asked) return;
    this.asked = now.question;
    this.show();
    this.component?.setTriggerValue("ask", now.question);
    clearTimeout(this.sending);
    this.sending = setTimeout(() => {
      if (!this.asked) return;
      this.component?.setTriggerValue("lost", this.asked);
      this.look();
      this.asked = ""; // it may be asked again by hand
      this.show();
    }, SEEN_WITHIN_MS);
  }

  /** @param {number} by */
  step(by) {
    if (this.list.step(by)) this.show();
  }

  /** Both answers together, most of a pane at a time. @param {number} by */
  scroll(by) {
    document.dispatchEvent(new CustomEvent("glyph-stage-scroll", { detail: by }));
  }

  again() {
    const now = this.list.now;
    if (now?.played) return this.replay("begin");
    if (!now?.id) return;
    this.list.restarted = now.id;
    this.component?.setTriggerValue("again", now.id);
    clearTimeout(this.restarting);
    this.restarting = window.setTimeout(() => {
      this.list.restarted = "";
      this.show();
    }, SEEN_WITHIN_MS);
    this.show();
  }

  /** The player of the recording in view takes the order. @param {"flip" | "begin"} order */
  replay(order) {
    document.dispatchEvent(new CustomEvent("glyph-stage-replay", { detail: order }));
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => this.say("This browser does not allow full screen."));
  }

  escape() {
    if (this.list.running) this.component?.setTriggerValue("stop", this.list.running);
    else this.close();
  }

  // --- a server that dies ---

  /** @param {string} words */
  say(words) {
    this.trouble.textContent = words;
  }

  async look() {
    try {
      const answer = await fetch(this.component?.data.health ?? "", { signal: AbortSignal.timeout(3000) });
      this.say(answer.ok ? (this.component?.data.trouble ?? "") : LEFT);
    } catch {
      this.say(LEFT);
    }
  }

  destroy() {
    this.on = false;
    clearInterval(this.watching);
    clearTimeout(this.sending);
    clearTimeout(this.restarting);
    if (window.glyphStage?.owner === this) this.show();
    removeEventListener("keydown", this.onkey, true);
    removeEventListener("resize", this.onresize);
    document.removeEventListener("glyph-stage-open", this.onopen);
    this.hiding.remove();
    this.entry.remove();
    this.bar.remove();
  }
}
