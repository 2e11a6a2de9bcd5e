/** A connection that is kept: lost, it is made again, ever more slowly, and says so. */

import { Refused, Session, Unreachable } from "./signal.js";

const CONNECT = 15000; // ms; ICE over TURN on 4G takes up to 10 s
const DOUBT = 4000; // ms without connectivity before it counts as lost: a radio cell is changed in less
const STEPS = [1, 2, 4, 8, 15, 30]; // s
const STEADY = 10000; // ms up, and the steps begin anew

/** No way for the media: a firewall, mostly. */
export class NoWay extends Error {}

export class Link {
  #options; #stop = new AbortController(); #wake = () => {}; #step = 0; #session = null;

  /**
   * path, token; ice: RTCIceServer[].
   * build(peer, over): adds what is to flow; resolves when that is ready; may call over() when it has ended.
   * changed({ phase: connecting | up | waiting | stopped, error?, until? }): until: ms of performance.now().
   */
  constructor(options) {
    this.#options = options;
    addEventListener("online", this.#retry);
    addEventListener("pagehide", this.#leave);
    this.#run();
  }

  /** Do not wait any longer. */
  #retry = () => this.#wake();
  #leave = () => this.close();
  retry() {
    this.#retry();
  }

  close() {
    this.#stop.abort();
    this.#session?.close();
    this.#wake();
    removeEventListener("online", this.#retry);
    removeEventListener("pagehide", this.#leave);
  }

  async #run() {
    const { changed } = this.#options;
    while (!this.#stop.signal.aborted) {
      const error = await this.#live();
      if (this.#stop.signal.aborted) return;
      if (error instanceof Refused && !error.again) {
        changed({ phase: "stopped", error });
        await this.#pause(Infinity);
      } else {
        const seconds = this.#seconds(error);
        changed({ phase: "waiting", error, until: performance.now() + seconds * 1000 });
        await this.#pause(seconds * 1000);
      }
    }
  }

  /** One connection, from its beginning to its end; why it ended. */
  async #live() {
    const { path, token, ice, build, changed } = this.#options;
    changed({ phase: "connecting" });
    const peer = new RTCPeerConnection({ iceServers: ice, bundlePolicy: "max-bundle" });
    this.#session = new Session(peer, token);
    let hangUp;
    const over = Promise.race([ended(peer, this.#stop.signal), new Promise((resolve) => (hangUp = resolve))]);
    try {
      const ready = build(peer, () => hangUp(new NoWay("closed")));
      await this.#session.open(path);
      await within(CONNECT, Promise.race([Promise.all([connected(peer), ready]), over]));
      if (this.#stop.signal.aborted) return null;
      const since = performance.now();
      changed({ phase: "up" });
      const error = await over;
      if (performance.now() - since > STEADY) this.#step = 0;
      return error;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable || error instanceof NoWay)) console.error(error);
      return error;
    } finally {
      this.#session.close();
    }
  }

  /** With up to a quarter more, so that a group whose gateway came back does not return all at once. */
  #seconds(error) {
    const step = STEPS[Math.min(this.#step++, STEPS.length - 1)];
    return Math.max(step, error?.wait ?? 0) * (1 + Math.random() / 4);
  }

  #pause(ms) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (ms !== Infinity) setTimeout(resolve, ms);
    });
  }
}

const connected = (peer) =>
  new Promise((resolve) => {
    const look = () => peer.connectionState === "connected" && resolve();
    peer.addEventListener("connectionstatechange", look);
  });

/** Resolves with a NoWay when it is over; with null when we end it. */
const ended = (peer, stop) =>
  new Promise((resolve) => {
    let doubt = null;
    stop.addEventListener("abort", () => resolve(null), { once: true });
    peer.addEventListener("connectionstatechange", () => {
      clearTimeout(doubt);
      if (["failed", "closed"].includes(peer.connectionState)) resolve(new NoWay(peer.connectionState));
      if (peer.connectionState === "disconnected") doubt = setTimeout(() => resolve(new NoWay("lost")), DOUBT);
    });
  });

function within(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new NoWay("late")), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
