// Requests of which only the newest matters, and what the preview routes answer.

class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {string[]} [settings] keys of the settings that it is about, the one to change first
   */
  constructor(status, message, settings = []) {
    super(message);
    this.status = status;
    this.settings = settings;
  }
}

// At most one request in flight; of those that wait only the newest is sent. Answers to another book are dropped.
/**
 * @template {object} Ask
 * @template Answer
 */
class Latest {
  /**
   * @param {(request: Ask, signal: AbortSignal) => Answer | Promise<Answer>} send
   * @param {(answer: Answer, request: Ask & { asked: number }) => void | Promise<void>} show
   * @param {(error: any, request: Ask) => void} fail told only where no newer request waits
   */
  constructor(send, show, fail) {
    this.send = send;
    this.show = show;
    this.fail = fail;
    this.busy = false;
    /** @type {(Ask & { asked: number, book: number }) | null} */
    this.waiting = null;
    this.book = 0;
    this.leaving = new AbortController();
  }

  /** @param {Ask} request */
  ask(request) {
    this.waiting = { ...request, asked: performance.now(), book: this.book };
    this.pump();
  }

  /** Another book: what is on its way is shown no more. */
  forget() {
    this.book += 1;
    this.waiting = null;
  }

  /** Nobody waits for it any more: the server is told so by the closed connection, and stops. */
  leave() {
    this.waiting = null;
    this.leaving.abort();
  }

  /** @returns {Promise<void>} */
  async pump() {
    if (this.busy || !this.waiting) return;
    const request = this.waiting;
    this.waiting = null;
    this.busy = true;
    const { signal } = (this.leaving = new AbortController());
    try {
      const answer = await this.send(request, signal);
      if (request.book === this.book) await this.show(answer, request);
    } catch (error) {
      if (!signal.aborted && !(error instanceof Refused)) console.error(error);
      if (!signal.aborted && request.book === this.book && !this.waiting) this.fail(error, request);
    } finally {
      this.busy = false;
      this.pump();
    }
  }
}

/** @param {Response} response */
async function refusal(response) {
  const plain = `The server answered ${response.status}.`;
  try {
    const { error, settings } = await response.json();
    return new Refused(response.status, error ?? plain, settings);
  } catch {
    return new Refused(response.status, plain); // not JSON: the status must do
  }
}

// 202 means that the reference engine is still drawing: {drawing: …}.
/** @param {string} url @param {AbortSignal} [signal] @returns {Promise<any>} */
async function askJson(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/**
 * A `Latest` of an address that answers JSON. Where nobody is told, a refusal of it is left to the picture's, which is about the
 * same settings.
 * @template {Asking} Ask
 * @template Answer
 * @param {(answer: Answer, request: Ask & { asked: number }) => void | Promise<void>} show
 * @param {(error: any, request: Ask) => void} [fail]
 * @returns {Latest<Ask, Answer>}
 */
function latestJson(show, fail = () => {}) {
  return new Latest(({ url }, signal) => askJson(url, signal), show, fail);
}

/**
 * A `Latest` of a page's picture.
 * @template {Asking} Ask
 * @param {(answer: PictureAnswer, request: Ask & { asked: number }) => void | Promise<void>} show
 * @param {(error: any, request: Ask) => void} fail
 * @returns {Latest<Ask, PictureAnswer>}
 */
function latestPicture(show, fail) {
  return new Latest(({ url }) => askPicture(url), show, fail);
}

// The browser decodes as it paints: the pixels and what changes with them come in one frame, with no hop between threads.
/** @param {string} url @returns {Promise<HTMLImageElement>} */
function loaded(url) {
  return new Promise((done, failed) => {
    const picture = new Image();
    picture.decoding = "sync";
    picture.fetchPriority = "high";
    picture.onload = () => done(picture);
    picture.onerror = () => failed(new Error("The page's picture could not be read."));
    picture.src = url;
  });
}

// {picture}, or {drawing} while the reference engine is at work. The address goes straight into the picture, because bytes
// that pass through a script's hands are painted some 10 ms later; only where that fails the answer is read for its reason.
/** @param {string} url @returns {Promise<{ picture: HTMLImageElement, drawing?: undefined } | (StillDrawing & { picture?: undefined })>} */
async function askPicture(url) {
  try {
    return { picture: await loaded(url) };
  } catch {
    const response = await fetch(url);
    if (!response.ok) throw await refusal(response);
    if (response.status === 202) return response.json();
    return { picture: await loaded(url) }; // drawn in between; what is no picture now either is told as before
  }
}

/** Settings as a link spells them; what is as usual is left out. @param {SettingValues} values @param {SettingValues} usual */
function settingsQuery(values, usual) {
  const query = new URLSearchParams();
  Object.keys(values)
    .sort()
    .forEach((key) => {
      if (values[key] !== usual[key]) query.set(key, values[key]);
    });
  return query.toString();
}

/** @param {string} address @param {string} query @param {Record<string, string | number>} more */
function settingsUrl(address, query, more) {
  const all = new URLSearchParams(query);
  Object.entries(more).forEach(([key, value]) => all.set(key, String(value)));
  return `${address}?${all}`;
}
