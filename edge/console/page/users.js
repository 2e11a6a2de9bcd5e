/** /users: who may use this box, and which programs; one's own password. */

import { begin, toast } from "./account.js";
import { get, send } from "./api.js";
import { $, button, make, show, write } from "./dom.js";
import { mark, trying } from "./list.js";
import { cameraBoxes, field, scopeBoxes, select, sure } from "./users_fields.js";
import { moment, named, onLanguage, say } from "./words.js";

const ROLES = ["viewer", "operator", "technician", "admin"];
const DAYS = [["30", "until.30"], ["365", "until.365"], ["", "until.never"]];
let person, people = [], tokens = [], cameras = [];

begin({ opened, heard: () => {}, fresh: read });

function opened(who) {
  person = who;
  show($("others"), may());
  $("own").onsubmit = (event) => (event.preventDefault(), changeOwn());
  $("secret-copy").onclick = () => navigator.clipboard.writeText($("secret-text").value).then(() => toast(say("token.copied")));
  $("secret-done").onclick = () => (($("secret-text").value = ""), show($("secret"), false));
  onLanguage(draw);
}

const may = () => person.may.includes("accounts");

async function read() {
  if (!may()) return;
  await trying(async () => {
    [people, tokens, cameras] = await Promise.all([get("/users"), get("/tokens"), get("/cameras")]);
    draw();
  });
}

/** Does it, says so, and shows what is so now. */
const doing = (words, work) =>
  trying(async () => {
    await work();
    toast(words);
    await read();
  });

function draw() {
  if (!may()) return;
  const open = new Set([...document.querySelectorAll("#others details[open]")].map((each) => each.dataset.name));
  $("people").replaceChildren(...people.map(account), newAccount());
  $("programs").replaceChildren(...tokens.map(program), newToken());
  for (const each of document.querySelectorAll("#others details")) each.open = open.has(each.dataset.name);
}

function account(user) {
  const path = `/users/${encodeURIComponent(user.name)}`;
  const change = (values, words) => doing(words, () => send(path, values, "PATCH"));
  const words = make("span", {}, make("strong", { textContent: user.name }), make("small", { className: "faint", textContent: seeing(user.cameras) }));
  const off = user.disabled ? [mark(say("user.disabled"), "high")] : [];
  const summary = make("summary", {}, words, ...off, mark(named("account", user.role), user.role));
  const able = button(say(user.disabled ? "user.enable" : "user.disable"), null, { className: user.disabled ? "" : "stop" });
  sure(able, user.disabled ? "" : say("user.disable.sure"), () => change({ disabled: !user.disabled }, say("saved")));
  const body = make("div", { className: "body" }, rights(user, change), password(user, change), make("div", { className: "line" }, able));
  return make("details", { dataset: { name: `user:${user.name}`, off: user.disabled ? "yes" : "no" } }, summary, body);
}

function rights(user, change) {
  const role = select(ROLES.map((each) => [each, named("account", each)]), user.role);
  const boxes = cameraBoxes(cameras, user.cameras);
  return form(() => change({ role: role.value, cameras: boxes.chosen() }, say("saved")), say("user.save"), field(say("user.role"), role), boxes.element);
}

function password(user, change) {
  const input = make("input", { type: "password", autocomplete: "new-password", minLength: 10, maxLength: 128, required: true });
  return form(() => change({ password: input.value }, say("user.password.done", { name: user.name })), say("user.password.set"), field(say("user.password"), input));
}

function newAccount() {
  const name = make("input", { maxLength: 64, required: true, autocapitalize: "none", spellcheck: false, autocomplete: "off" });
  const word = make("input", { type: "password", autocomplete: "new-password", minLength: 10, maxLength: 128, required: true });
  const role = select(ROLES.map((each) => [each, named("account", each)]), "viewer");
  const boxes = cameraBoxes(cameras, ["*"]);
  const made = () => ({ name: name.value.trim(), password: word.value, role: role.value, cameras: boxes.chosen() });
  const fields = [field(say("entry.name"), name), field(say("entry.password"), word), field(say("user.role"), role), boxes.element];
  const content = form(() => doing(say("user.added"), () => send("/users", made())), say("user.add"), ...fields);
  return make("details", { className: "new", dataset: { name: "new-user" } }, make("summary", { textContent: say("user.new") }), make("div", { className: "body" }, content));
}

function program(token) {
  const until = token.until ? say("token.until", { time: moment(token.until) }) : say("until.never");
  const scopes = token.scopes.map((each) => named("act", each)).join(", ");
  const words = make("span", {}, make("strong", { textContent: token.name }), make("small", { className: "faint", textContent: [scopes, seeing(token.cameras), until].join(" · ") }));
  const revoke = button(say("token.revoke"), null, { className: "stop" });
  sure(revoke, say("token.revoke.sure"), () => doing(say("token.revoked"), () => send(`/tokens/${encodeURIComponent(token.name)}`, null, "DELETE")));
  const summary = make("summary", {}, words, mark(named("account", token.role), token.role));
  return make("details", { dataset: { name: `token:${token.name}` } }, summary, make("div", { className: "body" }, make("div", { className: "line" }, revoke)));
}

function newToken() {
  const name = make("input", { maxLength: 64, required: true, autocapitalize: "none", spellcheck: false, autocomplete: "off" });
  const role = select(ROLES.map((each) => [each, named("account", each)]), "viewer");
  const scopes = scopeBoxes(["see"]);
  const until = select(DAYS.map(([days, key]) => [days, say(key)]), "365");
  const boxes = cameraBoxes(cameras, ["*"]);
  const made = () => ({ name: name.value.trim(), role: role.value, scopes: scopes.chosen(), cameras: boxes.chosen(), until: until.value ? Math.round(Date.now() / 1000) + 86400 * until.value : null });
  const fields = [field(say("token.name"), name), field(say("user.role"), role), scopes.element, boxes.element, field(say("token.lives"), until)];
  const content = form(() => doing(say("token.made"), async () => tell((await send("/tokens", made())).secret)), say("token.make"), ...fields);
  return make("details", { className: "new", dataset: { name: "new-token" } }, make("summary", { textContent: say("token.new") }), make("div", { className: "body" }, content));
}

function form(submit, words, ...fields) {
  const made = make("form", {}, ...fields, make("div", { className: "line" }, make("button", { textContent: words })));
  made.onsubmit = (event) => (event.preventDefault(), submit());
  return made;
}

function tell(secret) {
  $("secret-text").value = secret;
  show($("secret"), true);
  $("secret").scrollIntoView({ block: "nearest" });
}

const titleOf = (name) => cameras.find((each) => each.name === name)?.title ?? name;
const seeing = (names) => (names.includes("*") ? say("user.everywhere") : names.map(titleOf).join(", "));

async function changeOwn() {
  const [old, fresh, again] = ["own-old", "own-new", "own-again"].map((id) => $(id).value);
  if (fresh !== again) return write($("trouble"), say("own.differ"));
  await trying(async () => {
    await send("/password", { old, new: fresh });
    location.reload(); // every session of this account has ended
  });
}
