import pytest

from inference.vocabulary import UnknownObject, expand, families

OURS = ("truck", "excavator", "loader", "bus", "car", "person", "motorcycle", "vessel")
COCO = ("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat")


def names(objects: list[str], classes: tuple[str, ...]) -> set[str]:
    return {classes[index] for index in expand(objects, classes)}


@pytest.mark.parametrize(
    ("objects", "classes", "expected"),
    [
        (["heavy_vehicle"], COCO, {"truck", "bus", "train"}),
        (["heavy_vehicle", "machine"], OURS, {"truck", "bus", "excavator", "loader"}),
        (["heavy_vehicle", "machine"], COCO, {"truck", "bus", "train"}),
        (["truck"], OURS, {"truck"}),
        (["any"], OURS, set(OURS)),
        (["Heavy Vehicle", "PERSON"], OURS, {"truck", "bus", "person"}),
        (["boat"], OURS, {"vessel"}),
        (["dump truck"], ("Dump-Truck", "car"), {"Dump-Truck"}),
    ],
)
def test_names_stand_for_classes(objects: list[str], classes: tuple[str, ...], expected: set[str]) -> None:
    assert names(objects, classes) == expected


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("truk", "truck"), ("excavater", "excavator"), ("heavy_vehicles", "heavy_vehicle")],
)
def test_a_typing_error_is_answered_with_the_nearest_name(name: str, suggestion: str) -> None:
    with pytest.raises(UnknownObject, match=suggestion) as caught:
        expand([name], OURS)
    assert caught.value.suggestion == suggestion


def test_a_far_name_is_answered_with_all_of_them() -> None:
    with pytest.raises(ValueError, match=r"known: any, .*truck") as caught:
        expand(["zzz"], OURS)
    assert isinstance(caught.value, UnknownObject)
    assert caught.value.suggestion is None


def test_a_class_the_model_lacks_is_an_error() -> None:
    with pytest.raises(UnknownObject):
        expand(["excavator"], COCO)


@pytest.mark.parametrize("objects", [["machine"], []])
def test_looking_for_nothing_is_an_error(objects: list[str]) -> None:
    with pytest.raises(ValueError, match="finds none"):
        expand(objects, COCO)


def test_what_may_be_the_same_thing() -> None:
    family = dict(zip(OURS, families(OURS), strict=True))
    assert family["truck"] == family["excavator"] == family["car"]
    assert len({family["truck"], family["person"], family["vessel"]}) == 3


def test_unknown_classes_are_alone() -> None:
    assert len(set(families(("dog", "cat", "dog")))) == 2
