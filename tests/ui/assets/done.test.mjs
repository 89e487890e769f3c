// Who looks elsewhere is told that both have answered; who looks on is not disturbed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./scripts.mjs";

/** A browser's tab: hidden or not, and what it was made to say. */
function tab({ hidden, permission = "granted", answer = "granted" }) {
  const listeners = {},
    told = [];
  class Notification {
    static permission = permission;
    static requestPermission = async () => (Notification.permission = answer);
    constructor(title, options) {
      told.push([title, options.body]);
    }
  }
  const document = {
    hidden,
    title: "Glyph Side by Side",
    hasFocus: () => !document.hidden,
    addEventListener: (name, act) => (listeners[name] = act),
    removeEventListener: (name) => delete listeners[name],
  };
  const window = { Notification };
  const around = {
    document,
    window,
    Notification,
    addEventListener: document.addEventListener,
    removeEventListener: document.removeEventListener,
    focus() {},
  };
  return { ...load(["turn/done.js"], ["askToTell", "tellDone"], around), document, window, listeners, told };
}
const turn = (question, sentence, phase) => ({
  question,
  sentence,
  sides: { text: { phase: "done" }, pages: { phase } },
});
const button = () => ({ attributes: {}, setAttribute(name, value) { this.attributes[name] = value; } }); // prettier-ignore

test("a hidden tab says it in its title until somebody looks", () => {
  const { tellDone, document, listeners, told } = tab({ hidden: true });
  tellDone(turn("Who?", "Glyph's came sooner.", "done"));
  tellDone(turn("Where?", "", "done"));
  assert.equal(document.title, "✓ Both answered · Glyph Side by Side");
  assert.deepEqual(told, []); // nobody asked for notifications
  document.hidden = false;
  listeners.visibilitychange();
  assert.equal(document.title, "Glyph Side by Side");
  assert.deepEqual(Object.keys(listeners), []);
});

test("somebody who looks at both answers is told nothing", () => {
  const { tellDone, document, window, told } = tab({ hidden: false });
  window.glyphTellsDone = true;
  tellDone(turn("Who?", "", "done"));
  assert.equal(document.title, "Glyph Side by Side");
  assert.deepEqual(told, []);
});

test("a notification comes where it was asked for and allowed", async () => {
  const allowed = tab({ hidden: true, permission: "default" });
  const pressed = button();
  await allowed.askToTell(pressed);
  assert.equal(pressed.attributes["aria-pressed"], "true");
  allowed.tellDone(turn("Who?", "Sooner.", "done"));
  assert.deepEqual(allowed.told, [["Both answered", "Who?\nSooner."]]);

  const refused = tab({ hidden: true, permission: "default", answer: "denied" });
  const other = button();
  await refused.askToTell(other);
  assert.match(other.textContent, /title will say it/);
  refused.tellDone(turn("Who?", "", "done"));
  assert.deepEqual(refused.told, []);
});

test("what was stopped or failed is not said to have answered", () => {
  const { tellDone, document, window, told, listeners } = tab({ hidden: true });
  window.glyphTellsDone = true;
  tellDone(turn("Who?", "Glyph was stopped.", "stopped"));
  assert.equal(document.title, "Ended early · Glyph Side by Side");
  assert.deepEqual(told, [["An answer ended early", "Who?\nGlyph was stopped."]]);
  tellDone(turn("Who?", "", "done"));
  assert.equal(document.title, "✓ Both answered · Glyph Side by Side");
  document.hidden = false;
  listeners.visibilitychange();
  assert.equal(document.title, "Glyph Side by Side");
});
