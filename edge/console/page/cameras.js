/** /cameras: how each camera is. */

import { begin } from "./account.js";
import { get } from "./api.js";
import { make } from "./dom.js";
import { facts, fill, link, trying } from "./list.js";
import { moment, onLanguage, say, spoken } from "./words.js";

const TICK = 5000; // ms: counts change all the time, and nobody tells
let cameras = [], reading = 0;

begin({ opened, heard, fresh: read });

function opened() {
  onLanguage(draw);
  setInterval(() => document.hidden || read(), TICK);
}

function heard(kind, change) {
  if (kind === "event" && change.data.phase === "new") return read();
  const camera = cameras.find((each) => kind === "camera" && each.name === change.camera);
  if (!camera) return;
  camera.state = { en: change.en, zh: change.zh };
  draw();
}

async function read() {
  const turn = ++reading;
  await trying(async () => {
    const found = await get("/cameras");
    if (turn !== reading) return;
    cameras = found;
    draw();
  });
}

const draw = () => fill(cameras.map(card));

function card({ name, title, state, fps, last_event, counts }) {
  const unknown = say("camera.unknown");
  const figures = facts([
    [say("camera.fps"), fps === null ? unknown : String(fps)],
    [say("camera.bitrate"), rate(counts) ?? unknown],
    [say("camera.stalls"), String(counts?.stalls_per_hour ?? unknown)],
    [say("camera.reconnects"), String(counts?.reconnects_per_hour ?? unknown)],
    [say("camera.last"), last_event ? moment(last_event) : say("camera.never")],
  ]);
  const words = make("p", { className: "state", textContent: state[spoken()] });
  const events = link(say("camera.events"), `/events?camera=${encodeURIComponent(name)}`);
  const head = make("h2", { textContent: title ?? name });
  return make("li", { className: "card", dataset: { name } }, head, words, figures, events);
}

/** Of what is kept of it just now; null: nothing is. */
const rate = (counts) =>
  counts?.ring_seconds > 1 ? say("camera.mbit", { n: ((counts.ring_bytes * 8) / counts.ring_seconds / 1e6).toFixed(2) }) : null;
