"""Parts side by side in one input: none touches another, and everything found comes back to where it was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference.detections import Detections
from inference.sheets import Pane, Sheet, packed
from inference.views import Cut, View

SIZE = (640, 360)
cuts = st.builds(
    lambda left, top, side, width, height: Cut(View(left * 2, top * 2, side * 2, side * 2), width, height),
    st.integers(0, 200),
    st.integers(0, 100),
    st.integers(16, 70),
    st.integers(1, 450),
    st.integers(1, 450),
)
limits = st.sampled_from([(416, 416), (640, 384)])


def found(*boxes: tuple[float, float, float, float]) -> Detections:
    many = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(many, np.full(len(many), 0.9, np.float32), np.zeros(len(many), np.int32))


@given(st.lists(cuts, max_size=20), limits, st.integers(1, 3))
def test_panes_are_inside_and_apart(wanted: list[Cut], limit: tuple[int, int], most: int) -> None:
    sheets = packed(wanted, limit, most)
    assert len(sheets) <= most
    for sheet in sheets:
        assert sheet.size[0] <= limit[0]
        assert sheet.size[1] <= limit[1]
        for number, pane in enumerate(sheet.panes):
            assert pane.left >= 0 <= pane.top
            assert (pane.box[2] - pane.left, pane.box[3] - pane.top) == (pane.cut.width, pane.cut.height)
            for other in sheet.panes[:number]:
                gaps = (
                    pane.left - other.box[2],
                    other.left - pane.box[2],
                    pane.top - other.box[3],
                    other.top - pane.box[3],
                )
                assert max(gaps) >= 16, "what touches bleeds"


@given(st.lists(cuts, max_size=20), limits, st.integers(1, 3))
def test_nothing_is_shown_twice_and_the_first_that_fits_is_shown(
    wanted: list[Cut], limit: tuple[int, int], most: int
) -> None:
    shown = [pane.cut for sheet in packed(wanted, limit, most) for pane in sheet.panes]
    assert len(shown) <= len(wanted)
    assert all(shown.count(cut) <= wanted.count(cut) for cut in shown)
    fitting = [cut for cut in wanted if cut.width <= limit[0] and cut.height <= limit[1]]
    if fitting:
        assert fitting[0] in shown


@given(st.lists(cuts, min_size=1, max_size=12), st.data())
def test_a_box_goes_into_a_pane_and_comes_back_exactly(wanted: list[Cut], data: st.DataObject) -> None:
    sheets = packed(wanted, (640, 640), 2)
    sheet = data.draw(st.sampled_from(sheets))
    pane = data.draw(st.sampled_from(sheet.panes))
    view = pane.cut.view
    share = np.array([0.3, 0.35, 0.7, 0.6])
    source = np.array([view.left, view.top] * 2) + share * ([view.width, view.height] * 2)
    drawn = np.array([pane.left, pane.top] * 2) + share * ([pane.cut.width, pane.cut.height] * 2)
    back = sheet.returned(found(tuple(drawn)), SIZE)
    assert np.allclose(back.boxes, [source], atol=0.05)


LEFT, RIGHT = Cut(View(100, 100, 100, 100), 200, 200), Cut(View(300, 100, 100, 100), 200, 200)
PAIR = Sheet((Pane(LEFT, 0, 0), Pane(RIGHT, 216, 0)))


def test_what_crosses_a_seam_or_lies_in_the_gutter_is_nothing() -> None:
    assert len(PAIR.returned(found((150, 50, 280, 150)), SIZE)) == 0
    assert len(PAIR.returned(found((202, 50, 214, 60)), SIZE)) == 0
    assert len(PAIR.returned(found((50, 250, 90, 280)), SIZE)) == 0


def test_what_hangs_far_over_the_whole_picture_is_made_of_two_panes() -> None:
    whole, below = Pane(Cut(View(0, 0, 640, 360), 416, 234), 0, 0), Pane(LEFT, 0, 250)
    assert len(Sheet((whole, below)).returned(found((50, 100, 100, 340)), SIZE)) == 0


def test_what_the_edge_of_a_crop_cuts_through_is_left_to_another() -> None:
    assert len(PAIR.returned(found((216, 50, 260, 100)), SIZE)) == 0


def test_the_edge_of_the_picture_cuts_nothing_off_and_nothing_hangs_over_it() -> None:
    whole = Sheet((Pane(Cut(View(0, 0, 640, 360), 320, 180), 0, 0),))
    back = whole.returned(found((-3, 50, 60, 100), (200, 120, 260, 190)), SIZE)
    assert back.boxes.tolist() == [[0, 100, 120, 200], [400, 240, 520, 360]]


def test_the_whole_picture_leaves_room_for_closer_looks() -> None:
    whole = Cut.filling(View.whole(SIZE), (416, 416), "letterbox")
    near = [Cut(View(100 * number, 100, 80, 80), 160, 160) for number in range(3)]
    sheets = packed([whole, *near], (416, 416), 2)
    assert [len(sheet.panes) for sheet in sheets] == [3, 1]
