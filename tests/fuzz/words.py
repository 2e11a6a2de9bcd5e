"""What strangers write to a box, and who reads it: each reader with good words to spoil, and how it may refuse them."""

import asyncio
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from edge.cases import words as case_words
from edge.commands import Address, Asked
from edge.evidence.report import Pins
from edge.evidence.verify import verify
from edge.orders.door import Door
from edge.settings.edit import edit
from edge.settings.finding import SettingsError
from edge.settings.loader import load_text
from edge.settings.orders import Permission
from edge.talk import letters
from edge.worker.messages import FROM_WORKER
from inference.geodesy.parcels import Parcels
from relay import floor_words, sdpfrag
from relay.media import offer, sps
from relay.media.policy import Policy, Purpose, lines
from relay.media.stream import Kind
from streams.onvif.discovery import matches
from streams.problem import ProblemError
from streams.push.amf import Malformed, decode
from streams.push.rtmp import Rejected, Session
from streams.telemetry.dji_osd import OsdDecoder
from streams.telemetry.dji_srt import SubtitleDecoder
from streams.telemetry.feed import PoseDecoder
from streams.telemetry.klv_stream import KlvStream
from streams.telemetry.mavlink_pose import MavlinkDecoder
from streams.telemetry.nmea import NmeaDecoder
from tests.fuzz import seeds
from tests.fuzz.mutate import mutated, mutated_json, mutated_text
from tests.support.ordering import Place, working
from tests.support.parcels import SITE, spec

_TIME = 1_700_000_000.0  # s since 1970
_ZONE = ZoneInfo("Asia/Shanghai")
_ORDERS_AT_ONCE = 4  # orders in one case: what one leaves behind, the next meets


@dataclass(frozen=True)
class Reader:
    """seeds: good words. refuses: what it may raise over bad ones; anything else is a defect."""

    read: Callable[[bytes], object]
    seeds: Sequence[bytes]
    spoil: Callable[[Random, bytes], bytes] = mutated
    refuses: tuple[type[Exception], ...] = ()


def _settings(data: bytes) -> object:
    return load_text(data.decode("utf-8", "replace"), "site.yaml", {})


def _edited(data: bytes) -> object:
    return edit(data.decode("utf-8", "replace"), ("site", "title"), "x: y")


