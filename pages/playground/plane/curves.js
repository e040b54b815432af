// One curve over the epochs with the present one marked; a finger on it goes to another.

const SVG = "http://www.w3.org/2000/svg";

function part(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

class Curve {
  /**
   * @param {HTMLElement} figure with its caption and its `.graph`
   * @param {(value: number) => string} format of the numbers
   * @param {(epoch: number) => void} seek called while a finger moves over it
   * @param {() => void} rest called when it is lifted
   */
  constructor(figure, format, seek, rest, signal) {
    this.figure = figure;
    this.format = format;
    const graph = figure.querySelector(".graph");
    // Stretched to whatever room there is; strokes keep their width.
    this.svg = part("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.line = part("path", { class: "line" });
    this.rule = part("path", { class: "rule" });
    this.svg.append(this.rule, this.line);
    this.dot = Object.assign(document.createElement("i"), { className: "dot" });
    graph.prepend(this.svg, this.dot);
    const go = (event) => {
      const { left, width } = graph.getBoundingClientRect();
      seek(Math.round(Math.max(0, Math.min(1, (event.clientX - left) / width)) * this.last));
    };
    graph.addEventListener("pointerdown", (event) => {
      graph.setPointerCapture(event.pointerId);
      go(event);
    }, { signal });
    graph.addEventListener("pointermove", (event) => graph.hasPointerCapture(event.pointerId) && go(event), { signal });
    graph.addEventListener("lostpointercapture", rest, { signal });
  }

  /** @param {number[]} values one for each epoch @param {number} top of the scale; it starts at 0 */
  show(values, top) {
    this.values = values;
    this.top = top;
    this.last = Math.max(1, values.length - 1);
    this.line.setAttribute("d", values.map((value, i) => `${i ? "L" : "M"}${this.x(i)} ${this.y(value)}`).join(""));
    this.figure.querySelector(".top").textContent = this.format(top);
    this.figure.querySelector(".bottom").textContent = "0";
  }

  x(epoch) {
    return (epoch / this.last) * 100;
  }

  y(value) {
    return 100 - (value / this.top) * 100;
  }

  /** Mark an epoch, or a time between two. */
  mark(time) {
    const [before, after] = [Math.floor(time), Math.ceil(time)];
    const value = this.values[before] + (this.values[after] - this.values[before]) * (time - before);
    this.rule.setAttribute("d", `M${this.x(time)} 0V100`);
    Object.assign(this.dot.style, { left: `${this.x(time)}%`, top: `${this.y(value)}%` });
    this.figure.querySelector("b").textContent = this.format(this.values[Math.round(time)]);
  }
}
