/** The microphone and the camera: asked for, lost, given back. */

const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
// The camera at the back, as an officer shows what he sees; sized for 4G.
const SIGHT = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 15 } };
const WANTED = { mic: { audio: VOICE }, camera: { video: SIGHT } };
const REASONS = { NotAllowedError: "denied", NotFoundError: "none", NotReadableError: "busy" };

/** name: mic or camera. stream: while it is on. trouble: why it is not, as a key of words.js under "device."; or null. */
export class Device {
  stream = null;
  trouble = null;
  #changed; #wish = 0;

  constructor(name, changed) {
    this.name = name;
    this.#changed = changed;
  }

  /** Asks; people may take their time to answer, and may have changed their mind by then. */
  async open() {
    const wish = ++this.#wish;
    const [stream, trouble] = await found(WANTED[this.name]);
    if (wish !== this.#wish) return stop(stream);
    this.#become(stream, trouble);
    if (stream) stream.getTracks()[0].onended = () => this.#become(null, "gone");
  }

  close() {
    this.#wish++;
    stop(this.stream);
    this.#become(null, null);
  }

  #become(stream, trouble) {
    this.stream = stream;
    this.trouble = trouble;
    this.#changed();
  }
}

async function found(wanted) {
  if (!window.isSecureContext) return [null, "insecure"];
  try {
    return [await navigator.mediaDevices.getUserMedia(wanted), null];
  } catch (error) {
    return [null, REASONS[error.name] ?? "failed"];
  }
}

const stop = (stream) => stream?.getTracks().forEach((track) => track.stop());
