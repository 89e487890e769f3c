// The whole book's figures: tiles, both windows, what is not worth it and what the font lacks. Values in, elements out.

const MUCH_MISSING = 0.02; // of the text: a ratio of pages that nobody can read is worth nothing
const LEAST_CONTRAST = 4.5; // of the web guidelines (WCAG 2.1, 1.4.3): the OCR program is blind to colour
const PAGES_HELP = "How many page images the book becomes at these settings.";
const PREFILL_HELP =
  "A projection, not a measurement: a roofline of both models on the named GPU, vision encoder included. First the text model, then Glyph.";
const SEND_HELP = "All pages as base64 in one request. By file:// address nothing but the addresses is sent.";

class Figures {
  windows = { text: 1, pages: 1 };
  told = ""; // the GPU that Python told last
  lacking = 0; // of the text
  perToken = 0; // bytes of PNG

  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.root = el("section", "figures");
    this.root.setAttribute("aria-label", "The whole book");
    this.tiles = el("div", "tiles");
    /** @param {string} label @param {string} help @param {string} [className] */
    const tile = (label, help, className) => {
      const box = el("div", `tile ${className ?? ""}`);
      const name = el("div", "label", label),
        about = why(label, help),
        value = el("div", "value", "–"),
        note = el("div", "note");
      name.append(about);
      box.append(name, value, note);
      this.tiles.append(box);
      return { box, label: name, about, value, note };
    };
    this.ratio = tile("Compression ratio", "Text tokens / visual tokens, over the whole book.", "lead");
    this.visual = tile("Visual tokens", "Cells of 28 × 28 px of every page after the model's own resize (Glm4v).");
    this.text = tile("Text tokens", "What the book costs as text: exact, Qwen tokenizer on this machine.");
    this.pages = tile("Pages", PAGES_HELP);
    this.prefill = tile("Prefill", PREFILL_HELP, "wide");
    this.clarity = tile("Print clarity", "How well the print can be read; told with the first figures.");
    this.send = tile("To send", SEND_HELP);
    this.fit = tile("Share of the window", "How much of each model's context window the book takes.", "wide");
    this.gpu = el("select");
    this.gpu.setAttribute("aria-label", "GPU of the projection");
    this.gpu.onchange = () => act.gpu();
    this.prefill.label.insertBefore(this.gpu, this.prefill.about).before(" on ");
    this.meters = ["text", "pages"].map((side) => {
      const row = el("div", `meter ${side}`),
        track = el("div", "track"),
        fill = el("div", "fill"),
        over = el("div", "over"),
        number = el("span", "number");
      track.append(fill, over);
      row.append(el("span", "name", sideName(side)), track, number);
      return { row, fill, over, number };
    });
    this.fit.value.replaceChildren(...this.meters.map((meter) => meter.row));
    this.gate = el("div", "notice warn");
    this.gate.setAttribute("role", "status");
    this.lacks = el("div", "notice warn");
    this.lacks.setAttribute("role", "status");
    this.gate.hidden = this.lacks.hidden = true;
    this.notices = [this.gate, this.lacks];
    this.root.append(this.tiles);
  }

  /** @param {ViewerData} data */
  know({ gpus, gpu, windows }) {
    this.windows = windows;
    if (this.gpu.options.length !== gpus.length)
      this.gpu.replaceChildren(
        ...gpus.map(({ id, name, short }) => {
          const choice = option(id, short);
          choice.setAttribute("aria-label", name);
          return choice;
        }),
      );
    if (this.told !== gpu) this.gpu.value = this.told = gpu; // chosen on another screen; else what was chosen here stays
  }

  /** @param {BookFigures} figures */
  show(figures) {
    const { ratio, visual_tokens: visual, text_tokens: text, pages, prefill } = figures;
    this.root.classList.remove("stale");
    this.ratio.value.textContent = `${fixed(ratio, 2)}×`;
    this.lacking = figures.missing_share ?? this.lacking;
    this.ratio.box.classList.toggle("bad", ratio < 1 || this.lacking > MUCH_MISSING);
    this.ratio.box.classList.toggle("doubtful", figures.untrained.length > 0);
    this.ratio.note.textContent =
      this.lacking > MUCH_MISSING
        ? `font lacks ${percent(this.lacking, 0)}`
        : figures.untrained.length
          ? "readable? not trained so"
          : ratio >= 1
            ? "text ÷ visual"
            : "pages cost more";
    this.visual.value.textContent = whole(visual);
    this.visual.note.textContent = pages.length ? `${whole(visual / pages.length)} a page` : "";
    this.text.value.textContent = whole(text);
    this.text.note.textContent = pages.length ? `${whole(text / pages.length)} a page` : "";
    this.pages.value.textContent = whole(pages.length);
    this.pages.note.textContent = figures.resampled ? "resized by the model: yes" : "resized by the model: no";
    this.pages.note.classList.toggle("good", !figures.resampled);
    const resizing = figures.resampled
      ? `${whole(figures.resampled)} pages have sides that are no multiples of 28 px: the model's processor resizes them. Snap them under Page and margins.`
      : "All sides are multiples of 28 px: the model sees exactly these pixels.";
    explain(this.pages.about, `${PAGES_HELP} ${resizing}`);
    this.prefill.value.replaceChildren(
      el("span", "of-text", prefill.text),
      " → ",
      el("span", "of-pages", prefill.pages),
    );
    this.prefill.note.textContent = `projected: ${prefill.sooner}${prefill.sent ? ` · text model ${prefill.sent}` : ""}`;
    explain(this.prefill.about, `${PREFILL_HELP} ${prefill.sentence}`);
    if (figures.png_bytes) this.perToken = figures.png_bytes.bytes / visual;
    if (this.perToken) {
      const exact = figures.png_bytes?.exact;
      this.send.value.textContent = `${exact ? "" : "≈\u00a0"}${megabytes((this.perToken * visual * 4) / 3)}`;
      if (figures.png_bytes)
        explain(
          this.send.about,
          `${SEND_HELP} ${exact ? "Every page was encoded." : `From ${figures.png_bytes.sampled} pages spread over the book.`}`,
        );
      this.send.note.textContent = "in base64";
    }
    this.showClarity(figures.clarity);
    this.meter(0, text, this.windows.text);
    this.meter(1, figures.visual_prompt_tokens, this.windows.pages);
    this.tell(ratio, figures);
  }

  /** Of the stored table while a knob moves; measured when it rests. @param {Clarity} clarity */
  showClarity({ misread, source, contrast, words }) {
    const { box, about, value, note } = this.clarity;
    value.textContent = misread;
    note.textContent = `misread by OCR · ${source}`;
    explain(about, `${words} Contrast of the text against its page: ${fixed(contrast, 1)} : 1.`);
    box.classList.toggle("bad", contrast < LEAST_CONTRAST);
    if (contrast < LEAST_CONTRAST) note.textContent = `contrast ${fixed(contrast, 1)} : 1 · ${source}`;
  }

  /** @param {number} index @param {number} tokens @param {number} window */
  meter(index, tokens, window) {
    const { row, fill, over, number } = this.meters[index],
      share = tokens / window;
    fill.style.width = `${100 * Math.min(1, share > 1 ? 1 / share : share)}%`;
    over.style.width = share > 1 ? `${100 * (1 - 1 / share)}%` : "0";
    number.textContent = share > 1 ? `${fixed(share, 2)}×` : percent(share, 0);
    explain(
      row,
      `${whole(tokens)} tokens of a window of ${whole(window)}${share > 1 ? ": does not fit; shown for comparison" : ""}`,
    );
    row.classList.toggle("long", share > 1);
  }

  /** @param {number} ratio @param {BookFigures} figures */
  tell(ratio, figures) {
    this.gate.hidden = ratio >= 1.05;
    if (!this.gate.hidden) {
      this.gate.textContent =
        ratio < 1
          ? `Not worth it at these settings: the pages cost ${fixed(1 / ratio, 2)} times the tokens of the text. Send the text instead, or lower the DPI or the font size.`
          : "Hardly worth it at these settings: the pages cost about as many tokens as the text.";
    }
    const { missing = [], missing_share: missingShare = 0, missing_kinds: kinds = 0 } = figures;
    if (figures.missing_total === undefined) return;
    this.lacks.hidden = figures.missing_total === 0;
    if (figures.missing_total) {
      const few = missing.map(([character, code, count]) => `${character} ${code} (${whole(count)}×)`).join(", ");
      const share = missingShare < 0.001 ? `less than ${united(0.1, "%")}` : percent(missingShare, 1);
      const places = `${whole(figures.missing_total)} place${figures.missing_total === 1 ? "" : "s"} (${share} of it)`;
      this.lacks.replaceChildren(
        `This font lacks ${whole(kinds)} of the book's characters; ${places} will show a box or nothing, which no model can read: ${few}${kinds > missing.length ? ", …" : ""}. Choose a font that covers them`,
      );
      const { cure } = figures;
      if (!cure) this.lacks.append(".");
      else if (cure.changes.f)
        this.lacks.append(
          ": ",
          button(`draw the book with ${cure.family}`, `It has ${whole(cure.covers)} of the ${places}.`, () =>
            this.act.change(cure.changes, true),
          ),
        );
      else
        this.lacks.append(
          ", or ",
          button(
            `take ${cure.covers === figures.missing_total ? "them" : whole(cure.covers)} from ${cure.family}`,
            "Ours, not Glyph's: characters that the font lacks come from another one. The reference engine draws such pages, more slowly.",
            () => this.act.change(cure.changes, true),
          ),
          ".",
        );
    }
  }
}
