/** What the forms of /users are made of. */

import { make } from "./dom.js";
import { named, say } from "./words.js";

const SCOPES = ["see", "metrics", "answer", "order", "export", "config", "setup", "audit", "accounts"];

export const field = (words, input) => make("label", { className: "field" }, make("span", { textContent: words }), input);

export function select(values, chosen) {
  const made = make("select", {}, ...values.map(([value, textContent]) => make("option", { value, textContent })));
  made.value = chosen;
  return made;
}

function box(value, words, checked) {
  const input = make("input", { type: "checkbox", value, checked });
  return [input, make("label", { className: "choice" }, input, words)];
}

/** All cameras, or some: { element, chosen() }. */
export function cameraBoxes(cameras, chosen) {
  const [all, label] = box("*", say("user.everywhere"), chosen.includes("*"));
  const some = cameras.map(({ name, title }) => box(name, title ?? name, chosen.includes(name)));
  const look = () => {
    for (const [input, each] of some) each.hidden = input.disabled = all.checked;
  };
  all.onchange = look;
  look();
  const element = make("fieldset", {}, make("legend", { textContent: say("user.cameras") }), label, ...some.map(([, each]) => each));
  const picked = () => some.map(([input]) => input).filter((each) => each.checked).map((each) => each.value);
  return { element, chosen: () => (all.checked ? ["*"] : picked()) };
}

/** What a program may do: { element, chosen() }. */
export function scopeBoxes(chosen) {
  const all = SCOPES.map((each) => box(each, named("act", each), chosen.includes(each)));
  const element = make("fieldset", {}, make("legend", { textContent: say("token.scopes") }), ...all.map(([, each]) => each));
  return { element, chosen: () => all.filter(([input]) => input.checked).map(([input]) => input.value) };
}

/** A button that asks once more before it acts. words: what it asks; "": nothing. */
export function sure(made, words, act) {
  const first = made.textContent;
  let asked = words === "";
  made.onclick = () => {
    if (asked) return act();
    asked = true;
    made.textContent = words;
  };
  made.onblur = () => {
    asked = words === "";
    made.textContent = first;
  };
}
