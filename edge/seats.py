"""What the desks hold of each camera, by name: changed in its place, since many of them hold it."""

from collections.abc import Mapping
from typing import Any

from edge.settings.model import Site
from edge.settings.talk import RespondSettings


class Seats:
    """responds: who answers to its events. titles: what people call it. rules: their names."""

    def __init__(self, site: Site) -> None:
        self.responds, self.titles, self.rules = _responds(site), _titles(site), _rules(site)

    def take(self, site: Site) -> None:
        """Of a site that differs in its cameras alone."""
        _become(self.responds, _responds(site))
        _become(self.titles, _titles(site))
        _become(self.rules, _rules(site))


def _responds(site: Site) -> dict[str, RespondSettings]:
    return {stream.name: stream.respond for stream in site.streams if stream.respond}


def _titles(site: Site) -> dict[str, str | None]:
    return {stream.name: stream.title for stream in site.streams}


def _rules(site: Site) -> dict[str, frozenset[str]]:
    return {stream.name: frozenset(rule.name for rule in stream.rules) for stream in site.streams}


def _become(held: dict[str, Any], now: Mapping[str, Any]) -> None:
    """Never without what stays: other threads read it."""
    held.update(now)
    for name in held.keys() - now.keys():
        del held[name]
