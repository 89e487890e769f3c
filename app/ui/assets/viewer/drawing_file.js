// A drawing of the page as a file of its own: what a style sheet gives it goes with it, for outside there is none.

const DRAWN_BY_STYLE = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "text-anchor"];
const FILE_SCALE = 3;

/** The drawing by itself, on the ground it has here, under its title. @param {SVGSVGElement} svg @param {string} title */
function drawingFile(svg, title) {
  const alone = /** @type {SVGSVGElement} */ (svg.cloneNode(true)),
    inside = [...svg.querySelectorAll("*")],
    { x, y, width, height } = svg.viewBox.baseVal,
    top = y - 26,
    shown = getComputedStyle(svg);
  alone.querySelectorAll("*").forEach((node, index) => {
    const style = getComputedStyle(inside[index]);
    for (const name of DRAWN_BY_STYLE) node.setAttribute(name, style.getPropertyValue(name));
    node.removeAttribute("class");
  });
  const all = {
    xmlns: SVG,
    viewBox: `${x} ${top} ${width} ${height + 30}`,
    width: 3 * width,
    height: 3 * (height + 30),
  };
  Object.entries(all).forEach(([name, value]) => alone.setAttribute(name, String(value)));
  alone.setAttribute("font-family", "sans-serif");
  const ground = shown.getPropertyValue("--ground") || "#fff";
  alone.prepend(
    drawn("rect", { x, y: top, width, height: height + 30, fill: ground }),
    drawn("text", { x: x + 6, y: top + 16, fill: shown.color, "font-size": 12 }, title),
  );
  return new XMLSerializer().serializeToString(alone);
}

/** The same as PNG. @param {string} svg @param {number} width @param {number} height @returns {Promise<Blob>} */
async function paintedFile(svg, width, height) {
  const picture = await loaded(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`),
    canvas = el("canvas");
  canvas.width = FILE_SCALE * width;
  canvas.height = FILE_SCALE * height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("the picture could not be made"))), "image/png"),
  );
}
