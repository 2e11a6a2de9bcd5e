from hypothesis import given
from hypothesis import strategies as st

from streams.onvif.patrol import LONGEST_WAY, Phase, Stop, Tour
from streams.onvif.pointing import Pointing

STOPS = (Stop("gate", 20.0), Stop("pit", 10.0), Stop("road", 5.0))
MOVING = Pointing(None, moving=True, since=0.0)


def at(preset: str) -> Pointing:
    return Pointing(preset, moving=False, since=0.0)


def test_the_stops_in_turn_with_their_dwell_from_the_arrival_on() -> None:
    tour, preset = Tour(STOPS, hold=60.0).step(0.0, MOVING)
    assert preset == "gate"
    tour, preset = tour.step(7.0, at("gate"))
    assert (tour.phase, preset) == (Phase.DWELLING, None)
    tour, preset = tour.step(26.9, at("gate"))
    assert preset is None
    tour, preset = tour.step(27.0, at("gate"))
    assert preset == "pit"
    tour, preset = tour.step(30.0, at("gate"))  # still leaving
    assert (tour.phase, preset) == (Phase.TRAVELLING, None)


def test_a_stop_never_reached_does_not_end_the_tour() -> None:
    tour, _ = Tour(STOPS, hold=60.0).step(0.0, MOVING)
    tour, preset = tour.step(LONGEST_WAY, MOVING)
    assert (preset, tour.missed) == ("pit", 1)


def test_a_hand_on_the_joystick_holds_the_tour_which_then_goes_back() -> None:
    tour, _ = Tour(STOPS, hold=60.0).step(0.0, MOVING)
    tour, _ = tour.step(1.0, at("gate"))
    tour, preset = tour.step(2.0, MOVING)
    assert (tour.phase, preset) == (Phase.HELD, None)
    tour, preset = tour.step(61.9, at("pit"))
    assert preset is None
    tour, preset = tour.step(62.0, at("pit"))
    assert preset == "gate"


def test_a_status_that_fails_is_no_hand_on_the_joystick() -> None:
    tour, _ = Tour(STOPS, hold=60.0).step(0.0, MOVING)
    tour, _ = tour.step(1.0, at("gate"))
    tour, _ = tour.step(2.0, Pointing(None, moving=False, since=2.0))
    assert tour.phase is Phase.DWELLING


def test_no_command_to_where_it_looks_already() -> None:
    tour, preset = Tour(STOPS, hold=60.0).step(0.0, at("gate"))
    assert (tour.phase, preset) == (Phase.DWELLING, None)


def test_paused_until_resumed_whoever_steers() -> None:
    tour = Tour(STOPS, hold=60.0).paused().manual(5.0)
    assert tour.step(1e6, MOVING) == (tour, None)
    _, preset = tour.resumed().step(1e6, MOVING)
    assert preset == "gate"


actions = st.sampled_from(["step", "step", "step", "manual", "pause", "resume"])
pointings = st.sampled_from(
    [MOVING, at("gate"), at("pit"), at("road"), Pointing(None, moving=False, since=0.0)]
)


@given(st.lists(st.tuples(actions, st.floats(0.1, 40), pointings), max_size=80))
def test_a_tour_goes_only_to_its_stops_in_order_and_never_against_a_hand(
    story: list[tuple[str, float, Pointing]],
) -> None:
    tour, now, held, paused = Tour(STOPS, hold=60.0), 0.0, -1.0, False
    index = 0
    for action, pause, pointing in story:
        now += pause
        match action:
            case "manual":
                tour, held = tour.manual(now), now + 60.0
            case "pause":
                tour, paused = tour.paused(), True
            case "resume":
                tour, paused, held = tour.resumed(), False, held if tour.phase is Phase.HELD else -1.0
            case _:
                before = tour
                tour, preset = tour.step(now, pointing)
                if tour.phase is Phase.HELD and before.phase is not Phase.HELD:
                    held = now + 60.0
                if preset is not None:
                    assert not paused
                    assert now >= held
                    assert preset == STOPS[tour.index].preset
                assert (tour.index - index) % len(STOPS) <= 1
                index = tour.index
