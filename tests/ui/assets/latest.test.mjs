// The request pump: at most one request in flight, and of those that wait only the newest is sent.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { load } from "./scripts.mjs";

describe("Latest", () => {
  let sent, shown, failed, complaints, latest, Refused;

  /** Answers are given by hand: no test waits for a clock. */
  beforeEach(() => {
    sent = [];
    shown = [];
    failed = [];
    complaints = [];
    const scripts = load(["viewer/requests.js"], ["Latest", "Refused"], {
      console: { error: (error) => complaints.push(error) },
    });
    Refused = scripts.Refused;
    latest = new scripts.Latest(
      (request, signal) =>
        new Promise((answer, refuse) => {
          sent.push({ request, answer, refuse, signal });
          signal.onabort = () => refuse(signal.reason);
        }),
      (answer, request) => void shown.push([answer, request.url]),
      (error, request) => void failed.push([error.message, request.url]),
    );
  });

  const settled = () => new Promise((done) => setImmediate(done));
  const urls = () => sent.map(({ request }) => request.url);

  test("sends the first at once and shows its answer", async () => {
    latest.ask({ url: "a" });
    assert.deepEqual(urls(), ["a"]);
    sent[0].answer("A");
    await settled();
    assert.deepEqual(shown, [["A", "a"]]);
    assert.equal(latest.busy, false);
  });

  test("has one in flight and sends only the newest of those that waited", async () => {
    for (const url of ["a", "b", "c", "d"]) latest.ask({ url });
    assert.deepEqual(urls(), ["a"]);
    sent[0].answer("A");
    await settled();
    assert.deepEqual(urls(), ["a", "d"]);
    sent[1].answer("D");
    await settled();
    assert.deepEqual(shown, [
      ["A", "a"],
      ["D", "d"],
    ]);
  });

  test("asks no further while an answer is still being shown", async () => {
    let drawn;
    latest.show = () => new Promise((done) => (drawn = done));
    latest.ask({ url: "a" });
    sent[0].answer("A");
    await settled();
    latest.ask({ url: "b" });
    await settled();
    assert.deepEqual(urls(), ["a"]);
    drawn();
    await settled();
    assert.deepEqual(urls(), ["a", "b"]);
  });

  test("tells of a refusal, and goes on", async () => {
    latest.ask({ url: "a" });
    sent[0].refuse(new Refused(422, "no room", ["mx"]));
    await settled();
    assert.deepEqual(failed, [["no room", "a"]]);
    assert.deepEqual(complaints, []); // a refusal is an answer, no fault of ours
    latest.ask({ url: "b" });
    assert.deepEqual(urls(), ["a", "b"]);
  });

  test("keeps quiet about a refusal that a newer request has overtaken", async () => {
    latest.ask({ url: "a" });
    latest.ask({ url: "b" });
    sent[0].refuse(new Refused(422, "no room"));
    await settled();
    assert.deepEqual(failed, []);
    assert.deepEqual(urls(), ["a", "b"]);
  });

  test("an answer that cannot be shown blocks nothing", async () => {
    latest.show = () => {
      throw new Error("a defect");
    };
    latest.ask({ url: "a" });
    sent[0].answer("A");
    await settled();
    assert.deepEqual(failed, [["a defect", "a"]]);
    assert.equal(complaints.length, 1);
    latest.ask({ url: "b" });
    assert.deepEqual(urls(), ["a", "b"]);
  });

  test("drops what was on its way to another book, answers and refusals", async () => {
    latest.ask({ url: "old" });
    latest.ask({ url: "old and waiting" });
    latest.forget();
    sent[0].answer("OLD");
    await settled();
    assert.deepEqual(shown, []);
    assert.deepEqual(urls(), ["old"]);
    latest.ask({ url: "old again" });
    latest.forget();
    sent[1].refuse(new Refused(404, "gone"));
    await settled();
    assert.deepEqual(failed, []);
  });

  test("hangs up on what nobody waits for, says nothing of it, and sends the next", async () => {
    latest.ask({ url: "left" });
    latest.ask({ url: "left too" });
    latest.leave();
    assert.equal(sent[0].signal.aborted, true);
    latest.ask({ url: "next" });
    await settled();
    assert.deepEqual([failed, complaints, urls()], [[], [], ["left", "next"]]);
    latest.leave();
    await settled();
    latest.leave(); // with nothing in flight
    latest.ask({ url: "last" });
    sent[2].answer("LAST");
    await settled();
    assert.deepEqual(shown, [["LAST", "last"]]);
  });

  test("a request for the new book is sent although the old one's is still in flight", async () => {
    latest.ask({ url: "old" });
    latest.forget();
    latest.ask({ url: "new" });
    sent[0].answer("OLD");
    await settled();
    sent[1].answer("NEW");
    await settled();
    assert.deepEqual(shown, [["NEW", "new"]]);
  });
});

describe("a refusal", () => {
  const answers = (status, body) => ({ ok: false, status, json: async () => JSON.parse(body) });
  const asking = (answer) => load(["viewer/requests.js"], ["askJson"], { fetch: async () => answer }).askJson("x");

  test("carries the server's words and the knobs that they are about", async () => {
    const said = JSON.stringify({ error: "Leading of 3 pt …", settings: ["l", "s"] });
    await assert.rejects(asking(answers(422, said)), (error) => {
      assert.deepEqual([error.status, error.message, [...error.settings]], [422, "Leading of 3 pt …", ["l", "s"]]);
      return true;
    });
  });

  test("that is no JSON tells its status and names no knob", async () => {
    await assert.rejects(asking(answers(502, "<html>")), (error) => {
      assert.deepEqual([error.status, error.message, [...error.settings]], [502, "The server answered 502.", []]);
      return true;
    });
  });
});
