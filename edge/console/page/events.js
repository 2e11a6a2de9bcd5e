/** /events: what happened, the newest first, as it happens. */

import { begin } from "./account.js";
import { get } from "./api.js";
import { $, make, show } from "./dom.js";
import { EventView } from "./event.js";
import { choosing, chosen, fill, mark, options, row, trying } from "./list.js";
import { moment, named, onLanguage, say } from "./words.js";

const TYPES = ["vehicle.zone", "vehicle.crossing", "vehicle.convoy", "land.disturbance", "camera.offline", "camera.tampered"];
const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const MOST = 500; // lines kept: a phone left open for a week

const asked = new URLSearchParams(location.search);
const filter = { camera: asked.get("camera") ?? "", type: asked.get("type") ?? "", severity: asked.get("severity") ?? "" };
let events = [], before = null, cameras = [], view = null, reading = 0;

begin({ opened, heard, fresh: () => read().then(() => view?.read()) });

async function opened() {
  await trying(async () => (cameras = await get("/cameras")));
  onLanguage(draw);
  for (const name of Object.keys(filter)) $(name).onchange = () => choose(name);
  $("more").onclick = () => read(before);
  choosing(
    (id) => (view = new EventView(id, titleOf)),
    () => (view = null),
  );
}

function choose(name) {
  filter[name] = $(name).value;
  const set = Object.entries(filter).filter(([, value]) => value);
  history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(set)}${location.hash}`);
  read();
}

/** older: below which number; null: the newest. An answer that was overtaken by another question is not shown. */
async function read(older = null) {
  const turn = ++reading;
  await trying(async () => {
    const found = await get("/events", { ...filter, phase: "new", before: older });
    if (turn !== reading) return;
    events = older === null ? found.events : [...events, ...found.events];
    before = found.before;
    draw();
  });
}

function heard(kind, message) {
  const { event_id, phase } = message.data ?? {};
  if (kind === "event" && phase === "new" && fits(message) && !events.some((each) => each.data.event_id === event_id)) {
    events = [message, ...events].slice(0, MOST);
    draw();
  }
  if (event_id && event_id === chosen()) view?.read();
}

const fits = ({ type, data }) =>
  [["camera", data.camera], ["severity", data.severity]].every(([name, value]) => !filter[name] || filter[name] === value) &&
  type.startsWith(filter.type);

const titleOf = (name) => cameras.find((each) => each.name === name)?.title ?? name;

function draw() {
  const all = ["", say("filter.all")];
  options($("camera"), [all, ...cameras.map(({ name }) => [name, titleOf(name)])]);
  options($("type"), [all, ...TYPES.map((each) => [each, named("type", each)])]);
  options($("severity"), [all, ...SEVERITIES.map((each) => [each, named("severity", each)])]);
  for (const name of Object.keys(filter)) $(name).value = filter[name];
  fill(events.map(line));
  show($("more"), before !== null);
  view?.draw();
}

function line({ type, data }) {
  const words = make("span", {}, make("strong", { textContent: named("type", type) }), make("small", { textContent: titleOf(data.camera) }));
  const time = make("time", { dateTime: data.since, textContent: moment(data.since) });
  return row(data.event_id, mark(named("severity", data.severity), data.severity), words, time);
}
