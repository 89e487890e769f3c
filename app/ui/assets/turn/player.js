// Plays a recorded turn again in its own panes: the server sends the recorded steps at their time, this moves the place and the speed.
// Each play, pause or jump is one event stream of its own (from, speed); nothing on the server is moved for anybody else.

const SPEEDS = [1, 2, 5, 20];
const STEP_S = 0.01; // of the slider
const TELL_MS = 15; // a hand that drags is not followed more often

/** @param {number} s */
const seconds = (s) => (s < 100 ? s.toFixed(1) : Math.round(s).toString());

class Player {
  root = el("div", "player");
  url = "";
  length = 0;
  at = 0; // seconds, at shownAt
  shownAt = 0; // performance.now()
  speed = 1;
  playing = false;
  dragging = false;
  resume = false;
  /** @type {Partial<Record<Role, number>>} */
  firsts = {};
  /** @type {EventSource | null} */
  source = null;
  /** @type {number | null} where to look next, while a look is under way */
  next = null;
  toggle = button("", "Play this recording with its own timing", () => this.flip(), "small");
  skip = button("To the first token", "Jump to the next first token, and play", () => this.toFirst(), "small");
  pace = el("select");
  place = el("input");
  track = el("div", "track");
  time = el("span", "time");

  /** @param {(view: TurnView) => void} onstate @param {(deltas: Delta[]) => void} ondelta */
  constructor(onstate, ondelta) {
    this.onstate = onstate;
    this.ondelta = ondelta;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Replay of the recording");
    this.pace.setAttribute("aria-label", "Speed of the replay");
    this.pace.append(...SPEEDS.map((speed) => option(String(speed), `${speed}×`)));
    this.pace.onchange = () => {
      this.speed = Number(this.pace.value);
      if (this.playing) this.play(this.position());
    };
    this.place.type = "range";
    this.place.min = "0";
    this.place.step = String(STEP_S);
    this.place.setAttribute("aria-label", "Place in the recording, in seconds");
    this.place.oninput = () => this.drag(this.chosen());
    this.place.onchange = () => this.drop(this.chosen());
    this.track.append(this.place);
    this.root.append(this.toggle, this.pace, this.skip, this.track, this.time);
    this.root.hidden = true;
  }

  /** Away from the end, so that a state of the end would be wrong on the screen. */
  get active() {
    return this.playing || this.at < this.length;
  }

  /** @param {ReplayView | null | undefined} replay */
  show(replay) {
    this.root.hidden = !replay;
    if (!replay) return;
    if (replay.url) this.url = replay.url;
    if (!this.length) this.at = replay.length_s;
    this.length = replay.length_s;
    this.firsts = replay.firsts;
    this.place.max = String(this.length);
    this.track.querySelectorAll(".mark").forEach((mark) => mark.remove());
    for (const [role, at] of Object.entries(this.firsts)) {
      const mark = el("span", `mark ${role}`);
      mark.style.left = `${(100 * at) / Math.max(0.001, this.length)}%`;
      this.track.append(mark);
    }
    const told = Object.entries(this.firsts).map(([role, at]) => `${sideNamed(role)} ${united(seconds(at), "s")}`);
    this.place.setAttribute("aria-description", told.length ? `First tokens: ${told.join(", ")}.` : "");
    this.tick();
  }

  /** Where the hand put it; a slider's last step may lie short of its end. */
  chosen() {
    const at = Number(this.place.value);
    return at > this.length - STEP_S ? this.length : at;
  }

  position() {
    const since = this.playing ? (this.speed * (performance.now() - this.shownAt)) / 1000 : 0;
    return Math.min(this.length, this.at + since);
  }

  flip() {
    if (this.playing) this.look(this.position());
    else this.play(this.at < this.length ? this.at : 0);
  }

  toFirst() {
    const here = this.position();
    const firsts = Object.values(this.firsts).sort((one, other) => one - other);
    const next = firsts.find((at) => at > here + 0.01) ?? firsts[0];
    if (next !== undefined) this.play(next);
  }

  /** @param {number} at */
  play(at) {
    this.playing = true;
    this.next = null;
    this.open(at, this.speed);
  }

  /** Stand still there. @param {number} at */
  look(at) {
    this.playing = false;
    this.open(at, 0);
  }

  /** Latest wins: while one look is under way, only the newest place is remembered. @param {number} at */
  drag(at) {
    if (!this.dragging) this.resume = this.playing;
    this.dragging = true;
    if (this.source && !this.playing) this.next = at;
    else this.look(at);
    this.at = at;
    this.tick();
  }

  /** @param {number} at */
  drop(at) {
    this.dragging = false;
    this.next = null;
    if (this.resume) this.play(at);
    else this.look(at);
  }

  /** @param {number} from @param {number} speed */
  open(from, speed) {
    this.close();
    this.at = from;
    this.shownAt = performance.now();
    const source = new EventSource(`${this.url}?from=${from}&speed=${speed}`);
    this.source = source;
    source.addEventListener("state", (event) => {
      /** @type {TurnView} */
      const view = JSON.parse(event.data);
      if (this.source !== source || !view.replay) return;
      if (!this.dragging) this.at = view.replay.at_s;
      this.shownAt = performance.now();
      if (view.replay.speed === 0) this.playing = false;
      this.onstate(view);
      this.tick();
    });
    source.addEventListener("delta", (event) => this.ondelta(JSON.parse(event.data)));
    for (const end of ["over", "gone"]) source.addEventListener(end, () => this.ended());
    source.onerror = () => this.ended(); // an EventSource would begin again where this began
    this.tick();
  }

  ended() {
    this.close();
    if (this.next === null) {
      this.at = this.position();
      this.playing = false;
      this.tick();
    } else {
      const at = this.next;
      this.next = null;
      setTimeout(() => this.dragging && this.look(at), TELL_MS);
    }
  }

  close() {
    this.source?.close();
    this.source = null;
  }

  tick() {
    const at = this.position();
    if (!this.dragging) this.place.value = String(at);
    this.place.setAttribute("aria-valuetext", `${seconds(at)} of ${seconds(this.length)} seconds`);
    this.time.textContent = `${seconds(at)} / ${united(seconds(this.length), "s")}`;
    const words = this.playing ? "❚❚ Pause" : this.at < this.length ? "▶ Go on" : "▶ Replay";
    if (this.toggle.textContent !== words) {
      this.toggle.textContent = words;
      this.toggle.setAttribute("aria-label", `${words.replace(/^\S+ /, "")}: the recording`);
    }
  }
}
