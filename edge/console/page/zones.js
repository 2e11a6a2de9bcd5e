/** /zones: what is drawn on a camera's picture, and what the rules make of it. */

import { begin, toast } from "./account.js";
import { get, send, stillOf } from "./api.js";
import { $, button, make, show, write } from "./dom.js";
import { Drawing } from "./drawing.js";
import { mistakes } from "./findings.js";
import { chosen, options, trying } from "./list.js";
import { RuleForm, fresh } from "./rule.js";
import { because } from "./shell.js";
import { named, onLanguage, say } from "./words.js";

const KINDS = ["zones", "lines", "ignore"];
const NAMES = { zones: "zone", lines: "line", ignore: "ignore" }; // the site file takes no others
const RULES = ["zone", "crossing", "working"];
const AGAIN = 5000; // ms until a camera that shows nothing is looked at once more
let again, cameras = [], held = null, shapes = [], rules = [], presets = {}, dirty = false;
const drawing = new Drawing($("canvas"), { changed: () => touched(), hint: (key) => write($("hint"), key && say(key)) });

begin({ opened, heard: () => {}, fresh: () => held || open() });

async function opened() {
  await trying(async () => (cameras = await get("/cameras")));
  $("which").onchange = () => leave() && (location.hash = encodeURIComponent($("which").value));
  $("save").onclick = save;
  $("undo").onclick = () => open();
  $("seen").onload = () => seen(true);
  $("seen").onerror = () => seen(false);
  addEventListener("hashchange", () => open());
  addEventListener("resize", () => drawing.draw());
  addEventListener("beforeunload", (event) => dirty && event.preventDefault());
  onLanguage(draw);
  open();
}

const name = () => (cameras.some((each) => each.name === chosen()) ? chosen() : cameras[0]?.name);

const leave = () => !dirty || confirm(say("zones.leave"));

/** As the site file has it. */
async function open() {
  if (!cameras.length) return;
  await trying(async () => {
    held = await get(`/setup/zones/${encodeURIComponent(name())}`);
    shapes = KINDS.flatMap((kind) => Object.entries(held[kind]).map(([name, points]) => ({ kind, name, points })));
    [rules, presets, dirty] = [held.rules, held.presets, false];
    look();
    $("mistakes").replaceChildren();
    write($("unsaved"), "");
    show($("work"), true);
    draw();
  });
}

function look() {
  clearTimeout(again);
  $("seen").src = stillOf(name(), innerWidth * devicePixelRatio);
}

function seen(there) {
  show($("blind"), !there);
  if (!there) again = setTimeout(look, AGAIN);
  $("stage").style.aspectRatio = there ? `${$("seen").naturalWidth} / ${$("seen").naturalHeight}` : "16 / 9";
  drawing.draw();
}

function marked() {
  dirty = true;
  show($("keeping"), true);
}

function touched() {
  marked();
  draw();
}

function draw() {
  options($("which"), cameras.map(({ name, title }) => [name, title ?? name]));
  $("which").value = name() ?? "";
  $("seen").alt = say("camera.still", { name: name() ?? "" });
  $("canvas").setAttribute("aria-label", say("zones.canvas"));
  if (!held) return;
  drawing.show(shapes);
  const done = drawing.drawing ? [button(say("zones.done"), () => drawing.finish(), { className: "main" })] : [];
  $("pens").replaceChildren(...KINDS.map((kind) => button(say(`zones.new.${kind}`), () => pen(kind))), ...done);
  $("shapes").replaceChildren(...shapes.map(shape));
  $("rules").replaceChildren(...rules.map((rule) => new RuleForm(rule, shapes, { camera: name(), changed: marked, redrawn: touched, dropped: () => without(rule), asked: told }).element));
  $("kinds").replaceChildren(...RULES.map((kind) => button(say("zones.more", { what: named("zones.rule", kind).toLowerCase() }), () => more(kind))));
  show($("keeping"), dirty);
}

function pen(kind) {
  drawing.begin(kind, free(NAMES[kind], shapes.map((each) => each.name)));
  draw();
  $("canvas").scrollIntoView({ block: "nearest" });
}

function free(stem, taken) {
  for (let n = 1; ; n++) if (!taken.includes(`${stem}-${n}`)) return `${stem}-${n}`;
}

function more(kind) {
  rules.push(fresh(kind, free(kind, rules.map((each) => each.name)), shapes));
  touched();
}

function without(rule) {
  rules = rules.filter((each) => each !== rule);
  touched();
}

/** A shape's line in the list: its name, where it holds, and away with it. */
function shape(each) {
  const field = make("input", { value: each.name, maxLength: 64, ariaLabel: say("zones.name") });
  field.onchange = () => rename(each, field.value.trim());
  field.onfocus = () => drawing.show(shapes, each);
  const away = button(say("zones.drop"), () => {
    shapes = shapes.filter((other) => other !== each);
    touched();
  }, { ariaLabel: say("zones.drop.of", { name: each.name }) });
  const views = each.kind === "ignore" ? [] : Object.keys(presets).map((preset) => view(preset, each.name));
  return make("li", { dataset: { kind: each.kind, shape: each.name } }, make("i", { className: `swatch ${each.kind}`, title: say(`zones.kind.${each.kind}`) }), field, away, ...views);
}

function view(preset, name) {
  const box = make("input", { type: "checkbox", checked: presets[preset].includes(name) });
  box.onchange = () => {
    presets[preset] = box.checked ? [...presets[preset], name] : presets[preset].filter((each) => each !== name);
    touched();
  };
  return make("label", { className: "choice" }, box, say("zones.preset", { name: preset }));
}

/** Rules and presets go by names, and follow. */
function rename(each, to) {
  if (!to || shapes.some((other) => other !== each && other.name === to)) return draw();
  const from = each.name;
  const swap = (names) => names?.map((name) => (name === from ? to : name));
  for (const rule of rules) {
    if (rule.zones && each.kind === "zones") rule.zones = swap(rule.zones);
    if (rule.line === from && each.kind === "lines") rule.line = to;
  }
  presets = Object.fromEntries(Object.entries(presets).map(([preset, names]) => [preset, swap(names)]));
  each.name = to;
  touched();
}

/** All that is drawn, as the API takes it. */
function told() {
  const of = (kind) => Object.fromEntries(shapes.filter((each) => each.kind === kind).map(({ name, points }) => [name, points]));
  const known = shapes.map((each) => each.name);
  const kept = Object.fromEntries(Object.entries(presets).map(([preset, names]) => [preset, names.filter((name) => known.includes(name))]));
  return { zones: of("zones"), lines: of("lines"), ignore: of("ignore"), presets: kept, rules, based_on: held.sha256 };
}

async function save() {
  $("mistakes").replaceChildren();
  $("save").disabled = true;
  write($("unsaved"), say("setup.saving"));
  try {
    await send(`/setup/zones/${encodeURIComponent(name())}`, told());
    toast(say("zones.saved"));
    await open();
  } catch (error) {
    write($("unsaved"), because(error));
    $("mistakes").replaceChildren(...mistakes(error));
  }
  $("save").disabled = false;
}
