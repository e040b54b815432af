// Numbers as they come from the page, and their colours.

const BLUE = [33, 102, 172];
const WHITE = [247, 247, 247];
const RED = [178, 24, 43];

/** Viridis at nine places. */
const VIRIDIS = ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"].map((hex) =>
  [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)),
);

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** An array of the page: `{shape, values}`, row by row. */
function decoded({ shape, floats, bytes }) {
  return { shape, values: floats === undefined ? bytesOf(bytes) : new Float32Array(bytesOf(floats).buffer) };
}

function between(stops, share) {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  return stops[low].map((part, k) => Math.round(part + (stops[low + 1][k] - part) * (place - low)));
}

/** The colours of a picture, each from black to itself. */
const TINTS = { Red: [[0, 0, 0], [255, 90, 80]], Green: [[0, 0, 0], [80, 220, 100]], Blue: [[0, 0, 0], [90, 150, 255]], Grey: [[0, 0, 0], WHITE] };

/** Dark for low, bright for high. */
const bright = (value, [low, high], stops = VIRIDIS) => between(stops, high > low ? (value - low) / (high - low) : 0);

/** Blue below zero, red above. */
const signed = (value, most) => between([BLUE, WHITE, RED], most > 0 ? value / most / 2 + 0.5 : 0.5);

const css = (colour) => `rgb(${colour.join()})`;

/** Ink that can be read on a colour. */
const inkOn = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#000" : "#fff");

function limitsOf(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** A map on a canvas, one pixel a cell. */
function paint(canvas, shape, values, limits = limitsOf(values), stops = VIRIDIS) {
  const [height, width] = shape.slice(-2);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(bright(values[i], limits, stops), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** So many decimals show two digits of a number of this size. */
const decimals = (size) => (size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : size >= 0.01 ? 3 : 4);

/** A short number with a real minus sign. */
function short(value, most = Math.abs(value)) {
  const text = value.toFixed(decimals(most));
  return (Number(text) === 0 ? "0" : text).replace("-", "−");
}

const inBrackets = (value) => (value < 0 && short(value) !== "0" ? `(${short(value)})` : short(value));
