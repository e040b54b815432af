// The component: points in a plane, what a network says of it epoch by epoch, and its curves. Joined with field.js and
// curves.js into one module.

/** A whole recording plays for so long, in ms: a short one more slowly, so that each epoch can be seen. */
const SHORTEST = 1800;
const LONGEST = 6000;
const PER_EPOCH = 120;

/** Sizes in CSS pixels: of a point, how near a tap must be to mean it, and how far a finger may slip and still tap. */
const POINT = 5.5;
const NEAR = 13;
const SLIP = 8;

/** Room around the plane for the numbers on its axes, in CSS pixels: left and below. */
const MARGIN = 18;

const PEN_SHAPES = ["●", "◆", "▲"];
const CLASSES = "ABC";

const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M8 5v14M16 5v14",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  clear: "M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3",
};

const number = (value) => (value >= 100 ? value.toExponential(1) : value.toFixed(value < 0.1 ? 3 : 2));
const percent = (value) => `${Math.round(value * 100)}%`;

/** Points as an address holds them: class and hundredths, `A-50_120~B30_10`. */
function written(points) {
  return points.map(([x, y, label]) => `${CLASSES[label]}${Math.round(x * 100)}_${Math.round(y * 100)}`).join("~");
}

/**
 * One plane on one page. `root.dataset` tells, for tests and styles only: `epoch` (shown), `playing`, `points` (how many),
 * `chosen` (index), `revision` (of the points put there by hand).
 */
