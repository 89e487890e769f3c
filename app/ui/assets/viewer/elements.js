// Elements made without HTML strings, and numbers as words.

function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function button(text, title, action, className) {
  const made = el("button", className, text);
  made.type = "button"; made.title = title; made.setAttribute("aria-label", title); made.onclick = action;
  return made;
}

const whole = (number) => Math.round(number).toLocaleString("en-US");
const fixed = (number, digits) => number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const secondsText = (s) => (s < 0.1 ? `${fixed(1000 * s, 0)} ms` : s < 10 ? `${fixed(s, 2)} s` : `${fixed(s, 1)} s`);
const megabytes = (bytes) => (bytes < 1e5 ? `${fixed(bytes / 1e3, 0)} KB` : `${fixed(bytes / 1e6, bytes < 1e8 ? 1 : 0)} MB`);
