/** Polygons and lines over a picture: drawn, dragged and pushed, by mouse, finger or keys. Points are shares of it. */

const NEAR = 0.03; // of the width: a finger beside the first point closes the shape
const STEP = 0.005; // of the picture, per arrow key; with Shift ten of them
const LEAST = { zones: 3, ignore: 3, lines: 2 };

export class Drawing {
  #svg; #changed; #hint; #shapes = []; #chosen = null; #open = null; #held = null;

  /** svg: over the picture, of its size. changed(): a shape is another. hint(key): what to do next. */
  constructor(svg, { changed, hint }) {
    [this.#svg, this.#changed, this.#hint] = [svg, changed, hint];
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    svg.addEventListener("pointerup", () => this.#up());
    svg.addEventListener("pointercancel", () => this.#up());
    svg.addEventListener("keydown", (event) => this.#key(event));
    svg.addEventListener("dblclick", () => this.finish());
  }

  /** shapes: [{ kind: "zones" | "lines" | "ignore", name, points }], which are changed in place. */
  show(shapes, chosen = this.#chosen) {
    this.#shapes = shapes;
    this.#chosen = shapes.includes(chosen) ? chosen : null;
    this.draw();
  }

  get chosen() {
    return this.#chosen;
  }

  get drawing() {
    return this.#open !== null;
  }

  /** A new one: points are set one by one, until it is finished. */
  begin(kind, name) {
    this.#open = { kind, name, points: [] };
    this.#chosen = null;
    this.#hint(`zones.draw.${kind}`);
    this.draw();
  }

  /** What was begun becomes a shape, or is dropped where it has too few points. */
  finish() {
    const shape = this.#open;
    if (!shape) return;
    this.#open = null;
    this.#hint("");
    if (shape.points.length >= LEAST[shape.kind]) {
      this.#shapes.push(shape);
      this.#chosen = shape;
      this.#changed();
    }
    this.draw();
  }

  draw() {
    const focus = document.activeElement?.dataset?.point;
    const drawn = [...this.#shapes, ...(this.#open ? [this.#open] : [])];
    this.#svg.replaceChildren(...drawn.flatMap((shape) => this.#outline(shape)), ...this.#points());
    if (focus !== undefined) this.#svg.querySelector(`[data-point="${focus}"]`)?.focus();
  }

  #outline(shape) {
    const open = shape === this.#open || shape.kind === "lines";
    const chosen = shape === this.#chosen || shape === this.#open;
    const line = this.#make(open ? "polyline" : "polygon", { points: shape.points.map((point) => point.join(",")).join(" "), class: `${shape.kind}${chosen ? " chosen" : ""}` });
    line.dataset.shape = shape.name;
    if (shape !== this.#open)
      line.addEventListener("pointerdown", (event) => {
        if (this.#open) return;
        event.stopPropagation();
        this.#chosen = shape;
        this.#hold(event, shape.points.map((_, n) => n), shape);
        this.#changed();
        this.draw();
      });
    return [line];
  }

  /** Handles of the chosen one; between them, where a new one may be. */
  #points() {
    const shape = this.#open ?? this.#chosen;
    if (!shape) return [];
    const handles = shape.points.map((point, n) => {
      const handle = this.#dot(point, "handle", String(n));
      handle.addEventListener("pointerdown", (event) => this.#grab(event, shape, n));
      return handle;
    });
    return this.#open ? handles : [...this.#between(shape), ...handles];
  }

  #between(shape) {
    const ends = shape.kind === "lines" ? shape.points.slice(0, -1) : shape.points;
    return ends.map((point, n) => {
      const next = shape.points[(n + 1) % shape.points.length];
      const middle = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
      const handle = this.#dot(middle, "between", `+${n}`);
      handle.addEventListener("pointerdown", (event) => {
        shape.points.splice(n + 1, 0, middle);
        this.#grab(event, shape, n + 1);
        this.draw();
      });
      return handle;
    });
  }

  #dot([x, y], kind, name) {
    const { width, height } = this.#svg.getBoundingClientRect();
    const size = kind === "handle" ? 9 : 6; // px
    const dot = this.#make("ellipse", { cx: x, cy: y, rx: size / (width || 1), ry: size / (height || 1), class: kind, tabindex: 0, role: "button", "aria-label": `${name.replace("+", "")} ${Math.round(x * 100)} %, ${Math.round(y * 100)} %` });
    dot.dataset.point = name;
    return dot;
  }

  #make(tag, attributes) {
    const element = document.createElementNS(this.#svg.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  #grab(event, shape, n) {
    event.stopPropagation();
    if (this.#open && n === 0 && shape.points.length >= LEAST[shape.kind]) return this.finish();
    this.#hold(event, [n], shape);
  }

  #hold(event, which, shape) {
    this.#svg.setPointerCapture(event.pointerId);
    this.#held = { which, shape, at: this.#place(event), moved: false };
  }

  #down(event) {
    if (!this.#open) return;
    const at = this.#place(event);
    const [first] = this.#open.points;
    const closes = first && this.#open.points.length >= LEAST[this.#open.kind] && Math.hypot(first[0] - at[0], first[1] - at[1]) < NEAR;
    if (closes && this.#open.kind !== "lines") return this.finish();
    this.#open.points.push(at);
    this.draw();
  }

  #move(event) {
    if (!this.#held) return;
    const at = this.#place(event);
    this.#push(this.#held.shape, this.#held.which, at[0] - this.#held.at[0], at[1] - this.#held.at[1]);
    Object.assign(this.#held, { at, moved: true });
    this.draw();
  }

  #up() {
    const { moved } = this.#held ?? {};
    this.#held = null;
    if (moved) this.#changed();
  }

  #key(event) {
    const name = event.target.dataset?.point;
    const shape = this.#open ?? this.#chosen;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter" && this.#open) return this.finish();
    if (event.key === "Escape") return this.#leave();
    if (name === undefined || !shape) return;
    if (way) this.#nudge(event, shape, name, way);
    else if (["Enter", " "].includes(event.key) && name.startsWith("+")) this.#add(event, shape, Number(name));
    else if (["Delete", "Backspace"].includes(event.key) && !name.startsWith("+")) this.#drop(event, shape, Number(name));
  }

  #leave() {
    this.#open = null;
    this.#hint("");
    this.draw();
  }

  #nudge(event, shape, name, [x, y]) {
    if (name.startsWith("+")) return;
    event.preventDefault();
    const step = STEP * (event.shiftKey ? 10 : 1);
    this.#push(shape, [Number(name)], x * step, y * step);
    this.#changed();
    this.draw();
  }

  #add(event, shape, n) {
    event.preventDefault();
    const [point, next] = [shape.points[n], shape.points[(n + 1) % shape.points.length]];
    shape.points.splice(n + 1, 0, [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2]);
    this.#changed();
    this.draw();
  }

  #drop(event, shape, n) {
    event.preventDefault();
    if (shape.points.length <= LEAST[shape.kind]) return;
    shape.points.splice(n, 1);
    this.#changed();
    this.draw();
  }

  /** As far as the picture goes, all by the same. */
  #push(shape, which, x, y) {
    const within = (value, by) => Math.min(1 - Math.max(...value), Math.max(-Math.min(...value), by));
    const held = which.map((n) => shape.points[n]);
    const [right, down] = [within(held.map(([at]) => at), x), within(held.map(([, at]) => at), y)];
    for (const n of which) shape.points[n] = [round(shape.points[n][0] + right), round(shape.points[n][1] + down)];
  }

  #place(event) {
    const { left, top, width, height } = this.#svg.getBoundingClientRect();
    const share = (value) => round(Math.min(1, Math.max(0, value)));
    return [share((event.clientX - left) / width), share((event.clientY - top) / height)];
  }
}

const round = (value) => Math.round(value * 1e4) / 1e4;
