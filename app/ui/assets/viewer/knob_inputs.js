// What a knob of the settings panel is moved by, one function a kind: it puts the inputs into the knob's row, tells the panel what
// the hand does, and gives the knob its `show`.

// Glyph's presets and a menu's papers are the same to the last digit; a page that only resembles one has no name.
const SAME_PT = 0.005;

// The paper's name, or its ratio as a menu's value, or "".
/** @param {Record<string, [number, number]>} papers @param {number[]} aspects @param {number} width @param {number} height */
function paperOf(papers, aspects, width, height) {
  const name = Object.keys(papers).find(
    (one) => Math.abs(papers[one][0] - width) < SAME_PT && Math.abs(papers[one][1] - height) < SAME_PT,
  );
  return name ?? String(aspects.find((ratio) => Math.abs(height - ratio * width) < 0.75) ?? "");
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function numberInput(panel, holder, row) {
  const range = el("input");
  range.type = "range";
  range.min = String(holder.low);
  range.max = String(holder.high);
  range.step = String(holder.step);
  range.setAttribute("aria-label", holder.label);
  const box = el("input");
  box.type = "number";
  box.step = "any";
  box.setAttribute("aria-label", `${holder.label}${holder.unit ? ` in ${holder.unit}` : ""}`);
  range.oninput = () => panel.tell(holder, range.value, false);
  range.onchange = () => panel.act.settle();
  box.onchange = () => {
    if (box.value !== "") panel.tell(holder, box.value, true);
    else box.value = String(Number(panel.values[holder.key]));
  };
  const value = el("span", "value");
  value.append(box, el("span", "unit", holder.unit ?? ""));
  if (holder.moves) {
    const link = button(
      "⇅",
      "Leading keeps its distance to the font size",
      () => {
        panel.linked = !panel.linked;
        link.setAttribute("aria-pressed", String(panel.linked));
      },
      "link",
    );
    link.setAttribute("aria-pressed", "true");
    value.append(link);
  }
  row.append(value, range);
  holder.show = (text) => {
    if (!range.matches(":active")) range.value = text;
    box.value = String(Number(text));
  };
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function fontInput(panel, holder, row) {
  const select = el("select");
  select.setAttribute("aria-label", "Font");
  const facts = el("div", "hint");
  select.onchange = () => panel.tell(holder, select.value, true);
  row.append(select, facts);
  holder.show = (token) => {
    if (panel.fontsShown !== panel.fonts) {
      panel.fontsShown = panel.fonts;
      select.replaceChildren(
        ...panel.fonts.map((font) => option(font.token, font.uploaded ? `${font.family} (yours)` : font.family)),
      );
    }
    select.value = token;
    const font = panel.fonts.find((one) => one.token === token);
    facts.textContent = font
      ? `${font.scripts.slice(0, 4).join(", ") || "no known script"} · ${font.licence}`
      : "This font is not installed here.";
    explain(facts, font ? `${font.scripts.join(", ")} · ${font.licence} · ${font.source}` : "");
  };
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function fallbackInput(panel, holder, row) {
  const select = el("select");
  select.setAttribute("aria-label", "Font for characters that the font lacks");
  select.onchange = () => panel.tell(holder, select.value, true);
  row.append(select);
  holder.show = (tokens) => {
    /** @param {string} token */
    const family = (token) => panel.fonts.find((one) => one.token === token)?.family ?? token;
    /** @type {[string, string][]} */
    const choices = [
      ["", "a box, as with Glyph"],
      ...panel.fonts
        .filter((font) => font.token !== panel.values.f)
        .map((font) => /** @type {[string, string]} */ ([font.token, `from ${font.family}`])),
    ];
    if (!choices.some(([value]) => value === tokens))
      choices.push([tokens, `from ${tokens.split("/").map(family).join(", then ")}`]);
    const spelt = JSON.stringify(choices);
    if (holder.spelt !== spelt) {
      holder.spelt = spelt;
      select.replaceChildren(...choices.map(([value, text]) => option(value, text)));
    }
    select.value = tokens;
  };
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function markupInput(panel, holder, row) {
  const { choices = [] } = holder;
  const own = el("input");
  own.type = "text";
  own.maxLength = 200;
  own.setAttribute("aria-label", "Own newline markup");
  own.placeholder = 'Own: text, <br/>, <font color="#RRGGBB">…</font>';
  own.spellcheck = false;
  const pick = segments(row, holder, [...choices, ["", "Own"]], (value) => {
    own.hidden = value !== "";
    if (value === "") {
      own.focus();
      if (!own.value) own.value = " / ";
    }
    panel.tell(holder, value === "" ? own.value : value, true);
  });
  own.onchange = () => panel.tell(holder, own.value, true);
  row.append(own);
  holder.show = (value) => {
    const known = choices.some(([word]) => word === value);
    pick(known ? value : "");
    own.hidden = known;
    if (!known) own.value = value;
  };
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function paperInput(panel, holder, row) {
  const select = el("select");
  select.setAttribute("aria-label", "Paper size");
  const [wide, high] = holder.sides ?? ["w", "h"];
  const turn = button("⟲", "Turn the page", () => {
    panel.touched = holder;
    panel.act.change({ [wide]: panel.values[high], [high]: panel.values[wide] }, true);
  });
  select.onchange = () => {
    const size = panel.papers[select.value],
      ratio = Number(select.value);
    panel.touched = holder;
    if (size) panel.act.change({ [wide]: String(size[0]), [high]: String(size[1]) }, true);
    else if (ratio) panel.act.change({ [high]: String(Math.round(ratio * Number(panel.values[wide]))) }, true);
  };
  const value = el("span", "value");
  value.append(select, turn);
  row.append(value);
  holder.show = () => {
    const names = Object.keys(panel.papers);
    if (select.options.length !== names.length + panel.aspects.length + 1)
      select.replaceChildren(
        ...[
          ["", "Free"],
          ...names.map((name) => [name, name]),
          ...panel.aspects.map((ratio) => [String(ratio), `1 : ${ratio}`]),
        ].map(([value, text]) => option(value, text)),
      );
    select.value = paperOf(panel.papers, panel.aspects, Number(panel.values[wide]), Number(panel.values[high]));
  };
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function switchInput(panel, holder, row) {
  const box = el("input");
  box.type = "checkbox";
  box.setAttribute("aria-label", holder.label);
  box.onchange = () => panel.tell(holder, box.checked ? "1" : "0", true);
  row.prepend(box);
  holder.name.onclick = () => box.click();
  holder.show = (value) => {
    box.checked = value === "1";
  };
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function choiceInput(panel, holder, row) {
  holder.show = segments(row, holder, holder.choices ?? [], (value) => panel.tell(holder, value, true));
}

/** @param {HTMLElement} row @param {Knob} holder @param {[string, string][]} choices @param {(value: string) => void} chosen @returns {(value: string) => void} */
function segments(row, holder, choices, chosen) {
  const group = el("div", "segments");
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", holder.label);
  /** @type {HTMLElement[]} */
  const buttons = [];
  for (const [value, text] of choices) {
    const one = el("button", "", text);
    buttons.push(one);
    one.type = "button";
    one.dataset.value = value;
    one.setAttribute("role", "radio");
    one.onclick = () => chosen(value);
    group.append(one);
  }
  row.append(group);
  return (value) => buttons.forEach((one) => one.setAttribute("aria-checked", String(one.dataset.value === value)));
}

/** @param {Controls} panel @param {PlacedKnob} holder @param {HTMLElement} row */
function colorInput(panel, holder, row) {
  const box = el("input");
  box.type = "color";
  box.setAttribute("aria-label", holder.label);
  const text = el("span", "unit");
  box.oninput = () => panel.tell(holder, box.value.slice(1).toUpperCase(), false);
  box.onchange = () => panel.act.settle();
  const value = el("span", "value");
  value.append(text, box);
  row.append(value);
  holder.show = (color) => {
    box.value = `#${color.toLowerCase()}`;
    text.textContent = `#${color}`;
  };
}

/** @type {Record<Knob["kind"], (panel: Controls, holder: PlacedKnob, row: HTMLElement) => void>} */
const KNOB_INPUTS = {
  number: numberInput,
  whole: numberInput,
  font: fontInput,
  fonts: fallbackInput,
  markup: markupInput,
  paper: paperInput,
  switch: switchInput,
  choice: choiceInput,
  color: colorInput,
};
