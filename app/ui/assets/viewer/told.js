// What Python told last, and what of the next telling is news: at a rerun it tells everything again.

class Told {
  /** @type {string | undefined} where this book's routes lie */
  base;
  revision = -1; // of the settings that Python changed
  readers = "";
  fonts = "";

  /** @param {Pick<ViewerData, "base" | "revision" | "reading" | "windows" | "gpu" | "fonts">} data */
  hear({ base, revision, reading, windows, gpu, fonts }) {
    const now = { base, revision, readers: JSON.stringify([reading, windows, gpu]), fonts: JSON.stringify(fonts) };
    const news = {
      first: this.base === undefined,
      book: this.base !== base,
      settings: this.revision !== revision,
      readers: this.readers !== now.readers,
      fonts: this.fonts !== now.fonts,
    };
    Object.assign(this, now);
    return news;
  }
}
