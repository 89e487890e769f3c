// How large things must be on a stage, for the viewer who sits farthest away. In: that distance in picture heights, the
// picture's height, and what share of a font's size its digits are tall. Out: font sizes in CSS pixels.
//
// AVIXA DISCAS (V202.01), basic decision making: what is read must be tall enough for the farthest viewer. At 7 picture heights that
// is 3.5 % of the picture for figures; answers are given 2.5 %. Both grow with the distance.

const USUAL_DISTANCE = 7; // picture heights
const NEAREST = 4;
const FARTHEST = 9; // beyond that both answers no longer fit one picture
const FIGURE_SHARE = 0.035; // of the picture's height, at the usual distance: a digit's own height
const ANSWER_SHARE = 0.025; // a capital letter's own height
const CLOCKS = 2.3; // the two clocks are so many times the other figures
const SPARE = 1.03; // browsers draw in whole pixels

/** @param {number} distance in picture heights */
const keptDistance = (distance) =>
  Math.min(FARTHEST, Math.max(NEAREST, Math.round(2 * (distance || USUAL_DISTANCE)) / 2));

/** @param {number} distance @param {number} height of the picture, CSS px @param {number} tall a digit's height / the font's size
 * @returns {Record<string, string>} custom properties of the turn's stage layout
 */
function stageSizes(distance, height, tall) {
  const far = keptDistance(distance) / USUAL_DISTANCE;
  /** @param {number} share */
  const font = (share) => (SPARE * far * share * height) / tall;
  const figure = font(FIGURE_SHARE),
    answer = font(ANSWER_SHARE);
  return {
    "--figure": `${figure.toFixed(1)}px`,
    "--answer": `${answer.toFixed(1)}px`,
    // Where everything is large the clocks give way first; they stay the largest.
    "--clock": `${(figure * Math.max(1.4, CLOCKS / Math.max(1, far ** 2))).toFixed(1)}px`,
    "--unit": `${(height / 100).toFixed(2)}px`,
  };
}

/** A digit's height as a share of the font's size, as this browser draws it. @param {string} family */
function digitShare(family) {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return 0.65;
  pen.font = `700 200px ${family || "sans-serif"}`;
  return (pen.measureText("0").actualBoundingBoxAscent || 130) / 200;
}
