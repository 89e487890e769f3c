// What a figure means: where its bubble stands, and by what it comes and goes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./scripts.mjs";

const { besideOf, explain } = load(["elements.js", "explained/explained.js"], ["besideOf", "explain"], {
  HTMLElement: class {},
});
const VIEW = { width: 390, height: 800 };

test("a bubble stands below what it explains, and above where there is no room", () => {
  const bubble = { width: 200, height: 100 };
  assert.equal(besideOf({ left: 50, top: 100, bottom: 120 }, bubble, VIEW).top, 126);
  assert.equal(besideOf({ left: 50, top: 720, bottom: 740 }, bubble, VIEW).top, 614);
});

test("a bubble never leaves the window at its sides, nor above its top", () => {
  assert.equal(besideOf({ left: 380, top: 0, bottom: 20 }, { width: 300, height: 40 }, VIEW).left, 84);
  assert.equal(besideOf({ left: -40, top: 0, bottom: 20 }, { width: 300, height: 40 }, VIEW).left, 6);
  assert.equal(besideOf({ left: 0, top: 30, bottom: 790 }, { width: 300, height: 400 }, VIEW).top, 796);
});

function figure() {
  const classes = new Set(),
    attributes = new Map(),
    heard = [];
  return {
    classes,
    attributes,
    heard,
    classList: { add: (one) => classes.add(one), remove: (one) => classes.delete(one) },
    setAttribute: (name, value) => attributes.set(name, value),
    removeAttribute: (name) => attributes.delete(name),
    addEventListener: (kind) => heard.push(kind),
  };
}

test("an explained figure is reached by Tab, by finger and by a screen reader", () => {
  const node = figure();
  explain(node, "Text tokens / visual tokens.");
  assert.equal(node.tabIndex, 0);
  assert.equal(node.attributes.get("aria-description"), "Text tokens / visual tokens.");
  assert.ok(node.onfocus && node.onpointerenter && node.heard.includes("click") && node.heard.includes("keydown"));
});

test("a figure without words is no stop of Tab any more", () => {
  const node = figure();
  explain(node, "Some.");
  explain(node, "");
  assert.equal(node.attributes.has("aria-description"), false);
  assert.equal(node.classes.has("explained"), false);
});
