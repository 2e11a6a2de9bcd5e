"""What each role may, said out loud: a change of the matrix is a change of this file."""

import pytest

from edge.accounts.roles import MATRIX, Act, Asker, Role
from edge.settings.orders import Permission

SAID = """
            own see metrics answer order export config setup audit accounts
viewer      x   x   x       .      .     .      .      .     .     .
operator    x   x   x       x      x     x      .      .     .     .
technician  x   x   x       x      x     x      x      x     .     .
admin       x   x   x       x      x     x      x      x     x     x
"""


def test_the_matrix() -> None:
    head, *rows = [line.split() for line in SAID.strip().splitlines()]
    assert [Act(name) for name in head] == list(Act)
    found = {
        Role(role): {Act(name) for name, mark in zip(head, marks, strict=True) if mark == "x"}
        for role, *marks in rows
    }
    assert found == dict(MATRIX)


@pytest.mark.parametrize("role", Role)
def test_a_scope_takes_away_and_never_gives(role: Role) -> None:
    for act in Act:
        limited = Asker("token:t", role, frozenset({"*"}), frozenset({act}))
        assert [each for each in Act if limited.may(each)] == ([act] if act in MATRIX[role] else [])
    assert Asker("token:t", role, frozenset({"*"}), frozenset({Act.SEE})).orders == frozenset()


def test_only_technicians_turn_cameras_and_write_the_site_file() -> None:
    for role in Role:
        orders = Asker("user:u", role, frozenset({"*"})).orders
        trusted = role in (Role.TECHNICIAN, Role.ADMIN)
        assert ({Permission.PTZ, Permission.CONFIG_APPLY} <= orders) is trusted
        assert bool({Permission.PTZ, Permission.CONFIG_APPLY} & orders) is trusted


def test_who_is_limited_to_cameras_does_not_see_the_box_itself() -> None:
    some, every = Asker("u", Role.ADMIN, frozenset({"gate"})), Asker("u", Role.VIEWER, frozenset({"*"}))
    assert [some.sees(name) for name in ("gate", "pit", "")] == [True, False, False]
    assert [every.sees(name) for name in ("gate", "pit", "")] == [True, True, True]
