/** What the console's pages begin with: the language, and who is signed in. */

import { follow, me, send } from "./api.js";
import { $, show, write } from "./dom.js";
import { because } from "./shell.js";
import { named, onLanguage, say, switchLanguage, translate } from "./words.js";

const SEEN = 6000; // ms a toast stays
let person = null;
let asked = false; // whether we know who it is, or that it is nobody
let first = false; // the first start, rather than a sign-in
let why = () => ""; // what the form has to say, in the language of now
let guest = ""; // "asked" where a token is asked for instead, "in" where it was good

/** Runs opened(person) where somebody is signed in: { name, role, may }; heard and fresh as in api.js. */
export async function begin({ opened, heard, fresh }) {
  if (!(await entered())) return;
  show($("page"), true);
  opened(person);
  follow({ heard, fresh, phase, allowed });
}

/** Who is signed in: { name, role, may }; null: nobody, who is asked to. */
export async function entered() {
  frame();
  if (!(await allowed())) $("name").focus();
  document.querySelector("nav [aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
  return person;
}

/** Makes what is around the page work, whoever it is. */
export function frame() {
  onLanguage(draw);
  $("language").onclick = switchLanguage;
  $("leave").onclick = signOut;
  $("other").onclick = change;
  $("login").onsubmit = (event) => {
    event.preventDefault();
    signIn();
  };
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // kept by the browser, its stream not
}

/** Somebody may come, or came, without an account. leave: how they go. */
export function byToken(state, leave = signOut) {
  guest = state;
  $("leave").onclick = leave;
  draw();
}

/** Whether somebody is signed in; who is not is asked to. Where the gateway does not answer, what was so stays so. */
async function allowed() {
  try {
    person = await me();
  } catch (error) {
    if (error.status === 401) refuse(person);
    else if (!person) why = () => because(error);
  }
  asked = true;
  draw();
  return person !== null;
}

function refuse(before) {
  person = null;
  if ($("page")) show($("page"), false);
  why = () => (before ? say("entry.over") : isSecureContext ? "" : say("entry.insecure"));
}

async function signIn() {
  explain(() => say("login.checking"));
  const known = { name: $("name").value.trim(), password: $("password").value };
  try {
    await (first ? send("/first-start", { ...known, code: $("code").value.trim() }) : send("/login", known));
    location.reload();
  } catch (error) {
    explain(() => because(error));
  }
}

async function signOut() {
  sessionStorage.clear(); // where one talked and what one watched is nobody else's
  await send("/logout").catch((error) => console.warn("the session was not closed", error.message)); // it may be over
  location.reload();
}

function change() {
  first = !first;
  explain(() => "");
  $(first ? "code" : "name").focus();
}

function phase(name) {
  $("flow").dataset.phase = name;
  draw();
}

let toasted;

/** What was done, for a few seconds where everybody sees it, and aloud. */
export function toast(words) {
  write($("toast"), words);
  clearTimeout(toasted);
  toasted = setTimeout(() => write($("toast"), ""), SEEN);
}

/** What the form has to say. words: a function, for the language of now. */
export function explain(words) {
  why = words;
  draw();
}

function draw() {
  translate();
  show($("login"), asked && person === null && !guest);
  show($("leave"), person !== null || guest === "in");
  for (const each of document.querySelectorAll("nav [data-right]")) show(each, person?.may.includes(each.dataset.right));
  write($("me"), person === null ? "" : `${person.name.replace(/^user:/, "")} · ${named("account", person.role)}`);
  if ($("flow")) write($("flow"), named("flow", $("flow").dataset.phase ?? "connecting"));
  write($("entry-title"), say(first ? "entry.first.title" : "entry.title"));
  write($("entry-help"), say(first ? "entry.first.help" : "entry.help"));
  write($("other"), say(first ? "entry.known" : "entry.first"));
  show($("code-row"), first);
  $("code").required = first;
  $("password").autocomplete = first ? "new-password" : "current-password";
  write($("why"), why());
}
