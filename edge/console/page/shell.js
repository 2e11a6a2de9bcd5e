/** Why something is not so, for people. */

import { Refused } from "./signal.js";
import { say, spoken } from "./words.js";

export function because(error, language = spoken()) {
  if (!(error instanceof Refused)) return say("link.unreachable");
  const text = error[language];
  const stop = language === "zh" ? "。" : ". ";
  const sentence = (each) => each[0].toUpperCase() + each.slice(1) + stop;
  return [text.what, text.do].filter(Boolean).map(sentence).join("").trim();
}
