/** /ground: where a camera's pixels lie on the ground, told by points that were measured. */

import { begin, toast } from "./account.js";
import { get, send } from "./api.js";
import { $, button, make, show, write } from "./dom.js";
import { Stage } from "./ground_stage.js";
import { parcels } from "./ground_parcels.js";
import { options, trying } from "./list.js";
import { onLanguage, say, spoken } from "./words.js";

const PAUSE = 400; // ms without a change, before the box is asked to fit
const WAYS = ["lonlat", "metres", "EPSG:4490", "EPSG:4326", "GCJ-02", "other"];
const NEAREST = 0.015; // of the picture: a finger's aim
let site = null, points = [], chosen = -1, fit = null, timer = 0, turn = 0, stage, touched = false;

begin({ opened, heard: () => {}, fresh: () => touched || read() });

function opened(person) {
  show($("refuse"), !person.may.includes("setup"));
  if (!person.may.includes("setup")) return;
  stage = new Stage({ put, move, choose, drop });
  $("camera").onchange = $("preset").onchange = load;
  $("again").onclick = picture;
  $("crs").onchange = () => (translateColumns(), changed());
  $("other-crs").oninput = changed;
  $("overlay").onchange = draw;
  $("keep").onclick = keep;
  $("reset").onclick = () => ((touched = false), read());
  parcels({ read: () => read(), everywhere: person.cameras.includes("*") });
  onLanguage(words);
}

async function read() {
  await trying(async () => {
    site = await get("/ground");
    show($("desk"), site.cameras.length > 0);
    show($("refuse"), site.cameras.length === 0);
    options($("camera"), site.cameras.map(({ name, title }) => [name, title ?? name]));
    parcels.show(site.parcels);
    load();
  });
}

const camera = () => site.cameras.find(({ name }) => name === $("camera").value);

/** The points that the site file has of this camera, at this preset. */
function load() {
  if (!camera()) return;
  const { presets, points: held } = camera();
  show($("preset-row"), presets.length > 0);
  options($("preset"), presets.map((each) => [each, each]));
  const found = held.find(({ preset }) => (preset ?? "") === $("preset").value)?.points ?? [];
  points = found.map((each) => ({ ...each, values: (each.lonlat ?? each.metres).map(String), height: each.height ?? "" }));
  $("crs").value = found[0]?.metres ? "metres" : "lonlat";
  [chosen, fit, touched] = [-1, null, false];
  translateColumns();
  table();
  picture();
  ask();
}

async function picture() {
  await stage.load(`/api/v1/cameras/${encodeURIComponent($("camera").value)}/still?at=${Date.now()}`);
  draw();
}

/** A click in the picture: a new point, to be measured. */
function put([x, y]) {
  const near = points.findIndex(({ pixel }) => Math.hypot(pixel[0] - x, pixel[1] - y) < NEAREST);
  if (near >= 0) return choose(near);
  points.push({ pixel: [x, y], values: ["", ""], height: "" });
  chosen = points.length - 1;
  table();
  changed();
  $("points").querySelectorAll("tbody tr")[chosen].querySelector("input").focus({ preventScroll: true });
}

function move(n, pixel) {
  points[n].pixel = pixel;
  choose(n);
  changed();
}

function choose(n) {
  chosen = n;
  [...$("points").querySelectorAll("tbody tr")].forEach((each, at) => (each.ariaCurrent = at === n ? "true" : null));
  draw();
}

function drop(n) {
  points.splice(n, 1);
  chosen = -1;
  table();
  changed();
}

