/** /audit: who did what, the newest first. */

import { begin } from "./account.js";
import { get } from "./api.js";
import { $, make, show } from "./dom.js";
import { mark, options, trying } from "./list.js";
import { moment, named, onLanguage, say } from "./words.js";

const PAGE = 100;
const OUTCOMES = ["accepted", "done", "refused", "failed"];
const COLOURS = { done: "closed", refused: "medium", failed: "high" };
const filter = { who: "", command: "", outcome: "" };
let lines = [], more = false, reading = 0;

begin({ opened, heard: () => {}, fresh: () => read() });

function opened() {
  $("filters").onsubmit = (event) => event.preventDefault();
  for (const name of Object.keys(filter))
    $(name).onchange = () => {
      filter[name] = $(name).value.trim();
      read();
    };
  $("more").onclick = () => read(lines.at(-1).time);
  onLanguage(draw);
}

async function read(before = null) {
  const turn = ++reading;
  await trying(async () => {
    const found = await get("/audit", { ...filter, before, most: PAGE });
    if (turn !== reading) return;
    lines = before === null ? found : [...lines, ...found];
    more = found.length === PAGE;
    draw();
  });
}

function draw() {
  options($("outcome"), [["", say("filter.all")], ...OUTCOMES.map((each) => [each, named("outcome", each)])]);
  $("lines").replaceChildren(...lines.map(row));
  show($("none"), !lines.length);
  show($("more"), more);
}

function row({ time, who, command, id, camera, outcome, code }) {
  const about = [camera, id, code].filter(Boolean).join(" · ");
  const cells = [moment(time), who.replace(/^console:/, "").replace(/^user:/, ""), command, about];
  return make("tr", {}, ...cells.map((textContent) => make("td", { textContent })), make("td", {}, mark(named("outcome", outcome), COLOURS[outcome] ?? "")));
}
