/** Offers and answers over HTTP: WHIP (RFC 9725), WHEP and the talk page's variant of them. */

const SDP = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";
const GATHER = 100; // ms that candidates are collected before they are sent together
const PATIENCE = 15000; // ms for an answer: the gateway gives itself 12 s
const RESTART = 5000; // ms for the answer to a restart, for which it asks nobody

/** The gateway said no. en, zh: { what, do }. again: whether time may change its mind; wait: s before that.
    told: all that it said. */
export class Refused extends Error {
  constructor(status, problem, wait) {
    super(problem.code ?? `HTTP ${status}`);
    this.status = status;
    this.en = problem.en ?? { what: `HTTP ${status}`, do: "" };
    this.zh = problem.zh ?? { what: `HTTP ${status}`, do: "" };
    this.again = status >= 500 || status === 408 || status === 429;
    this.wait = wait;
    this.told = problem;
  }
}

/** The gateway does not answer at all. */
export class Unreachable extends Error {}

/** One request with our token: a text, or a Pass, which is renewed where it is not good any more. Throws Refused, Unreachable. */
export async function ask(path, token, init = {}) {
  const once = () => fetched(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token.text ?? token}` } });
  try {
    return await once();
  } catch (error) {
    if (error.status !== 401 || !token.renew) throw error;
    await token.renew();
    return once();
  }
}

/** One request. Throws Refused, Unreachable. */
export async function fetched(path, init) {
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE), ...init });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({})); // a proxy in between answers in its own words
  throw new Refused(response.status, problem, Number(response.headers.get("Retry-After")) || 0);
}

/** JSON to the gateway; what comes back, or null. Throws Refused, Unreachable. */
export async function post(path, token, content) {
  const headers = { "Content-Type": "application/json" };
  const response = await ask(path, token, { method: "POST", headers, body: JSON.stringify(content) });
  return response.status === 204 ? null : response.json();
}

/** What the token lets us reach: { name, may, members, groups, cameras, ice }. */
export const places = async (token) => (await ask("/api/v1/places", token)).json();

/** An address of the gateway, whatever stands in the names. */
export const address = (...parts) => `/${parts.map(encodeURIComponent).join("/")}`;

/** One session: opened once, closed once, and led another way where the network changes. */
export class Session {
  #peer; #token; #path = null; #etag = ""; #candidates = []; #timer = null; #closed = false; #restarting = false;
  silence = null; // why the sound that was asked for does not come, where the gateway says so

  constructor(peer, token) {
    this.#peer = peer;
    this.#token = token;
    peer.addEventListener("icecandidate", ({ candidate }) => this.#gathered(candidate));
  }

  /** Throws Refused, Unreachable. */
  async open(path) {
    await this.#peer.setLocalDescription();
    const init = { method: "POST", headers: { "Content-Type": SDP }, body: this.#peer.localDescription.sdp };
    const response = await ask(path, this.#token, init);
    this.#path = response.headers.get("Location");
    this.#etag = response.headers.get("ETag");
    const sdp = await response.text();
    if (this.#closed) return this.#goodbye(); // hung up while it rang
    this.silence = sdp.match(/^a=sandwatch-silent:(\w+)/m)?.[1] ?? null;
    await this.#peer.setRemoteDescription({ type: "answer", sdp });
    this.#trickle();
  }

  /** ICE restart (RFC 9725, 4.3.2): everything that is agreed upon stays, the way is sought anew. Throws Refused,
      Unreachable; may be tried again. */
  async restart() {
    this.#restarting = true; // what is gathered now belongs to the restart, and goes after it
    this.#candidates = [];
    await this.#peer.setLocalDescription(await this.#peer.createOffer({ iceRestart: true }));
    const body = fragment(this.#peer.localDescription.sdp, this.#candidates.splice(0));
    const headers = { "Content-Type": FRAGMENT, "If-Match": "*" };
    const signal = AbortSignal.timeout(RESTART);
    const response = await ask(this.#path, this.#token, { method: "PATCH", headers, body, signal });
    this.#etag = response.headers.get("ETag");
    const sdp = renewed(this.#peer.currentRemoteDescription.sdp, await response.text());
    await this.#peer.setRemoteDescription({ type: "answer", sdp });
    this.#restarting = false;
    this.#trickle();
  }

  /** Works while the page is being left, too. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#peer.close();
    if (this.#path) this.#goodbye();
  }

  #gathered(candidate) {
    this.#candidates.push(candidate);
    this.#timer ??= setTimeout(() => this.#trickle(), GATHER);
  }

  #trickle() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#path || this.#closed || this.#restarting || !this.#candidates.length) return;
    const body = fragment(this.#peer.localDescription.sdp, this.#candidates.splice(0));
    const headers = { "Content-Type": FRAGMENT, "If-Match": this.#etag };
    ask(this.#path, this.#token, { method: "PATCH", headers, body }).catch((error) =>
      console.warn("candidates were not taken", error.message), // the connection may stand without them; if not, it is tried anew
    );
  }

  #goodbye() {
    const gone = () => {}; // the gateway ends by itself what is not heard any more
    ask(this.#path, this.#token, { method: "DELETE", keepalive: true }).catch(gone);
  }
}

/** An answer with the name and the password of a fragment: the gateway's candidates stay as they are. */
const renewed = (sdp, part) =>
  ["ice-ufrag", "ice-pwd"].reduce((text, name) => {
    const line = part.match(new RegExp(`^a=${name}:.*$`, "m"))[0].trim();
    return text.replace(new RegExp(`^a=${name}:.*$`, "gm"), line);
  }, sdp.replaceAll("\r\n", "\n")).replaceAll("\n", "\r\n");

/** RFC 8840, 9. candidates: RTCIceCandidate; null: there are no more. */
function fragment(sdp, candidates) {
  const line = (pattern) => sdp.match(pattern)?.[0];
  const found = candidates.filter((each) => each?.candidate).map((each) => `a=${each.candidate}`);
  const end = candidates.includes(null) ? ["a=end-of-candidates"] : [];
  const head = [line(/^a=ice-ufrag:.*$/m), line(/^a=ice-pwd:.*$/m), line(/^m=.*$/m), line(/^a=mid:.*$/m)];
  return [...head, ...found, ...end].filter(Boolean).map((each) => `${each.trim()}\r\n`).join("");
}
