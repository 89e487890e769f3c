// One reader of one question: its clock and race on top, its answer in a pane that scrolls by itself.

const FOLLOW_PX = 32; // so near to the end the pane follows what comes

/** The clock, as people read it: 0.42, 8.31, 13.7, 133. @param {number} ms */
const clock = (ms) =>
  ms < 10000 ? (ms / 1000).toFixed(2) : ms < 100000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000).toString();

class Side {
  answerText = "";
  reasoningText = "";
  follows = true;
  shownAt = 0; // performance.now()
  preview = "";
  /** @type {SideState | undefined} */
  known;
  /** @type {((share: number) => void) | undefined} */
  onscrolled;
  head = el("header");
  title = el("h3");
  model = el("span", "model");
  names = el("div", "names");
  lead = el("div", "lead");
  big = el("span", "big");
  unit = el("span", "unit");
  read = el("span", "chip read");
  cache = el("span", "chip cache");
  kind = el("span", "badge");
  verdict = el("span", "verdict");
  race = new Race();
  expected = el("div", "expected"); // how far the race is, in words
  cost = new WindowBar();
  foot = el("footer");
  pulse = el("span", "pulse");
  phase = el("span", "phase");
  figures = el("dl", "figures");
  body = el("div", "body");
  error = el("div", "error");
  errorTitle = el("b");
  errorText = el("p");
  reasoning = el("details", "reasoning");
  reasoningTitle = el("summary", "", "Reasoning");
  reasoningBody = el("div", "thoughts");
  blocks = new Blocks();
  note = el("div", "note");
  checked = new CheckedAnswer();
  /** @param {Role} role @param {(name: string, role: Role) => void} act */
  constructor(role, act) {
    this.role = role;
    this.act = act;
    this.root = el("section", `side ${role}`);
    this.root.dataset.role = role;
    this.root.setAttribute("aria-label", sideName(role));
    const name = sideNamed(this.role);
    this.stop = button(
      "Stop",
      `Stop ${name} only`,
      () => {
        this.stopping();
        this.act("stop", this.role);
      },
      "small stop",
    );
    this.over = button(
      "Start over",
      `Stop ${name} and ask it this again`,
      () => this.act("retry", this.role),
      "small over",
    );
    this.again = button("Ask again", `Ask ${name} this again`, () => this.act("retry", this.role), "small again");
    this.copy = button(
      "Copy",
      `Copy the answer of ${name} as Markdown`,
      () => copyText(this.answerText, this.copy),
      "small copy",
    );
    this.widen = button(
      "⤢",
      `Give ${name} the whole width, or take it back`,
      () => this.act("widen", this.role),
      "small widen",
    );
    this.retry = button("Try again", "Ask this side again", () => this.act("retry", this.role));
    this.jump = button(
      "Jump to newest ↓",
      "Follow the answer again",
      () => {
        this.toEnd();
      },
      "jump",
    );
    this.names.ondblclick = (press) => {
      if (!(/** @type {Element} */ (press.target).closest("button"))) this.act("widen", this.role);
    };
    this.makeClock();
    this.makeTools();
    this.makeBody();
    this.root.append(this.head, this.body, this.foot, this.jump);
    this.follows = true;
  }

  makeClock() {
    this.names.append(this.title, this.model);
    this.verdict.setAttribute("role", "status");
    const chips = el("div", "chips");
    chips.append(this.kind, this.cache, this.read);
    const words = el("div", "words");
    words.append(this.unit, chips);
    this.lead.append(this.big, words, this.verdict);
    this.head.append(this.names, this.lead, this.race.root, this.expected, this.cost.root);
  }

  makeTools() {
    this.phase.setAttribute("role", "status");
    const tools = el("div", "tools");
    tools.append(this.stop, this.again, this.copy, this.widen);
    this.names.append(this.over, tools);
    this.foot.append(this.pulse, this.phase, this.figures);
  }

