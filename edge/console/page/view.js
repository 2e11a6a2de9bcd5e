/** A picture from elsewhere in a tile, with its state in words. */

import { button, make, show, write } from "./dom.js";
import { Link, NoWay } from "./link.js";
import { because } from "./shell.js";
import { say } from "./words.js";

const STILL = 3000; // ms without a picture; a camera sends one at least every second
const TICK = 500; // ms

export class View {
  #link; #state = { phase: "connecting" }; #last = null; #timer; #sound; #silence = null;

  /** path: of WHEP. name: for people. sound: whether it may be heard, too. closed(): the viewer has had enough. */
  constructor({ path, token, ice, name, closed, sound = false }) {
    this.#sound = sound;
    this.#make(name, closed);
    const build = (peer) => this.#build(peer);
    const changed = (state) => this.#changed(state);
    this.#link = new Link({ path, token, ice, build, changed });
    this.#timer = setInterval(() => this.#tell(), TICK);
    this.#watch();
  }

  close() {
    clearInterval(this.#timer);
    this.#link.close();
    this.element.remove();
  }

  /** In the language of now. */
  rename() {
    write(this.closing, say("view.close"));
    write(this.larger, say("view.large"));
    write(this.loud, say(this.video.muted ? "view.sound" : "view.mute"));
    this.loud.ariaPressed = String(!this.video.muted);
    write(this.again, say("view.again"));
    this.#tell();
  }

  #make(name, closed) {
    this.video = make("video", { autoplay: true, muted: true, playsInline: true });
    this.state = make("span", { className: "state" });
    this.again = button("", () => this.#link.retry());
    this.closing = button("", closed);
    this.loud = button("", () => this.#hear());
    this.quiet = make("small", { className: "faint" });
    this.larger = button("", () => this.video.requestFullscreen?.() ?? this.video.webkitEnterFullscreen?.());
    const title = make("strong", { textContent: name });
    const words = make("figcaption", {}, make("div", {}, title, this.state, this.quiet), this.again, this.loud, this.larger, this.closing);
    this.element = make("figure", { className: "tile" }, this.video, words);
    for (const each of [this.again, this.loud, this.larger, this.closing]) each.setAttribute("aria-describedby", (title.id ||= `view-${++numbers}`));
  }

  async #build(peer) {
    // Both in one stream: only so does a browser show pictures and sound of the same moment together.
    peer.addEventListener("track", ({ track, streams }) => this.#show(streams[0] ?? new MediaStream([track])));
    peer.addTransceiver("video", { direction: "recvonly" });
    if (this.#sound) peer.addTransceiver("audio", { direction: "recvonly" });
  }

  #show(stream) {
    if (this.video.srcObject !== stream) this.video.srcObject = stream;
  }

  /** Sound begins off: a page with six cameras is a noise, and browsers want to be touched before. */
  #hear() {
    this.video.muted = !this.video.muted;
    this.rename();
  }

  #changed(state) {
    this.#state = state;
    this.#last = null;
    this.#silence = state.phase === "up" ? state.silence : null;
    this.element.dataset.phase = state.phase;
    this.rename();
  }

  #watch() {
    this.video.requestVideoFrameCallback((now) => {
      this.#last = now;
      this.#watch();
    });
  }

  #tell() {
    const { phase, until } = this.#state;
    show(this.again, phase === "stopped" || phase === "waiting");
    const age = performance.now() - this.#last;
    const picture = phase !== "up" || this.#last === null ? "none" : age > STILL ? "still" : "live";
    this.element.dataset.picture = picture;
    show(this.larger, picture !== "none");
    show(this.loud, this.#sound && picture !== "none" && this.#silence === null);
    write(this.quiet, picture === "none" || this.#silence === null ? "" : say(`silent.${this.#silence}`));
    write(this.state, this.#words(phase, age, Math.max(0, Math.ceil((until - performance.now()) / 1000))));
  }

  #words(phase, age, seconds) {
    switch (phase) {
      case "connecting":
        return say("view.connecting");
      case "waiting":
        return say("view.waiting", { why: this.#why(), seconds });
      case "stopped":
        return this.#why();
    }
    if (this.#last === null) return say("view.first");
    return age > STILL ? say("view.still", { seconds: Math.floor(age / 1000) }) : say("view.live");
  }

  #why() {
    return why(this.#state.error);
  }
}

/** Why a connection is not there. */
export const why = (error) => (error instanceof NoWay ? say("link.noway") : because(error));

let numbers = 0;
