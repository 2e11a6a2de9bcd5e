"""A quiet 1080p25 camera that a lorry visits at known times, made from the demo's clip and kept under var/bench.

The ground and the lorries are the clip's own; sensor noise, drifting light, wind and rain are drawn here, and the
encoder is set up as cameras set theirs up: no B pictures, no look-ahead, key frames at fixed distances.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from bench.sprites import Lorry, ground, lorries

WIDTH, HEIGHT, FPS = 1920, 1080, 25
_FOLDER = Path(__file__).parent.parent / "var" / "bench"
_VERSION = 4  # of what is drawn: older files are made anew
_POOL = 12  # fields of noise, laid differently over every picture
_ROOM = 64  # px a field of noise may be shifted by
_TREES = (120, 330)  # rows that stir in the wind
_DROPS = 250  # streaks of rain in one picture

Rate = Literal["cbr", "vbr"]
Weather = Literal["still", "wind", "rain"]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Visit:
    """A lorry drives in, turns, and drives out. start: s, the first picture with any of it. size: of its picture
    in the clip, three times as large in px at 1080p (1: 135 px long). way_in: s."""

    start: float
    lorry: int
    size: float = 1.0
    way_in: float = 5.0

    @property
    def end(self) -> float:
        """s; nothing of it is left to be seen."""
        return self.start + 2 * self.way_in


@dataclass(frozen=True, slots=True)
class Scene:
    """seconds: length. noise: deviation of the sensor's noise in grey levels. drift: share by which the light
    swells and sinks over the clip. lead: s encoded before the clip begins and left out, where it is shown over and
    over: an encoder that has just started would be heard at every turn."""

    name: str
    seconds: float
    visits: tuple[Visit, ...] = ()
    noise: float = 1.0
    drift: float = 0.03
    weather: Weather = "still"
    seed: int = 1
    lead: float = 0.0


@dataclass(frozen=True, slots=True)
class Coding:
    """gop: s between key frames. rate: cbr: 4 Mbit/s within every second, as most cameras are shipped; vbr: constant
    quality of at most 8 Mbit/s."""

    gop: float = 2.0
    rate: Rate = "cbr"


def visits(
    count: int, first: float, pause: float, sizes: Sequence[float] = (1.0, 0.6, 0.35)
) -> tuple[Visit, ...]:
    """One after the other, `pause` s between them, of changing sizes; at changing places between key frames."""
    found: list[Visit] = []
    start = first
    for number in range(count):
        found.append(Visit(round(start * FPS) / FPS, number % 2, sizes[number % len(sizes)]))
        start = found[-1].end + pause + 0.37 * (number % 5)
    return tuple(found)


def hidden(visit: Visit) -> float:
    """s of the visit until half of the lorry is in the picture."""
    return lorries()[visit.lorry].hidden


def made(scene: Scene, codings: Sequence[Coding]) -> dict[Coding, Path]:
    """The clip in each coding, drawn once for all that are missing. Says on standard error what it does."""
    paths = {
        coding: _FOLDER / f"{scene.name}-{coding.rate}-gop{coding.gop:g}-{_key(scene)}.mp4"
        for coding in codings
    }
    missing = {coding: path for coding, path in paths.items() if not path.exists()}
    if missing:
        _write(scene, missing)
    return paths


def _key(scene: Scene) -> str:
    described = json.dumps([_VERSION, asdict(scene)]).encode()
    return hashlib.sha256(described).hexdigest()[:10]


def _write(scene: Scene, paths: dict[Coding, Path]) -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    parts = {path: path.with_suffix(".part") for path in paths.values()}
    outputs = [_Output(parts[path], coding, round(scene.lead * FPS)) for coding, path in paths.items()]
    for number, picture in enumerate(pictures(scene)):
        for output in outputs:
            output.put(picture, number)
        if number % (10 * FPS) == 0:
            print(f"drawing {scene.name}: {number / FPS:.0f} of {scene.seconds:.0f} s", file=sys.stderr)
    for output in outputs:
        output.close()
    for path, part in parts.items():
        part.rename(path)


def pictures(scene: Scene) -> Iterator[Bytes]:
    """I420, uint8 [HEIGHT * 3 / 2, WIDTH]."""
    random = np.random.default_rng(scene.seed)
    plain, fields, cast = ground((WIDTH, HEIGHT)), _noise(random, scene.noise), lorries()
    for number in range(-round(scene.lead * FPS), round(scene.seconds * FPS)):
        time = number / FPS
        picture = plain.copy()
        if scene.weather == "wind":
            _stir(picture, plain, time, random)
        for visit in scene.visits:
            if visit.start <= time < visit.end:
                _paste(picture, cast[visit.lorry], visit, time)
        light = picture[:HEIGHT]
        if scene.weather == "rain":
            _rain(light, random)
        swell = 1 + scene.drift * np.sin(
            2 * np.pi * time / scene.seconds
        )  # ends where it began: clips are looped
        x, y = random.integers(0, _ROOM, 2)
        field = fields[random.integers(_POOL)][y : y + HEIGHT, x : x + WIDTH]
        # Light and noise before rounding, as in a sensor: else whole areas would change by one level at once.
        cv2.addWeighted(light, float(swell), field, 1.0, 0.0, light, dtype=cv2.CV_8U)
        yield picture


def _noise(random: np.random.Generator, deviation: float) -> list[NDArray[np.float32]]:
    """Slightly blurred, as a camera's own filter leaves it."""
    shape = (HEIGHT + _ROOM, WIDTH + _ROOM)
    rough = (random.normal(0, 1, shape).astype(np.float32) for _ in range(_POOL))
    smooth = (cv2.GaussianBlur(field, (3, 3), 0.6) for field in rough)
    return [np.asarray(field * (deviation / field.std()), np.float32) for field in smooth]