  makeBody() {
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "region");
    this.body.setAttribute("aria-label", `Answer of ${sideNamed(this.role)}`);
    this.error.setAttribute("role", "alert");
    this.error.append(this.errorTitle, this.errorText, this.retry);
    this.reasoning.append(this.reasoningTitle, this.reasoningBody);
    this.body.append(this.error, this.reasoning, this.blocks.root, this.checked.root, this.note);
    this.jump.hidden = true;
    this.body.onscroll = () => {
      const left = this.body.scrollHeight - this.body.scrollTop - this.body.clientHeight;
      this.follows = left < FOLLOW_PX;
      this.jump.hidden = this.follows || Boolean(this.known?.over);
      this.onscrolled?.(this.body.scrollTop / Math.max(1, this.body.scrollHeight - this.body.clientHeight));
    };
  }

  /** What is known of the side; asked for only after it has been shown. @returns {SideState} */
  get state() {
    if (!this.known) throw new Error("This side has not been shown yet.");
    return this.known;
  }

  /** @param {SideState} state */
  show(state) {
    const again = this.known && state.attempt !== this.known.attempt;
    this.known = state;
    this.shownAt = performance.now();
    if (again) {
      this.follows = true;
      this.reasoning.open = false;
    }
    this.title.textContent = state.title;
    this.model.textContent = state.model;
    this.kind.textContent = state.kind;
    explain(this.kind, state.kind_help);
    this.kind.className = `badge ${state.simulated ? "simulated" : "measured"}`;
    this.kind.hidden = Boolean(state.error); // a side that failed has measured nothing
    this.cache.textContent = state.cache;
    explain(this.cache, state.cache_help);
    this.cache.hidden = !state.cache;
    this.read.textContent = state.read;
    this.cost.show(state.cost);
    this.verdict.hidden = !state.verdict;
    if (state.verdict) {
      this.verdict.textContent = state.verdict.label;
      this.verdict.className = `verdict ${state.verdict.kind}`;
      explain(this.verdict, state.verdict.help);
    }
    this.figures.replaceChildren(
      ...state.figures.map(([label, value, help]) => {
        const row = el("div");
        explain(row, help);
        row.append(el("dt", "", label), el("dd", "", value));
        return row;
      }),
    );
    this.error.hidden = !state.error;
    if (state.error) {
      this.errorTitle.textContent = state.error.what_happened;
      this.errorText.textContent = state.error.what_to_do;
      this.retry.hidden = !state.error.can_retry;
    }
    if (state.reasoning !== undefined) {
      this.reasoningText = state.reasoning;
      this.reasoningBody.textContent = state.reasoning;
    }
    if (state.answer !== undefined) {
      this.answerText = state.answer;
      this.blocks.set(state.blocks ?? [], state.tail ?? []);
    }
    this.pulse.hidden = state.over;
    this.stop.hidden = state.over || state.recorded;
    this.again.hidden = !state.over || Boolean(state.error) || state.recorded;
    this.note.textContent = state.note;
    this.note.hidden = !state.note;
    this.checked.show(state.checked, this.preview);
    this.settle();
  }

  /** @param {string} text */
  reason(text) {
    this.reasoningText += text;
    this.reasoningBody.append(document.createTextNode(text));
    if (this.reasoning.open) this.reasoningBody.scrollTop = this.reasoningBody.scrollHeight;
    this.settle();
  }

  /** @param {string} text @param {Tree[]} blocks @param {Tree[]} tail */
  answer(text, blocks, tail) {
    this.answerText += text;
    this.blocks.add(blocks, tail);
    this.settle();
  }

  settle() {
    this.reasoning.hidden = !this.reasoningText;
    this.copy.hidden = !this.answerText;
    if (this.follows && !this.known?.over) this.toEnd();
    this.tick();
  }

  toEnd() {
    this.body.scrollTop = this.body.scrollHeight;
    this.jump.hidden = true;
  }

  // Said at once, where it was asked; that it has stopped is Python's to say.
  stopping() {
    if (!this.stop.hidden) this.phase.textContent = "Stopping …";
  }

  // Since the request was ready to send, which is the zero of every clock here; null before that.
  waited() {
    const { waited_ms: waited, over } = this.state;
    return waited === null ? null : waited + (over ? 0 : this.sinceShown());
  }

  // On the comparison's own clock, which a replay may run faster or stop.
  sinceShown() {
    return this.state.pace * (performance.now() - this.shownAt);
  }

  tick() {
    const state = this.known;
    if (!state) return;
    const waited = this.waited(),
      simulated = state.simulated ? ", simulated" : "";
    if (state.ttft_ms !== null) {
      this.big.textContent = clock(state.ttft_ms);
      this.unit.textContent = `s to first token${simulated}`;
      this.phase.textContent = state.over ? (state.phase === "done" ? "" : state.phase_label) : state.phase_label;
    } else if (state.phase === "ready") {
      this.big.textContent = "–";
      this.unit.textContent = "s to first token";
      this.phase.textContent = state.phase_label;
    } else if (state.over) {
      this.big.textContent = "–";
      this.unit.textContent = "no first token";
      this.phase.textContent = state.phase_label;
    } else {
      this.big.textContent = clock(waited ?? 0);
      this.unit.textContent = `s${simulated}`;
      const inPhase = state.phase_elapsed_ms + this.sinceShown();
      this.phase.textContent = this.isSlow()
        ? `${state.phase_label} · slower than ${state.projected_word} (${united(clock(state.projected_ms ?? 0), "s")})`
        : `${state.phase_label} · ${united(clock(inPhase), "s")}`;
      if (state.reading && !this.isSlow())
        this.phase.textContent = `${state.phase_label} · ${progressWords(state, waited)}`;
    }
    this.expected.textContent = progressWords(state, waited);
    this.root.classList.toggle("racing", Boolean(this.expected.textContent));
    const slow = this.isSlow();
    this.phase.classList.toggle("slow", slow);
    this.root.classList.toggle("slow", slow);
    this.over.hidden = !slow;
  }

  isSlow() {
    const { ttft_ms: came, over, slow_after_ms: limit } = this.state;
    return came === null && !over && limit !== null && (this.waited() ?? 0) > limit;
  }
}
