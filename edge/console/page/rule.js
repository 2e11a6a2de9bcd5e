/** One rule of a camera as a form, and what it would have made of the last seconds. */

import { send } from "./api.js";
import { button, make } from "./dom.js";
import { mark } from "./list.js";
import { because } from "./shell.js";
import { named, say, spoken } from "./words.js";

const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const ANCHORS = ["bottom_center", "center", "top_center", "bottom_left", "bottom_right"];
const OBJECTS = ["heavy_vehicle", "machine", "light_vehicle", "boat", "person"];
const DAYS = ["daily", "weekdays", "weekend", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONG = 120000; // ms: fifteen seconds of pictures, looked at anew beside all cameras

/** A new rule of that kind, with what most sites want. */
export function fresh(kind, name, shapes) {
  const of = (wanted) => shapes.filter((each) => each.kind === wanted).map((each) => each.name);
  const rule = { was: null, kind, name, objects: ["heavy_vehicle", "machine"], severity: "high", schedule: [], anchor: "bottom_center" };
  return kind === "crossing" ? { ...rule, line: of("lines").at(-1) ?? "" } : { ...rule, zones: of("zones").slice(-1), dwell: kind === "zone" ? 3 : 60 };
}

export class RuleForm {
  #rule; #shapes; #ways;
  #answer = make("div", { role: "status" });

  /** rule: is changed in place. ways: { camera, changed(), redrawn(), dropped(), asked(): the drawing }. */
  constructor(rule, shapes, ways) {
    [this.#rule, this.#shapes, this.#ways] = [rule, shapes, ways];
    const away = button(say("zones.drop"), ways.dropped, { ariaLabel: say("zones.drop.of", { name: rule.name }) });
    const trial = button(say("zones.try"), () => this.#try(trial));
    const head = make("summary", {}, make("strong", { textContent: rule.name }), ` ${named("zones.rule", rule.kind)}`);
    const rows = make("div", { className: "form" }, ...this.#rows(), make("div", { className: "actions" }, trial, away), this.#answer);
    const all = make("details", { open: open.has(rule) }, head, rows);
    all.ontoggle = () => (all.open ? open.add(rule) : open.delete(rule));
    this.element = make("li", { dataset: { rule: rule.name } }, all);
  }

  *#rows() {
    const rule = this.#rule;
    yield this.#row("zones.name", this.#text("name"));
    yield this.#several("zones.objects", "objects", [...new Set([...OBJECTS, ...rule.objects])], (each) => named("object", each));
    if (rule.zones) yield this.#several("zones.in", "zones", this.#names("zones"), (each) => each);
    if ("line" in rule) yield this.#row("zones.over", this.#choice("line", ["", ...this.#names("lines")], (each) => each || "—"));
    if (rule.anchor) yield this.#row("zones.anchor", this.#choice("anchor", ANCHORS, (each) => say(`anchor.${each}`)));
    if ("dwell" in rule) yield this.#row("zones.dwell", this.#number("dwell"));
    yield this.#row("filter.severity", this.#choice("severity", SEVERITIES, (each) => named("severity", each)));
    yield this.#schedule();
  }

  #names(kind) {
    return this.#shapes.filter((each) => each.kind === kind).map((each) => each.name);
  }

  #row(words, field) {
    return make("label", { className: "field" }, say(words), field);
  }

  /** anew: the form itself is another by it. */
  #set(key, value, anew = false) {
    this.#rule[key] = value;
    if (anew) this.#ways.redrawn();
    else this.#ways.changed();
  }

  #text(key) {
    const field = make("input", { value: this.#rule[key], maxLength: 64 });
    field.onchange = () => this.#set(key, field.value.trim(), true);
    return field;
  }

  #number(key) {
    const field = make("input", { type: "number", min: 0, step: 0.5, value: this.#rule[key] });
    field.onchange = () => this.#set(key, Number(field.value) || 0);
    return field;
  }

  #choice(key, values, words) {
    const field = make("select", {}, ...values.map((value) => make("option", { value, textContent: words(value) })));
    field.value = this.#rule[key] ?? "";
    field.onchange = () => this.#set(key, field.value || null);
    return field;
  }

  #several(title, key, values, words) {
    const boxes = values.map((value) => {
      const box = make("input", { type: "checkbox", checked: this.#rule[key].includes(value) });
      box.onchange = () => this.#set(key, box.checked ? [...this.#rule[key], value] : this.#rule[key].filter((each) => each !== value));
      return make("label", { className: "choice" }, box, words(value));
    });
    return make("fieldset", {}, make("legend", { textContent: say(title) }), make("div", { className: "actions" }, ...boxes));
  }

  /** When it is awake; nothing: always. */
  #schedule() {
    const windows = this.#rule.schedule;
    const rows = windows.map((each, n) => {
      const days = make("select", { ariaLabel: say("zones.days") }, ...[...new Set([...DAYS, each.days])].map((value) => make("option", { value, textContent: named("days", value) })));
      days.value = each.days;
      const [from, to] = ["from", "to"].map((key) => make("input", { value: each[key], placeholder: key === "from" ? "19:00" : "06:00", ariaLabel: say(`zones.${key}`), size: 8 }));
      const change = () => this.#set("schedule", this.#rule.schedule.with(n, { days: days.value, from: from.value.trim(), to: to.value.trim() }));
      for (const field of [days, from, to]) field.onchange = change;
      const away = button("×", () => this.#set("schedule", windows.toSpliced(n, 1), true), { ariaLabel: say("zones.drop") });
      return make("div", { className: "window" }, days, from, to, away);
    });
    const more = button(say("zones.window"), () => this.#set("schedule", [...windows, { days: "daily", from: "19:00", to: "06:00" }], true));
    return make("fieldset", {}, make("legend", { textContent: say("zones.schedule") }), ...rows, more);
  }

  async #try(trial) {
    const names = this.#rule.objects.map((each) => named("object", each)).join(", ");
    trial.disabled = true;
    this.#answer.replaceChildren(make("p", { className: "notice", textContent: say("zones.trying") }));
    try {
      const path = `/setup/zones/${encodeURIComponent(this.#ways.camera)}/try`;
      const found = await send(path, { ...this.#ways.asked(), rule: this.#rule.name }, "POST", LONG);
      this.#answer.replaceChildren(...this.#told(found, names));
    } catch (error) {
      this.#answer.replaceChildren(make("p", { className: "notice", textContent: error.told?.findings?.[0]?.[spoken()] ?? because(error) }));
    }
    trial.disabled = false;
  }

  /** names: of what the rule asked for then. */
  #told({ seconds, tracks }, names) {
    const head = make("p", { textContent: say(tracks.length ? "zones.tried" : "zones.tried.none", { seconds: Math.round(seconds), n: tracks.length, events: tracks.filter((each) => each.raised).length }) });
    const rows = tracks.map(({ label, wanted, raised, why, from, to }) => {
      const reason = wanted ? why[spoken()] : say("zones.tried.other", { names });
      const words = `${named("object", label)} · ${from.toFixed(1)}–${to.toFixed(1)} s · ${reason}`;
      return make("li", { className: "finding" }, mark(say(raised ? "zones.event" : "zones.none"), raised ? "high" : ""), make("span", { textContent: words }));
    });
    return [head, make("ul", {}, ...rows)];
  }
}

const open = new Set(); // rules that somebody looks at
