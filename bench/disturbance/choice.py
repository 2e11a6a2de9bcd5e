"""Which scenarios a run plays."""

from pathlib import Path

from bench.disturbance import filmed
from bench.disturbance.digsites import scenarios
from bench.disturbance.scenario import Scenario
from bench.disturbance.seasons import Rendered
from bench.provingground.season import scenes

DAYS = 30.0  # rendered camera-days without digs, over all scenes
_FILMED_DAYS = 1.0  # of each real camera: its few seconds in turn
_QUICK_DAYS = 0.1


def chosen(
    data: Path | None, seasons: Path | None, *, quick: bool = False, days: float = DAYS
) -> list[Scenario]:
    """days: rendered, without digs. The longest first, so that no core waits long at the end. quick: an hour of one scene
    after half a day's learning, and one real camera with a dig and without."""
    real = _filmed(data, _QUICK_DAYS if quick else _FILMED_DAYS) if data else []
    if quick:
        first = (
            [Rendered(seasons, name, 1, _QUICK_DAYS, None, 0.5) for name in scenes(seasons)[:1]]
            if seasons
            else []
        )
        return [*first, *real[:1], *[each for each in real if each.dug][:1]]
    every: list[Scenario] = [*(scenarios(seasons, days) if seasons else []), *real]
    return sorted(every, key=lambda each: each.told.begins - each.told.ends)


def _filmed(data: Path, days: float) -> list[filmed.Filmed]:
    video, found = data / "video", filmed.cameras(data)
    untouched = [filmed.Filmed(video, camera, days) for camera in found]
    return untouched + [
        filmed.Filmed(video, camera, 0.3, (place, ramp), seed)
        for camera in found
        for seed, place in enumerate(camera.places, 1)
        for ramp in filmed.RAMPS
    ]
