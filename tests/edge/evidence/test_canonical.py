import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.evidence.canonical import NotCanonical, canonical, parsed

SAFE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


def test_keys_are_ordered_by_their_utf16_code_units_as_rfc_8785_shows() -> None:
    """Its example of 3.2.3: a letter beyond U+FFFF comes before U+FB33."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    told = list(json.loads(canonical(dict.fromkeys(keys, 0))))
    assert told == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_strings_are_escaped_as_rfc_8785_shows() -> None:
    """The string of its example in 3.2.2."""
    said = canonical({"string": "€$\u000f\u000aA'\u0042\u0022\u005c\\\"/"})
    assert said == b'{"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, {1: 2}, {"a": object()}, "\ud800"])
def test_what_has_no_single_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical({"value": value})


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), SAFE, max_size=5))
def test_what_is_written_is_read_back_and_written_the_same(value: dict[str, object]) -> None:
    data = canonical(value)
    assert parsed(data) == value
    assert canonical(parsed(data)) == data


@pytest.mark.parametrize(
    "data",
    [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b'{"a":1.0}', b"[]", b"{", b"\xff", b'{"a":"\\u0041"}'],
)
def test_any_other_way_of_writing_it_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parsed(data)
