// The paper menu: a page has a paper's name only where it is that paper.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./scripts.mjs";

const { paperOf } = load(["elements.js", "viewer/knob_inputs.js"], ["paperOf"], {
  document: { createElement: () => ({}) },
});
const PAPERS = { A4: [595, 842], A3: [841.8897637795277, 1190.5511811023623] };
const ASPECTS = [1.414, 1.333];

test("a paper's own size has its name, through an address too", () => {
  assert.equal(paperOf(PAPERS, ASPECTS, 595, 842), "A4");
  assert.equal(paperOf(PAPERS, ASPECTS, Number("841.8897638"), Number("1190.551181")), "A3");
});

test("a size that only resembles a paper has not: it would be another ratio under the same name", () => {
  assert.equal(paperOf(PAPERS, ASPECTS, 595.2755905511812, 841.8897637795277), "1.414");
  assert.equal(paperOf(PAPERS, ASPECTS, 500, 700), "");
});
