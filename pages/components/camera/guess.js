// What a network says of the picture, beside it: what it got, and how probable each class is.

/** @typedef {{region: number[], seen: string, probabilities: [string, number][]}} Guess region in pixels of the frame */

class Guesses {
  /** @param {HTMLElement} root the component's aside */
  constructor(root) {
    this.seen = root.querySelector("img");
    this.list = root.querySelector("ul");
    /** Rows by class. */
    this.rows = new Map();
  }

  /** @param {Guess} guess */
  show({ seen, probabilities }) {
    this.seen.src = seen;
    this.seen.hidden = false;
    const names = probabilities.map(([name]) => name);
    if (names.join("\n") !== [...this.rows.keys()].join("\n")) {
      this.rows = new Map(names.map((name) => [name, this.rows.get(name) ?? this.row(name)]));
      this.list.replaceChildren(...[...this.rows.values()].map(({ item }) => item));
    }
    const highest = Math.max(...probabilities.map(([, share]) => share));
    for (const [name, share] of probabilities) {
      const { item, bar, percent } = this.rows.get(name);
      item.classList.toggle("highest", share === highest);
      bar.style.transform = `scaleX(${share})`;
      percent.textContent = percentage(share);
    }
  }

  clear() {
    this.seen.hidden = true;
    this.seen.removeAttribute("src");
    this.rows.clear();
    this.list.replaceChildren();
  }

  row(name) {
    const [item, title, track, bar, percent] = ["li", "span", "span", "span", "span"].map((tag) => document.createElement(tag));
    title.className = "name";
    title.textContent = title.title = name;
    track.className = "track";
    percent.className = "percent";
    track.append(bar);
    item.append(title, track, percent);
    return { item, bar, percent };
  }
}
