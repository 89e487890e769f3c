// Events for those who look from outside, across the shadow root's border: which settings the screen shows, and how long after
// they were asked for.

/** @param {HTMLElement} root @param {string} name @param {{ query: string, asked: number }} request */
function dispatchShown(root, name, { query, asked }) {
  const detail = { query, ms: performance.now() - asked };
  root.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
}

/** Once the frame is drawn that has the new picture. @param {HTMLElement} root @param {{ query: string, asked: number }} request */
function dispatchPainted(root, request) {
  requestAnimationFrame(() => setTimeout(() => dispatchShown(root, "glyph-painted", request)));
}
