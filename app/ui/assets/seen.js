// Messages that this tab has shown. Every rerun hands the newest ones over again with their serial numbers, because what one
// rerun draws may never reach the screen; each number is shown once. Of the tab, not of a component: those are mounted anew.

const MOST_SEEN = 500; // the server keeps the newest few only

/** @type {Set<string>} */
const seenSerials = (window.glyphSeenSerials ??= new Set());

// The words of [serial, words], or null where there are none or this tab has shown them.
/** @param {[string, string] | null} message */
function unseen(message) {
  if (!message || seenSerials.has(message[0])) return null;
  seenSerials.add(message[0]);
  if (seenSerials.size > MOST_SEEN) seenSerials.delete([...seenSerials][0]);
  return message[1];
}
