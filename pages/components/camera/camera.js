// The component: the camera, its picture, its controls. Joined with the other scripts into one module.

/** Frames are shrunk to this longer side before they are sent: faces worth naming are still large enough. */
const SENT_SIDE = 640;
const SENT_QUALITY = 0.85;

/** Pauses in ms between frames: after a problem, and while a finished round only waits to be looked at. */
const AFTER_TROUBLE = 500;
const AFTER_COMPLETE = 500;

/** The guidance changes at most this often, in ms, so that it can be read. */
const GUIDANCE_PACE = 500;

/** The span of the frame rate shown, and how often the numbers change, in ms. */
const RATE_SPAN = 2000;
const NUMBERS_PACE = 500;

/** In CSS pixels: below the picture a bar; around it on the page; beside or below it who is in view; what it keeps. */
const BAR = 56;
const MARGIN = 16;
const GAP = 20;
const BESIDE = 224;
const BELOW = 88;
const LEAST = 220;

const REMEMBERED = "familiar.camera";

const PROMISES = {
  live: "Pictures go only to the server this app runs on. None is stored unless you name somebody in them.",
  maps: "Pictures go only to the server this app runs on. None of them is stored.",
  guess: "Pictures go only to the server this app runs on. None of them is stored.",
  enroll: "Pictures go only to the server this app runs on. Only the photos you keep are stored.",
};

const POSES = { straight: "Straight", left: "Left", right: "Right", up: "Up", down: "Down" };

/** A head that looks that way, as its mirror image does. */
const TURNS = {
  straight: "M12 3.5a6.5 8.5 0 1 0 .01 0M9.5 10.5v.01M14.5 10.5v.01M9.8 15.5a3.4 3.4 0 0 0 4.4 0",
  left: "M12 3.5a6.5 8.5 0 1 0 .01 0M7.5 10.5v.01M11.5 10.5v.01M7.6 15.5a3 3 0 0 0 3.6 0",
  right: "M12 3.5a6.5 8.5 0 1 0 .01 0M12.5 10.5v.01M16.5 10.5v.01M12.8 15.5a3 3 0 0 0 3.6 0",
  up: "M12 3.5a6.5 8.5 0 1 0 .01 0M9.5 8v.01M14.5 8v.01M9.8 12.5a3.4 3.4 0 0 0 4.4 0",
  down: "M12 3.5a6.5 8.5 0 1 0 .01 0M9.5 13v.01M14.5 13v.01M9.8 17.5a3.4 3.4 0 0 0 4.4 0",
};

/** Every failure a person can do something about: what happened, and what to do. */
const TROUBLES = {
  insecure: [
    "The camera needs a secure page",
    "Browsers lend the camera only to pages opened with https://, or on the same machine as http://localhost.",
  ],
  unsupported: ["This browser can't use a camera here", "Open this page in a current Chrome, Edge, Firefox or Safari."],
  denied: [
    "The camera is blocked for this page",
    "Click the icon beside the address, allow the camera, then try again. If it stays blocked, the system's privacy " +
      "settings may forbid it to the browser.",
  ],
  missing: ["No camera found", "Connect a camera, then try again."],
  busy: ["The camera is busy", "Another program or window seems to use it. Close it there, then try again."],
  ended: ["The camera was disconnected", "It was unplugged, or the system took it back. Connect it, then try again."],
  failed: ["The camera didn't start", "Unplug it and plug it in again, or choose another one, then try again."],
  replaced: ["This camera goes on in another window", "Try again to bring it back here."],
  full: ["Too many cameras are connected", "Stop one in another window or wait a moment, then try again."],
  refused: ["The server turned this camera away", "Reload the page, then try again."],
};

const CAMERA_ERRORS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

const STATES = { starting: "Starting…", live: "Live", reconnecting: "Reconnecting…", paused: "Paused" };

/**
 * One camera on one page. `root.dataset` tells, for tests and styles only: `state` (off, starting, live, reconnecting,
 * paused, trouble), `trouble` (a key of TROUBLES), `fps`, `latency` (ms), `seq` (the newest answered frame), `names` (in
 * view, comma-separated, "?" for unknown), `connects` (times the server said hello), `photos` (count), `next` (the pose
 * asked for), `guidance` (its code), `guess` (the most probable class).
 */
