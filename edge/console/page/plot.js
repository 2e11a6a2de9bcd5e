/** A plot of quantities over time, as SVG: a few lines, a grid, the newest value in words. */

import { make } from "./dom.js";
import { svg } from "./svg.js";

const WIDE = 340, HIGH = 120, LEFT = 34, BOTTOM = 16, COLOURS = 5;

/** times: s since 1970, rising. lines: [{ name, values }], null: not known. most: of the scale, null: by the values.
    shown(value): in words. clock(s): a time of day. title: what it is. */
export function plot({ title, times, lines, most, shown, clock }) {
  const top = most ?? round(Math.max(0, ...lines.flatMap(({ values }) => values)));
  const [first, last] = [times[0], times.at(-1)];
  const x = (time) => LEFT + ((time - first) / Math.max(1, last - first)) * (WIDE - LEFT);
  const y = (value) => (HIGH - BOTTOM) * (1 - Math.min(1, value / top)) + 4;
  const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH + 6}`, role: "img" }, ...grid(top, y, shown), ...hours(first, last, x, clock));
  lines.forEach(({ values }, n) => {
    for (const part of parts(times, values))
      picture.append(svg("polyline", { points: part.map(([t, v]) => `${x(t).toFixed(1)},${y(v).toFixed(1)}`).join(" "), "data-n": n % COLOURS, "data-dash": n < COLOURS ? "no" : "yes" }));
  });
  const newest = lines.length === 1 ? lines[0].values.at(-1) : null;
  const words = newest == null ? "" : shown(newest);
  picture.setAttribute("aria-label", `${title}: ${lines.map(({ name, values }) => `${name ?? ""} ${values.at(-1) == null ? "?" : shown(values.at(-1))}`).join(", ")}`);
  const head = make("figcaption", {}, make("span", { textContent: title }), make("output", { textContent: words }));
  return make("figure", { className: "plot" }, head, picture, ...(lines.length > 1 ? [key(lines, shown)] : []));
}

/** Each line's name and newest value, in its colour. */
function key(lines, shown) {
  const each = ({ name, values }, n) => make("span", { textContent: `${name} ${values.at(-1) == null ? "" : shown(values.at(-1))}`, dataset: { n: n % COLOURS } });
  return make("div", { className: "key" }, ...lines.map(each));
}

function grid(top, y, shown) {
  return [0, top / 2, top].flatMap((value) => [
    svg("line", { class: "grid", x1: LEFT, x2: WIDE, y1: y(value), y2: y(value) }),
    svg("text", { x: LEFT - 4, y: y(value) + 4, "text-anchor": "end" }, shown(value)),
  ]);
}

const hours = (first, last, x, clock) => [
  svg("text", { x: LEFT, y: HIGH + 4 }, clock(first)),
  svg("text", { x: x(last), y: HIGH + 4, "text-anchor": "end" }, clock(last)),
];

/** Runs of what is known: [time, value]. */
function parts(times, values) {
  const found = [[]];
  values.forEach((value, n) => (value === null ? found.push([]) : found.at(-1).push([times[n], value])));
  return found.filter((part) => part.length > 1);
}

/** The next 1, 2 or 5 times a power of ten. */
function round(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= value);
}
