// What of an answer stands in the book: a quiet line that opens the list of its names, numbers and quotations, each with a
// button that opens its page with the passage marked. In the book is not the same as true, and nothing here says so.

class CheckedAnswer {
  root = el("details", "checked");
  words = el("summary");
  list = el("ul");
  caveat = el("p");
  shown = "";

  constructor() {
    this.root.append(this.words, this.list, this.caveat);
    this.root.hidden = true;
  }

  /** `base`: where the book's pages are asked for; without it there is nothing to open.
   * @param {CheckedView | null | undefined} checked @param {string} base
   */
  show(checked, base) {
    this.root.hidden = !checked;
    const now = JSON.stringify([checked, base]);
    if (!checked || now === this.shown) return; // what somebody reads or points at is not drawn anew
    this.shown = now;
    this.words.textContent = checked.words;
    this.caveat.textContent = checked.caveat;
    this.list.replaceChildren(...checked.claims.map((one) => claimRow(one, checked.query, base)));
  }
}

/** @param {Claim} claim @param {string} query @param {string} base */
function claimRow(claim, query, base) {
  const row = el("li", claim.found.replace(" ", "-")),
    sign = el("span", "sign", claim.sign),
    words = el("span", "claim", claim.text);
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", claim.found);
  explain(sign, `${claim.kind}, ${claim.found}`);
  row.append(sign, words);
  if (claim.page && base)
    row.append(
      button(
        `page ${claim.page}`,
        `Open page ${claim.page} with this passage marked: ${claim.text}`,
        () => openPage(base, query, claim),
        "small",
      ),
    );
  if (claim.note) row.append(el("span", "how", claim.note));
  return row;
}

/** The page in a dialog, the passage's boxes over it. @param {string} base @param {string} query @param {Claim} claim */
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
  close.style.cssText =
    "font:inherit;font-weight:600;color:inherit;background:none;border:1px solid #0004;border-radius:.5rem;padding:.3rem .9rem;cursor:pointer";
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
