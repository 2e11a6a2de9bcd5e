/**
 * What one member knows of its group's floor. Pure: a floor and what happened in, a floor out.
 *
 * mine: how it stands towards us: idle | asking | queued | granted | over (the button is still held, for nothing).
 * press: counts the presses of the talk button on this connection. Times are ms of performance.now().
 * notice: { key, values } of words.js, or { en, zh }; null: nothing to say. docs/talk-messages.md has the words.
 */
export const QUIET = Object.freeze({
  members: [],
  kind: "standing",
  speaker: null, // { by, role, emergency, since }
  emergencies: [],
  mine: "idle",
  press: -1,
  position: 0,
  since: 0,
  until: 0,
  urgent: false, // our speech is an emergency's
  notice: null,
});

/** A press of the talk button: [floor, message to send]. urgency: normal | preempt | emergency. */
export function pressed(floor, urgency) {
  const press = floor.press + 1;
  return [{ ...floor, press, mine: "asking", notice: null }, { v: 1, type: "request", press, urgency }];
}

/** The button is let go: [floor, message to send, or null where nothing was asked for]. */
export function released(floor) {
  if (floor.mine === "idle") return [floor, null];
  return [{ ...floor, mine: "idle" }, { v: 1, type: "release", press: floor.press }];
}

/** A word of the gateway. Those that concern the connection rather than the floor change nothing here. */
export function heard(floor, word, now) {
  const change = WORDS[word.type];
  return change ? { ...floor, ...change(word, floor, now) } : floor;
}

/** The connection is gone: so is everything it told. */
export const lost = () => QUIET;

export const memberOf = (floor, name) => floor.members.find((each) => each.name === name);

/** Whether `me` would be given the floor before whoever speaks. */
export function mayInterrupt(floor, me) {
  const own = memberOf(floor, me);
  const other = floor.speaker && memberOf(floor, floor.speaker.by);
  return Boolean(own?.may_speak && other && other.name !== me && own.priority > other.priority);
}

/** Whether `me` may silence whoever speaks, without speaking. */
export function mayTakeBack(floor, me) {
  const own = memberOf(floor, me);
  const other = floor.speaker && memberOf(floor, floor.speaker.by);
  return Boolean(own?.role === "operator" && other && other.name !== me && own.priority >= other.priority);
}

const held = (floor) => floor.mine !== "idle";
const said = (key, values) => ({ key, values });

const WORDS = {
  granted: ({ seconds, emergency }, floor, now) =>
    held(floor)
      ? { mine: "granted", since: now, until: now + seconds * 1000, urgent: emergency, notice: null, speaker: null }
      : {},
  denied: ({ reason, retry_after: wait }, floor) => ({
    mine: held(floor) ? "over" : "idle",
    notice: said(`denied.${reason}`, { seconds: Math.ceil(wait ?? 0) }),
  }),
  queued: ({ position }, floor) => (held(floor) ? { mine: "queued", position } : {}),
  taken: ({ by, role, emergency, seconds }, floor, now) => ({
    speaker: { by, role, emergency, since: now - seconds * 1000 },
    mine: floor.mine === "granted" ? "over" : floor.mine,
  }),
  idle: (_word, floor) => ({ speaker: null, mine: floor.mine === "granted" ? "over" : floor.mine }),
  revoked: ({ reason }, floor) => ({
    mine: held(floor) ? "over" : "idle",
    notice: said(`revoked.${reason}`),
  }),
  ending: ({ seconds }, _floor, now) => ({ until: now + seconds * 1000, notice: said("ending") }),
  emergency: ({ by }) => ({ emergencies: by }),
  roster: ({ members, kind }) => ({ members, kind }),
  refused: ({ en, zh }) => ({ notice: { en, zh } }),
};
