// The component: the way through a network as tiles, and one map whose cells show what they see and what they were made of.
// Joined with maps.js, strip.js and sum.js into one module.

/** The page hears of a cell when the pointer or the keys have rested for so long, in ms. */
const REST = 500;

/** Between two questions for the live picture, in ms, at least. */
const PACE = 60;

/** After a question that was not answered, in ms. */
const PAUSE = 1000;

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * One network on one page. `root.dataset`, for tests and styles: `row`, `column`, `value` (of the cell), `total` (what its
 * working comes to), `shown` (how many pictures have been shown).
 */
class Touch {
  /** @param {HTMLElement} root the component's section */
  constructor(root) {
    this.root = root;
    this.calls = 0;
    this.shown = 0;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const find = (path) => root.querySelector(path);
    this.parts = new Strip(find(".parts"), (item) => this.go(item), signal);
    this.layers = new Strip(find(".layers"), (item) => this.go(item), signal);
    this.wall = new Strip(find(".wall"), (item) => this.go(item), signal);
    this.map = find(".map .frame");
    this.face = find(".face .frame");
    this.sum = find(".sum");
    const listen = (target, event, action) => target.addEventListener(event, action, { signal });
    listen(this.map, "pointermove", (event) => this.point(this.cellAt(event)));
    listen(this.map, "pointerdown", (event) => this.pin(this.cellAt(event)));
    listen(this.map, "pointerleave", () => this.point(this.pinned));
    listen(this.map, "keydown", (event) => this.key(event));
    listen(this.face, "pointermove", (event) => this.point(this.cellUnder(event)));
    listen(this.face, "pointerdown", (event) => this.pin(this.cellUnder(event)));
    listen(this.face, "pointerleave", () => this.point(this.pinned));
    listen(find(".overlay input"), "change", (event) => this.root.toggleAttribute("data-over", event.target.checked));
    listen(find(".back"), "click", () => this.turn(0));
    listen(find(".forth"), "click", () => this.turn(1));
  }

  dispose() {
    this.listeners.abort();
    clearTimeout(this.resting);
    this.live = null;
  }

  /** Take the page's newest arguments. Called on every rerun. */
  update({ data, setStateValue, setTriggerValue }) {
    this.calls += 1;
    Object.assign(this, { setStateValue, setTriggerValue });
    if (data.network) this.show(data.network, data.cell);
    this.root.toggleAttribute("data-empty", !this.network);
    this.cell = data.cell;
    this.follow(data);
  }

  // ---- the network ----

  show(network, cell) {
    const first = !this.network;
    const moved = this.network?.layer !== network.layer;
    this.network = network;
    this.shown += 1;
    this.root.toggleAttribute("data-empty", false);
    const { root, parts, layers, wall } = this;
    root.querySelectorAll("img").forEach((image) => (image.src = network.picture));
    root.querySelector(".start figcaption span").textContent = network.input;
    const tile = ({ title, label, name, output, map, channel }) => ({ key: name, label: `${label}, ${output}`, title, note: output, map, go: { layer: name, channel } });
    const items = network.parts.map(tile);
    parts.show(items, items[network.part].key);
    layers.show(network.layers.map(tile), network.layer);
    root.querySelector(".inside").hidden = network.layers.length === 0;
    root.querySelector(".of").textContent = items[network.part].title;
    wall.show(
      network.channels.map(({ channel, map }) => ({ key: String(channel), label: `Channel ${channel}`, title: String(channel), note: "", map, go: { layer: network.layer, channel } })),
      String(network.channel),
    );
    this.tellAnswer();
    this.tellChannels();
    this.working = network.working && new Working(network.working);
    Object.assign(this, decoded(network.map));
    const [height, width] = this.shape;
    paint(this.map.querySelector("canvas"), this.shape, this.values);
    paint(this.face.querySelector("canvas"), this.shape, this.values);
    const [tall, wide] = network.vector ? this.shape : network.size;
    this.map.style.aspectRatio = `${wide} / ${tall}`;
    this.face.style.aspectRatio = `${network.size[1]} / ${network.size[0]}`;
    this.map.querySelector("svg").setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.face.querySelector("svg").setAttribute("viewBox", `0 0 ${network.size[1]} ${network.size[0]}`);
    const of = network.vector ? `${network.label}: ${network.count} numbers` : `Channel ${network.channel} of ${network.label}`;
    root.querySelector(".map figcaption").textContent = of;
    this.map.setAttribute("aria-label", `${of}, ${height} by ${width} cells. The arrow keys choose a cell.`);
    const [low, high] = limitsOf(this.values);
    const ends = root.querySelectorAll(".scale i");
    ends[0].textContent = short(low);
    ends[1].textContent = short(high);
    root.toggleAttribute("data-vector", network.vector);
    if (network.vector) this.pinned = [Math.floor(network.channel / width), network.channel % width];
    else if (first && cell) this.pinned = this.within(cell);
    else if (moved || !this.pinned) this.pinned = this.strongest();
    else this.pinned = this.within(this.pinned);
    const hovered = this.at && !moved && (this.map.matches(":hover") || this.face.matches(":hover"));
    this.at = null;
    this.point(hovered ? this.within(this.hover ?? this.pinned) : this.pinned);
    root.dataset.shown = this.shown;
  }

