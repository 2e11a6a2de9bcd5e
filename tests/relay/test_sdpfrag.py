"""Candidates as RFC 8840 and RFC 9725 write them, and what is none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.sdpfrag import Fragment, read, ufrag_of, write
from relay.signalling import Kind, Turned

# RFC 9725, 4.3.2, as far as it matters: the section's own lines are ours to pass over.
EXAMPLE = """\
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=ice-ufrag:EsAw
a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1
a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2
a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw
a=end-of-candidates
"""


def test_what_the_standard_shows() -> None:
    fragment = read(EXAMPLE)
    assert (fragment.ufrag, fragment.pwd, fragment.end) == ("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1", True)
    assert len(fragment.lines) == 3
    assert fragment.lines[0].startswith("candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host")


def test_only_the_end() -> None:
    assert read("a=mid:0\r\na=end-of-candidates\r\n") == Fragment(end=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0",
        "a=ice-ufrag:abc\r\n",
        "a=ice-ufrag:abcd efgh\r\n",
        "a=ice-ufrag:EsAw\r\na=ice-ufrag:other\r\n",
        "a=ice-ufrag:EsAw\r\na=ice-pwd:short\r\n",
        "a=candidate:1 1 udp\r\n",
        "a=candidate:1 1 udp 1 192.0.2.1 1 typ \x00\r\n",
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(Turned) as turned:
        read(text)
    assert turned.value.kind is Kind.MALFORMED


ice = st.text("abcXYZ019+/", min_size=22, max_size=30)
lines = st.tuples(st.integers(0, 9), st.integers(1, 65535)).map(
    lambda n: f"candidate:{n[0]} 1 udp 2122260223 192.0.2.{n[0]} {n[1]} typ host"
)


@given(ice, ice, st.lists(lines, max_size=5).map(tuple), st.booleans())
def test_what_is_written_is_read(ufrag: str, pwd: str, candidates: tuple[str, ...], end: bool) -> None:
    fragment = Fragment(ufrag, pwd, candidates, end)
    assert read(write(fragment)) == fragment


@given(st.text())
def test_anything_is_read_or_refused(text: str) -> None:
    with suppress(Turned):
        read(text)


def test_whose_session_an_offer_is() -> None:
    assert ufrag_of("v=0\r\nm=audio 9\r\na=ice-ufrag:Es+/w\r\na=ice-ufrag:zwei\r\n") == "Es+/w"
    assert ufrag_of("v=0") is None
