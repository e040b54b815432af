// What is drawn over the video: boxes with names, the ring of a guided round, or the part that a network looks at.

/**
 * @typedef {{track: number, box: number[], name: string|null, score: number|null, confidence: number|null,
 *   appearance: number|null}} Face
 * @typedef {"straight"|"left"|"right"|"up"|"down"} Pose
 * @typedef {{taken: Object<Pose, number>, wanted: Object<Pose, number>, wanted_next: Pose|null, complete: boolean,
 *   photos: {id: string, pose: Pose, thumbnail: string}[]}} Round
 */

/** Time constants in ms: how fast a box follows its newest answer, the ring its face, and both appear or fade. */
const BOX_EASE = 45;
const RING_EASE = 180;
const FADE = 120;

/** Height in CSS pixels that the guidance takes at the bottom of the picture. */
const BANNER = 52;

const GOOD = "#22c55e";
const UNKNOWN = "#f59e0b";
const UNDECIDED = "rgba(255, 255, 255, 0.75)";

/** Where a pose's arc lies on the ring, as a person sees it in a mirror: turning to one's own left goes left. */
const DIRECTION = { right: 0, down: Math.PI / 2, left: Math.PI, up: -Math.PI / 2 };

/** How far to go from one value to the next in `elapsed` ms. */
const ease = (elapsed, constant) => 1 - Math.exp(-elapsed / constant);

/** A share as text. No classifier is ever certain, so it never says 100. */
function percentage(share) {
  const percent = Math.round(share * 100);
  return `${percent >= 100 ? "> 99" : percent} %`;
}

/** @param {Face} face */
function label(face) {
  if (face.name === null) return face.score === null ? "" : "Unknown";
  if (face.confidence === null) return face.name;
  return `${face.name} · ${percentage(face.confidence)}`;
}

