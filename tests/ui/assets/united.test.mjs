// A number and its unit are never parted at a line's end.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { load } from "./scripts.mjs";

const { megabytes, percent, secondsText, sizeWords } = load(
  ["elements.js"],
  ["megabytes", "percent", "secondsText", "sizeWords"],
);

test("figures hold no space at which a line could end", () => {
  assert.equal(percent(0.5, 0), "50\u00a0%");
  assert.deepEqual([secondsText(0.05), secondsText(3), secondsText(30)], ["50\u00a0ms", "3.00\u00a0s", "30.0\u00a0s"]);
  assert.deepEqual([megabytes(5e4), megabytes(2e6)], ["50\u00a0KB", "2.0\u00a0MB"]);
  assert.equal(sizeWords({ naturalWidth: 3, naturalHeight: 4 }), "3 × 4\u00a0px");
});

test("no script puts a plain space between a figure that it writes and a unit", () => {
  const assets = new URL("../../../app/ui/assets/", import.meta.url);
  const scripts = readdirSync(assets, { recursive: true }).filter((file) => file.endsWith(".js"));
  assert.ok(scripts.length > 40);
  const parted = scripts.flatMap((file) =>
    (
      readFileSync(new URL(file, assets), "utf8").match(/\$\{[^{}]*\} (?:%|ms|s|px|dpi|KB|MB)(?=[`\s.,;:)])/g) ?? []
    ).map((found) => `${file}: ${found}`),
  );
  assert.deepEqual(parted, []);
});
