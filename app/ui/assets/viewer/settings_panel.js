// The settings panel: every knob holds one short key of the settings; moving one tells the viewer at once.

const MAIN = [
  { key: "d", label: "DPI", low: 40, high: 200, step: 1, help: "Dots per inch of the page images. Fewer: more compression, harder to read." },
  { key: "f", kind: "font", label: "Font" },
  { key: "s", label: "Font size", unit: "pt", low: 5, high: 20, step: 0.5 },
  { key: "l", label: "Leading", unit: "pt", low: 5, high: 30, step: 0.5, help: "From one line's baseline to the next one's." },
  { key: "n", kind: "newline", label: "Newlines become" },
  { key: "ff", kind: "fallback", label: "What the font lacks", help: "Ours, not Glyph's: characters that the font lacks come from another font. The reference engine draws such pages, more slowly." },
];
const GROUPS = [
  ["Page and margins", [
    { key: "w", kind: "paper", label: "Paper" },
    { key: "w", label: "Width", unit: "pt", low: 140, high: 1200, step: 1 }, { key: "h", label: "Height", unit: "pt", low: 140, high: 1600, step: 1 },
    { key: "mx", label: "Side margins", unit: "pt", low: 0, high: 80, step: 1 }, { key: "my", label: "Top and bottom", unit: "pt", low: 0, high: 80, step: 1 },
    { key: "cw", kind: "switch", label: "Crop to the text's width" }, { key: "cl", kind: "switch", label: "Crop the last page" },
    { key: "k", kind: "switch", label: "Snap to cells of 28 px", help: "Ours, not Glyph's: page sides become multiples of 28 px, so the model sees exactly the pixels rendered." }]],
  ["Paragraphs", [
    { key: "a", kind: "align", label: "Alignment" },
    { key: "x", label: "Horizontal scale", low: 0.5, high: 1.5, step: 0.01 },
    { key: "fi", label: "First-line indent", unit: "pt", low: -20, high: 60, step: 1 },
    { key: "li", label: "Left indent", unit: "pt", low: 0, high: 120, step: 1 }, { key: "ri", label: "Right indent", unit: "pt", low: 0, high: 120, step: 1 },
    { key: "sb", label: "Space before", unit: "pt", low: 0, high: 30, step: 0.5 }, { key: "sa", label: "Space after", unit: "pt", low: 0, high: 30, step: 0.5 }]],
  ["Colours and borders", [
    { key: "fc", kind: "color", label: "Text" }, { key: "pc", kind: "color", label: "Page" }, { key: "gc", kind: "color", label: "Behind paragraphs" },
    { key: "bc", kind: "color", label: "Border" },
    { key: "bw", label: "Border width", unit: "pt", low: 0, high: 8, step: 0.25 }, { key: "bp", label: "Border padding", unit: "pt", low: 0, high: 20, step: 0.5 }]],
];
// What a refusal calls a setting (Glyph's own names) → its knob.
const NAMED = { dpi: "d", "font-size": "s", "line-height": "l", "newline-markup": "n", "page-size (width)": "w", "page-size (height)": "h", "page width": "w", "page height": "h",
  "margin-x": "mx", "margin-y": "my", "horizontal-scale": "x", "first-line-indent": "fi", "left-indent": "li", "right-indent": "ri", "space-before": "sb", "space-after": "sa",
  "border-width": "bw", "border-padding": "bp", alignment: "a" };
const ALIGNMENTS = [["LEFT", "Left"], ["JUSTIFY", "Justify"], ["CENTER", "Centre"], ["RIGHT", "Right"]];

class Controls {
  constructor(act) {
    this.act = act; this.knobs = []; this.linked = true;
    this.root = el("section", "panel"); this.root.setAttribute("aria-label", "Render settings");
    this.root.append(this.makePresets(), this.told = el("div", "trouble"), this.trouble = el("div", "trouble"));
    for (const place of [this.told, this.trouble]) { place.setAttribute("role", "alert"); place.hidden = true; }
    const main = el("div", "group");
    MAIN.forEach((knob) => main.append(this.make(knob)));
    this.root.append(main);
    for (const [title, knobs] of GROUPS) {
      const group = el("details", "group");
      group.append(el("summary", "", title), ...knobs.map((knob) => this.make(knob)));
      this.root.append(group);
    }
  }

