"""The fake detector: finds what is painted, or what a script says."""

import numpy as np
import pytest

from edge import assets
from inference.detections import Picture
from inference.detector import DetectorFailed
from inference.detectors.fake import Fake, Shown, Spec, build
from inference.manifest import find


def canvas() -> Picture:
    return np.full((200, 300, 3), 90, np.uint8)


def test_painted_rectangles_are_objects_of_their_colours_class() -> None:
    picture = canvas()
    picture[20:60, 30:110] = 255
    picture[100:150, 200:260] = (0, 0, 255)
    picture[100:130, 20:60] = 255
    (found,) = Fake(("truck", "excavator")).detect([picture])
    seen = {(int(label), *box) for label, box in zip(found.labels, found.boxes.tolist(), strict=True)}
    assert seen == {(0, 30, 20, 110, 60), (0, 20, 100, 60, 130), (1, 200, 100, 260, 150)}


def test_grey_and_specks_are_nothing() -> None:
    picture = canvas()
    picture[10:14, 10:14] = 255
    fake = Fake(("truck",))
    assert len(fake.detect([picture, canvas()])[0]) == 0
    assert fake.shown == 2


def test_a_script_is_played_picture_by_picture() -> None:
    script = [Shown(label="truck", box=(0.1, 0.5, 0.2, 1), first=1, last=2, score=0.7)]
    found = Fake(script=script).detect([canvas()] * 4)
    assert [len(each) for each in found] == [0, 1, 1, 0]
    assert found[1].boxes.tolist() == [[30, 100, 60, 200]]
    assert found[1].scores[0] == pytest.approx(0.7)


def test_it_stands_in_for_the_model_that_is_named() -> None:
    model = find("sandwatch-nano", [assets.models()])
    fake = build(Spec(), model, 1)
    assert (fake.classes, fake.size) == (model.manifest.classes, (416, 416))
    with pytest.raises(DetectorFailed, match="'tank' is none of its classes"):
        build(Spec(script=(Shown(label="tank", box=(0, 0, 1, 1)),)), model, 1)
