"""What can be measured of a screen as it stands: focus that is seen, motion that was asked not to be, what a window at 200 % zoom
cuts off or lets nobody reach. Scripts for the page, through shadow roots; Walk (screen_walk.py) runs them at each stop."""

from __future__ import annotations

# Every element that Tab stops at: focused as by the keyboard (one real Tab goes before, so :focus-visible holds), it or what holds it
# must have an outline of 2 px or more, with at least 3 : 1 against what lies around it (WCAG 2.2, 2.4.7 and 1.4.11).
UNSEEN_FOCUS = r"""
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true }), known = new Map();
  const parts = (color) => {
    if (!known.has(color)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(color, [r, g, b, a / 255]);
    }
    return known.get(color);
  };
  const light = ([r, g, b]) => {
    const part = (one) => ((one /= 255) <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const up = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const ground = (node, inside) => {
    for (let one = inside ? node : up(node); one; one = up(one)) {
      const color = parts(getComputedStyle(one).backgroundColor);
      if (color[3] > 0.9) return color;
    }
    return [255, 255, 255, 1];
  };
  const said = (node) => `${node.tagName.toLowerCase()}${node.className && typeof node.className === "string" ? "." + node.className.split(" ").at(-1) : ""} "${(node.getAttribute("aria-label") || node.textContent || node.getAttribute("placeholder") || "").trim().slice(0, 50)}"`;
  const stops = [];
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      if (node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true }) && !node.closest("[inert]") && node.getBoundingClientRect().width > 0) stops.push(node);
    }
  };
  walk(document.querySelector("dialog[open], [role=dialog]") ?? document);
  const before = document.activeElement, found = [], places = [];
  for (const one of new Set(stops.flatMap((node) => { const line = []; for (let at = node; at; at = up(at)) line.push(at); return line; })))
    places.push([one, one.scrollLeft, one.scrollTop]);
  let seen = 0;
  for (const node of stops) {
    node.focus({ preventScroll: true });
    if (!node.matches(":focus")) continue;
    seen += 1;
    let shown = 0;
    for (let one = node, level = 0; one && level < 6 && shown < 3; one = up(one), level += 1) {
      one.getAnimations().forEach((change) => change.finish()); // a colour on its way is not the colour
      const style = getComputedStyle(one);
      if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) shown = Math.max(shown, ratio(parts(style.outlineColor), ground(one, parseFloat(style.outlineOffset) <= -parseFloat(style.outlineWidth))));
    }
    if (shown < 3) found.push(`${said(node)} ${shown ? `has an outline of ${shown.toFixed(1)} : 1` : "has no outline"}`);
  }
  document.activeElement?.blur();
  before?.focus?.({ preventScroll: true });
  for (const [one, left, top] of places) one.scrollTo({ left, top, behavior: "instant" });
  return { seen, found };
}
"""

# Under "reduce motion": whatever an element's style would let run, longer than anybody sees.
MOVING = r"""
() => {
  const found = new Set();
  const seconds = (times) => Math.max(...times.split(",").map((one) => parseFloat(one) * (one.trim().endsWith("ms") ? 0.001 : 1)));
  const said = (node) => `${node.tagName.toLowerCase()}.${String(node.className?.baseVal ?? node.className).split(" ")[0]}`;
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      for (const part of [null, "::before", "::after"]) {
        const style = getComputedStyle(node, part);
        if (style.animationName !== "none" && seconds(style.animationDuration) > 0.02) found.add(`${said(node)} runs ${style.animationName}`);
        if (seconds(style.transitionDuration) > 0.02) found.add(`${said(node)} changes over ${style.transitionDuration}`);
        if (style.scrollBehavior === "smooth") found.add(`${said(node)} scrolls smoothly`);
      }
    }
  };
  walk(document);
  return [...found];
}
"""

# What somebody came to a screen for: the chat's box, every main button, the words that lead elsewhere. Scrolled to, it must lie in the
# window, and a press at its middle must land on it.
OUT_OF_REACH = r"""
() => {
  const found = [];
  const deep = (x, y) => {
    let node = document.elementFromPoint(x, y);
    for (let inner; node?.shadowRoot && (inner = node.shadowRoot.elementFromPoint(x, y)) && inner !== node; ) node = inner;
    return node;
  };
  const wanted = document.querySelectorAll('[data-testid="stMain"] button, [data-testid="stBottom"] button, [data-testid="stBottom"] textarea, [data-testid="stExpandSidebarButton"]');
  for (const node of wanted) {
    if (!node.checkVisibility({ visibilityProperty: true }) || node.disabled || node.closest("[inert], [aria-hidden=true]")) continue;
    if (node.closest('[data-testid="stElementToolbar"]')) continue; // Streamlit's own over a table: it comes with the pointer or the focus
    node.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = node.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const hit = x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight ? deep(x, y) : null;
    if (hit?.closest('[data-testid="stElementToolbar"]')) continue; // the same, where a table came to lie under the pointer
    if (!hit || !(node.contains(hit) || hit.contains(node) || hit.getRootNode().host?.contains(node)))
      found.push(`"${(node.innerText || node.getAttribute("aria-label") || node.tagName).trim().slice(0, 50)}" is ${hit ? `under ${hit.tagName.toLowerCase()}.${hit.className}` : `outside, at ${Math.round(x)}, ${Math.round(y)}`}`);
  }
  return found;
}
"""

# On a phone: what is pressed and does not take a finger of 44 px (WCAG 2.2, 2.5.5; less 4 px for borders and rounding), a label counting
# as its box; a sign within a line has 24 px (2.5.8). Asked of the page, so that a sign with more room around it than is drawn passes,
# and one that another lies over does not.
TOO_SMALL_FOR_A_FINGER = r"""
() => {
  const found = new Set();
  const deep = (x, y) => {
    let node = document.elementFromPoint(x, y);
    for (let inner; node?.shadowRoot && (inner = node.shadowRoot.elementFromPoint(x, y)) && inner !== node; ) node = inner;
    return node;
  };
  const pressed = [];
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      if (node.matches("button, summary, select, a[href], input:not([type=file]), textarea")) pressed.push(node);
    }
  };
  walk(document.querySelector("dialog[open], [role=dialog]") ?? document);
  for (const one of pressed) {
    const node = one.matches("[type=checkbox], [type=radio]") ? one.closest("label") ?? one : one;
    if (one.disabled || !node.checkVisibility({ visibilityProperty: true }) || node.closest("[inert], [aria-hidden=true], p, .js-plotly-plot")) continue;
    node.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = node.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || box.right <= 1 || box.left >= innerWidth) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2], half = node.matches("[data-testid=stTooltipIcon] button, .why") ? 12 : 20;
    const takes = (dx, dy) => {
      const hit = deep(x + dx, y + dy);
      return hit && (node === hit || node.contains(hit));
    };
    if (!takes(0, 0)) continue; // lies under another: what OUT_OF_REACH is for
    const [wide, high] = [takes(-half, 0) && takes(half, 0), takes(0, -half) && takes(0, half)];
    if (!wide || !high) found.add(`${node.tagName.toLowerCase()} "${(node.getAttribute("aria-label") || node.innerText || node.getAttribute("placeholder") || "").trim().slice(0, 50)}" ${Math.round(box.width)} x ${Math.round(box.height)} px`);
  }
  return [...found];
}
"""
