// Who is in view, as chips, and who was, as a list. Each is a button: who is that, or their page.

/** @typedef {{id: number, name: string|null, first: number, last: number, face: string|null}} Row times are Unix seconds */

/** A chip outlasts its face by so many ms: a face that is lost for a frame or two must not make them jump. */
const CHIP_STAYS = 700;

/** Seconds as a person says them. */
function lasting(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

class Seen {
  /**
   * @param {HTMLElement} root the component's aside
   * @param {(id: number) => void} choose a row was chosen
   */
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
    this.chips = root.querySelector(".chips");
    this.list = root.querySelector("ol");
    this.none = root.querySelector(".none");
    /** @type {Map<number, Row>} newest first */
    this.rows = new Map();
    /** The list's items, by row. */
    this.items = new Map();
    /** The chips, by row, each with when its face was last there. */
    this.shown = new Map();
    /** What the server's clock is ahead of ours, in seconds. */
    this.ahead = 0;
  }

  get now() {
    return Date.now() / 1000 + this.ahead;
  }

  /** The server's newest list. @param {{now: number, rows: Row[]}} message */
  take({ now, rows }) {
    this.ahead = now - Date.now() / 1000;
    const before = this.rows;
    this.rows = new Map(rows.map((row) => [row.id, { ...row, face: row.face ?? before.get(row.id)?.face ?? "" }]));
    this.items = new Map(rows.map(({ id }) => [id, this.items.get(id) ?? this.button(id)]));
    for (const [id, parts] of this.items) this.name(parts, this.rows.get(id));
    keepInOrder(this.list, [...this.items.values()].map(({ item }) => item));
    for (const [id, chip] of this.shown) {
      if (this.rows.has(id)) this.name(chip.parts, this.rows.get(id));
      else this.removeChip(id);
    }
    this.none.hidden = rows.length > 0;
    this.root.hidden = false;
    this.tell();
  }

  /** The faces of a frame's answer. @param {Face[]} faces */
  see(faces) {
    for (const { appearance, confidence, name } of faces) {
      const row = this.rows.get(appearance);
      if (!row) continue;
      row.last = this.now;
      const chip = this.shown.get(appearance) ?? this.addChip(row);
      Object.assign(chip, { at: performance.now(), sure: name === null ? null : confidence });
    }
    for (const [id, { at }] of this.shown) if (performance.now() - at > CHIP_STAYS) this.removeChip(id);
  }

  /** Bring times and percentages up to date. */
  tell() {
    for (const [id, parts] of this.items) {
      const row = this.rows.get(id);
      parts.note.textContent = `Since ${clock(row.first)} · ${lasting(row.last - row.first)}`;
      parts.item.toggleAttribute("data-here", this.shown.has(id));
    }
    for (const [id, { parts, sure }] of this.shown) {
      parts.note.textContent = this.rows.get(id).name === null ? "Who is this?" : sure === null ? "" : percentage(sure);
    }
  }

  /** Nobody is in view any more; the list stays. */
  leave() {
    for (const id of [...this.shown.keys()]) this.removeChip(id);
    this.tell();
  }

  addChip(row) {
    const chip = { parts: this.button(row.id), at: performance.now(), sure: null };
    this.name(chip.parts, row);
    this.shown.set(row.id, chip);
    keepInOrder(this.chips, [...this.shown.keys()].sort((a, b) => a - b).map((id) => this.shown.get(id).parts.item));
    return chip;
  }

  removeChip(id) {
    this.shown.get(id).parts.item.remove();
    this.shown.delete(id);
  }

  button(id) {
    const [item, button, face, words, title, note] = ["li", "button", "img", "span", "b", "small"].map((tag) =>
      document.createElement(tag),
    );
    button.type = "button";
    button.addEventListener("click", () => this.choose(id));
    face.src = this.rows.get(id).face;
    face.alt = "";
    words.append(title, note);
    button.append(face, words);
    item.append(button);
    return { item, button, title, note };
  }

  name({ item, button, title }, { name, first }) {
    item.toggleAttribute("data-unknown", name === null);
    title.textContent = name ?? "Unknown";
    const does = name === null ? "who is this?" : "open their page";
    button.setAttribute("aria-label", `${name ?? "Unknown"}, since ${clock(first)}: ${does}`);
  }
}

/** A time of day in the browser's own way. @param {number} seconds of Unix time */
function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString();
}

/** Make these the children, in this order; those that stay where they are aren't touched, so focus is kept. */
function keepInOrder(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}
