// A film with boxes over it, and when each person is in it. Joined with the camera's overlay into one module.

/** In CSS pixels: what stands below the picture, and around it. */
const BELOW = 72;
const PERSON = 52;
const PEOPLE = 3;
const MARGIN = 16;
const LEAST = 220;

/** A place in a film. @param {number} seconds */
function place(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * @typedef {{id: number, name: string|null, face: string, stays: number[][]}} Person
 * `root.dataset` tells, for tests and styles only: `names` (in view, comma-separated, "?" for unknown), `playing`.
 */
class Player {
  /** @param {HTMLElement} root the component's section */
  constructor(root) {
    this.root = root;
    const find = (name) => root.querySelector(`.${name}`);
    this.parts = Object.fromEntries(["stage", "play", "time", "place", "fill", "people"].map((name) => [name, find(name)]));
    this.video = root.querySelector("video");
    this.overlay = new Overlay(root.querySelector("canvas"));
    this.overlay.mirrored = false;
    this.frame = -1;
    this.listeners = new AbortController();
    const listen = (target, event, action) => target.addEventListener(event, action, { signal: this.listeners.signal });
    listen(this.parts.play, "click", () => this.toggle());
    listen(this.parts.stage, "click", () => this.toggle());
    listen(this.parts.place, "input", () => this.go(Number(this.parts.place.value)));
    listen(this.parts.fill, "click", () => this.fill());
    for (const event of ["play", "pause", "ended"]) listen(this.video, event, () => this.tell());
    listen(this.video, "error", () => this.setTriggerValue("unplayable", true));
    // A file whose sound alone can be played has no picture.
    listen(this.video, "loadedmetadata", () => this.video.videoWidth || this.setTriggerValue("unplayable", true));
    listen(window, "resize", () => this.arrange());
    listen(document, "fullscreenchange", () => this.arrange());
    this.watcher = new ResizeObserver(() => requestAnimationFrame(() => this.arrange()));
    this.watcher.observe(root);
    this.alive = true;
    const next = (now) => {
      if (!this.alive) return;
      this.draw(now);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }

  /** Take the page's newest arguments: another film, or other names for the same. */
  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue;
    this.data = data;
    this.frame = -1;
    if (data.address !== this.address) {
      this.address = data.address;
      this.overlay.clear();
      this.video.src = data.address;
    }
    this.parts.place.max = String(data.length);
    this.parts.fill.hidden = !document.fullscreenEnabled;
    this.overlay.readTheme();
    this.parts.people.replaceChildren(...data.people.map((person) => this.row(person)));
    this.tell();
    this.arrange();
  }

  dispose() {
    this.alive = false;
    this.listeners.abort();
    this.watcher.disconnect();
    this.video.removeAttribute("src");
    this.video.load();
  }

  toggle() {
    if (this.video.paused) this.video.play().catch(() => {}); // `error` says it when it can't.
    else this.video.pause();
  }

  go(seconds) {
    this.video.currentTime = Math.min(Math.max(seconds, 0), this.data.length);
  }

  async fill() {
    if (this.isFilled) await document.exitFullscreen();
    else await this.root.requestFullscreen().catch(() => {}); // The browser may forbid it.
  }

  get isFilled() {
    return this.root.getRootNode().fullscreenElement === this.root;
  }

  /** Make the picture as large as there is room for it and the first people below it. */
  arrange() {
    if (!this.data || !this.root.clientWidth) return;
    const { size, people } = this.data;
    this.root.classList.toggle("filled", this.isFilled);
    let top = this.isFilled ? MARGIN : this.root.getBoundingClientRect().top;
    for (let node = this.root.getRootNode().host; node && !this.isFilled; node = node.parentElement) top += node.scrollTop;
    const high = window.innerHeight - top - MARGIN - BELOW - PERSON * Math.min(people.length, PEOPLE);
    this.root.style.setProperty("--width", `${Math.floor((Math.max(high, LEAST) * size[0]) / size[1])}px`);
    this.root.style.setProperty("--ratio", String(size[0] / size[1]));
  }

  tell() {
    const { paused } = this.video;
    this.root.dataset.playing = String(!paused);
    this.parts.play.setAttribute("aria-label", paused ? "Play" : "Pause");
  }

  draw(now) {
    if (!this.data) return;
    const { positions, faces, size, length, people } = this.data;
    const time = this.video.currentTime;
    // The frame that stands at this time: the last one that began by then. Half a frame of tolerance for rounding.
    let [low, high] = [0, positions.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (positions[middle] <= time + 0.01) low = middle;
      else high = middle - 1;
    }
    if (low !== this.frame) {
      this.frame = low;
      const seen = faces[low].map(([track, x1, y1, x2, y2, , name, confidence]) => {
        const score = confidence === null ? null : 0;
        return { track, box: [x1, y1, x2, y2], name, confidence, score, appearance: null };
      });
      this.overlay.show({ size, faces: seen });
      this.root.dataset.names = seen.map(({ name }) => name ?? "?").join(",");
      const here = new Set(faces[low].map((face) => face[5]));
      [...this.parts.people.children].forEach((row, i) => row.toggleAttribute("data-here", here.has(people[i].id)));
    }
    this.overlay.draw(now);
    const said = `${place(time)} / ${place(length)}`;
    if (said !== this.parts.time.textContent) {
      this.parts.time.textContent = said;
      this.parts.place.setAttribute("aria-valuetext", said);
    }
    if (!this.parts.place.matches(":active")) this.parts.place.value = String(time);
    this.parts.people.style.setProperty("--done", `${(100 * Math.min(time / length, 1)).toFixed(2)}%`);
  }

  /** @param {Person} person */
  row({ name, face, stays }) {
    const { length } = this.data;
    const [row, button, image, title, track] = ["li", "button", "img", "b", "div"].map((tag) => document.createElement(tag));
    row.toggleAttribute("data-unknown", name === null);
    button.type = "button";
    image.src = face;
    image.alt = "";
    title.textContent = name ?? "Unknown";
    const seconds = stays.reduce((sum, [begin, end]) => sum + end - begin, 0);
    button.setAttribute("aria-label", `${name ?? "Unknown"}, ${Math.round(seconds)} seconds in view: go to the first of them`);
    button.addEventListener("click", () => this.go(stays[0][0]));
    button.append(image, title);
    track.className = "track";
    // For the mouse; the keyboard has the slider and the faces.
    track.addEventListener("click", (event) => {
      const { left, width } = track.getBoundingClientRect();
      this.go(((event.clientX - left) / width) * length);
    });
    for (const [begin, end] of stays) {
      const stay = document.createElement("span");
      stay.title = `${place(begin)} to ${place(end)}`;
      stay.style.left = `${(100 * begin) / length}%`;
      stay.style.width = `${(100 * (end - begin)) / length}%`;
      track.append(stay);
    }
    row.append(button, track);
    return row;
  }
}

/** The player in each mounted component. */
const players = new WeakMap();

/** A cleanup waits so long, in ms, for a newer call: Streamlit also cleans up calls that a quick rerun overtook. */
const LINGER = 100;

/** Streamlit calls this on mounting and again on every rerun that changes `data`. */
export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".player");
  let player = players.get(parentElement);
  if (player?.root !== root) {
    player?.dispose();
    player = new Player(root);
    players.set(parentElement, player);
  }
  player.update(component);
  const call = (player.calls = (player.calls ?? 0) + 1);
  return () => {
    setTimeout(() => {
      if (player.calls !== call) return;
      player.dispose();
      if (players.get(parentElement) === player) players.delete(parentElement);
    }, LINGER);
  };
}
