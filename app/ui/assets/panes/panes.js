// Two answers side by side. Python gives the comparison's state (data.turn) and, while it runs, the address of its event stream.
// Everything a model wrote is put on screen through textContent or createElement from a fixed list of tags: never as HTML.

const TAGS = new Set(["p", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote", "hr", "br",
  "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span"]);

function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// A tree node is a string or [tag, child, child, ...]; unknown tags become spans.
function grow(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const [tag, ...children] = node;
  const grown = document.createElement(TAGS.has(tag) ? tag : "span");
  children.forEach((child) => grown.appendChild(grow(child)));
  return grown;
}

const seconds = (ms) => (ms < 10000 ? (ms / 1000).toFixed(2) : (ms / 1000).toFixed(1));

class Side {
  constructor(role, act) {
    this.role = role;
    this.root = el("section", `side ${role}`);
    this.root.dataset.role = role;
    const header = el("header");
    this.title = el("h3");
    this.model = el("span", "model");
    this.kind = el("span", "badge");
    this.cache = el("span", "badge cache");
    this.copy = el("button", "copy", "Copy");
    this.copy.onclick = () => navigator.clipboard?.writeText(this.answerText)
      .then(() => { this.copy.textContent = "Copied"; setTimeout(() => { this.copy.textContent = "Copy"; }, 1200); });
    header.append(this.title, this.model, el("span", "spacer"), this.cache, this.kind, this.copy);
    this.lead = el("div", "lead");
    this.pulse = el("span", "pulse");
    this.big = el("span", "big");
    this.unit = el("span", "unit");
    this.phase = el("span", "phase");
    this.phase.setAttribute("role", "status");
    this.lead.append(this.big, this.unit, this.pulse, this.phase);
    this.bar = el("div", "bar");
    this.fill = el("div");
    this.bar.append(this.fill);
    this.figures = el("dl", "figures");
    this.reasoning = el("details", "reasoning");
    this.reasoningTitle = el("summary", "", "Reasoning");
    this.reasoningBody = el("div", "body");
    this.reasoning.append(this.reasoningTitle, this.reasoningBody);
    this.answer = el("div", "answer live");
    this.note = el("div", "note");
    this.error = el("div", "error");
    this.errorTitle = el("b");
    this.errorText = el("p");
    this.retry = el("button", "", "Try this side again");
    this.retry.onclick = () => act("retry", role);
    this.error.append(this.errorTitle, this.errorText, this.retry);
    this.root.append(header, this.lead, this.bar, this.figures, this.error, this.reasoning, this.answer, this.note);
    this.answerText = ""; this.reasoningText = "";
  }

  show(state) {
    this.state = state;
    this.phaseBegan = performance.now() - state.phase_elapsed_ms;
    this.title.textContent = state.title;
    this.model.textContent = state.model;
    this.kind.textContent = state.kind;
    this.kind.title = state.kind_help;
    this.kind.className = `badge ${state.simulated ? "simulated" : "measured"}`;
    this.cache.textContent = state.cache; this.cache.title = state.cache_help; this.cache.hidden = !state.cache;
    this.pulse.hidden = state.over;
    this.bar.hidden = state.progress === null || state.progress === undefined;
    if (state.progress !== null && state.progress !== undefined) this.fill.style.width = `${Math.round(100 * state.progress)}%`;
    this.figures.replaceChildren(...state.figures.map(([label, value, help]) => {
      const row = el("div"); row.title = help; row.append(el("dt", "", label), el("dd", "", value)); return row;
    }));
    this.error.hidden = !state.error;
    if (state.error) {
      this.errorTitle.textContent = state.error.what_happened;
      this.errorText.textContent = state.error.what_to_do;
      this.retry.hidden = !state.error.can_retry;
    }
    if (state.reasoning !== undefined) { this.reasoningText = state.reasoning; this.reasoningBody.textContent = state.reasoning; }
    if (state.answer !== undefined) { this.answerText = state.answer; this.answer.replaceChildren(document.createTextNode(state.answer)); }
    if (state.answer_tree) {
      this.answer.classList.remove("live");
      this.answer.replaceChildren(...state.answer_tree.map(grow));
    } else this.answer.classList.add("live");
    this.reasoning.hidden = !this.reasoningText;
    this.copy.hidden = !this.answerText;
    this.note.textContent = state.note; this.note.hidden = !state.note;
    this.tick();
  }

  // Text that came at a known offset (in characters, not in UTF-16 units): what is already here is not added twice.
  add(kind, offset, text) {
    const reasoning = kind === "reasoning";
    const characters = [...text];
    const have = [...(reasoning ? this.reasoningText : this.answerText)].length;
    if (offset > have || offset + characters.length <= have) return;
    const fresh = characters.slice(have - offset).join("");
    const body = reasoning ? this.reasoningBody : this.answer;
    if (!body.lastChild || body.lastChild.nodeType !== Node.TEXT_NODE) body.appendChild(document.createTextNode(""));
    body.lastChild.appendData(fresh);
    if (reasoning) { this.reasoningText += fresh; this.reasoning.hidden = false; body.scrollTop = body.scrollHeight; }
    else { this.answerText += fresh; this.copy.hidden = false; }
  }