class Camera {
  /** @param {HTMLElement} root the component's section */
  constructor(root) {
    this.root = root;
    this.parts = Object.fromEntries(
      ["stage", "notice", "guidance", "welcome", "start", "promise", "trouble", "retry", "bar", "word", "fps", "latency"]
        .concat(["chooser", "flip", "fill", "stop", "photos", "flash", "guess", "seen"])
        .map((name) => [name, root.querySelector(`.${name}`)]),
    );
    this.video = root.querySelector("video");
    this.overlay = new Overlay(root.querySelector("canvas"));
    this.guesses = new Guesses(this.parts.guess);
    this.seen = new Seen(this.parts.seen, (id) => this.pick(id));
    /** How often the page has called; a cleanup of an older call must not end a newer one. */
    this.calls = 0;
    /** @type {MediaStream|null} */
    this.stream = null;
    /** @type {Link|null} */
    this.link = null;
    this.starts = 0;
    this.connects = 0;
    /** @type {{photos: string[], complete: boolean}} what the server last told of the round */
    this.taken = { photos: [], complete: false };
    this.reported = "";
    this.answers = [];
    this.ratio = 16 / 9;
    this.forgetFrames();

    this.listeners = new AbortController();
    const listen = (target, event, action) => target.addEventListener(event, action, { signal: this.listeners.signal });
    listen(this.parts.start, "click", () => this.start());
    listen(this.parts.retry, "click", () => this.start());
    listen(this.parts.stop, "click", () => this.stop());
    listen(this.parts.flip, "click", () => this.flip());
    listen(this.parts.chooser, "change", () => this.choose(this.parts.chooser.value));
    listen(this.parts.fill, "click", () => this.fill());
    listen(this.overlay.canvas, "pointermove", (event) => this.overlay.point(event));
    listen(this.overlay.canvas, "pointerleave", () => this.overlay.point(null));
    listen(this.overlay.canvas, "click", (event) => this.pick(this.overlay.appearanceAt(event)));
    listen(this.video, "resize", () => this.fit());
    listen(window, "resize", () => this.arrange());
    listen(document, "fullscreenchange", () => this.arrange());
    // Not at once: arranging changes the height of what is being observed.
    this.watcher = new ResizeObserver(() => requestAnimationFrame(() => this.arrange()));
    this.watcher.observe(root);
    listen(document, "visibilitychange", () => {
      // Not in `turn`, which a lost connection also calls: that would skip the pause before the next attempt.
      if (!document.hidden) this.link?.wake();
      this.turn();
    });
    listen(window, "online", () => this.link?.wake());
    if (navigator.mediaDevices) listen(navigator.mediaDevices, "devicechange", () => this.stream && this.listCameras());
  }

  /** Take the page's newest arguments. Called on every rerun; never touches a running camera. */
  update({ data, setStateValue, setTriggerValue }) {
    this.calls += 1;
    this.setStateValue = setStateValue;
    this.setTriggerValue = setTriggerValue;
    this.kind = data.kind;
    this.path = data.path;
    this.token = data.token;
    if (!this.reported) {
      this.reported = JSON.stringify(data.reported);
      this.taken = { photos: data.reported.photos, complete: data.reported.complete };
      this.report();
    }
    this.root.dataset.kind = data.kind;
    this.parts.promise.textContent = PROMISES[data.kind];
    this.parts.guess.hidden = data.kind !== "guess";
    this.parts.fill.hidden = !document.fullscreenEnabled;
    this.arrange();
    // A camera that is connected hears of its round sooner from the server.
    if (data.round && !this.link) this.showRound(data.round);
    this.link?.renew(data.token);
    this.overlay.readTheme();
    this.root.style.setProperty("--on-primary", readableOn(this.overlay.accent));
  }

  /** Tell the page, which reruns, but only what it doesn't know yet. */
  report() {
    const state = { running: this.stream !== null, ...this.taken };
    const text = JSON.stringify(state);
    if (text === this.reported) return;
    this.reported = text;
    this.setStateValue("state", state);
  }

