/** One event: what is known of it, its pictures and its clip, and what was said of it, one after the other. */

import { fileOf, get } from "./api.js";
import { $, make, show, write } from "./dom.js";
import { back, chosen, facts, link, trying } from "./list.js";
import { Refused } from "./signal.js";
import { told } from "./steps.js";
import { moment, named, say } from "./words.js";

export class EventView {
  #id; #titleOf; #found = null; #case = false; #files = new Map(); // figures by their number: a clip plays on
  #head = make("div"); #proof = make("div", { className: "proof" }); #tail = make("div");

  /** titleOf(camera): as people call it. */
  constructor(id, titleOf) {
    this.#id = id;
    this.#titleOf = titleOf;
    $("detail").replaceChildren(this.#head, this.#proof, this.#tail);
    this.read();
  }

  read() {
    return trying(async () => {
      const path = encodeURIComponent(this.#id);
      const [found, there] = await Promise.all([get(`/events/${path}`), hasCase(path)]);
      [this.#found, this.#case] = [found, there];
      if (chosen() === this.#id) this.draw();
    });
  }

  /** In the language of now. */
  draw() {
    if (!this.#found) return;
    const { messages, files } = this.#found;
    const events = messages.filter((each) => each.data.phase);
    const { type, data } = events.at(-1) ?? messages.at(-1);
    const title = make("h2", { textContent: named("type", type) });
    const links = this.#case ? [link(say("event.case"), `/cases#${encodeURIComponent(this.#id)}`)] : [];
    this.#head.replaceChildren(back(), title, known(data, this.#titleOf), ...links);
    for (const file of files) this.#show(file, data);
    show(this.#proof, files.length > 0);
    const none = files.length ? [] : [make("p", { className: "faint", textContent: say("event.nofiles") })];
    const steps = make("ol", { className: "course" }, ...messages.map(step));
    this.#tail.replaceChildren(...none, make("h3", { textContent: say("event.timeline") }), steps);
  }

  #show({ n, kind }, { camera, since }) {
    const words = say("event.picture", { kind: named("file", kind), camera: this.#titleOf(camera), time: moment(since) });
    if (!this.#files.has(n)) {
      this.#files.set(n, kind === "clip" ? new Clip(fileOf(this.#id, n)) : new Picture(fileOf(this.#id, n)));
      this.#proof.append(this.#files.get(n).element);
    }
    this.#files.get(n).name(named("file", kind), words);
  }
}

class Picture {
  #image = make("img", { loading: "lazy" });
  #link; #caption = make("figcaption");

  constructor(address) {
    this.#link = make("a", { href: address, target: "_blank", rel: "noopener" }, this.#image);
    this.element = make("figure", { className: "file" }, this.#link, this.#caption);
    this.#image.onerror = () => write(this.#caption, say("event.gone"));
    this.#image.src = address;
  }

  name(kind, words) {
    this.#image.alt = words;
    this.#link.title = say("event.open");
    write(this.#caption, kind);
  }
}

class Clip {
  #video; #caption = make("figcaption");

  constructor(address) {
    this.#video = make("video", { controls: true, playsInline: true, muted: true, preload: "metadata" });
    this.element = make("figure", { className: "file" }, this.#video, this.#caption);
    this.#video.onerror = () => write(this.#caption, say("event.gone"));
    this.#video.src = address;
  }

  name(kind, words) {
    this.#video.ariaLabel = words;
    write(this.#caption, kind);
  }
}

const known = (data, titleOf) =>
  facts([
    [say("fact.camera"), titleOf(data.camera)],
    [say("filter.severity"), data.severity && named("severity", data.severity)],
    [say("fact.zone"), data.zone],
    [say("fact.rule"), data.rule],
    [say("fact.since"), data.since && moment(data.since)],
    [say("fact.whistle"), data.whistle && named("whistle", data.whistle)],
  ]);

function step({ type, time, data }) {
  const kind = type.startsWith("case.") ? named("step", type.slice(5)) : data.phase ? named("phase", data.phase) : named("type", type);
  const files = (data.proof ?? []).map((each) => named("file", each.kind)).join(", ");
  return make("li", {}, make("time", { dateTime: time, textContent: moment(time) }), make("strong", { textContent: kind }), ...told(data), files);
}

async function hasCase(path) {
  try {
    await get(`/cases/${path}`);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return false;
    throw error;
  }
}
