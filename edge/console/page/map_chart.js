/** The map as SVG: drawn once, then only the window moves. By mouse, wheel, fingers and keys. */

import { $ } from "./dom.js";
import { Window } from "./map_plane.js";
import { svg } from "./svg.js";

const KEYS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
const STEP = 1.5; // of a zoom by button or key
const STILL = 6; // pixels that a finger may move in a click

export class Chart {
  #root = $("chart"); #window = new Window(); #plane = null; #fingers = new Map(); #moved; #gone = 0; #all = [];

  /** moved(window, place or null): after each change; place: longitude and latitude under the pointer. */
  constructor(moved) {
    this.#moved = moved;
    const root = this.#root;
    new ResizeObserver(() => this.#measure()).observe(root);
    root.onpointerdown = (event) => this.#down(event);
    root.onpointermove = (event) => this.#move(event);
    root.onpointerup = root.onpointercancel = ({ pointerId }) => this.#fingers.delete(pointerId);
    root.onpointerleave = () => this.#show(null);
    root.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    root.addEventListener("click", (event) => this.#gone > STILL && event.preventDefault(), true); // a drag opens nothing
    root.onkeydown = (event) => this.#key(event);
    $("closer").onclick = () => this.zoom(1 / STEP);
    $("wider").onclick = () => this.zoom(STEP);
    $("all").onclick = () => this.whole();
  }

  /** shapes: [{ kind, rings, words }]; marks: [{ place, kind, severity, words, href }]; places in degrees. */
  draw(plane, shapes, marks) {
    const first = this.#plane === null;
    this.#plane = plane;
    const path = (rings) => rings.map((ring) => `M${ring.map((each) => plane.xy(each).map((one) => one.toFixed(2)).join(" ")).join("L")}Z`).join("");
    const areas = shapes.map(({ kind, rings, words }) => svg("path", { class: kind, d: path(rings), "fill-rule": "evenodd" }, svg("title", {}, words)));
    this.#root.replaceChildren(...areas, ...marks.map((each) => this.#mark(each)));
    this.#all = [...shapes.filter(({ kind }) => kind !== "parcel").flatMap(({ rings }) => rings.flat()), ...marks.map(({ place }) => place)].map(plane.xy);
    if (first) this.whole();
    else this.#show(null);
  }

  whole() {
    this.#measure();
    if (this.#all.length) this.#window.fit(this.#all);
    this.#show(null);
  }

  zoom(factor, at) {
    this.#window.zoom(factor, at);
    this.#show(null);
  }

  #mark({ place, kind, severity, words, name, href }) {
    const [x, y] = this.#plane.xy(place);
    const shape = kind === "mast" ? svg("path", { class: "mast", d: "M0 -11L9 6L-9 6Z" }) : svg("circle", { class: "spot", "data-kind": severity ?? "", r: 9 });
    const group = svg("g", { class: "mark-at", "data-x": x, "data-y": y }, shape, svg("title", {}, words));
    if (name) group.append(svg("text", { x: 13, y: 5 }, name));
    return href ? svg("a", { href, "aria-label": words }, group) : group;
  }

  #measure() {
    const { width, height } = this.#root.getBoundingClientRect();
    if (!width) return;
    Object.assign(this.#window, { width, height });
    this.#show(null);
  }

  #show(at) {
    if (!this.#plane) return;
    this.#root.setAttribute("viewBox", this.#window.box);
    for (const each of this.#root.querySelectorAll(".mark-at"))
      each.setAttribute("transform", `translate(${each.dataset.x} ${each.dataset.y}) scale(${this.#window.scale})`);
    this.#moved(this.#window, at && this.#plane.lonlat(this.#window.place(at)));
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.#root.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  #down(event) {
    if (!this.#fingers.size) this.#gone = 0;
    this.#fingers.set(event.pointerId, this.#at(event));
  }

  #move(event) {
    const now = this.#at(event), before = this.#fingers.get(event.pointerId);
    if (before) {
      const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
      const far = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]);
      if (other) this.#window.zoom(far(before) / Math.max(1, far(now)), other);
      else this.#window.drag(now[0] - before[0], now[1] - before[1]);
      this.#gone += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (this.#gone > STILL) this.#root.setPointerCapture(event.pointerId);
      this.#fingers.set(event.pointerId, now);
    }
    this.#show(now);
  }

  #wheel(event) {
    event.preventDefault();
    this.zoom(1.0015 ** event.deltaY, this.#at(event));
  }

  #key(event) {
    const step = KEYS[event.key];
    if (step) this.#window.drag(...step);
    else if (event.key === "+" || event.key === "=") this.#window.zoom(1 / STEP);
    else if (event.key === "-") this.#window.zoom(STEP);
    else return;
    event.preventDefault();
    this.#show(null);
  }
}