def _offered(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    found = offer.read(text)
    for line in text.splitlines():
        if line.startswith("a=candidate:"):
            offer.candidate(line.removeprefix("a="), found.mid)
    return lines(Policy(Purpose.TALK, optional=frozenset(Kind)), found.sections)


def _poses(decoder: Callable[[], PoseDecoder]) -> Callable[[bytes], object]:
    """In two pieces, as a network cuts it."""

    def read(data: bytes) -> object:
        made, half = decoder(), len(data) // 2
        return made.feed(data[:half], _TIME) + made.feed(data[half:], _TIME + 1)

    return read


def _pushed(data: bytes) -> object:
    session = Session(lambda _: None)
    for start in range(0, len(data), 700):
        session.feed(data[start : start + 700])
    return len(session.flv)


READERS: dict[str, Reader] = {
    "settings": Reader(_settings, [seeds.SITE], mutated_text, (SettingsError,)),
    "settings edit": Reader(_edited, [seeds.SITE], mutated_text, (SettingsError, ProblemError)),
    "offer": Reader(_offered, [seeds.OFFER], mutated_text, (ProblemError,)),
    "fragment": Reader(
        lambda data: sdpfrag.read(data.decode("utf-8", "replace")),
        [seeds.FRAGMENT],
        mutated_text,
        (ProblemError,),
    ),
    "sps": Reader(sps.size, [seeds.SPS], mutated, (sps.Unreadable,)),
    "talk letter": Reader(letters.read, seeds.LETTERS, mutated_json, (ProblemError,)),
    "talk envelope": Reader(letters.envelope, seeds.LETTERS, mutated_json),
    "floor": Reader(floor_words.read, [seeds.FLOOR], mutated_json, (ProblemError,)),
    "case": Reader(case_words.read, seeds.CASE_WORDS, mutated_json, (ProblemError,)),
    "worker": Reader(FROM_WORKER.validate_json, seeds.WORKER, mutated_json, (ValidationError,)),
    "klv": Reader(_poses(lambda: KlvStream("x")), [seeds.KLV]),
    "mavlink": Reader(_poses(lambda: MavlinkDecoder("x")), [seeds.mavlinks()]),
    "nmea": Reader(_poses(lambda: NmeaDecoder("x")), [seeds.NMEA], mutated_text),
    "dji osd": Reader(_poses(lambda: OsdDecoder("x")), [seeds.OSD], mutated_json),
    "dji srt": Reader(_poses(lambda: SubtitleDecoder("x", _ZONE)), [seeds.SUBTITLES], mutated_text),
    "discovery": Reader(lambda data: matches(data, "10.0.0.1"), [seeds.PROBE_MATCH], mutated_text),
    "amf": Reader(decode, [seeds.AMF], mutated, (Malformed,)),
    "rtmp": Reader(_pushed, [seeds.rtmp()], mutated, (Rejected,)),
}
FILES = ("parcels.geojson", "parcels.shp", "parcels.dbf", "bundle.zip", "bundle member", "chain.sqlite")
NAMES = (*READERS, *FILES, "orders")


def run(name: str, random: Random, folder: Path) -> str:
    """One case: "read" or "refused". Raises what the reader must not."""
    if name == "orders":
        return _ordered(random)
    if name in FILES:
        return _filed(name, random, folder)
    reader = READERS[name]
    try:
        reader.read(reader.spoil(random, random.choice(reader.seeds)))
    except reader.refuses:
        return "refused"
    return "read"


def _filed(name: str, random: Random, folder: Path) -> str:
    with tempfile.TemporaryDirectory() as made:
        try:
            if name.startswith("parcels"):
                Parcels.load(spec(_parcels(name, random, folder, Path(made))), SITE)
                return "read"
            report = verify(_evidence(name, random, folder, Path(made)), Pins())
        except ProblemError:
            return "refused"
        return "read" if report.unchanged else "refused"


def _parcels(name: str, random: Random, folder: Path, made: Path) -> Path:
    for part in folder.glob("parcels.*"):
        (made / part.name).write_bytes(part.read_bytes())
    spoil = mutated_json if name.endswith("json") else mutated
    (made / name).write_bytes(spoil(random, (folder / name).read_bytes()))
    return made / ("parcels.geojson" if name.endswith("json") else "parcels.shp")


def _evidence(name: str, random: Random, folder: Path, made: Path) -> Path:
    if name == "bundle.zip":
        (made / name).write_bytes(mutated(random, (folder / name).read_bytes()))
        return made / name
    if name == "chain.sqlite":
        (made / name).write_bytes(mutated(random, (folder / "storage" / name).read_bytes()))
        return made
    with zipfile.ZipFile(folder / "bundle.zip") as bundle:
        bundle.extractall(made)
    victim = made / random.choice(sorted(each for each in bundle.namelist() if not each.endswith("/")))
    data = victim.read_bytes()
    if data:
        victim.write_bytes(mutated_json(random, data) if victim.suffix == ".json" else mutated(random, data))
    return made


def _ordered(random: Random) -> str:
    """Through a centre's door into the office; every order is answered, and finally."""
    answers: list[bytes] = []

    def send(to: Address, payload: bytes, expiry: int) -> bool:
        answers.append(payload)
        return True

    async def asked(storage: Path) -> None:
        place = Place(storage)
        async with working(place.made()[0]) as orders:
            door = Door(orders, "county", tuple(Permission))
            door.connected(send)
            for _ in range(_ORDERS_AT_ONCE):
                name, _, body = random.choice(seeds.ORDERS).partition(b" ")
                payload = mutated_json(random, body)
                task = asyncio.ensure_future(
                    door.take(Asked(payload, Address("centre/1"), send, name.decode(), 60))
                )
                while not task.done():
                    place.fetches_nothing()
                    await asyncio.sleep(0.001)
                task.result()

    with tempfile.TemporaryDirectory() as made:
        asyncio.run(asked(Path(made)))
    final = [each for each in answers if b'"accepted"' not in each and b'"progress"' not in each]
    assert len(final) == _ORDERS_AT_ONCE, answers
    return "read"
