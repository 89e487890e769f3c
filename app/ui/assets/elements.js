// Elements made without HTML strings, and numbers as words.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** A button with words for those who cannot see its sign.
 * @param {string} text
 * @param {string} title
 * @param {() => void} action
 * @param {string} [className]
 */
function button(text, title, action, className) {
  const made = el("button", className, text);
  made.type = "button";
  made.title = title;
  // What one sees of a button is part of what it is called: who speaks to the computer says what he sees.
  const seen = /[\p{L}\p{N}]/u.test(text) && !title.toLowerCase().includes(text.toLowerCase());
  made.setAttribute("aria-label", seen ? `${text}: ${title}` : title);
  made.onclick = action;
  return made;
}

/** A choice of a menu. @param {string} value @param {string} text */
function option(value, text) {
  const made = el("option", "", text);
  made.value = value;
  return made;
}

/** The one name of a side that people see, alone or at a sentence's beginning (Role.called). @param {string} role */
const sideName = (role) => (role === "text" ? "Text model" : "Glyph");
/** The same amid a sentence (Role.named). @param {string} role */
const sideNamed = (role) => (role === "text" ? "the text model" : "Glyph");
/** @param {number} number */
const whole = (number) => Math.round(number).toLocaleString("en-US");
/** @param {number} number @param {number} digits */
const fixed = (number, digits) =>
  number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
/** A number that stays on the line of its unit, by a no-break space. @param {string | number} number @param {string} unit */
const united = (number, unit) => `${number}\u00a0${unit}`;
/** @param {number} share of 1 @param {number} digits */
const percent = (share, digits) => united(fixed(100 * share, digits), "%");
/** @param {number} s */
const secondsText = (s) => (s < 0.1 ? united(fixed(1000 * s, 0), "ms") : united(fixed(s, s < 10 ? 2 : 1), "s"));
/** @param {HTMLImageElement} picture */
const sizeWords = (picture) => `${picture.naturalWidth} × ${united(picture.naturalHeight, "px")}`;
/** @param {number} bytes */
const megabytes = (bytes) =>
  bytes < 1e5 ? united(fixed(bytes / 1e3, 0), "KB") : united(fixed(bytes / 1e6, bytes < 1e8 ? 1 : 0), "MB");
