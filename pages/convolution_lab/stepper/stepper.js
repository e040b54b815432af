// The component: a window that slides over numbers and over a face, played in the browser alone.

/** Steps a second, by the place of the speed slider. */
const SPEEDS = [0.5, 1, 2, 5, 12];

/** The page hears of a position when it has rested for so long, in ms. */
const REST = 600;

const ICONS = { play: "M7 4.5v15l12-7.5z", pause: "M8 5v14M16 5v14" };
const CHANNELS = { 1: [""], 3: [" R", " G", " B"] };

/** A short number with a real minus sign. */
function short(value) {
  const text = String(Math.round(value * 100) / 100);
  return (text === "-0" ? "0" : text).replace("-", "−");
}

const factor = (value) => (value < 0 ? `(${short(value)})` : short(value));

/** How many steps along rows and columns an output has. */
const sizeOf = (rows) => [rows.length, rows[0].length];

/**
 * One stepper on one page. `root.dataset`, for tests and styles: `position` (from 0), `total` (what the products and the bias
 * add up to), `playing`.
 */
class Stepper {
  /** @param {HTMLElement} root the component's section */
  constructor(root) {
    this.root = root;
    this.calls = 0;
    this.time = 0;
    this.playing = false;
    const names = ["back", "play", "forth", "at", "number", "rows", "sum"];
    this.parts = Object.fromEntries(names.map((name) => [name, root.querySelector(`.${name}`)]));
    this.speed = root.querySelector(".speed input");
    [this.face, this.found] = root.querySelectorAll(".frame");
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const listen = (target, event, action) => target.addEventListener(event, action, { signal });
    listen(this.parts.play, "click", () => (this.playing ? this.pause() : this.play()));
    listen(this.parts.back, "click", () => this.go(Math.floor(this.time) - 1));
    listen(this.parts.forth, "click", () => this.go(Math.floor(this.time) + 1));
    listen(this.parts.at, "input", () => this.go(Number(this.parts.at.value)));
    listen(this.parts.rows, "click", (event) => {
      const cell = event.target.closest("[data-go]");
      if (cell) this.go(Number(cell.dataset.go));
    });
  }

  dispose() {
    this.listeners.abort();
    clearTimeout(this.resting);
    this.halt();
  }

  /** Take the page's newest arguments. Called on every rerun. */
  update({ data, setStateValue }) {
    const first = this.calls === 0;
    this.calls += 1;
    this.setStateValue = setStateValue;
    const { position, face, ...numbers } = data;
    const shown = JSON.stringify([face, numbers]);
    if (shown === this.shown) return;
    this.shown = shown;
    Object.assign(this, numbers, { faceSlices: face });
    this.size = sizeOf(this.output);
    this.count = this.size[0] * this.size[1];
    this.parts.at.max = this.count - 1;
    this.root.style.setProperty("--columns", this.grid[0][0].length + this.ends[0] + this.ends[1] + 2 * this.kernel[0].length + this.size[1]);
    this.time = Math.min(first ? position : this.time, this.count - 1);
    this.last = -1;
    this.build();
    this.paintFace();
    this.draw();
  }

  // ---- time ----

  play() {
    if (this.time >= this.count - 1) this.time = 0;
    this.playing = true;
    let before = performance.now();
    const next = (now) => {
      // The first frame's time may lie before the press.
      this.time += (Math.max(0, now - before) / 1000) * SPEEDS[Number(this.speed.value)];
      before = now;
      if (this.time >= this.count - 1) {
        this.time = this.count - 1;
        return this.pause();
      }
      this.draw();
      this.asked = requestAnimationFrame(next);
    };
    this.draw();
    this.asked = requestAnimationFrame(next);
  }

  halt() {
    this.playing = false;
    cancelAnimationFrame(this.asked);
  }

  pause() {
    this.halt();
    this.time = Math.floor(this.time);
    this.draw();
    this.report();
  }

  go(position) {
    this.halt();
    this.time = Math.max(0, Math.min(this.count - 1, position));
    this.draw();
    this.report();
  }

