/** /talk: choose a group, hear it, hold the button and speak. */

import { Conversation } from "./conversation.js";
import { Device } from "./device.js";
import { $, button, make, show, write } from "./dom.js";
import { hold, holdFirm } from "./hold.js";
import { draw, drawTime } from "./panel.js";
import { begin } from "./pass.js";
import { because } from "./shell.js";
import { address, post } from "./signal.js";
import { Meter, tone } from "./sound.js";
import { View } from "./view.js";
import { onLanguage, say } from "./words.js";

const PLACE = "sandwatch.place"; // where we were before a reload
const FIRM = 1500; // ms that the emergency button is held before it counts
const OURS = new Meter();
const THEIRS = new Meter();
const views = new Map(); // by the member's name
const mic = new Device("mic", () => equip());
const camera = new Device("camera", () => equip());

let known = null; // { token, places, account }
let place = null; // { group, member, token, title, home: the place a call was answered from }
let talk = null; // the Conversation
let ringing = null; // { word, timer }
let awake = null; // keeps a phone's screen on

begin((opened) => {
  known = opened;
  onLanguage(drawAll);
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  if (kept && mine(kept)) enter(kept);
  else choose("");
});

/** The list of groups. why: what ended the last conversation. */
function choose(why) {
  show($("choose"), true);
  show($("room"), false);
  write($("over"), why);
  const { groups } = known.places;
  show($("none"), !groups.length);
  write($("none"), say(known.account ? "groups.none.account" : "groups.none"));
  $("groups").replaceChildren(...groups.map(groupCard));
}

function groupCard(group) {
  const title = titleOf(group);
  const names = identities(group);
  const count = make("small", { textContent: say("groups.members", { n: group.members.length }) });
  const select = make("select", {}, ...names.map((name) => make("option", { value: name, textContent: name })));
  const as = make("label", { hidden: names.length < 2 }, say("groups.as"), " ", select);
  const member = () => (names.length ? select.value : null);
  const join = button(say(names.length ? "groups.join" : "groups.listen"), () =>
    enter({ group: group.name, member: member(), token: null, title, home: null }),
  );
  join.className = "main";
  return make("div", { className: "card group", dataset: { name: group.name } }, make("div", {}, make("strong", { textContent: title }), count), as, join);
}

/** A call is opened by a button or an event: nobody has given it a name to read. */
function titleOf({ name, title, kind, members }) {
  if (kind === "standing") return title ?? name;
  return `${say(`call.title.${kind}`)}: ${members.map((each) => each.name).join(", ")}`;
}

/** Whether it is still ours to go there: somebody else may have signed in since. */
function mine({ group, member }) {
  const found = known.places.groups.find((each) => each.name === group);
  return found !== undefined && (member === null || identities(found).includes(member));
}

/** As whom our token may be there; none: to listen only. */
function identities(group) {
  const { may, members } = known.places;
  if (!may.includes("speak")) return [];
  const people = group.members.filter((each) => each.role !== "speaker").map((each) => each.name);
  return members.includes("*") ? people : members;
}

function enter(where) {
  leave();
  place = where;
  sessionStorage.setItem(PLACE, JSON.stringify(place.home ?? place)); // a call does not outlive a reload
  show($("choose"), false);
  show($("room"), true);
  const { group, member } = place;
  talk = new Conversation({ group, member, token: place.token ?? known.token, ice: known.places.ice, changed, rang, ended });
  equip();
  if (member !== null && !mic.stream) mic.open();
  stayAwake();
}

/** Out of the conversation, ready for the next one. */
function leave() {
  letGo();
  talk?.close();
  talk = null;
  for (const name of [...views.keys()]) unsee(name);
}

/** Out of the group: nothing of us is on any more. */
function out() {
  const home = place.home;
  if (home && talk) talk.hangUp();
  leave();
  if (home) return enter(home);
  mic.close();
  camera.close();
  sessionStorage.removeItem(PLACE);
  awake?.release();
  choose("");
}

function ended(reason) {
  const { home, title } = place;
  if (home) {
    enter(home);
    talk.note({ key: reason });
  } else if (reason === "link.replaced") {
    const where = place;
    out();
    $("over").replaceChildren(`${title}: ${say(reason)} `, button(say("link.here"), () => enter(where)));
  }
}

function changed(before) {
  if (!talk) return; // it changes while it is being made, too
  const { floor } = talk;
  if (floor.mine !== before.mine) {
    if (floor.mine === "granted") signal("granted");
    if (floor.mine === "over" || (before.mine === "granted" && talk.link.phase !== "up")) signal("over");
    OURS.follow(floor.mine === "granted" ? mic.stream : null);
  }
  if (talk.link.phase !== "up") letGo();
  hear(talk.voice);
  drawAll();
}

function signal(name) {
  tone(name);
  navigator.vibrate?.(name === "granted" ? 40 : [60, 60, 60]);
}

