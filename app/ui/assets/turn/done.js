// Whoever looks elsewhere while both answers come is told when they are there: in the tab's title, and by a notification of the
// browser where that was asked for.

const DONE_MARK = "✓ Both answered · ";
const EARLY_MARK = "Ended early · "; // an answer was stopped or failed

/** Ask the browser's leave once; from then on every question of this tab is told. @param {HTMLElement} told the button */
async function askToTell(told) {
  if (!("Notification" in window)) {
    told.textContent = "This browser has no notifications";
    return;
  }
  const leave =
    Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
  window.glyphTellsDone = leave === "granted";
  showTelling(told);
  if (leave !== "granted") told.textContent = "Not allowed: the tab's title will say it";
}

/** @param {HTMLElement} told */
function showTelling(told) {
  const on = Boolean(window.glyphTellsDone);
  told.setAttribute("aria-pressed", String(on));
  told.textContent = on ? "You will be told" : "Tell me when done";
}

/** Both are over, an answer's end reached or not. Nothing is said to somebody who looks at it. @param {TurnView} turn */
function tellDone({ question, sentence, sides }) {
  if (!document.hidden && document.hasFocus()) return;
  const whole = Object.values(sides).every((side) => side.phase === "done");
  const mark = whole ? DONE_MARK : EARLY_MARK,
    bare = () => [DONE_MARK, EARLY_MARK].reduce((title, one) => title.replace(one, ""), document.title);
  document.title = mark + bare();
  const back = () => {
    if (document.hidden) return;
    document.title = bare();
    removeEventListener("focus", back);
    document.removeEventListener("visibilitychange", back);
  };
  addEventListener("focus", back);
  document.addEventListener("visibilitychange", back);
  if (window.glyphTellsDone && Notification.permission === "granted")
    new Notification(whole ? "Both answered" : "An answer ended early", {
      body: `${question}\n${sentence}`,
      tag: "glyph-done",
    }).onclick = () => focus();
}
