// What was searched for belongs to a book: in another one nothing was found yet.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./scripts.mjs";

const FILES = [
  "elements.js",
  "viewer/requests.js",
  "viewer/placing.js",
  "viewer/search_box.js",
  "viewer/found_text.js",
];
const document = { createElement: () => ({ value: "", setAttribute() {}, append() {} }) };
const { FoundText } = load(FILES, ["FoundText"], { document, clearTimeout });

test("another book's search begins empty, and no page of it is marked", () => {
  let hits;
  const viewer = {
    at: 0,
    page: 1,
    main: { marks: null, paint() {} },
    placing: { pages: [[590, 842, 630, 0, 21]], shown: null, shows: () => false, move() {} },
    thumbs: { hits: (counts) => (hits = Object.fromEntries(counts)) },
    query: () => "",
    ask() {},
    rest() {},
  };
  const found = new FoundText(viewer);
  found.box.box.value = "lamp";
  found.showMatches([[70, 74, 1, "the ", "lamp", " was"]]);
  assert.deepEqual([...found.span], [70, 74]);
  assert.deepEqual(hits, { 1: 1 });
  found.forget();
  assert.equal(found.span, null);
  assert.equal(found.box.box.value, "");
  assert.equal(found.box.count.textContent, "");
  assert.deepEqual(hits, {});
});