  dispose() {
    this.listeners.abort();
    this.watcher.disconnect();
    this.halt();
  }

  // ---- starting and stopping ----

  async start(wanted = remembered()) {
    this.halt();
    const run = ++this.starts;
    this.show("starting");
    if (!window.isSecureContext) return this.fail("insecure");
    if (!navigator.mediaDevices?.getUserMedia) return this.fail("unsupported");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: { ideal: "user" }, ...wanted },
      });
    } catch (error) {
      if (run === this.starts) this.fail(CAMERA_ERRORS[error.name] ?? "failed");
      return;
    }
    // Stopped, restarted or removed from the page while the browser was asking for permission.
    if (run !== this.starts) return stopTracks(stream);
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => this.stream === stream && this.fail("ended"));
    // Beside live maps, which are not mirrored, so that the network's pictures and the camera's are alike.
    this.overlay.mirrored = this.kind !== "maps" && track.getSettings().facingMode !== "environment";
    this.root.toggleAttribute("data-mirrored", this.overlay.mirrored);
    this.root.toggleAttribute("data-filming", true);
    this.video.srcObject = stream;
    this.video.play().catch(() => {}); // Rejected only when the stream is replaced meanwhile.
    this.link = new Link(this.path, this.token, {
      message: (message) => this.receive(message),
      answered: (milliseconds) => this.count(milliseconds),
      changed: (connected) => this.connected(connected),
      refused: (code, reason) => this.refused(code, reason),
      stale: () => this.setTriggerValue("renew", Date.now()),
    });
    this.watch(stream);
    this.animate(stream);
    this.numbers = setInterval(() => this.tell(), NUMBERS_PACE);
    await this.listCameras();
    this.report();
  }

  stop() {
    this.halt();
    this.show("off");
    this.parts.start.focus();
    this.report();
  }

  fail(trouble, text = TROUBLES[trouble][1]) {
    this.halt();
    this.parts.trouble.querySelector(".title").textContent = TROUBLES[trouble][0];
    this.parts.trouble.querySelector(".text").textContent = text;
    this.show("trouble", trouble);
    this.report();
  }

  /** Let go of the camera and the server. */
  halt() {
    this.starts += 1;
    this.link?.close();
    this.link = null;
    if (this.stream) stopTracks(this.stream);
    this.stream = null;
    this.video.srcObject = null;
    clearInterval(this.numbers);
    clearTimeout(this.pumpTimer);
    clearTimeout(this.guidanceTimer);
    this.forgetFrames();
    this.overlay.clear();
    this.guesses.clear();
    this.seen.leave();
    this.setGuidance(null);
    this.root.removeAttribute("data-filming");
  }

  forgetFrames() {
    this.fresh = false;
    this.encoding = false;
    this.notBefore = 0;
    this.answers = [];
    this.latency = 0;
    this.guidanceSince = 0;
  }

  /** @param {"off"|"starting"|"live"|"reconnecting"|"paused"|"trouble"} state */
  show(state, trouble = "") {
    const { parts, root } = this;
    root.dataset.state = state;
    root.dataset.trouble = trouble;
    parts.welcome.hidden = state !== "off" && !(state === "starting" && !this.stream);
    parts.start.disabled = state === "starting";
    parts.start.querySelector("span").textContent = state === "starting" ? "Waiting for the camera…" : "Start camera";
    parts.trouble.hidden = state !== "trouble";
    parts.bar.hidden = !this.stream;
    parts.word.textContent = STATES[state] ?? "";
    parts.notice.textContent = state === "reconnecting" ? "Reconnecting to the server…" : "";
    parts.notice.hidden = state !== "reconnecting";
    for (const button of parts.photos.querySelectorAll("button")) button.disabled = state !== "live";
  }

  // ---- the server ----

  connected(connected) {
    if (connected) this.root.dataset.connects = String((this.connects += 1));
    if (!connected) {
      this.overlay.show({ size: [1, 1], faces: [] });
      this.seen.leave();
    }
    this.turn();
  }

  refused(code, reason) {
    if (code === CLOSE.REPLACED) this.fail("replaced");
    else if (code === CLOSE.TOO_MANY) this.fail("full");
    else this.fail("refused", reason || undefined);
  }

  receive(message) {
    if (message.type === "result") {
      this.overlay.show(message);
      this.root.dataset.seq = String(message.seq);
      this.root.dataset.names = message.faces.map((face) => face.name ?? "?").join(",");
      this.setGuidance(message.guidance);
      this.seen.see(message.faces);
      if (message.guess) this.showGuess(message.guess);
    } else if (message.type === "round") {
      this.showRound(message);
    } else if (message.type === "appearances") {
      const first = this.parts.seen.hidden;
      this.seen.take(message);
      if (first) this.arrange();
    } else if (message.type === "hello" && message.kind === "live") {
      this.overlay.round = null;
      this.showPhotos([]);
    } else if (message.type === "error") {
      this.notBefore = performance.now() + AFTER_TROUBLE;
      this.setGuidance({ code: message.code, text: message.text, good: false });
    }
    this.pump();
  }

  /** Connection or visibility changed: show it, go on if we can. */
  turn() {
    if (!this.stream) return;
    if (document.hidden) this.show("paused");
    else if (this.link.connected) this.show("live");
    else this.show(this.connects && this.root.dataset.state !== "starting" ? "reconnecting" : "starting");
    this.pump();
  }

  // ---- frames out ----

  /** Note every new frame of the video, at the video's own pace. */
  watch(stream) {
    const { video } = this;
    let time = -1;
    const next = () => {
      if (this.stream !== stream) return;
      if (video.requestVideoFrameCallback || video.currentTime !== time) {
        time = video.currentTime;
        this.fresh = true;
        this.pump();
      }
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(next);
      else requestAnimationFrame(next);
    };
    next();
  }

  /** Send the newest frame if the last one was answered. */
  async pump() {
    clearTimeout(this.pumpTimer);
    const { stream, video, link } = this;
    if (!stream || !this.fresh || this.encoding || !link.ready || document.hidden || !video.videoWidth) return;
    const rest = this.notBefore - performance.now();
    if (rest > 0) {
      this.pumpTimer = setTimeout(() => this.pump(), rest);
      return;
    }
    this.fresh = false;
    this.encoding = true;
    const jpeg = await this.grab();
    if (this.stream !== stream) return;
    this.encoding = false;
    if (jpeg && link.ready) link.send(jpeg);
    if (this.taken.complete) this.notBefore = performance.now() + AFTER_COMPLETE;
  }

  /** The current frame as a JPEG, not mirrored. @returns {Promise<ArrayBuffer|null>} null if the browser can't */
  async grab() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, SENT_SIDE / Math.max(videoWidth, videoHeight));
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (this.paper?.width !== width || this.paper?.height !== height) {
      // Older Safari has no OffscreenCanvas.
      this.paper = window.OffscreenCanvas
        ? new OffscreenCanvas(width, height)
        : Object.assign(document.createElement("canvas"), { width, height });
    }
    this.paper.getContext("2d", { alpha: false, willReadFrequently: true }).drawImage(this.video, 0, 0, width, height);
    const options = { type: "image/jpeg", quality: SENT_QUALITY };
    const blob = await (this.paper.convertToBlob
      ? this.paper.convertToBlob(options).catch(() => null)
      : new Promise((done) => this.paper.toBlob(done, options.type, options.quality)));
    return blob?.arrayBuffer() ?? null;
  }

  // ---- what is shown ----

  /** Give the stage the video's own shape. */
  fit() {
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth && videoHeight) this.ratio = videoWidth / videoHeight;
    this.arrange();
  }

  /** Make the picture as large as there is room, with who is in view beside or below it, whichever leaves it more. */
  arrange() {
    const { root, parts } = this;
    const filled = this.isFilled;
    root.classList.toggle("filled", filled);
    parts.fill.setAttribute("aria-pressed", String(filled));
    const width = root.clientWidth - (filled ? 2 * MARGIN : 0);
    if (!width) return; // Not on the page yet, or not any more.
    const high = window.innerHeight - (filled ? MARGIN : topOf(root)) - MARGIN - (this.kind === "guess" ? 0 : BAR);
    const listed = !parts.seen.hidden;
    const beside = listed && width > 2 * BESIDE ? Math.min(width - BESIDE - GAP, high * this.ratio) : 0;
    const room = Math.max(LEAST, high - (listed ? BELOW : this.kind === "enroll" ? BELOW + GAP : 0));
    const below = Math.min(width, room * this.ratio);
    root.dataset.layout = listed ? (beside >= below ? "beside" : "below") : "alone";
    root.style.setProperty("--ratio", String(this.ratio));
    root.style.setProperty("--width", `${Math.floor(beside >= below ? beside : below)}px`);
  }

  get isFilled() {
    return this.root.getRootNode().fullscreenElement === this.root;
  }

  async fill() {
    if (this.isFilled) await document.exitFullscreen();
    else await this.root.requestFullscreen().catch(() => {}); // The browser may forbid it.
  }

  /** Tell the page which row somebody wants to know more of. @param {number|null} id */
  async pick(id) {
    if (id === null || this.parts.seen.hidden) return;
    // What the page answers would be behind it.
    if (this.isFilled) await document.exitFullscreen();
    this.setTriggerValue("chosen", id);
  }

  animate(stream) {
    const next = (now) => {
      if (this.stream !== stream) return;
      this.overlay.draw(now);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }

  count(milliseconds) {
    this.answers.push(performance.now());
    this.latency = this.latency ? 0.8 * this.latency + 0.2 * milliseconds : milliseconds;
  }

  tell() {
    const since = performance.now() - RATE_SPAN;
    this.answers = this.answers.filter((at) => at > since);
    const span = this.answers.length > 1 ? this.answers.at(-1) - this.answers[0] : 0;
    const fps = span ? ((this.answers.length - 1) / span) * 1000 : 0;
    this.root.dataset.fps = fps.toFixed(1);
    this.root.dataset.latency = this.latency.toFixed(0);
    this.parts.fps.textContent = fps ? fps.toFixed(0) : "–";
    this.parts.latency.textContent = fps ? this.latency.toFixed(0) : "–";
    this.seen.tell();
  }

  /** Show the newest guidance, but let each be read: a change waits until the last one stood for a while. */
  setGuidance(guidance) {
    this.guidanceWanted = guidance;
    clearTimeout(this.guidanceTimer);
    const show = () => {
      const { guidance: banner } = this.parts;
      const wanted = this.guidanceWanted;
      this.root.dataset.guidance = wanted?.code ?? "";
      banner.hidden = !wanted?.text;
      banner.classList.toggle("good", wanted?.good === true);
      if (banner.textContent !== (wanted?.text ?? "")) {
        banner.textContent = wanted?.text ?? "";
        this.guidanceSince = performance.now();
      }
    };
    const rest = this.guidanceSince + GUIDANCE_PACE - performance.now();
    if (rest > 0 && this.stream) this.guidanceTimer = setTimeout(show, rest);
    else show();
  }

  /** @param {Guess} guess */
  showGuess(guess) {
    this.guesses.show(guess);
    this.root.dataset.guess = guess.probabilities.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
  }

  /** @param {Round} round */
  showRound(round) {
    const grown = this.overlay.round && round.photos.length > this.overlay.round.photos.length;
    this.overlay.round = round;
    if (grown) this.flash();
    this.root.dataset.photos = String(round.photos.length);
    this.root.dataset.next = round.wanted_next ?? "";
    this.notBefore = 0;
    this.showPhotos(round.photos);
    this.showMissing(round);
    this.taken = { photos: round.photos.map((photo) => photo.id), complete: round.complete };
    this.report();
  }

  flash() {
    const { flash } = this.parts;
    flash.classList.remove("on");
    void flash.offsetWidth; // Restarts the animation when two photos follow each other.
    flash.classList.add("on");
  }

  /** Add what is new, remove what is gone; what stays isn't touched, so nothing flickers and focus is kept. */
  showPhotos(photos) {
    const list = this.parts.photos;
    const wanted = new Set(photos.map((photo) => photo.id));
    const shown = new Set();
    for (const item of [...list.children]) {
      if (wanted.has(item.dataset.photo)) shown.add(item.dataset.photo);
      else item.remove();
    }
    for (const photo of photos) if (!shown.has(photo.id)) list.append(this.photoItem(photo));
    list.hidden = photos.length === 0;
  }

  /** A place for each photo that is still wanted; the next one stands out. @param {Round} round */
  showMissing({ wanted, taken, wanted_next, photos }) {
    const list = this.parts.photos;
    for (const place of list.querySelectorAll(".place")) place.remove();
    const missing = Object.keys(wanted).flatMap((pose) => Array(Math.max(0, wanted[pose] - (taken[pose] ?? 0))).fill(pose));
    const total = Object.values(wanted).reduce((sum, number) => sum + number, 0);
    for (const pose of missing.slice(0, Math.max(0, total - photos.length))) {
      const place = document.createElement("li");
      place.className = "place";
      place.classList.toggle("next", pose === wanted_next && !list.querySelector(".next"));
      place.innerHTML = '<div><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path /></svg></div><span></span>';
      place.querySelector("path").setAttribute("d", TURNS[pose]);
      place.querySelector("span").textContent = POSES[pose];
      list.append(place);
    }
    list.hidden = list.children.length === 0;
  }

  photoItem({ id, pose, thumbnail }) {
    const item = document.createElement("li");
    item.dataset.photo = id;
    const image = document.createElement("img");
    image.src = thumbnail;
    image.alt = `Photo: ${POSES[pose].toLowerCase()}`;
    const caption = document.createElement("span");
    caption.textContent = POSES[pose];
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.disabled = this.root.dataset.state !== "live";
    button.setAttribute("aria-label", `Discard this photo (${POSES[pose].toLowerCase()})`);
    button.addEventListener("click", () => {
      const neighbour = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
      neighbour?.focus();
      this.link?.discard(id);
    });
    item.append(image, caption, button);
    return item;
  }

  // ---- which camera ----

  /** Offer the cameras; their names are known only after permission was given. */
  async listCameras() {
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    if (!this.stream) return;
    const cameras = devices.filter((device) => device.kind === "videoinput" && device.deviceId);
    const current = this.stream.getVideoTracks()[0].getSettings().deviceId;
    this.parts.chooser.replaceChildren(
      ...cameras.map(({ deviceId, label }, i) => new Option(label || `Camera ${i + 1}`, deviceId, false, deviceId === current)),
    );
    this.parts.chooser.hidden = cameras.length < 2;
    this.parts.flip.hidden = cameras.length < 2 || !window.matchMedia("(pointer: coarse)").matches;
  }

  choose(deviceId) {
    remember(deviceId);
    this.start({ deviceId: { ideal: deviceId }, facingMode: undefined });
  }

  flip() {
    remember("");
    this.start({ facingMode: { ideal: this.overlay.mirrored ? "environment" : "user" } });
  }
}