def _paste(picture: Bytes, lorry: Lorry, visit: Visit, time: float) -> None:
    passed = time - visit.start
    lorry.paste(picture, min(passed, 2 * visit.way_in - passed), visit.size)


def _stir(picture: Bytes, plain: Bytes, time: float, random: np.random.Generator) -> None:
    """Gusts of some seconds; trees swing by up to two px."""
    gust = max(0.0, np.sin(time * 0.35) + 0.4 * np.sin(time * 1.3)) * 1.6
    top, bottom = _TREES
    for left in range(0, WIDTH, 160):
        swing = gust * np.sin(time * 5 + left) + random.normal(0, 0.05)
        part = plain[top:bottom, left : left + 160]
        move = np.array([[1, 0, swing], [0, 1, 0]], np.float32)
        picture[top:bottom, left : left + 160] = cv2.warpAffine(
            part, move, (160, bottom - top), borderMode=cv2.BORDER_REPLICATE
        )


def _rain(light: Bytes, random: np.random.Generator) -> None:
    for x, y, length in zip(
        random.integers(0, WIDTH, _DROPS),
        random.integers(0, HEIGHT - 80, _DROPS),
        random.integers(15, 60, _DROPS),
        strict=True,
    ):
        part = light[y : y + length, x : x + 2]
        part[:] = np.minimum(part.astype(np.int16) + 25, 255).astype(np.uint8)


class _Output:
    """One encoder and its file."""

    def __init__(self, path: Path, coding: Coding, lead: int) -> None:
        """lead: pictures to leave out at the beginning; whole groups of them."""
        self._lead = lead
        self._container: OutputContainer = av.open(str(path), "w", format="mp4")
        stream = self._container.add_stream("libx264", rate=FPS, options=_options(coding))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        self._stream = stream

    def put(self, picture: Bytes, number: int) -> None:
        frame = VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        self._mux(self._stream.encode(frame))

    def close(self) -> None:
        self._mux(self._stream.encode(None))
        self._container.close()

    def _mux(self, packets: "list[Packet[VideoStream]]") -> None:
        """Without the lead."""
        for packet in packets:
            assert packet.pts is not None
            assert packet.dts is not None
            packet.pts, packet.dts = packet.pts - self._lead, packet.dts - self._lead
            if packet.pts >= 0:
                self._container.mux(packet)


def _options(coding: Coding) -> dict[str, str]:
    gop = round(coding.gop * FPS)
    fixed = f"bframes=0:ref=1:scenecut=0:keyint={gop}:min-keyint={gop}:rc-lookahead=0:mbtree=0:weightp=0"
    common = {"preset": "superfast", "profile": "main", "x264-params": fixed}
    if coding.rate == "cbr":
        return common | {"b": "4000000", "maxrate": "4000000", "bufsize": "4000000"}
    return common | {"crf": "24", "maxrate": "8000000", "bufsize": "16000000"}
