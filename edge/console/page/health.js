/** /health: how the box and its cameras were of late. */

import { begin } from "./account.js";
import { get } from "./api.js";
import { $, make, show } from "./dom.js";
import { mark, trying } from "./list.js";
import { plot } from "./plot.js";
import { named, onLanguage, say, spoken } from "./words.js";

const TICK = 10000; // ms: as often as there is a new sample
const DAY_SPAN = 86400;
let span = "hour", told = null, lines = [], titles = {}, person;

begin({ opened, heard: () => {}, fresh: read });

function opened(who) {
  person = who;
  for (const each of document.querySelectorAll("[data-span]")) each.onclick = () => choose(each.dataset.span);
  const technician = person.may.includes("config") && person.cameras.includes("*");
  show($("doctor"), technician);
  $("examine").onclick = examine;
  if (technician) examine();
  onLanguage(draw);
  setInterval(() => document.hidden || read(), TICK);
}

function choose(wanted) {
  span = wanted;
  for (const each of document.querySelectorAll("[data-span]")) each.ariaPressed = String(each.dataset.span === span);
  read();
}

async function read() {
  const asked = span;
  await trying(async () => {
    const [found, cameras] = await Promise.all([get("/health/samples", { span }), get("/cameras")]);
    if (asked !== span) return;
    told = found;
    titles = Object.fromEntries(cameras.map(({ name, title }) => [name, title ?? name]));
    draw();
  });
}

async function examine() {
  $("examine").disabled = true;
  await trying(async () => {
    lines = await get("/health/doctor");
    draw();
  });
  $("examine").disabled = false;
}

function draw() {
  $("lines").replaceChildren(...lines.map(line));
  if (!told) return;
  const enough = told.times.length > 1;
  show($("waiting"), !enough);
  $("plots").replaceChildren(...(enough ? [...boxes(), ...cameras()] : []));
}

const percent = (value) => `${Math.round(value * 100)} %`;
const number = (value) => (value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1));
const minutes = (value) => (value < 120 ? say("health.s", { n: Math.round(value) }) : value < 7200 ? say("health.min", { n: Math.round(value / 60) }) : say("health.h", { n: number(value / 3600) }));
const BOX = [["cpu", percent, 1], ["memory", percent, 1], ["disk", percent, 1], ["celsius", (value) => `${Math.round(value)} °C`, 100], ["waiting", number, null], ["waiting_s", minutes, null]];

/** What this box does not tell has no plot. */
const boxes = () =>
  BOX.filter(([name]) => told.box[name]?.some((each) => each !== null)).map(([name, shown, most]) =>
    plotted({ title: say(name === "waiting" ? "health.waiting_n" : `health.${name}`), lines: [{ values: told.box[name] }], shown, most }));

function cameras() {
  const names = Object.keys(told.cameras);
  const line = (key) => names.map((name) => ({ name: titles[name] ?? name, values: told.cameras[name][key] }));
  return names.length ? ["fps", "stalls"].map((key) => plotted({ title: say(`health.${key}`), lines: line(key), shown: number, most: null })) : [];
}

const plotted = (what) => plot({ ...what, times: told.times, clock });

const clock = (at) => {
  const day = told.times.at(-1) - told.times[0] > DAY_SPAN / 2 ? { month: "numeric", day: "numeric" } : {};
  return new Date(at * 1000).toLocaleString(spoken() === "en" ? "en-GB" : "zh-CN", { ...day, hour: "2-digit", minute: "2-digit" });
};

function line({ check, subject, level, what, do: todo }) {
  const words = [what[spoken()], todo?.[spoken()]].filter(Boolean).join(spoken() === "zh" ? "；" : "; ");
  const about = [named("check", check), subject.startsWith("/") ? "" : subject].filter(Boolean).join(" ");
  return make("li", {}, mark(named("level", level), level), make("span", {}, make("strong", { textContent: `${about} ` }), words));
}
