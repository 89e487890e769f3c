// A chart saved as PNG, SVG, a page of its own, CSV or JSON, made in the browser: nothing is sent anywhere.
// The chart library is loaded from this server at the first picture, not before.

/** @typedef {{ data: object[], layout: { width: number, height: number, paper_bgcolor: string, plot_bgcolor: string, font: { color: string } } }} PortableFigure */

/** @type {Promise<any> | undefined} */
let library;

/** @param {string} url @returns {Promise<any>} */
function plotly(url) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => {
      library = undefined; // the next press tries again
      reject(new Error("the chart library did not come"));
    };
    document.head.append(script);
  });
  return library;
}

/** The bytes of a data URL: fetching one is not allowed here. @param {string} url */
function bytesOf(url) {
  const at = url.indexOf(","),
    body = url.slice(at + 1);
  if (!url.slice(0, at).endsWith(";base64")) return decodeURIComponent(body);
  return Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
}

/** @param {string} url @param {PortableFigure} figure @param {"png" | "svg"} format */
async function picture(url, figure, format) {
  const drawer = await plotly(url),
    place = el("div"),
    { width, height } = figure.layout;
  place.style.cssText = `position:fixed;left:-20000px;top:0;width:${width}px;height:${height}px`;
  document.body.append(place);
  try {
    await drawer.newPlot(place, structuredClone(figure.data), structuredClone(figure.layout), { staticPlot: true });
    return bytesOf(await drawer.toImage(place, { format, width, height, scale: format === "png" ? 2 : 1 }));
  } finally {
    drawer.purge(place);
    place.remove();
  }
}

/** A file that needs no other: the library is in it. Words of the figure cannot end its script.
 * @param {string} source @param {PortableFigure} figure @param {string} title */
function pageOf(source, figure, title) {
  const inert = (/** @type {unknown} */ value) => JSON.stringify(value).replaceAll("<", "\\u003c"),
    name = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title><body><div id="chart"></div>`,
    `<script>${source}</script>`,
    `<script>Plotly.newPlot("chart", ${inert(figure.data)}, ${inert(figure.layout)}, {responsive: true});</script></body></html>`,
  ].join("\n");
}

/** The figure in the colours that the page has now. @param {string} json @param {Element} place @returns {PortableFigure} */
function asShown(json, place) {
  /** @type {PortableFigure} */
  const figure = JSON.parse(json),
    paper = getComputedStyle(document.querySelector(".stApp") ?? document.body).backgroundColor;
  figure.layout.paper_bgcolor = figure.layout.plot_bgcolor = paper;
  figure.layout.font.color = getComputedStyle(place).color;
  return figure;
}

/** @param {Component<{ name: string, title: string, figure: string, csv: string, library: string }>} component */
export default function (component) {
  const { name, title, figure, csv, library: url } = component.data,
    parent = component.parentElement;
  const row = el("div", "chart-export"),
    told = el("span", "told");
  told.setAttribute("role", "status");
  /** @type {Record<string, () => Promise<void>>} */
  const kinds = {
    PNG: async () => save(`${name}.png`, await picture(url, asShown(figure, row), "png"), "image/png"),
    SVG: async () => save(`${name}.svg`, await picture(url, asShown(figure, row), "svg"), "image/svg+xml"),
    HTML: async () => {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`the chart library did not come (HTTP ${answer.status})`);
      save(`${name}.html`, pageOf(await answer.text(), asShown(figure, row), title), "text/html");
    },
    CSV: async () => save(`${name}.csv`, csv, "text/csv"),
    JSON: async () => save(`${name}.json`, figure, "application/json"),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    const press = button(kind, `${kind} of the chart: ${title}`, async () => {
      press.disabled = true;
      told.textContent = "";
      try {
        await make();
      } catch (error) {
        told.textContent = `${kind} could not be made: ${error instanceof Error ? error.message : error}. Try again.`;
      } finally {
        press.disabled = false;
      }
    });
    row.append(press);
  }
  row.append(told);
  parent.querySelector(".chart-export")?.remove();
  parent.append(row);
}
