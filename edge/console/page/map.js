/** /map: cameras and what they see, parcels, and where things happened. Nothing comes from elsewhere. */

import { begin } from "./account.js";
import { get } from "./api.js";
import { $, show, write } from "./dom.js";
import { options, trying } from "./list.js";
import { Chart } from "./map_chart.js";
import { Plane, rounded } from "./map_plane.js";
import { moment, named, onLanguage, say, spoken } from "./words.js";

const HOURS = [24, 24 * 7, 24 * 30];
const BAR = 120; // pixels that the scale's bar has at most
const SOON = 500; // ms: several messages of an event come together
let chart, site = null, events = [], timer = 0;

begin({ opened, heard, fresh: read });

function opened() {
  chart = new Chart(moved);
  onLanguage(() => {
    options($("hours"), HOURS.map((each) => [String(each), say(`map.hours.${each}`)]));
    draw();
  });
  $("hours").onchange = happened;
  $("show-parcels").onchange = $("show-views").onchange = draw;
}

function heard(kind) {
  if (kind !== "event") return;
  clearTimeout(timer);
  timer = setTimeout(happened, SOON);
}

async function read() {
  await trying(async () => {
    site = await get("/map");
    events = await get("/map/events", { hours: $("hours").value });
    draw();
  });
}

const happened = () =>
  trying(async () => {
    events = await get("/map/events", { hours: $("hours").value });
    draw();
  });

/** The middle of it all: the site, or the first thing whose place is known. */
const middle = () => site.place ?? site.cameras.flatMap(({ views }) => views.map(({ place, outline }) => place ?? outline?.[0])).find(Boolean) ?? events[0]?.place;

function draw() {
  if (!site) return;
  const about = middle();
  show($("map"), Boolean(about));
  show($("nowhere"), !about);
  write($("nowhere"), say("map.nowhere"));
  const away = site.cameras.filter(({ views }) => !views.length).map(titled);
  show($("away"), away.length > 0);
  write($("away"), say("map.away", { names: away.join(spoken() === "zh" ? "、" : ", ") }));
  write($("told"), [say("map.count", { n: events.length }), ...(site.left ? [say("map.left", { n: site.left })] : []), ...site.unfit.map((each) => `${each.layer}: ${each[spoken()]}`)].join(" "));
  if (about) chart.draw(new Plane(about), [...parcels(), ...views(), ...patches()], [...masts(), ...spots()]);
}

const titled = ({ title, name }) => title ?? name;
const titleOf = (name) => titled(site.cameras.find((each) => each.name === name) ?? { name });

const parcels = () =>
  $("show-parcels").checked ? site.parcels.map(({ layer, key, name, rings }) => ({ kind: "parcel", rings, words: [layer, name, key].filter(Boolean).join(" · ") })) : [];

const views = () =>
  $("show-views").checked
    ? site.cameras.flatMap((camera) => camera.views.filter(({ outline }) => outline).map(({ outline }) => ({ kind: "view", rings: [outline], words: say("map.view", { name: titled(camera) }) })))
    : [];

const masts = () =>
  site.cameras.flatMap((camera) => camera.views.filter(({ place }) => place).slice(0, 1).map(({ place }) => ({ kind: "mast", place, name: titled(camera), words: titled(camera), href: `/events?camera=${encodeURIComponent(camera.name)}` })));

const patches = () => events.filter(({ outline }) => outline).map((each) => ({ kind: "patch", rings: [each.outline], words: words(each) }));

const spots = () => events.map((each) => ({ kind: "spot", place: each.place, severity: each.severity, words: words(each), href: `/events#${encodeURIComponent(each.event_id)}` })).reverse();

const words = ({ type, camera, since, severity, area_m2 }) =>
  [named("type", type), titleOf(camera), named("severity", severity), moment(since), area_m2 ? `${Math.round(area_m2)} m²` : null].filter(Boolean).join(" · ");

function moved({ scale }, place) {
  const length = rounded(BAR * scale);
  $("scale").querySelector("i").style.width = `${length / scale}px`;
  write($("scale").querySelector("span"), length >= 1000 ? `${length / 1000} km` : `${length >= 1 ? length : length.toFixed(1)} m`);
  write($("where"), place ? `${place[0].toFixed(6)}°, ${place[1].toFixed(6)}° · CGCS2000 / WGS84` : "CGCS2000 / WGS84");
}
