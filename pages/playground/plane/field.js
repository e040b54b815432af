// What a network says of the plane: one grid of scores for each epoch, and its picture.

/** @typedef {{id: number, frames: number, channels: number, side: number, scores: string, scales: number[], hard: boolean,
 *   losses: number[], accuracies: number[]}} Recorded */

/** Side of the picture of the field in its own pixels; the browser enlarges it smoothly. */
const FIELD_SIDE = 120;

/** Colours of the classes as RGB, told apart by people who see few colours; their shapes differ too. */
const COLOURS = [
  [20, 158, 132],
  [238, 126, 36],
  [130, 100, 222],
];

/** Opacity of the field where the network is undecided, and where it is sure. */
const PALE = 0.1;
const FULL = 0.55;

class Field {
  /** @param {Recorded} recorded */
  constructor(recorded) {
    Object.assign(this, recorded);
    const bytes = Uint8Array.from(atob(recorded.scores), (character) => character.charCodeAt(0));
    this.scores = new Int16Array(bytes.buffer);
    this.size = this.side * this.side;
    /** The scores between two epochs, by channel. */
    this.now = Array.from({ length: this.channels }, () => new Float32Array(this.size));
    this.paper = Object.assign(document.createElement("canvas"), { width: FIELD_SIDE, height: FIELD_SIDE });
    this.image = new ImageData(FIELD_SIDE, FIELD_SIDE);
    /** For each pixel of a row: the grid's cell left of it, and how far it is into that cell. */
    this.cells = Array.from({ length: FIELD_SIDE }, (_, i) => {
      const at = ((i + 0.5) / FIELD_SIDE) * (this.side - 1);
      const cell = Math.min(Math.floor(at), this.side - 2);
      return [cell, at - cell];
    });
  }

  get last() {
    return this.frames - 1;
  }

  /** Go to an epoch, or between two. @param {number} time */
  seek(time) {
    const before = Math.min(Math.floor(time), this.last);
    const after = Math.min(before + 1, this.last);
    const part = time - before;
    for (let channel = 0; channel < this.channels; channel++) {
      const from = (before * this.channels + channel) * this.size;
      const to = (after * this.channels + channel) * this.size;
      const [a, b] = [this.scales[before] * (1 - part), this.scales[after] * part];
      const target = this.now[channel];
      for (let i = 0; i < this.size; i++) target[i] = this.scores[from + i] * a + this.scores[to + i] * b;
    }
  }

  /** The score of one channel at a place, in cells of the grid. */
  at(channel, x, y) {
    const [left, below] = [x, y].map((value) => Math.max(0, Math.min(Math.floor(value), this.side - 2)));
    const [u, v] = [x - left, y - below];
    const values = this.now[channel];
    const i = below * this.side + left;
    return (
      (values[i] * (1 - u) + values[i + 1] * u) * (1 - v) + (values[i + this.side] * (1 - u) + values[i + this.side + 1] * u) * v
    );
  }

  /** The class at a place, in cells of the grid. */
  classAt(x, y) {
    let [best, highest] = [-1, -Infinity];
    for (let channel = 0; channel < this.channels; channel++) {
      const score = this.at(channel, x, y);
      if (score > highest) [best, highest] = [channel, score];
    }
    return highest >= 0 ? best + 1 : 0;
  }

  /** The probabilities as colours. @returns {HTMLCanvasElement} */
  paint() {
    const { data } = this.image;
    const weights = new Float32Array(this.channels + 1);
    for (let row = 0; row < FIELD_SIDE; row++) {
      const [below, v] = this.cells[FIELD_SIDE - 1 - row];
      for (let column = 0; column < FIELD_SIDE; column++) {
        const [left, u] = this.cells[column];
        this.probabilities(left + u, below + v, weights);
        const pixel = (row * FIELD_SIDE + column) * 4;
        let sure = 0;
        data[pixel] = data[pixel + 1] = data[pixel + 2] = 0;
        for (let k = 0; k < weights.length; k++) {
          for (let c = 0; c < 3; c++) data[pixel + c] += weights[k] * COLOURS[k][c];
          sure = Math.max(sure, weights[k]);
        }
        const share = (sure * weights.length - 1) / (weights.length - 1);
        data[pixel + 3] = 255 * (PALE + (FULL - PALE) * share);
      }
    }
    this.paper.getContext("2d").putImageData(this.image, 0, 0);
    return this.paper;
  }

  /** Softmax of the scores, that of the first class being 0; with a step, all to the best. */
  probabilities(x, y, weights) {
    if (this.hard) {
      weights.fill(0);
      weights[this.classAt(x, y)] = 1;
      return;
    }
    let highest = 0;
    for (let k = 1; k < weights.length; k++) {
      weights[k] = this.at(k - 1, x, y);
      highest = Math.max(highest, weights[k]);
    }
    weights[0] = 0;
    let sum = 0;
    for (let k = 0; k < weights.length; k++) sum += weights[k] = Math.exp(weights[k] - highest);
    for (let k = 0; k < weights.length; k++) weights[k] /= sum;
  }

  /** The boundaries as short lines, in cells of the grid: where the best class changes. @returns {number[][]} [x, y, x, y] */
  boundaries() {
    const lines = [];
    const classes = this.channels + 1;
    // Two classes have one line between them; three have one around each, and meet in corners that want a finer grid.
    const [first, fine] = classes === 2 ? [1, 1] : [0, 3];
    const side = (this.side - 1) * fine + 1;
    for (let k = first; k < classes; k++) {
      const lead = Float32Array.from({ length: side * side }, (_, i) => this.lead(k, (i % side) / fine, Math.floor(i / side) / fine));
      for (let row = 0; row < side - 1; row++) {
        for (let column = 0; column < side - 1; column++) {
          const i = row * side + column;
          for (const line of crossings(lead[i], lead[i + 1], lead[i + side + 1], lead[i + side], column, row)) {
            lines.push(line.map((value) => value / fine));
          }
        }
      }
    }
    return lines;
  }

  /** By how much class k is ahead of the best other one at a place, in cells of the grid. */
  lead(k, x, y) {
    const own = k ? this.at(k - 1, x, y) : 0;
    let other = k ? 0 : -Infinity;
    for (let j = 1; j <= this.channels; j++) if (j !== k) other = Math.max(other, this.at(j - 1, x, y));
    return own - other;
  }
}

/** Marching squares: where the border between below and above 0 crosses one cell. Corners anticlockwise from bottom left. */
function crossings(a, b, c, d, x, y) {
  const found = [];
  if (a < 0 !== b < 0) found.push([x + a / (a - b), y]);
  if (b < 0 !== c < 0) found.push([x + 1, y + b / (b - c)]);
  if (d < 0 !== c < 0) found.push([x + d / (d - c), y + 1]);
  if (a < 0 !== d < 0) found.push([x, y + a / (a - d)]);
  return found.length === 4 ? [found.slice(0, 2).flat(), found.slice(2).flat()] : found.length ? [found.flat()] : [];
}