  makePresets() {
    const row = el("div", "presets");
    this.preset = el("select"); this.preset.setAttribute("aria-label", "Preset"); this.preset.title = "Preset";
    this.preset.onchange = () => {
      const chosen = this.presets[Number(this.preset.value)];
      if (chosen) this.act.replace(chosen.values);
    };
    this.saver = el("a", "button", "Save"); this.saver.title = "Save these settings as a file in Glyph's format"; this.saver.setAttribute("download", "");
    const file = el("input"); file.type = "file"; file.accept = ".json,application/json"; file.hidden = true;
    file.onchange = async () => {
      const [chosen] = file.files;
      if (chosen && chosen.size <= 65536) this.act.load(await chosen.text());
      else if (chosen) this.refuse(`The file ${chosen.name} is larger than 64 KB; it is no settings file.`, null);
      file.value = "";
    };
    this.note = el("div", "hint");
    this.outside = el("div", "hint outside");
    row.append(this.preset, this.saver, button("Load", "Load a settings file in Glyph's format", () => file.click()),
      button("Reset", "Back to Glyph's own settings", () => this.act.replace(this.defaults)), file, this.note, this.outside);
    return row;
  }

  make(knob) {
    const kind = knob.kind ?? "number";
    const row = el("div", `knob ${kind}`); row.dataset.key = knob.key;
    const holder = { ...knob, kind, row, error: el("div", "trouble") };
    holder.error.hidden = true; holder.error.setAttribute("role", "alert");
    const label = el("span", "label", knob.label);
    if (knob.help) { label.title = knob.help; label.classList.add("helped"); }
    row.append(label);
    const made = { number: this.makeNumber, font: this.makeFont, fallback: this.makeFallback, newline: this.makeNewline, paper: this.makePaper, switch: this.makeSwitch,
      align: this.makeChoice, color: this.makeColor }[kind];
    made.call(this, holder, row);
    row.append(holder.error);
    this.knobs.push(holder);
    return row;
  }

  // `done`: the hand has let go; until then only picture and figures follow.
  tell(holder, value, done) {
    const changes = { [holder.key]: String(value) };
    if (holder.key === "s" && this.linked && holder.kind === "number") {
      const apart = Number(this.values.l) - Number(this.values.s);
      changes.l = String(Math.round(100 * (Number(value) + apart)) / 100);
    }
    this.touched = holder;
    this.act.change(changes, done);
  }

  makeNumber(holder, row) {
    const range = el("input"); range.type = "range"; range.min = holder.low; range.max = holder.high; range.step = holder.step;
    range.setAttribute("aria-label", holder.label);
    const box = el("input"); box.type = "number"; box.step = "any"; box.setAttribute("aria-label", `${holder.label}${holder.unit ? ` in ${holder.unit}` : ""}`);
    range.oninput = () => this.tell(holder, range.value, false);
    range.onchange = () => this.act.settle();
    box.onchange = () => { if (box.value !== "") this.tell(holder, box.value, true); else box.value = Number(this.values[holder.key]); };
    const value = el("span", "value"); value.append(box, el("span", "unit", holder.unit ?? ""));
    if (holder.key === "s") {
      const link = button("⇅", "Leading keeps its distance to the font size", () => {
        this.linked = !this.linked; link.setAttribute("aria-pressed", this.linked);
      }, "link");
      link.setAttribute("aria-pressed", "true"); value.append(link);
    }
    row.append(value, range);
    holder.show = (text) => { if (!range.matches(":active")) range.value = text; box.value = Number(text); };
  }

