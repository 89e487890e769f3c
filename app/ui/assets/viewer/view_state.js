// What of the view outlives the page: Python keeps it in the address, and hands it back when the page is visited again.

/** @param {Viewer} viewer */
function viewState({ values, at, second, main, figures }) {
  const open = { g: main.grid, h: main.heat, r: second.mode === "reference" };
  return {
    settings: values,
    at,
    b: second.mode === "b" ? second.b : null,
    show: Object.entries(open)
      .map(([letter, on]) => (on ? letter : ""))
      .join(""),
    gpu: figures.gpu.value,
  };
}

/** @param {Viewer} viewer @param {ViewerData["open"]} open */
function resumeView({ overlay, second }, { b, show }) {
  if (show.includes("g")) overlay.flip("grid");
  if (show.includes("h")) overlay.flip("heat");
  second.resume(b, show.includes("r"));
}
