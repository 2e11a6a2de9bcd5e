/** What /talk and /live begin with: an account's pass, or a token from whoever hands those out. */

import { byToken, entered, explain, frame } from "./account.js";
import { send } from "./api.js";
import { $, show, write } from "./dom.js";
import { because } from "./shell.js";
import { Refused, places } from "./signal.js";
import { onLanguage, say } from "./words.js";

const TOKEN = "sandwatch.token"; // of this window
const HABIT = "sandwatch.entry"; // of this browser: "token" where one came with a token last
const OVER = "sandwatch.over"; // the page was left because the session had ended
const OFTEN = 5; // renewals in a pass's life: one or two may fail
let denied = () => ""; // what the token's form has to say, in the language of now

/** What opens live pictures and talk for those who are signed in, renewed for as long as the page is open; signal.js takes
    it for a token. over(): it cannot be had any more. */
export class Pass {
  text = "";
  #over; #asked = null;

  /** Throws Refused, Unreachable. */
  static async open(over = () => {}) {
    const pass = new Pass();
    const seconds = await pass.renew();
    pass.#over = over;
    const later = () => {}; // whoever needs it meanwhile asks again, and is told why not
    setInterval(() => pass.renew().catch(later), (seconds * 1000) / OFTEN);
    return pass;
  }

  /** Throws Refused, Unreachable. */
  renew() {
    return (this.#asked ??= this.#ask().finally(() => (this.#asked = null)));
  }

  async #ask() {
    try {
      const { token, seconds } = await send("/pass");
      this.text = token;
      return seconds;
    } catch (error) {
      if (error.status === 401 || error.status === 403) this.#over?.();
      if (error.status === 409) error.again = true; // talk is being started
      throw error;
    }
  }
}

/** Runs opened({ token, places, account }) once it is known who comes; account: whether by one. */
export async function begin(opened) {
  addEventListener("click", letGo);
  $("bearer").onsubmit = (event) => {
    event.preventDefault();
    const token = $("token").value.trim();
    if (token) present(token, opened);
  };
  const kept = sessionStorage.getItem(TOKEN);
  if (kept) {
    frame();
    return present(kept, opened);
  }
  if (await entered()) return admit(opened);
  onLanguage(draw);
  $("other-way").onclick = () => ask($("bearer").hidden);
  // Where browsers keep no sign-in, an account is of no use.
  ask(!isSecureContext || localStorage.getItem(HABIT) === "token");
  if (sessionStorage.getItem(OVER)) explain(() => say("entry.over"));
  sessionStorage.removeItem(OVER);
}

async function admit(opened) {
  localStorage.removeItem(HABIT);
  const over = () => {
    sessionStorage.setItem(OVER, "yes");
    location.reload();
  };
  try {
    const token = await Pass.open(over);
    opened({ token, places: await places(token), account: true });
  } catch (error) {
    show($("unopened"), true);
    onLanguage(() => write($("unopened"), because(error)));
  }
}

async function present(token, opened) {
  deny(() => say("login.checking"));
  try {
    const found = await places(token);
    sessionStorage.setItem(TOKEN, token);
    localStorage.setItem(HABIT, "token");
    show($("bearer"), false);
    byToken("in", signOut);
    opened({ token, places: found, account: false });
  } catch (error) {
    if (error instanceof Refused) sessionStorage.removeItem(TOKEN);
    if ($("bearer").hidden) retry();
    deny(() => because(error));
  }
}

/** The kept token is not good any more: whoever comes is asked anew. */
function retry() {
  onLanguage(draw);
  $("other-way").onclick = () => (sessionStorage.clear(), location.reload());
  ask(true);
}

/** token: for one, rather than for an account. */
function ask(token) {
  byToken(token ? "asked" : "");
  show($("bearer"), token);
  $(token ? "bearer" : "login").append($("other-way"));
  draw();
  $(token ? "token" : "name").focus();
}

function deny(words) {
  denied = words;
  draw();
}

function draw() {
  write($("denied"), denied());
  write($("other-way"), say($("bearer").hidden ? "bearer.instead" : "bearer.account"));
}

function signOut() {
  sessionStorage.clear();
  location.reload();
}

/** A button that was clicked keeps the focus, and would take the space bar from the talk button. Who goes by keyboard
    (detail 0) stays where he is. */
function letGo({ target, detail }) {
  if (detail) target.closest?.("button")?.blur();
}
