"""Orders about the ground, from a centre to the worker's letter box and back."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from edge.geo import TextData
from edge.land.folders import camera_folder
from edge.land.orders import Answer, Freeze, Mailbox, Order
from tests.support.ordering import Place, asked, last, working


async def obeys(storage: Path, answer: Answer) -> Order:
    """As the worker that watches `gate`: the order it took."""
    box = Mailbox(storage, "gate")
    async with asyncio.timeout(60):
        while not (letters := await asyncio.to_thread(box.take, time.time())):
            await asyncio.sleep(0.01)
    box.answer(letters[0], answer)
    return letters[0].order


def worded(text: str) -> TextData:
    return TextData(en=text, zh=text)


@pytest.mark.parametrize("done", [True, False])
async def test_it_is_obeyed_and_what_came_of_it_is_told(tmp_path: Path, done: bool) -> None:
    camera_folder(tmp_path, "gate").mkdir(parents=True)
    Mailbox(tmp_path, "gate").ready()
    async with working(Place(tmp_path).made()[0]) as orders:
        order = asked(do="freeze", camera="gate", preset="east")
        obeyed, told = await asyncio.gather(
            obeys(tmp_path, Answer(done=done, text=worded("so it is"))), last(orders, "land", order)
        )
    assert obeyed == Freeze(preset="east")
    if done:
        assert told.result["text"] == {"en": "so it is", "zh": "so it is"}
    else:
        assert (told.state, told.code, told.en.what) == ("failed", "land.not_done", "so it is")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"do": "forget", "camera": "gate"}, "land.unknown_camera"),
        ({"do": "allow", "event_id": "x", "until": 1e10}, "land.unknown_case"),
        ({"do": "allow", "event_id": "x"}, "order.malformed"),
    ],
)
async def test_what_nobody_watches_is_told_by_its_code(
    tmp_path: Path, fields: dict[str, Any], code: str
) -> None:
    async with working(Place(tmp_path).made()[0]) as orders:
        assert (await last(orders, "land", asked(**fields))).code == code


async def test_a_box_without_ground_has_an_empty_list(tmp_path: Path) -> None:
    async with working(Place(tmp_path).made()[0]) as orders:
        assert (await last(orders, "land", asked(do="list"))).result["views"] == []
