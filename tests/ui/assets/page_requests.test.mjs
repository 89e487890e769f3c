// The page and the whole book's figures, in turn: both at once would draw the page half as fast.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { load } from "./scripts.mjs";

const FILES = ["viewer/requests.js", "viewer/placing.js", "viewer/page_requests.js"];
const PAGES = [[590, 842, 630, 0, 21]];

describe("PageRequests", () => {
  let sent, owner, pages;

  /** Answers are given by hand: no test waits for a clock. */
  beforeEach(() => {
    sent = [];
    /** As much of a picture as the scripts use: an address that is loaded when the test says so. */
    class Image {
      set src(url) {
        sent.push({ url, answer: () => this.onload() });
      }
    }
    const fetch = (url) =>
      new Promise((answer) => sent.push({ url, answer: (json) => answer({ ok: true, json: async () => json }) }));
    const { Placing, PageRequests } = load(FILES, ["Placing", "PageRequests"], { Image, fetch });
    owner = {
      placing: new Placing(),
      settings: "d=72",
      query: () => owner.settings,
      url: (name, more) => `${name}?${owner.settings}&${new URLSearchParams(more)}`,
      figuresUrl: (settled) => `figures.json?${owner.settings}&${settled}`,
      showPicture: (_answer, request) => void owner.placing.pictureCame(request),
      showFigures: (answer, request) => void owner.placing.figuresCame(request, answer.pages),
      failed: (error) => assert.fail(error),
    };
    pages = new PageRequests(owner);
  });

  const settled = () => new Promise((done) => setImmediate(done));
  const urls = () => sent.map(({ url }) => url);
  /** Everything that was asked is answered, until nothing more is asked. */
  const answerAll = async () => {
    for (let at = 0; at < sent.length; at += 1) {
      sent[at].answer({ pages: PAGES });
      await settled();
    }
  };

  test("figures are asked for once the picture has arrived", async () => {
    pages.ask(0, false);
    assert.deepEqual(urls(), ["page.png?d=72&at=0"]);
    assert.equal(pages.busy, true);
    sent[0].answer();
    await settled();
    assert.deepEqual(urls().slice(1), ["figures.json?d=72&false"]);
    sent[1].answer({ pages: PAGES });
    await settled();
    assert.equal(pages.busy, false);
  });

  test("the page that is on the screen is not fetched again when the hand lets go, only its figures", async () => {
    pages.ask(0, false);
    await answerAll();
    pages.ask(0, true);
    assert.deepEqual(urls().slice(2), ["figures.json?d=72&true"]);
  });

  test("it is fetched again while another one is still to come, which would stay otherwise", async () => {
    pages.ask(0, false);
    await answerAll();
    owner.settings = "d=96";
    pages.ask(0, false);
    owner.settings = "d=72";
    pages.ask(0, true);
    await answerAll();
    assert.equal(owner.placing.shown.query, "d=72");
    assert.deepEqual(
      urls().filter((url) => url.startsWith("page")),
      ["page.png?d=72&at=0", "page.png?d=96&at=0", "page.png?d=72&at=0&settled=1"],
    );
  });

  test("another page of the same settings asks for no figures", async () => {
    pages.ask(0, true);
    await answerAll();
    pages.askPage(1, 0);
    await answerAll();
    assert.deepEqual(urls().slice(2), ["page.png?d=72&page=1&settled=1"]);
  });
});
