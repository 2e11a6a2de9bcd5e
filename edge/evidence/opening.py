"""The chain as it is found when the gateway starts: begun, gone on with, handed to another key, or begun anew."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog

from edge.evidence.chain_file import ChainFile, LostKey
from edge.evidence.entries import Malformed, encoded
from edge.evidence.keyring import KeyRing
from edge.evidence.problems import begun_anew
from edge.evidence.signing import PrivateKey
from edge.presence import Anchor
from edge.store import move_aside
from streams.problem import Problem

log = structlog.get_logger()

FILE = "chain.sqlite"


@dataclass(frozen=True, slots=True)
class Opened:
    """problem: what was mended on the way."""

    file: ChainFile
    problem: Problem | None


def open_chain(storage: Path, ring: KeyRing, site: str, clock: Callable[[], float]) -> Opened:
    """Ready to be written by this thread. Raises edge.store.StoreError, KeyTrouble, OSError."""
    path = storage / FILE
    storage.mkdir(parents=True, exist_ok=True)
    try:
        file = ChainFile(path, clock=clock)
    except Malformed:
        return _anew(path, ring, site, clock, "damaged")
    try:
        return _ready(file, path, ring, site)
    except LostKey:
        file.close()
        return _anew(path, ring, site, clock, "key_lost")
    except BaseException:
        file.close()
        raise


def anchor(storage: Path, ring: KeyRing, site: str, clock: Callable[[], float]) -> Anchor:
    """What the centre is told at birth: who signs here, and how far the chain is. Raises like open_chain."""
    with open_chain(storage, ring, site, clock).file as file:
        assert file.key is not None
        return Anchor(
            key=file.key.fingerprint,
            public_key=encoded(file.key.spki),
            n=file.head.n,
            sha256=file.head.hashes.sha256,
        )


def _ready(file: ChainFile, path: Path, ring: KeyRing, site: str) -> Opened:
    """Raises LostKey, and what open_chain does."""
    if file.is_empty:
        file.begin(ring.first(), site, _software(), _before(file, path, had_key=ring.filed() is not None))
        return Opened(file, file.recovered)
    _go_on(file, ring)
    return Opened(file, None)


def _before(file: ChainFile, path: Path, *, had_key: bool) -> dict[str, object] | None:
    """What became of the chain before this one; None: there was none."""
    if file.recovered is not None:
        return {"why": "damaged", "file": _newest_aside(path)}
    return {"why": "missing", "file": None} if had_key else None


def _anew(path: Path, ring: KeyRing, site: str, clock: Callable[[], float], why: str) -> Opened:
    """Keep the old file, and begin a chain that names it."""
    aside = move_aside(path, "closed")
    problem = begun_anew(aside, why)
    log.error(problem.code, problem=problem.say("en"))
    file = ChainFile(path, clock=clock)
    file.begin(ring.first(), site, _software(), {"why": why, "file": aside.name})
    return Opened(file, problem)


def _go_on(file: ChainFile, ring: KeyRing) -> None:
    """With the chain's own key, handing over where another is wanted. Raises LostKey, KeyTrouble."""
    current, following = ring.current(), ring.next()
    if following is not None and file.key == following.public:
        ring.replace()  # a kill came between the entry and this
        current, following = following, None
    if current is not None and file.key == current.public:
        file.resume(current)
    else:
        file.resume(_old(file, ring))
        following = current
    if following is not None:
        file.hand_over(following)
        log.info("evidence.key_changed", fingerprint=following.public.fingerprint)
        if ring.given is None:
            ring.replace()


def _old(file: ChainFile, ring: KeyRing) -> PrivateKey:
    """The key in the file, which a given one is to replace. Raises LostKey."""
    filed = ring.filed()
    if filed is None or filed.public != file.key or ring.given is None:
        raise LostKey
    return filed


def _newest_aside(path: Path) -> str | None:
    asides = sorted(each.name for each in path.parent.glob(f"{path.name}.corrupt-*Z"))
    return asides[-1] if asides else None


def _software() -> str:
    return f"sandwatch {version('sandwatch')}"
