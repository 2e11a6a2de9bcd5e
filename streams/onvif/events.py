"""What a camera notices by itself: motion, inputs, its own analytics. ONVIF Event service, PullPoint.

The camera is asked and answers when it has something: nothing has to reach the box from outside.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from streams.onvif import soap
from streams.onvif.device import Device
from streams.onvif.errors import OnvifError, Rubbish
from streams.onvif.reading import at, items, text
from streams.onvif.soap import Service

log = structlog.get_logger()

PULL = 20.0  # s one request stays open: address translation on 4G forgets a silent connection after some 30
# s a subscription lives without renewal: a camera has a handful of places and must get ours back
LIFE = 120.0
BATCH = 64  # events per answer: a flood from one camera is read in pieces
MOST_FIELDS = 32  # per event; ONVIF's own topics have at most six

PACE = 0.2  # s between two requests: one that answers at once with nothing must not eat the box

_PARTING = 2.0  # s for giving the place back; if it fails, it expires by itself


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """topic: without name space prefixes, "RuleEngine/CellMotionDetector/Motion".

    time: unix s by the box's clock where the camera's offset is known, else by the camera's; None: not told.
    operation: "Initialized" repeats a state at the start and is no news, then "Changed" and "Deleted".
    """

    topic: str
    time: float | None
    source: Mapping[str, str]
    data: Mapping[str, str]
    operation: str = ""


async def events(device: Device) -> AsyncGenerator[CameraEvent, None]:
    """Endless. Nothing is queued here: who is slow makes the camera wait, which drops its oldest by itself.

    Raises OnvifError; Rubbish means that the subscription is gone or was never any good. Close it
    (contextlib.aclosing): the camera gets its place back.
    """
    subscription = await _subscribe(device)
    try:
        while True:
            for event in await subscription.pull():
                yield event
            await asyncio.sleep(PACE)
            await subscription.renew()
    finally:
        await subscription.leave()


async def _subscribe(device: Device) -> "_Subscription":
    service = await device.service(soap.EVENTS)
    answer = await service.call("CreatePullPointSubscription", InitialTerminationTime=_duration(LIFE))
    address = at(answer, "SubscriptionReference", "Address", "_value_1")
    if not isinstance(address, str):
        raise Rubbish(device.where)
    # Some cameras know a subscription not by its address but by what stands beside it.
    headers = items(at(answer, "SubscriptionReference", "ReferenceParameters", "_value_1"))
    url = device.rerouted(address)
    pulling = await device.at(url, soap.EVENTS, "PullPointSubscriptionBinding")
    managing = await device.at(url, soap.EVENTS, "SubscriptionManagerBinding")
    return _Subscription(device, pulling, managing, headers)


class _Subscription:
    def __init__(self, device: Device, pulling: Service, managing: Service, headers: list[Any]) -> None:
        self._device, self._pulling, self._managing = device, pulling, managing
        self._headers = headers
        self._renewed = time.monotonic()
        self._renewable = True

    async def pull(self) -> list[CameraEvent]:
        answer = await self._pulling.call(
            "PullMessages",
            patience=PULL + self._device.timeout,
            headers=self._headers,
            Timeout=timedelta(seconds=PULL),
            MessageLimit=BATCH,
        )
        clock = self._device.clock
        found = (
            _event(each, clock.offset if clock else 0.0) for each in items(at(answer, "NotificationMessage"))
        )
        return [each for each in found if each is not None]

    async def renew(self) -> None:
        """Some cameras extend a subscription by every pull and do not know Renew."""
        if not self._renewable or time.monotonic() - self._renewed < LIFE / 3:
            return
        self._renewed = time.monotonic()
        try:
            await self._managing.call("Renew", headers=self._headers, TerminationTime=_duration(LIFE))
        except Rubbish as error:
            self._renewable = False
            log.info("onvif.no_renew", where=self._device.where, why=str(error))

    async def leave(self) -> None:
        try:
            await self._managing.call("Unsubscribe", patience=_PARTING, headers=self._headers)
        except OnvifError as error:
            log.debug("onvif.not_unsubscribed", where=self._device.where, why=str(error))


def _duration(seconds: float) -> str:
    return f"PT{seconds:.0f}S"


def _event(answer: Any, skew: float) -> CameraEvent | None:
    """None for what has no topic."""
    topic = text(at(answer, "Topic", "_value_1"))
    if topic is None:
        return None
    message = at(answer, "Message", "_value_1")
    plain = "/".join(step.rpartition(":")[2] for step in topic.split("/"))
    return CameraEvent(
        topic=plain,
        time=_time(at(message, "UtcTime"), skew),
        source=_fields(at(message, "Source", "SimpleItem")),
        data=_fields(at(message, "Data", "SimpleItem")),
        operation=text(at(message, "PropertyOperation")) or "",
    )


def _fields(answer: Any) -> dict[str, str]:
    named = ((text(at(each, "Name")), text(at(each, "Value"))) for each in items(answer)[:MOST_FIELDS])
    return {name: value or "" for name, value in named if name is not None}


def _time(told: Any, skew: float) -> float | None:
    if not isinstance(told, datetime):
        return None
    try:
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() - skew
    except (ValueError, OverflowError):
        return None
