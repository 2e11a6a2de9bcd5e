"""Where objects appear: learned from tracks, looked at now and then, one after the other."""

import numpy as np

from inference.places import Places
from inference.tracks import Tracks
from inference.views import View

SIZE = (640, 360)


def tracks(*known: tuple[int, float, float, float]) -> Tracks:
    """id, centre x, y and longer side in px."""
    count = len(known)
    rows = [(x - side / 2, y - side / 4, x + side / 2, y + side / 4) for _, x, y, side in known]
    return Tracks(
        ids=np.array([each[0] for each in known], np.int64),
        boxes=np.array(rows, np.float32).reshape(-1, 4),
        scores=np.full(count, 0.9, np.float32),
        labels=np.zeros(count, np.int32),
        seen=np.ones(count, np.bool_),
        first=np.zeros(count),
        last=np.zeros(count),
    )


def learned(*spots: tuple[float, float, float], lorries: int = 3) -> Places:
    places = Places()
    for lorry in range(lorries):
        places.learn(tracks(*((1000 * lorry + n, *spot) for n, spot in enumerate(spots))), SIZE)
    return places


def at(x: float, y: float) -> np.ndarray:
    return np.array([[x - 2, y - 2, x + 2, y + 2]], np.float32)


def test_knows_how_large_things_are_where_they_were() -> None:
    places = learned((300, 100, 16), (300, 300, 90))
    assert np.allclose(places.sizes(at(300, 100), SIZE), 16, rtol=0.01)
    assert np.allclose(places.sizes(at(301, 302), SIZE), 90, rtol=0.01)
    assert places.sizes(at(20, 20), SIZE).tolist() == [0]
    doubled = places.sizes(2 * at(300, 100), (1280, 720))
    assert np.allclose(doubled, 32, rtol=0.01), "a camera that changes its resolution shows the same place"


def test_one_visit_is_no_habit_and_a_parked_lorry_is_one_visit() -> None:
    places = Places()
    for _ in range(100):
        places.learn(tracks((1, 300, 100, 40)), SIZE)
    assert len(places.due(SIZE, 10.0, 4).boxes) == 0


def test_a_place_is_due_rarely_and_covers_its_cell() -> None:
    places = learned((300, 100, 16))
    due = places.due(SIZE, 10.0, 4)
    assert len(due.boxes) == 1
    left, top, right, bottom = due.boxes[0]
    assert left <= 280
    assert right >= 320
    assert top <= 80
    assert bottom >= 120
    places.looked([View(240, 60, 120, 120)], SIZE, 10.0)
    assert len(places.due(SIZE, 12.0, 4).boxes) == 0
    assert len(places.due(SIZE, 15.5, 4).boxes) == 1
    assert len(places.due(SIZE, 3.0, 4).boxes) == 1, "the clock was set back: nobody knows when"


def test_busy_places_come_first_and_quiet_ones_come_too() -> None:
    places = learned((100, 100, 30), lorries=20)
    for lorry in range(2):
        places.learn(tracks((50_000 + lorry, 500, 300, 30)), SIZE)
    looked = []
    for second in range(0, 60, 2):
        for box in places.due(SIZE, float(second), 1).boxes:
            places.looked([View(int(box[0]), int(box[1]), 80, 80)], SIZE, float(second))
            looked.append(bool(box[0] < 200))
    assert True in looked[:1]
    assert False in looked


def test_never_asks_for_more_than_allowed() -> None:
    everywhere = [(40.0 * x + 20, 40.0 * y + 20, 30.0) for x in range(16) for y in range(9)]
    assert len(learned(*everywhere).due(SIZE, 10.0, 2).boxes) == 2
