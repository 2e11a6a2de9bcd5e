/** Draws a conversation: who speaks, what our button does, who is there. Reads it, and never changes it. */

import { $, button, make, show, write } from "./dom.js";
import { mayInterrupt, mayTakeBack, memberOf } from "./floor.js";
import { clock, say, told } from "./words.js";
import { why } from "./view.js";

/**
 * me: our name; null: we only listen. title: of the group. see(name): show a member's picture, call(name): call it alone;
 * null: we may not.
 */
export function draw(conversation, { me, title, mute, see, call }) {
  const { floor, link } = conversation;
  write($("group"), title);
  write($("out"), say(floor.kind === "standing" ? "groups.leave" : "call.end"));
  drawLink(link);
  drawSpeaker(floor, me, link.phase);
  drawButtons(floor, me, link.phase !== "up", mute);
  drawAlarm(conversation, me);
  drawMembers(floor, me, { see, call });
  write($("notice"), floor.notice ? told(floor.notice) : link.error ? why(link.error) : "");
}

/** What changes by itself as time passes. */
export function drawTime({ floor, link }, now) {
  write($("time"), timeOf(floor, now));
  drawLink(link);
}

function timeOf({ mine, speaker, until }, now) {
  if (mine === "granted") return say("floor.left", { time: clock(until - now) });
  if (!speaker) return "";
  const time = clock(now - speaker.since);
  return mine === "queued" ? `${say("floor.other", { name: speaker.by })} · ${time}` : time;
}

function drawLink({ phase, until }) {
  const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000));
  $("link").dataset.phase = phase;
  write($("linked"), say(`link.${phase}`));
  write($("link-time"), phase === "waiting" ? say("link.seconds", { seconds }) : "");
  show($("now"), phase === "waiting" || phase === "stopped");
}

/** Which of the states of words.js the floor is in, as we see it. */
export function stateOf({ mine, speaker, urgent }) {
  if (mine === "granted") return urgent ? "granted.emergency" : "granted";
  if (mine === "queued" || mine === "asking") return mine;
  if (speaker) return speaker.emergency ? "other.emergency" : "other";
  return mine === "over" ? "over" : "idle";
}

function drawSpeaker(floor, me, phase) {
  const rings = rung(floor, me);
  const state = phase !== "up" ? "off" : me === null ? "listening" : rings ? "calling" : stateOf(floor);
  $("speaker").dataset.state = state;
  show($("dock"), me !== null);
  const name = rings ?? floor.speaker?.by;
  const words = state === "off" ? "" : say(`floor.${state}`, { name, n: floor.position });
  write($("who"), words);
}

/** Whom we called alone, and who has not come yet; null: nobody. */
function rung({ kind, members, mine }, me) {
  if (kind !== "private" || mine !== "idle") return null;
  return members.find(({ name, here }) => name !== me && !here)?.name ?? null;
}

function drawButtons(floor, me, off, mute) {
  const absent = off || memberOf(floor, me)?.may_speak !== true;
  const silent = absent || mute;
  const state = silent ? "mute" : { granted: "talking", idle: "talk" }[floor.mine] ?? floor.mine;
  $("talk").dataset.state = state;
  write($("talk-words"), say(`button.${state}`));
  for (const id of ["talk", "interrupt"]) $(id).ariaDisabled = String(silent);
  $("emergency").ariaDisabled = String(absent); // who cannot be heard may still be in need
  // While one of them is held it stays: a button that vanishes under a finger is never let go.
  if (floor.mine === "idle") show($("interrupt"), mayInterrupt(floor, me));
  show($("takeback"), mayTakeBack(floor, me));
}

function drawAlarm(conversation, me) {
  const { emergencies } = conversation.floor;
  show($("alarm"), emergencies.length > 0);
  write($("alarmed"), say("emergency.by", { names: emergencies.join(", ") }));
  const operator = memberOf(conversation.floor, me)?.role === "operator";
  const ends = emergencies.filter((name) => operator || name === me).map((name) => {
    const words = name === me ? say("emergency.end") : say("emergency.end.of", { name });
    return button(words, () => conversation.endEmergency(name === me ? null : name));
  });
  renew($("endings"), ends);
}

function drawMembers({ members, speaker, mine }, me, may) {
  const speaks = mine === "granted" ? me : speaker?.by;
  renew($("members"), members.map((each) => memberLine(each, me, each.name === speaks, may)));
}

function memberLine({ name, role, here }, me, speaks, { see, call }) {
  const title = make("strong", { textContent: name === me ? say("members.me", { name }) : name });
  const state = say(speaks ? "members.speaks" : here ? "members.here" : "members.away");
  const words = make("small", { textContent: `${say(`role.${role}`)} · ${state}` });
  const line = make("li", { dataset: { state: speaks ? "speaks" : here ? "here" : "away", name } }, make("span", {}, title, words));
  if (name === me || role === "speaker") return line;
  if (call) line.append(button(say("call.one"), () => call(name), { ariaLabel: say("call.one.of", { name }) }));
  if (see && here) line.append(button(say("view.see"), () => see(name), { ariaLabel: say("view.see.of", { name }) }));
  return line;
}

/** Only where something differs, so that a button does not change under the finger that is on it. */
function renew(parent, children) {
  const fresh = make("div", {}, ...children);
  if (fresh.innerHTML !== parent.innerHTML) parent.replaceChildren(...fresh.childNodes);
}