  makeFont(holder, row) {
    const select = el("select"); select.setAttribute("aria-label", "Font");
    const facts = el("div", "hint");
    select.onchange = () => this.tell(holder, select.value, true);
    row.append(select, facts);
    holder.show = (token) => {
      if (this.fontsShown !== this.fonts) {
        this.fontsShown = this.fonts;
        select.replaceChildren(...this.fonts.map((font) => {
          const option = el("option", "", font.uploaded ? `${font.family} (yours)` : font.family); option.value = font.token; return option;
        }));
      }
      select.value = token;
      const font = this.fonts.find((one) => one.token === token);
      facts.textContent = font ? `${font.scripts.slice(0, 4).join(", ") || "no known script"} · ${font.licence}` : "This font is not installed here.";
      facts.title = font ? `${font.scripts.join(", ")} · ${font.licence} · ${font.source}` : "";
    };
  }

  makeFallback(holder, row) {
    const select = el("select"); select.setAttribute("aria-label", "Font for characters that the font lacks");
    select.onchange = () => this.tell(holder, select.value, true);
    row.append(select);
    holder.show = (tokens) => {
      const family = (token) => this.fonts.find((one) => one.token === token)?.family ?? token;
      const choices = [["", "a box, as with Glyph"], ...this.fonts.filter((font) => font.token !== this.values.f).map((font) => [font.token, `from ${font.family}`])];
      if (!choices.some(([value]) => value === tokens)) choices.push([tokens, `from ${tokens.split("/").map(family).join(", then ")}`]);
      const spelt = JSON.stringify(choices);
      if (holder.spelt !== spelt) {
        holder.spelt = spelt;
        select.replaceChildren(...choices.map(([value, text]) => { const option = el("option", "", text); option.value = value; return option; }));
      }
      select.value = tokens;
    };
  }

  makeNewline(holder, row) {
    const own = el("input"); own.type = "text"; own.maxLength = 200; own.setAttribute("aria-label", "Own newline markup");
    own.placeholder = "Own: text, <br/>, <font color=\"#RRGGBB\">…</font>"; own.spellcheck = false;
    const pick = this.segments(row, holder, [["br", "Line break"], ["mark", "Red \\n"], ["", "Own"]], (value) => {
      own.hidden = value !== "";
      if (value === "") { own.focus(); if (!own.value) own.value = " / "; }
      this.tell(holder, value === "" ? own.value : value, true);
    });
    own.onchange = () => this.tell(holder, own.value, true);
    row.append(own);
    holder.show = (value) => {
      const known = value === "br" || value === "mark";
      pick(known ? value : ""); own.hidden = known;
      if (!known) own.value = value;
    };
  }

  makePaper(holder, row) {
    const select = el("select"); select.setAttribute("aria-label", "Paper size");
    const turn = button("⟲", "Turn the page", () => { this.touched = holder; this.act.change({ w: this.values.h, h: this.values.w }, true); });
    select.onchange = () => {
      const size = this.papers[select.value], ratio = Number(select.value);
      this.touched = holder;
      if (size) this.act.change({ w: String(size[0]), h: String(size[1]) }, true);
      else if (ratio) this.act.change({ h: String(Math.round(ratio * Number(this.values.w))) }, true);
    };
    const value = el("span", "value"); value.append(select, turn); row.append(value);
    holder.show = () => {
      const names = Object.keys(this.papers);
      if (select.options.length !== names.length + this.aspects.length + 1) select.replaceChildren(...[["", "Free"], ...names.map((name) => [name, name]),
        ...this.aspects.map((ratio) => [String(ratio), `1 : ${ratio}`])].map(([v, t]) => { const option = el("option", "", t); option.value = v; return option; }));
      const [w, h] = [Number(this.values.w), Number(this.values.h)];
      select.value = names.find((name) => Math.abs(this.papers[name][0] - w) < 1 && Math.abs(this.papers[name][1] - h) < 1)
        ?? String(this.aspects.find((ratio) => Math.abs(h - ratio * w) < 0.75) ?? "");
    };
  }

