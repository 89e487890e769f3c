// The stage's reckoning: how large, which question comes next, and how far a race is, told or projected.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { load } from "./scripts.mjs";

const { stageSizes, keptDistance } = load(["stage/sizes.js"], ["stageSizes", "keptDistance"]);
const { Playlist } = load(["stage/playlist.js"], ["Playlist"]);
const { finishOf, progressWords } = load(
  ["elements.js", "turn/race.js", "turn/side.js"],
  ["finishOf", "progressWords"],
  { document: { createElement: () => ({ setAttribute() {}, append() {} }) } },
);

const px = (sizes, name) => parseFloat(sizes[name]);

describe("stageSizes", () => {
  for (const height of [720, 1080, 2160]) {
    test(`a digit is 3.5 % and an answer's letter 2.5 % of ${height} px for a viewer at 7 picture heights`, () => {
      const sizes = stageSizes(7, height, 0.65);
      assert.ok(0.65 * px(sizes, "--figure") >= 0.035 * height);
      assert.ok(0.65 * px(sizes, "--answer") >= 0.025 * height);
    });
  }
  test("a farther viewer gets larger figures and answers in proportion, and the clocks stay the largest", () => {
    const near = stageSizes(4, 1080, 0.65),
      far = stageSizes(9, 1080, 0.65);
    assert.ok(Math.abs(px(far, "--answer") / px(near, "--answer") - 9 / 4) < 0.01);
    for (const sizes of [near, far]) assert.ok(px(sizes, "--clock") > 1.3 * px(sizes, "--figure"));
  });
  test("a distance that cannot be is the usual one, or the nearest that is allowed", () => {
    assert.deepEqual([0, NaN, 1, 6.8, 99].map(keptDistance), [7, 7, 4, 7, 9]);
  });
});

const item = (question, id = null, running = false, played = false) => ({ question, id, running, played });

describe("Playlist", () => {
  test("begins with the newest answers, or with the first question where nothing was asked", () => {
    const list = new Playlist();
    list.take([item("a"), item("b")]);
    assert.equal(list.now.question, "a");
    const later = new Playlist();
    later.take([item("a", "1"), item("b", "2"), item("c")]);
    assert.equal(later.now.id, "2");
  });
  test("a question that was asked stays in view as the turn that answers it, though its place has changed", () => {
    const list = new Playlist();
    list.take([item("a", "1"), item("b"), item("c")]);
    list.step(2);
    assert.equal(list.space, "ask");
    list.take([item("a", "1"), item("c", "2", true), item("b")]);
    assert.deepEqual([list.now.id, list.space], ["2", ""]);
    list.take([item("a", "1"), item("c", "2"), item("b")]);
    assert.deepEqual([list.now.id, list.space], ["2", "next"]);
  });
  test("what else comes and goes does not move the view", () => {
    const list = new Playlist();
    list.take([item("a", "1"), item("b", "2"), item("c")]);
    list.goTo("1");
    list.take([item("a", "1"), item("b", "2"), item("d", "3"), item("c")]);
    assert.equal(list.now.id, "1");
    list.take([]);
    assert.deepEqual([list.now, list.space, list.place], [undefined, "", "No question yet"]);
  });
  test("what was asked again runs for Esc, whatever an older picture of it still says", () => {
    const list = new Playlist();
    list.take([item("a", "1")]);
    assert.equal(list.running, "");
    list.restarted = "1";
    list.take([item("a", "1")]); // of a run that began before
    assert.equal(list.running, "1");
    list.take([item("a", "1", true)]);
    assert.equal(list.running, "1");
    list.take([item("a", "1")]);
    assert.equal(list.running, "");
  });
  test("nothing is asked while answers come, and the ends are ends", () => {
    const list = new Playlist();
    list.take([item("a", "1", true), item("b")]);
    assert.equal(list.step(-1), false);
    assert.equal(list.step(1), true);
    assert.equal(list.space, "");
    assert.equal(list.step(1), false);
  });
  test("the space bar pauses a recording", () => {
    const list = new Playlist();
    list.take([item("a", "1", true, true)]);
    assert.equal(list.space, "pause");
  });
});

describe("a race", () => {
  const state = (more) => ({
    reading: null,
    ttft_ms: null,
    over: false,
    projected_ms: 8000,
    projected_word: "projected",
    ...more,
  });
  const reading = { share: 0.256, finish_ms: 9000, words: "256 of 1,000 tokens read, says the server" };
  test("ends where the server's own pace says, and says that the server said so", () => {
    assert.deepEqual({ ...finishOf(state({ reading })) }, { ms: 9000, told: true });
    assert.equal(progressWords(state({ reading }), 2000), "25\u00a0% · 256 of 1,000 tokens read, says the server");
  });
  test("ends at its projection elsewhere, and says projected, also when it takes longer", () => {
    assert.deepEqual({ ...finishOf(state()) }, { ms: 8000, told: false });
    assert.equal(progressWords(state(), 2000), "25\u00a0% of the 8.00\u00a0s projected");
    assert.equal(progressWords(state(), 9000), "longer than the 8.00\u00a0s projected");
    assert.equal(progressWords(state({ projected_word: "expected" }), 2000), "25\u00a0% of the 8.00\u00a0s expected");
  });
  test("has no progress where nothing is known, and none when it is over", () => {
    assert.equal(progressWords(state({ projected_ms: null }), 2000), "");
    assert.equal(finishOf(state({ projected_ms: null })), null);
    assert.equal(progressWords(state({ ttft_ms: 3, reading }), 2000), "");
    assert.deepEqual({ ...finishOf(state({ ttft_ms: 3, reading })) }, { ms: 8000, told: false });
  });
});
