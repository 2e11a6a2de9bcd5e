/** /settings: the site file's text with what the check says of it, its history, and the way back. */

import { begin, toast } from "./account.js";
import { get, send } from "./api.js";
import { $, button, make, write } from "./dom.js";
import { findings, mistakes } from "./findings.js";
import { trying } from "./list.js";
import { because } from "./shell.js";
import { moment, onLanguage, say } from "./words.js";

const PAUSE = 700; // ms without a key: then it is checked
let held = { text: "", sha256: null }, copies = [], report = null, timer, turn = 0, person = null;

begin({ opened, heard: () => {}, fresh: () => dirty() || read() });

function opened(who) {
  person = who;
  $("text").oninput = typed;
  $("text").onscroll = () => ($("lines").scrollTop = $("text").scrollTop);
  $("save").onclick = save;
  $("undo").onclick = () => read();
  addEventListener("beforeunload", (event) => dirty() && event.preventDefault());
  onLanguage(draw);
}

const dirty = () => $("text").value !== held.text;

/** Whatever somebody types meanwhile stays. */
async function read() {
  const before = $("text").value;
  await trying(async () => {
    const [found, older] = await Promise.all([get("/site"), get("/site/history")]);
    if ($("text").value !== before) return;
    [held, copies] = [found, older];
    $("text").value = held.text;
    $("text").readOnly = !person.may.includes("setup");
    write($("unsaved"), "");
    report = null;
    draw();
    await check();
  });
}

function typed() {
  draw();
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

/** In the words of `sandwatch check`; an answer that was overtaken is not shown. */
async function check() {
  const now = ++turn;
  await trying(async () => {
    const { findings } = await send("/site/check", { text: $("text").value });
    if (now !== turn) return;
    report = findings;
    draw();
  });
}

function draw() {
  const count = $("text").value.split("\n").length;
  write($("lines"), Array.from({ length: count }, (_, n) => n + 1).join("\n"));
  $("save").disabled = $("undo").disabled = !dirty();
  const errors = report?.filter((each) => each.level === "error").length ?? 0;
  write($("checked"), report === null ? say("settings.checking") : say(errors ? "settings.wrong" : report.length ? "settings.warned" : "settings.right", { n: errors || report.length }));
  $("mistakes").replaceChildren(...findings(report ?? [], to));
  if (!$("history").querySelector("[open]")) $("history").replaceChildren(...copies.map(copy));
}

/** The cursor goes there. */
function to(line) {
  const lines = $("text").value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  $("text").focus();
  $("text").setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  $("text").scrollTop = ((line - 4) / lines.length) * $("text").scrollHeight;
}

function copy({ id, time, who }, n) {
  const now = n === 0;
  const lines = make("pre", { className: "diff" });
  const back = now || !person.may.includes("setup") ? [] : [button(say("settings.back"), () => goBack(id))];
  const words = make("summary", {}, make("time", { dateTime: time, textContent: moment(time) }), make("strong", { textContent: author(who) }), now ? make("small", { textContent: say("settings.now") }) : "");
  const all = make("details", { dataset: { id } }, words, lines, ...back);
  all.ontoggle = () => all.open && trying(() => compare(id, lines));
  return make("li", {}, all);
}

async function compare(id, place) {
  const { lines } = await get(`/site/history/${encodeURIComponent(id)}`);
  const kind = (line) => ({ "+": "more", "-": "less", "@": "place" })[line[0]] ?? "";
  place.replaceChildren(...(lines.length ? lines.map((line) => make("span", { className: kind(line), textContent: line })) : [say("settings.same")]));
}

const author = (who) =>
  who === "file" ? say("settings.by.file") : who === "sandwatch" ? say("settings.by.itself") : who.replace(/^console:(user:)?/, "");

async function goBack(id) {
  if (dirty() && !confirm(say("settings.leave"))) return;
  await kept(() => send(`/site/history/${encodeURIComponent(id)}/back`), "settings.returned");
}

const save = () => kept(() => send("/site", { text: $("text").value, based_on: held.sha256 }), "settings.saved");

async function kept(work, words) {
  write($("unsaved"), say("setup.saving"));
  $("save").disabled = true;
  try {
    await work();
    toast(say(words));
    for (const each of $("history").querySelectorAll("[open]")) each.open = false;
    await read();
  } catch (error) {
    write($("unsaved"), because(error));
    if (error.told?.findings) $("mistakes").replaceChildren(...mistakes(error, to));
    $("save").disabled = !dirty();
  }
}
