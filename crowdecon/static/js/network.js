// Draws the network of [data-network] on a canvas from the rows at that address: sub-communities in their colours, strong ties
// thick. Where everybody stands was computed beforehand, so that 20,000 members are drawn in one go. Pointing at a member
// says who it is; choosing one shows whom they are in touch with, and the way to their page. Extras: the lists below say it too.

const ROUND = 2 * Math.PI;
const NEAR = 16;
const CHUNK = 400;
const CELLS = 64;
// The room that a line of words takes.
const LINE = 18;

class Network {
  constructor(place, rows) {
    this.place = place;
    this.rows = rows;
    this.canvas = place.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.says = place.querySelector("[data-says]");
    this.chosen = -1;
    this.zoom = 1;
    this.middle = [rows.side / 2, rows.side / 2];
    this.pointers = new Map();
    this.names = [...document.querySelectorAll("[data-part-name]")].map((one) => one.textContent.trim());
    this.most = rows.n.reduce((most, n) => Math.max(most, n), 1);
    this.index();
    this.listen();
    this.paint();
    this.resize();
  }

  // Who stands in which cell of a grid, for finding the nearest; and whose ties are whose.
  index() {
    const { x, y, one, other, side, part, coloured, strong } = this.rows;
    this.cells = new Map();
    x.forEach((at, i) => {
      const cell = this.cell(at, y[i]);
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(i);
    });
    this.ties = x.map(() => []);
    one.forEach((from, e) => { this.ties[from].push(e); this.ties[other[e]].push(e); });
    this.groups = Array.from({ length: coloured + 1 }, () => []);
    part.forEach((each, i) => this.groups[each < coloured ? each + 1 : 0].push(i));
    // Where each part lies: its least, mean and greatest x, and the same of y.
    const reach = (group, at) => [
      group.reduce((least, i) => Math.min(least, at[i]), side),
      group.reduce((sum, i) => sum + at[i], 0) / Math.max(group.length, 1),
      group.reduce((most, i) => Math.max(most, at[i]), 0),
    ];
    this.boxes = this.groups.map((group) => [reach(group, x), reach(group, y)]);
    // Strong ties within each part, and those from part to part first.
    const weak = one.length - strong;
    this.weak = Array.from({ length: weak }, (_none, e) => e);
    this.strong = Array.from({ length: coloured + 1 }, () => []);
    for (let e = weak; e < one.length; e += 1) {
      const same = part[one[e]] === part[other[e]] && part[one[e]] < coloured;
      this.strong[same ? part[one[e]] + 1 : 0].push(e);
    }
    this.side = side;
  }

  cell(x, y) {
    const width = this.rows.side / CELLS;
    return Math.min(CELLS - 1, Math.floor(x / width)) * CELLS + Math.min(CELLS - 1, Math.floor(y / width));
  }

  paint() {
    const style = getComputedStyle(this.place);
    const colour = (name) => style.getPropertyValue(name).trim();
    this.colours = this.groups.map((_group, n) => colour(n ? `--part-${n}` : "--quiet-bar"));
    [this.ink, this.paper, this.faint] = ["--ink", "--surface", "--line-strong"].map(colour);
    this.font = style.fontFamily;
    this.ask();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const fine = Math.min(window.devicePixelRatio || 1, 2);
    [this.width, this.height] = [width, height];
    this.canvas.width = Math.round(width * fine);
    this.canvas.height = Math.round(height * fine);
    this.pen.setTransform(fine, 0, 0, fine, 0, 0);
    this.ask();
  }

  ask() {
    this.asked ??= requestAnimationFrame(() => { this.asked = undefined; this.draw(); });
  }

  get scale() { return ((Math.min(this.width, this.height) - 28) / this.side) * this.zoom; }
  toX(x) { return this.width / 2 + (x - this.middle[0]) * this.scale; }
  toY(y) { return this.height / 2 + (y - this.middle[1]) * this.scale; }
  size(i) {
    const base = Math.max(1.1, Math.min(4.5, 60 / Math.sqrt(this.rows.x.length)));
    return base * (0.7 + 1.6 * Math.sqrt(this.rows.n[i] / this.most)) * Math.min(2.5, Math.sqrt(this.zoom));
  }

  draw() {
    if (!this.width) return;
    const { pen, rows } = this;
    pen.clearRect(0, 0, this.width, this.height);
    const dim = this.chosen >= 0 ? 0.35 : 1;
    const thin = Math.max(0.1, Math.min(0.55, 24 / Math.sqrt(rows.one.length + 1))) * dim;
    this.lines(this.weak, this.faint, 0.6, thin);
    const thick = rows.strong > 4000 ? 1 : 1.7;
    this.strong.forEach((edges, n) => {
      // Those from part to part stay behind those within one.
      this.lines(edges, n === 0 ? this.ink : this.colours[n], thick, Math.min(0.6, thin * (n ? 3 : 1.6)));
    });
    this.groups.forEach((group, n) => this.dots(group, this.colours[n], dim));
    if (this.chosen >= 0) this.around(this.chosen);
    this.words();
  }

