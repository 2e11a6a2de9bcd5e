"""A speaker with real Opus, a relay, 1 to 30 listeners of which one is Chromium: ours beside aiortc's MediaRelay.

All on this machine, over its own network address; losses are made where the speaker's packets go to the network, so
they hit the relay's way in. The figures of the two relays come from the same run, the same speech and the same losses.
What is in "mouth to ear" is said in `mouth` and `ear`.
"""

import os

from bench.report import Report

QUESTION = (
    "How soon, how whole and at what cost is a voice heard by all of a talk group, with and without loss?"
)


def run(quick: bool) -> Report:
    """Raises FileNotFoundError without a Chromium."""
    from bench.talkback.findings import figures, goals  # noqa: PLC0415  (listing the benches loads this)
    from bench.talkback.plan import QUICK, WHOLE, measure  # noqa: PLC0415

    before = os.getloadavg()[0]
    found = measure(QUICK if quick else WHOLE)
    load = {
        "before": before,
        "after": os.getloadavg()[0],
    }  # above the number of cores, delays are those of the queue
    return Report({"load_average": load, **figures(found)}, goals(found))