function hear(stream) {
  if ($("voice").srcObject === stream) return;
  $("voice").srcObject = stream;
  THEIRS.follow(stream);
  if (stream) play();
}

/** A browser may want to be touched before it makes a sound. */
function play() {
  $("voice").play().then(
    () => show($("blocked"), false),
    (error) => show($("blocked"), error.name === "NotAllowedError"),
  );
}

/** What we have of devices goes into the conversation, and to the eye. */
function equip() {
  if (talk) {
    talk.microphone = mic.stream;
    talk.camera = camera.stream;
  }
  $("preview").srcObject = camera.stream;
  drawAll();
}

function see(name) {
  if (views.has(name)) return;
  const path = address("whep", "talk", place.group, name);
  const view = new View({ path, token: place.token ?? known.token, ice: known.places.ice, name, closed: () => unsee(name) });
  views.set(name, view);
  $("tiles").append(view.element);
}

function unsee(name) {
  views.get(name)?.close();
  views.delete(name);
}

function rang(word) {
  silenceRing();
  ringing = { word, timer: setTimeout(silenceRing, word.seconds * 1000) };
  signal("ring");
  drawAll();
}

function silenceRing() {
  clearTimeout(ringing?.timer);
  ringing = null;
  drawAll();
}

/** Alone with one member: it rings there, and we wait in the call. Whom we called from another place goes unanswered. */
async function callOne(name) {
  const home = place;
  try {
    const { call, token } = await post("/api/v1/calls", known.token, { caller: home.member, callee: name });
    await come(home, { group: call, member: home.member, token, title: say("call.title.private") });
  } catch (error) {
    if (place === home) talk?.note({ en: because(error, "en"), zh: because(error, "zh") });
  }
}

/** Into a call, unless we have gone elsewhere meanwhile. With an account we come by our own pass, which opens our calls from
    now on: so that our part in them ends with our session. Throws Refused, Unreachable. */
async function come(from, call) {
  if (known.account) await known.token.renew();
  if (place === from) enter({ ...call, token: known.account ? null : call.token, home: from.home ?? from });
}

/** Who calls alone is told; several may go on without us. */
function decline() {
  const { call, kind } = ringing.word;
  silenceRing();
  if (kind !== "private") return;
  const over = (error) => console.warn("the call was not declined", error.message); // it ends by itself
  post(`${address("api", "v1", "calls", call)}/decline`, known.token, { member: place.member }).catch(over);
}

function answer() {
  const { call, kind, token } = ringing.word;
  silenceRing();
  const from = place;
  const failed = (error) => place === from && talk?.note({ en: because(error, "en"), zh: because(error, "zh") });
  come(from, { group: call, member: place.member, token, title: say(`call.title.${kind}`) }).catch(failed);
}

function drawAll() {
  if (!known) return;
  if (!talk) return choose($("over").textContent);
  const { may } = known.places;
  const calls = place.member !== null && place.home === null;
  const ways = { see: may.includes("watch") ? see : null, call: calls ? callOne : null };
  draw(talk, { me: place.member, title: place.title, mute: !mic.stream, ...ways });
  show($("ring"), ringing !== null);
  if (ringing) write($("caller"), say(`ring.${ringing.word.kind}`, { by: ringing.word.by, subject: ringing.word.subject }));
  const troubled = [mic, camera].filter((each) => each.trouble);
  show($("device"), troubled.length > 0);
  write($("trouble"), troubled.map(troubleWords).join(" "));
  show($("camera"), place.member !== null);
  write($("camera"), say(camera.stream ? "camera.hide" : "camera.show"));
  show($("own"), camera.stream !== null);
  views.forEach((view) => view.rename());
}

function troubleWords({ name, trouble }) {
  const words = say(`device.${trouble}`, { device: say(`device.${name}`) });
  return name === "mic" ? `${words} ${say("device.hear")}` : words;
}

function frame(now) {
  if (talk) {
    drawTime(talk, now);
    const level = talk.floor.mine === "granted" ? OURS.level : THEIRS.level;
    $("meter").style.setProperty("--level", level.toFixed(2));
  }
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);

async function stayAwake() {
  if (!talk || document.hidden) return;
  awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null; // low battery: the phone decides
}
document.addEventListener("visibilitychange", stayAwake);

const buttons = [
  hold($("talk"), () => talk.press("normal"), () => talk?.release(), { anywhere: true }),
  hold($("interrupt"), () => talk.press("preempt"), () => talk?.release()),
  holdFirm($("emergency"), FIRM, () => talk.press("emergency"), () => talk?.release()),
];
const letGo = () => buttons.forEach((release) => release());

$("out").onclick = out;
$("now").onclick = () => talk.retry();
$("takeback").onclick = () => talk.takeBack(talk.floor.speaker.by);
$("sound").onclick = play;
$("again").onclick = () => [mic, camera].filter((each) => each.trouble).forEach((each) => each.open());
$("camera").onclick = () => (camera.stream ? camera.close() : camera.open());
$("answer").onclick = answer;
$("ignore").onclick = decline;
