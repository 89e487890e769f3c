// A side's way to its first token as a track: how far it is, where its finish lies, and the mark at which the token arrived.
// The finish is what the server's own word on its progress comes to, where it gives one; elsewhere the projection, and says so.

/** When the first token is to be expected (ms since the request was ready), and how that is known.
 * @param {SideState} state
 * @returns {{ ms: number, told: boolean } | null}
 */
function finishOf(state) {
  const finish = state.reading?.finish_ms ?? null;
  if (finish !== null && state.ttft_ms === null) return { ms: finish, told: true };
  return state.projected_ms === null ? null : { ms: state.projected_ms, told: false };
}

/** How far a side is, in words: told by its server, or projected. @param {SideState} state @param {number | null} waited */
function progressWords(state, waited) {
  const finish = finishOf(state);
  if (state.ttft_ms !== null || state.over) return "";
  if (state.reading) return `${united(Math.floor(100 * state.reading.share), "%")} · ${state.reading.words}`;
  if (!finish) return "";
  const share = Math.floor((100 * (waited ?? 0)) / Math.max(1, finish.ms));
  const whole = `of the ${united(clock(finish.ms), "s")} ${state.projected_word}`;
  return share < 100
    ? `${united(share, "%")} ${whole}`
    : `longer than the ${united(clock(finish.ms), "s")} ${state.projected_word}`;
}

class Race {
  root = el("div", "race");
  fill = el("div", "fill");
  ghost = el("div", "ghost");
  flag = el("div", "flag");

  constructor() {
    this.root.setAttribute("role", "img");
    this.root.append(this.fill, this.ghost, this.flag);
  }

  /** Both sides run on one scale: `most` is the longest wait that is known of either.
   * @param {SideState} state @param {number | null} waited @param {number} most
   */
  show(state, waited, most) {
    const { ttft_ms: came, over, title } = state;
    const finish = finishOf(state);
    /** @param {number} ms */
    const share = (ms) => `${Math.min(100, (100 * ms) / most)}%`;
    const at = came ?? waited ?? 0;
    this.fill.style.width = share(at);
    this.root.classList.toggle("arrived", came !== null);
    this.root.classList.toggle("lost", over && came === null && state.phase !== "ready");
    this.flag.hidden = came === null;
    if (came !== null) this.flag.style.left = share(came);
    this.ghost.hidden = finish === null;
    this.ghost.classList.toggle("told", Boolean(finish?.told));
    let expected = "";
    if (finish) {
      this.ghost.style.left = share(finish.ms);
      expected = finish.told
        ? `at this pace it will have read the prompt after ${united(clock(finish.ms), "s")}`
        : `${state.projected_word} ${united(clock(finish.ms), "s")}`;
      explain(this.root, finish.told ? `${state.reading?.words}: ${expected}.` : `${state.projected_help} ${expected}`);
    }
    const words =
      came !== null
        ? `first token after ${united(clock(came), "s")}`
        : over
          ? "no first token"
          : `waiting for ${united(clock(at), "s")}`;
    this.root.setAttribute("aria-label", `${title}: ${words}${expected ? `; ${expected}` : ""}.`);
  }
}

/** The scale of a race: room for both finishes and both ways so far.
 * @param {{ state: SideState, waited: () => number | null }[]} sides
 */
function longest(sides) {
  const known = sides.flatMap((side) => [
    finishOf(side.state)?.ms ?? null,
    side.state.ttft_ms,
    side.state.ttft_ms === null ? side.waited() : null,
  ]);
  return 1.02 * Math.max(1, ...known.map((ms) => ms ?? 0));
}
