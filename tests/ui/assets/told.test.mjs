// What of Python's telling is news: at a rerun everything is told again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./scripts.mjs";

const { Told } = load(["viewer/told.js"], ["Told"]);
const DATA = {
  base: "/glyph/preview/a",
  revision: 3,
  reading: { text: 10, sent: 10 },
  windows: { text: 100, pages: 100 },
  gpu: "h100",
  fonts: [{ token: "Vera.ttf" }],
};

/** Names of what is news when `changes` are told after DATA. */
function newsOf(changes) {
  const told = new Told();
  told.hear(DATA);
  const news = told.hear({ ...structuredClone(DATA), ...changes });
  return Object.keys(news).filter((name) => news[name]);
}

test("the first telling is all news", () => {
  assert.deepEqual(Object.values(new Told().hear(DATA)), [true, true, true, true, true]);
});

test("the same once more, in objects of its own, is no news", () => {
  assert.deepEqual(newsOf({}), []);
});

test("each change is told apart from the others", () => {
  assert.deepEqual(newsOf({ base: "/glyph/preview/b" }), ["book"]);
  assert.deepEqual(newsOf({ revision: 4 }), ["settings"]);
  assert.deepEqual(newsOf({ fonts: [] }), ["fonts"]);
  for (const changes of [{ gpu: "h200" }, { windows: { text: 50, pages: 100 } }, { reading: { text: 10, sent: 5 } }])
    assert.deepEqual(newsOf(changes), ["readers"]);
});
