/** /cases: what somebody still has to do something about, the most urgent first. */

import { begin } from "./account.js";
import { get } from "./api.js";
import { CaseView, due } from "./case.js";
import { $, make } from "./dom.js";
import { choosing, chosen, fill, mark, options, row, trying } from "./list.js";
import { moment, named, onLanguage, say } from "./words.js";

const TICK = 30000; // ms: a deadline passes without anybody saying so
let cases = [], cameras = [], person = null, view = null, reading = 0;

begin({ opened, heard, fresh: read });

async function opened(who) {
  person = who;
  await trying(async () => (cameras = await get("/cameras")));
  onLanguage(draw);
  $("which").onchange = read;
  setInterval(read, TICK);
  choosing(
    (id) => (view = new CaseView(id, titleOf, person.may.includes("answer"), read)),
    () => (view = null),
  );
}

function heard(kind, message) {
  const { event_id, phase } = message.data ?? {};
  if (kind === "case" || (kind === "event" && phase !== "update")) read();
  else if (event_id && event_id === chosen()) view?.read();
}

async function read() {
  const turn = ++reading;
  view?.read();
  await trying(async () => {
    const found = await get("/cases", { which: $("which").value });
    if (turn !== reading) return;
    cases = found;
    draw();
  });
}

const titleOf = (name) => cameras.find((each) => each.name === name)?.title ?? name;

function draw() {
  options($("which"), ["open", "overdue", "all"].map((each) => [each, each === "all" ? say("filter.all") : say(`cases.${each}`)]));
  fill(cases.map(line));
  view?.draw();
}

function line(found) {
  const state = mark(found.is_overdue ? say("cases.overdue") : named("state", found.state), found.is_overdue ? "critical" : found.state);
  const below = [titleOf(found.camera), found.unit, due(found)].filter(Boolean).join(" · ");
  const words = make("span", {}, make("strong", { textContent: named("type", found.type) }), make("small", { textContent: below }));
  return row(found.event_id, state, words, make("time", { textContent: moment(found.opened) }));
}
