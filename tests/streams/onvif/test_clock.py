from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from streams.onvif.clock import ClockOffset, offset, told


@given(
    st.floats(-1e6, 1e6),
    st.floats(0, 5),
    st.floats(0, 1),
)
def test_the_true_offset_lies_within_the_uncertainty(true: float, took: float, moment: float) -> None:
    asked = 1.7e9
    reading = int(asked + took * moment + true)  # the camera shows whole seconds
    found = offset(float(reading), asked, asked + took)
    assert abs(found.offset - true) <= found.uncertainty + 1e-5


def test_a_clock_that_was_set_in_between() -> None:
    assert not ClockOffset(0.4, 0.5).differs(ClockOffset(-0.4, 0.5))
    assert ClockOffset(0.0, 0.5).differs(ClockOffset(60.0, 0.5))


def date(**fields: object) -> SimpleNamespace:
    known: dict[str, object] = {
        "Year": 2026,
        "Month": 5,
        "Day": 1,
        "Hour": 8,
        "Minute": 0,
        "Second": 30,
    } | fields
    return SimpleNamespace(
        UTCDateTime=SimpleNamespace(Date=SimpleNamespace(**known), Time=SimpleNamespace(**known))
    )


def test_a_date_is_read_as_utc() -> None:
    assert told(date()) == 1777622430.0


def test_what_is_no_date_is_none() -> None:
    for broken in (
        None,
        SimpleNamespace(UTCDateTime=None),
        date(Month=13),
        date(Year=None),
        date(Second="x"),
    ):
        assert told(broken) is None
