/** The camera's picture with what lies over it: how sure places are, parcels, and the points, which can be dragged. */

import { $, make, show } from "./dom.js";
import { say } from "./words.js";
import { svg } from "./svg.js";

// 1 sigma in m, up to which a place has this colour: colours that the colour-blind tell apart.
const STEPS = [[1, "#2c7bb6"], [2, "#65b7cf"], [5, "#ffe38a"], [10, "#fdae61"], [Infinity, "#d7191c"]];
const TURN = 0.75; // of the picture: farther right, words stand to the left of their point
const STEP = 0.002; // of the picture, by key
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Stage {
  #told; #held = null;
  aspect = 16 / 9;

  /** put(pixel), move(n, pixel), choose(n), drop(n): what people do. */
  constructor(told) {
    this.#told = told;
    const marks = $("marks");
    marks.onpointerdown = (event) => this.#down(event);
    marks.onpointermove = (event) => this.#held !== null && told.move(this.#held, this.#at(event));
    marks.onpointerup = marks.onpointercancel = () => (this.#held = null);
    marks.onmousedown = (event) => event.preventDefault(); // or it would take the focus from the new point's field
    marks.onkeydown = (event) => this.#key(event);
  }

  /** Once the picture is there, or cannot be had. */
  load(address) {
    const image = $("still");
    return new Promise((done) => {
      image.onload = () => {
        this.aspect = image.naturalWidth / image.naturalHeight;
        $("stage").style.aspectRatio = String(this.aspect);
        done();
      };
      image.onerror = done;
      image.src = address;
    });
  }

  draw({ points, chosen, sure, parcels }) {
    this.#paint(sure);
    const { width, height } = $("stage").getBoundingClientRect();
    $("marks").setAttribute("viewBox", `0 0 ${width} ${height}`);
    const place = ([x, y]) => `${(x * width).toFixed(1)},${(y * height).toFixed(1)}`;
    const lines = parcels.flatMap(({ lines }) => lines.map((line) => svg("polyline", { points: line.map(place).join(" ") })));
    const focus = document.activeElement?.dataset?.point;
    $("marks").replaceChildren(...lines, ...points.map((each, n) => this.#mark(each, n, n === chosen, place)));
    if (focus !== undefined) $("marks").querySelector(`[data-point="${focus}"]`)?.focus();
  }

  #mark({ pixel, off, bad }, n, current, place) {
    const words = off === null ? String(n + 1) : `${n + 1}: ${say("ground.metres", { n: off.toFixed(1) })}`;
    const [x, y] = place(pixel).split(",");
    const group = svg("g", { tabindex: 0, role: "button", "aria-label": say("ground.point", { n: words }), class: bad ? "bad" : "", "data-point": n }, svg("circle", { cx: x, cy: y, r: 9 }), svg("text", { x: Number(x) + (pixel[0] > TURN ? -12 : 12), y: Number(y) - 8, "text-anchor": pixel[0] > TURN ? "end" : "start" }, words));
    if (current) group.setAttribute("aria-current", "true");
    return group;
  }

  #paint(sure) {
    show($("legend"), Boolean(sure));
    show($("sure"), Boolean(sure));
    if (!sure) return;
    const canvas = $("sure"), rows = sure.sigma_m.length / sure.columns, pen = canvas.getContext("2d");
    Object.assign(canvas, { width: sure.columns, height: rows });
    sure.sigma_m.forEach((sigma, n) => {
      if (sigma === null) return;
      pen.fillStyle = STEPS.find(([most]) => sigma <= most)[1];
      pen.fillRect(n % sure.columns, Math.floor(n / sure.columns), 1, 1);
    });
    $("legend").replaceChildren(say("ground.legend"), ...STEPS.map(([most, colour]) => {
      const swatch = make("i");
      swatch.style.background = colour;
      return make("span", {}, swatch, most === Infinity ? say("ground.beyond", { n: STEPS.at(-2)[0] }) : say("ground.within", { n: most }));
    }));
  }

  #down(event) {
    const group = event.target.closest("[data-point]");
    if (!group) return this.#told.put(this.#at(event));
    this.#held = Number(group.dataset.point);
    this.#told.choose(this.#held);
    $("marks").setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  #key(event) {
    const n = Number(event.target.closest("[data-point]")?.dataset.point ?? NaN);
    if (Number.isNaN(n)) return;
    if (event.key === "Delete") return this.#told.drop(n);
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y, width, height } = event.target.querySelector("circle").getBoundingClientRect();
    const [at, down] = this.#at({ clientX: x + width / 2, clientY: y + height / 2 });
    this.#told.move(n, [at + STEP * step[0], down + STEP * step[1] * this.aspect]);
  }

  #at({ clientX, clientY }) {
    const { left, top, width, height } = $("stage").getBoundingClientRect();
    const within = (value) => Math.min(1, Math.max(0, value));
    return [within((clientX - left) / width), within((clientY - top) / height)];
  }
}
