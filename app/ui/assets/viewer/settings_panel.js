// The settings panel: every knob holds one short key of the settings; moving one tells the viewer at once. Which knobs there
// are, what they are called and how far they go comes from Python's one table of settings; their inputs from knob_inputs.js.

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
    this.saver.setAttribute("aria-label", this.saver.title);
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
    KNOB_INPUTS[knob.kind](this, holder, row);
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

  /** In a few words. @param {SettingValues} values */
  short(values) {
    const font = this.fonts.find((one) => one.token === values.f);
    return `${united(values.d, "dpi")}, ${font ? font.family : values.f} ${values.s}/${values.l}`;
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
