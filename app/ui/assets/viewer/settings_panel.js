// The settings panel: every knob holds one short key of the settings; moving one tells the viewer at once.

// Which knobs there are, what they are called and how far they go comes from Python's one table of settings.

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

class Controls {
  /** @type {PlacedKnob[]} */
  knobs = [];
  /** @type {PlacedKnob | null} the one that was moved last */
  touched = null;
  linked = true;
  /** @type {SettingValues} */
  values = {};
  /** @type {SettingValues} */
  defaults = {};
  /** @type {FontChoice[]} */
  fonts = [];
  /** @type {FontChoice[]} */
  fontsShown = [];
  /** @type {Preset[]} */
  presets = [];
  /** @type {Record<string, [number, number]>} */
  papers = {};
  /** @type {number[]} */
  aspects = [];
  preset = el("select");
  saver = el("a", "button", "Save");
  note = el("div", "hint notes");
  outside = el("div", "notice outside");

  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.root = el("section", "panel");
    this.root.setAttribute("aria-label", "Render settings");
    this.root.append(this.makePresets());
    this.told = el("div", "trouble");
    this.trouble = el("div", "trouble");
    for (const place of [this.told, this.trouble]) {
      place.setAttribute("role", "alert");
      place.hidden = true;
    }
    this.outside.hidden = true;
    this.groups = el("div", "groups");
    this.root.append(this.groups);
  }

  /** @param {KnobGroup[]} groups */
  makeGroups(groups) {
    for (const { title, knobs } of groups) {
      const group = el(title ? "details" : "div", "group");
      if (title) group.append(el("summary", "", title));
      group.append(...knobs.map((knob) => this.make(knob)));
      this.groups.append(group);
    }
  }

  makePresets() {
    const row = el("div", "presets");
    this.preset.setAttribute("aria-label", "Preset");
    this.preset.onchange = () => {
      const chosen = this.presets[Number(this.preset.value)];
      if (chosen) this.act.replace(chosen.values);
    };
    this.saver.title = "Save these settings as a file in Glyph's format";
    this.saver.setAttribute("download", "");
    const file = el("input");
    file.type = "file";
    file.accept = ".json,application/json";
    file.hidden = true;
    file.onchange = async () => {
      const chosen = file.files?.[0];
      if (chosen && chosen.size <= 65536) this.act.load(await chosen.text());
      else if (chosen) this.refuse(`The file ${chosen.name} is larger than 64 KB; it is no settings file.`);
      file.value = "";
    };
    row.append(
      this.preset,
      this.saver,
      button("Load", "Load a settings file in Glyph's format", () => file.click()),
      button("Reset", "Back to Glyph's own settings", () => this.act.replace(this.defaults)),
      file,
      this.note,
    );
    return row;
  }

  /** @param {Knob} knob */
  make(knob) {
    const row = el("div", `knob ${knob.kind}`);
    row.dataset.key = knob.key;
    const label = el("span", "label", knob.label);
    /** @type {PlacedKnob} */
    const holder = { ...knob, row, name: label, error: el("div", "trouble"), show: () => {} };
    holder.error.hidden = true;
    holder.error.setAttribute("role", "alert");
    const name = el("span", "named");
    name.append(label);
    if (knob.help) name.append(why(knob.label, knob.help));
    row.append(name);
    const made = {
      number: this.makeNumber,
      whole: this.makeNumber,
      font: this.makeFont,
      fonts: this.makeFallback,
      markup: this.makeMarkup,
      paper: this.makePaper,
      switch: this.makeSwitch,
      choice: this.makeChoice,
      color: this.makeColor,
    }[knob.kind];
    made.call(this, holder, row);
    row.append(holder.error);
    this.knobs.push(holder);
    return row;
  }

  // `done`: the hand has let go; until then only picture and figures follow.
  /** @param {PlacedKnob} holder @param {string} value @param {boolean} done */
  tell(holder, value, done) {
    const changes = { [holder.key]: String(value) };
    if (holder.moves && this.linked) {
      const apart = Number(this.values[holder.moves]) - Number(this.values[holder.key]);
      changes[holder.moves] = String(Math.round(100 * (Number(value) + apart)) / 100);
    }
    this.touched = holder;
    this.act.change(changes, done);
  }

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makeNumber(holder, row) {
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
    range.oninput = () => this.tell(holder, range.value, false);
    range.onchange = () => this.act.settle();
    box.onchange = () => {
      if (box.value !== "") this.tell(holder, box.value, true);
      else box.value = String(Number(this.values[holder.key]));
    };
    const value = el("span", "value");
    value.append(box, el("span", "unit", holder.unit ?? ""));
    if (holder.moves) {
      const link = button(
        "⇅",
        "Leading keeps its distance to the font size",
        () => {
          this.linked = !this.linked;
          link.setAttribute("aria-pressed", String(this.linked));
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

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makeFont(holder, row) {
    const select = el("select");
    select.setAttribute("aria-label", "Font");
    const facts = el("div", "hint");
    select.onchange = () => this.tell(holder, select.value, true);
    row.append(select, facts);
    holder.show = (token) => {
      if (this.fontsShown !== this.fonts) {
        this.fontsShown = this.fonts;
        select.replaceChildren(
          ...this.fonts.map((font) => option(font.token, font.uploaded ? `${font.family} (yours)` : font.family)),
        );
      }
      select.value = token;
      const font = this.fonts.find((one) => one.token === token);
      facts.textContent = font
        ? `${font.scripts.slice(0, 4).join(", ") || "no known script"} · ${font.licence}`
        : "This font is not installed here.";
      explain(facts, font ? `${font.scripts.join(", ")} · ${font.licence} · ${font.source}` : "");
    };
  }

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makeFallback(holder, row) {
    const select = el("select");
    select.setAttribute("aria-label", "Font for characters that the font lacks");
    select.onchange = () => this.tell(holder, select.value, true);
    row.append(select);
    holder.show = (tokens) => {
      /** @param {string} token */
      const family = (token) => this.fonts.find((one) => one.token === token)?.family ?? token;
      /** @type {[string, string][]} */
      const choices = [
        ["", "a box, as with Glyph"],
        ...this.fonts
          .filter((font) => font.token !== this.values.f)
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

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makeMarkup(holder, row) {
    const { choices = [] } = holder;
    const own = el("input");
    own.type = "text";
    own.maxLength = 200;
    own.setAttribute("aria-label", "Own newline markup");
    own.placeholder = 'Own: text, <br/>, <font color="#RRGGBB">…</font>';
    own.spellcheck = false;
    const pick = this.segments(row, holder, [...choices, ["", "Own"]], (value) => {
      own.hidden = value !== "";
      if (value === "") {
        own.focus();
        if (!own.value) own.value = " / ";
      }
      this.tell(holder, value === "" ? own.value : value, true);
    });
    own.onchange = () => this.tell(holder, own.value, true);
    row.append(own);
    holder.show = (value) => {
      const known = choices.some(([word]) => word === value);
      pick(known ? value : "");
      own.hidden = known;
      if (!known) own.value = value;
    };
  }

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makePaper(holder, row) {
    const select = el("select");
    select.setAttribute("aria-label", "Paper size");
    const [wide, high] = holder.sides ?? ["w", "h"];
    const turn = button("⟲", "Turn the page", () => {
      this.touched = holder;
      this.act.change({ [wide]: this.values[high], [high]: this.values[wide] }, true);
    });
    select.onchange = () => {
      const size = this.papers[select.value],
        ratio = Number(select.value);
      this.touched = holder;
      if (size) this.act.change({ [wide]: String(size[0]), [high]: String(size[1]) }, true);
      else if (ratio) this.act.change({ [high]: String(Math.round(ratio * Number(this.values[wide]))) }, true);
    };
    const value = el("span", "value");
    value.append(select, turn);
    row.append(value);
    holder.show = () => {
      const names = Object.keys(this.papers);
      if (select.options.length !== names.length + this.aspects.length + 1)
        select.replaceChildren(
          ...[
            ["", "Free"],
            ...names.map((name) => [name, name]),
            ...this.aspects.map((ratio) => [String(ratio), `1 : ${ratio}`]),
          ].map(([value, text]) => option(value, text)),
        );
      select.value = paperOf(this.papers, this.aspects, Number(this.values[wide]), Number(this.values[high]));
    };
  }

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makeSwitch(holder, row) {
    const box = el("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", holder.label);
    box.onchange = () => this.tell(holder, box.checked ? "1" : "0", true);
    row.prepend(box);
    holder.name.onclick = () => box.click();
    holder.show = (value) => {
      box.checked = value === "1";
    };
  }

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makeChoice(holder, row) {
    holder.show = this.segments(row, holder, holder.choices ?? [], (value) => this.tell(holder, value, true));
  }

  /** @param {HTMLElement} row @param {Knob} holder @param {[string, string][]} choices @param {(value: string) => void} chosen @returns {(value: string) => void} */
  segments(row, holder, choices, chosen) {
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

  /** @param {PlacedKnob} holder @param {HTMLElement} row */
  makeColor(holder, row) {
    const box = el("input");
    box.type = "color";
    box.setAttribute("aria-label", holder.label);
    const text = el("span", "unit");
    box.oninput = () => this.tell(holder, box.value.slice(1).toUpperCase(), false);
    box.onchange = () => this.act.settle();
    const value = el("span", "value");
    value.append(text, box);
    row.append(value);
    holder.show = (color) => {
      box.value = `#${color.toLowerCase()}`;
      text.textContent = `#${color}`;
    };
  }

  // Everything that Python tells: which knobs, fonts, presets and papers there are.
  /** @param {Pick<ViewerData, "groups" | "fonts" | "presets" | "papers" | "aspects" | "defaults">} data */
  know({ groups, fonts, presets, papers, aspects, defaults }) {
    if (!this.knobs.length) this.makeGroups(groups);
    this.fonts = fonts;
    this.papers = papers;
    this.aspects = aspects;
    this.defaults = defaults;
    if (JSON.stringify(presets) === JSON.stringify(this.presets)) return;
    this.presets = presets;
    this.preset.replaceChildren(
      option("", "Own settings"),
      ...presets.map((preset, index) => option(String(index), preset.name)),
    );
    // All notes lie over each other: their place is as high as the highest, whichever is shown.
    this.note.replaceChildren(...presets.map((preset) => el("span", "", preset.note)));
  }

  // `all`: also knobs whose value is the same, because fonts or papers may be others.
  /** @param {SettingValues} values @param {string} saveAddress @param {boolean} all */
  show(values, saveAddress, all = true) {
    this.values = values;
    for (const holder of this.knobs) {
      const shown = holder.sides
        ? holder.sides.map((key) => values[key]).join(" ")
        : holder.kind === "fonts"
          ? `${values.f} ${values[holder.key]}`
          : values[holder.key];
      if (all || holder.shown !== shown) holder.show(values[holder.key]);
      holder.shown = shown;
    }
    /** @param {Preset} preset */
    const same = (preset) => Object.keys(preset.values).every((key) => preset.values[key] === values[key]);
    const at = this.presets.findIndex(same);
    this.preset.value = at < 0 ? "" : String(at);
    [...this.note.children].forEach((one, index) => one.classList.toggle("now", index === at));
    this.saver.href = saveAddress;
  }

  // Settings may be drawn and still be none that Glyph ever saw.
  /** @param {string[]} words */
  warn(words) {
    this.outside.hidden = !words.length;
    this.outside.textContent = `Outside Glyph's training: ${words.join(" ")}`;
  }

  // What Python says of a link or a file stays until a knob is moved.
  /** @param {string} message */
  remark(message) {
    this.told.textContent = message;
    this.told.hidden = !message;
  }

  // A refusal marks every knob that it is about (`settings`: their keys, the one to change first) and is told at the one that
  // was moved last, where that is among them. What is about no knob is told on top.
  /** @param {string} message @param {string[]} settings */
  refuse(message, settings = []) {
    this.forgive();
    const named = this.knobs.filter((holder) => settings.includes(holder.key) && holder.kind !== "paper");
    named.forEach((holder) => this.mark(holder, true));
    const key = this.touched && settings.includes(this.touched.key) ? this.touched.key : settings[0];
    const holder = named.find((one) => one.key === key);
    const group = holder?.row.closest("details");
    if (group) group.open = true;
    const place = holder?.error ?? this.trouble;
    place.textContent = message;
    place.hidden = false;
  }

  /** @param {PlacedKnob} holder @param {boolean} refused */
  mark(holder, refused) {
    holder.row.classList.toggle("refused", refused);
    holder.row.querySelectorAll("input, select").forEach((one) => one.setAttribute("aria-invalid", String(refused)));
  }

  forgive() {
    [this.trouble, ...this.knobs.map((holder) => holder.error)].forEach((place) => {
      place.hidden = true;
    });
    this.knobs.forEach((holder) => this.mark(holder, false));
  }
}
