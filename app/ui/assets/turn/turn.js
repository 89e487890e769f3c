// One question with its two answers: the verdict on top, two equal panes below. Python gives the comparison's state
// (data.turn) and, while it runs, the address of its event stream. Whatever a model wrote reaches the screen through
// textContent or elements of a fixed list: never as HTML.

/** The question's box and what stands above it. @returns {HTMLElement | null} */
const bottomOfPage = () => document.querySelector('[data-testid="stBottom"]');

class Turn {
  root = el("article", "turn");
  panes = el("div", "panes");
  synced = false;
  version = -1;
  turnId = "";
  streamUrl = "";
  /** @type {TurnView | undefined} */
  turn;
  /** @type {Component<TurnData> | undefined} */
  component;
  /** @type {EventSource | null} */
  source = null;
  /** @type {Role | null} */
  wide = null;
  /** @type {Role | null} the side whose scrolling moves the other */
  scrolling = null;
  /** @type {ReturnType<typeof setInterval> | null} */
  timer = null;
  /** @type {number | undefined} */
  scrolled;
  /** @type {number | undefined} */
  leaving;
  number = button("", "Show or hide the answers to this question", () => this.flipOpen(), "number");
  edit = button(
    "Edit",
    "Change this question and ask it anew",
    () => this.editor.open(this.turn?.question ?? ""),
    "small",
  );
  present = button(
    "Ask again at the present settings",
    "The settings have changed since",
    () => this.component?.setTriggerValue("ask", this.turn?.question),
    "small",
  );
  tell = button(
    "Tell me when done",
    "A notification when both have answered, while you look elsewhere",
    () => askToTell(this.tell),
    "small",
  );
  stage = button(
    "Stage",
    "Show this question to an audience, full screen (Alt+S)",
    () => document.dispatchEvent(new CustomEvent("glyph-stage-open", { detail: this.turnId })),
    "small",
  );
  copy = button("Copy", "Copy the question and both answers as Markdown", () => this.copyTurn(), "small");
  sync = button("Scroll together", "Scroll both answers together", () => this.flipSync(), "small");
  strip = el("div", "strip");
  question = el("div", "question");
  ratio = el("div", "ratio");
  ratioFigure = el("b");
  ratioWords = el("span");
  sentence = el("p", "sentence");
  stamp = el("span", "stamp");
  known = el("span", "known");
  recorded = el("span", "recorded");
  player = new Player(
    (view) => this.apply(view),
    (deltas) => this.take(deltas),
  );
  editor = new QuestionEditor(
    (question) => this.component?.setTriggerValue("ask", question),
    () => this.edit.focus(),
  );
  divider = new Divider(this.panes, (role) => this.widen(role));

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.makeStrip();
    /** @type {(name: string, role: Role) => void} */
    const act = (name, role) => (name === "widen" ? this.widen(role) : this.component?.setTriggerValue(name, role));
    this.sides = { text: new Side("text", act), pages: new Side("pages", act) };
    this.panes.append(this.sides.text.root, this.divider.root, this.sides.pages.root);
    this.root.append(this.strip, this.panes);
    parent.appendChild(this.root);
    /** @type {[Role, Role][]} */
    const pairs = [
      ["text", "pages"],
      ["pages", "text"],
    ];
    for (const [role, other] of pairs) {
      this.sides[role].onscrolled = (share) => {
        if (this.synced && this.scrolling !== other) this.scrollTo(role, other, share);
      };
    }
    this.onstage = () => this.takeStage();
    document.addEventListener("glyph-stage", this.onstage);
    /** @param {Event} asked */
    this.onscroll = (asked) => this.scrollStage(/** @type {CustomEvent<number>} */ (asked).detail);
    document.addEventListener("glyph-stage-scroll", this.onscroll);
    /** @param {Event} asked */
    this.onreplay = (asked) => {
      if (!this.root.classList.contains("stage")) return;
      if (/** @type {CustomEvent<string>} */ (asked).detail === "flip") this.player.flip();
      else this.player.play(0);
    };
    document.addEventListener("glyph-stage-replay", this.onreplay);
    this.onstopping = () => Object.values(this.sides).forEach((side) => side.stopping());
    document.addEventListener("glyph-stopping", this.onstopping);
    this.watcher = new ResizeObserver(() => this.measure());
    const bottom = bottomOfPage();
    if (bottom) this.watcher.observe(bottom);
    this.measure();
  }

  makeStrip() {
    this.sentence.setAttribute("role", "status");
    this.sync.setAttribute("aria-pressed", "false");
    const row = el("div", "row");
    row.append(this.number, this.question, this.edit, this.copy, this.sync, this.tell, this.stage);
    const under = el("div", "under");
    under.append(this.stamp, this.known, this.present, this.recorded);
    this.ratio.append(this.ratioFigure, this.ratioWords);
    const lines = el("div", "lines");
    lines.append(this.ratio, this.sentence);
    this.strip.append(row, this.editor.root, lines, this.player.root, under);
  }

  // Python writes it: the same text that an exported conversation has.
  copyTurn() {
    const url = this.component?.data.markdown;
    if (!url) return;
    const asked = fetch(url).then((answer) =>
      answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText)),
    );
    copyText(asked, this.copy);
  }

  // An older question is a line until it is opened.
  flipOpen() {
    this.number.setAttribute("aria-expanded", String(this.root.classList.toggle("open")));
  }

  flipSync() {
    this.synced = !this.synced;
    this.sync.setAttribute("aria-pressed", String(this.synced));
  }

  /** The side that is moved must not move the first one back. @param {Role} from @param {Role} to @param {number} share */
  scrollTo(from, to, share) {
    this.scrolling = from;
    const body = this.sides[to].body;
    body.scrollTop = share * (body.scrollHeight - body.clientHeight);
    clearTimeout(this.scrolled);
    this.scrolled = setTimeout(() => {
      this.scrolling = null;
    }, 120);
  }

  /** @param {Role} role */
  widen(role) {
    this.wide = this.wide === role ? null : role;
    this.panes.classList.toggle("wide-text", this.wide === "text");
    this.panes.classList.toggle("wide-pages", this.wide === "pages");
  }

  // The newest turn fills what the page's head and the question's box leave of the window.
  measure() {
    const bottom = bottomOfPage()?.offsetHeight ?? 0;
    this.root.style.setProperty("--below", `${bottom}px`);
  }

  // The stage is another layout of a turn, over the whole window, in the sizes that the stage has reckoned.
  takeStage() {
    const stage = window.glyphStage,
      on = Boolean(stage?.shown) && stage?.shown === this.turnId;
    this.root.classList.toggle("stage", on);
    if (on) for (const [name, size] of Object.entries(stage?.sizes ?? {})) this.root.style.setProperty(name, size);
  }

  /** @param {number} by panes */
  scrollStage(by) {
    if (!this.root.classList.contains("stage")) return;
    for (const { body } of Object.values(this.sides)) body.scrollBy({ top: 0.7 * by * body.clientHeight });
  }

  /** @param {Component<TurnData>} component */
  update(component) {
    this.component = component;
    const { turn, newest, changed, preview } = component.data;
    for (const side of Object.values(this.sides)) side.preview = preview;
    this.root.classList.toggle("newest", newest);
    this.root.classList.toggle("old", !newest);
    this.present.hidden = !changed;
    const newer = this.turnId !== turn.id || turn.version >= this.version;
    this.turnId = turn.id;
    this.player.show(turn.replay);
    if (newer && !this.player.active) this.apply(turn);
    // The address stays the same when a side is asked again after both were over, and its stream was closed.
    if (turn.stream_url && (!this.source || this.streamUrl !== turn.stream_url)) this.open(turn.stream_url);
  }

  /** @param {TurnView} turn */
  apply(turn) {
    this.version = turn.version;
    this.turnId = turn.id;
    this.turn = { ...this.turn, ...turn, number: turn.number ?? this.turn?.number };
    this.question.textContent = turn.question;
    this.number.textContent = this.turn.number ? `Question ${this.turn.number}` : "";
    this.number.setAttribute("aria-label", `${this.number.textContent}: show or hide its answers`);
    this.sentence.textContent = turn.sentence;
    this.sentence.hidden = !turn.sentence;
    this.ratio.hidden = !turn.ratio;
    this.ratioFigure.textContent = turn.ratio?.figure ?? "";
    this.ratioWords.textContent = turn.ratio?.words ?? "";
    this.stamp.textContent = turn.stamp;
    this.stamp.hidden = !turn.stamp;
    explain(this.stamp, turn.stamp_help);
    this.known.textContent = [turn.place, turn.known ? `Known answer: ${turn.known}` : ""].filter(Boolean).join(" ");
    this.known.hidden = !this.known.textContent;
    this.recorded.textContent = turn.recorded;
    this.recorded.hidden = !turn.recorded;
    for (const side of Object.values(this.sides)) {
      const state = turn.sides[side.role];
      if (state) side.show(state);
      side.root.hidden = !state;
    }
    this.takeStage();
    this.tick();
    const running = this.player.playing || this.shown().some((side) => !side.state.over);
    this.tell.hidden = !running || Boolean(turn.recorded);
    if (!this.tell.hidden) showTelling(this.tell);
    if (running && !this.timer) this.timer = setInterval(() => this.tick(), 100);
    if (!running && this.timer) {
      clearInterval(this.timer);
      this.timer = null;
    }
  }

  shown() {
    return Object.values(this.sides).filter((side) => side.known);
  }

  tick() {
    const sides = this.shown(),
      most = longest(sides);
    sides.forEach((side) => {
      side.tick();
      side.race.show(side.state, side.waited(), most);
    });
    if (this.player.playing) this.player.tick();
  }

  /** @param {string} url */
  open(url) {
    this.close();
    // The page above may still be changing when a new question is drawn: look again a moment later.
    if (!this.streamUrl)
      for (const wait of [0, 60, 500]) setTimeout(() => this.root.scrollIntoView({ block: "start" }), wait);
    this.streamUrl = url;
    this.source = new EventSource(url);
    this.source.addEventListener("state", (event) => this.apply(JSON.parse(event.data)));
    this.source.addEventListener("delta", (event) => this.take(JSON.parse(event.data)));
    this.source.addEventListener("over", () => {
      this.close();
      if (this.turn && !this.turn.recorded) tellDone(this.turn);
      this.component?.setTriggerValue("over", this.turnId);
    });
    this.source.addEventListener("gone", () => this.close());
  }

  /** New words of either side. @param {Delta[]} deltas */
  take(deltas) {
    for (const [role, kind, text, blocks, tail] of deltas) {
      if (kind === "answer") this.sides[role].answer(text, blocks, tail);
      else this.sides[role].reason(text);
    }
  }

  close() {
    if (this.source) {
      this.source.close();
      this.source = null;
    }
  }

  destroy() {
    this.close();
    this.player.close();
    clearInterval(this.timer ?? undefined);
    this.watcher.disconnect();
    document.removeEventListener("glyph-stage", this.onstage);
    document.removeEventListener("glyph-stage-scroll", this.onscroll);
    document.removeEventListener("glyph-stage-replay", this.onreplay);
    document.removeEventListener("glyph-stopping", this.onstopping);
    this.root.remove();
  }
}