  /** Tell the page the position, once it rests. */
  report() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.setStateValue("position", Math.floor(this.time)), REST);
  }

  // ---- numbers ----

  /** The tables, whose cells are filled by `draw`. */
  build() {
    const names = CHANNELS[this.grid.length] ?? this.grid.map((_, k) => ` ${k + 1}`);
    const [before, after] = this.ends;
    const tall = this.grid[0].length;
    const wide = this.grid[0][0].length;
    const padded = (rows) =>
      [...Array(tall + before + after).keys()].map((r) =>
        [...Array(wide + before + after).keys()].map((c) => {
          const inside = r >= before && r < tall + before && c >= before && c < wide + before;
          return inside ? { text: short(rows[r - before][c - before]) } : { text: "0", name: "pad" };
        }),
      );
    const plain = (rows) => rows.map((row) => row.map((value) => ({ text: short(value) })));
    const lines = this.grid.map((rows, k) => {
      const line = document.createElement("div");
      line.className = "line";
      line.append(
        table(`Picture${names[k]}`, padded(rows), "picture"),
        sign("∗"),
        table(`Kernel${names[k]}`, plain(this.kernel[k]), "kernel"),
        sign("="),
        table(`Products${names[k]}`, this.kernel[k].map((row) => row.map(() => ({ text: "" }))), "products"),
      );
      return line;
    });
    const output = table(
      `Output ${this.size.join("×")}`,
      this.output.map((row, r) => row.map((_, c) => ({ text: "", go: r * this.size[1] + c }))),
      "output",
    );
    if (lines.length === 1) lines[0].append(sign("→"), output);
    else lines.push(output);
    this.parts.rows.replaceChildren(...lines);
    const find = (name) => [...this.parts.rows.querySelectorAll(`.${name} tbody`)];
    this.tables = { picture: find("picture"), products: find("products"), output: find("output")[0] };
  }

  draw() {
    const position = Math.floor(this.time);
    this.drawWindow();
    if (position !== this.last) this.drawNumbers(position);
    const { parts } = this;
    const icon = this.playing ? "pause" : "play";
    if (parts.play.dataset.icon !== icon) {
      parts.play.dataset.icon = icon;
      parts.play.setAttribute("aria-label", this.playing ? "Pause" : "Play");
      parts.play.querySelector("path").setAttribute("d", ICONS[icon]);
    }
    // Read out what was gone to, not what passes by.
    parts.sum.setAttribute("aria-live", this.playing ? "off" : "polite");
    this.root.dataset.playing = this.playing;
  }

  drawNumbers(position) {
    this.last = position;
    const [row, column] = [Math.floor(position / this.size[1]), position % this.size[1]];
    const [top, left] = [row * this.stride, column * this.stride];
    const side = this.kernel[0].length;
    const sums = [];
    this.tables.picture.forEach((body, k) => {
      for (const cell of body.querySelectorAll(".under")) cell.classList.remove("under");
      let sum = 0;
      for (let m = 0; m < side; m++) {
        for (let n = 0; n < side; n++) {
          const [r, c] = [top + m * this.dilation, left + n * this.dilation];
          body.rows[r].cells[c].classList.add("under");
          const value = this.grid[k][r - this.ends[0]]?.[c - this.ends[0]] ?? 0;
          const weight = this.kernel[k][m][n];
          sum += value * weight;
          this.tables.products[k].rows[m].cells[n].innerHTML = `<small>${short(value)}·${factor(weight)}</small>${short(value * weight)}`;
        }
      }
      sums.push(sum);
    });
    this.output.forEach((line, r) =>
      line.forEach((value, c) => {
        const cell = this.tables.output.rows[r].cells[c];
        const at = r * this.size[1] + c;
        const text = at <= position ? short(value) : "";
        Object.assign(cell.querySelector("button"), { textContent: text, ariaLabel: `${text} Go to step ${at + 1}`.trim() });
        cell.classList.toggle("now", at === position);
      }),
    );
    const { parts, bias } = this;
    const total = sums.reduce((sum, part) => sum + part, 0) + bias;
    const single = sums.length === 1 && side * side <= 9;
    const terms = single ? [...this.tables.products[0].querySelectorAll("td")].map((cell) => cell.lastChild.textContent) : sums.map(short);
    const written = [...terms, ...(bias ? [short(bias)] : [])].map((text) => (text.startsWith("−") ? `(${text})` : text));
    parts.sum.innerHTML = `Cell (${row}, ${column}): ${written.join(" + ")} = <b>${short(total)}</b>`;
    parts.at.value = position;
    parts.number.textContent = `${position + 1} / ${this.count}`;
    parts.back.disabled = position === 0;
    parts.forth.disabled = position === this.count - 1;
    Object.assign(this.root.dataset, { position, total });
  }

  // ---- the face ----

  paintFace() {
    const flat = this.faceOutput.flat();
    this.most = Math.max(...flat.map(Math.abs)) || 1;
    // A kernel whose answers have both signs: grey is its zero.
    this.both = Math.min(...flat) < -0.05 * this.most;
    const canvas = this.face.querySelector("canvas");
    const [tall, wide] = sizeOf(this.faceSlices[0]);
    Object.assign(canvas, { width: wide, height: tall });
    const context = canvas.getContext("2d");
    const image = context.createImageData(wide, tall);
    const slices = this.faceSlices;
    for (let i = 0; i < tall * wide; i++) {
      const [r, c] = [Math.floor(i / wide), i % wide];
      for (let k = 0; k < 3; k++) image.data[4 * i + k] = slices[k % slices.length][r][c] * 255;
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  drawWindow() {
    const [tall, wide] = sizeOf(this.faceOutput);
    const share = this.count > 1 ? this.time / (this.count - 1) : 1;
    const at = Math.min(Math.floor(share * tall * wide), tall * wide - 1);
    const [row, column] = [Math.floor(at / wide), at % wide];
    const rows = this.faceSlices[0];
    const reach = (this.kernel[0].length - 1) * this.dilation + 1;
    const place = (mark, top, left, side, height, width) =>
      Object.assign(mark.style, { top: `${(top / height) * 100}%`, left: `${(left / width) * 100}%`, height: `${(side / height) * 100}%`, width: `${(side / width) * 100}%` });
    place(this.face.querySelector("i"), row * this.stride - this.ends[0], column * this.stride - this.ends[0], reach, ...sizeOf(rows));
    place(this.found.querySelector("i"), row, column, 1, tall, wide);
    const canvas = this.found.querySelector("canvas");
    Object.assign(canvas, { width: wide, height: tall });
    const context = canvas.getContext("2d");
    const image = context.createImageData(wide, tall);
    for (let i = 0; i <= at; i++) {
      const value = this.faceOutput[Math.floor(i / wide)][i % wide] / this.most;
      image.data.fill(this.both ? 127.5 + 127.5 * value : 255 * value, 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }
}

function sign(text) {
  return Object.assign(document.createElement("span"), { className: "sign", textContent: text, ariaHidden: "true" });
}

/** A grid of numbers; cells with `go` can be pressed. */
function table(title, rows, name) {
  const figure = document.createElement("figure");
  figure.className = name;
  figure.append(Object.assign(document.createElement("figcaption"), { textContent: title }));
  const body = document.createElement("tbody");
  for (const row of rows) {
    const line = body.insertRow();
    for (const { text, name: style, go } of row) {
      const cell = line.insertCell();
      if (style) cell.className = style;
      if (go === undefined) cell.textContent = text;
      else cell.append(Object.assign(document.createElement("button"), { type: "button", tabIndex: -1, ariaLabel: `Go to step ${go + 1}` }));
      if (go !== undefined) cell.firstChild.dataset.go = go;
    }
  }
  const grid = document.createElement("table");
  grid.append(body);
  figure.append(grid);
  return figure;
}

/** The stepper in each mounted component. */
const steppers = new WeakMap();

/** A cleanup waits so long, in ms, for a newer call: Streamlit also cleans up calls that a quick rerun overtook. */
const LINGER = 100;

/** Streamlit calls this on mounting and again on every rerun that changes `data`. */
export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".stepper");
  let stepper = steppers.get(parentElement);
  if (stepper?.root !== root) {
    stepper?.dispose();
    stepper = new Stepper(root);
    steppers.set(parentElement, stepper);
  }
  stepper.update(component);
  const call = stepper.calls;
  return () => {
    setTimeout(() => {
      if (stepper.calls !== call) return;
      stepper.dispose();
      if (steppers.get(parentElement) === stepper) steppers.delete(parentElement);
    }, LINGER);
  };
}
