// The open book's pages and settings as files, drawn as they are shown.

const DOWNLOADS = [
  ["pages.zip", "Pages as ZIP"],
  ["pages.pdf", "PDF"],
  ["settings.json", "Settings"],
  ["manifest.json", "Manifest"],
];

class Downloads {
  root = el("div", "downloads");
  links = DOWNLOADS.map(([name, words]) => ({ name, link: el("a", "button", words) }));

  constructor() {
    this.root.append(el("span", "hint", "Download"));
    for (const { link } of this.links) {
      link.setAttribute("download", "");
      this.root.append(link);
    }
  }

  /** @param {(name: string) => string} address where a file of the settings on the screen lies */
  show(address) {
    this.links.forEach(({ name, link }) => {
      link.href = address(name);
    });
  }
}
