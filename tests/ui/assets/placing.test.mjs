// Which page a picture is: told by the figures of the same settings, whichever of the two comes first.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { load } from "./scripts.mjs";

const { Placing, pageOf } = load(["viewer/placing.js"], ["Placing", "pageOf"]);

/** Pages that begin at these characters. */
const pages = (...starts) => starts.map((start) => [590, 842, 630, start, 21]);
const BOOK = pages(0, 1000, 2000, 3000);

describe("pageOf", () => {
  test("finds the page of every character, like a search from the front", () => {
    const starts = [0, 7, 7, 19, 40, 41];
    const book = pages(...starts);
    for (let offset = 0; offset < 60; offset += 1) {
      const expected = starts.filter((start) => start <= offset).length;
      assert.equal(pageOf(book, offset), expected, `character ${offset}`);
    }
  });

  test("is the first page before the book, the last one beyond it, and none without pages", () => {
    assert.equal(pageOf(BOOK, -5), 1);
    assert.equal(pageOf(BOOK, 1e9), 4);
    assert.equal(pageOf([], 5), 0);
  });
});

describe("Placing", () => {
  test("waits for the figures of the picture's settings", () => {
    const placing = new Placing();
    assert.equal(placing.pictureCame({ query: "d=96", at: 1500 }), false);
    assert.equal(placing.figuresCame({ query: "d=72", settled: false }, BOOK), false);
    assert.equal(placing.agree(), false);
    assert.equal(placing.figuresCame({ query: "d=96", settled: false }, pages(0, 500, 1000, 1400)), true);
    assert.equal(placing.page, 4);
    assert.equal(placing.agree(), true);
  });

  test("waits for the picture where the figures came first", () => {
    const placing = new Placing();
    assert.equal(placing.figuresCame({ query: "", settled: true }, BOOK), false);
    assert.equal(placing.pictureCame({ query: "", at: 2500 }), true);
    assert.equal(placing.page, 3);
  });

  test("places once while a knob moves, and once more when the hand has let go", () => {
    const placing = new Placing();
    placing.pictureCame({ query: "d=80", at: 0 });
    assert.equal(placing.figuresCame({ query: "d=80", settled: false }, BOOK), true);
    assert.equal(placing.settled, false);
    assert.equal(placing.figuresCame({ query: "d=80", settled: false }, BOOK), false);
    assert.equal(placing.figuresCame({ query: "d=80", settled: true }, BOOK), true);
    assert.equal(placing.settled, true);
    assert.equal(placing.figuresCame({ query: "d=80", settled: true }, BOOK), false);
  });

  test("a page that was asked for by its number is that page, also where several begin at one character", () => {
    const placing = new Placing();
    placing.figuresCame({ query: "", settled: true }, pages(0, 100, 100, 100, 200));
    placing.pictureCame({ query: "", at: 100, page: 3 });
    assert.equal(placing.page, 3);
    placing.pictureCame({ query: "", at: 100 });
    assert.equal(placing.page, 4);
  });

  test("another picture is placed anew", () => {
    const placing = new Placing();
    placing.figuresCame({ query: "", settled: true }, BOOK);
    assert.equal(placing.pictureCame({ query: "", at: 0 }), true);
    assert.equal(placing.pictureCame({ query: "", at: 3100 }), true);
    assert.equal(placing.page, 4);
  });

  test("knows nothing any more of a book that was closed", () => {
    const placing = new Placing();
    placing.figuresCame({ query: "", settled: true }, BOOK);
    placing.pictureCame({ query: "", at: 3100 });
    placing.forget();
    assert.deepEqual([placing.page, placing.pages.length, placing.shows("")], [0, 0, false]);
    assert.equal(placing.pictureCame({ query: "", at: 0 }), false);
  });
});
