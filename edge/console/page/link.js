/** A connection that is kept: lost, it is made again, ever more slowly, and says so. */

import { Refused, Session, Unreachable } from "./signal.js";

const CONNECT = 15000; // ms; ICE over TURN on 4G takes up to 10 s
const DOUBT = 2000; // ms without connectivity before another way is sought: a radio cell is changed in less
const MEND = 12000; // ms for another way; the gateway waits for 30 s
const RETRY = 1000; // ms between two tries to tell the gateway of it
const STEPS = [1, 2, 4, 8, 15, 30]; // s
const STEADY = 10000; // ms up, and the steps begin anew

/** No way for the media: a firewall, mostly. */
export class NoWay extends Error {}

export class Link {
  #options; #stop = new AbortController(); #wake = () => {}; #step = 0; #session = null;

  /**
   * path, token; ice: RTCIceServer[].
   * build(peer, over): adds what is to flow; resolves when that is ready; may call over() when it has ended.
   * changed({ phase: connecting | up | waiting | stopped, error?, until?, silence? }): until: ms of performance.now();
   * silence: why no sound comes that was asked for, as a key of words.js under "silent."; or null.
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
    const over = Promise.race([stopped(this.#stop.signal), new Promise((resolve) => (hangUp = resolve))]);
    try {
      const ready = build(peer, () => hangUp(new NoWay("closed")));
      await this.#session.open(path);
      const early = await within(CONNECT, Promise.race([Promise.all([connected(peer), ready]), failed(peer), over]));
      if (early instanceof NoWay || this.#stop.signal.aborted) return early;
      const since = performance.now();
      const error = await this.#kept(peer, over);
      if (performance.now() - since > STEADY) this.#step = 0;
      return error;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable || error instanceof NoWay)) console.error(error);
      return error;
    } finally {
      this.#session.close();
    }
  }

  /** Up, until it is over for good; why it is. Where the way was lost, another one is sought first. */
  async #kept(peer, over) {
    for (;;) {
      this.#options.changed({ phase: "up", silence: this.#session.silence });
      const why = await Promise.race([over, trouble(peer)]);
      if (why !== LOST) return why;
      this.#options.changed({ phase: "connecting" });
      const ended = await within(MEND, Promise.race([over, this.#mended(peer)]));
      if (ended !== MENDED) return ended;
    }
  }

  /** Throws what a new connection has to be made for. */
  async #mended(peer) {
    for (;;) {
      try {
        await this.#session.restart();
        await connected(peer);
        return MENDED;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw new NoWay("lost"); // the gateway knows us no more
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
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

const LOST = Symbol("the way is lost");
const MENDED = Symbol("there is a way again");

/** Calls look(done) now and at every change of the connection's state, until it calls done. */
const watched = (peer, look) =>
  new Promise((resolve) => {
    const over = new AbortController();
    const done = (what) => {
      over.abort();
      resolve(what);
    };
    const now = () => over.signal.aborted || look(done, over.signal);
    peer.addEventListener("connectionstatechange", now, { signal: over.signal });
    now();
  });

const connected = (peer) => watched(peer, (done) => peer.connectionState === "connected" && done());

const failed = (peer) => watched(peer, (done) => peer.connectionState === "failed" && done(new NoWay("failed")));

/** Resolves with LOST where packets have no way any more, or the network is another one; with a NoWay at the end. */
function trouble(peer) {
  let doubt;
  return watched(peer, (done, over) => {
    if (doubt === undefined) addEventListener("online", () => done(LOST), { signal: over });
    clearTimeout(doubt);
    doubt = null;
    if (peer.connectionState === "closed") done(new NoWay("closed"));
    if (peer.connectionState === "failed") done(LOST);
    if (peer.connectionState === "disconnected") doubt = setTimeout(() => done(LOST), DOUBT);
  });
}

/** Resolves with null when we end it. */
const stopped = (stop) => new Promise((resolve) => stop.addEventListener("abort", () => resolve(null), { once: true }));

function within(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new NoWay("late")), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