  makeSwitch(holder, row) {
    const box = el("input"); box.type = "checkbox"; box.setAttribute("aria-label", holder.label);
    box.onchange = () => this.tell(holder, box.checked ? "1" : "0", true);
    row.prepend(box);
    row.querySelector(".label").onclick = () => box.click();
    holder.show = (value) => { box.checked = value === "1"; };
  }

  makeChoice(holder, row) {
    holder.show = this.segments(row, holder, ALIGNMENTS, (value) => this.tell(holder, value, true));
  }

  segments(row, holder, choices, chosen) {
    const group = el("div", "segments"); group.setAttribute("role", "radiogroup"); group.setAttribute("aria-label", holder.label);
    for (const [value, text] of choices) {
      const one = el("button", "", text); one.type = "button"; one.dataset.value = value; one.setAttribute("role", "radio");
      one.onclick = () => chosen(value);
      group.append(one);
    }
    row.append(group);
    return (value) => [...group.children].forEach((one) => one.setAttribute("aria-checked", one.dataset.value === value));
  }

  makeColor(holder, row) {
    const box = el("input"); box.type = "color"; box.setAttribute("aria-label", `${holder.label} colour`);
    const text = el("span", "unit");
    box.oninput = () => this.tell(holder, box.value.slice(1).toUpperCase(), false);
    box.onchange = () => this.act.settle();
    const value = el("span", "value"); value.append(text, box); row.append(value);
    holder.show = (color) => { box.value = `#${color.toLowerCase()}`; text.textContent = `#${color}`; };
  }

  // Everything that Python tells: which fonts, presets and papers there are.
  know({ fonts, presets, papers, aspects, defaults }) {
    this.fonts = fonts; this.papers = papers; this.aspects = aspects; this.defaults = defaults;
    if (JSON.stringify(presets) === JSON.stringify(this.presets)) return;
    this.presets = presets;
    const option = (value, text) => { const made = el("option", "", text); made.value = value; return made; };
    this.preset.replaceChildren(option("", "Own settings"), ...presets.map((preset, index) => option(String(index), preset.name)));
  }

  // `all`: also knobs whose value is the same, because fonts or papers may be others.
  show(values, saveAddress, all = true) {
    this.values = values;
    for (const holder of this.knobs) {
      const shown = { paper: `${values.w} ${values.h}`, fallback: `${values.f} ${values.ff}` }[holder.kind] ?? values[holder.key];
      if (all || holder.shown !== shown) holder.show(values[holder.key]);
      holder.shown = shown;
    }
    const same = (preset) => Object.keys(preset.values).every((key) => preset.values[key] === values[key]);
    const at = this.presets.findIndex(same);
    this.preset.value = at < 0 ? "" : String(at);
    this.note.textContent = at < 0 ? "" : this.presets[at].note;
    this.saver.href = saveAddress;
  }

  // Settings may be drawn and still be none that Glyph ever saw.
  warn(words) {
    this.outside.textContent = words.length ? `Outside Glyph's training: ${words.join(" ")}` : "";
  }

  // What Python says of a link or a file stays until a knob is moved.
  remark(message) { this.told.textContent = message; this.told.hidden = !message; }

  // The knob that was moved last, unless the refusal names only others.
  blamed(message) {
    const named = Object.keys(NAMED).filter((name) => message.includes(name)).sort((a, b) => message.indexOf(a) - message.indexOf(b)).map((name) => NAMED[name]);
    if (!named.length || named.includes(this.touched?.key)) return this.touched;
    return this.knobs.find((holder) => holder.key === named[0] && holder.kind === "number") ?? this.touched;
  }

  // A refusal is told at one knob; without one, on top.
  refuse(message, holder = this.blamed(message)) {
    this.forgive();
    const group = holder?.row.closest("details");
    if (group) group.open = true;
    const place = holder?.error ?? this.trouble;
    place.textContent = message; place.hidden = false;
    holder?.row.classList.add("refused");
  }

  forgive() {
    [this.trouble, ...this.knobs.map((holder) => holder.error)].forEach((place) => { place.hidden = true; });
    this.knobs.forEach((holder) => holder.row.classList.remove("refused"));
  }
}
