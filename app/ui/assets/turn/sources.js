// What an answer says that the book says too: a line of words, a button for each quotation that opens its page with the
// passage marked, and what the book does not have. Found in the book is not the same as right, and nothing here says so.

class Sources {
  root = el("div", "sources");
  words = el("span", "found");
  pages = el("span", "pages");
  lost = el("span", "lost");

  constructor() {
    this.root.append(this.words, this.pages, this.lost);
    this.root.hidden = true;
  }

  /** `base`: where the book's pages are asked for; without it there is nothing to open.
   * @param {SourcesView | null | undefined} sources @param {string} base @param {Role} role
   */
  show(sources, base, role) {
    this.root.hidden = !sources;
    if (!sources) return;
    this.words.textContent = sources.words;
    this.pages.replaceChildren(
      ...sources.quoted
        .filter((one) => one.page)
        .map((one) => {
          const where = role === "text" && one.cut ? " (cut from the text model)" : "";
          const made = button(
            `page ${one.page}`,
            `Open page ${one.page}${where} with this passage marked: ${one.text}`,
            () => openPage(base, sources.query, one),
            "small",
          );
          made.disabled = !base;
          return made;
        }),
    );
    this.lost.textContent = sources.lost.length
      ? `Not in the book: ${sources.lost.map((words) => `“${words}”`).join(", ")}`
      : "";
    this.lost.hidden = !sources.lost.length;
  }
}

/** The page in a dialog, the passage's boxes over it. @param {string} base @param {string} query @param {Quoted} quoted */
async function openPage(base, query, { page, from, to, text }) {
  const dialog = el("dialog", "page"),
    head = el("div", "head"),
    sheet = el("div", "sheet"),
    middle = el("span", "spacer"),
    picture = new Image();
  const close = button("Close", "Close the page (Escape)", () => dialog.close());
  head.append(el("b", "", `Page ${page}`), middle, close);
  picture.alt = `Page ${page}. Marked: ${text}`;
  picture.src = `${base}/page.png?${query}&page=${page}&settled=1`;
  sheet.append(picture);
  dialog.append(head, sheet);
  dialog.onclose = () => dialog.remove();
  dialog.onclick = (click) => {
    if (click.target === dialog) dialog.close();
  };
  document.body.append(dialog);
  dialog.style.cssText =
    "max-width:min(96vw,60rem);max-height:94vh;padding:.8rem;border:none;border-radius:.6rem;background:#fff;color:#1c1b1a;overflow:auto";
  head.style.cssText =
    "display:flex;gap:1rem;align-items:center;position:sticky;top:0;background:#fff;padding-bottom:.4rem";
  middle.style.flex = "1";
  sheet.style.cssText = "position:relative";
  picture.style.cssText = "display:block;max-width:100%";
  dialog.showModal();
  try {
    const answer = await fetch(`${base}/marks.json?${query}&page=${page}&from=${from}&to=${to}`);
    if (!answer.ok) return;
    const { boxes } = await answer.json();
    await picture.decode();
    for (const [left, top, right, bottom] of boxes) {
      const mark = el("div"),
        share = (/** @type {number} */ a, /** @type {number} */ whole) => `${(100 * a) / whole}%`;
      mark.style.cssText = `position:absolute;background:#ffd54a88;outline:2px solid #c98a00;left:${share(left, picture.naturalWidth)};top:${share(top, picture.naturalHeight)};width:${share(right - left, picture.naturalWidth)};height:${share(bottom - top, picture.naturalHeight)}`;
      sheet.append(mark);
    }
    sheet.lastElementChild?.scrollIntoView({ block: "center" });
  } catch {
    middle.textContent = " The passage could not be marked.";
  }
}
