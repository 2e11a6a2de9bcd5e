"""From the first picture that shows the lorry to the event at the centre: the real daemon, a live camera whose pictures
carry the time they were taken at, a real Mosquitto; beside it what people write first (bench.latency.naive) on the same
camera at the same time, and a bare publish on the same broker as the floor of the last stage.

The lorry counts as shown from the picture on that has half of its length. The event's clean picture is read back for
its own time code: which picture decided is not taken on trust.
"""

from bench.report import Report

QUESTION = "How long after a picture first shows the lorry does the centre have the event, and where is the time spent?"


def run(quick: bool) -> Report:
    """Raises FileNotFoundError without a Mosquitto, RuntimeError without GStreamer's server."""
    from bench.latency.course import measured  # noqa: PLC0415  (listing the benches loads this)
    from bench.latency.reckoning import reported  # noqa: PLC0415

    return reported(measured(3 if quick else 40))
