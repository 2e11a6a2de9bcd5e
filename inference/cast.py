"""Who plays a part in a rule: the tracks of the wanted classes, as sightings, and where they count."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from inference.findings import Count, Direction, Sighting
from inference.geometry import Anchor, anchor_points, inside
from inference.rule import Scene
from inference.tracks import Tracks
from inference.vocabulary import expand

MOST = 32  # objects of one event: the message stays under 10 kB, and no officer reads further

Mask = NDArray[np.bool_]
Lines = Mapping[str, NDArray[np.float64]]


class Cast:
    """The tracks a rule is about."""

    def __init__(self, objects: Iterable[str], scene: Scene) -> None:
        """Raises ValueError on an object that the scene's detector cannot find."""
        chosen = expand(objects, scene.classes)
        self._classes = scene.classes
        self._chosen = np.array([label in chosen for label in range(len(scene.classes))], np.bool_)

    def wanted(self, tracks: Tracks) -> Mask:
        """bool [N]: seen in this picture, and voted to be of a wanted class."""
        mask: Mask = tracks.seen & self.called(tracks)
        return mask

    def called(self, tracks: Tracks) -> Mask:
        """bool [N]: voted to be of a wanted class, seen or not."""
        mask: Mask = self._chosen[tracks.labels]
        return mask

    def sighting(self, tracks: Tracks, row: int, size: tuple[int, int]) -> Sighting:
        return sighting(tracks, row, size, self._classes)


def sighting(tracks: Tracks, row: int, size: tuple[int, int], classes: Sequence[str]) -> Sighting:
    """size: width and height in px that the boxes are counted in; classes: the detector's."""
    x1, y1, x2, y2 = np.clip(tracks.boxes[row] / np.tile(size, 2), 0, 1).tolist()
    return Sighting(
        track=int(tracks.ids[row]),
        label=classes[int(tracks.labels[row])],
        score=float(tracks.scores[row]),
        box=(x1, y1, x2, y2),
        attributes=_attributes(tracks, row),
    )


class Zones:
    """Polygons of a rule; without a name the whole picture, which is called None."""

    def __init__(self, names: Sequence[str], anchor: Anchor, scene: Scene) -> None:
        """Raises ValueError on an unknown zone."""
        self._anchor = anchor
        self._polygons: dict[str | None, NDArray[np.float64] | None] = {
            name: picked(name, scene.zones, "zone") for name in names
        } or {None: None}

    def inside(self, tracks: Tracks, size: tuple[int, int]) -> Iterator[tuple[str | None, Mask]]:
        """For each zone bool [N]: whose anchor lies in it."""
        points = feet(tracks, self._anchor, size)
        for zone, polygon in self._polygons.items():
            yield zone, np.ones(len(points), np.bool_) if polygon is None else inside(points, polygon)


def feet(tracks: Tracks, anchor: Anchor, size: tuple[int, int]) -> NDArray[np.float64]:
    """Anchors, float64 [N, 2], relative 0-1. A box may reach over the edge of the picture, a zone cannot: they
    are brought back in."""
    return np.clip(anchor_points(tracks.boxes, anchor) / size, 0, 1)


def picked(name: str, known: Lines, what: str) -> NDArray[np.float64]:
    """Raises ValueError with the nearest name there is."""
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
        raise ValueError(f"no {what} {name!r} on this stream; {hint}")
    return known[name]


def tally(counted: Mapping[tuple[str, Direction | None], int]) -> tuple[Count, ...]:
    """In order of class and direction."""
    order = sorted(counted, key=lambda each: (each[0], each[1] or ""))
    return tuple(Count(label, counted[label, way], way) for label, way in order)


def _attributes(tracks: Tracks, row: int) -> Mapping[str, str | float]:
    """Of a tracker that knows more than boxes; see inference.findings.Sighting."""
    return tracks.attributes[row] if tracks.attributes else {}
