// Shared by the viewer's parts: elements without HTML strings, and requests of which only the newest matters.

function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function button(text, title, action, className) {
  const made = el("button", className, text);
  made.type = "button"; made.title = title; made.setAttribute("aria-label", title); made.onclick = action;
  return made;
}

const whole = (number) => Math.round(number).toLocaleString("en-US");
const fixed = (number, digits) => number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const secondsText = (s) => (s < 0.1 ? `${fixed(1000 * s, 0)} ms` : s < 10 ? `${fixed(s, 2)} s` : `${fixed(s, 1)} s`);
const megabytes = (bytes) => (bytes < 1e5 ? `${fixed(bytes / 1e3, 0)} KB` : `${fixed(bytes / 1e6, 1)} MB`);

class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

// At most one request in flight; of those that wait only the newest is sent. Answers to another book are dropped.
class Latest {
  constructor(send, show, fail) { this.send = send; this.show = show; this.fail = fail; this.busy = false; this.waiting = null; this.book = 0; }
  ask(request) { this.waiting = { ...request, asked: performance.now(), book: this.book }; this.pump(); }
  forget() { this.book += 1; this.waiting = null; }
  async pump() {
    if (this.busy || !this.waiting) return;
    const request = this.waiting;
    this.waiting = null; this.busy = true;
    try {
      const answer = await this.send(request);
      if (request.book === this.book) await this.show(answer, request);
    } catch (error) {
      if (!(error instanceof Refused)) console.error(error);
      if (request.book === this.book && !this.waiting) this.fail(error, request);
    } finally {
      this.busy = false;
      this.pump();
    }
  }
}

async function refusal(response) {
  let message = `The server answered ${response.status}.`;
  try { message = (await response.json()).error ?? message; } catch { /* not JSON: the status must do */ }
  return new Refused(response.status, message);
}

// 202 means that the reference engine is still drawing: {drawing: …}.
async function askJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw await refusal(response);
  return response.json();
}

function loaded(address) {
  return new Promise((done, failed) => {
    const picture = new Image();
    picture.decoding = "sync";
    picture.onload = () => done(picture);
    picture.onerror = () => failed(new Error("The page's picture could not be read."));
    picture.src = address;
  });
}

// `arrived` hears of a picture's last byte, before it is decoded. The browser decodes as it paints: pixels and everything
// else that changes with them come in one frame, and nothing waits for a second hop between threads.
async function askPicture(url, arrived = () => {}) {
  const response = await fetch(url, { priority: "high" });
  if (!response.ok) throw await refusal(response);
  if (response.status === 202) return response.json();
  const address = URL.createObjectURL(await response.blob());
  arrived();
  try {
    const picture = await loaded(address);
    const told = (name) => Number(response.headers.get(name));
    return { picture, page: told("X-Page"), grid: [told("X-Columns"), told("X-Rows")] };
  } finally {
    URL.revokeObjectURL(address);
  }
}