/** How far below the top of the unscrolled page an element begins. */
function topOf(element) {
  let top = element.getBoundingClientRect().top;
  for (let node = element.getRootNode().host ?? element; node; node = node.parentElement) top += node.scrollTop;
  return top;
}

function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** The camera chosen last, as constraints. Storage can be forbidden; then nothing is remembered. */
function remembered() {
  try {
    const deviceId = localStorage.getItem(REMEMBERED);
    return deviceId ? { deviceId: { ideal: deviceId }, facingMode: undefined } : {};
  } catch {
    return {};
  }
}

function remember(deviceId) {
  try {
    localStorage.setItem(REMEMBERED, deviceId);
  } catch {
    // The choice holds for this visit.
  }
}

/** The camera in each mounted component. */
const cameras = new WeakMap();

/** A cleanup waits so long, in ms, for a newer call: Streamlit also cleans up calls that a quick rerun overtook. */
const LINGER = 100;

/** Streamlit calls this on mounting and again on every rerun that changes `data`. */
export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".camera");
  let camera = cameras.get(parentElement);
  if (camera?.root !== root) {
    camera?.dispose();
    camera = new Camera(root);
    cameras.set(parentElement, camera);
  }
  camera.update(component);
  const call = camera.calls;
  return () => {
    setTimeout(() => {
      if (camera.calls !== call) return;
      camera.dispose();
      if (cameras.get(parentElement) === camera) cameras.delete(parentElement);
    }, LINGER);
  };
}