  within([row, column]) {
    return [Math.min(row, this.shape[0] - 1), Math.min(column, this.shape[1] - 1)];
  }

  /** The cell that answers most, so that there is something to see before anything is touched. */
  strongest() {
    let best = 0;
    for (let i = 1; i < this.values.length; i++) if (this.values[i] > this.values[best]) best = i;
    return [Math.floor(best / this.shape[1]), best % this.shape[1]];
  }

  tellAnswer() {
    const { title, shares, note } = this.network.answer;
    const answer = this.root.querySelector(".answer");
    answer.querySelector(".title").textContent = title;
    answer.querySelector(".note").textContent = note;
    answer.querySelector("ul").replaceChildren(
      ...shares.map(([name, share]) => {
        const line = document.createElement("li");
        const percent = share > 0.995 ? "100%" : `${Math.round(share * 100)}%`;
        line.append(Object.assign(document.createElement("span"), { textContent: name }), Object.assign(document.createElement("b"), { textContent: percent }));
        line.style.setProperty("--share", share);
        return line;
      }),
    );
  }

  tellChannels() {
    const { count, page, pages, vector, channels } = this.network;
    this.root.querySelector(".channels").hidden = vector;
    this.root.querySelector(".channels .tools b").textContent = count === channels.length ? `All ${count} channels` : `${channels.length} of ${count} channels`;
    this.root.querySelector(".pager").hidden = pages < 2;
    this.root.querySelector(".page").textContent = `${page + 1} / ${pages}`;
    this.root.querySelector(".back").disabled = page === 0;
    this.root.querySelector(".forth").disabled = page === pages - 1;
  }

  turn(side) {
    const { layer, neighbours } = this.network;
    this.go({ go: { layer, channel: neighbours[side] } });
  }

  go({ go }) {
    if (go.layer === this.network.layer && go.channel === this.network.channel) return;
    clearTimeout(this.resting);
    this.setTriggerValue("go", go);
  }

  // ---- cells ----

  cellAt(event) {
    const box = this.map.getBoundingClientRect();
    const [height, width] = this.shape;
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    return [Math.min(Math.max(row, 0), height - 1), Math.min(Math.max(column, 0), width - 1)];
  }

  /** The cell whose window lies around a pixel of the face. */
  cellUnder(event) {
    const { field, size, vector } = this.network;
    if (!field || vector) return this.pinned;
    const box = this.face.getBoundingClientRect();
    const place = [((event.clientY - box.top) / box.height) * size[0], ((event.clientX - box.left) / box.width) * size[1]];
    return [field.rows, field.columns].map(([start, reach, jump], axis) =>
      Math.min(Math.max(Math.round((place[axis] - start - reach / 2) / jump), 0), this.shape[axis] - 1),
    );
  }

  pin(cell) {
    if (this.network.vector) {
      const channel = cell[0] * this.shape[1] + cell[1];
      if (channel < this.network.count) this.go({ go: { layer: this.network.layer, channel } });
      return;
    }
    this.pinned = cell;
    this.point(cell);
    this.report();
  }

  key(event) {
    const step = ARROWS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const by = event.shiftKey ? 5 : 1;
    const [row, column] = this.pinned.map((place, axis) => Math.min(Math.max(place + by * step[axis], 0), this.shape[axis] - 1));
    this.pin([row, column]);
    this.root.querySelector(".spoken").textContent = `Row ${row}, column ${column}: ${short(this.valueOf([row, column]))}`;
  }

