// The gallery below a book's figures: pictures that are shown stay when the same pages come to lie elsewhere.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./scripts.mjs";

const { Gallery } = load(["elements.js", "explained/explained.js", "gallery/gallery.js"], ["Gallery"], {
  HTMLElement: class {},
  document: { createElement: () => made() },
});

/** An element that takes whatever is done to it, and counts how often its children were made. */
function made() {
  const node = { childrenMade: 0, style: {}, classList: { toggle() {} }, children: [] };
  return Object.assign(node, {
    append() {},
    appendChild() {},
    setAttribute() {},
    replaceChildren: () => (node.childrenMade += 1),
  });
}

test("pages that were drawn meanwhile keep the pictures that their layout gave, and the large view takes the files", () => {
  const gallery = new Gallery(made());
  const pages = [[612, 792, 638, ""]];
  gallery.update({ pages, of: "book settings", base: "/preview", name: "A book" });
  gallery.update({ pages, of: "book settings", base: "/files", name: "A book" });
  assert.equal(gallery.strip.childrenMade, 1);
  assert.equal(gallery.url(0), "/files/1.png");
});

test("other pages get pictures of their own, also where they are as many", () => {
  const gallery = new Gallery(made());
  const pages = [[612, 792, 638, ""]];
  gallery.update({ pages, of: "book settings", base: "/files", name: "A book" });
  gallery.update({ pages, of: "book other settings", base: "/others", name: "A book" });
  assert.equal(gallery.strip.childrenMade, 2);
});
