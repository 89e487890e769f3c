// The turn's parts that need no browser: the race's one scale, and an answer that grows at its end only.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { load } from "./scripts.mjs";

/** As much of the DOM as the scripts use. */
class Node {
  constructor(tag) {
    this.tag = tag;
    this.children = [];
  }
  append(...nodes) {
    for (const node of nodes) this.appendChild(node);
  }
  appendChild(node) {
    node.parent = this;
    this.children.push(node);
  }
  replaceChildren() {
    this.children = [];
  }
  remove() {
    this.parent.children = this.parent.children.filter((one) => one !== this);
  }
  setAttribute(name, value) {
    this[name] = value;
  }
  get words() {
    return this.textContent ?? this.children.map((child) => child.words).join("");
  }
}
class HTMLOListElement extends Node {}

const document = {
  createElement: (tag) => (tag === "ol" ? new HTMLOListElement(tag) : new Node(tag)),
  createElementNS: (_space, tag) => new Node(tag),
  createTextNode: (textContent) => Object.assign(new Node("#text"), { textContent }),
};
const FILES = ["elements.js", "turn/markdown.js", "turn/race.js", "turn/side.js"];
const { longest, Blocks, clock } = load(FILES, ["longest", "Blocks", "clock"], { document, HTMLOListElement });

/** A side of which this is known, after so many ms. */
const side = (projected_ms, ttft_ms, waited) => ({ state: { projected_ms, ttft_ms }, waited: () => waited });

describe("longest", () => {
  test("leaves room for both projections", () => {
    assert.ok(longest([side(8000, null, 10), side(14000, null, 10)]) > 14000);
  });
  test("grows with a wait that is longer than projected, and stays where the token came", () => {
    assert.ok(longest([side(8000, null, 20000)]) > 20000);
    assert.ok(longest([side(8000, 9000, 60000)]) < 10000);
  });
  test("is a scale also when nothing is known", () => {
    assert.ok(longest([]) > 0);
    assert.ok(longest([side(null, null, null)]) > 0);
  });
});

test("a clock has three figures, whatever the wait", () => {
  assert.deepEqual([420, 8310, 13700, 133000].map(clock), ["0.42", "8.31", "13.7", "133"]);
});

describe("Blocks", () => {
  test("finished blocks stay the same elements, only the tail is made anew", () => {
    const blocks = new Blocks();
    blocks.set([["p", "one"]], [["p", "tw"]]);
    const [first, growing] = blocks.root.children;
    blocks.add([], [["p", "two"]]);
    assert.equal(blocks.root.children[0], first);
    assert.notEqual(blocks.root.children[1], growing);
    assert.equal(blocks.root.words, "onetwo");
    blocks.add([["p", "two"]], []);
    assert.equal(blocks.root.children.length, 2);
  });
  test("a tag or class that is not on the list becomes a plain span", () => {
    const blocks = new Blocks();
    blocks.set(
      [
        ["script", "alert(1)"],
        ["span.k9 onclick", "x"],
      ],
      [],
    );
    assert.deepEqual(
      blocks.root.children.map((node) => [node.tag, node.class]),
      [
        ["span", undefined],
        ["span", undefined],
      ],
    );
  });
  test("a numbered list keeps its first number", () => {
    const blocks = new Blocks();
    blocks.set([["ol", 4, ["li", "four"]]], []);
    assert.equal(blocks.root.children[0].start, 4);
    assert.equal(blocks.root.words, "four");
  });
});
