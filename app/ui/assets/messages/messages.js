// Sentences to be seen once, in a corner of the window. Their words may come from outside: textContent only.

const STAYS_MS = 12000;

/** @param {string} text @param {boolean} grave */
function card(text, grave) {
  const root = document.createElement("div"),
    words = document.createElement("p"),
    close = document.createElement("button");
  root.className = grave ? "message grave" : "message";
  root.setAttribute("role", grave ? "alert" : "status");
  words.textContent = text;
  close.textContent = "×";
  close.setAttribute("aria-label", "Close this message");
  root.append(words, close);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const leave = () => {
    clearTimeout(timer);
    root.remove();
  };
  const wait = () => {
    if (!grave) timer = setTimeout(leave, STAYS_MS);
  };
  close.onclick = leave;
  const stay = () => clearTimeout(timer);
  root.onpointerenter = stay;
  root.onpointerleave = wait;
  root.addEventListener("focusin", stay);
  root.addEventListener("focusout", wait);
  wait();
  return root;
}

/** @param {Component<{ messages: [string, string, boolean][] }>} component */
export default function (component) {
  const parent = component.parentElement;
  let board = parent.querySelector(".board");
  if (!board) {
    board = document.createElement("div");
    board.className = "board";
    parent.append(board);
  }
  for (const [serial, text, grave] of component.data.messages) {
    if (unseen([serial, text]) !== null) board.append(card(text, grave));
  }
}
