// The connection to the server: one frame in flight, and a way back after every interruption.

/** Close codes of the server (recognition/server/errors.py) that reconnecting alone can't cure. */
const CLOSE = Object.freeze({ TOKEN: 4401, REPLACED: 4409, GONE: 4410, TOO_MANY: 4429 });

/** Codes that ask for a person's decision: malformed, origin, replaced, too large, unreadable, too many. */
const FINAL = new Set([4400, 4403, CLOSE.REPLACED, 4413, 4422, CLOSE.TOO_MANY]);

/** Pause before a new attempt, in ms: doubles from the first to the last. */
const FIRST_PAUSE = 500;
const LAST_PAUSE = 8000;

/** An answer or a handshake that takes longer, in ms, will not come: the connection is dead without having closed. */
const PATIENCE = 10_000;

/**
 * @typedef {object} LinkEvents
 * @property {(message: object) => void} message a message of the server, see recognition/server/schema.py
 * @property {(milliseconds: number) => void} answered the frame in flight was answered, after this long
 * @property {(connected: boolean) => void} changed connected or lost; the link reconnects by itself
 * @property {(code: number, reason: string) => void} refused the server sent us away for good
 * @property {() => void} stale the token is no longer good: ask the page for a new one and call `renew`
 */

class Link {
  /**
   * @param {string} path of the endpoint on this host, like "/api/live"
   * @param {string} token
   * @param {LinkEvents} on
   */
  constructor(path, token, on) {
    this.path = path;
    this.token = token;
    this.on = on;
    this.usedToken = "";
    this.socket = null;
    this.connected = false;
    this.attempts = 0;
    this.timer = 0;
    this.seq = 0;
    this.inFlight = false;
    this.sentAt = 0;
    this.watchdog = 0;
    this.connect();
  }

  /** Whether the next frame may be sent. */
  get ready() {
    return this.connected && !this.inFlight;
  }

  /** Take the page's newest token; reconnects at once when the old one was refused. */
  renew(token) {
    if (token === this.token) return;
    this.token = token;
    if (!this.socket && this.usedToken) this.connect();
  }

  /** Reconnect now instead of waiting for the next attempt: the page is visible or the network is back. */
  wake() {
    if (!this.socket) this.connect();
  }

  /** @param {ArrayBuffer} jpeg */
  send(jpeg) {
    const frame = new Uint8Array(4 + jpeg.byteLength);
    this.seq = (this.seq + 1) >>> 0;
    new DataView(frame.buffer).setUint32(0, this.seq, true);
    frame.set(new Uint8Array(jpeg), 4);
    this.socket.send(frame);
    this.inFlight = true;
    this.sentAt = performance.now();
    this.expectLife();
  }

  /** @param {string} photo id of a photo of the round */
  discard(photo) {
    if (this.connected) this.socket.send(JSON.stringify({ type: "discard", photo }));
  }

  close() {
    clearTimeout(this.timer);
    this.drop();
    this.on = null;
  }

  connect() {
    clearTimeout(this.timer);
    this.usedToken = this.token;
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.search = new URLSearchParams({ token: this.token }).toString();
    const socket = new WebSocket(url);
    this.socket = socket;
    this.expectLife();
    socket.onmessage = ({ data }) => socket === this.socket && this.receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => socket === this.socket && this.lost(code, reason);
  }

  receive(message) {
    if (message.type === "hello") {
      this.connected = true;
      this.attempts = 0;
      clearTimeout(this.watchdog);
      this.on.changed(true);
    } else if (message.type === "error" && message.fatal) {
      return; // The close that follows says the same.
    } else if ((message.type === "result" && message.seq === this.seq) || message.type === "error") {
      this.inFlight = false;
      clearTimeout(this.watchdog);
      this.on.answered(performance.now() - this.sentAt);
    }
    this.on?.message(message);
  }

  lost(code, reason) {
    this.drop();
    this.on.changed(false);
    if (FINAL.has(code)) {
      this.on.refused(code, reason);
    } else if (code === CLOSE.TOKEN || code === CLOSE.GONE) {
      if (this.token !== this.usedToken) this.connect();
      else this.later(this.attempts === 0 ? 0 : this.pause(), () => this.askForToken());
    } else if (!document.hidden) {
      this.later(this.pause(), () => this.connect());
    } // A hidden page sends nothing, so it needs no connection: `wake` makes a new one.
  }

  /** The page may be reconnecting itself, so the question is repeated until a new token comes. */
  askForToken() {
    this.on.stale();
    this.later(this.pause(), () => this.askForToken());
  }

  later(milliseconds, action) {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, milliseconds);
  }

  pause() {
    // The jitter keeps many cameras from coming back in the same instant after a restart of the server.
    return Math.min(LAST_PAUSE, FIRST_PAUSE * 2 ** this.attempts++) * (0.8 + 0.4 * Math.random());
  }

  expectLife() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(1006, ""), PATIENCE);
  }

  drop() {
    clearTimeout(this.watchdog);
    const socket = this.socket;
    this.socket = null;
    this.connected = false;
    this.inFlight = false;
    socket?.close();
  }
}
