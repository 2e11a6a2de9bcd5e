"""A real Chromium that listens: its own jitter buffer and concealment, its sound looked at sample by sample.

The ear is where a sample leaves the browser's audio output, by the browser's own account (getOutputTimestamp): jitter
buffer, decoder, the browser's mixing and output buffers are in the figure, a sound card (there is none) is not. Clocks
of mouth and ear are one: the machine's.
"""

import json
import shutil
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Playwright, Route, sync_playwright

_PAGE = "http://localhost/ear"  # answered here; a secure context, as worklets need
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
_WORKLET = """
const LOUD = 0.1, QUIET = 0.02, REST = 0.1, LISTEN = 0.03, HOLE = 0.005;
registerProcessor("ear", class extends AudioWorkletProcessor {
  constructor() { super(); this.loud = -1; this.since = 0; this.began = 0; this.turns = 0; this.last = 0; }
  process(inputs) {
    const input = inputs[0][0];
    if (!input) return true;
    for (let i = 0; i < input.length; i++) {
      const at = (currentFrame + i) / sampleRate, x = input[i];
      if (this.began) {
        if (x * this.last < 0) this.turns++;
        if (at - this.began >= LISTEN) {
          this.port.postMessage({mark: this.began, hertz: this.turns / 2 / LISTEN});
          this.began = 0;
        }
      }
      this.last = x;
      if (Math.abs(x) > LOUD) {
        if (this.loud < 0 || at - this.loud > REST) { if (!this.began) { this.began = at; this.turns = 0; } }
        this.loud = at;
      }
      if (Math.abs(x) > QUIET) {
        if (this.since && at - this.since > HOLE) this.port.postMessage({hole: this.since, seconds: at - this.since});
        this.since = at;
      }
    }
    return true;
  }
});
"""
_SCRIPT = """
window.ear = {marks: [], holes: [], shifts: []};
window.offer = async () => {
  const context = window.context = new AudioContext({sampleRate: 48000, latencyHint: "interactive"});
  const source = URL.createObjectURL(new Blob([WORKLET], {type: "text/javascript"}));
  await context.audioWorklet.addModule(source);
  const pc = window.pc = new RTCPeerConnection();
  pc.addTransceiver("audio", {direction: "recvonly"});
  pc.ontrack = (event) => {
    const stream = new MediaStream([event.track]);
    const sink = window.sink = new Audio();  // without one Chromium gives remote sound to no AudioContext
    sink.srcObject = stream; sink.muted = true; sink.play();
    const node = window.node = new AudioWorkletNode(context, "ear");
    node.port.onmessage = ({data}) => {
      if (data.mark) ear.marks.push([data.mark, data.hertz]); else ear.holes.push([data.hole, data.seconds]);
    };
    context.createMediaStreamSource(stream).connect(node).connect(context.destination);
  };
  setInterval(() => {
    const now = context.getOutputTimestamp();
    if (now.contextTime) ear.shifts.push((performance.timeOrigin + now.performanceTime) / 1000 - now.contextTime);
  }, 100);
  await context.resume();
  await pc.setLocalDescription(await pc.createOffer());
  if (pc.iceGatheringState !== "complete")
    await new Promise((done) => pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done());
  return pc.localDescription.sdp;
};
window.accept = async (sdp) => {
  await pc.setRemoteDescription({type: "answer", sdp});
  while (pc.connectionState !== "connected") await new Promise((done) => setTimeout(done, 10));
};
window.begin = () => { ear.marks = []; ear.holes = []; ear.shifts = []; };
window.told = async () => {
  const all = [...(await pc.getStats()).values()].find((each) => each.type === "inbound-rtp");
  return {...ear, stats: all};
};
"""


class Ear:
    """Used as `with`. Raises playwright's errors."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None

    def __enter__(self) -> Self:
        found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if found is None:
            raise FileNotFoundError("this bench listens with Chromium: apt install chromium")
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=found, headless=True, args=_FLAGS)
        self._page = self._browser.new_page()
        self._page.route("**/*", _blank)
        self._page.goto(_PAGE)
        self._page.add_script_tag(content=f"window.WORKLET = {json.dumps(_WORKLET)};" + _SCRIPT)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()

    def offer(self) -> str:
        return str(self._page.evaluate("offer()"))

    def accept(self, sdp: str) -> None:
        """Until the connection stands."""
        self._page.evaluate("(sdp) => accept(sdp)", sdp)

    def begin(self) -> None:
        """What comes from now on is told."""
        self._page.evaluate("begin()")

    def told(self) -> dict[str, Any]:
        """marks: [[s of the browser's clock, Hz], ...]; shifts: from that clock to the epoch, s; holes:
        [[s of its clock, s without a sound], ...]; stats: of the stream, since it began (RTCInboundRtpStreamStats)."""
        found: dict[str, Any] = self._page.evaluate("told()")
        return found


def _blank(route: Route) -> None:
    route.fulfill(body="<!doctype html><title>ear</title>", content_type="text/html")