class Plane {
  /** @param {HTMLElement} root the component's section */
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    this.parts = Object.fromEntries(
      ["hint", "back", "play", "forth", "epoch", "number", "player", "pens", "last", "right"].map((name) => [
        name,
        root.querySelector(`.${name}`),
      ]),
    );
    /** How often the page has called; a cleanup of an older call must not end a newer one. */
    this.calls = 0;
    /** @type {Field|null} */
    this.field = null;
    /** @type {[number, number, number][]} x, y, class */
    this.points = [];
    this.revision = 0;
    this.pen = 0;
    this.time = 0;
    this.playing = false;
    this.asked = 0;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const listen = (target, event, action) => target.addEventListener(event, action, { signal });
    listen(this.parts.play, "click", () => (this.playing ? this.pause() : this.play()));
    listen(this.parts.back, "click", () => this.step(-1));
    listen(this.parts.forth, "click", () => this.step(1));
    listen(this.parts.epoch, "input", () => this.go(Number(this.parts.epoch.value)));
    listen(this.parts.epoch, "change", () => this.report());
    listen(this.canvas, "pointerdown", (event) => (this.down = [event.clientX, event.clientY]));
    listen(this.canvas, "pointerup", (event) => this.tap(event));
    const seek = (epoch) => this.go(epoch);
    const rest = () => this.report();
    this.curves = {
      loss: new Curve(root.querySelector(".loss"), number, seek, rest, signal),
      accuracy: new Curve(root.querySelector(".accuracy"), percent, seek, rest, signal),
    };
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.canvas);
  }

  dispose() {
    this.listeners.abort();
    this.resized.disconnect();
    this.halt();
  }

  // ---- what the page says ----

  /** Take the page's newest arguments. Called on every rerun. */
  update({ data, setStateValue }) {
    const first = this.calls === 0;
    this.calls += 1;
    this.setStateValue = setStateValue;
    // A slow answer to earlier points must not take away those put there since.
    if (first || data.source !== this.source || data.revision >= this.revision) {
      this.points = data.points;
      this.revision = data.revision;
      this.chosen = data.chosen;
    }
    if (first) this.told = data.epoch ?? -1;
    Object.assign(this, { source: data.source, reach: data.reach, editable: data.editable, most: data.most });
    this.showPens(data.classes);
    this.parts.hint.textContent = data.hint;
    if (first || data.recording?.id !== this.field?.id) this.load(data.recording, first ? data.epoch : null, first);
    this.draw();
  }

  load(recording, epoch, first) {
    this.halt();
    this.field = recording && new Field(recording);
    this.root.toggleAttribute("data-empty", !this.field);
    if (!this.field) return;
    const { field } = this;
    this.curves.loss.show(field.losses, Math.max(...field.losses) || 1);
    this.curves.accuracy.show(field.accuracies, 1);
    this.parts.epoch.max = field.last;
    this.parts.last.textContent = field.last;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (epoch !== null) this.time = Math.min(epoch, field.last);
    // While points are put down, the end of each training is what one wants to see.
    else if (still || (this.editable && !first)) this.time = field.last;
    else this.play();
    if (!first && epoch === null && !this.playing) this.report();
  }

  showPens(classes) {
    const wanted = JSON.stringify([classes, this.editable]);
    if (wanted === this.pensShown) return;
    this.pensShown = wanted;
    this.pen = Math.min(this.pen, classes - 1);
    const pens = [...CLASSES.slice(0, classes)].map((name, k) => {
      const pen = document.createElement(this.editable ? "button" : "span");
      pen.className = "pen";
      pen.style.setProperty("--class", `rgb(${COLOURS[k].join()})`);
      pen.append(Object.assign(document.createElement("i"), { textContent: PEN_SHAPES[k] }), name);
      if (this.editable) {
        pen.type = "button";
        pen.setAttribute("role", "radio");
        pen.setAttribute("aria-label", `Class ${name}`);
        pen.addEventListener("click", () => {
          this.pen = k;
          this.draw();
        });
      }
      return pen;
    });
    const tools = [
      ["undo", "Take the last point back", () => this.points.slice(0, -1)],
      ["clear", "Take all points away", () => []],
    ].map(([name, label, change]) => {
      const tool = document.createElement("button");
      tool.type = "button";
      tool.className = `tool ${name}`;
      tool.setAttribute("aria-label", label);
      tool.title = label;
      tool.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}" /></svg>`;
      tool.addEventListener("click", () => this.change(change()));
      return tool;
    });
    this.parts.pens.replaceChildren(...pens, ...(this.editable ? tools : []));
    if (this.editable) this.parts.pens.setAttribute("role", "radiogroup");
    else this.parts.pens.removeAttribute("role");
  }

  // ---- time ----

  play() {
    if (!this.field) return;
    if (this.time >= this.field.last) this.time = 0;
    const span = Math.min(LONGEST, Math.max(SHORTEST, this.field.last * PER_EPOCH));
    const pace = this.field.last / span;
    this.playing = true;
    let before = performance.now();
    const next = (now) => {
      this.time = Math.min(this.field.last, this.time + Math.max(0, now - before) * pace);
      before = now;
      if (this.time >= this.field.last) return this.pause();
      this.draw();
      this.asked = requestAnimationFrame(next);
    };
    this.asked = requestAnimationFrame(next);
  }

  halt() {
    this.playing = false;
    cancelAnimationFrame(this.asked);
  }

  /** Stop at the epoch that is nearest. */
  pause() {
    this.halt();
    this.time = Math.round(this.time);
    this.draw();
    this.report();
  }

  go(epoch) {
    this.halt();
    this.time = Math.max(0, Math.min(this.field.last, epoch));
    this.draw();
  }

  step(by) {
    if (!this.field) return;
    this.go(Math.round(this.time) + by);
    this.report();
  }

  /** Tell the page the epoch that is looked at; nothing for the last one. */
  report() {
    const epoch = Math.round(this.time);
    const told = epoch === this.field.last ? -1 : epoch;
    if (told === this.told) return;
    this.told = told;
    this.setStateValue("epoch", told);
  }

  // ---- points ----

  tap(event) {
    const [x, y] = this.down ?? [Infinity, Infinity];
    if (Math.hypot(event.clientX - x, event.clientY - y) > SLIP) return;
    const { left, top } = this.canvas.getBoundingClientRect();
    const at = [event.clientX - left, event.clientY - top];
    const distances = this.points.map(([px, py]) => Math.hypot(this.leftOf(px) - at[0], this.topOf(py) - at[1]));
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest >= 0 && distances[nearest] <= NEAR) {
      this.chosen = nearest;
      this.setStateValue("chosen", nearest);
      this.draw();
    } else if (this.editable && this.points.length < this.most) {
      const place = [(at[0] - MARGIN) / this.side, 1 - at[1] / this.side].map((part) => (part * 2 - 1) * this.reach);
      if (place.some((value) => Math.abs(value) > this.reach)) return;
      this.change([...this.points, [...place.map((value) => Math.round(value * 100) / 100), this.pen]]);
    }
  }

  change(points) {
    this.points = points;
    this.revision += 1;
    this.chosen = Math.max(0, points.length - 1);
    this.setStateValue("points", { revision: this.revision, text: written(points) });
    this.draw();
  }

  // ---- drawing ----

  /** Side of the plane in CSS pixels. */
  get side() {
    return this.canvas.clientWidth - MARGIN;
  }

  leftOf(x) {
    return MARGIN + ((x / this.reach + 1) / 2) * this.side;
  }

  topOf(y) {
    return (1 - (y / this.reach + 1) / 2) * this.side;
  }

  draw() {
    const { canvas, context, field, root } = this;
    if (!canvas.clientWidth || !this.reach) return;
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * scale));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    const style = getComputedStyle(root);
    this.ink = style.getPropertyValue("--st-text-color").trim();
    this.ground = style.getPropertyValue("--st-background-color").trim();
    this.drawAxes(style.fontFamily);
    if (field) {
      field.seek(this.time);
      context.imageSmoothingEnabled = true;
      context.drawImage(field.paint(), MARGIN, 0, this.side, this.side);
      this.drawBoundaries();
    }
    this.points.forEach((point) => this.drawPoint(point));
    // Last, or others would cover its ring.
    if (this.chosen in this.points) this.drawPoint(this.points[this.chosen], true);
    this.tell();
  }

  drawAxes(font) {
    const { context } = this;
    context.font = `11px ${font}`;
    context.fillStyle = context.strokeStyle = this.ink;
    for (const value of [-1, 0, 1]) {
      const text = String(value).replace("-", "−");
      context.globalAlpha = 0.65;
      Object.assign(context, { textAlign: "center", textBaseline: "top" });
      context.fillText(text, this.leftOf(value), this.side + 4);
      Object.assign(context, { textAlign: "right", textBaseline: "middle" });
      context.fillText(text, MARGIN - 5, this.topOf(value));
      context.globalAlpha = 0.12;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(this.leftOf(value), 0);
      context.lineTo(this.leftOf(value), this.side);
      context.moveTo(MARGIN, this.topOf(value));
      context.lineTo(MARGIN + this.side, this.topOf(value));
      context.stroke();
    }
    context.globalAlpha = 0.65;
    context.font = `italic 12px ${font}`;
    Object.assign(context, { textAlign: "right", textBaseline: "top" });
    context.fillText("x₁", MARGIN + this.side, this.side + 4);
    context.fillText("x₂", MARGIN - 4, 2);
    context.globalAlpha = 1;
  }

  drawBoundaries() {
    const { context } = this;
    const step = this.side / (this.field.side - 1);
    context.beginPath();
    for (const [x1, y1, x2, y2] of this.field.boundaries()) {
      context.moveTo(MARGIN + x1 * step, this.side - y1 * step);
      context.lineTo(MARGIN + x2 * step, this.side - y2 * step);
    }
    Object.assign(context, { lineWidth: 2.5, lineCap: "round", strokeStyle: this.ink });
    context.stroke();
  }

  /** A circle, a diamond or a triangle; one that the network gets wrong is ringed. */
  drawPoint([x, y, label], chosen = false) {
    const { context, field } = this;
    const [px, py] = [this.leftOf(x), this.topOf(y)];
    const shape = (size) => {
      context.beginPath();
      if (label === 0) context.arc(px, py, size, 0, 2 * Math.PI);
      else {
        const corners = label === 1 ? 4 : 3;
        for (let i = 0; i < corners; i++) {
          const turn = (i / corners) * 2 * Math.PI - Math.PI / 2;
          context.lineTo(px + Math.cos(turn) * size * 1.25, py + Math.sin(turn) * size * 1.25);
        }
        context.closePath();
      }
    };
    const wrong = field && this.classOf(x, y) !== label;
    shape(POINT);
    context.fillStyle = `rgb(${COLOURS[label].join()})`;
    context.fill();
    Object.assign(context, { lineWidth: wrong ? 2.2 : 1.2, strokeStyle: wrong ? this.ink : this.ground });
    context.stroke();
    if (!chosen) return;
    context.beginPath();
    context.arc(px, py, POINT + 5, 0, 2 * Math.PI);
    Object.assign(context, { lineWidth: 2, strokeStyle: this.ink });
    context.stroke();
  }

  classOf(x, y) {
    const cell = (value) => ((value / this.reach + 1) / 2) * (this.field.side - 1);
    return this.field.classAt(cell(x), cell(y));
  }

  /** What stands around the picture. */
  tell() {
    const { root, parts, field } = this;
    Object.assign(root.dataset, {
      points: this.points.length,
      chosen: this.chosen,
      revision: this.revision,
      playing: this.playing,
      epoch: field ? Math.round(this.time) : "",
    });
    parts.hint.hidden = !parts.hint.textContent || this.points.length > 0;
    const count = this.points.length;
    this.canvas.setAttribute("aria-label", `${count} points${field ? ` and the network's answer after epoch ${Math.round(this.time)}` : ""}`);
    for (const [k, pen] of [...parts.pens.querySelectorAll("[role=radio]")].entries()) {
      pen.setAttribute("aria-checked", String(k === this.pen));
    }
    for (const tool of parts.pens.querySelectorAll(".tool")) tool.disabled = count === 0;
    if (!field) return;
    const epoch = Math.round(this.time);
    parts.epoch.value = epoch;
    parts.number.textContent = `${epoch} / ${field.last}`;
    parts.back.disabled = epoch === 0;
    parts.forth.disabled = epoch === field.last;
    const icon = this.playing ? "pause" : "play";
    if (parts.play.dataset.icon !== icon) {
      parts.play.dataset.icon = icon;
      parts.play.setAttribute("aria-label", this.playing ? "Pause" : "Play");
      parts.play.querySelector("path").setAttribute("d", ICONS[icon]);
    }
    for (const curve of Object.values(this.curves)) curve.mark(this.time);
  }
}

/** The plane in each mounted component. */
const planes = new WeakMap();

/** A cleanup waits so long, in ms, for a newer call: Streamlit also cleans up calls that a quick rerun overtook. */
const LINGER = 100;

/** Streamlit calls this on mounting and again on every rerun that changes `data`. */
export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".plane");
  let plane = planes.get(parentElement);
  if (plane?.root !== root) {
    plane?.dispose();
    plane = new Plane(root);
    planes.set(parentElement, plane);
  }
  plane.update(component);
  const call = plane.calls;
  return () => {
    setTimeout(() => {
      if (plane.calls !== call) return;
      plane.dispose();
      if (planes.get(parentElement) === plane) planes.delete(parentElement);
    }, LINGER);
  };
}
