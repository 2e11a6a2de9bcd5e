"""Stills for pages: fetched once for all who look at the same moment, by size."""

import asyncio
from pathlib import Path

from edge.api.stills import Stills
from edge.envelope import Proof
from edge.fleet import Fleet
from edge.orders.errands import Errands
from edge.worker.messages import Piece, Width


class Fetching(Errands):
    """Whose worker writes down what it was asked for."""

    def __init__(self, storage: Path) -> None:
        super().__init__(Fleet(()))
        self.asked: list[Width | None] = []
        self._storage = storage

    async def still(self, camera: str, width: Width | None = None) -> Piece:
        self.asked.append(width)
        await asyncio.sleep(0)
        name = f"{camera}-{len(self.asked)}.jpg"
        (self._storage / name).write_text(f"{camera} {width} {len(self.asked)}")
        return Piece(proof=Proof(kind="clean", uri=name, size=1, sha256="0" * 64), start=1.0, end=1.0)


async def test_one_is_fetched_for_all_who_look_and_none_stays(tmp_path: Path) -> None:
    errands, now = Fetching(tmp_path), 100.0
    stills = Stills(lambda: now)
    both = await asyncio.gather(*(stills.of("gate", Width.TILE, errands, tmp_path) for _ in range(2)))
    assert both == [b"gate 480 1"] * 2
    assert await stills.of("gate", None, errands, tmp_path) == b"gate None 2"
    assert await stills.of("gate", Width.TILE, errands, tmp_path) == b"gate 480 1"
    now += 3.0
    assert await stills.of("gate", Width.TILE, errands, tmp_path) == b"gate 480 3"
    assert errands.asked == [Width.TILE, None, Width.TILE]
    assert not list(tmp_path.iterdir())
