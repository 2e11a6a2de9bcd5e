"""Orders through a folder: obeyed once, answered, and never too late."""

import threading
from pathlib import Path

from edge.geo import TextData
from edge.land.folders import camera_folder, view, views
from edge.land.orders import Allow, Answer, Forget, Freeze, Mailbox

NOW = 1_780_000_000.0
DONE = Answer(done=True, text=TextData(en="done", zh="完成"))


def test_an_order_is_taken_once_and_its_answer_is_heard_once(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, "大门")
    letter = box.post(Allow(event_id="case", until=NOW + 60, note="permit 12"), NOW)
    (taken,) = box.take(NOW + 1)
    assert taken.id == letter
    assert taken.order == Allow(event_id="case", until=NOW + 60, note="permit 12")
    assert box.take(NOW + 1) == []
    box.answer(taken, DONE)
    assert box.take(NOW + 2) == [], "an answer is no order"
    assert box.await_answer(letter, 5.0) == DONE
    assert list(camera_folder(tmp_path, "大门").rglob("*.json")) == []


def test_orders_are_obeyed_in_the_order_they_were_given(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, "mast")
    for number in range(5):
        box.post(Freeze(preset=str(number)), NOW + number)
    orders = [letter.order for letter in box.take(NOW + 9)]
    assert orders == [Freeze(preset=str(number)) for number in range(5)]


def test_an_order_that_nobody_took_is_withdrawn(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, "mast")
    letter = box.post(Forget(), NOW)
    assert box.await_answer(letter, 0.05) is None
    assert box.take(NOW + 1) == []


def test_an_old_order_is_not_obeyed(tmp_path: Path) -> None:
    """Whoever gave it is gone, and the ground is another one."""
    box = Mailbox(tmp_path, "mast")
    box.post(Freeze(), NOW)
    assert box.take(NOW + 3600) == []
    assert box.take(NOW + 1) == [], "it was thrown away"


def test_what_is_no_letter_is_thrown_away(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, "mast")
    box.ready()
    folder = camera_folder(tmp_path, "mast") / "orders"
    (folder / "x.json").write_text("{}")
    (folder / "y.json").write_bytes(b"\xff" * 100)
    assert box.take(NOW) == []
    assert list(folder.iterdir()) == []


def test_who_waits_hears_it_as_soon_as_it_is_there(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, "mast")
    letter = box.post(Freeze(), NOW)
    (taken,) = box.take(NOW)
    timer = threading.Timer(0.2, box.answer, (taken, DONE))
    timer.start()
    assert box.await_answer(letter, 30.0) == DONE
    timer.join()


def test_views_are_found_again_whatever_they_are_called(tmp_path: Path) -> None:
    made = [view(tmp_path, "a/b", None), view(tmp_path, "大门", "东 1"), view(tmp_path, "大门", "view")]
    for each in made:
        each.folder.mkdir(parents=True)
    Mailbox(tmp_path, "大门").ready()
    found = {(each.camera, each.preset) for each in views(tmp_path)}
    assert found == {("a/b", None), ("大门", "东 1"), ("大门", "view")}
    assert [each.preset for each in views(tmp_path, "a/b")] == [None]
