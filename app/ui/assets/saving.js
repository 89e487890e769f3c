// A file made in the browser, saved: nothing is sent anywhere.

/** @param {string} name @param {BlobPart} content @param {string} type */
function save(name, content, type) {
  const link = el("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