function changed() {
  touched = true;
  draw();
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

const number = (text) => Number(String(text).trim().replace(/[，,]/, "."));
const measured = ({ values }) => values.every((each) => each.trim() !== "" && Number.isFinite(number(each)));
const rounded = (pixel) => pixel.map((each) => Math.round(each * 1e5) / 1e5);

/** As the gateway reads them; what is not measured yet is left out. */
function told() {
  const way = $("crs").value;
  const key = way === "lonlat" || way === "metres" ? way : "grid";
  const crs = key === "grid" ? (way === "other" ? $("other-crs").value.trim() : way) : null;
  const all = points.filter(measured).map(({ pixel, values, height, sigma_m }) => ({
    pixel: rounded(pixel), [key]: values.map(number), ...(String(height).trim() && { height: number(height) }), ...(sigma_m && { sigma_m }),
  }));
  return { camera: $("camera").value, preset: $("preset").value || null, points: all, crs, aspect: stage.aspect };
}

async function ask() {
  const mine = ++turn, asked = told();
  if (!asked.points.length || (asked.crs === "")) return judged(null);
  await trying(async () => {
    const found = await send("/ground/fit", asked);
    if (mine === turn) judged(found);
  });
}

function judged(found) {
  fit = found;
  draw();
}

async function keep() {
  await trying(async () => {
    await send("/ground/points", told());
    toast(say("ground.kept"));
    touched = false;
    await read();
  });
}

function words() {
  options($("crs"), WAYS.map((each) => [each, say(`ground.way.${each}`)]));
  translateColumns();
  if (site) table(), draw();
}

function translateColumns() {
  const way = $("crs").value;
  show($("other-row"), way === "other");
  const degrees = ["lonlat", "EPSG:4490", "EPSG:4326", "GCJ-02"].includes(way);
  write($("first"), say(degrees ? "ground.lon" : "ground.east"));
  write($("second"), say(degrees ? "ground.lat" : "ground.north"));
}

function table() {
  $("points").tBodies[0].replaceChildren(...points.map(row));
}

function row(point, n) {
  const input = (value, words, set, className = "") =>
    make("input", { value, inputMode: "decimal", ariaLabel: `${n + 1}: ${words}`, className, onfocus: () => choose(n), oninput: ({ target }) => (set(target.value), changed()) });
  const first = input(point.values[0], $("first").textContent, (text) => pasted(n, text) || (point.values[0] = text));
  const second = input(point.values[1], $("second").textContent, (text) => (point.values[1] = text));
  const height = input(point.height, say("ground.height"), (text) => (point.height = text), "height");
  const gone = button("×", () => drop(n), { ariaLabel: say("ground.drop", { n: n + 1 }) });
  return make("tr", { ariaCurrent: n === chosen ? "true" : null }, make("td", {}, String(n + 1), make("output")), ...[first, second, height, gone].map((each) => make("td", {}, each)));
}

/** Both coordinates pasted into the first field: "113.60, 34.80". */
function pasted(n, text) {
  const both = text.trim().split(/[\s,，;；\t]+/);
  if (both.length !== 2 || !both.every((each) => each !== "" && Number.isFinite(Number(each)))) return false;
  points[n].values = both;
  table();
  return true;
}

/** What the fit says of each point: only of those that were told. */
function draw() {
  if (!site || !stage) return;
  let at = 0;
  const all = points.map((point) => {
    const mine = measured(point) ? at++ : -1;
    const residual = mine >= 0 ? fit?.residuals?.[mine] : null;
    return { pixel: point.pixel, off: residual?.others_m ?? residual?.metres ?? null, bad: fit?.refused?.pairs.includes(mine + 1) || suspicious(residual) };
  });
  [...$("points").querySelectorAll("tbody tr")].forEach((each, n) => {
    each.className = all[n]?.bad ? "bad" : "";
    write(each.querySelector("output"), all[n]?.off == null ? "" : say("ground.metres", { n: all[n].off.toFixed(2) }));
  });
  stage.draw({ points: all, chosen, sure: $("overlay").checked ? fit?.sure : null, parcels: fit?.parcels ?? [] });
  verdict();
}

const suspicious = (residual) => residual && (residual.others_m ?? residual.metres) > 3 && (residual.others_m ?? residual.metres) >= worst();
const worst = () => Math.max(...fit.residuals.map((each) => each.others_m ?? each.metres));

function verdict() {
  const line = (kind, textContent) => make("p", { dataset: { kind }, textContent });
  const found = [];
  const open = points.filter((each) => !measured(each)).length;
  if (open) found.push(line("open", say("ground.open", { n: open })));
  if (fit?.refused) found.push(line("refused", fit.refused[spoken()]));
  for (const each of fit?.advice ?? []) found.push(line("advice", each[spoken()]));
  if (fit?.fit) found.push(line("fit", distances()));
  for (const each of fit?.unfit ?? []) found.push(line("refused", `${each.layer}: ${each[spoken()]}`));
  $("verdict").replaceChildren(...found);
  $("keep").disabled = open > 0 || (points.length > 0 && !fit?.fit);
}

function distances() {
  const known = Object.entries(fit.sigma_m).filter(([, sigma]) => sigma !== null);
  const each = known.map(([distance, sigma]) => say("ground.at", { distance, sigma: sigma.toFixed(1) }));
  return each.length ? say("ground.sure", { list: each.join(spoken() === "zh" ? "，" : ", ") }) : say("ground.fits");
}
