from hypothesis import given
from hypothesis import strategies as st

from streams.onvif.pointing import START, Observed, Position, PtzStatus, Reckoned

GATE, PIT = Position(0.0, 0.0, 0.0), Position(0.5, -0.2, 0.1)
PRESETS: dict[str, Position | None] = {"gate": GATE, "pit": PIT}
SETTLE = 10.0


def observed(presets: dict[str, Position | None] = PRESETS) -> Observed:
    return Observed(presets, 0.0, SETTLE)


def idle(where: Position) -> PtzStatus:
    return PtzStatus(where, moving=False)


def test_at_a_preset_that_the_camera_reports_idle() -> None:
    camera = observed()
    camera.seen(idle(Position(0.5004, -0.2, 0.1)), 1.0)
    assert camera.pointing.preset == "pit"
    assert not camera.pointing.moving
    assert not camera.pointing.assumed


def test_passing_a_preset_is_not_being_at_it() -> None:
    camera = observed()
    camera.seen(PtzStatus(GATE, moving=True), 1.0)
    assert camera.pointing.preset is None
    assert camera.pointing.moving


def test_a_joystick_is_noticed_at_the_next_look() -> None:
    camera = observed()
    camera.seen(idle(GATE), 1.0)
    camera.seen(idle(Position(0.1, 0.0, 0.0)), 2.0)
    assert camera.pointing.preset is None
    camera.seen(idle(Position(0.1, 0.0, 0.0)), 3.0)
    assert (camera.pointing.preset, camera.pointing.moving) == (None, False)


def test_one_that_says_idle_while_it_turns() -> None:
    camera = observed()
    camera.seen(idle(Position(-0.2, 0.0, 0.0)), 1.0)
    camera.seen(idle(GATE), 2.0)
    assert camera.pointing.preset is None
    camera.seen(idle(GATE), 3.0)
    assert camera.pointing.preset == "gate"


def test_without_move_status_two_looks_must_agree() -> None:
    camera = observed()
    camera.seen(PtzStatus(GATE, moving=None), 1.0)
    assert camera.pointing.preset is None
    camera.seen(PtzStatus(GATE, moving=None), 2.0)
    assert camera.pointing.preset == "gate"


def test_a_command_counts_before_the_camera_has_begun_to_move() -> None:
    camera = observed()
    camera.seen(idle(GATE), 1.0)
    camera.commanded("pit", 2.0)
    assert camera.pointing.moving
    camera.seen(idle(GATE), 2.5)  # it has not started yet
    assert camera.pointing.preset is None
    camera.seen(idle(PIT), 2.0 + START + 1)
    camera.seen(idle(PIT), 2.0 + START + 2)
    assert camera.pointing.preset == "pit"


def test_a_camera_that_falls_silent_points_nowhere_we_know() -> None:
    camera = observed()
    camera.seen(idle(GATE), 1.0)
    camera.seen(None, 2.0)
    assert camera.pointing.preset is None


def test_a_preset_without_a_position_is_learned_on_the_first_visit() -> None:
    camera = observed({"road": None})
    road = Position(-0.5, 0.1, 0.0)
    camera.commanded("road", 0.0)
    for second in range(1, 12):
        camera.seen(idle(road), float(second))
    assert camera.pointing.preset == "road"
    camera.relearn({"road": None})
    camera.seen(idle(road), 13.0)
    assert camera.pointing.preset == "road"


def test_what_is_learned_waits_for_the_slowest_start() -> None:
    camera = observed({"road": None})
    camera.commanded("road", 0.0)
    for second in range(1, 9):  # it thinks it over
        camera.seen(idle(GATE), float(second))
    assert camera.pointing.preset is None


def test_presets_stored_anew_on_the_camera_count_from_then_on() -> None:
    camera = observed()
    camera.seen(idle(GATE), 1.0)
    camera.relearn({"gate": PIT})
    camera.seen(idle(GATE), 2.0)
    assert camera.pointing.preset is None


def test_reckoning_believes_its_own_commands_after_the_settling_time() -> None:
    camera = Reckoned(0.0, SETTLE)
    assert (camera.pointing.preset, camera.pointing.assumed) == (None, True)
    camera.commanded("gate", 1.0)
    camera.seen(None, 1.0 + SETTLE - 0.1)
    assert camera.pointing.moving
    camera.seen(None, 1.0 + SETTLE)
    assert (camera.pointing.preset, camera.pointing.moving, camera.pointing.assumed) == ("gate", False, True)
    camera.commanded(None, 20.0)
    camera.seen(None, 40.0)
    assert camera.pointing.preset is None


numbers = st.floats(-1, 1, allow_nan=False)
near = st.builds(
    lambda place, off: Position(place.pan + off, place.tilt, place.zoom),
    st.sampled_from([GATE, PIT]),
    st.floats(-0.02, 0.02),
)
positions = st.one_of(st.builds(Position, numbers, numbers, st.floats(0, 1)), near)
looks = st.one_of(
    st.none(), st.builds(PtzStatus, st.none() | positions, st.sampled_from([None, True, False]))
)
steps = st.lists(st.tuples(st.floats(0.01, 15), st.one_of(looks, st.sampled_from(["gate", "pit", "away"]))))


@given(steps)
def test_a_preset_is_claimed_only_within_tolerance_and_standing_still(
    story: list[tuple[float, PtzStatus | str | None]],
) -> None:
    camera, now, since = observed(), 0.0, 0.0
    for pause, happened in story:
        now += pause
        before = camera.pointing
        if isinstance(happened, str):
            camera.commanded(None if happened == "away" else happened, now)
            assert camera.pointing.preset is None
        else:
            camera.seen(happened, now)
            if camera.pointing.preset is not None:
                assert happened is not None
                assert happened.position is not None
                assert happened.moving is not True
                place = PRESETS[camera.pointing.preset]
                assert place is not None
                assert place.apart(happened.position) <= 1
        assert camera.pointing.since >= since
        assert camera.pointing.since == (before.since if camera.pointing.same(before) else now)
        assert not (camera.pointing.preset and camera.pointing.moving)
        since = camera.pointing.since
