/** /cameras: how each camera is, what it sees, and the way to set it up. */

import { begin } from "./account.js";
import { get } from "./api.js";
import { Tile } from "./camera.js";
import { $, show } from "./dom.js";
import { trying } from "./list.js";
import { Pass } from "./pass.js";
import { Setup } from "./setup.js";
import { places } from "./signal.js";
import { onLanguage } from "./words.js";

const TICK = 5000; // ms: counts change all the time, and nobody tells
const tiles = new Map(); // by the camera's name
let reading = 0, setup = null, pass = null;

begin({ opened, heard, fresh: read });

function opened(person) {
  if (person.may.includes("setup") && person.cameras.includes("*")) {
    setup = new Setup(read);
    show($("tools"), true);
    $("add").onclick = () => setup.add([...tiles.keys()]);
  }
  onLanguage(() => [...tiles.values(), setup].forEach((each) => each?.draw()));
  setInterval(() => document.hidden || read(), TICK);
}

function heard(kind, change) {
  if (kind === "event" && change.data.phase === "new") return read();
  if (kind === "camera") tiles.get(change.camera)?.state({ en: change.en, zh: change.zh });
}

async function read() {
  const turn = ++reading;
  await trying(async () => {
    const found = await get("/cameras");
    if (turn === reading) fill(found);
  });
}

/** What is played goes on playing. */
function fill(found) {
  const names = found.map(({ name }) => name);
  for (const [name, tile] of tiles) if (!names.includes(name)) close(name, tile);
  for (const camera of found) {
    if (!tiles.has(camera.name)) {
      tiles.set(camera.name, new Tile(camera.name, watching, setup));
      $("rows").append(tiles.get(camera.name).element);
    }
    tiles.get(camera.name).tell(camera);
  }
  show($("none"), !found.length);
}

function close(name, tile) {
  tile.close();
  tiles.delete(name);
}

/** What a live picture is asked for with: { token, ice }; the servers' passwords are good for hours. */
async function watching() {
  if (pass && pass.until > performance.now()) return pass;
  const token = pass?.token ?? (await Pass.open());
  const { ice } = await places(token);
  return (pass = { token, ice, until: performance.now() + 50 * 60e3 });
}
