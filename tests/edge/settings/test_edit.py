"""One value changed, and not a character beside it."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge import assets
from edge.settings.document import parse
from edge.settings.edit import EditRefused, SecretName, Value, edit, item, remove
from edge.settings.finding import DocumentPath
from edge.settings.secrets import SecretStore

EXAMPLE = (assets.folder() / "site.example.yaml").read_text("utf-8")
SITE = """\
# top
site: {id: pit, area: "410122"}   # who
streams:
  - name: gate   # 北门
    fps: 5       # Hz
    zones:
      # the road
      road: [[0, 0.5], [1, 0.5],
             [1, 1]]   # as drawn

      pit: [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]
      # behind
    rules: [{kind: zone, zones: [road]}]
  - name: yard
    zones:   # none yet
    password: !secret yard
# bottom
"""
TRIANGLE = [[0.25, 0.5], [0.75, 0.5], [0.5, 1]]


def changed(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_a_value_is_replaced_and_its_comments_stay() -> None:
    assert changed(SITE, edit(SITE, ("streams", 0, "fps"), 10)) == [
        "-     fps: 5       # Hz",
        "+     fps: 10       # Hz",
    ]
    after = edit(SITE, ("streams", 0, "zones", "road"), TRIANGLE)
    assert "      road: [[0.25, 0.5], [0.75, 0.5], [0.5, 1]]   # as drawn\n\n      pit:" in after


def test_what_is_new_stands_behind_its_neighbours() -> None:
    after = edit(SITE, ("streams", 0, "zones", "门"), TRIANGLE)
    assert changed(SITE, after) == ["+       门: [[0.25, 0.5], [0.75, 0.5], [0.5, 1]]"]
    assert after.index("pit:") < after.index("门:") < after.index("# behind")


def test_what_was_blank_or_not_there_is_made() -> None:
    assert "zones: {a: [[0.25, 0.5], [0.75, 0.5], [0.5, 1]]}   # none yet" in edit(
        SITE, ("streams", 1, "zones", "a"), TRIANGLE
    )
    assert changed(SITE, edit(SITE, ("streams", 0, "lines", "bank"), [[0, 0], [1, 1]])) == [
        "+     lines:",
        "+       bank: [[0, 0], [1, 1]]",
    ]
    assert changed(SITE, edit(SITE, ("site", "title"), "滩: 区")) == [
        '- site: {id: pit, area: "410122"}   # who',
        '+ site: {id: pit, area: "410122", title: "滩: 区"}   # who',
    ]


def test_a_camera_is_added_and_taken_away() -> None:
    camera: Value = {"name": "dome", "password": SecretName("dome-word"), "onvif": {"host": "10.0.0.1"}}
    after = edit(SITE, ("streams", 2), camera)
    assert changed(SITE, after) == [
        "+   - name: dome",
        "+     password: !secret dome-word",
        "+     onvif:",
        "+       host: 10.0.0.1",
    ]
    assert remove(after, ("streams", 2)) == SITE
    assert "gate" not in remove(SITE, ("streams", 0))


def test_keys_are_taken_away() -> None:
    assert changed(SITE, remove(SITE, ("streams", 0, "zones", "pit"))) == [
        "-       pit: [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]"
    ]
    assert "  - fps: 5       # Hz" in remove(SITE, ("streams", 0, "name"))
    assert 'site: {area: "410122"}   # who' in remove(SITE, ("site", "id"))
    assert "site: {id: pit}   # who" in remove(SITE, ("site", "area"))
    with pytest.raises(EditRefused):
        remove(SITE, ("streams", 0, "zones", "nowhere"))


def test_the_example_can_be_edited() -> None:
    after = edit(EXAMPLE, ("streams", 0, "zones", "road"), TRIANGLE)
    assert len(changed(EXAMPLE, after)) == 2
    assert edit(EXAMPLE, ("streams", 0, "rules", 0, "dwell"), "5s") == EXAMPLE.replace(
        "dwell: 3s ", "dwell: 5s ", 1
    )


def test_the_other_kind_of_line_end_stays() -> None:
    dos = SITE.replace("\n", "\r\n")
    assert edit(dos, ("streams", 0, "title"), "x") == edit(SITE, ("streams", 0, "title"), "x").replace(
        "\n", "\r\n"
    )
    assert edit("a: 1", ("b",), 2) == "a: 1\nb: 2"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("a", "b")),  # c would change as well
        ("a: &x {b: 1}\nc: *x\n", ("c", "b")),
        ("a: &x {z: {b: 1}}\nc:\n  <<: *x\n", ("c", "z", "d")),  # would hide b
        ("a: [1, 2]\n", ("a", 5)),
        ("a: [1, 2\n", ("a",)),
        ("a: text\n", ("a", "b")),
        ("", ("a",)),
    ],
)
def test_what_would_change_more_is_refused(text: str, path: DocumentPath) -> None:
    with pytest.raises(EditRefused) as refused:
        edit(text, path, 7)
    assert "by hand" in str(refused.value)


def read(text: str) -> object:
    return parse(text, "", SecretStore({"SANDWATCH_SECRET_YARD": "!secret yard"})).data


def places(data: object, path: DocumentPath = ()) -> list[DocumentPath]:
    found: list[DocumentPath] = [path] if path else []
    if isinstance(data, dict):
        for key, value in data.items():
            found += places(value, (*path, key))
    if isinstance(data, list):
        for number, value in enumerate(data):
            found += places(value, (*path, number))
    return found


def at(data: object, path: DocumentPath) -> object:
    for step in path:
        data = data[step]  # type: ignore[index]
    return data


def common(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LEAVES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | WORDS
VALUES: st.SearchStrategy[Value] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS.filter(bool), inner, max_size=3),
    max_leaves=6,
)
PLACES = places(read(SITE))


@settings(max_examples=40)
@given(st.sampled_from(PLACES), VALUES.filter(lambda value: value is not None))
def test_any_value_goes_anywhere(path: DocumentPath, value: Value) -> None:
    """What was around it is there to the character: the new text begins and ends as the old one does."""
    after = edit(SITE, path, value)
    assert at(read(after), path) == value
    begin = common(SITE, after)
    end = common(SITE[begin:][::-1], after[begin:][::-1])
    old = at(read(SITE), path)
    assert isinstance(old, dict | list) or len(SITE) - end - begin <= len(str(old)) + 2  # and its quotes


@settings(max_examples=40)
@given(st.sampled_from([path for path in PLACES if isinstance(path[-1], str)]), WORDS.filter(bool), VALUES)
def test_what_was_added_can_be_taken_away_again(beside: DocumentPath, name: str, value: Value) -> None:
    path = (*beside[:-1], f"new{name}")
    after = edit(SITE, path, value)
    assert remove(after, path) == SITE


@given(st.sampled_from(PLACES))
def test_whatever_is_taken_away_takes_nothing_else_along(path: DocumentPath) -> None:
    after = remove(SITE, path)
    comments = [line for line in SITE.splitlines() if line.strip().startswith("#")]
    inside = len(comments) - len([line for line in after.splitlines() if line.strip().startswith("#")])
    assert inside == 0 or isinstance(at(read(SITE), path), dict | list)


@given(VALUES)
def test_an_item_reads_as_it_was_meant(value: Value) -> None:
    assert read("streams:\n" + item({"name": "x", "held": value}, 2)) == {
        "streams": [{"name": "x", "held": value}]
    }