  /** Tell the page which cell is looked at, once it rests. */
  report() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.setStateValue("cell", this.pinned), REST);
  }

  valueOf([row, column]) {
    return this.values[row * this.shape[1] + column];
  }

  point(cell) {
    if (!cell) return;
    this.hover = cell;
    if (this.at && this.at[0] === cell[0] && this.at[1] === cell[1]) return;
    this.at = cell;
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const [row, column] = this.at;
    place(this.map.querySelector(".cell"), [column, row, 1, 1]);
    this.drawField(row, column);
    this.drawSum(row, column);
  }

  drawField(row, column) {
    const { field, size, vector } = this.network;
    const caption = this.root.querySelector(".face figcaption");
    const [down, across] = field ? [field.rows, field.columns] : [[0, size[0], 0], [0, size[1], 0]];
    const [y, x] = vector ? [down[0], across[0]] : [down[0] + row * down[2], across[0] + column * across[2]];
    const box = [x, y, across[1], down[1]];
    place(this.face.querySelector(".cell"), box);
    const hole = `M${x} ${y}h${box[2]}v${box[3]}h${-box[2]}z`;
    this.face.querySelector(".dark").setAttribute("d", `M0 0h${size[1]}v${size[0]}h${-size[1]}z${hole}`);
    const all = y <= 0 && x <= 0 && y + down[1] >= size[0] && x + across[1] >= size[1];
    caption.textContent = all ? "It sees the whole picture" : `It sees ${down[1]}×${across[1]} of ${size[0]}×${size[1]} pixels`;
  }

  drawSum(row, column) {
    const { network, working, sum, shape } = this;
    const value = this.valueOf([row, column]);
    const head = network.vector ? `Number ${network.channel}` : `Cell (${row}, ${column})`;
    const from = network.vector ? [0, 0] : [row, column];
    let html = `<p>${escaped(network.said)}</p>`;
    let total = value;
    if (working) ({ html, total } = written(working, ...from, network.vector ? 1 : shape[1], value, network.kind));
    sum.innerHTML = `<h3>${head} is <b>${short(value)}</b></h3>${html}`;
    for (const canvas of sum.querySelectorAll("canvas")) this.drawInput(canvas, row, column);
    Object.assign(this.root.dataset, { row, column, value, total });
  }

  /** The map that the window lies on, with the window. */
  drawInput(canvas, row, column) {
    const { working } = this;
    const k = Number(canvas.dataset.input);
    const size = working.height * working.width;
    paint(canvas, [working.height, working.width], working.inputs.values.subarray(k * size, (k + 1) * size), working.limits[k], working.stopsOf(k));
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${working.width} ${working.height}`);
    svg.setAttribute("preserveAspectRatio", "none");
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const reach = [working.tall, working.wide].map((cells, axis) => (cells - 1) * working.dilation[axis] + 1);
    const [top, left] = [row, column].map((cell, axis) => cell * working.stride[axis] - working.before[axis]);
    place(rect, [left, top, reach[1], reach[0]]);
    rect.setAttribute("class", "cell");
    svg.append(rect);
    canvas.after(svg);
  }

  // ---- live ----

  /** Ask for the network at work on the newest frame again and again, while the page gives an address to ask. */
  follow({ live, lost }) {
    this.live = live;
    this.lost = lost;
    if (!live) this.tellFrozen("");
    else if (!this.asking) this.ask();
  }

  async ask() {
    this.asking = true;
    let stamp = -1;
    while (this.live) {
      let wait = PACE;
      try {
        const answer = await fetch(`${this.live}&after=${stamp}`, { cache: "no-store" });
        if (answer.status === 200) {
          const { stamp: newest, frozen, network } = await answer.json();
          stamp = newest;
          if (network && this.live) this.show(network, this.cell);
          if (this.live) this.tellFrozen(frozen);
        } else if (answer.status !== 204) {
          this.setTriggerValue("renew", true);
          wait = PAUSE;
        }
      } catch {
        wait = PAUSE;
      }
      if (wait === PAUSE && this.live) this.tellFrozen(this.lost);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    this.asking = false;
  }

  tellFrozen(words) {
    const line = this.root.querySelector(".frozen");
    line.textContent = words;
    line.hidden = !words;
  }
}

function place(rect, [x, y, width, height]) {
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
}

/** The network in each mounted component. */
const touched = new WeakMap();

/** A cleanup waits so long, in ms, for a newer call: Streamlit also cleans up calls that a quick rerun overtook. */
const LINGER = 100;

/** Streamlit calls this on mounting and again on every rerun that changes `data`. */
export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".touch");
  let touch = touched.get(parentElement);
  if (touch?.root !== root) {
    touch?.dispose();
    touch = new Touch(root);
    touched.set(parentElement, touch);
  }
  touch.update(component);
  const call = touch.calls;
  return () => {
    setTimeout(() => {
      if (touch.calls !== call) return;
      touch.dispose();
      if (touched.get(parentElement) === touch) touched.delete(parentElement);
    }, LINGER);
  };
}
