/** One member's part in one talk group: the connection, what is heard and sent by it, and the floor. */

import { QUIET, heard, lost, pressed, released } from "./floor.js";
import { Link } from "./link.js";
import { address } from "./signal.js";

const PICTURE = { maxBitrate: 1_200_000 }; // bit/s: what 4G carries uphill at the edge of a cell

export class Conversation {
  floor = QUIET;
  link = { phase: "connecting" };
  voice = null; // MediaStream of whoever speaks
  #options; #link; #channel = null; #audio = null; #video = null; #microphone = null; #camera = null;

  /**
   * group, token, ice; member: as whom; null: to listen only.
   * changed(before): something is new; before: the floor as it was. rang(word): we are called.
   * ended(reason): it is over for good: a key of words.js.
   */
  constructor(options) {
    this.#options = options;
    const { group, member, token, ice } = options;
    const path = member === null ? address("whep", "talk", group) : address("talk", group, member);
    const build = (peer, over) => (member === null ? this.#listen(peer) : this.#talk(peer, over));
    this.#link = new Link({ path, token, ice, build, changed: (state) => this.#linked(state) });
  }

  /** MediaStreams, or null: none. What we say is sent while we have the floor; our picture as long as there is one. */
  set microphone(stream) {
    this.#microphone = stream?.getAudioTracks()[0] ?? null;
    this.#equip();
  }

  set camera(stream) {
    this.#camera = stream?.getVideoTracks()[0] ?? null;
    this.#equip();
  }

  press(urgency) {
    this.#say(pressed(this.floor, urgency));
  }

  release() {
    this.#say(released(this.floor));
  }

  /** member: null: our own. */
  endEmergency(member) {
    this.#send({ v: 1, type: "end_emergency", ...(member && { member }) });
  }

  takeBack(member) {
    this.#send({ v: 1, type: "take_back", member });
  }

  hangUp() {
    this.#send({ v: 1, type: "end_call" });
  }

  /** Something to be read where the floor speaks to us. */
  note(notice) {
    this.#become({ ...this.floor, notice });
  }

  retry() {
    this.#link.retry();
  }

  close() {
    this.#link.close();
  }

  async #listen(peer) {
    this.#hear(peer);
    peer.addTransceiver("audio", { direction: "recvonly" });
  }

  /** Everything that may ever flow is agreed upon now; the microphone and the camera come and go without asking again. */
  #talk(peer, over) {
    this.#hear(peer);
    this.#audio = peer.addTransceiver("audio", { direction: "sendrecv", sendEncodings: [{ active: false }] }).sender;
    const video = { direction: "sendonly", sendEncodings: [PICTURE] };
    this.#video = encodesH264() ? peer.addTransceiver("video", video).sender : null;
    this.#equip();
    const channel = (this.#channel = peer.createDataChannel("floor"));
    channel.onmessage = ({ data }) => this.#heard(JSON.parse(data), over);
    channel.onclose = over;
    return new Promise((resolve) => (channel.onopen = resolve));
  }

  #hear(peer) {
    peer.addEventListener("track", ({ track }) => (this.voice = new MediaStream([track])));
  }

  #equip() {
    this.#gate();
    const quiet = () => {}; // the connection has ended meanwhile; the next one is equipped anew
    this.#audio?.replaceTrack(this.#microphone).catch(quiet);
    this.#video?.replaceTrack(this.#camera).catch(quiet);
  }

  /** Nothing leaves the microphone but while we have the floor. */
  #gate() {
    const open = this.floor.mine === "granted";
    if (this.#microphone) this.#microphone.enabled = open;
    const parameters = this.#audio?.getParameters();
    if (!parameters?.encodings.length || parameters.encodings[0].active === open) return;
    parameters.encodings[0].active = open;
    // Where that fails, the track is still off, and silence is sent.
    this.#audio.setParameters(parameters).catch((error) => console.warn("the sender did not change", error.message));
  }

  #linked(state) {
    this.link = state;
    if (state.phase !== "up") this.#become(state.phase === "connecting" ? this.floor : lost());
    else this.#become(this.floor);
  }

  #heard(word, over) {
    if (word.type === "ring") this.#options.rang(word);
    else if (word.type === "replaced") this.#end("link.replaced");
    else if (word.type === "closed") this.floor.kind === "standing" ? over() : this.#end(`closed.${word.reason}`);
    else this.#become(heard(this.floor, word, performance.now()));
  }

  #end(reason) {
    this.close();
    this.#become(lost());
    this.#options.ended(reason);
  }

  #say([floor, message]) {
    if (message) this.#send(message);
    this.#become(floor);
  }

  #send(message) {
    if (this.#channel?.readyState === "open") this.#channel.send(JSON.stringify(message));
  }

  #become(floor) {
    const before = this.floor;
    this.floor = floor;
    this.#gate();
    this.#options.changed(before);
  }
}

const encodesH264 = () => RTCRtpSender.getCapabilities("video").codecs.some((each) => each.mimeType === "video/H264");
