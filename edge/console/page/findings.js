/** What the gateway found wrong with a site file, line by line. */

import { make } from "./dom.js";
import { mark } from "./list.js";
import { say, spoken } from "./words.js";

/** <li>s. chosen(line): somebody wants to see it. */
export const findings = (found, chosen) =>
  found.map(({ path, line, level, ...texts }) => {
    const words = make("span", {}, make("strong", { textContent: path }), ` ${texts[spoken()]}`);
    const place = say("finding.line", { n: line });
    const where = chosen ? make("button", { type: "button", className: "plain", textContent: place, onclick: () => chosen(line) }) : make("small", { textContent: place });
    return make("li", { className: "finding" }, mark(say(`finding.${level}`), level === "error" ? "high" : "medium"), words, where);
  });

/** Those that came with a refusal. */
export const mistakes = (error, chosen) => findings(error.told?.findings ?? [], chosen);
