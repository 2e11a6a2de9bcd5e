/** What both pages begin with: the language, and the token that says what one may see. */

import { $, show, write } from "./dom.js";
import { Refused, places } from "./signal.js";
import { onLanguage, say, spoken, switchLanguage, translate } from "./words.js";

const TOKEN = "sandwatch.token";

/** Runs opened({ token, places }) once a token is known to be good; on a page that was left and comes back, at once. */
export function begin(opened) {
  onLanguage(translate);
  $("language").onclick = switchLanguage;
  $("leave").onclick = signOut;
  $("login").onsubmit = (event) => {
    event.preventDefault();
    const token = $("token").value.trim();
    if (token) enter(token, opened);
  };
  const kept = sessionStorage.getItem(TOKEN);
  if (kept) enter(kept, opened);
  else askForToken();
  addEventListener("click", letGo);
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // kept by the browser, its connections not
}

export function signOut() {
  sessionStorage.clear();
  location.reload();
}

/** Why something is not so, for people. */
export function because(error, language = spoken()) {
  if (!(error instanceof Refused)) return say("link.unreachable");
  const text = error[language];
  const stop = language === "zh" ? "。" : ". ";
  const sentence = (each) => each[0].toUpperCase() + each.slice(1) + stop;
  return [text.what, text.do].filter(Boolean).map(sentence).join("").trim();
}

async function enter(token, opened) {
  write($("why"), say("login.checking"));
  try {
    const found = await places(token);
    sessionStorage.setItem(TOKEN, token);
    show($("login"), false);
    show($("leave"), true);
    opened({ token, places: found });
  } catch (error) {
    if (error instanceof Refused) sessionStorage.removeItem(TOKEN);
    askForToken();
    write($("why"), because(error));
  }
}

function askForToken() {
  show($("login"), true);
  $("token").focus();
}

/** A button that was clicked keeps the focus, and would take the space bar from the talk button. Who goes by keyboard
    (detail 0) stays where he is. */
function letGo({ target, detail }) {
  if (detail) target.closest?.("button")?.blur();
}
