"""A broker that is away, a gateway that is killed meanwhile, three days without a line: ours beside bare paho QoS 1.

A real Mosquitto without persistence; the senders are processes of their own, reach it through a gate that is opened
when the centre listens again, and say of each event when they answer for it. The centre acknowledges what it has
stored. All of one run.
"""

from bench.report import Goal, Report

QUESTION = (
    "How many events are lost, out of order or doubled when the broker is away and the gateway is killed?"
)


def run(quick: bool) -> Report:
    """Raises FileNotFoundError without a Mosquitto."""
    from bench.outage.plan import QUICK, WHOLE, measure  # noqa: PLC0415  (listing the benches loads this)

    found = measure(QUICK if quick else WHOLE)
    goals = {
        f"{scene}.{name}": Goal(getattr(tally, name), "events", at_most=0)
        for scene, tallies in found.items()
        for name in ("refused", "lost", "out_of_order", "doubled")
        for tally in (tallies["ours"],)
    }
    figures = {
        scene: {sender: tally.figures() for sender, tally in tallies.items()}
        for scene, tallies in found.items()
    }
    return Report(figures, goals)
