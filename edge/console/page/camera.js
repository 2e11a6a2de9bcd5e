/** One camera's tile: a still until somebody wants it live, its state in words and its figures. */

import { stillOf } from "./api.js";
import { button, make, show, write } from "./dom.js";
import { facts, link } from "./list.js";
import { because } from "./shell.js";
import { address } from "./signal.js";
import { View } from "./view.js";
import { moment, say, spoken } from "./words.js";

const AGAIN = 60e3; // ms until a still that is looked at is another: who wants to see it move goes live

export class Tile {
  #name; #watching; #setup; #camera = null; #view = null; #seen = false; #shown = -Infinity;
  #still = make("img", { className: "still", alt: "" });
  #words = make("p", { className: "state" });
  #trouble = make("p", { className: "notice", role: "alert" });
  #picture = make("div", { className: "picture" });
  #live = button("", () => this.#play(), { className: "play" });
  #title = make("h2"); #figures = make("div"); #links = make("p", { className: "links" });
  #eye = new IntersectionObserver(([{ isIntersecting }]) => this.#looked(isIntersecting));

  /** watching(): resolves with { token, ice }. setup: null where nothing may be changed. */
  constructor(name, watching, setup) {
    [this.#name, this.#watching, this.#setup] = [name, watching, setup];
    this.#picture.append(this.#still, this.#live);
    this.element = make("li", { className: "card camera", dataset: { name } }, this.#picture, this.#title, this.#words, this.#trouble, this.#figures, this.#links);
    this.#still.onload = () => (this.#picture.dataset.still = "yes");
    this.#still.onerror = () => this.#missed();
    this.#eye.observe(this.element);
  }

  close() {
    this.#eye.disconnect();
    this.#stop();
    this.element.remove();
  }

  tell(camera) {
    if (camera.paused) this.#stop();
    this.#camera = camera;
    this.draw();
    this.#look();
  }

  state(texts) {
    if (!this.#camera || this.#camera.paused) return;
    this.#camera.state = texts;
    this.draw();
  }

  /** In the language of now. */
  draw() {
    if (!this.#camera) return;
    const { title, state, fps, last_event, counts, paused } = this.#camera;
    const name = title ?? this.#name;
    const unknown = say("camera.unknown");
    write(this.#title, name);
    write(this.#words, state[spoken()]);
    write(this.#live, say("camera.live"));
    this.#live.ariaLabel = say("camera.live.of", { name });
    this.#still.alt = say("camera.still", { name });
    show(this.#picture, !paused && !this.#view);
    this.element.dataset.paused = paused ? "yes" : "no";
    this.#figures.replaceChildren(
      facts([
        [say("camera.fps"), paused ? "" : fps === null ? unknown : String(fps)],
        [say("camera.bitrate"), paused ? "" : rate(counts) ?? unknown],
        [say("camera.stalls"), paused ? "" : String(counts?.stalls_per_hour ?? unknown)],
        [say("camera.reconnects"), paused ? "" : String(counts?.reconnects_per_hour ?? unknown)],
        [say("camera.last"), last_event ? moment(last_event) : say("camera.never")],
      ]),
    );
    this.#offer(name, paused);
    this.#view?.rename();
  }

  /** Who goes by keyboard stays on what he was on. */
  #offer(name, paused) {
    const wanted = `${spoken()} ${paused} ${name}`;
    if (this.#links.dataset.drawn === wanted) return;
    const focus = [...this.#links.children].indexOf(document.activeElement);
    this.#links.dataset.drawn = wanted;
    this.#links.replaceChildren(link(say("camera.events"), `/events?camera=${encodeURIComponent(this.#name)}`));
    if (this.#setup)
      this.#links.append(
        link(say("title.zones"), `/zones#${encodeURIComponent(this.#name)}`),
        button(say("camera.edit"), () => this.#setup.edit(this.#name)),
        button(say(paused ? "camera.resume" : "camera.pause"), () => this.#pause(!paused)),
      );
    this.#links.children[focus]?.focus();
  }

  async #pause(paused) {
    await this.#try(() => this.#setup.pause(this.#name, paused));
  }

  #looked(seen) {
    this.#seen = seen;
    if (seen) this.#look();
    else this.#stop();
  }

  /** A still, where somebody sees it. */
  #look() {
    if (!this.#seen || document.hidden || this.#view || !this.#camera || this.#camera.paused) return;
    if (performance.now() - this.#shown < AGAIN) return;
    this.#shown = performance.now();
    this.#still.src = stillOf(this.#name, this.#picture.clientWidth);
  }

  /** Asked for again when the figures are. */
  #missed() {
    this.#picture.dataset.still = "no";
    this.#shown = -Infinity;
  }

  async #play() {
    await this.#try(async () => {
      const { token, ice } = await this.#watching();
      const name = this.#camera.title ?? this.#name;
      const closed = () => {
        this.#stop();
        this.#live.focus();
      };
      this.#view = new View({ path: address("whep", this.#name), token, ice, name, closed, sound: true });
      this.element.prepend(this.#view.element);
      show(this.#picture, false);
    });
  }

  #stop() {
    if (!this.#view) return;
    this.#view.close();
    this.#view = null;
    this.#shown = -Infinity;
    show(this.#picture, !this.#camera?.paused);
    this.#look();
  }

  async #try(work) {
    write(this.#trouble, "");
    try {
      await work();
    } catch (error) {
      write(this.#trouble, because(error));
    }
  }
}

/** Of what is kept of it just now; null: nothing is. */
const rate = (counts) =>
  counts?.ring_seconds > 1 ? say("camera.mbit", { n: ((counts.ring_bytes * 8) / counts.ring_seconds / 1e6).toFixed(2) }) : null;
