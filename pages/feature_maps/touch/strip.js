// Tiles beside each other, of which one is chosen: with the mouse, a finger, or the arrow keys.

const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

class Strip {
  /**
   * @param {HTMLElement} root of role radiogroup
   * @param {(item: object) => void} choose what choosing a tile does
   */
  constructor(root, choose, signal) {
    this.root = root;
    this.choose = choose;
    /** @type {object[]} */
    this.items = [];
    root.addEventListener("click", (event) => this.take(this.tiles.indexOf(event.target.closest("button"))), { signal });
    root.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  get tiles() {
    return [...this.root.children];
  }

  /** @param {{key: string, label: string, title: string, note: string, map: object|null}[]} items */
  show(items, chosen) {
    this.items = items;
    while (this.root.children.length > items.length) this.root.lastChild.remove();
    while (this.root.children.length < items.length) this.root.append(this.made());
    this.tiles.forEach((tile, k) => this.fill(tile, items[k]));
    this.mark(items.findIndex((item) => item.key === chosen));
  }

  made() {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.setAttribute("role", "radio");
    tile.innerHTML = "<canvas aria-hidden=true></canvas><b></b><span></span>";
    return tile;
  }

  fill(tile, { label, title, note, map, key }) {
    tile.setAttribute("aria-label", label);
    tile.title = label;
    tile.dataset.key = key;
    tile.querySelector("b").textContent = title;
    // Where a line must end, it ends before the channels.
    tile.querySelector("span").textContent = note.replace(/×(?=\d+$)/, "\u200b×");
    const canvas = tile.querySelector("canvas");
    canvas.hidden = !map;
    if (map) {
      const { shape, values } = decoded(map);
      paint(canvas, shape, values, [0, 255]);
    }
  }

  mark(index) {
    this.tiles.forEach((tile, k) => {
      tile.setAttribute("aria-checked", String(k === index));
      tile.tabIndex = k === Math.max(index, 0) ? 0 : -1;
    });
    if (index !== this.marked) this.reveal(this.tiles[index]);
    this.marked = index;
  }

  /** Scroll a strip that is too narrow, and nothing else, to its tile. */
  reveal(tile) {
    if (!tile || this.root.scrollWidth <= this.root.clientWidth) return;
    this.root.scrollLeft = tile.offsetLeft - this.root.offsetLeft - (this.root.clientWidth - tile.clientWidth) / 2;
  }

  take(index) {
    if (!this.items[index]) return;
    this.mark(index);
    this.choose(this.items[index]);
  }

  key(event) {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const index = this.tiles.indexOf(event.target);
    const next = Math.min(Math.max(index + step, 0), this.items.length - 1);
    this.tiles[next].focus();
    if (next !== index) this.take(next);
  }
}
