"""The four top-level names belong to this distribution, here and at start-up."""

import pytest

from edge import guard


def test_no_other_distribution_installs_our_packages() -> None:
    assert guard.collision() is None


def test_a_stranger_with_the_same_name_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"inference": ["sandwatch", "roboflow-inference"], "edge": ["sandwatch"]}
    monkeypatch.setattr(guard, "packages_distributions", lambda: installed)
    problem = guard.collision()
    assert problem is not None
    assert "inference: roboflow-inference" in problem.say("en")
    assert "edge:" not in problem.say("zh")
