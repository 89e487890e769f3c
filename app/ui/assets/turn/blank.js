// A question that no server has been asked yet, as a turn: both sides there, nothing known of either.

/** @param {string} title @param {string} phase @param {string} label @param {BookCost | null} cost @returns {SideState} */
const blankSide = (title, phase, label, cost) => ({
  title,
  model: "",
  simulated: false,
  recorded: false,
  pace: 1,
  kind: "",
  kind_help: "",
  attempt: 1,
  phase,
  phase_label: label,
  phase_elapsed_ms: 0,
  waited_ms: phase === "waiting" ? 0 : null,
  over: phase === "ready",
  reading: null,
  ttft_ms: null,
  read: "",
  cost,
  projected_ms: null,
  projected_word: "projected",
  projected_help: "",
  slow_after_ms: null,
  cache: "",
  cache_help: "",
  verdict: null,
  figures: [],
  error: null,
  note: "",
});

/** `phase`: "waiting" runs the clocks, "asking" and "ready" leave them standing. `book`: what is known of it.
 * @param {string} id @param {string} question @param {number} number @param {"waiting" | "asking" | "ready"} phase @param {string} label
 * @param {StageBook} [book]
 * @returns {TurnView}
 */
const blankTurn = (id, question, number, phase, label, book) => ({
  id,
  version: 0,
  number,
  question,
  sentence: "",
  stamp: "",
  stamp_help: "",
  known: "",
  place: "",
  recorded: "",
  ratio: book?.ratio ?? null,
  sides: {
    text: blankSide(sideName("text"), phase, label, book?.text ?? null),
    pages: blankSide(sideName("pages"), phase, label, book?.pages ?? null),
  },
});
