// Whoever looks elsewhere while both answers come is told when they are there: in the tab's title, and by a notification of the
// browser where that was asked for.

const DONE_MARK = "✓ Both answered · ";

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

/** Both are over. Nothing is said to somebody who looks at it. @param {string} question @param {string} sentence */
function tellDone(question, sentence) {
  if (!document.hidden && document.hasFocus()) return;
  if (!document.title.startsWith(DONE_MARK)) document.title = DONE_MARK + document.title;
  const back = () => {
    if (document.hidden) return;
    document.title = document.title.replace(DONE_MARK, "");
    removeEventListener("focus", back);
    document.removeEventListener("visibilitychange", back);
  };
  addEventListener("focus", back);
  document.addEventListener("visibilitychange", back);
  if (window.glyphTellsDone && Notification.permission === "granted")
    new Notification("Both answered", { body: `${question}\n${sentence}`, tag: "glyph-done" }).onclick = () => focus();
}