/** Black or white text for the colour "#rrggbb": white as long as its contrast is at least 3 (WCAG, large text). */
function readableOn(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => (parseInt(colour.slice(i, i + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? "#101218" : "#ffffff";
}

class Overlay {
  /** @param {HTMLCanvasElement} canvas exactly above the video */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.mirrored = true;
    /** Boxes by track: `at` is drawn, `target` is the newest answer, both as fractions of the picture. */
    this.boxes = new Map();
    /** @type {Round|null} */
    this.round = null;
    /** Several people are in view where one is wanted: all are marked. */
    this.crowded = false;
    this.ring = null;
    /** The part that a network looks at, as fractions of the picture. @type {number[]|null} */
    this.region = null;
    this.last = 0;
    /** The row of the face below the pointer. @type {number|null} */
    this.pointed = null;
    this.readTheme();
  }

  /** Mark the face below the pointer as one that can be clicked. @param {PointerEvent|null} event */
  point(event) {
    this.pointed = event && this.appearanceAt(event);
    this.canvas.style.cursor = this.pointed === null ? "" : "pointer";
  }

  /** The row of the face at a place, null where there is none. @param {MouseEvent} event */
  appearanceAt({ offsetX, offsetY }) {
    const { clientWidth, clientHeight } = this.canvas;
    for (const box of this.boxes.values()) {
      const { x, y, w, h } = this.place(box, clientWidth, clientHeight);
      const inside = offsetX >= x && offsetX <= x + w && offsetY >= y && offsetY <= y + h;
      if (inside && !box.gone && !this.round) return box.face.appearance ?? null;
    }
    return null;
  }

  /** The page's accent colour and font; again after every change of theme. */
  readTheme() {
    const style = getComputedStyle(this.canvas);
    this.font = style.fontFamily;
    this.context.fillStyle = "#ff4b4b";
    this.context.fillStyle = style.getPropertyValue("--st-primary-color").trim();
    // Reading back normalises any CSS colour; one with transparency comes as rgba(), which we don't use.
    this.accent = String(this.context.fillStyle).startsWith("#") ? this.context.fillStyle : "#ff4b4b";
  }

  /** @param {{size: [number, number], faces: Face[], guess: Guess|null, guidance: {code: string}|null}} result the server's
   *   newest answer */
  show({ size: [width, height], faces, guess, guidance }) {
    this.crowded = guidance?.code === "several_faces";
    this.region = guess?.region.map((value, i) => value / (i % 2 ? height : width)) ?? null;
    const seen = new Set();
    for (const face of faces) {
      const target = face.box.map((value, i) => value / (i % 2 ? height : width));
      const box = this.boxes.get(face.track) ?? { at: target, opacity: 0 };
      this.boxes.set(face.track, Object.assign(box, { target, face, gone: false }));
      seen.add(face.track);
    }
    for (const [track, box] of this.boxes) box.gone = !seen.has(track);
  }

  clear() {
    this.boxes.clear();
    this.ring = null;
    this.region = null;
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Draw one animation frame. @param {number} now ms */
  draw(now) {
    const elapsed = Math.min(100, now - this.last);
    this.last = now;
    const { canvas, context } = this;
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    for (const [track, box] of this.boxes) {
      const step = ease(elapsed, BOX_EASE);
      box.at = box.at.map((value, i) => value + (box.target[i] - value) * step);
      box.opacity += ((box.gone ? 0 : 1) - box.opacity) * ease(elapsed, FADE);
      if (box.gone && box.opacity < 0.02) this.boxes.delete(track);
      else if (!this.round || this.crowded) this.drawBox(box, width, height);
    }
    // Of two people it can't say whom it means, and a finished round has few answers: it would trail behind the face.
    if (this.round && !this.round.complete && !this.crowded) this.drawRing(now, elapsed, width, height);
    else this.ring = null;
    if (this.region) this.drawGuide(this.region, width, height);
    context.globalAlpha = 1;
  }

  /** A box's corners in CSS pixels of the canvas, mirrored as the video is. */
  place({ at: [x1, y1, x2, y2] }, width, height) {
    const [left, right] = this.mirrored ? [1 - x2, 1 - x1] : [x1, x2];
    return { x: left * width, y: y1 * height, w: (right - left) * width, h: (y2 - y1) * height };
  }

  /** The part that a network looks at, with everything else dimmed. */
  drawGuide(region, width, height) {
    const { context } = this;
    const { x, y, w, h } = this.place({ at: region }, width, height);
    context.globalAlpha = 1;
    context.beginPath();
    context.rect(0, 0, width, height);
    context.rect(x, y, w, h);
    context.fillStyle = "rgba(8, 10, 14, 0.5)";
    context.fill("evenodd");
    context.beginPath();
    context.rect(x + 1.5, y + 1.5, w - 3, h - 3);
    context.strokeStyle = this.accent;
    context.lineWidth = 3;
    context.stroke();
  }

  drawBox(box, width, height) {
    const { context } = this;
    const { face } = box;
    const { x, y, w, h } = this.place(box, width, height);
    const pointed = this.pointed !== null && this.pointed === face.appearance;
    const text = pointed && face.name === null ? "Who is this?" : label(face);
    const strong = Boolean(text) || this.crowded;
    const colour = face.name !== null ? this.accent : strong ? UNKNOWN : UNDECIDED;
    context.globalAlpha = box.opacity;
    context.beginPath();
    context.roundRect(x, y, w, h, Math.min(w, h) * 0.12);
    // A dark line below the coloured one keeps it visible on any background.
    context.strokeStyle = "rgba(0, 0, 0, 0.35)";
    context.lineWidth = strong ? 5 : 3.5;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = pointed ? 5 : strong ? 3 : 1.5;
    context.stroke();
    if (text) this.drawLabel(text, colour, x, y, w, width, height);
  }

  /** A pill above the box, or inside of it where there is no room; never outside of the picture. */
  drawLabel(text, colour, x, y, w, width, height) {
    const { context } = this;
    const size = Math.max(12, Math.min(20, w * 0.12));
    const pad = size * 0.55;
    context.font = `600 ${size}px ${this.font}`;
    const shown = this.shorten(text, width - 2 * pad - 8);
    const pillWidth = context.measureText(shown).width + 2 * pad;
    const pillHeight = size * 1.7;
    const left = Math.max(4, Math.min(x, width - pillWidth - 4));
    const above = y - pillHeight - 6;
    const top = Math.max(4, Math.min(above >= 4 ? above : y + 6, height - pillHeight - 4));
    context.beginPath();
    context.roundRect(left, top, pillWidth, pillHeight, pillHeight / 2);
    context.fillStyle = colour;
    context.fill();
    context.fillStyle = readableOn(colour);
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillText(shown, left + pad, top + pillHeight / 2 + size * 0.05);
  }

  /** Cut a long name so that the percentage behind it stays. */
  shorten(text, room) {
    if (this.context.measureText(text).width <= room) return text;
    const [name, rest] = [text.replace(/ · [^·]*$/, ""), text.match(/ · [^·]*$/)?.[0] ?? ""];
    const letters = [...name];
    while (letters.length > 1 && this.context.measureText(`${letters.join("")}…${rest}`).width > room) letters.pop();
    return `${letters.join("")}…${rest}`;
  }

  /** Four arcs for the directions, a thin circle inside for "straight", an arrow toward the next pose. */
  drawRing(now, elapsed, width, height) {
    const { context, round } = this;
    const free = height - BANNER;
    const small = Math.min(width, free);
    const faces = [...this.boxes.values()].filter((box) => !box.gone).map((box) => this.place(box, width, height));
    const face = faces.sort((a, b) => b.w * b.h - a.w * a.h)[0];
    const r = Math.max(small * 0.26, Math.min(small * 0.38, face ? Math.max(face.w, face.h) * 0.78 : small * 0.36));
    // Ring and arrow stay inside of the picture and above the guidance, even where the face isn't.
    const room = Math.min(r * 1.28, small / 2);
    const inside = (value, size) => Math.max(room, Math.min(value, size - room));
    const [x, y] = face ? [face.x + face.w / 2, face.y + face.h / 2] : [width / 2, free / 2];
    const target = [inside(x, width), inside(y, free), r];
    const step = ease(elapsed, RING_EASE);
    this.ring = this.ring ? this.ring.map((value, i) => value + (target[i] - value) * step) : target;
    const [cx, cy, radius] = this.ring;

    context.beginPath();
    context.rect(0, 0, width, height);
    context.arc(cx, cy, radius, 0, 2 * Math.PI, true);
    context.fillStyle = "rgba(8, 10, 14, 0.42)";
    context.fill();

    const line = Math.max(4, radius * 0.06);
    const pulse = 0.65 + 0.35 * Math.sin(now / 260);
    const arc = (at, middle, half, colour) => {
      if (half <= 0) return;
      context.beginPath();
      context.arc(cx, cy, at, middle - half, middle + half);
      context.strokeStyle = colour;
      context.stroke();
    };
    context.lineCap = "round";
    for (const pose of Object.keys(round.wanted)) {
      const done = Math.min(1, (round.taken[pose] ?? 0) / Math.max(1, round.wanted[pose]));
      const next = pose === round.wanted_next;
      const track = next ? `rgba(255, 255, 255, ${pulse})` : "rgba(255, 255, 255, 0.3)";
      const [at, half] = pose === "straight" ? [radius - line * 1.6, Math.PI] : [radius, Math.PI / 4 - 0.1];
      context.lineWidth = pose === "straight" ? line * 0.5 : line;
      const middle = pose === "straight" ? -Math.PI / 2 : this.direction(pose);
      arc(at, middle, half, track);
      arc(at, middle, half * done, GOOD);
    }
    if (round.wanted_next && round.wanted_next !== "straight") {
      this.drawArrow(cx, cy, radius + line * (2.2 + 0.8 * pulse), this.direction(round.wanted_next), line);
    }
  }

  /** The angle at which the viewer sees a pose of the person in front of the camera. */
  direction(pose) {
    const seen = this.mirrored ? pose : { left: "right", right: "left" }[pose] ?? pose;
    return DIRECTION[seen];
  }

  drawArrow(cx, cy, distance, angle, line) {
    const { context } = this;
    context.save();
    context.translate(cx + distance * Math.cos(angle), cy + distance * Math.sin(angle));
    context.rotate(angle);
    context.beginPath();
    context.moveTo(-line, -line * 1.6);
    context.lineTo(line * 0.6, 0);
    context.lineTo(-line, line * 1.6);
    context.lineWidth = line * 0.9;
    context.lineJoin = "round";
    context.strokeStyle = "#fff";
    context.stroke();
    context.restore();
  }
}
