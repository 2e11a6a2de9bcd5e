/** How loud something is, and the tones a radio makes. */

const FLOOR = -60; // dBFS that a meter shows as nothing

let context = null;

/** One for the page: browsers allow few. It may sound only after a click or a key. */
function audio() {
  context ??= new AudioContext({ latencyHint: "interactive" });
  if (context.state === "suspended") context.resume().catch(() => {}); // not yet allowed: the next gesture does it
  return context;
}
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => audio(), { capture: true });

/** How loud a stream is, 0..1 on a scale of dB; read it as often as it is drawn. */
export class Meter {
  #node = null; #analyser = null; #samples = null;

  /** stream: null: nothing. */
  follow(stream) {
    this.#node?.disconnect();
    this.#node = null;
    if (!stream?.getAudioTracks().length) return;
    this.#analyser ??= new AnalyserNode(audio(), { fftSize: 1024 });
    this.#samples ??= new Float32Array(this.#analyser.fftSize);
    this.#node = audio().createMediaStreamSource(stream);
    this.#node.connect(this.#analyser);
  }

  get level() {
    if (!this.#node) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, each) => sum + each * each, 0) / this.#samples.length;
    return Math.min(1, Math.max(0, 1 - (10 * Math.log10(power + 1e-12)) / FLOOR));
  }
}

/** Short tones, so that nobody has to look: [Hz, ms] each. */
const TONES = { granted: [[880, 60], [1175, 80]], over: [[440, 160]], ring: [[660, 150], [880, 150], [660, 150]] };

export function tone(name) {
  const out = audio();
  if (out.state !== "running") return;
  const gain = new GainNode(out, { gain: 0.08 });
  gain.connect(out.destination);
  let at = out.currentTime;
  for (const [frequency, ms] of TONES[name]) {
    const note = new OscillatorNode(out, { frequency });
    note.connect(gain);
    note.start(at);
    at += ms / 1000;
    note.stop(at);
  }
}
