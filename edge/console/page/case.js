/** One case: where it stands, how it came there, and what those whose role may can say to it. */

import { get, send } from "./api.js";
import { $, make, write } from "./dom.js";
import { back, chosen, facts, link, mark, trying } from "./list.js";
import { because } from "./shell.js";
import { told } from "./steps.js";
import { moment, named, say, spoken } from "./words.js";

// What may be said to a case in that state, and what it is said with; the first field has to be filled in, but a remark.
const VERBS = {
  open: ["dispatch", "close"],
  received: ["dispatch", "close"],
  dispatched: ["dispatch", "close"],
  closed: ["evaluate", "reopen"],
  evaluated: ["reopen"],
};
const FIELDS = {
  dispatch: ["unit", "officers", "deadline", "remark"],
  close: ["finding", "proof"],
  evaluate: ["grade", "remark"],
  reopen: ["remark"],
};
const LINES = ["officers", "proof"];
const LONG = ["finding", "remark", ...LINES];
const LONGEST = 100; // of a name

/** Until when what has to be done; "" where nothing has. */
export const due = (found) =>
  found.due ? say(`due.${found.due.awaited}`, { time: moment(found.due.at) }) : "";

export class CaseView {
  #id; #titleOf; #may; #changed; #found = null; #drawn = "";
  #head = make("div"); #forms = make("div", { className: "forms" }); #said = make("p", { className: "notice", role: "status" }); #course = make("div");

  /** may: whether this person may answer cases. changed(): the list is to be read anew. */
  constructor(id, titleOf, may, changed) {
    [this.#id, this.#titleOf, this.#may, this.#changed] = [id, titleOf, may, changed];
    $("detail").replaceChildren(this.#head, this.#forms, this.#said, this.#course);
    this.read();
  }

  read() {
    return trying(async () => {
      this.#found = await get(`/cases/${encodeURIComponent(this.#id)}`);
      if (chosen() === this.#id) this.draw();
    });
  }

  /** In the language of now. A form that somebody fills in stays as long as it makes sense. */
  draw() {
    const found = this.#found;
    if (!found) return;
    const state = mark(found.is_overdue ? say("cases.overdue") : named("state", found.state), found.is_overdue ? "critical" : found.state);
    const title = make("h2", {}, named("type", found.type), " ", state);
    this.#head.replaceChildren(back(), title, known(found, this.#titleOf), link(say("event.of"), `/events#${encodeURIComponent(this.#id)}`));
    const steps = make("ol", { className: "course" }, ...found.course.map(step));
    this.#course.replaceChildren(make("h3", { textContent: say("cases.course") }), steps);
    const wanted = `${VERBS[found.state]} ${spoken()}`;
    if (!this.#may || wanted === this.#drawn) return;
    this.#drawn = wanted;
    this.#forms.replaceChildren(...VERBS[found.state].map((verb) => this.#form(verb)));
  }

  #form(verb) {
    const fields = FIELDS[verb].map((name) => [name, entry(name)]);
    const required = fields[0][0] !== "remark";
    fields[0][1].required = required;
    const rows = fields.map(([name, each]) => make("label", { className: "field" }, say(`field.${name}`), each));
    const form = make("form", { dataset: { verb } }, ...rows, make("button", { className: "main", textContent: say(`verb.${verb}`) }));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#say(verb, fields, form);
    };
    return make("details", {}, make("summary", { textContent: say(`verb.${verb}`) }), form);
  }

  /** The button is dead until there is an answer: nobody dispatches twice. */
  async #say(verb, fields, form) {
    const done = form.lastElementChild;
    done.disabled = true;
    write(this.#said, say("login.checking"));
    try {
      const values = fields.map(([name, each]) => [name, value(name, each.value.trim())]);
      const answer = await send(`/cases/${encodeURIComponent(this.#id)}/${verb}`, Object.fromEntries(values.filter(([, each]) => each !== null)));
      write(this.#said, answer.text[spoken()]);
      form.reset();
      form.parentElement.open = false;
    } catch (error) {
      write(this.#said, error.told?.text?.[spoken()] ?? because(error));
    }
    done.disabled = false;
    this.#changed();
  }
}

/** What is typed into. */
function entry(name) {
  if (name === "grade") return make("select", {}, ...[5, 4, 3, 2, 1].map((n) => make("option", { value: String(n), textContent: named("grade", n) })));
  if (name === "deadline") return make("input", { type: "datetime-local" });
  return LONG.includes(name) ? make("textarea", { rows: 2, maxLength: 4000 }) : make("input", { maxLength: LONGEST });
}

/** As the API has it; null: not said. */
function value(name, text) {
  if (!text) return null;
  if (name === "grade") return Number(text);
  if (name === "deadline") return new Date(text).toISOString();
  return LINES.includes(name) ? text.split("\n").map((each) => each.trim()).filter(Boolean) : text;
}

const known = (found, titleOf) =>
  facts([
    [say("fact.camera"), titleOf(found.camera)],
    [say("filter.severity"), named("severity", found.severity)],
    [say("fact.zone"), found.zone],
    [say("fact.whistle"), found.whistle && named("whistle", found.whistle)],
    [say("fact.opened"), moment(found.opened)],
    [say("fact.due"), due(found)],
    [say("fact.unit"), found.unit],
    [say("fact.officers"), found.officers.join(", ")],
  ]);

const step = (each) =>
  make("li", {}, make("time", { textContent: moment(each.time) }), make("strong", { textContent: named("step", each.kind) }), ...told(each));
