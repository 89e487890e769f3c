// A model's answer as elements: trees from the server, built from a fixed list of tags, never through HTML.

const TAGS = new Set([
  "p",
  "ul",
  "ol",
  "li",
  "strong",
  "em",
  "s",
  "code",
  "pre",
  "blockquote",
  "hr",
  "br",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
  "span",
]);
const MATHML = "http://www.w3.org/1998/Math/MathML";
const MATHS = new Set(
  "math mrow mi mn mo mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover mtable mtr mtd mpadded mphantom mmultiscripts mprescripts none menclose".split(
    " ",
  ),
);
const MATHS_ATTRIBUTES = new Set(
  "display displaystyle scriptlevel stretchy fence form accent minsize maxsize linethickness width columnalign mathvariant notation".split(
    " ",
  ),
);

/** A formula's element: "mo@form=prefix". @param {string} name */
function mathsElement(name) {
  const [tag = "", ...attributes] = name.split("@");
  const made = document.createElementNS(MATHML, tag);
  for (const [key = "", value = ""] of attributes.map((one) => one.split("=")))
    if (MATHS_ATTRIBUTES.has(key) && /^[A-Za-z0-9.+% -]{1,24}$/.test(value)) made.setAttribute(key, value);
  return made;
}

/** A tree node is a string or [tag, child, child, ...]; "span.k" has a class of letters; unknown tags become spans.
 * @param {Tree} node
 * @returns {Node}
 */
function grow(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const [name, ...children] = node;
  if (MATHS.has(name.split("@")[0] ?? "")) {
    const made = mathsElement(name);
    children.forEach((child) => made.appendChild(grow(/** @type {Tree} */ (child))));
    return made;
  }
  const [tag = "", kind] = name.split(".");
  const grown = document.createElement(TAGS.has(tag) ? tag : "span");
  if (kind && /^[a-z]{1,3}$/.test(kind)) grown.setAttribute("class", kind);
  if (grown instanceof HTMLOListElement && typeof children[0] === "number") grown.start = Number(children.shift());
  children.forEach((child) => grown.appendChild(grow(/** @type {Tree} */ (child))));
  return tag === "pre" ? withCopy(grown) : grown;
}

/** Code can be copied by itself. @param {Element} pre */
function withCopy(pre) {
  const box = el("div", "codebox");
  const copy = button("Copy", "Copy this code", () => copyText(pre.textContent ?? "", copy), "copy");
  box.append(pre, copy);
  return box;
}

/** Words to the clipboard; the button says so for a moment. @param {string | Promise<string>} text @param {HTMLElement} told */
function copyText(text, told) {
  const before = told.textContent;
  /** @param {string} words */
  const say = (words) => {
    told.textContent = words;
    setTimeout(() => {
      told.textContent = before;
    }, 1200);
  };
  if (!navigator.clipboard) {
    say("Not allowed here");
    return;
  }
  Promise.resolve(text).then(
    (words) =>
      navigator.clipboard.writeText(words).then(
        () => say("Copied"),
        () => say("Not allowed"),
      ),
    () => say("Not reached"),
  );
}

// One answer's blocks: finished ones stay as they are, the last one is put in anew while it grows.
class Blocks {
  root = el("div", "answer");
  /** @type {ChildNode[]} */
  tail = [];

  /** @param {Tree[]} blocks @param {Tree[]} tail */
  set(blocks, tail) {
    this.root.replaceChildren();
    this.tail = [];
    this.add(blocks, tail);
  }

  /** @param {Tree[]} blocks @param {Tree[]} tail */
  add(blocks, tail) {
    this.tail.forEach((node) => node.remove());
    this.tail = tail.map((node) => /** @type {ChildNode} */ (grow(node)));
    this.root.append(...blocks.map(grow), ...this.tail);
  }
}
