"""The command centre of the demo: reads events from the broker and checks that their snapshots open."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiomqtt
import cv2

from streams.problem import Language, Text

_PHASES = {"new": Text("NEW   ", "开始"), "update": Text("UPDATE", "持续"), "end": Text("END   ", "结束")}
_IN_ZONE = Text("in zone", "进入区域")
_SNAPSHOT = Text("snapshot", "快照")
_BAD = Text("snapshot does not open", "快照无法打开")


@dataclass(slots=True)
class Tally:
    """What came back through MQTT: events of any phase, and `vehicle.zone` ones with a sound snapshot."""

    events: int = 0
    proved: int = 0


class Viewer:
    """Subscribes to everything the site says, prints one line per event."""

    def __init__(self, storage: Path, time_zone: str, language: Language, say: Callable[[str], None]) -> None:
        self._storage = storage
        self._zone = ZoneInfo(time_zone)
        self._language: Language = language
        self._say = say
        self.tally = Tally()

    async def watch(self, host: str, port: int) -> None:
        """Until cancelled. Raises aiomqtt.MqttError when the broker goes away."""
        protocol = aiomqtt.ProtocolVersion.V311  # all that the embedded broker speaks
        async with aiomqtt.Client(host, port, protocol=protocol, identifier="demo-centre") as client:
            await client.subscribe("sandwatch/v1/+/+/+/+/ev/#", qos=1)
            async for message in client.messages:
                self._receive(json.loads(bytes(message.payload)))

    def _receive(self, event: dict[str, Any]) -> None:
        data = event["data"]
        self.tally.events += 1
        picture = next((item for item in data["proof"] if item["kind"] == "snapshot"), None)
        sound = picture is not None and self._opens(picture)
        if event["type"] == "vehicle.zone" and sound:
            self.tally.proved += 1
        self._say(self._line(event, data, picture, sound))

    def _line(
        self, event: dict[str, Any], data: dict[str, Any], picture: dict[str, Any] | None, sound: bool
    ) -> str:
        time = datetime.fromisoformat(event["time"]).replace(tzinfo=UTC).astimezone(self._zone)
        seen = ", ".join(f"{o['label']} #{o['track']} {o['score']:.2f}" for o in data["objects"])
        words = [
            f"{time:%H:%M:%S}",
            _PHASES[data["phase"]].say(self._language),
            f"{event['type']}  {data['camera']}  {seen}",
        ]
        if data["zone"]:
            words.append(f"{_IN_ZONE.say(self._language)} {data['zone']}")
        if data["reason"]:
            words.append(f"({data['reason']})")
        if picture is not None:
            where = self._storage / picture["uri"]
            words.append(f"{_SNAPSHOT.say(self._language)}: {where}" if sound else _BAD.say(self._language))
        elif data["proof_error"]:
            words.append(data["proof_error"])
        return "  ".join(words)

    def _opens(self, picture: dict[str, Any]) -> bool:
        """The file is there, is the one the event speaks of, and is a picture."""
        path = self._storage / picture["uri"]
        try:
            content = path.read_bytes()
        except OSError:
            return False
        if hashlib.sha256(content).hexdigest() != picture["sha256"]:
            return False
        return cv2.imread(str(path)) is not None
