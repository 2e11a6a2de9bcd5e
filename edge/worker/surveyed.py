"""The ground of one camera: by preset, what its measured points tell of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.settings.ground import grounds, pairs
from edge.worker.cadastre import Cadastre
from edge.worker.job import CameraJob
from inference.change import Corner, Place
from inference.findings import Sighting
from inference.ground import Ground
from inference.land.settings import NOISE_PX
from inference.terrain.area import measured, spread
from inference.terrain.calibration import Calibration, calibrated
from inference.terrain.dem import Elevation, ElevationRefused
from inference.terrain.points import GroundRefused, misplaced
from inference.terrain.sight import Sight
from inference.terrain.surface import Surface
from streams.problem import Problem, Text

Floats = NDArray[np.float64]

ASPECT = 16 / 9  # of a camera that has not sent a picture yet
_ALIKE = 0.02  # of the aspect: 1920x1080 and 1920x1088 are one
_WOBBLE = 0.05  # of a box's side: how far a detector's foot jumps from picture to picture, 1 sigma


class Surveyed:
    """One thread. What cannot be fitted is said in `problem`; the camera goes on without its metres."""

    def __init__(self, camera: CameraJob, cadastre: Cadastre, position: tuple[float, float] | None) -> None:
        self.cadastre = cadastre
        self.problem: Problem | None = cadastre.problem if camera.land is not None else None
        self._name, self._position = camera.name, position
        self._points = grounds(camera.ground)
        self._known: dict[str | None, tuple[float, Calibration | None]] = {}
        self._surface = self._heights(camera) if camera.elevation and self._points else None

    def ground(self, preset: str | None) -> Ground | None:
        """The plane that speed is taken on."""
        found = self._calibration(preset, None)
        return None if found is None else found.ground

    def sight(self, preset: str | None, aspect: float | None = None) -> Sight | None:
        """aspect: width by height of the pictures, once it is known."""
        found = self._calibration(preset, aspect)
        return None if found is None else found.sight

    def placing(self, preset: str | None, aspect: float) -> Callable[[Sequence[Corner]], Place]:
        """What puts outlines, relative, of pictures of this aspect on the ground. It never guesses: without a
        calibration, or where that is too weak, the place says what is withheld, and why."""
        sight = self.sight(preset, aspect)
        return lambda outline: _UNKNOWN if sight is None else self._place(sight, outline, aspect)

    def located(self, seen: Sequence[Sighting], preset: str | None) -> tuple[Sighting, ...]:
        """With lon, lat and sigma_m (1 sigma, of the worst direction) where they are known."""
        sight = self.sight(preset)
        if sight is None or self.cadastre.frame is None or not seen:
            return tuple(seen)
        boxes = np.array([each.box for each in seen], np.float64)
        feet = np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]])
        metres = sight.metres(feet)
        sigma = np.hypot(spread(sight, feet), _stride(sight, feet, metres, boxes))
        degrees = np.full_like(metres, np.nan)
        known = np.isfinite(metres).all(axis=1) & np.isfinite(sigma)
        degrees[known] = self.cadastre.frame.degrees(metres[known])
        return attached(seen, degrees, sigma)

    def _place(self, sight: Sight, outline: Sequence[Corner], aspect: float) -> Place:
        pixels = np.asarray(outline, np.float64)
        found = measured(sight, pixels, aspect, NOISE_PX)
        corners = self.cadastre.corners(sight.metres(pixels))
        overlaps = self.cadastre.touched(corners, measured=found.area_m2 is not None)
        return Place(corners, found.sigma_m, found.area_m2, found.sigma_m2, found.withheld, overlaps)

    def _calibration(self, preset: str | None, aspect: float | None) -> Calibration | None:
        if preset not in self._points:
            return None
        known = self._known.get(preset)
        if known is None or (aspect is not None and abs(known[0] - aspect) > _ALIKE * aspect):
            known = self._known[preset] = (aspect or ASPECT, self._fitted(preset, aspect or ASPECT))
        return known[1]

    def _fitted(self, preset: str | None, aspect: float) -> Calibration | None:
        held = self._points[preset]
        degrees = [point.lonlat for point in held if point.lonlat is not None]
        try:
            if (text := misplaced(degrees, self._position)) is not None:
                raise GroundRefused(text)
            return calibrated(pairs(held, self._position), aspect=aspect, surface=self._surface)
        except GroundRefused as refused:
            self.problem = _unfit(self._name, preset, refused.text)
            return None

    def _heights(self, camera: CameraJob) -> Surface | None:
        assert camera.elevation is not None
        if self.cadastre.frame is None:
            self.problem = _unfit(camera.name, None, _NOWHERE)
            return None
        try:
            return Elevation.read(camera.elevation, self.cadastre.frame.degrees)
        except ElevationRefused as refused:
            self.problem = _unfit(camera.name, None, refused.text)
            return None


def attached(seen: Sequence[Sighting], degrees: Floats, sigma: Floats) -> tuple[Sighting, ...]:
    """degrees: [N, 2], longitude and latitude; sigma: [N], m; NaN where nothing is known, and then nothing is told."""
    told = []
    for each, (lon, lat), metres in zip(seen, degrees.tolist(), sigma.tolist(), strict=True):
        known = np.isfinite([lon, lat, metres]).all()
        place = {"lon": lon, "lat": lat, "sigma_m": metres} if known else {}
        told.append(replace(each, attributes={**each.attributes, **place}))
    return tuple(told)


def _stride(sight: Sight, feet: Floats, metres: Floats, boxes: Floats) -> Floats:
    """m [N] that the place moves by when the foot of the box wobbles."""
    wobble = _WOBBLE * (boxes[:, 2:] - boxes[:, :2])
    along, across = wobble * [1.0, 0.0], wobble * [0.0, 1.0]
    moved = [np.linalg.norm(sight.metres(feet + step) - metres, axis=1) for step in (along, across)]
    return np.asarray(np.hypot(*moved), np.float64)


_UNCALIBRATED = Text(
    "the camera's ground is not calibrated: give ground: points in the site file",
    "该摄像机的地面未标定：请在站点文件中填写 ground 标定点",
)
_NOWHERE = Text("elevation needs site.position", "elevation 需要填写 site.position")
_UNKNOWN = Place((), float("inf"), None, None, _UNCALIBRATED, None)


def _unfit(camera: str, preset: str | None, text: Text) -> Problem:
    where = camera if preset is None else f"{camera} ({preset})"
    return Problem(
        "ground.unfit",
        Text(f"{where}: ground: {text.en}", f"{where}：ground：{text.zh}"),
        Text(
            "mend it and run sandwatch check; until then no area and no place is told",
            "请修正后运行 sandwatch check；此前不上报面积和位置",
        ),
    )
