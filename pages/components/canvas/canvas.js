// The component: strokes as SVG paths, which are sharp on every screen and follow the theme; a PNG of them for the page.

const SVG = "http://www.w3.org/2000/svg";

/** Points of a stroke that are closer than this, in units of the canvas, are left out. */
const LEAST_STEP = 1;

/** The strokes of each canvas by its key, so that they are there again when it has been hidden. */
const kept = new Map();

/** @typedef {{width: number, shape: string}} Stroke its shape is the `d` of an SVG path */

/** A stroke while it is drawn: smooth, through the middles between the points. */
class Line {
  constructor(width, x, y) {
    this.width = width;
    this.last = [x, y];
    // A dot: a line without length has no round ends.
    this.begun = `M ${x} ${y}`;
    this.shape = `${this.begun} l 0.01 0`;
  }

  to(x, y) {
    const [fromX, fromY] = this.last;
    if (Math.hypot(x - fromX, y - fromY) < LEAST_STEP) return;
    const middle = [round((fromX + x) / 2), round((fromY + y) / 2)];
    this.begun += ` Q ${fromX} ${fromY} ${middle.join(" ")}`;
    this.last = [x, y];
    this.shape = `${this.begun} L ${x} ${y}`;
  }
}

const round = (value) => Math.round(value * 10) / 10;

/** One canvas on one page. `root.dataset.strokes`, for tests and styles: how many are to be seen. */
class Canvas {
  /** @param {HTMLElement} root the component's section */
  constructor(root, { key, side }) {
    this.root = root;
    this.key = key;
    this.side = side;
    this.paper = root.querySelector(".paper svg");
    this.paper.setAttribute("viewBox", `0 0 ${side} ${side}`);
    this.width = root.querySelector(".width");
    this.undoButton = root.querySelector(".undo");
    this.clearButton = root.querySelector(".clear");
    /** @type {(Stroke|null)[]} what was done, oldest first; null wiped the canvas */
    this.steps = kept.get(key) ?? [];
    /** @type {{pointer: number, line: Line, path: SVGPathElement}|null} */
    this.drawing = null;

    const { paper } = this;
    paper.addEventListener("pointerdown", (event) => this.begin(event));
    paper.addEventListener("pointermove", (event) => this.move(event));
    paper.addEventListener("pointerup", (event) => this.end(event));
    paper.addEventListener("pointercancel", (event) => this.end(event));
    paper.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.undo();
    });
    this.undoButton.addEventListener("click", () => this.undo());
    this.clearButton.addEventListener("click", () => this.clear());
    this.show();
  }

  /** Take the page's newest arguments. Called on every rerun; never touches the drawing. */
  update({ setStateValue }) {
    const first = !this.setStateValue;
    this.setStateValue = setStateValue;
    if (first && this.strokes.length) this.report();
  }

  /** @returns {Stroke[]} those to be seen */
  get strokes() {
    return this.steps.slice(this.steps.lastIndexOf(null) + 1);
  }

  begin(event) {
    if (this.drawing || event.button !== 0) return;
    this.paper.setPointerCapture(event.pointerId);
    const line = new Line(Number(this.width.value), ...this.place(event));
    const path = this.pathOf(line);
    this.paper.append(path);
    this.drawing = { pointer: event.pointerId, line, path };
    this.count();
  }

  move(event) {
    if (this.drawing?.pointer !== event.pointerId) return;
    const { line, path } = this.drawing;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) line.to(...this.place(each));
    path.setAttribute("d", line.shape);
  }

  end(event) {
    if (this.drawing?.pointer !== event.pointerId) return;
    const { line } = this.drawing;
    this.drawing = null;
    this.did({ width: line.width, shape: line.shape });
  }

  undo() {
    if (this.drawing || !this.steps.length) return;
    this.steps.pop();
    this.changed();
  }

  clear() {
    if (!this.drawing && this.strokes.length) this.did(null);
  }

  /** @param {Stroke|null} step */
  did(step) {
    this.steps.push(step);
    this.changed();
  }

  changed() {
    kept.set(this.key, this.steps);
    this.show();
    this.report();
  }

  show() {
    this.paper.replaceChildren(...this.strokes.map((stroke) => this.pathOf(stroke)));
    this.undoButton.disabled = this.steps.length === 0;
    this.clearButton.disabled = this.strokes.length === 0;
    this.count();
  }

  count() {
    this.root.dataset.strokes = String(this.paper.childElementCount);
  }

  /** @param {Stroke} stroke */
  pathOf({ width, shape }) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    path.setAttribute("stroke-width", String(width));
    return path;
  }

  /** Where the pointer is, in units of the canvas. */
  place({ clientX, clientY }) {
    const box = this.paper.getBoundingClientRect();
    return [round(((clientX - box.left) / box.width) * this.side), round(((clientY - box.top) / box.height) * this.side)];
  }

  /** Tell the page what is drawn, black on white whatever the theme. */
  report() {
    const { side, strokes } = this;
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const context = canvas.getContext("2d", { alpha: false });
    context.fillStyle = "#fff";
    context.fillRect(0, 0, side, side);
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const { width, shape } of strokes) {
      context.lineWidth = width;
      context.stroke(new Path2D(shape));
    }
    this.setStateValue("drawing", strokes.length ? canvas.toDataURL("image/png") : "");
  }
}

/** The canvas in each mounted component. */
const canvases = new WeakMap();

/** Streamlit calls this on mounting and again on every rerun that changes `data`. */
export default function (component) {
  const root = component.parentElement.querySelector(".drawing");
  let canvas = canvases.get(root);
  if (!canvas) {
    canvas = new Canvas(root, component.data);
    canvases.set(root, canvas);
  }
  canvas.update(component);
}