  lines(edges, colour, width, alpha) {
    const { pen, rows } = this;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.globalAlpha = alpha;
    for (let start = 0; start < edges.length; start += CHUNK) {
      pen.beginPath();
      for (const e of edges.slice(start, start + CHUNK)) this.line(rows.one[e], rows.other[e]);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  line(a, b) {
    const { x, y } = this.rows;
    this.pen.moveTo(this.toX(x[a]), this.toY(y[a]));
    this.pen.lineTo(this.toX(x[b]), this.toY(y[b]));
  }

  dots(group, colour, alpha) {
    const { pen, rows } = this;
    pen.fillStyle = colour;
    pen.globalAlpha = alpha;
    pen.beginPath();
    for (const i of group) {
      const [x, y, r] = [this.toX(rows.x[i]), this.toY(rows.y[i]), this.size(i)];
      if (x < -9 || y < -9 || x > this.width + 9 || y > this.height + 9) continue;
      if (r < 1.6) pen.rect(x - r, y - r, 2 * r, 2 * r);
      else { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, ROUND); }
    }
    pen.fill();
    pen.globalAlpha = 1;
  }

  // Whom the chosen one is in touch with.
  around(i) {
    const { pen, rows } = this;
    const weak = rows.one.length - rows.strong;
    for (const strong of [false, true]) {
      pen.beginPath();
      for (const e of this.ties[i]) if (e >= weak === strong) this.line(rows.one[e], rows.other[e]);
      pen.strokeStyle = this.ink;
      pen.lineWidth = strong ? 2.6 : 1;
      pen.stroke();
    }
    for (const near of [...this.ties[i].map((e) => (rows.one[e] === i ? rows.other[e] : rows.one[e])), i]) {
      const part = rows.part[near];
      pen.beginPath();
      pen.arc(this.toX(rows.x[near]), this.toY(rows.y[near]), this.size(near) + (near === i ? 3 : 1), 0, ROUND);
      pen.fillStyle = this.colours[part < rows.coloured ? part + 1 : 0];
      pen.fill();
      if (near !== i) continue;
      pen.strokeStyle = this.ink;
      pen.lineWidth = 2;
      pen.stroke();
    }
  }

  // The names of the large parts, the largest first: each beside its part, where it lies over no other name and over the
  // fewest members of others. One that finds no such place is left to the legend.
  words() {
    const { pen } = this;
    const taken = [];
    pen.font = `600 13px ${this.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    this.groups.forEach((group, n) => {
      if (!n || !this.names[n - 1] || group.length < 3) return;
      const said = this.short(this.names[n - 1]);
      const half = pen.measureText(said).width / 2 + 4;
      const free = this.spots(n, half)
        .filter(([x, y]) => !taken.some(([a, b, c]) => Math.abs(a - x) < c + half && Math.abs(b - y) < LINE))
        .map((spot) => [this.under(n, half, spot), spot]);
      if (!free.length) return;
      const [x, y] = free.reduce((best, one) => (one[0] < best[0] ? one : best))[1];
      taken.push([x, y, half]);
      pen.strokeStyle = this.paper;
      pen.lineWidth = 4;
      pen.strokeText(said, x, y);
      pen.fillStyle = this.ink;
      pen.fillText(said, x, y);
    });
  }

  // A name, cut to what leaves room for another beside it.
  short(name) {
    const most = Math.min(180, this.width * 0.45);
    if (this.pen.measureText(name).width <= most) return name;
    let end = name.length;
    while (end > 1 && this.pen.measureText(`${name.slice(0, end)}…`).width > most) end -= 1;
    return `${name.slice(0, end).trimEnd()}…`;
  }

  // Where the name of a part may stand: above it, below, at its sides, in its middle; nowhere while the part is out of sight.
  spots(n, half) {
    const [left, middle, right] = this.boxes[n][0].map((x) => this.toX(x));
    const [top, centre, bottom] = this.boxes[n][1].map((y) => this.toY(y));
    if (right < 0 || left > this.width || bottom < 0 || top > this.height) return [];
    const x = (at) => Math.max(half, Math.min(this.width - half, at));
    const y = (at) => Math.max(LINE / 2, Math.min(this.height - LINE / 2, at));
    return [
      [x(middle), y(top - 12)], [x(middle), y(bottom + 12)], [x(left - half - 4), y(centre)],
      [x(right + half + 4), y(centre)], [x(middle), y(centre)],
    ];
  }

  // How many members of other parts a name there would lie over.
  under(n, half, [middle, centre]) {
    const { rows, side } = this;
    const x = (at) => (at - this.width / 2) / this.scale + this.middle[0];
    const y = (at) => (at - this.height / 2) / this.scale + this.middle[1];
    const [left, right] = [x(middle - half), x(middle + half)];
    const [top, bottom] = [y(centre - LINE / 2), y(centre + LINE / 2)];
    const step = side / CELLS;
    const within = (at) => Math.max(0, Math.min(CELLS - 1, Math.floor(at / step)));
    let found = 0;
    for (let column = within(left); column <= within(right); column += 1) {
      for (let line = within(top); line <= within(bottom); line += 1) {
        for (const i of this.cells.get(column * CELLS + line) ?? []) {
          const part = rows.part[i] < rows.coloured ? rows.part[i] + 1 : 0;
          if (part === n || rows.x[i] < left || rows.x[i] > right || rows.y[i] < top || rows.y[i] > bottom) continue;
          found += 1;
        }
      }
    }
    return found;
  }

  nearest(event) {
    const box = this.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const x = (px - this.width / 2) / this.scale + this.middle[0];
    const y = (py - this.height / 2) / this.scale + this.middle[1];
    const reach = NEAR / this.scale;
    const step = this.side / CELLS;
    let [found, least] = [-1, reach];
    for (let a = x - reach; a <= x + reach + step; a += step) {
      for (let b = y - reach; b <= y + reach + step; b += step) {
        if (a < -step || b < -step || a > this.side + step || b > this.side + step) continue;
        const cell = this.cell(Math.max(0, Math.min(a, x + reach)), Math.max(0, Math.min(b, y + reach)));
        for (const i of this.cells.get(cell) ?? []) {
          const far = Math.hypot(this.rows.x[i] - x, this.rows.y[i] - y);
          if (far < least) [found, least] = [i, far];
        }
      }
    }
    return found;
  }

  say(i) {
    if (i < 0) {
      this.says.textContent = this.place.dataset.hint;
      return;
    }
    const link = document.createElement("a");
    link.href = this.place.dataset.member.replace(/\/0\/$/, `/${this.rows.number[i]}/`);
    link.textContent = this.rows.name[i];
    const part = this.names[this.rows.part[i]];
    const many = this.place.dataset.ties.replace("{n}", this.ties[i].length);
    this.says.replaceChildren(link, ` · ${[part, many].filter(Boolean).join(" · ")}`);
  }

  choose(i) {
    this.chosen = i;
    this.say(i);
    this.ask();
  }

  turn(factor, keep = this.middle) {
    const before = this.zoom;
    this.zoom = Math.max(1, Math.min(12, this.zoom * factor));
    const share = 1 - before / this.zoom;
    this.move((keep[0] - this.middle[0]) * share, (keep[1] - this.middle[1]) * share);
  }

  move(dx, dy) {
    const free = (this.side / 2) * (1 - 1 / this.zoom) + (this.zoom > 1 ? this.side * 0.05 : 0);
    const within = (value) => Math.max(this.side / 2 - free, Math.min(this.side / 2 + free, value));
    this.middle = [within(this.middle[0] + dx), within(this.middle[1] + dy)];
    // While all of it is to be seen a finger scrolls the page; once it is nearer, it moves the picture.
    this.canvas.style.touchAction = this.zoom > 1 ? "none" : "pan-y";
    this.ask();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      this.moved = 0;
    });
    canvas.addEventListener("pointermove", (event) => this.pointed(event));
    for (const over of ["pointerup", "pointercancel", "pointerleave"]) {
      canvas.addEventListener(over, (event) => {
        if (over === "pointerup" && this.pointers.size === 1 && this.moved < 6) this.choose(this.nearest(event));
        this.pointers.delete(event.pointerId);
        if (over === "pointerleave" && this.chosen < 0) this.say(-1);
      });
    }
    canvas.addEventListener("wheel", (event) => {
      // A turn of the wheel scrolls the page, as everywhere; with the key, or two fingers, it brings nearer.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.turn(Math.exp(-event.deltaY / 200));
    }, { passive: false });
    for (const button of this.place.querySelectorAll("[data-turn]")) {
      button.addEventListener("click", () => this.turn(Number(button.dataset.turn)));
    }
  }

  pointed(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse" && this.chosen < 0) {
        const i = this.nearest(event);
        this.canvas.classList.toggle("over", i >= 0);
        this.say(i);
      }
      return;
    }
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    this.moved += Math.abs(dx) + Math.abs(dy);
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const far = (at) => Math.hypot(at[0] - other[0], at[1] - other[1]) || 1;
      this.turn(far([event.clientX, event.clientY]) / far(before));
    } else if (this.zoom > 1) this.move(-dx / this.scale, -dy / this.scale);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
  }
}

async function begin(place) {
  const answer = await fetch(place.dataset.network, { headers: { accept: "application/json" } });
  if (!answer.ok) return;
  const rows = await answer.json();
  place.hidden = false;
  const network = new Network(place, rows);
  new ResizeObserver(() => network.resize()).observe(network.canvas);
  const again = () => network.paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme", "data-type"] });
}

for (const place of document.querySelectorAll("[data-network]")) begin(place);
