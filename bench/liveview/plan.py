"""The two ways one after the other, each with ever more viewers, then with a browser."""

import asyncio
import math
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.liveview.clip import FPS, GOP, draw
from bench.report import Figure, Goal, Report, spread
from bench.talkback.wire import Child
from tests.support.rtsp import RtspServer
from tests.support.watching import Opener, browser

_CATCH_UP = 3.0  # s: what came with the first picture is sent
_JOIN = 30.0  # s until new viewers have their first picture: a busy machine
_LATEST = 500.0  # ms
_CORES = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """pictures: of the clip. settle: s until a model is loaded, a ring is warm and the attention of the analysis has
    come to rest. ours, usual: numbers of viewers; seconds: each is watched; looks: of a browser."""

    pictures: int
    settle: float
    ours: tuple[int, ...]
    usual: tuple[int, ...]
    seconds: float
    looks: int


WHOLE = Plan(4 * GOP, 20.0, (1, 2, 4, 8), (1, 2), 15.0, 20)
QUICK = Plan(GOP, 6.0, (1, 2), (1,), 4.0, 4)


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one way. idle: cores with nobody watching. By number of viewers: per_viewer: cores over that, for each;
    rate: pictures per s that each gets; arrived: share of the packets made that reached them, where that is known.
    first: ms of each look; codec: as the browser names it."""

    idle: float
    per_viewer: dict[int, float]
    rate: dict[int, float]
    arrived: dict[int, float]
    first: list[float]
    codec: str


def measure(plan: Plan) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        clip = draw(Path(folder) / "clip.mp4", plan.pictures)
        with RtspServer(files=[clip], fps=FPS) as camera:
            ours = _seen("ours", camera.url, plan.ours, plan)
            usual = _seen("aiortc", camera.url, plan.usual, plan)
    first = spread(ours.first)
    goals = {
        "cores per viewer": Goal(max(ours.per_viewer.values()), "cores", at_most=_CORES),
        "first frame, p95": Goal(_number(first["p95"]), "ms", at_most=_LATEST),
        "packets that arrived": Goal(min(ours.arrived.values()), "share", at_least=0.995),
    }
    return Report({"passed_on": _figures(ours), "decoded_and_encoded": _figures(usual)}, goals)


def _seen(way: str, url: str, numbers: tuple[int, ...], plan: Plan) -> Seen:
    with Child("bench.liveview.ways", way, url) as gateway:
        gateway.ask("cpu")  # answered once it runs
        time.sleep(plan.settle)
        idle = _idle(gateway, plan.seconds)
        per_viewer, rate, arrived = {}, {}, {}
        with Child("bench.liveview.viewers") as viewers:
            for number in numbers:
                _join(gateway, viewers, number)
                time.sleep(_CATCH_UP)
                used = _used(gateway, viewers, plan.seconds, known=way == "ours")
                per_viewer[number] = (used.cores - idle) / number
                rate[number], arrived[number] = used.rate, used.arrived
            viewers.ask("leave")
        first, codec = asyncio.run(_looks(gateway, plan.looks))
        gateway.ask("close")
    return Seen(idle, per_viewer, rate, arrived, first, codec)


def _join(gateway: Child, viewers: Child, number: int) -> None:
    """Until there are that many and all of them see something."""
    while len(viewers.ask("counts")) < number:
        viewers.ask("answer", sdp=gateway.ask("watch", sdp=viewers.ask("offer")))
    deadline = time.monotonic() + _JOIN
    while min(pictures for _, pictures in viewers.ask("counts")) < GOP:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{number} viewers: not all of them see something after {_JOIN:.0f} s")
        time.sleep(0.2)


@dataclass(frozen=True, slots=True)
class _Used:
    """See Seen; all of a while."""

    cores: float
    rate: float
    arrived: float


def _idle(gateway: Child, seconds: float) -> float:
    began, before = time.monotonic(), gateway.ask("cpu")
    time.sleep(seconds)
    cores: float = (gateway.ask("cpu") - before) / (time.monotonic() - began)
    return cores


def _used(gateway: Child, viewers: Child, seconds: float, *, known: bool) -> _Used:
    """known: whether the gateway tells how many packets there were."""

    def counts() -> tuple[float, int, int, int]:
        of_all = viewers.ask("counts")
        made = gateway.ask("packed") * len(of_all) if known else 0
        packets, pictures = map(sum, zip(*of_all, strict=True))
        return gateway.ask("cpu"), made, packets, pictures

    began, before = time.monotonic(), counts()
    time.sleep(seconds)
    after, took, number = counts(), time.monotonic() - began, len(viewers.ask("counts"))
    cpu, made, packets, pictures = (b - a for a, b in zip(before, after, strict=True))
    return _Used(cpu / took, pictures / took / number, packets / made if known else math.nan)


class _Way(Opener):
    def __init__(self, gateway: Child) -> None:
        self._gateway = gateway

    async def open(self, name: str, offer: str) -> str:
        answer: str = await asyncio.to_thread(self._gateway.ask, "watch", sdp=offer)
        return answer


async def _looks(gateway: Child, count: int) -> tuple[list[float], str]:
    """ms to the first frame, one viewer at a time, at random moments between two key frames."""
    moments, first, codec = random.Random(0), [], ""
    async with browser(_Way(gateway)) as page:
        for number in range(count):
            await asyncio.sleep(moments.uniform(0.2, 1.5))
            await page.watch("gate")
            found = await page.until(lambda found: found["frames"] >= 2, number)
            first.append(float(found["first"]))
            codec = str(found["codec"])
            await page.leave(number)
    return first, codec


def _figures(seen: Seen) -> dict[str, Figure | dict[str, Figure]]:
    return {
        "codec": seen.codec,
        "cores_with_nobody": round(seen.idle, 4),
        "cores_per_viewer": {str(number): round(cores, 4) for number, cores in seen.per_viewer.items()},
        "pictures_per_second": {str(number): round(rate, 1) for number, rate in seen.rate.items()},
        **({"packets_arrived_share": _shares(seen)} if not math.isnan(min(seen.arrived.values())) else {}),
        "first_frame_ms": spread(seen.first),
    }


def _shares(seen: Seen) -> dict[str, Figure]:
    return {str(number): round(share, 4) for number, share in seen.arrived.items()}


def _number(figure: Figure) -> float:
    assert isinstance(figure, float | int)
    return float(figure)
