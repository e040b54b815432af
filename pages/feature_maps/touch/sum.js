// How a cell was made: the window's numbers, the kernel, their products and the sum, written out.

/** So many input channels are written out one by one, those that add most. */
const TERMS = 3;
const LINES = 6;

/** A smaller bias is not written out. */
const LEAST_BIAS = 0.001;

/** From so many cells a side, a window is shown in colours only: numbers would not fit. */
const FINE = 5;

const COLOURS = [["Grey"], [], ["Red", "Green", "Blue"]];

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The numbers that one channel was made of. */
class Working {
  constructor({ operation, channels, named, others, rest, inputs, limits, kernel, bias, stride, before, dilation, ways }) {
    Object.assign(this, { operation, channels, named, others, limits, bias, stride, before, dilation });
    this.inputs = decoded(inputs);
    this.kernel = decoded(kernel);
    this.rest = rest && decoded(rest).values;
    this.ways = ways.map((way) => decoded(way).values);
    [this.count, this.height, this.width] = this.inputs.shape;
    [, this.tall, this.wide] = this.kernel.shape;
  }

  nameOf(k) {
    const names = this.named ? COLOURS[this.count + this.others - 1] ?? [] : [];
    return names[this.channels[k]] ?? `Channel ${this.channels[k]}`;
  }

  /** The colours of input channel k. */
  stopsOf(k) {
    return TINTS[this.nameOf(k)] ?? VIRIDIS;
  }

  /** What stands under the window in input channel k: null beyond the edge. */
  patch(k, row, column) {
    const cells = [];
    for (let m = 0; m < this.tall; m++) {
      for (let n = 0; n < this.wide; n++) {
        const y = row * this.stride[0] - this.before[0] + m * this.dilation[0];
        const x = column * this.stride[1] - this.before[1] + n * this.dilation[1];
        const inside = y >= 0 && y < this.height && x >= 0 && x < this.width;
        cells.push(inside ? this.inputs.values[(k * this.height + y) * this.width + x] : null);
      }
    }
    return cells;
  }

  weights(k) {
    const size = this.tall * this.wide;
    return this.kernel.values.subarray(k * size, (k + 1) * size);
  }

  /** Every input channel's patch, kernel, products and their sum, of many channels the largest first. */
  terms(row, column) {
    const terms = [];
    for (let k = 0; k < this.count; k++) {
      const [patch, kernel] = [this.patch(k, row, column), this.weights(k)];
      const products = patch.map((value, i) => (value ?? 0) * kernel[i]);
      terms.push({ k, patch, kernel, products, sum: products.reduce((sum, product) => sum + product, 0) });
    }
    // Few channels, such as colours, keep their order.
    return terms.length <= TERMS ? terms : terms.sort((one, other) => Math.abs(other.sum) - Math.abs(one.sum));
  }
}

/**
 * The working as HTML, and the total that it comes to.
 * @returns {{html: string, total: number}}
 */
function written(working, row, column, width, value, kind) {
  if (working.operation === "max") return largest(working, row, column, value);
  if (working.operation === "function") return applied(working, row, column, width, value, kind);
  if (working.count === 1 && isMean(working)) return averaged(working, row, column, value);
  if (working.tall * working.wide === 1) return lines(working, row, column, width, value);
  return products(working, row, column, width, value);
}

const isMean = ({ bias, kernel, tall, wide }) => bias === 0 && tall * wide > 1 && new Set(kernel.values).size === 1;

const equals = (value) => `<b class="result">= ${short(value)}</b>`;

function products(working, row, column, width, value) {
  const terms = working.terms(row, column);
  const most = Math.max(...terms.slice(0, TERMS).flatMap(({ products }) => products.map(Math.abs)));
  const rows = terms.slice(0, TERMS).map(({ k, patch, kernel, products, sum }) => {
    const weight = Math.max(...kernel.map(Math.abs));
    return `<div class="term"><div class="input"><canvas data-input="${k}"></canvas><small>${escaped(working.nameOf(k))}</small></div>
      ${grid(working, patch, (cell) => bright(cell, working.limits[k], working.stopsOf(k)))}<i>×</i>
      ${grid(working, kernel, (cell) => signed(cell, weight))}<i>=</i>
      ${grid(working, products, (cell) => signed(cell, most), patch)}<b>${short(sum)}</b></div>`;
  });
  const left = terms.slice(TERMS).reduce((sum, term) => sum + term.sum, 0) + (working.rest?.[row * width + column] ?? 0);
  const count = terms.length - Math.min(TERMS, terms.length) + working.others;
  const total = terms.reduce((sum, term) => sum + term.sum, 0) + (working.rest?.[row * width + column] ?? 0) + working.bias;
  const parts = [
    ...terms.slice(0, TERMS).map(({ k, sum }) => `${inBrackets(sum)} <small>${escaped(working.nameOf(k))}</small>`),
    ...(count ? [`${inBrackets(left)} <small>${count} other channel${count > 1 ? "s" : ""}</small>`] : []),
    ...(Math.abs(working.bias) < LEAST_BIAS ? [] : [`${inBrackets(working.bias)} <small>bias</small>`]),
  ];
  const added = parts.map((part) => `<span>${part}</span>`).join(" + ");
  return { html: `${rows.join("")}<p class="line">${added} ${equals(value)}</p>`, total };
}