  tick() {
    const state = this.state;
    if (!state) return;
    const inPhase = performance.now() - this.phaseBegan;
    if (state.ttft_ms !== null) {
      this.big.textContent = seconds(state.ttft_ms);
      this.unit.textContent = "s to first token";
      this.phase.textContent = state.over ? (state.phase === "done" ? "" : state.phase_label) : state.phase_label;
    } else if (state.over) {
      this.big.textContent = ""; this.unit.textContent = ""; this.phase.textContent = state.phase_label;
    } else {
      this.big.textContent = seconds(state.elapsed_ms + (performance.now() - this.shownAt));
      this.unit.textContent = "s";
      this.phase.textContent = `${state.phase_label} · ${seconds(inPhase)} s`;
    }
  }
}

class Panes {
  constructor(parent) {
    this.root = el("div", "panes");
    this.question = el("div", "question");
    this.divider = el("div", "divider");
    this.divider.tabIndex = 0;
    this.divider.setAttribute("role", "separator");
    this.divider.setAttribute("aria-label", "Width of the two answers");
    const act = (name, value) => this.component.setTriggerValue(name, value);
    this.sides = { text: new Side("text", act), pages: new Side("pages", act) };
    this.root.append(this.question, this.sides.text.root, this.divider, this.sides.pages.root);
    parent.appendChild(this.root);
    this.makeDivider();
  }

  makeDivider() {
    const setShare = (share) => {
      this.share = Math.min(0.75, Math.max(0.25, share));
      this.root.style.setProperty("--left", `${(this.share / (1 - this.share)).toFixed(4)}fr`);
    };
    this.share = 0.5;
    this.divider.onpointerdown = (down) => {
      this.divider.setPointerCapture(down.pointerId);
      this.divider.onpointermove = (move) => {
        const box = this.root.getBoundingClientRect();
        setShare((move.clientX - box.left) / box.width);
      };
      this.divider.onpointerup = () => { this.divider.onpointermove = null; };
    };
    this.divider.onkeydown = (key) => {
      if (key.key === "ArrowLeft") setShare(this.share - 0.03);
      if (key.key === "ArrowRight") setShare(this.share + 0.03);
    };
  }

  update(component) {
    this.component = component;
    const { turn } = component.data;
    this.root.classList.toggle("dark", component.data.dark);
    this.question.textContent = turn.question;
    const newer = this.turnId !== turn.id || turn.version >= (this.version ?? 0);
    this.turnId = turn.id;
    if (newer) { this.version = turn.version; this.apply(turn.sides); }
    if (turn.stream_url && this.streamUrl !== turn.stream_url) this.open(turn.stream_url);
  }

  apply(sides) {
    for (const [role, state] of Object.entries(sides)) {
      const side = this.sides[role];
      side.shownAt = performance.now();
      side.root.hidden = false;
      side.show(state);
    }
    const running = Object.values(this.sides).some((side) => side.state && !side.state.over);
    if (running && !this.timer) this.timer = setInterval(() => Object.values(this.sides).forEach((side) => side.tick()), 100);
    if (!running && this.timer) { clearInterval(this.timer); this.timer = null; }
  }

  open(url) {
    this.close();
    // The page above may still be growing when a new question is drawn: look again a moment later.
    if (!this.streamUrl) for (const wait of [50, 600]) setTimeout(() => this.root.scrollIntoView({ behavior: "smooth", block: "start" }), wait);
    this.streamUrl = url;
    this.source = new EventSource(url);
    this.source.addEventListener("state", (event) => {
      const turn = JSON.parse(event.data);
      this.version = turn.version;
      this.apply(turn.sides);
    });
    this.source.addEventListener("delta", (event) => {
      for (const [role, kind, offset, text] of JSON.parse(event.data)) this.sides[role].add(kind, offset, text);
    });
    this.source.addEventListener("over", () => {
      this.close();
      this.component.setTriggerValue("over", this.turnId);
    });
    this.source.addEventListener("gone", () => this.close());
  }

  close() { if (this.source) { this.source.close(); this.source = null; } }

  destroy() { this.close(); clearInterval(this.timer); this.root.remove(); }
}

const mounted = new WeakMap();

export default function (component) {
  const parent = component.parentElement;
  let panes = mounted.get(parent);
  if (!panes) { panes = new Panes(parent); mounted.set(parent, panes); }
  clearTimeout(panes.leaving);
  panes.update(component);
  // A rerun may clean up and mount again at once: only a component that stays away closes its stream.
  return () => { panes.leaving = setTimeout(() => { panes.destroy(); mounted.delete(parent); }, 500); };
}
