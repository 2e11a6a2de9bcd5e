/** A list beside what was chosen from it: the address says which (#id), so that going back works. */

import { $, make, show, write } from "./dom.js";
import { because } from "./shell.js";
import { say } from "./words.js";

/** The id in the address; "" where nothing is chosen. */
export const chosen = () => decodeURIComponent(location.hash.slice(1));

/** One line of the list. parts: elements. */
export const row = (id, ...parts) =>
  make("li", {}, make("a", { className: "row", href: `#${encodeURIComponent(id)}`, ariaCurrent: id === chosen() ? "true" : null }, ...parts));

export const mark = (text, kind) => make("span", { className: "mark", textContent: text, dataset: { kind } });

/** The lines anew; who goes by keyboard stays where he is. */
export function fill(rows) {
  const focus = document.activeElement?.closest?.("#rows a")?.href;
  $("rows").replaceChildren(...rows);
  show($("none"), !rows.length);
  if (focus) [...$("rows").querySelectorAll("a")].find((each) => each.href === focus)?.focus();
}

/** A <dl> of [words, text or element]; what is not known is left out. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value != null && value !== "");
  return make("dl", {}, ...known.flatMap(([words, value]) => [make("dt", { textContent: words }), make("dd", {}, value)]));
}

export const link = (text, href) => make("a", { textContent: text, href });

/** What a choice is drawn with: open(id) whenever another one is chosen, closed() when none is. */
export function choosing(open, closed) {
  const look = (event) => {
    const id = chosen();
    document.body.dataset.chosen = id ? "yes" : "no";
    show($("detail"), id !== "");
    for (const each of $("rows").querySelectorAll("a"))
      each.ariaCurrent = id && decodeURIComponent(each.hash.slice(1)) === id ? "true" : null;
    if (!id) return closed();
    open(id);
    if (event) $("detail").focus();
  };
  addEventListener("hashchange", look);
  look();
}

export const back = () => make("a", { className: "back", href: "#", textContent: say("detail.close") });

/** Does it, and says what went wrong where people see it. */
export async function trying(work) {
  try {
    await work();
    write($("trouble"), "");
  } catch (error) {
    write($("trouble"), because(error));
  }
}

/** <option>s; values: [value, words]. What was chosen stays. */
export function options(select, values) {
  const kept = select.value;
  select.replaceChildren(...values.map(([value, textContent]) => make("option", { value, textContent })));
  if (values.some(([value]) => value === kept)) select.value = kept;
}
