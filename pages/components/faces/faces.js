// The component: a grid of faces. Links tell the page which one was clicked, buttons which ones are ticked.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {{id: number, name: string, picture: string|null, note: string, mark: string, address: string}} Tile */

/** One grid on one page. */
class Faces {
  /** @param {HTMLUListElement} root */
  constructor(root, { start = [] }) {
    this.root = root;
    /** @type {Set<number>} */
    this.chosen = new Set(start);
    this.shown = "";
  }

  /** Take the page's newest arguments. Called on every rerun. */
  update({ data, setStateValue, setTriggerValue }) {
    this.kind = data.kind;
    this.setStateValue = setStateValue;
    this.setTriggerValue = setTriggerValue;
    this.root.setAttribute("aria-label", data.label);
    this.root.dataset.kind = data.kind;
    const wanted = JSON.stringify(data.tiles);
    // Tiles that stay keep the keyboard's focus.
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.root.replaceChildren(...data.tiles.map((tile) => this.item(tile)));
  }

  /** @param {Tile} tile */
  item(tile) {
    const item = document.createElement("li");
    if (this.kind === "show") item.append(this.frame(tile), ...words(tile));
    else item.append(this.kind === "open" ? this.link(tile) : this.toggle(tile));
    return item;
  }

  link(tile) {
    const link = element("a", "tile", this.frame(tile), ...words(tile));
    link.href = tile.address;
    link.addEventListener("click", (event) => {
      // Another tab or window is the browser's business.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.setTriggerValue("opened", tile.id);
    });
    return decorate(link, tile);
  }

  toggle(tile) {
    const button = element("button", "tile", this.frame(tile), ...words(tile));
    button.type = "button";
    button.dataset.id = String(tile.id);
    button.setAttribute("aria-pressed", String(this.chosen.has(tile.id)));
    button.addEventListener("click", () => this.press(tile.id));
    return decorate(button, tile);
  }

  press(id) {
    const pressed = this.chosen.has(id);
    if (this.kind === "one") this.chosen.clear();
    if (pressed) this.chosen.delete(id);
    else this.chosen.add(id);
    for (const button of this.root.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(this.chosen.has(Number(button.dataset.id))));
    }
    this.setStateValue("chosen", [...this.chosen]);
  }

  frame(tile) {
    const frame = element("span", "frame");
    if (tile.picture) {
      // The name stands below it.
      frame.append(Object.assign(document.createElement("img"), { src: tile.picture, alt: "", decoding: "async" }));
    } else {
      frame.append(element("span", "missing", "The file is missing."));
    }
    if (this.kind === "one" || this.kind === "several") frame.append(tick());
    if (tile.mark) frame.append(element("span", "mark", tile.mark));
    return frame;
  }
}

const element = (tag, className, ...children) => {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...children);
  return made;
};

const words = ({ name, note }) => [
  element("span", "name", name),
  ...(note ? [element("span", "note", note)] : []),
];

const decorate = (target, { name, mark }) => {
  target.title = name;
  target.classList.toggle("marked", Boolean(mark));
  return target;
};

const tick = () => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "tick");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M5 12.5l4.5 4.5L19 7.5");
  svg.append(path);
  return svg;
};

/** The grid in each mounted component. */
const grids = new WeakMap();

/** Streamlit calls this on mounting and again on every rerun that changes `data`. */
export default function (component) {
  const root = component.parentElement.querySelector(".faces");
  let faces = grids.get(root);
  if (!faces) {
    faces = new Faces(root, component.data);
    grids.set(root, faces);
  }
  faces.update(component);
}