function lines(working, row, column, width, value) {
  const terms = working.terms(row, column);
  const rest = working.rest?.[row * width + column] ?? 0;
  const total = terms.reduce((sum, term) => sum + term.sum, 0) + rest + working.bias;
  if (working.count === 1 && !working.others) {
    const [{ patch, kernel }] = terms;
    const shift = working.bias ? ` + ${inBrackets(working.bias)} <small>shift</small>` : "";
    const html = `<p class="line"><span>${short(patch[0] ?? 0)} <small>what came in</small></span> × <span>${inBrackets(kernel[0])} <small>scale</small></span>${shift} ${equals(value)}</p>`;
    return { html, total };
  }
  const most = Math.max(...terms.map(({ sum }) => Math.abs(sum)), 1e-9);
  const rows = terms.slice(0, LINES).map(
    ({ k, patch, kernel, sum }) =>
      `<tr><th scope="row">${escaped(working.nameOf(k))}</th><td>${short(patch[0] ?? 0)} × ${inBrackets(kernel[0])}</td><td class="bar"><s style="--share:${Math.abs(sum) / most};--hue:${css(sum < 0 ? BLUE : RED)}"></s></td><td>${short(sum)}</td></tr>`,
  );
  const count = terms.length - Math.min(LINES, terms.length) + working.others;
  const left = terms.slice(LINES).reduce((sum, term) => sum + term.sum, 0) + rest;
  if (count) rows.push(`<tr><th scope="row">${count} other${count > 1 ? "s" : ""}</th><td></td><td></td><td>${short(left)}</td></tr>`);
  if (working.bias) rows.push(`<tr><th scope="row">Bias</th><td></td><td></td><td>${short(working.bias)}</td></tr>`);
  return { html: `<table>${rows.join("")}</table><p class="line">${equals(value)}</p>`, total };
}

function largest(working, row, column, value) {
  const patch = working.patch(0, row, column);
  const total = Math.max(...patch.map((cell) => cell ?? -Infinity));
  const shown = grid(working, patch, (cell) => bright(cell, working.limits[0]), null, patch.indexOf(total));
  const html = `<div class="term"><div class="input"><canvas data-input="0"></canvas><small>What came in</small></div>${shown}<i>→</i><span>the largest ${equals(value)}</span></div>`;
  return { html, total };
}

function averaged(working, row, column, value) {
  const [{ patch, sum }] = working.terms(row, column);
  const shown = grid(working, patch, (cell) => bright(cell, working.limits[0]));
  const html = `<div class="term"><div class="input"><canvas data-input="0"></canvas><small>What came in</small></div>${shown}<i>→</i><span>the mean of ${patch.length} ${equals(value)}</span></div>`;
  return { html, total: sum };
}

function applied(working, row, column, width, value, kind) {
  const [given] = working.patch(0, row, column);
  const [through, past] = working.ways.map((way) => way[row * width + column]);
  const joined =
    through === undefined
      ? ""
      : `<p class="line"><span>${short(through)} <small>through the block</small></span> + <span>${inBrackets(past)} <small>past it, the shortcut</small></span> = ${short(given)}</p>`;
  const why = { ReLU: given > 0 ? "above zero: it stays" : "not above zero: it becomes 0", Shortcut: "unchanged", Dropout: "unchanged: it only drops while training", Flatten: "the same number, in a row" };
  const words = why[kind] ? `<small>${why[kind]}</small>` : "";
  return { html: `${joined}<p class="line"><span>${escaped(kind)}(${short(given)})</span> ${equals(value)} ${words}</p>`, total: value };
}

/** A window's cells with their colours and, where they fit, numbers. `patch`: which of them lie beyond the edge. */
function grid(working, cells, colour, patch = cells, marked = -1) {
  const { tall, wide } = working;
  const fine = Math.max(tall, wide) >= FINE;
  const most = Math.max(...[...cells].map((cell) => Math.abs(cell ?? 0)));
  const drawn = [...cells].map((cell, i) => {
    if (cell === null || patch?.[i] === null) return `<u class="pad" title="beyond the edge">${fine ? "" : working.operation === "max" ? "–" : "0"}</u>`;
    const back = colour(cell);
    // Without the zero before the point, or three columns would not fit on a phone.
    const text = fine ? "" : short(cell, most).replace(/^(−?)0\./, "$1.");
    return `<u style="background:${css(back)};color:${inkOn(back)}" title="${short(cell)}"${i === marked ? ' class="marked"' : ""}>${text}</u>`;
  });
  return `<div class="grid${fine ? " fine" : ""}" style="--columns:${wide};--rows:${tall}">${drawn.join("")}</div>`;
}
