// The browser's scripts are joined as they lie, without a build step; a test evaluates some of them and takes their names.

import { readFileSync } from "node:fs";
import vm from "node:vm";

const ASSETS = new URL("../../../app/ui/assets/", import.meta.url);

/** What scripts define: `load(["viewer/requests.js"], ["Latest"])`. `around`: what the browser would offer them. */
export function load(files, names, around = {}) {
  const source = files.map((file) => readFileSync(new URL(file, ASSETS), "utf8")).join("\n");
  const offered = { performance, console, AbortController, ...around };
  return vm.runInNewContext(`${source}\n({ ${names.join(", ")} })`, offered);
}
