"""What has to be done for a running gateway to be as another site file says. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.settings.model import Site, StreamSettings

_NONE: frozenset[str] = frozenset()

# Of streams[n]: what a camera's rules are made of. The connection, the packets that are kept and the eye stand.
_RULES = frozenset(
    {
        "zones",
        "lines",
        "ignore",
        "rules",
        "ground",
        "elevation",
        "land",
        "plates",
        "presets",
        "clip",
        "health",
    }
)
# What no worker knows of: who answers, and what people call it; whom ONVIF asks.
_DESK_SIDE, _CONTROL = frozenset({"title", "respond"}), frozenset({"onvif"})

# Sections that the desks are made of. The others are the workers' (and `log`), or hold cameras.
_DESKS = frozenset(
    {
        "site",
        "broker",
        "centres",
        "storage",
        "evidence",
        "upload",
        "rosters",
        "cases",
        "http",
        "access",
        "ice",
        "talk",
        "live",
    }
)
# Nothing of a worker outlasts another model, and cameras are not moved between processes that run.
_WORKERS = frozenset({"detector", "workers"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of cameras, each in one of the first four at most.

    added, removed; anew: has to be connected anew; rules: its rules are built anew on the connection that stands.
    control: ONVIF is asked anew. sections: keys of the site file that differ, `streams` left out. told: titles of
    cameras, or who answers to their events, differ.
    """

    added: frozenset[str] = _NONE
    removed: frozenset[str] = _NONE
    anew: frozenset[str] = _NONE
    rules: frozenset[str] = _NONE
    control: frozenset[str] = _NONE
    sections: frozenset[str] = _NONE
    told: bool = False

    @property
    def desks(self) -> bool:
        """Whether what works on the outbox has to be put away and opened anew."""
        return bool(self.sections & _DESKS)

    @property
    def of_desks(self) -> "Difference":
        """As if nothing else differed."""
        return Difference(sections=self.sections & _DESKS)

    @property
    def workers(self) -> bool:
        """Whether the vision workers have to be."""
        return bool(self.sections & _WORKERS)

    def __bool__(self) -> bool:
        return self != Difference()


def difference(old: Site, new: Site) -> Difference:
    """Models of one kind are made anew for every file: they are compared by what they hold."""
    before, after = _streams(old), _streams(new)
    added, removed = frozenset(after) - frozenset(before), frozenset(before) - frozenset(after)
    changed = {name: _differing(before[name], after[name]) for name in before.keys() & after.keys()}
    anew = _named(changed, lambda keys: keys - _RULES - _DESK_SIDE - _CONTROL)
    everywhere = _everywhere(old) != _everywhere(new)
    rules = frozenset(changed) if everywhere else _named(changed, lambda keys: keys & _RULES)
    return Difference(
        added,
        removed,
        anew,
        rules - anew,
        _named(changed, lambda keys: keys & _CONTROL),
        _differing(_sections(old), _sections(new)),
        any(keys & _DESK_SIDE for keys in changed.values()),
    )


def _named(
    changed: Mapping[str, frozenset[str]], which: Callable[[frozenset[str]], frozenset[str]]
) -> frozenset[str]:
    return frozenset(name for name, keys in changed.items() if which(keys))


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _sections(site: Site) -> dict[str, Any]:
    """`allow_networks` is told by the cameras it holds for."""
    return site.model_dump(exclude={"streams", "allow_networks"})


def _streams(site: Site) -> dict[str, dict[str, Any]]:
    """One that is not enabled is as if it were not there."""
    return {stream.name: _stream(stream, site) for stream in site.streams if stream.enabled}


def _stream(stream: StreamSettings, site: Site) -> dict[str, Any]:
    held = stream.model_dump()
    if "allow_networks" in held and "allow_networks" not in stream.model_fields_set:
        held["allow_networks"] = site.allow_networks
    return held


def _everywhere(site: Site) -> tuple[Any, ...]:
    """What the rules of every camera depend on."""
    where = site.site
    parcels = [layer.model_dump() for layer in site.parcels]
    return where.time_zone, where.position, parcels, site.evidence.free_gigabytes
