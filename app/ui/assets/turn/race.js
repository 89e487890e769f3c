// A side's way to its first token as a track: how far it is, where its projection lies, and the mark at which it arrived.

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
    const { ttft_ms: came, projected_ms: projected, over, title } = state;
    /** @param {number} ms */
    const share = (ms) => `${Math.min(100, (100 * ms) / most)}%`;
    const at = came ?? waited ?? 0;
    this.fill.style.width = share(at);
    this.root.classList.toggle("arrived", came !== null);
    this.root.classList.toggle("lost", over && came === null);
    this.flag.hidden = came === null;
    if (came !== null) this.flag.style.left = share(came);
    this.ghost.hidden = projected === null;
    if (projected !== null) {
      this.ghost.style.left = share(projected);
      this.ghost.title = `${state.projected_help} ${clock(projected)} s`;
    }
    const words =
      came !== null ? `first token after ${clock(came)} s` : over ? "no first token" : `waiting for ${clock(at)} s`;
    this.root.setAttribute(
      "aria-label",
      `${title}: ${words}${projected !== null ? `; projected ${clock(projected)} s` : ""}.`,
    );
  }
}

/** The scale of a race: room for both projections and both ways so far.
 * @param {{ state: SideState, waited: () => number | null }[]} sides
 */
function longest(sides) {
  const known = sides.flatMap((side) => [
    side.state.projected_ms,
    side.state.ttft_ms,
    side.state.ttft_ms === null ? side.waited() : null,
  ]);
  return 1.02 * Math.max(1, ...known.map((ms) => ms ?? 0));
}
