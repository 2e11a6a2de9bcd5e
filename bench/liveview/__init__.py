"""A 1080p camera in browsers: what a viewer costs, and how soon it sees something; beside decoding and encoding again.

One simulated camera (H.264, 25 Hz, a key frame every 2 s) is read by our gateway (a worker's process and the daemon's
live view on uvloop) and, after it, by aiortc's usual way: MediaPlayer and MediaRelay. CPU is that of all processes of
the gateway, over what it needs with nobody watching; viewers for it only count packets and decode nothing, in a process
of their own. The time to the first frame is Chromium's: from `new RTCPeerConnection` to requestVideoFrameCallback,
signalling included, without HTTP. All on one machine.
"""

from bench.report import Report

QUESTION = "What does a viewer of a 1080p camera cost, and how soon does a browser show its first frame?"


def run(quick: bool) -> Report:
    """Raises RuntimeError where GStreamer's parts are missing."""
    from bench.liveview.plan import QUICK, WHOLE, measure  # noqa: PLC0415  (listing the benches loads this)

    return measure(QUICK if quick else WHOLE)
