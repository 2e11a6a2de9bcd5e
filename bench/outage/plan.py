"""What is played, in which order."""

import asyncio
import shutil

from bench.outage.scene import Script, play
from bench.outage.tally import Tally

SENDERS = ("ours", "paho")

Scripts = dict[str, Script]

WHOLE: Scripts = {
    "broker_away": Script(300, 50.0, 1 / 3, 2 / 3),
    "broker_away_and_gateway_killed": Script(300, 50.0, 1 / 3, 2 / 3, killed=1 / 2),
    "three_days": Script(100_000, 0.0, 0.0, 1.0, hours=72.0),
}
QUICK: Scripts = {
    "broker_away_and_gateway_killed": Script(60, 50.0, 1 / 3, 2 / 3, killed=1 / 2),
    "three_days": Script(2_000, 0.0, 0.0, 1.0, hours=72.0),
}


def measure(scripts: Scripts) -> dict[str, dict[str, Tally]]:
    """By scene, by sender. Raises FileNotFoundError without a Mosquitto."""
    if shutil.which("mosquitto") is None:
        raise FileNotFoundError("mosquitto is not installed")
    return {
        scene: {sender: asyncio.run(play(script, sender)) for sender in SENDERS}
        for scene, script in scripts.items()
    }
